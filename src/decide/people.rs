//! People (会员): who is here, and who they are.

pub mod alike;
pub mod announcements;
pub mod blocking;
pub mod erase;
pub mod members;
pub mod standing;

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::domain::people::{self, Lead};

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(ctx: &mut Ctx<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Leader { name, add } => standing::set_leader(ctx, name, *add),
        Lead::Helper { name, add } => standing::set_helper(ctx, name, *add),
        Lead::Promoter { name, enabled } => standing::set_promoter(ctx, name, *enabled),
        Lead::Block { who, block } => blocking::set(ctx, who.as_ref(), *block),
        Lead::Blocked => blocking::list(ctx),
        Lead::Announce { text } => announcements::announce(ctx, text),
        Lead::Announced => announcements::show(ctx),
        Lead::EndAnnouncement => announcements::end(ctx),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::Leader { name, .. } | Lead::Helper { name, .. } | Lead::Promoter { name, .. } => {
            ahead.person(name)
        }
        Lead::Block { who: Some(person), .. } => ahead.person(person),
        Lead::Block { who: None, .. } => ahead.author(),
        Lead::Announce { .. } | Lead::Announced | Lead::EndAnnouncement => Needs::new(),
        Lead::Blocked => [Need::Report(Report::People(people::Need::Blocked))].into(),
    }
}
