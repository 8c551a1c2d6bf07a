//! Causes (事件): everything that can change a shop is one of these, stored in the inbox before
//! anybody is told that it arrived.

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, CommunityId, EventId, MemberId, OfferId, OrderId};
use super::intent::{Intent, Role};
use super::message::HeardMessage;
use super::orders::chain::ChainLine;
use super::reply::Waiting;
use super::time::Timestamp;

/// One stored cause, on its way to `decide`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its lane and place in it.
    pub id: EventId,
    /// The community it concerns.
    pub community: CommunityId,
    /// The platform account it came through.
    pub account: AccountId,
    /// The key under which it counts once.
    pub key: String,
    /// When it happened; fixed when it was stored. The only time `decide` knows.
    pub at: Timestamp,
    /// What happened.
    pub body: Body,
}

/// Somebody as a platform knows them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contact {
    /// The platform's own id of them, opaque.
    pub key: String,
    /// Their name as it is shown ([`super::name::shown_name`]).
    pub name: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Somebody wrote in the group, or to the bot alone.
    Said {
        /// Who.
        from: Contact,
        /// What.
        #[serde(flatten)]
        message: HeardMessage,
        /// To the bot alone.
        private: bool,
    },
    /// A native chain (接龙) was posted: a full snapshot. What its lines mean is read when it is handled.
    Chain {
        /// Who posted it.
        from: Contact,
        /// The chain's title.
        title: String,
        /// Its lines, each with its author.
        lines: Vec<ChainLine>,
    },
    /// Somebody took back a message.
    Recalled {
        /// Who.
        from: Contact,
        /// The key of the message taken back.
        key: String,
    },
    /// People joined the group.
    Joined {
        /// Who joined.
        members: Vec<Contact>,
        /// Who brought them, where the platform says.
        inviter: Option<Contact>,
        /// How that is known.
        evidence: Evidence,
    },
    /// People joined by a link that carries its owner's invite code.
    JoinedByLink {
        /// Who joined.
        members: Vec<Contact>,
        /// The code on the link.
        code: String,
    },
    /// Somebody pressed a button, which stands for words.
    Tapped {
        /// Who.
        from: Contact,
        /// The words it stands for.
        text: String,
        /// What the button was about, as it was when it was shown.
        about: TapAbout,
        /// To the bot alone.
        private: bool,
    },
    /// The community is linked to a group chat: somebody there gave its one-time code.
    Linked {
        /// The account that is in the chat.
        account: AccountId,
        /// The chat.
        chat: String,
        /// Who gave the code: its first leader.
        by: Contact,
        /// Who else is there already.
        members: Vec<Contact>,
    },
    /// An operator undid the link.
    Unlinked {
        /// Who, for the record.
        operator: String,
    },
    /// The group chat goes on under another id.
    Moved {
        /// The new one.
        to: String,
    },
    /// The account was away until now, and what was said meanwhile cannot be had.
    Missed {
        /// Since when.
        since: Timestamp,
    },
    /// What the shop has to say in its group waits until a person acts: it may not speak there unasked.
    Unsaid {
        /// How much of each kind waits.
        news: Vec<Waiting>,
    },
    /// Somebody left the group, or was removed.
    Left {
        /// Who.
        member: Contact,
    },
    /// A timer fell due.
    Due(Timer),
    /// An operator's command, from the console or the command line.
    Ordered {
        /// Who, for the record.
        operator: String,
        /// What.
        intent: Intent,
    },
    /// A policy version came into force.
    PolicyLoaded {
        /// Its number.
        version: i32,
    },
    /// A failed event is tried once more, by command.
    Retried {
        /// The parked body.
        body: Box<Body>,
        /// Who ordered it.
        operator: String,
    },
}

/// What a button was about. One that outlives it does nothing but say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TapAbout {
    /// The words say it all.
    Words,
    /// An offer: codes are used again, so the closing time tells which.
    Offer {
        /// Its code.
        code: String,
        /// When it closes.
        closes_at: Timestamp,
    },
    /// A question, asked at this instant.
    Question {
        /// When.
        asked_at: Timestamp,
    },
    /// An order that waits for a leader's word, asked about at this instant.
    Request {
        /// Whose.
        member: MemberId,
        /// When.
        asked_at: Timestamp,
    },
}

/// How an inviter is known, strongest first (归属依据).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The platform's join event named the inviter.
    JoinEvent,
    /// The newcomer came by the inviter's own link.
    InviteLink,
    /// The newcomer gave the inviter's code.
    InviteCode,
    /// The inviter confirmed the newcomer's claim.
    Claim,
    /// An operator said so, with a reason.
    Operator,
    /// Found by comparing member lists after a gap; names no inviter.
    Reconciled,
}

/// What a timer is for. One timer serves all that falls due together in its community.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// Post a drop (上新) that was planned for `at`.
    Drop {
        /// The drop's key in the policy.
        drop: String,
        /// The planned instant.
        at: Timestamp,
    },
    /// Close offers whose time is over.
    Close,
    /// Open an offer that was planned for now.
    Open {
        /// Which.
        offer: OfferId,
    },
    /// Warn buyers whose unpaid orders are about to lapse.
    Warn,
    /// Release unpaid orders whose time is over.
    Release,
    /// Tell leaders who says to have paid.
    Claims,
    /// Take shipped orders as received.
    Receive,
    /// Remind whoever has not collected, and tell of receipts to come.
    Remind,
    /// Take these orders as received, as their buyers were told.
    Taken {
        /// Which.
        orders: Vec<OrderId>,
    },
    /// Remind leaders of after-sales cases that wait.
    Cases,
    /// Make commission available whose return window is over.
    Settle,
    /// Let points lapse.
    Expire,
    /// Tell who waits for goods that are back.
    Restocked,
    /// Tell leaders what is to do today.
    Brief {
        /// The planned instant.
        at: Timestamp,
    },
    /// Tell leaders how the day went.
    Summary {
        /// The planned instant.
        at: Timestamp,
    },
}

impl Timer {
    /// The name it is stored under, beside its instant.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Drop { drop, .. } => format!("drop:{drop}"),
            Self::Close => "close".to_owned(),
            Self::Open { offer } => format!("open:{offer}"),
            Self::Warn => "warn".to_owned(),
            Self::Release => "release".to_owned(),
            Self::Claims => "claims".to_owned(),
            Self::Receive => "receive".to_owned(),
            Self::Remind => "remind".to_owned(),
            Self::Taken { .. } => "taken".to_owned(),
            Self::Cases => "cases".to_owned(),
            Self::Settle => "settle".to_owned(),
            Self::Expire => "expire".to_owned(),
            Self::Restocked => "restocked".to_owned(),
            Self::Brief { .. } => "brief".to_owned(),
            Self::Summary { .. } => "summary".to_owned(),
        }
    }
}

impl Body {
    /// The person who caused this, where one did.
    #[must_use]
    pub fn from(&self) -> Option<&Contact> {
        match self {
            Self::Said { from, .. }
            | Self::Tapped { from, .. }
            | Self::Chain { from, .. }
            | Self::Recalled { from, .. } => Some(from),
            Self::Left { member } => Some(member),
            Self::Retried { body, .. } => body.from(),
            Self::Linked { by, .. } => Some(by),
            Self::Joined { .. }
            | Self::JoinedByLink { .. }
            | Self::Unlinked { .. }
            | Self::Moved { .. }
            | Self::Missed { .. }
            | Self::Unsaid { .. }
            | Self::Due(_)
            | Self::Ordered { .. }
            | Self::PolicyLoaded { .. } => None,
        }
    }

    /// The key of the message that this one replies to.
    #[must_use]
    pub fn reply_to(&self) -> Option<&str> {
        match self {
            Self::Said { message, .. } => message.reply_to.as_deref(),
            Self::Retried { body, .. } => body.reply_to(),
            _ => None,
        }
    }

    /// The operator who had a hand in this, for the record.
    #[must_use]
    pub fn operator(&self) -> Option<String> {
        match self {
            Self::Ordered { operator, .. } | Self::Unlinked { operator } => Some(operator.clone()),
            Self::Retried { body, operator: again } => Some(match body.operator() {
                Some(first) if first != *again => format!("{first}, tried again by {again}"),
                _ => again.clone(),
            }),
            _ => None,
        }
    }

    /// What the speaker may do by virtue of the door they came through. A command tried again came through
    /// the operator's.
    #[must_use]
    pub fn role(&self) -> Role {
        match self {
            Self::Ordered { .. } => Role::Operator,
            Self::Retried { body, .. } => body.role(),
            _ => Role::Member,
        }
    }
}
