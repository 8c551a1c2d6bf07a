//! Groups (社群): how a chat is linked, and what keeps the bot from working well there.

mod community;

use serde::{Deserialize, Serialize};

use super::command::CommandId;
use super::intent::Change;
use super::money::{Money, Rate};
use super::policy::ShopTopic;
use super::reply::{
    ASIDE, Delivery, Hurdle, LinkRefusal, Merging, NEWS, OBJECTION, OUTCOME, READ, REPORT, Waiting,
};
use super::time::Timestamp;

pub use community::*;

/// What members say of the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// 帮助.
    Help,
    /// `绑定 CODE` / `/link CODE`: link this chat to a community.
    Link {
        /// As written.
        code: String,
    },
    /// 积分怎么用, 佣金多少: how things go at this shop.
    AskShop(ShopTopic),
    /// What the operator's file answers: its place there.
    AskFact(u16),
}

/// What is said of the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// How to talk to the shop.
    Help {
        /// What everybody can say.
        #[serde(default)]
        rooms: Vec<HelpRoom>,
        /// What leaders can say; nothing for anybody else.
        #[serde(default)]
        leaders: Vec<HelpRoom>,
    },
    /// The answer to a question, in the shop's own words.
    ShopTold {
        /// As in the file.
        text: String,
    },
    /// What points are for, and where they come from.
    PointsRules {
        /// For each day's check-in.
        check_in: u32,
        /// One for each so much of a paid order; `None`: orders earn none.
        per_amount: Option<Money>,
        /// For what members show, if a leader approves.
        share: u32,
        /// So many are worth …
        spend_rate: Option<u32>,
        /// … so much.
        unit: Money,
        /// The most of an order that they pay.
        spend_cap: Rate,
        /// They lapse after so many days.
        expire_days: Option<u32>,
    },
    /// What promoters earn, and when they have it.
    EarningRules {
        /// What was asked.
        about: ShopTopic,
        /// Of what those whom they brought pay.
        level1: Rate,
        /// Of what those pay whom these brought.
        level2: Rate,
        /// Some goods have rates of their own.
        varies: bool,
        /// Full days from receipt until it can be withdrawn.
        days: u32,
        /// The least that can be withdrawn.
        minimum: Money,
    },
    /// The bot was added to a group that is linked to nothing: it greets and asks for the code.
    Hello {
        /// The shop's name.
        shop: String,
        /// What keeps it from working well here.
        hurdles: Vec<Hurdle>,
    },
    /// To the leaders of a linked group: what the bot may do there changed.
    Hindered {
        /// What keeps it from working well here.
        hurdles: Vec<Hurdle>,
    },
    /// What was said for a while was not heard and cannot be had.
    Missed {
        /// From when.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// To the leaders: the bot may not speak unasked in their group, so this had to wait.
    Unsaid {
        /// How much of each kind.
        news: Vec<Waiting>,
    },
    /// The group is linked to a community now.
    Linked {
        /// The community's name.
        name: String,
        /// Its first leader.
        leader: String,
    },
    /// The group was not linked.
    LinkRefused {
        /// Why.
        why: LinkRefusal,
    },
    /// The group is linked to nothing any more.
    Unlinked {
        /// The community's name.
        name: String,
    },
    /// To somebody who followed a promoter's link to the bot: the way into the group.
    WayIn {
        /// The community's name.
        name: String,
        /// The link.
        link: String,
    },
    /// To somebody alone with the bot who is in several communities: which one is meant?
    WhichGroup {
        /// Their names.
        names: Vec<String>,
    },
    /// To somebody alone with the bot who is in no community.
    NoGroup {
        /// The shop's name.
        shop: String,
    },
    /// To somebody alone with the bot whom the platform calls otherwise there than in their group.
    NotRecognized {
        /// The shop's name.
        shop: String,
    },
    /// They ask more than they are answered: to be patient, once a minute.
    JustAMoment,
    /// Something went wrong; a person will look.
    Parked,
    /// To the leader: an event could not be handled.
    ParkedNotice {
        /// Whose message.
        name: Option<String>,
        /// Where to look it up.
        event: String,
    },
}

/// The commands of one room, as help names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpRoom {
    /// The room.
    pub room: String,
    /// What can be said there, in order.
    pub commands: Vec<CommandId>,
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Help => "groups.help",
            Self::Link { .. } => "groups.link",
            Self::AskShop(_) | Self::AskFact(_) => "groups.ask",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::Link { code } => change.words(code),
            Self::Help | Self::AskShop(_) | Self::AskFact(_) => {}
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::Parked => OUTCOME,
            Self::JustAMoment => OBJECTION,
            Self::ParkedNotice { .. } => REPORT,
            Self::Help { .. }
            | Self::ShopTold { .. }
            | Self::PointsRules { .. }
            | Self::EarningRules { .. } => READ,
            Self::Linked { .. } => Delivery { merges: Merging::Whole, ..NEWS },
            Self::Unsaid { .. } => Delivery { news: None, ..REPORT },
            Self::Hello { .. }
            | Self::Hindered { .. }
            | Self::Missed { .. }
            | Self::Unlinked { .. } => NEWS,
            Self::LinkRefused { .. }
            | Self::WayIn { .. }
            | Self::WhichGroup { .. }
            | Self::NoGroup { .. }
            | Self::NotRecognized { .. } => ASIDE,
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{HelpRoom, Reply};
    use crate::domain::command::CommandId;
    use crate::domain::money::{Money, Rate};
    use crate::domain::policy::ShopTopic;
    use crate::domain::reply::{Hurdle, LinkRefusal, News, Waiting};
    use crate::domain::samples::{instant, text};

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        [linking(), ways(), troubles(), rules()].concat()
    }

    fn hurdles() -> Vec<Hurdle> {
        vec![
            Hurdle::Deaf,
            Hurdle::NotAdmin,
            Hurdle::NoLinks,
            Hurdle::Public,
            Hurdle::MentionsOnly,
            Hurdle::RepliesOnly,
        ]
    }

    fn linking() -> Vec<Reply> {
        let name = || text("木木");
        let refusals = [
            LinkRefusal::BadCode,
            LinkRefusal::Shut,
            LinkRefusal::Taken { name: name() },
            LinkRefusal::GroupTaken,
            LinkRefusal::NotAdmin,
            LinkRefusal::Anonymous,
            LinkRefusal::Alone,
        ];
        let mut replies = vec![
            Reply::Hello { shop: name(), hurdles: Vec::new() },
            Reply::Hello { shop: name(), hurdles: hurdles() },
            Reply::Linked { name: name(), leader: text("阿强") },
            Reply::Unlinked { name: name() },
        ];
        replies.extend(refusals.map(|why| Reply::LinkRefused { why }));
        replies
    }

    fn ways() -> Vec<Reply> {
        let room = |room: &str, command| HelpRoom {
            room: room.to_owned(),
            commands: vec![CommandId::of(command)],
        };
        let name = || text("木木");
        vec![
            Reply::Help { rooms: vec![room("orders", "orders.mine")], leaders: Vec::new() },
            Reply::Help {
                rooms: vec![room("orders", "orders.mine")],
                leaders: vec![room("payments", "payments.paid")],
            },
            Reply::WayIn { name: name(), link: text("https://t.me/+AbCdEf") },
            Reply::WhichGroup { names: vec![text("1 木木"), text("2 小美")] },
            Reply::NoGroup { shop: name() },
            Reply::NotRecognized { shop: name() },
        ]
    }

    fn rules() -> Vec<Reply> {
        let points = |spend_rate, per_amount, expire_days| Reply::PointsRules {
            check_in: 5,
            per_amount,
            share: 10,
            spend_rate,
            unit: Money::from_minor(100),
            spend_cap: Rate { bps: 3_000 },
            expire_days,
        };
        let earning = |about, level1, level2, varies| Reply::EarningRules {
            about,
            level1: Rate { bps: level1 },
            level2: Rate { bps: level2 },
            varies,
            days: 7,
            minimum: Money::from_minor(1_000),
        };
        let mut replies = vec![
            Reply::ShopTold { text: text("地下车库免费停两小时。") },
            points(Some(100), Some(Money::from_minor(100)), Some(365)),
            points(None, None, None),
        ];
        for about in [ShopTopic::Commission, ShopTopic::Payday, ShopTopic::Inviting] {
            let rates = [(300, 0, false), (300, 50, true), (0, 0, true), (0, 0, false)];
            replies.extend(rates.map(|(one, two, varies)| earning(about, one, two, varies)));
        }
        replies
    }

    fn troubles() -> Vec<Reply> {
        let news = [(News::Goods, 2), (News::Closing, 1), (News::Receipt, 3), (News::Notice, 12)];
        let parked = |name: Option<&str>| Reply::ParkedNotice {
            name: name.map(text),
            event: text("3/1024"),
        };
        vec![
            Reply::Hindered { hurdles: hurdles() },
            Reply::Hindered { hurdles: Vec::new() },
            Reply::Missed {
                since: instant("2026-03-04T12:10:00Z"),
                until: instant("2026-03-04T12:41:00Z"),
            },
            Reply::Unsaid { news: vec![Waiting { kind: News::Goods, count: 1 }] },
            Reply::Unsaid { news: news.map(|(kind, count)| Waiting { kind, count }).into() },
            Reply::JustAMoment,
            Reply::Parked,
            parked(Some("小美")),
            parked(None),
        ]
    }
}
