//! Service (售后): what members say of goods they have.

use crate::book::Needs;
use crate::book::desk::{Decided, Desk};
use crate::domain::reply::Reply;
use crate::domain::service::{self, Intent};

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(desk: &mut Desk<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Feedback => feedback(desk),
    }
}

/// What that takes.
#[must_use]
pub fn needs(intent: &Intent) -> Needs {
    match intent {
        Intent::Feedback => Needs::new(),
    }
}

/// A complaint or an opinion: thank for it, and point the leaders to it. What was said stays where it was
/// said.
///
/// # Errors
/// Missing facts; nobody speaks.
fn feedback(desk: &mut Desk<'_>) -> Decided {
    let member = desk.member()?;
    let name = desk.member_row(member)?.name.clone();
    desk.record("feedback", None, None);
    desk.say(Reply::Service(service::Reply::FeedbackSeen));
    desk.tell_leaders(&Reply::Service(service::Reply::FeedbackGiven { name }));
    Ok(())
}
