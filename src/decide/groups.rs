//! Groups (社群): how a chat is linked, and how to talk to the shop.

pub mod linking;

use crate::book::Needs;
use crate::book::desk::{Decided, Desk};
use crate::decide::catalog::window;
use crate::domain::groups::Intent;

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(desk: &mut Desk<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Help => window::help(desk),
        // Reception links a chat before its community is known.
        Intent::Link { .. } => Ok(()),
    }
}

/// What that takes.
#[must_use]
pub fn needs(intent: &Intent) -> Needs {
    match intent {
        Intent::Help | Intent::Link { .. } => Needs::new(),
    }
}
