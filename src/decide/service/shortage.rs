//! Shortage (缺货): less came than was ordered. Who gets fewer, and what goes back to whom, is shown to the leader first;
//! it waits as a question, may be changed by naming, and is counted anew when they say yes.
//!
//! Orders that were handed over keep what they have. What did not come does not go back on sale.

mod apply;
mod meant;
mod plan;
#[cfg(test)]
mod tests;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Need, Needs, Shop};
use crate::domain::ids::{MemberId, OfferId, OrderId, fingerprint};
use crate::domain::intent::{Intent, LeaderIntent, Question, Understood, Why};
use crate::domain::money::Money;
use crate::domain::orders::Order;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::service::{self, Lack, LackChange, LackCut, LackView, Lead, Shortage};
use crate::domain::time::Timestamp;

use crate::decide::ask;
use crate::decide::orders::selection::require_all;
use crate::decide::views;
use crate::domain::orders::OrderState;

use meant::LackMeant;
use plan::{CutOrder, CutPlan};

/// So many orders are named in a plan; the others are counted.
const MOST_NAMED: usize = 30;

/// What [`propose`] needs to know.
#[must_use]
pub fn needs(shop: &Shop, shortage: &Shortage) -> Needs {
    let waiting = [Need::Unpaid, Need::ToShip, Need::Shipped];
    let offers = meant::candidates(shop, shortage).into_iter();
    let closings = offers.filter_map(|offer| Some(shop.offers.get(offer.id)?.baskets_of()));
    waiting.into_iter().chain(closings.map(Need::Closing)).collect()
}

/// A leader says that not all came: they read who is to get fewer. Said yes to, it is done, unless orders changed
/// meanwhile.
///
/// # Errors
/// Refusals in this order: goods of no name that is known, a quantity that is none, nobody who ordered it, as much as was
/// ordered or more, somebody to be spared who has nothing of it (or whose name several bear), more than can be
/// taken off; [`crate::book::Missing`].
pub fn propose(ctx: &mut Ctx<'_>, shortage: &Shortage) -> Decided {
    for state in [OrderState::Placed, OrderState::Paid, OrderState::Shipped] {
        require_all(ctx, state)?;
    }
    let offer = match meant::meant(ctx, shortage)? {
        LackMeant::One(offer) => offer,
        LackMeant::Several(offers) => return ask_which(ctx, shortage, &offers),
    };
    let plan = plan::plan(ctx, shortage, offer)?;
    let print = print(&plan);
    if shortage.agreed == Some(print) {
        return apply::apply(ctx, shortage, &plan);
    }
    show(ctx, shortage, &plan, print)
}

/// The plan that waits for the speaker's word is to be another.
///
/// # Errors
/// Those of [`propose`]. Where no plan waits it was said of something else.
pub fn change(ctx: &mut Ctx<'_>, to: &LackChange) -> Decided {
    let Some(speaker) = ctx.speaker else { return Ok(()) };
    ctx.member_row(speaker)?;
    let Some(mut shortage) = waiting(ctx.shop, speaker, ctx.at).cloned() else { return Ok(()) };
    shortage.agreed = None;
    match to {
        LackChange::Spare(spared) => {
            let new = spared.iter().filter(|who| !shortage.spared.contains(who));
            let new: Vec<_> = new.cloned().collect();
            shortage.spared.extend(new);
        }
        LackChange::Share(sharing) => shortage.sharing = *sharing,
        LackChange::Instead(words) => shortage.instead = Some(named_in_full(ctx.shop, words)),
    }
    propose(ctx, &shortage)
}

/// 用A3补: with the name of the goods behind their code.
fn named_in_full(shop: &Shop, words: &str) -> String {
    let is_code = |c: char| c.is_ascii_alphanumeric();
    for said in words.split(|c| !is_code(c)).filter(|said| !said.is_empty()) {
        let mut named = shop.offers.values().rev().filter(|it| it.code.eq_ignore_ascii_case(said));
        if let Some(offer) = named.next() {
            let name = format!("{} {} ", offer.code, offer.detail.name);
            return words.replacen(said, &name, 1).trim().to_owned();
        }
    }
    words.to_owned()
}

/// The plan that waits for somebody's word.
#[must_use]
pub fn waiting(shop: &Shop, speaker: MemberId, at: Timestamp) -> Option<&Shortage> {
    let pending = shop.members.get(speaker)?.question.as_ref().filter(|it| at < it.until)?;
    match pending.question.choices.first()? {
        Intent::Lead(LeaderIntent::Service(Lead::Shortage(shortage))) => {
            Some(&**shortage).filter(|it| it.agreed.is_some())
        }
        _ => None,
    }
}

/// What tells one plan from another: whose units are taken, and what goes back.
fn print(plan: &CutPlan) -> i64 {
    let one = |cut: &CutOrder| format!("{}:{:?}:{}", cut.order, cut.units, cut.back.minor);
    let cuts: Vec<_> = plan.cuts.iter().map(one).collect();
    fingerprint(&format!("{} {} {}", plan.offer, plan.lack, cuts.join(" ")))
}

fn show(ctx: &mut Ctx<'_>, shortage: &Shortage, plan: &CutPlan, print: i64) -> Decided {
    let agreed = Shortage {
        goods: vec![meant::picked(plan.offer, plan.variant)],
        agreed: Some(print),
        ..shortage.clone()
    };
    let choice = Intent::Lead(LeaderIntent::Service(Lead::Shortage(Box::new(agreed))));
    let question = Question::of(Why::Confirm, vec![choice]);
    let reply = service::Reply::ShortagePlan {
        plan: Box::new(view(ctx, shortage, plan)),
        again: shortage.agreed.is_some(),
    };
    let said = Understood::bare(Intent::Ask(question.clone()));
    ask::put(ctx, &question, &said, Reply::Service(reply))
}

/// Several offers are called so, and people wait for each.
fn ask_which(ctx: &mut Ctx<'_>, shortage: &Shortage, offers: &[service::LackedGoods]) -> Decided {
    let choice = |goods: &service::LackedGoods| {
        let one = Shortage { goods: vec![*goods], ..shortage.clone() };
        Intent::Lead(LeaderIntent::Service(Lead::Shortage(Box::new(one))))
    };
    let question = Question::of(Why::WhichOffer, offers.iter().map(choice).collect());
    let views = question.choices.iter().map(|it| views::choice(ctx.shop, it)).collect();
    let name = Some(shortage.said.clone()).filter(|said| !said.is_empty());
    let reply = Reply::Asked { why: question.why, choices: views, name, unit: None };
    ask::put(ctx, &question, &Understood::bare(Intent::Ask(question.clone())), reply)
}

/// The plan in figures.
fn view(ctx: &Ctx<'_>, shortage: &Shortage, plan: &CutPlan) -> LackView {
    let cuts = plan.cuts.iter().take(MOST_NAMED).map(|cut| cut_view(ctx, plan, cut));
    LackView {
        goods: goods(ctx.shop, plan),
        unit: unit(ctx.shop, plan.offer),
        ordered: plan.ordered,
        lack: plan.lack,
        all: shortage.lack == Lack::All,
        sharing: shortage.sharing,
        cuts: cuts.collect(),
        beyond: plan.cuts.len().saturating_sub(MOST_NAMED),
        total: total(plan),
        instead: shortage.instead.clone(),
    }
}

fn cut_view(ctx: &Ctx<'_>, plan: &CutPlan, cut: &CutOrder) -> LackCut {
    let row = ctx.shop.orders.get(cut.order);
    let member = row.and_then(|row| ctx.shop.members.get(row.member));
    let qty: u32 = cut.units.iter().sum();
    LackCut {
        order: cut.order,
        member: member.map_or_else(String::new, |row| row.name.clone()),
        qty,
        left: row.map_or(0, |row| held(row, plan)).saturating_sub(qty),
        unit: unit(ctx.shop, plan.offer),
        back: cut.back,
        is_paid: row.is_some_and(Order::is_paid),
    }
}

/// How many units of the goods an order has.
fn held(order: &Order, plan: &CutPlan) -> u32 {
    let lines = order.lines.iter().filter(|line| plan.is_of(line));
    lines.map(crate::domain::orders::Line::live_qty).sum()
}

fn total(plan: &CutPlan) -> Money {
    plan.cuts.iter().map(|cut| cut.back).sum()
}

fn goods(shop: &Shop, plan: &CutPlan) -> String {
    let name = views::name_of(shop, plan.offer, plan.variant);
    match shop.offers.get(plan.offer) {
        Some(offer) => format!("{} {name}", offer.code),
        None => name,
    }
}

fn unit(shop: &Shop, offer: OfferId) -> String {
    shop.offers.get(offer).map_or_else(String::new, |offer| offer.detail.unit.clone())
}

fn refused<T>(refusal: service::Refusal) -> Decided<T> {
    Err(Refusal::Service(refusal).into())
}

/// The orders of a plan.
fn orders(plan: &CutPlan) -> Vec<OrderId> {
    plan.cuts.iter().map(|cut| cut.order).collect()
}
