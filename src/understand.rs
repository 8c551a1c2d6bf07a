//! Understanding (读懂): a pure function from a chat message and the scene to what it means.
//!
//! Never fails, never panics, takes time linear in the text, and touches nothing outside its
//! arguments. What it cannot read it leaves silent or asks back; it never guesses an order.

pub mod lexicon;

use crate::domain::intent::{HeldLine, Intent, Question, Role, Understood};

pub use lexicon::{Lexicon, OfferWords};

/// What a message is read against.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The open offers.
    pub lexicon: &'a Lexicon,
    /// The question this speaker has not answered yet.
    pub question: Option<&'a Question>,
    /// What the speaker already has in the open offers.
    pub mine: &'a [HeldLine],
    /// What the speaker may do here.
    pub role: Role,
}

/// Read one message.
#[must_use]
pub fn understand(text: &str, scene: &Scene<'_>) -> Understood {
    let _ = (text, scene);
    Understood { intent: Intent::Silent, for_whom: None, note: None }
}

/// Whether a message may concern the shop at all: a coarse superset of everything that
/// [`understand`] does not leave silent, so that idle talk loads nothing.
#[must_use]
pub fn may_concern(text: &str, lexicon: &Lexicon) -> bool {
    let _ = (text, lexicon);
    true
}
