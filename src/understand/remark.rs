//! Remarks (备注): what a clause says beside goods that the leader should know, such as where to put them,
//! how to pack them, when somebody comes for them and who pays.
//!
//! One rule for orders and for lines of chains. A remark is what the reader of a clause took for one
//! ([`goods`](super::goods)), or a whole clause of unknown words around a word that begins remarks. What is
//! said about something else, or asked, is none.

use super::clause::{Clause, Flags, ReadableMessage};
use super::goods::SaidClause;

/// What makes a clause a story, somebody else's business, or a question.
pub(super) fn told(said: &SaidClause<'_>) -> Flags {
    let known = said.for_whom.is_some() || said.people > 1;
    let others = if known { Flags::default() } else { Flags::ELSEWHERE };
    Flags::STORY.union(others).union(Flags::QUESTION)
}

/// Whether a clause is about something else than what is ordered here.
pub(super) fn is_aside(clause: &Clause, said: &SaidClause<'_>) -> bool {
    let flags = clause.flags;
    let judged = flags.has(Flags::ARRIVED.union(Flags::COMPLAINT)) && said.residue > 0;
    (flags.has(Flags::EARLIER) && !said.changes()) || flags.has(told(said)) || judged
}

/// The remarks of one clause, as written.
pub(super) fn of<'t>(
    heard: &ReadableMessage<'_, 't>,
    clause: &Clause,
    said: &SaidClause<'t>,
) -> Vec<&'t str> {
    if is_aside(clause, said) {
        return Vec::new();
    }
    if said.is_explained() {
        return said.notes.clone();
    }
    // A clause of unknown words with a remark in it (电话尾号…, 我明天路过取) is a remark.
    if clause.flags.has(Flags::NOTE) && !said.claims() {
        return vec![heard.written(clause.from, clause.to)];
    }
    Vec::new()
}
