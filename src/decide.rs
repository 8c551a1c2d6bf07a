//! Deciding (裁决): what an event changes and what is answered. Pure: a book, an event, its instant.
//!
//! Each feature is one file of plain functions over a [`Desk`]. Every function first makes sure of its
//! facts, then refuses what must be refused in its documented order, and only then changes anything: an
//! event that is refused, or that lacks a fact, leaves the shop as it was.

pub mod alike;
pub mod ask;
pub mod bonds;
pub mod by_name;
pub mod chain;
pub mod checkin;
pub mod commission;
pub mod delivery;
pub mod deposit;
pub mod drops;
pub mod earnings;
pub mod erase;
pub mod expiry;
pub mod invites;
pub mod lapse;
pub mod late;
pub mod linking;
pub mod offers;
pub mod operate;
pub mod order;
pub mod payment;
pub mod payouts;
pub mod people;
pub mod points;
pub mod reading;
pub mod rebind;
pub mod refund;
pub mod reports;
pub mod restraint;
pub mod rounding;
pub mod selection;
pub mod sheet;
pub mod standing;
pub mod taps;
#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "tests read better with values")]
pub(crate) mod testing;
#[cfg(test)]
mod testing_life;
#[cfg(test)]
mod testing_orders;
pub mod tiers;
pub mod undo;
pub mod views;
pub mod which;
pub mod window;
pub mod withdraw;

use std::borrow::Cow;

use crate::book::desk::{Decided, Desk, Stop};
use crate::book::{Missing, Shop};
use crate::domain::event::{Body, Event, Timer};
use crate::domain::intent::{Intent, LeaderIntent, Understood};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;

pub use reading::{Reading, foresee, read};

/// Decide one event. A refusal is answered; nothing else of a refused event remains.
///
/// # Errors
/// [`Missing`]: load the fact and call again; nothing has changed.
pub fn decide(shop: &mut Shop, event: &Event, reading: Option<Reading>) -> Result<(), Missing> {
    let mut desk = Desk::new(shop, event);
    let what = body_name(&event.body);
    let decided = handle(&mut desk, event, reading);
    conclude(&mut desk, what, decided)
}

/// A refusal becomes its answer; a missing fact goes back to the engine.
fn conclude(desk: &mut Desk<'_>, what: &'static str, decided: Decided) -> Result<(), Missing> {
    match decided {
        Ok(()) => Ok(()),
        Err(Stop::Missing(missing)) => Err(missing),
        Err(Stop::Refused(refusal)) => {
            desk.record(what, None, Some(refusal_name(&refusal)));
            desk.say(Reply::from(*refusal));
            Ok(())
        }
    }
}

fn handle(desk: &mut Desk<'_>, event: &Event, reading: Option<Reading>) -> Decided {
    match &event.body {
        Body::Said { from, private, .. } => {
            let Some(reading) = reading::renew(desk.shop, event, reading)? else { return Ok(()) };
            desk.private = *private;
            people::meet(desk, from)?;
            intend(desk, &reading.understood, &event.body)
        }
        Body::Chain { from, .. } => {
            let Some(reading) = reading::renew(desk.shop, event, reading)? else { return Ok(()) };
            people::meet(desk, from)?;
            intend(desk, &reading.understood, &event.body)
        }
        Body::Recalled { from, key } => {
            people::meet(desk, from)?;
            ask::recalled(desk, key)
        }
        Body::Joined { members, inviter, evidence } => {
            people::joined(desk, members, inviter.as_ref(), *evidence)
        }
        Body::JoinedByLink { members, code } => people::joined_by_link(desk, members, code),
        Body::Tapped { from, about, .. } => {
            people::meet(desk, from)?;
            taps::require_current(desk, about)?;
            handle(desk, &taps::as_said(event), None)
        }
        Body::Linked { account, chat, by, members } => {
            linking::linked(desk, (*account, chat), by, members)
        }
        Body::Unlinked { .. } => linking::unlinked(desk),
        Body::Moved { to } => linking::moved(desk, to),
        Body::Missed { since } => linking::missed(desk, *since),
        Body::Unsaid { news } => linking::unsaid(desk, news),
        Body::Left { member } => people::left(desk, member),
        Body::Due(timer) => due(desk, timer),
        Body::Ordered { intent, .. } => {
            let said = Understood::bare(intent.clone());
            intend(desk, &said, &event.body)
        }
        Body::PolicyLoaded { .. } => drops::policy_loaded(desk),
        Body::Retried { body, .. } => {
            handle(desk, &Event { body: (**body).clone(), ..event.clone() }, None)
        }
    }
}

fn due(desk: &mut Desk<'_>, timer: &Timer) -> Decided {
    match timer {
        Timer::Drop { drop, at } => drops::fire(desk, drop, *at),
        Timer::Close => offers::close_due(desk),
        Timer::Warn => lapse::warn(desk),
        Timer::Release => lapse::release(desk),
        Timer::Receive => payment::receive_due(desk),
        Timer::Settle => commission::settle(desk),
        Timer::Expire => points::expire(desk),
    }
}

/// Carry out an intent. A speaker who names somebody by a name that several look like is asked who it is.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(desk: &mut Desk<'_>, said: &Understood, body: &Body) -> Decided {
    match carry_out(desk, said, body) {
        Ok(()) => {
            undo::keep(desk, &said.intent);
            Ok(())
        }
        Err(Stop::Refused(refusal)) => match *refusal {
            Refusal::WhichMember { name } if desk.speaker.is_some() => {
                which::ask_which(desk, said, &name)
            }
            refusal => Err(refusal.into()),
        },
        decided => decided,
    }
}

/// There is no arm for the rest: a new intent must be handled here.
fn carry_out(desk: &mut Desk<'_>, said: &Understood, body: &Body) -> Decided {
    match &said.intent {
        Intent::Silent | Intent::Link { .. } => Ok(()),
        Intent::Order(lines) => order::place(desk, lines, said, &text_of(body)),
        Intent::Amend(lines) => order::amend(desk, lines, said),
        Intent::Cancel(lines) => order::cancel(desk, lines),
        Intent::CancelOrders(orders) => order::cancel_orders(desk, orders),
        Intent::JoinList(entries) => chain::join_list(desk, entries),
        Intent::Ask(question) => ask::ask(desk, question, said),
        Intent::CheckIn => checkin::check_in(desk),
        Intent::Balance => reports::balance(desk),
        Intent::Statement => reports::statement(desk),
        Intent::MyOrders => window::my_orders(desk),
        Intent::Invite => people::invite(desk),
        Intent::UseInvite { code } => people::use_invite(desk, code),
        Intent::ClaimInviter { name } => people::claim_inviter(desk, name),
        Intent::AnswerClaim { name, agreed } => people::answer_claim(desk, name.as_ref(), *agreed),
        Intent::Points => points::points(desk),
        Intent::Menu => window::menu(desk),
        Intent::Help => window::help(desk),
        Intent::Share => checkin::share(desk),
        Intent::Feedback => window::feedback(desk),
        Intent::Withdraw { amount } => withdraw::ask(desk, *amount),
        Intent::SetPayee(text) => people::set_payee(desk, text),
        Intent::AgreePayee(text) => people::agree_payee(desk, text),
        Intent::Unread(unread) => Err(Refusal::Unread(unread.clone()).into()),
        Intent::SetAddress(text) => people::set_address(desk, text),
        Intent::SetPickup(text) => people::set_pickup(desk, text),
        Intent::SpendPoints { points } => points::spend(desk, *points),
        Intent::Received(orders) => payment::received(desk, orders),
        Intent::Query(query) => window::query(desk, query),
        Intent::Undo(about) => undo::undo(desk, *about),
        Intent::Lead(lead_intent) => lead(desk, lead_intent),
        Intent::Operate(ordered) => operate::operate(desk, ordered),
    }
}

fn lead(desk: &mut Desk<'_>, intent: &LeaderIntent) -> Decided {
    if desk.role < crate::domain::intent::Role::Leader {
        return Ok(()); // from anybody else it is small talk
    }
    match intent {
        LeaderIntent::Paid { of, amount } => payment::paid(desk, of, *amount),
        LeaderIntent::PaidNumber { orders, amount, order } => {
            payment::paid_number(desk, orders, *amount, *order)
        }
        LeaderIntent::Ship { of, carrier, tracking } => {
            payment::ship(desk, of, carrier.as_deref(), tracking.as_deref())
        }
        LeaderIntent::Delivered(of) => payment::delivered(desk, of),
        LeaderIntent::Refund { order, lines } => refund::refund(desk, *order, lines),
        LeaderIntent::CancelOf(of) => order::cancel_of(desk, of),
        LeaderIntent::List { name, price, stock, unit } => {
            offers::list(desk, name, *price, *stock, unit.as_deref())
        }
        LeaderIntent::Price { offer, price } => offers::price(desk, *offer, *price),
        LeaderIntent::Stock { offer, variant, by } => offers::stock(desk, *offer, *variant, *by),
        LeaderIntent::SetStock { offer, variant, left } => {
            offers::set_stock(desk, *offer, *variant, *left)
        }
        LeaderIntent::Close(list) => offers::stop(desk, list),
        LeaderIntent::Unpaid => reports::unpaid(desk),
        LeaderIntent::PickList => reports::pick_list(desk),
        LeaderIntent::Today => reports::today(desk),
        LeaderIntent::Unattributed => reports::unattributed(desk),
        LeaderIntent::Promoters => reports::promoters(desk),
        LeaderIntent::Review { accept } => chain::review(desk, *accept),
        LeaderIntent::Request { member, accept } => restraint::answer(desk, *member, *accept),
        LeaderIntent::ApproveShare(name) => checkin::approve_share(desk, name),
        LeaderIntent::Leader { name, add } => people::set_leader(desk, name, *add),
        LeaderIntent::Promoter { name, enabled } => people::set_promoter(desk, name, *enabled),
        LeaderIntent::HalfSaid(command) => Err(Refusal::HalfSaid { command: *command }.into()),
        LeaderIntent::Unread(unread) => Err(Refusal::Unread(unread.clone()).into()),
        LeaderIntent::ByName { act, plain } => match by_name::confirm(desk, act, *plain)? {
            by_name::Confirm::Sure => lead(desk, act),
            by_name::Confirm::Asked => Ok(()),
        },
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
fn refusal_name(refusal: &crate::domain::refusal::Refusal) -> String {
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
    let mut desk = Desk::new(shop, event);
    let from = event.body.from();
    if let Some(from) = from {
        let known = desk.shop.member_by_key(event.account, &from.key);
        desk.speaker = known.unwrap_or_default();
        if desk.speaker.is_some() {
            desk.say(Reply::Parked);
        }
    }
    let name = from.map(|from| from.name.clone());
    let place = format!("{}/{}", event.id.lane, event.id.seq);
    desk.tell_leaders(&Reply::ParkedNotice { name, event: place });
}
