//! Service (售后): what members say of goods they have.

use crate::book::Needs;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::reply::Reply;
use crate::domain::service::{self, Intent};

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Feedback => feedback(ctx),
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
fn feedback(ctx: &mut Ctx<'_>) -> Decided {
    let member = ctx.member()?;
    let name = ctx.member_row(member)?.name.clone();
    ctx.record("feedback", None, None);
    ctx.say(Reply::Service(service::Reply::FeedbackSeen));
    ctx.tell_leaders(&Reply::Service(service::Reply::FeedbackGiven { name }));
    Ok(())
}
