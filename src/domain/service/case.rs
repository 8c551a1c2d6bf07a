//! After-sales cases (售后): what a member complains of or wants to return, tied to the line of the order it is about,
//! until a leader answers it or the member lets it go.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{CaseId, MemberId, OrderId};
use crate::domain::time::Timestamp;

/// The letter before the number of a case: `Q12`.
pub const LETTER: char = 'Q';

/// The most pieces of what a member said that one case keeps, and the most pictures.
pub const MAX_WORDS: usize = 20;
/// See [`MAX_WORDS`].
pub const MAX_PICTURES: usize = 20;

/// The most characters of one piece.
pub const LONGEST_WORDS: usize = 300;

/// A case that nobody answered is put before the leaders again after so long.
pub const ANSWERED_WITHIN: Duration = Duration::hours(24);

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCase {
    /// Number in the community: `Q12`.
    pub id: CaseId,
    /// Who complains: the buyer.
    pub member: MemberId,
    /// What it is about; `None`: they have not said which of several.
    pub about: Option<CaseLine>,
    /// Where it stands.
    pub state: CaseState,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was answered or let go.
    pub ended_at: Option<Timestamp>,
    /// What was said; sealed in the database.
    pub private: CasePrivate,
}

/// A line of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CaseLine {
    /// The order.
    pub order: OrderId,
    /// The line's place in it, from 0.
    pub line: u16,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Waits for a leader.
    Open,
    /// Money went back.
    Refunded,
    /// The same goods are sent once more.
    Replaced,
    /// Others are sent for them.
    Exchanged,
    /// The leader said no.
    Declined,
    /// The member let it go.
    Withdrawn,
}

/// What only the member and leaders may see of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CasePrivate {
    /// In the member's words, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// The platform's ids of pictures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<String>,
    /// Why the leader said no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ServiceCase {
    /// Whether it waits for a leader.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == CaseState::Open
    }

    /// Keep what was said, as far as there is room: a piece that is there already is kept once.
    pub fn keep(&mut self, words: &str, pictures: &[String]) {
        let words: String = words.trim().chars().take(LONGEST_WORDS).collect();
        let kept = &mut self.private;
        if !words.is_empty() && kept.words.len() < MAX_WORDS && !kept.words.contains(&words) {
            kept.words.push(words);
        }
        for picture in pictures {
            if kept.pictures.len() < MAX_PICTURES && !kept.pictures.contains(picture) {
                kept.pictures.push(picture.clone());
            }
        }
    }
}

impl CasePrivate {
    /// Whether there is nothing to seal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
