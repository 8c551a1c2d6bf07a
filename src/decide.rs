//! Deciding (裁决): what an event changes and what is answered. Pure: a book, an event, its instant.
//!
//! Each feature is one file of plain functions over a [`Ctx`]. Every function first makes sure of its
//! facts, then refuses what must be refused in its documented order, and only then changes anything: an
//! event that is refused, or that lacks a fact, leaves the shop as it was.

pub mod ahead;
pub mod ask;
pub mod catalog;
pub mod daily;
pub mod groups;
pub mod loyalty;
pub mod operate;
pub mod orders;
#[cfg(test)]
mod pace_tests;
pub mod payments;
pub mod payouts;
pub mod people;
pub mod pricing;
pub mod reading;
pub mod referral;
pub mod reports;
pub mod service;
pub mod shipping;
#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "tests read better with values")]
pub(crate) mod testing;
#[cfg(test)]
mod testing_life;
#[cfg(test)]
mod testing_orders;
pub mod undo;
pub mod views;
pub mod which;

use std::borrow::Cow;

use crate::book::ctx::{Ctx, Decided, Stop};
use crate::book::{Missing, Shop};
use crate::domain;
use crate::domain::event::{Body, Event, Timer};
use crate::domain::intent::{Intent, LeaderIntent, Role, Understood};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::understand::commands::named;

pub use ahead::foresee;
pub use reading::{SceneReading, read};

/// Decide one event. A refusal is answered; nothing else of a refused event remains.
///
/// # Errors
/// [`Missing`]: load the fact and call again; nothing has changed.
pub fn decide(
    shop: &mut Shop,
    event: &Event,
    reading: Option<SceneReading>,
) -> Result<(), Missing> {
    let mut ctx = Ctx::new(shop, event);
    let what = body_name(&event.body);
    let decided = handle(&mut ctx, event, reading);
    conclude(&mut ctx, what, decided)
}

/// A refusal becomes its answer; a missing fact goes back to the engine.
pub(in crate::decide) fn conclude(
    ctx: &mut Ctx<'_>,
    what: &'static str,
    decided: Decided,
) -> Result<(), Missing> {
    match decided {
        Ok(()) => Ok(()),
        Err(Stop::Missing(missing)) => Err(missing),
        Err(Stop::Refused(refusal)) => {
            ctx.record(what, None, Some(refusal_name(&refusal)));
            ctx.say(Reply::from(*refusal));
            Ok(())
        }
    }
}

fn handle(ctx: &mut Ctx<'_>, event: &Event, reading: Option<SceneReading>) -> Decided {
    match &event.body {
        Body::Said { from, message, private } => {
            let Some(reading) = reading::renew(ctx.shop, event, reading)? else {
                return service::cases::shown(ctx, event.account, from, message);
            };
            if reading.understood.intent == Intent::Silent {
                ask::remember(ctx, event.account, from, message)?;
                return service::cases::shown(ctx, event.account, from, message);
            }
            ctx.private = *private;
            people::members::meet(ctx, from)?;
            if ctx.role >= Role::Leader {
                ctx.reply_to.clone_from(&message.reply_to);
            }
            intend(ctx, &reading.understood, &event.body)?;
            if only_asks(&reading.understood.intent) {
                ask::remember(ctx, event.account, from, message)?;
            }
            Ok(())
        }
        Body::Chain { from, .. } => {
            let Some(reading) = reading::renew(ctx.shop, event, reading)? else { return Ok(()) };
            people::members::meet(ctx, from)?;
            intend(ctx, &reading.understood, &event.body)
        }
        Body::Recalled { from, key } => {
            people::members::meet(ctx, from)?;
            ask::recalled(ctx, key)
        }
        Body::Joined { members, inviter, evidence } => {
            people::members::joined(ctx, members, inviter.as_ref(), *evidence)
        }
        Body::JoinedByLink { members, code } => people::members::joined_by_link(ctx, members, code),
        Body::Tapped { from, about, .. } => {
            people::members::meet(ctx, from)?;
            orders::taps::require_current(ctx, about)?;
            handle(ctx, &orders::taps::as_said(event), None)
        }
        Body::Linked { account, chat, by, members } => {
            groups::linking::linked(ctx, *account, chat, by, members)
        }
        Body::Unlinked { .. } => groups::linking::unlinked(ctx),
        Body::Moved { to } => groups::linking::moved(ctx, to),
        Body::Missed { since } => groups::linking::missed(ctx, *since),
        Body::Unsaid { news } => groups::linking::unsaid(ctx, news),
        Body::Left { member } => people::members::left(ctx, member),
        Body::Due(timer) => due(ctx, timer),
        Body::Ordered { intent, .. } => {
            let said = Understood::bare(intent.clone());
            intend(ctx, &said, &event.body)
        }
        Body::PolicyLoaded { .. } => {
            catalog::drops::policy_loaded(ctx)?;
            daily::plan(ctx);
            Ok(())
        }
        Body::Retried { body, .. } => {
            handle(ctx, &Event { body: (**body).clone(), ..event.clone() }, None)
        }
    }
}

/// Whether a message wanted to know something, or could not be read.
fn only_asks(intent: &Intent) -> bool {
    match intent {
        Intent::Catalog(domain::catalog::Intent::Query(_)) => true,
        Intent::Ask(question) => !question.is_answerable(),
        _ => false,
    }
}

fn due(ctx: &mut Ctx<'_>, timer: &Timer) -> Decided {
    match timer {
        Timer::Drop { drop, at } => catalog::drops::fire(ctx, drop, *at),
        Timer::Close => catalog::offers::close_due(ctx),
        Timer::Open { offer } => catalog::planned::open(ctx, *offer),
        Timer::Warn => orders::lapse::warn(ctx),
        Timer::Release => orders::lapse::release(ctx),
        Timer::Claims => payments::claim::raise(ctx),
        Timer::Receive => shipping::delivery::receive_due(ctx),
        Timer::Remind => shipping::reminders::remind(ctx),
        Timer::Taken { orders } => shipping::reminders::take(ctx, orders),
        Timer::Cases => service::listed::remind(ctx),
        Timer::Settle => referral::earnings::settle(ctx),
        Timer::Expire => loyalty::expiry::expire(ctx),
        Timer::Restocked => catalog::waiting::tell(ctx),
        Timer::Brief { at } => daily::brief(ctx, *at),
        Timer::Summary { at } => daily::summary(ctx, *at),
    }
}

/// Carry out an intent. A speaker who names somebody by a name that several look like is asked who it is.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, said: &Understood, body: &Body) -> Decided {
    if people::blocking::passes_over(ctx, &said.intent) {
        ctx.record("pass_over", None, None);
        return Ok(());
    }
    match carry_out(ctx, said, body) {
        Ok(()) => {
            undo::keep(ctx, &said.intent);
            Ok(())
        }
        Err(Stop::Refused(refusal)) => match *refusal {
            Refusal::People(crate::domain::people::Refusal::WhichMember { name })
                if ctx.speaker.is_some() =>
            {
                which::ask_which(ctx, said, &name)
            }
            refusal => Err(refusal.into()),
        },
        decided => decided,
    }
}

/// There is no arm for the rest: a new room must be entered here.
fn carry_out(ctx: &mut Ctx<'_>, said: &Understood, body: &Body) -> Decided {
    match &said.intent {
        Intent::Silent => Ok(()),
        Intent::Ask(question) => ask::ask(ctx, question, said),
        Intent::Unread(unread) => Err(Refusal::Unread(unread.clone()).into()),
        Intent::Undo(about) => undo::undo(ctx, *about),
        Intent::Lead(lead_intent) => lead(ctx, lead_intent, body),
        Intent::Operate(ordered) => operate::operate(ctx, ordered),
        Intent::Groups(intent) => groups::intend(ctx, intent),
        Intent::Catalog(intent) => catalog::intend(ctx, intent),
        Intent::Orders(intent) => orders::intend(ctx, intent, said, &text_of(body)),
        Intent::Payments(intent) => payments::intend(ctx, intent, body),
        Intent::Shipping(intent) if shipping::check_off::is_praise(ctx, intent)? => {
            service::intend(ctx, &crate::domain::service::Intent::Feedback, body)
        }
        Intent::Shipping(intent) => shipping::intend(ctx, intent),
        Intent::Referral(intent) => referral::intend(ctx, intent),
        Intent::Payouts(intent) => payouts::intend(ctx, intent),
        Intent::Loyalty(intent) => loyalty::intend(ctx, intent),
        Intent::Service(intent) => service::intend(ctx, intent, body),
    }
}

/// Who may say it: helpers hand goods over, and leaders do everything.
fn least(intent: &LeaderIntent) -> Role {
    match intent {
        LeaderIntent::Shipping(lead) if lead.is_helpers() => Role::Helper,
        LeaderIntent::HalfSaid(command) => {
            named(command.as_str()).map_or(Role::Leader, |row| row.who.max(Role::Helper))
        }
        LeaderIntent::Meant { act, .. } => least(act),
        _ => Role::Leader,
    }
}

fn lead(ctx: &mut Ctx<'_>, intent: &LeaderIntent, body: &Body) -> Decided {
    if ctx.role < least(intent) {
        return Ok(()); // from anybody else it is small talk
    }
    match intent {
        LeaderIntent::HalfSaid(command) => {
            Err(Refusal::HalfSaid { command: command.clone() }.into())
        }
        LeaderIntent::Unread(unread) => Err(Refusal::Unread(unread.clone()).into()),
        LeaderIntent::ByName { act, plain } => {
            match payments::by_name::confirm(ctx, act, *plain)? {
                payments::by_name::Confirm::Sure => lead(ctx, act, body),
                payments::by_name::Confirm::Asked => Ok(()),
            }
        }
        LeaderIntent::Meant { act, said } => ask::meant(ctx, act, said),
        LeaderIntent::People(intent) => people::lead(ctx, intent),
        LeaderIntent::Catalog(intent) => catalog::lead(ctx, intent, body),
        LeaderIntent::Orders(intent) => orders::lead(ctx, intent),
        LeaderIntent::Payments(intent) => payments::lead(ctx, intent),
        LeaderIntent::Shipping(intent) => shipping::lead(ctx, intent),
        LeaderIntent::Referral(intent) => referral::lead(ctx, intent),
        LeaderIntent::Loyalty(intent) => loyalty::lead(ctx, intent),
        LeaderIntent::Reports(intent) => reports::lead(ctx, intent),
        LeaderIntent::Service(intent) => service::lead(ctx, intent),
    }
}

/// What somebody wrote, as it is read.
fn text_of(body: &Body) -> Cow<'_, str> {
    match body {
        Body::Said { message, .. } => message.marked(),
        _ => Cow::Borrowed(""),
    }
}

fn body_name(body: &Body) -> &'static str {
    match body {
        Body::Said { .. } => "said",
        Body::Chain { .. } => "chain",
        Body::Recalled { .. } => "recalled",
        Body::Joined { .. } => "joined",
        Body::JoinedByLink { .. } => "joined_by_link",
        Body::Tapped { .. } => "tapped",
        Body::Linked { .. } => "linked",
        Body::Unlinked { .. } => "unlinked",
        Body::Moved { .. } => "moved",
        Body::Missed { .. } => "missed",
        Body::Unsaid { .. } => "unsaid",
        Body::Left { .. } => "left",
        Body::Due(_) => "due",
        Body::Ordered { .. } => "ordered",
        Body::PolicyLoaded { .. } => "policy_loaded",
        Body::Retried { .. } => "retried",
    }
}

/// The refusal's name as stored: its tag, without the facts.
pub(in crate::decide) fn refusal_name(refusal: &crate::domain::refusal::Refusal) -> String {
    let value = serde_json::to_value(refusal).unwrap_or_default();
    match value {
        serde_json::Value::String(name) => name,
        serde_json::Value::Object(fields) => {
            fields.into_iter().next().map_or_else(String::new, |(name, _)| name)
        }
        _ => String::new(),
    }
}

/// An event could not be decided: its sender hears that a person will look, and so do the leaders.
pub fn parked(shop: &mut Shop, event: &Event) {
    let mut ctx = Ctx::new(shop, event);
    let from = event.body.from();
    if let Some(from) = from {
        let known = ctx.shop.member_by_key(event.account, &from.key);
        ctx.speaker = known.unwrap_or_default();
        if ctx.speaker.is_some() {
            ctx.say(Reply::Groups(crate::domain::groups::Reply::Parked));
        }
    }
    let name = from.map(|from| from.name.clone());
    let place = format!("{}/{}", event.id.lane, event.id.seq);
    ctx.tell_leaders(&Reply::Groups(crate::domain::groups::Reply::ParkedNotice {
        name,
        event: place,
    }));
}
