//! Groups (社群): how a chat is linked, and how to talk to the shop.

pub mod linking;

use crate::book::Needs;
use crate::book::desk::{Decided, Desk};
use crate::domain::groups::{self, Intent};
use crate::domain::intent::Role;
use crate::domain::reply::Reply;

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(desk: &mut Desk<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Help => help(desk),
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

/// How to talk to the shop; leaders see their part as well.
///
/// # Errors
/// None.
fn help(desk: &mut Desk<'_>) -> Decided {
    let leader = desk.role >= Role::Leader;
    desk.record("help", None, None);
    desk.say(Reply::Groups(groups::Reply::Help { leader }));
    Ok(())
}
