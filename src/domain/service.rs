//! Service (售后): what members say of goods they have.

use serde::{Deserialize, Serialize};

use super::intent::Change;
use super::reply::{Degrade, Delivery, OUTCOME, REPORT};

/// What members say of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// A complaint or opinion about goods or service.
    Feedback,
}

/// What is said of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Feedback was passed to the leader.
    FeedbackSeen,
    /// To the leader: somebody gave feedback in the chat; what they said stays there.
    FeedbackGiven {
        /// Who.
        name: String,
    },
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Feedback => "service.complaint",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, _change: &mut impl Change) {
        match self {
            Self::Feedback => {}
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::FeedbackSeen => OUTCOME,
            Self::FeedbackGiven { .. } => Delivery { degrade: Degrade::Short, ..REPORT },
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::Reply;
    use crate::domain::samples::text;

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        vec![Reply::FeedbackSeen, Reply::FeedbackGiven { name: text("小美") }]
    }
}
