//! What a batch adds to the books, besides the rows it changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::event::{Contact, Evidence, Timer};
use crate::domain::forget::without;
use crate::domain::ids::{AccountId, EventId, MemberId, OrderId};
use crate::domain::ledger::{AccountNo, Entry};
use crate::domain::operate::Outcome;
use crate::domain::orders::DueMark;
use crate::domain::payments::statement::StatementRow;
use crate::domain::policy::Locale;
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;
use crate::domain::undo::Effect;

/// What a batch adds: rows that are written once and never read back by it.
#[derive(Debug, Default)]
pub struct Fresh {
    /// Journal entries, in order.
    pub journal: Vec<Posted>,
    /// Sums of their legs.
    pub postings: BTreeMap<(AccountNo, String), i64>,
    /// Check-ins.
    pub check_ins: Vec<CheckIn>,
    /// Bonds made, refused and changed.
    pub bonds: Vec<BondRecord>,
    /// How far commission was made available.
    pub settlements: Vec<Settlement>,
    /// Messages to send.
    pub outbox: Vec<Outbound>,
    /// Timers to set; setting one twice is setting it once.
    pub timers: BTreeSet<(Timestamp, Timer)>,
    /// Members whose personal data are to be forgotten.
    pub erasures: Vec<Erasure>,
    /// What was understood and decided.
    pub decisions: Vec<Decision>,
    /// Rows of statements that were booked, each with its cause.
    pub statement_rows: Vec<(EventId, StatementRow)>,
    /// The calendar is another one: the counts of all days are made anew.
    pub recount: bool,
}

impl Fresh {
    /// Whether rows change that may not be in the book: what is loaded before they have would be wrong.
    #[must_use]
    pub fn is_beyond_book(&self) -> bool {
        !self.erasures.is_empty()
    }
}

/// A journal entry in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its cause.
    pub event: EventId,
    /// Its place among the entries of that cause.
    pub ordinal: i16,
    /// When the cause happened.
    pub at: Timestamp,
    /// The fact.
    pub entry: Entry,
}

/// Commission of all orders up to a mark became available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Its cause.
    pub event: EventId,
    /// The last of the orders.
    pub until: DueMark,
    /// When.
    pub at: Timestamp,
}

/// One day's check-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckIn {
    /// Its cause.
    pub event: EventId,
    /// Whose.
    pub member: MemberId,
    /// The calendar day in the community's zone.
    pub day: chrono::NaiveDate,
    /// Points granted, bonus included.
    pub points: i64,
}

/// What became of one attempt to bind a member to an inviter. Ignored claims are kept as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BondRecord {
    /// Its cause.
    pub event: EventId,
    /// The newcomer.
    pub member: MemberId,
    /// The inviter named.
    pub inviter: Option<MemberId>,
    /// On what grounds.
    pub evidence: Evidence,
    /// Why it was refused; `None`: it holds.
    pub refused: Option<String>,
    /// An operator's reason.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A member whose personal data are to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Its cause.
    pub event: EventId,
    /// Whose.
    pub member: MemberId,
    /// Who they were: stored texts are searched for them, then this is forgotten too.
    pub person: Contact,
    /// When.
    pub at: Timestamp,
}

/// One message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    /// Its cause.
    pub event: EventId,
    /// Its place among the messages of that cause.
    pub ordinal: i16,
    /// The platform account that sends it.
    pub account: AccountId,
    /// The chat it goes to.
    pub chat: String,
    /// The one member it is for, with their platform id.
    pub to: Option<Addressee>,
    /// What it says.
    pub reply: Reply,
    /// How to say it.
    pub manner: Manner,
    /// When it was decided.
    pub at: Timestamp,
    /// It is said not before then; `None`: at once.
    pub due: Option<Timestamp>,
}

/// How a community is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Manner {
    /// Its language.
    pub locale: Locale,
    /// Its calendar.
    pub time_zone: chrono_tz::Tz,
    /// Its money.
    pub currency: crate::domain::money::Currency,
}

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The platform's own id.
    pub key: String,
    /// Display name.
    pub name: String,
    /// For their eyes only, where the platform can.
    pub private: bool,
}

/// What was understood from an event and what came of it: no free text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The event.
    pub event: EventId,
    /// Who caused it.
    pub member: Option<MemberId>,
    /// The operator who ordered it, or had it tried again.
    pub operator: Option<String>,
    /// The order it is about.
    pub order: Option<OrderId>,
    /// The kind of intent or cause.
    pub what: &'static str,
    /// Why it was refused.
    pub refused: Option<String>,
    /// What came of an operator's command.
    pub outcome: Option<Outcome>,
    /// What it changed, so that it can be taken back.
    pub effect: Option<Effect>,
    /// When it happened.
    pub at: Timestamp,
}

/// What somebody did, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effected {
    /// The event's place in the lane.
    pub seq: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What was changed.
    pub effect: Effect,
}

/// One line of a chain (接龙) as last seen: taken from its poster, or waiting for the leader's word.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReviewLine {
    /// The name on the line.
    pub who: String,
    /// Who posted the chain.
    pub poster: MemberId,
    /// What they take.
    pub lines: Vec<crate::domain::intent::WantedLine>,
    /// Taken, dropped, or still waiting.
    pub settled: Option<bool>,
    /// The platform id on the line, where the chain is native.
    #[serde(default)]
    pub author: Option<String>,
    /// The member whose line it turned out to be: the name is theirs in later snapshots.
    #[serde(default)]
    pub owner: Option<MemberId>,
    /// It was missing from a later snapshot, and the leader has been told.
    #[serde(default)]
    pub gone: bool,
    /// Its offers close then; afterwards nobody asks about the line any more.
    #[serde(default)]
    pub until: Timestamp,
    /// The remarks (备注) on it, oldest first.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl ReviewLine {
    /// Whether it is this member's, posted by them, or bears their name.
    #[must_use]
    pub fn names(&self, member: MemberId, name: &str) -> bool {
        self.poster == member || self.owner == Some(member) || self.who == name
    }

    /// Forget a person in the remarks of others; whether any names them.
    pub fn forget_named(&mut self, person: &Contact, nobody: &Contact) -> bool {
        let mut any = false;
        for text in self.notes.iter_mut().chain([&mut self.who]) {
            if let Some(changed) = without(text, person, nobody) {
                *text = changed;
                any = true;
            }
        }
        any
    }

    /// Forget the name, the platform id and the remarks on it.
    pub fn forget(&mut self, nobody: &str) {
        nobody.clone_into(&mut self.who);
        self.author = None;
        self.notes.clear();
    }
}
