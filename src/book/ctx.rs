//! The context of a decision: one event at one shop, and the few ways in which a decision leaves a trace.

use std::collections::BTreeMap;

use chrono::SubsecRound as _;

use crate::domain::catalog::Offer;
use crate::domain::event::{Event, Timer};
use crate::domain::ids::{
    AccountId, CaseId, EventId, MemberId, OfferId, OrderId, WithdrawalId, fingerprint,
};
use crate::domain::intent::Role;
use crate::domain::ledger::{AccountNo, Entry};
use crate::domain::name::name_key;
use crate::domain::operate::Outcome;
use crate::domain::orders::Order;
use crate::domain::payouts::Withdrawal;
use crate::domain::people::{Member, is_code};
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{Audience, Reply};
use crate::domain::service::{self, ServiceCase};
use crate::domain::time::Timestamp;
use crate::domain::undo::{Effect, OrderMark};
use crate::domain::{catalog, orders, people};

use super::pace;
use super::{Addressee, Decision, Manner, Missing, Need, Outbound, Posted, Shop};

/// What stops a decision. Nothing was changed when one of these comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The shop says no.
    Refused(Box<Refusal>),
    /// The book lacks a fact.
    Missing(Missing),
}

/// What a decision comes to.
pub type Decided<T = ()> = Result<T, Stop>;

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Missing> for Stop {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

/// One event at one shop.
#[derive(Debug)]
pub struct Ctx<'a> {
    /// The shop.
    pub shop: &'a mut Shop,
    /// The event's place.
    pub event: EventId,
    /// Fingerprint of the event's key.
    pub key: i64,
    /// The only time there is.
    pub at: Timestamp,
    /// Who caused it; `None` for timers and operators.
    pub speaker: Option<MemberId>,
    /// The operator who ordered it, or had it tried again.
    pub operator: Option<String>,
    /// What the speaker may do.
    pub role: Role,
    /// Whether the speaker wrote to the bot alone.
    pub private: bool,
    /// The key of the message that the speaker replies to.
    pub reply_to: Option<String>,
    /// The orders that this event changes, as they stood before it; `None`: not there.
    pub changed: BTreeMap<OrderId, Option<OrderMark>>,
    /// What else it did that can be taken back.
    pub kept: Option<Effect>,
    ordinals: i16,
}

impl<'a> Ctx<'a> {
    /// A context for one event.
    #[must_use]
    pub fn new(shop: &'a mut Shop, event: &Event) -> Self {
        Self {
            shop,
            event: event.id,
            key: fingerprint(&event.key),
            at: event.at,
            speaker: None,
            operator: event.body.operator(),
            role: event.body.role(),
            private: false,
            reply_to: None,
            changed: BTreeMap::new(),
            kept: None,
            ordinals: 0,
        }
    }

    /// The member who speaks.
    ///
    /// # Errors
    /// A refusal when nobody does: operators have no orders and no balance.
    pub fn member(&self) -> Decided<MemberId> {
        self.speaker.ok_or_else(|| Refusal::Orders(orders::Refusal::NothingOrdered).into())
    }

    /// A member by number.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn member_row(&self, id: MemberId) -> Decided<&Member> {
        Ok(self.shop.members.get(id).ok_or(Missing(Need::Member(id)))?)
    }

    /// The member whom a message means: whoever is mentioned, or the only one with a name that was
    /// typed, or with an invite code that was. There is no other way from words to a member.
    ///
    /// # Errors
    /// [`Missing`]; `UnknownMember`; `WhichMember` when several names look so.
    pub fn member_of(&self, person: &Person) -> Decided<MemberId> {
        let unknown =
            || Refusal::People(people::Refusal::UnknownMember { name: person.name().to_owned() });
        match person {
            Person::Mentioned(contact) if contact.key.is_empty() => Err(unknown().into()),
            Person::Mentioned(contact) => {
                let account = self.shop.community.account;
                let member = self.shop.member_by_key(account, &contact.key)?;
                member.ok_or_else(|| unknown().into())
            }
            Person::Named(name) => match self.bearers(name)?[..] {
                [only] => Ok(only),
                [] => self.member_by_code(name)?.ok_or_else(|| unknown().into()),
                _ => {
                    Err(Refusal::People(people::Refusal::WhichMember { name: name.clone() }).into())
                }
            },
        }
    }

    /// Whoever bears a name that looks like this one, in order of number.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn bearers(&self, name: &str) -> Decided<Vec<MemberId>> {
        let key = name_key(name);
        match self.shop.known.names.get(&key) {
            Some(bearers) => Ok(bearers.iter().copied().collect()),
            None => Err(Missing(Need::Name(key)).into()),
        }
    }

    /// The member with this invite code.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn member_by_code(&self, code: &str) -> Decided<Option<MemberId>> {
        if !is_code(code) {
            return Ok(None);
        }
        let owner = self.shop.known.codes.get(code).copied();
        Ok(owner.ok_or_else(|| Missing(Need::Code(code.to_owned())))?)
    }

    /// An offer by number.
    ///
    /// # Errors
    /// A refusal when it is not on sale any more.
    pub fn offer(&self, id: OfferId) -> Decided<&Offer> {
        self.shop
            .offers
            .get(id)
            .ok_or_else(|| Refusal::Catalog(catalog::Refusal::NothingOpen).into())
    }

    /// An order by number.
    ///
    /// # Errors
    /// [`Missing`]; `NoSuchOrder`.
    pub fn order(&self, id: OrderId) -> Decided<&Order> {
        match self.shop.orders.get(id) {
            Some(order) => Ok(order),
            None if self.shop.known.absent_orders.contains(&id) => {
                Err(Refusal::Orders(orders::Refusal::NoSuchOrder { order: id }).into())
            }
            None => Err(Missing(Need::Order(id)).into()),
        }
    }

    /// A withdrawal by number; `None` when there never was one.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn withdrawal(&self, id: WithdrawalId) -> Decided<Option<&Withdrawal>> {
        if id.0 < 1 || id > self.shop.community.last_withdrawal {
            return Ok(None);
        }
        let row = self.shop.withdrawals.get(id);
        row.map(Some).ok_or_else(|| Missing(Need::Withdrawal(id)).into())
    }

    /// An after-sales case by number.
    ///
    /// # Errors
    /// [`Missing`]; `NoSuchCase`.
    pub fn case(&self, id: CaseId) -> Decided<&ServiceCase> {
        if id.0 < 1 || id > self.shop.community.last_case {
            return Err(Refusal::Service(service::Refusal::NoSuchCase { case: id }).into());
        }
        let row = self.shop.cases.get(id);
        row.ok_or_else(|| Missing(Need::Case(id)).into())
    }

    /// Make sure that all live orders of a member are here.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn require_orders_of(&self, member: MemberId) -> Decided {
        let known = self.shop.known.orders_of.contains(&member);
        if known { Ok(()) } else { Err(Missing(Need::OrdersOf(member)).into()) }
    }

    /// Make sure that a member's balances are here.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn require_balances(&self, member: MemberId) -> Decided {
        let known = self.shop.known.balances_of.contains(&member);
        if known { Ok(()) } else { Err(Missing(Need::Balances(member)).into()) }
    }

    /// Write a fact into the journal.
    ///
    /// # Panics
    /// When its legs do not sum to zero: a bug, which parks the event.
    pub fn post(&mut self, entry: Entry) {
        assert!(entry.balances(), "the legs of a fact sum to zero");
        for &(account, amount) in &entry.legs {
            self.move_balance(account, &entry.currency, amount);
        }
        let ordinal = self.next_ordinal();
        let posted = Posted { event: self.event, ordinal, at: self.at, entry };
        self.shop.fresh.journal.push(posted);
    }

    fn move_balance(&mut self, account: AccountNo, currency: &str, amount: i64) {
        self.shop.balances.add(account, currency, amount);
        let key = (account, currency.to_owned());
        *self.shop.fresh.postings.entry(key).or_default() += amount;
    }

    /// Set a timer, if it is not set.
    pub fn wake(&mut self, at: Timestamp, timer: Timer) {
        let at = at.trunc_subsecs(6); // as the database keeps it
        if self.shop.known.timers.insert((at, timer.clone())) {
            self.shop.fresh.timers.insert((at, timer));
        }
    }

    /// Answer the speaker, where they spoke.
    pub fn say(&mut self, reply: Reply) {
        match self.speaker {
            Some(speaker) => self.send(Some((speaker, self.private)), reply),
            None => self.send(None, reply),
        }
    }

    /// Tell one member alone, where the platform can.
    pub fn tell(&mut self, member: MemberId, reply: Reply) {
        self.send(Some((member, true)), reply);
    }

    /// Tell a member in the group.
    pub fn call(&mut self, member: MemberId, reply: Reply) {
        self.send(Some((member, false)), reply);
    }

    /// Tell the group.
    pub fn announce(&mut self, reply: Reply) {
        self.send(None, reply);
    }

    /// Tell every leader alone. Leaders are loaded with the community.
    pub fn tell_leaders(&mut self, reply: &Reply) {
        let is_leader = |member: &&Member| member.role >= Role::Leader && member.present;
        let leaders: Vec<_> =
            self.shop.members.values().filter(is_leader).map(|member| member.id).collect();
        for leader in leaders {
            self.tell(leader, reply.clone());
        }
    }

    /// Answer in a chat that is not the community's.
    pub fn answer_in(&mut self, account: AccountId, chat: String, reply: Reply) {
        let (event, ordinal, at) = (self.event, self.next_ordinal(), self.at);
        let (to, manner) = (None, self.manner());
        let due = None;
        let outbound = Outbound { event, ordinal, account, chat, to, reply, manner, at, due };
        self.shop.fresh.outbox.push(outbound);
    }

    /// Tell somebody alone who need not be in the book.
    pub fn tell_person(&mut self, key: String, name: String, reply: Reply) {
        self.put(Some(Addressee { key, name, private: true }), reply);
    }

    fn send(&mut self, to: Option<(MemberId, bool)>, reply: Reply) {
        let is_for_one = matches!(reply.delivery().audience, Audience::Alone | Audience::Leaders);
        let to = match to.map(|(member, private)| (self.shop.members.get(member), private)) {
            Some((Some(row), private)) => {
                let (key, name) = (row.key.clone(), row.name.clone());
                Some(Addressee { key, name, private: private || is_for_one })
            }
            None if !is_for_one => None,
            // What is meant for one member is never said to all instead.
            Some((None, _)) | None => return,
        };
        self.put(to, reply);
    }

    fn put(&mut self, to: Option<Addressee>, reply: Reply) {
        let Some(chat) = self.shop.community.chat.clone() else { return };
        let (mut to, mut due) = (to, None);
        match pace::of(self, to.as_ref(), &reply) {
            pace::Said::AtOnce => {}
            pace::Said::Alone => to.iter_mut().for_each(|to| to.private = true),
            pace::Said::From(at) => due = Some(at),
        }
        let outbound = Outbound {
            event: self.event,
            ordinal: self.next_ordinal(),
            account: self.shop.community.account,
            chat,
            to,
            reply,
            manner: self.manner(),
            at: self.at,
            due,
        };
        self.shop.fresh.outbox.push(outbound);
    }

    fn manner(&self) -> Manner {
        let community = &self.shop.community;
        Manner {
            locale: community.locale,
            time_zone: community.time_zone,
            currency: community.currency,
        }
    }

    /// Record what was understood and what came of it.
    pub fn record(&mut self, what: &'static str, order: Option<OrderId>, refused: Option<String>) {
        self.shop.fresh.decisions.push(Decision {
            event: self.event,
            member: self.speaker,
            operator: self.operator.clone(),
            order,
            what,
            refused,
            outcome: None,
            effect: None,
            at: self.at,
        });
    }

    /// A speaker's event is about to change an order: note how it stands. One without lines was just made.
    pub fn before(&mut self, order: OrderId) {
        if self.speaker.is_none() || self.changed.contains_key(&order) {
            return;
        }
        let row = self.shop.orders.get(order).filter(|row| !row.lines.is_empty());
        self.changed.insert(order, row.map(OrderMark::of));
    }

    /// Note what this event did, beside changing orders, that can be taken back.
    pub fn keep(&mut self, effect: Effect) {
        self.kept = Some(effect);
    }

    /// Record what came of an operator's command.
    pub fn record_outcome(&mut self, what: &'static str, outcome: Outcome) {
        let refused = (!outcome.is_fine()).then(|| "objections".to_owned());
        self.record(what, None, refused);
        if let Some(decision) = self.shop.fresh.decisions.last_mut() {
            decision.outcome = Some(outcome);
        }
    }

    fn next_ordinal(&mut self) -> i16 {
        self.ordinals += 1;
        self.ordinals
    }
}
