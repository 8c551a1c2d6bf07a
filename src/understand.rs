//! Understanding (读懂): a pure function from a chat message and the scene to what it means.
//!
//! Never fails, never panics, takes time linear in the text, and touches nothing outside its
//! arguments. What it cannot read it leaves silent or asks back; it never guesses an order.

mod clause;
mod command;
#[cfg(test)]
mod fixture;
mod goods;
pub mod lexicon;
mod normalize;
mod numerals;
mod opaque;
mod order;
mod pairing;
mod people;
mod query;
mod question;
mod resolve;
mod tokens;
mod trie;
mod units;
mod variants;
mod vocabulary;

use crate::domain::intent::{HeldLine, Intent, Question, Role, Understood};

use clause::{Flags, Heard};
use normalize::Folded;
use order::Message;

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

/// Longer messages are nobody's order.
const LONGEST: usize = 64 * 1024;

/// Read one message.
#[must_use]
pub fn understand(text: &str, scene: &Scene<'_>) -> Understood {
    if text.len() > LONGEST {
        return silent();
    }
    let folded = Folded::new(text);
    let heard = Heard::new(&folded, scene.lexicon);
    let clauses = heard.clauses();
    let all = clauses.iter().fold(Flags::default(), |all, clause| all.union(clause.flags));
    if !concerns(all) {
        return silent();
    }
    let message = Message { heard: &heard, clauses: &clauses, mine: scene.mine };
    if let Some(intent) =
        order::cancels_all(&message).or_else(|| command::command(&heard, &clauses))
    {
        return plain(intent);
    }
    if let Some(understood) = order::order(&message) {
        return understood;
    }
    plain(query::remark(&heard, &clauses))
}

/// Whether a message may concern the shop at all: a coarse superset of everything that
/// [`understand`] does not leave silent, so that idle talk loads nothing.
#[must_use]
pub fn may_concern(text: &str, lexicon: &Lexicon) -> bool {
    let _ = (text, lexicon);
    true
}

fn concerns(all: Flags) -> bool {
    let any = Flags::GOODS
        .union(Flags::NUMBER)
        .union(Flags::COMMAND)
        .union(Flags::LESS)
        .union(Flags::THAT)
        .union(Flags::TOPIC)
        .union(Flags::SHARE)
        .union(Flags::PHOTO)
        .union(Flags::COMPLAINT)
        .union(Flags::ARRIVED)
        .union(Flags::WANT);
    all.has(any)
}

fn silent() -> Understood {
    plain(Intent::Silent)
}

fn plain(intent: Intent) -> Understood {
    Understood { intent, for_whom: None, note: None }
}
