//! People (会员): who is here, and who they are.

mod member;

use serde::{Deserialize, Serialize};

use super::intent::Change;
use super::person::Person;
use super::reply::{Delivery, Likeness, NOTICE, OUTCOME, REPORT, RoleChange};

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
}

/// What is said of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// A newcomer was seen.
    Welcome {
        /// Who brought them.
        inviter: Option<String>,
    },
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
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Leader { .. } => "people.leader",
            Self::Helper { .. } => "people.helper",
            Self::Promoter { .. } => "people.promoter",
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
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::RoleChanged { .. } => OUTCOME,
            Self::Welcome { .. } => NOTICE,
            Self::LookAlike { .. } => REPORT,
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{Refusal, Reply};
    use crate::domain::reply::{Likeness, RoleChange};
    use crate::domain::samples::text;

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        let look_alike = |likeness, other: Option<&str>| Reply::LookAlike {
            name: text("小 美"),
            likeness,
            other: other.map(text),
        };
        let role = |change| Reply::RoleChanged { name: text("小美"), change };
        vec![
            Reply::Welcome { inviter: Some(text("阿强")) },
            Reply::Welcome { inviter: None },
            look_alike(Likeness::Member, Some("小美")),
            look_alike(Likeness::Leader, Some("阿明")),
            look_alike(Likeness::Bot, None),
            role(RoleChange::LeaderAdded),
            role(RoleChange::LeaderRemoved),
            role(RoleChange::HelperAdded),
            role(RoleChange::HelperRemoved),
            role(RoleChange::PromoterEnabled),
            role(RoleChange::PromoterDisabled),
        ]
    }

    /// Every refusal, in its usual forms.
    pub(crate) fn refusals() -> Vec<Refusal> {
        vec![
            Refusal::UnknownMember { name: text("小魚") },
            Refusal::WhichMember { name: text("小美") },
        ]
    }
}
