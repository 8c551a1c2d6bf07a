//! A plan that the leader said yes to: money of paid units goes back as refunds do, unpaid ones are taken off, and whoever
//! gets fewer is told.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::orders::{Order, OrderState};
use crate::domain::reply::Reply;
use crate::domain::service::{self, LackCut, Shortage};

use crate::decide::ask;
use crate::decide::orders::consequences;
use crate::decide::orders::order::apply;
use crate::decide::payments::refund;

use super::plan::{CutOrder, CutPlan};
use super::{cut_view, goods, orders, view};

/// Somebody who gets fewer.
struct CutMember {
    member: MemberId,
    cut: LackCut,
}

/// Do it. The facts are there, and the plan is of these orders as they stand.
pub(super) fn apply(ctx: &mut Ctx<'_>, shortage: &Shortage, plan: &CutPlan) -> Decided {
    let shown = Box::new(view(ctx, shortage, plan));
    let told: Vec<_> = plan.cuts.iter().filter_map(|cut| told(ctx, plan, cut)).collect();
    ctx.record("cut_shortage", orders(plan).first().copied(), None);
    for cut in &plan.cuts {
        take(ctx, cut)?;
    }
    take_off_sale(ctx, plan);
    if let Some(speaker) = ctx.speaker {
        ask::clear(ctx, speaker);
    }
    let name = goods(ctx.shop, plan);
    for CutMember { member, cut } in told {
        let whole = is_over(ctx, cut.order);
        let instead = shortage.instead.clone();
        let reply = service::Reply::CutShort { goods: name.clone(), cut, whole, instead };
        ctx.tell(member, Reply::Service(reply));
    }
    for order in orders(plan) {
        let is_unpaid = ctx.shop.orders.get(order).is_some_and(|row| row.paid_at.is_none());
        if is_unpaid {
            consequences::reduced(ctx, order);
        }
    }
    let on_sale = on_sale(ctx, plan);
    ctx.say(Reply::Service(service::Reply::ShortageDone { plan: shown, on_sale }));
    Ok(())
}

/// The group hears that an open offer is sold out by now; the code of one that is not.
fn on_sale(ctx: &mut Ctx<'_>, plan: &CutPlan) -> Option<String> {
    let offer = ctx.shop.offers.get(plan.offer).filter(|offer| offer.takes_orders(ctx.at))?;
    let code = (!offer.is_sold_out()).then(|| offer.code.clone());
    apply::say_sold_out(ctx, [plan.offer].into_iter());
    code
}

fn told(ctx: &Ctx<'_>, plan: &CutPlan, cut: &CutOrder) -> Option<CutMember> {
    let member = ctx.shop.orders.get(cut.order)?.member;
    Some(CutMember { member, cut: cut_view(ctx, plan, cut) })
}

fn take(ctx: &mut Ctx<'_>, cut: &CutOrder) -> Decided {
    if ctx.order(cut.order)?.is_unpaid() {
        apply::take_lost(ctx, cut.order, &cut.units);
        return Ok(());
    }
    let paid = refund::take_back_lost(ctx, cut.order, &cut.units)?;
    debug_assert_eq!(paid.amount, cut.back, "what the leader read goes back");
    Ok(())
}

/// Less came than was ordered: nothing of what is left is there.
fn take_off_sale(ctx: &mut Ctx<'_>, plan: &CutPlan) {
    let Some(offer) = ctx.shop.offers.get(plan.offer) else { return };
    let kinds: Vec<Option<u16>> = match plan.variant {
        Some(variant) if offer.stock.len() > 1 => vec![Some(variant)],
        // One stock for all variants may have other kinds left.
        Some(_) => Vec::new(),
        None if offer.stock.len() > 1 => {
            (0..offer.stock.len()).map(|at| u16::try_from(at).ok()).collect()
        }
        None => vec![None],
    };
    for kind in kinds {
        let left = ctx.shop.offers.get(plan.offer).and_then(|offer| offer.stock_of(kind));
        if let Some(left) = left.map(|stock| stock.left) {
            apply::withdraw(ctx, plan.offer, kind, left);
        }
    }
}

fn is_over(ctx: &Ctx<'_>, order: OrderId) -> bool {
    let is = |row: &Order| matches!(row.state, OrderState::Cancelled | OrderState::Refunded);
    ctx.shop.orders.get(order).is_some_and(is)
}
