//! Ordering (下单): placing, changing and cancelling what is not paid yet.
//!
//! An order is a basket: a member has one unpaid basket for each closing time (and each person it is
//! for), and further messages add to it. The answer shows the whole basket. Every function gathers its
//! facts, refuses, and only then changes; a message is all or nothing.
//!
//! `plan` checks and `apply` changes; `repeat` notices the same message twice; `cancel` is for whole orders.

pub mod apply;
mod cancel;
pub mod for_member;
pub mod plan;
mod repeat;
pub mod replacement;
mod resolve;
pub mod undo;

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::MAX_CHOICES;
use crate::domain::intent::{Intent, Op, Question, Understood, WantedLine, Why};
use crate::domain::name::look_alike;
use crate::domain::orders::Recipient;
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{Excess, Reply};
use crate::domain::{orders, payments};

use crate::decide::ask;
use crate::decide::orders::restraint;
use crate::decide::views;
use apply::{Touched, say_sold_out};
use plan::{Buyer, Change, PlannedOrder};

pub use cancel::{cancel_of, cancel_orders};

/// Place new lines. Asked back are lines that lack a variant, and a message that only repeats an
/// earlier one (`text` as written; empty when nobody wrote it). What is beyond the bounds of the file is asked of
/// a leader.
///
/// # Errors
/// Missing facts; the refusals of [`plan::plan`], in its order.
pub fn place(ctx: &mut Ctx<'_>, lines: &[WantedLine], said: &Understood, text: &str) -> Decided {
    place_within(ctx, lines, said, text, restraint::excess)
}

/// The same, when a leader has allowed it.
///
/// # Errors
/// Those of [`place`].
pub(in crate::decide) fn place_allowed(
    ctx: &mut Ctx<'_>,
    lines: &[WantedLine],
    said: &Understood,
    text: &str,
) -> Decided {
    place_within(ctx, lines, said, text, no_excess)
}

/// What is beyond the bounds of these changes of a member's baskets.
type Bounds = fn(&Ctx<'_>, MemberId, &[Change]) -> Decided<Option<Excess>>;

#[expect(clippy::unnecessary_wraps, reason = "it stands where bounds are asked about")]
fn no_excess(_: &Ctx<'_>, _: MemberId, _: &[Change]) -> Decided<Option<Excess>> {
    Ok(None)
}

fn place_within(
    ctx: &mut Ctx<'_>,
    lines: &[WantedLine],
    said: &Understood,
    text: &str,
    bounds: Bounds,
) -> Decided {
    let member = ctx.member()?;
    ctx.member_row(member)?;
    ctx.require_orders_of(member)?;
    if let Some(question) =
        which_variant(ctx, lines, |it| Intent::Orders(orders::Intent::Order(it)))
    {
        return ask::ask(ctx, &question, said);
    }
    let changes = additions(lines);
    let excess = bounds(ctx, member, &changes)?;
    let plan = plan::plan(ctx, buyer(ctx, said)?, changes)?;
    if let Some(question) = repeat::question(ctx, member, lines, text) {
        return ask::ask(ctx, &question, said);
    }
    if let Some(excess) = excess {
        return restraint::ask_leader(ctx, said, excess);
    }
    let print = repeat::print_of(text).filter(|_| !repeat::answers(ctx, member, lines));
    let touched = apply::apply(ctx, plan);
    for touched in &touched {
        if let (Some(print), Some(order)) = (print, ctx.shop.orders.edit(touched.order)) {
            order.said = Some((print, ctx.at));
        }
    }
    ask::clear(ctx, member);
    record(ctx, "place_order", &touched);
    answer(ctx, touched);
    sold_out(ctx, lines);
    Ok(())
}

/// Change what the member has: add to it, set it, take from it. Setting or adding what is not there yet
/// places it; a basket left empty is cancelled.
///
/// # Errors
/// Missing facts; `AlreadyPaid` or `NotInOrder` for taking off what is not in an
/// unpaid basket; then the refusals of [`plan::plan`].
pub fn amend(ctx: &mut Ctx<'_>, lines: &[WantedLine], said: &Understood) -> Decided {
    amend_within(ctx, lines, said, restraint::excess)
}

/// The same, when a leader has allowed it.
///
/// # Errors
/// Those of [`amend`].
pub(in crate::decide) fn amend_allowed(
    ctx: &mut Ctx<'_>,
    lines: &[WantedLine],
    said: &Understood,
) -> Decided {
    amend_within(ctx, lines, said, no_excess)
}

fn amend_within(
    ctx: &mut Ctx<'_>,
    lines: &[WantedLine],
    said: &Understood,
    bounds: Bounds,
) -> Decided {
    let member = ctx.member()?;
    ctx.member_row(member)?;
    ctx.require_orders_of(member)?;
    let buyer = buyer(ctx, said)?;
    let lines = resolve::with_held_variants(ctx, buyer, lines);
    if let Some(question) =
        which_variant(ctx, &lines, |it| Intent::Orders(orders::Intent::Amend(it)))
    {
        return ask::ask(ctx, &question, said);
    }
    let changes = resolve::changes(ctx, buyer, &lines)?;
    let excess = bounds(ctx, member, &changes)?;
    let plan = plan::plan(ctx, buyer, changes.clone())?;
    if let Some(excess) = excess {
        return restraint::ask_leader(ctx, said, excess);
    }
    let touched = amended(ctx, plan, &changes, &lines);
    ask::clear(ctx, member);
    record(ctx, "amend_order", &touched);
    answer(ctx, touched);
    sold_out(ctx, &lines);
    Ok(())
}

/// Make the changes that these lines ask for, and tell what is shown of them.
fn amended(
    ctx: &mut Ctx<'_>,
    plan: PlannedOrder<'_>,
    changes: &[Change],
    lines: &[WantedLine],
) -> Vec<Touched> {
    let mut touched = apply::apply(ctx, plan);
    if touched.is_empty() {
        // Nothing was to be done: show that it is as they wish.
        touched.extend(changes.iter().filter_map(|change| change.order).take(1).map(Touched::of));
    }
    if lines.iter().any(|line| line.op == Op::Set) {
        // Who says how many they want in all has changed the order, whichever way it went.
        for touched in &mut touched {
            touched.reduced = true;
        }
    }
    touched
}

/// Take lines off the member's unpaid baskets; no lines: cancel all of them.
///
/// # Errors
/// Missing facts; `AlreadyPaid` when what is meant has been paid (the leader refunds it);
/// `NothingOrdered`, `NotInOrder`.
pub fn cancel(ctx: &mut Ctx<'_>, lines: &[WantedLine]) -> Decided {
    let member = ctx.member()?;
    ctx.require_orders_of(member)?;
    if lines.is_empty() {
        return cancel::all_of(ctx, member);
    }
    let buyer = Buyer::of(member);
    let off = |line: &WantedLine| WantedLine { op: Op::Remove, ..line.clone() };
    let changes = resolve::changes(ctx, buyer, &lines.iter().map(off).collect::<Vec<_>>())?;
    let plan = plan::plan(ctx, buyer, changes)?;
    let touched = apply::apply(ctx, plan);
    ask::clear(ctx, member);
    record(ctx, "cancel_lines", &touched);
    answer(ctx, touched);
    Ok(())
}

/// Who orders for themselves by name, or by mentioning themselves, orders for themselves.
fn buyer<'s>(ctx: &Ctx<'_>, said: &'s Understood) -> Decided<Buyer<'s>> {
    let member = ctx.member()?;
    let row = ctx.member_row(member)?;
    let for_whom = match &said.for_whom {
        Some(Person::Mentioned(contact)) if contact.key != row.key => {
            let key = Some(contact.key.as_str()).filter(|key| !key.is_empty());
            Some(Recipient { name: &contact.name, key })
        }
        Some(Person::Named(name)) if !look_alike(name, &row.name) => {
            Some(Recipient { name, key: None })
        }
        _ => None,
    };
    Ok(Buyer { for_whom, note: said.note.as_deref(), ..Buyer::of(member) })
}

/// New lines as changes of the baskets they belong to.
#[must_use]
pub fn additions(lines: &[WantedLine]) -> Vec<Change> {
    let change = |line: &WantedLine| Change {
        order: None,
        offer: line.offer,
        variant: line.variant,
        by: i64::from(line.qty.unwrap_or(0)),
    };
    lines.iter().map(change).collect()
}

/// The question to ask for the first line that wants goods without saying which of their variants.
pub(in crate::decide) fn which_variant(
    ctx: &Ctx<'_>,
    lines: &[WantedLine],
    wrap: impl Fn(Vec<WantedLine>) -> Intent,
) -> Option<Question> {
    let (at, variants) = lines.iter().enumerate().find_map(|(at, line)| {
        let variants = ctx.shop.offers.get(line.offer)?.detail.variants.len();
        let named = line.variant.is_some_and(|variant| usize::from(variant) < variants);
        (variants > 0 && !named && line.op != Op::Remove).then_some((at, variants))
    })?;
    let choice = |variant| {
        let mut lines = lines.to_vec();
        lines[at].variant = u16::try_from(variant).ok();
        wrap(lines)
    };
    let choices = (0..variants.min(MAX_CHOICES)).map(choice).collect();
    Some(Question::of(Why::WhichVariant, choices))
}

/// Every basket keeps its own story.
pub(in crate::decide) fn record(ctx: &mut Ctx<'_>, what: &'static str, touched: &[Touched]) {
    for touched in touched {
        ctx.record(what, Some(touched.order), None);
    }
}

/// One answer for each basket that still lives, and one for all that do not.
pub(in crate::decide) fn answer(ctx: &mut Ctx<'_>, touched: Vec<Touched>) {
    for reply in answers(ctx, touched) {
        ctx.say(reply);
    }
}

/// The same, to be said to whoever it concerns.
pub(in crate::decide) fn answers(ctx: &Ctx<'_>, touched: Vec<Touched>) -> Vec<Reply> {
    told(ctx, touched, false)
}

/// The same, where a leader did it for the buyer or nobody did.
fn told(ctx: &Ctx<'_>, touched: Vec<Touched>, by_leader: bool) -> Vec<Reply> {
    let (mut replies, mut cancelled) = (Vec::new(), Vec::new());
    for touched in touched {
        if touched.cancelled {
            cancelled.push(touched.order);
            continue;
        }
        let Some(order) = ctx.shop.orders.get(touched.order) else { continue };
        let needs_delivery = !knows_delivery(ctx, order.member);
        let order = views::order(ctx.shop, order);
        let added = touched.added;
        replies.push(if touched.reduced || added.is_empty() {
            Reply::Orders(orders::Reply::OrderChanged { order, by_leader })
        } else {
            Reply::Orders(orders::Reply::OrderTaken { added, order, needs_delivery, by_leader })
        });
    }
    if !cancelled.is_empty() {
        let orders = cancelled;
        replies.push(Reply::Orders(orders::Reply::OrdersCancelled { orders, by_leader }));
    }
    replies
}

fn knows_delivery(ctx: &Ctx<'_>, member: MemberId) -> bool {
    let row = ctx.shop.members.get(member);
    row.is_some_and(|row| row.private.address.is_some() || row.private.pickup.is_some())
}

fn sold_out(ctx: &mut Ctx<'_>, lines: &[WantedLine]) {
    say_sold_out(ctx, lines.iter().map(|line| line.offer));
}

/// Why an order that is not unpaid cannot be cancelled by its owner.
fn not_cancellable(order: &crate::domain::orders::Order) -> Refusal {
    if order.is_paid() {
        Refusal::Payments(payments::Refusal::AlreadyPaid { order: order.id })
    } else {
        Refusal::Orders(orders::Refusal::WrongState { order: order.id, state: order.state })
    }
}

/// Whether part of the price has arrived: then only a leader may cancel, who gives it back.
fn is_part_paid(ctx: &Ctx<'_>, id: OrderId) -> bool {
    ctx.shop.orders.get(id).is_some_and(|order| !order.received.is_zero())
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "tests read better with values")]
mod tests;
