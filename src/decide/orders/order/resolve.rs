//! From what a member says about their baskets (改成三份, 少一份, 不要葡萄了) to changes of quantities.
//!
//! A line is looked for in the baskets of the person it is for; when nobody is named, first in the
//! member's own, then in those for others.

use crate::book::ctx::{Ctx, Decided};
use crate::decide::views;
use crate::domain::intent::{Op, WantedLine};
use crate::domain::orders::{Line, Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::{orders, payments};

use super::plan::{Buyer, Change};

/// The unpaid baskets in question, the most likely first.
fn baskets<'d>(ctx: &'d Ctx<'_>, buyer: Buyer<'_>) -> Vec<&'d Order> {
    let named =
        |order: &&Order| buyer.for_whom.is_none() || order.private.recipient() == buyer.for_whom;
    let unpaid = ctx.shop.orders.of(buyer.member).filter(|order| order.is_unpaid());
    let meant = |order: &&Order| buyer.only.is_none_or(|only| order.id == only);
    let mut baskets: Vec<_> = unpaid.filter(named).filter(meant).collect();
    baskets.sort_by_key(|order| order.private.for_whom.is_some());
    baskets
}

/// Of the unpaid baskets in question, those that hold what is wanted.
pub(super) fn holding<'d>(
    ctx: &'d Ctx<'_>,
    buyer: Buyer<'_>,
    wanted: &WantedLine,
) -> Vec<&'d Order> {
    let holds = |order: &&Order| order.lines.iter().any(|line| matches(line, wanted));
    baskets(ctx, buyer).into_iter().filter(holds).collect()
}

/// Units of what is wanted that stand in an order and were not refunded.
pub(super) fn live_in(order: &Order, wanted: &WantedLine) -> u32 {
    held(order, wanted).map(Line::live_qty).sum()
}

fn matches(line: &Line, wanted: &WantedLine) -> bool {
    line.qty > 0
        && line.offer == wanted.offer
        && (wanted.variant.is_none() || line.variant == wanted.variant)
}

/// Fill in the variant where the member has just one of that offer.
pub(super) fn with_held_variants(
    ctx: &Ctx<'_>,
    buyer: Buyer<'_>,
    lines: &[WantedLine],
) -> Vec<WantedLine> {
    let held: Vec<_> = baskets(ctx, buyer).into_iter().flat_map(|order| &order.lines).collect();
    let filled = |wanted: &WantedLine| {
        let mut variants = held.iter().filter(|line| matches(line, wanted)).map(|it| it.variant);
        let first = variants.next().flatten();
        let only = wanted.variant.is_none() && variants.all(|variant| variant == first);
        WantedLine { variant: if only { first } else { wanted.variant }, ..wanted.clone() }
    };
    lines.iter().map(filled).collect()
}

/// Changes of quantities. A line that is set to what it is gives a change by nothing, in its basket.
pub(super) fn changes(
    ctx: &Ctx<'_>,
    buyer: Buyer<'_>,
    lines: &[WantedLine],
) -> Decided<Vec<Change>> {
    let baskets = baskets(ctx, buyer);
    let mut changes = Vec::with_capacity(lines.len());
    for wanted in lines {
        let holding: Vec<_> = baskets
            .iter()
            .copied()
            .filter(|it| it.lines.iter().any(|l| matches(l, wanted)))
            .collect();
        match (wanted.op, holding.first()) {
            (Op::Add, first) => changes.push(more(wanted, first.copied())),
            (Op::Set, Some(first)) => changes.push(to_quantity(wanted, first)),
            (Op::Set, None) if wanted.qty.is_some_and(|qty| qty > 0) => {
                changes.push(more(wanted, None));
            }
            (Op::Set | Op::Remove, None) => return Err(absent(ctx, buyer, wanted)),
            (Op::Remove, Some(_)) => take_off(wanted, &holding, &mut changes),
        }
    }
    Ok(changes)
}

fn more(wanted: &WantedLine, basket: Option<&Order>) -> Change {
    Change {
        order: basket.map(|order| order.id),
        offer: wanted.offer,
        variant: wanted.variant,
        by: i64::from(wanted.qty.unwrap_or(0)),
    }
}

fn to_quantity(wanted: &WantedLine, basket: &Order) -> Change {
    let held: i64 = held(basket, wanted).map(|line| i64::from(line.qty)).sum();
    let change = more(wanted, Some(basket));
    Change { by: change.by - held, ..change }
}

fn held<'o>(basket: &'o Order, wanted: &'o WantedLine) -> impl Iterator<Item = &'o Line> {
    basket.lines.iter().filter(|line| matches(line, wanted))
}

/// Off goes what is wanted off, at most what there is; without a number, all of it.
fn take_off(wanted: &WantedLine, holding: &[&Order], changes: &mut Vec<Change>) {
    let mut left = wanted.qty.map_or(i64::MAX, i64::from);
    for basket in holding {
        for line in held(basket, wanted) {
            let off = left.min(i64::from(line.qty));
            left -= off;
            changes.push(Change {
                order: Some(basket.id),
                offer: line.offer,
                variant: line.variant,
                by: -off,
            });
        }
    }
}

fn absent(ctx: &Ctx<'_>, buyer: Buyer<'_>, wanted: &WantedLine) -> crate::book::ctx::Stop {
    let paid = ctx.shop.orders.of(buyer.member).rev().find(|order| {
        matches!(order.state, OrderState::Paid | OrderState::Shipped)
            && order.lines.iter().any(|line| matches(line, wanted) && line.live_qty() > 0)
    });
    match paid {
        Some(order) => Refusal::Payments(payments::Refusal::AlreadyPaid { order: order.id }).into(),
        None => Refusal::Orders(orders::Refusal::NotInOrder {
            name: views::name_of(ctx.shop, wanted.offer, wanted.variant),
        })
        .into(),
    }
}
