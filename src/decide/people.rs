//! People (会员): who is here, and who they are.

pub mod alike;
pub mod erase;
pub mod members;
pub mod standing;
pub mod which;

use crate::book::Needs;
use crate::book::desk::{Decided, Desk};
use crate::decide::ahead::Ahead;
use crate::domain::people::Lead;

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(desk: &mut Desk<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Leader { name, add } => members::set_leader(desk, name, *add),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::Leader { name, .. } => ahead.person(name),
    }
}
