//! Service (售后): what members say of goods they have becomes a case that waits for a leader.

pub mod answer;
pub mod cases;
pub mod listed;
pub mod shortage;
#[cfg(test)]
mod tests;

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::domain::event::Body;
use crate::domain::reply::Reply;
use crate::domain::service::{self, Intent, Lead};

/// Carry out what a member wants, as `body` has it.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent, body: &Body) -> Decided {
    match intent {
        Intent::Feedback => feedback(ctx, body),
        Intent::Complain(how) => cases::complain(ctx, *how, body),
        Intent::CaseAbout { case, about } => cases::is_about(ctx, *case, *about),
        Intent::DropCase { case } => cases::let_go(ctx, *case),
    }
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, intent: &Intent) -> Needs {
    let cases = [Need::Cases].into_iter();
    match intent {
        Intent::Feedback => Needs::new(),
        Intent::Complain(_) => ahead.mine(Need::OrdersOf).into_iter().chain(cases).collect(),
        Intent::CaseAbout { about, .. } => cases.chain([Need::Order(about.order)]).collect(),
        Intent::DropCase { .. } => cases.collect(),
    }
}

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(ctx: &mut Ctx<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Cases => listed::list(ctx),
        Lead::ShowCase(case) => listed::show(ctx, *case),
        Lead::AnswerCase { case, remedy } => answer::answer(ctx, *case, remedy),
        Lead::Shortage(shortage) => shortage::propose(ctx, shortage),
        Lead::ChangeShortage(to) => shortage::change(ctx, to),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::Cases => {
            let rates = service::Need::Rates(listed::since(ahead.at));
            [Need::Cases, Need::Report(Report::Service(rates))].into()
        }
        Lead::ShowCase(case) | Lead::AnswerCase { case, .. } => [Need::Case(*case)].into(),
        Lead::Shortage(shortage) => shortage::needs(ahead.shop, shortage),
        Lead::ChangeShortage(_) => {
            let waiting = ahead.speaker.and_then(|id| shortage::waiting(ahead.shop, id, ahead.at));
            waiting.map(|it| shortage::needs(ahead.shop, it)).unwrap_or_default()
        }
    }
}

/// An opinion: thank for it, and pass it on.
///
/// # Errors
/// Missing facts; nobody speaks.
fn feedback(ctx: &mut Ctx<'_>, body: &Body) -> Decided {
    let member = ctx.member()?;
    let name = ctx.member_row(member)?.name.clone();
    let words = cases::heard(body).words;
    ctx.record("feedback", None, None);
    ctx.say(Reply::Service(service::Reply::FeedbackSeen));
    ctx.tell_leaders(&Reply::Service(service::Reply::FeedbackGiven { name, words }));
    Ok(())
}
