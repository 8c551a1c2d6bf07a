//! Taking the lines of one person into their basket: the difference between what a snapshot shows and
//! what is there already, more or less, as one plan. Their remarks go where their goods are.

use crate::book::ctx::{Ctx, Decided};
use crate::decide::orders::order::apply::{self, Touched};
use crate::decide::orders::order::plan::{Buyer, Change, PlannedOrder, plan};
use crate::decide::orders::order::{self, which_variant};
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::intent::Intent;
use crate::domain::orders;
use crate::domain::orders::{Order, OrderState};
use crate::domain::refusal::Refusal;

use super::snapshot::{self, Group, Units, lines_of};

/// What has to change so that the buyer has `wanted` rather than `base` of the goods in `wanted`.
pub(super) fn difference(wanted: &Units, base: &Units) -> Units {
    let by = |(key, qty): (&_, &i64)| (*key, qty - base.get(key).copied().unwrap_or(0));
    wanted.iter().map(by).filter(|(_, by)| *by != 0).collect()
}

/// Check the change. Goods named without the variant they come in cannot be taken.
pub(super) fn planned<'a>(
    ctx: &Ctx<'_>,
    buyer: Buyer<'a>,
    difference: &Units,
) -> Decided<PlannedOrder<'a>> {
    if which_variant(ctx, &lines_of(difference), |it| Intent::Orders(orders::Intent::Order(it)))
        .is_some()
    {
        return Err(Refusal::Orders(orders::Refusal::NoOrders).into());
    }
    let mut changes = Vec::new();
    for (&(offer, variant), &by) in difference {
        if by > 0 {
            changes.push(Change { order: None, offer, variant, by });
        } else {
            changes.extend(fewer(ctx, buyer, offer, variant, by));
        }
    }
    plan(ctx, buyer, changes)
}

/// Units are taken off unpaid baskets only: what is paid stays, and the leader refunds it.
fn fewer(
    ctx: &Ctx<'_>,
    buyer: Buyer<'_>,
    offer: OfferId,
    variant: Option<u16>,
    by: i64,
) -> Vec<Change> {
    let mut left = -by;
    let baskets = ctx
        .shop
        .orders
        .of(buyer.member)
        .filter(|order| order.is_unpaid() && order.private.recipient() == buyer.for_whom);
    let mut changes = Vec::new();
    for basket in baskets {
        for line in basket.lines.iter().filter(|it| (it.offer, it.variant) == (offer, variant)) {
            let off = left.min(i64::from(line.qty));
            left -= off;
            changes.push(Change { order: Some(basket.id), offer, variant, by: -off });
        }
    }
    changes
}

/// Make the change.
pub(super) fn taken(ctx: &mut Ctx<'_>, plan: PlannedOrder<'_>) -> Vec<Touched> {
    let touched = apply::apply(ctx, plan);
    order::record(ctx, "take_chain_line", &touched);
    touched
}

/// Keep the remarks of a person's lines on the orders that hold their goods. What was just changed keeps
/// all of them, as with any message; what was not, until it is shipped, those that no snapshot showed
/// before: a remark alone changes no goods, and the same snapshot again changes nothing at all. Remarks
/// add up, and none is taken back: an old copy may lack one.
pub(super) fn keep_remarks(
    ctx: &mut Ctx<'_>,
    buyer: Buyer<'_>,
    group: &Group,
    touched: &[Touched],
) {
    let seen = snapshot::remarked(ctx, group);
    for order in holding(ctx, buyer, &group.units) {
        let is_touched = touched.iter().any(|it| it.order == order);
        let mut kept = false;
        for note in group.notes.iter().filter(|note| is_touched || !seen.contains(note)) {
            kept |= apply::keep_note(ctx, order, Some(note));
        }
        if kept && !is_touched {
            ctx.record("note_chain_line", Some(order), None);
        }
    }
}

/// The buyer's orders that hold some of these goods and are still to be shipped.
fn holding(ctx: &Ctx<'_>, buyer: Buyer<'_>, units: &Units) -> Vec<OrderId> {
    let holds = |order: &&Order| {
        let live = order.lines.iter().filter(|line| line.live_qty() > 0);
        matches!(order.state, OrderState::Placed | OrderState::Paid)
            && order.private.recipient() == buyer.for_whom
            && live.into_iter().any(|line| units.contains_key(&(line.offer, line.variant)))
    };
    ctx.shop.orders.of(buyer.member).filter(holds).map(|order| order.id).collect()
}

/// Say what has sold out by it.
pub(super) fn say_sold_out(ctx: &mut Ctx<'_>, goods: &Units) {
    apply::say_sold_out(ctx, goods.keys().map(|(offer, _)| *offer));
}
