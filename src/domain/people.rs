//! People (会员): who is here, and who they are.

mod member;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::Contact;
use super::ids::{AccountId, MemberId};
use super::intent::Change;
use super::person::Person;
use super::reply::{
    Audience, Degrade, Delivery, Likeness, Merging, NEWS, NOTICE, OUTCOME, READ, REPORT, RoleChange,
};
use super::time::Timestamp;

pub use member::*;

/// What leaders say of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// 添加团长 @小美 / 移除团长.
    Leader {
        /// Who.
        name: Person,
        /// Add, or take the role away.
        add: bool,
    },
    /// 设核销员 @小美 / 取消核销员: hands goods over, and sees nothing of money.
    Helper {
        /// Who.
        name: Person,
        /// Add, or take the role away.
        add: bool,
    },
    /// 停用推广 @小美 / 恢复推广: a disabled promoter earns nothing new.
    Promoter {
        /// Who.
        name: Person,
        /// Whether they may earn.
        enabled: bool,
    },
    /// 拉黑 @小美 / 解除 @小美: who is blocked orders nothing more.
    Block {
        /// Who; `None`: whoever wrote the message that this one replies to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<Person>,
        /// Block, or let them order again.
        block: bool,
    },
    /// 黑名单: who is blocked.
    Blocked,
    /// 公告 …: the group reads it, and whoever joins today.
    Announce {
        /// As written.
        text: String,
    },
    /// 公告: what is announced today.
    Announced,
    /// 撤下公告: whoever joins reads it no more.
    EndAnnouncement,
}

/// The longest announcement, in characters.
pub const MAX_ANNOUNCEMENT: usize = 1_000;

/// What deciding about people has to know, true as of the last save.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Who wrote the message of this key.
    Author(AccountId, String),
    /// Who is blocked.
    Blocked,
}

/// What was read of that for one batch, as of the last save.
#[derive(Debug, Default)]
pub struct Facts {
    /// Who wrote messages, by their keys; `None`: nobody knows (any more).
    pub authors: BTreeMap<String, Option<Contact>>,
    /// Who is blocked.
    pub blocked: Option<BTreeMap<MemberId, BlockedView>>,
}

/// Somebody who is blocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedView {
    /// What they are called.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
}

/// What is said of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// A newcomer was seen.
    Welcome {
        /// Who brought them.
        inviter: Option<String>,
        /// What is announced today.
        #[serde(default)]
        announcement: Option<String>,
    },
    /// To the group: a leader announces something.
    Announcement {
        /// What.
        text: String,
    },
    /// To the leader: the group reads it, and whoever joins today.
    AnnouncementNoted,
    /// To the leader: what is announced today.
    AnnouncementShown {
        /// What; `None`: nothing.
        text: Option<String>,
        /// When it was announced.
        at: Option<Timestamp>,
    },
    /// To the leader: whoever joins reads it no more.
    AnnouncementEnded,
    /// To the leader: somebody calls themselves like somebody else.
    LookAlike {
        /// What they call themselves.
        name: String,
        /// Whom they look like.
        likeness: Likeness,
        /// What that one is called; `None` for the bot.
        other: Option<String>,
    },
    /// A role or a promoter's standing was changed.
    RoleChanged {
        /// Whose.
        name: String,
        /// To what.
        change: RoleChange,
    },
    /// To the leader: somebody was blocked, or may order again.
    Blocked {
        /// Who.
        name: String,
        /// Blocked, or not any more.
        block: bool,
        /// It was so before.
        again: bool,
    },
    /// To the leader: who is blocked.
    BlockedList {
        /// They, the last first.
        members: Vec<BlockedView>,
        /// So many more.
        beyond: usize,
    },
}

/// Why something about people is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No member goes by this name.
    UnknownMember {
        /// As written.
        name: String,
    },
    /// Several members' names look like this one.
    WhichMember {
        /// As written.
        name: String,
    },
    /// Nobody blocks themselves.
    BlocksSelf,
    /// What is announced is too long.
    AnnouncementTooLong {
        /// So many characters at most.
        most: usize,
    },
    /// Nothing is announced today.
    NothingAnnounced,
    /// Who leads, or runs the shop, is not blocked.
    BlocksLeader {
        /// Who.
        name: String,
    },
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Leader { .. } => "people.leader",
            Self::Helper { .. } => "people.helper",
            Self::Promoter { .. } => "people.promoter",
            Self::Block { block: true, .. } => "people.block",
            Self::Block { block: false, .. } => "people.unblock",
            Self::Blocked => "people.blocked",
            Self::Announce { .. } | Self::Announced => "people.announce",
            Self::EndAnnouncement => "people.end_announcement",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::Leader { name: person, .. }
            | Self::Helper { name: person, .. }
            | Self::Promoter { name: person, .. } => {
                change.person(person);
            }
            Self::Block { who, .. } => {
                if let Some(person) = who {
                    change.person(person);
                }
            }
            Self::Announce { text } => change.words(text),
            Self::Blocked | Self::Announced | Self::EndAnnouncement => {}
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::RoleChanged { .. } | Self::AnnouncementNoted | Self::AnnouncementEnded => OUTCOME,
            Self::Welcome { .. } => NOTICE,
            Self::LookAlike { .. } => REPORT,
            Self::Announcement { .. } => Delivery { merges: Merging::Whole, ..NEWS },
            Self::AnnouncementShown { .. } => READ,
            // Whom a leader blocks is nobody else's business.
            Self::Blocked { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..OUTCOME }
            }
            Self::BlockedList { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..READ }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{BlockedView, Refusal, Reply};
    use crate::domain::reply::{Likeness, RoleChange};
    use crate::domain::samples::{instant, text};

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        let look_alike = |likeness, other: Option<&str>| Reply::LookAlike {
            name: text("小 美"),
            likeness,
            other: other.map(text),
        };
        let welcome = |inviter: Option<&str>, announcement: Option<&str>| Reply::Welcome {
            inviter: inviter.map(text),
            announcement: announcement.map(text),
        };
        let role = |change| Reply::RoleChanged { name: text("小美"), change };
        let blocked = |block, again| Reply::Blocked { name: text("小美"), block, again };
        let list = |members: Vec<BlockedView>, beyond| Reply::BlockedList { members, beyond };
        let view = |name, since| BlockedView { name: text(name), since: instant(since) };
        vec![
            welcome(Some("阿强"), None),
            welcome(None, None),
            welcome(None, Some("今天 18:00 到货，3号楼大厅自提。")),
            Reply::Announcement {
                text: text("今天 18:00 到货，3号楼大厅自提。\n带上袋子。")
            },
            Reply::AnnouncementNoted,
            Reply::AnnouncementShown {
                text: Some(text("今天 18:00 到货，3号楼大厅自提。")),
                at: Some(instant("2026-03-01T04:00:00Z")),
            },
            Reply::AnnouncementShown { text: None, at: None },
            Reply::AnnouncementEnded,
            look_alike(Likeness::Member, Some("小美")),
            look_alike(Likeness::Leader, Some("阿明")),
            look_alike(Likeness::Bot, None),
            role(RoleChange::LeaderAdded),
            role(RoleChange::LeaderRemoved),
            role(RoleChange::HelperAdded),
            role(RoleChange::HelperRemoved),
            role(RoleChange::PromoterEnabled),
            role(RoleChange::PromoterDisabled),
            blocked(true, false),
            blocked(true, true),
            blocked(false, false),
            blocked(false, true),
            list(
                vec![view("小美", "2026-03-01T04:00:00Z"), view("老王", "2026-02-01T04:00:00Z")],
                0,
            ),
            list(vec![view("小美", "2026-03-01T04:00:00Z")], 3),
            list(Vec::new(), 0),
        ]
    }

    /// Every refusal, in its usual forms.
    pub(crate) fn refusals() -> Vec<Refusal> {
        vec![
            Refusal::UnknownMember { name: text("小魚") },
            Refusal::WhichMember { name: text("小美") },
            Refusal::BlocksSelf,
            Refusal::AnnouncementTooLong { most: 1_000 },
            Refusal::NothingAnnounced,
            Refusal::BlocksLeader { name: text("阿明") },
        ]
    }
}
