//! Service (售后): what members say of goods they have.

use crate::book::Needs;
use crate::book::desk::{Decided, Desk};
use crate::decide::catalog::window;
use crate::domain::service::Intent;

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(desk: &mut Desk<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Feedback => window::feedback(desk),
    }
}

/// What that takes.
#[must_use]
pub fn needs(intent: &Intent) -> Needs {
    match intent {
        Intent::Feedback => Needs::new(),
    }
}
