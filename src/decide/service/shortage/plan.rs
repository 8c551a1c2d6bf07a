//! Who gets fewer: counted from the orders as they stand, whole units, the last orders first, or of all in proportion.
//! Goods that are sent again for a complaint go last: whoever waits for them has waited before.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Missing, Need};
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::money::{Currency, Money};
use crate::domain::name::name_key;
use crate::domain::orders::{Line, Order, OrderState, Whose};
use crate::domain::person::Person;
use crate::domain::service::{Lack, LackSharing, LackedGoods, Refusal, Shortage};

use crate::decide::payments::{payment, refund};
use crate::decide::pricing::rounding;
use crate::decide::views;

use super::meant::waits;
use super::refused;

/// Who gets fewer, and what goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CutPlan {
    pub(super) offer: OfferId,
    pub(super) variant: Option<u16>,
    /// So many units were ordered.
    pub(super) ordered: u32,
    /// So many are taken off.
    pub(super) lack: u32,
    /// The last order first.
    pub(super) cuts: Vec<CutOrder>,
}

/// An order that gets fewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CutOrder {
    pub(super) order: OrderId,
    /// So many units of each of its lines.
    pub(super) units: Vec<u32>,
    /// What goes back.
    pub(super) back: Money,
}

impl CutPlan {
    /// Whether a line is of the goods.
    pub(super) fn is_of(&self, line: &Line) -> bool {
        line.offer == self.offer && (self.variant.is_none() || line.variant == self.variant)
    }
}

/// Units that can be taken.
#[derive(Clone, Copy, Debug)]
struct Room {
    order: OrderId,
    line: usize,
    units: u32,
}

/// Count it.
///
/// # Errors
/// `NobodyOrdered`, `EnoughCame`, `NotInShortage`, `SeveralInShortage`, `TooFewToCut`; [`Missing`].
pub(super) fn plan(ctx: &Ctx<'_>, shortage: &Shortage, goods: LackedGoods) -> Decided<CutPlan> {
    let offer = ctx.offer(goods.offer)?;
    let closing = offer.baskets_of();
    if !ctx.shop.known.closing.contains(&closing) {
        return Err(Missing(Need::Closing(closing)).into());
    }
    let (variant, unit) = (goods.variant, offer.detail.unit.clone());
    let name = views::full_name(offer, variant);
    let mut plan = CutPlan { offer: goods.offer, variant, ordered: 0, lack: 0, cuts: Vec::new() };
    let orders = of_goods(ctx, &plan);
    payment::require_people(ctx, &orders)?;
    plan.ordered = live(ctx, &plan, &orders, |_| true);
    if plan.ordered == 0 {
        return refused(Refusal::NobodyOrdered { name });
    }
    if let Lack::Came(came) = shortage.lack
        && came >= plan.ordered
    {
        return refused(Refusal::EnoughCame { name, ordered: plan.ordered, unit });
    }
    let spared = spared(ctx, shortage, &orders, &name)?;
    let (rooms, again) = rooms(ctx, &plan, &orders, &spared);
    let left: u32 = rooms.iter().chain(&again).map(|room| room.units).sum();
    plan.lack = match shortage.lack {
        Lack::Came(came) => plan.ordered - came,
        Lack::Short(short) => short,
        Lack::All | Lack::Odd => left,
    };
    if plan.lack > left || left == 0 {
        return refused(Refusal::TooFewToCut { name, lack: plan.lack, left, unit });
    }
    let taken = take(plan.lack, &rooms, &again, shortage.sharing);
    plan.cuts = cuts(ctx, taken);
    Ok(plan)
}

/// The orders that have something of the goods, the handed over included.
fn of_goods(ctx: &Ctx<'_>, plan: &CutPlan) -> Vec<OrderId> {
    let is_live =
        |order: &&Order| !matches!(order.state, OrderState::Cancelled | OrderState::Refunded);
    let has =
        |order: &&Order| order.lines.iter().any(|line| plan.is_of(line) && line.live_qty() > 0);
    ctx.shop.orders.values().filter(is_live).filter(has).map(|order| order.id).collect()
}

fn live(ctx: &Ctx<'_>, plan: &CutPlan, orders: &[OrderId], counts: impl Fn(&Line) -> bool) -> u32 {
    let rows = orders.iter().filter_map(|&id| ctx.shop.orders.get(id));
    let lines = rows.flat_map(|order| &order.lines).filter(|line| plan.is_of(line));
    lines.filter(|line| counts(line)).map(Line::live_qty).sum()
}

/// Whose units stay whole.
fn spared(
    ctx: &Ctx<'_>,
    shortage: &Shortage,
    orders: &[OrderId],
    name: &str,
) -> Decided<BTreeSet<OrderId>> {
    let mut spared = BTreeSet::new();
    for whose in &shortage.spared {
        let meant = match whose {
            Whose::Numbered(id) => {
                let meant = orders.iter().copied().filter(|order| order == id).collect();
                (meant, format!("#{id}"))
            }
            Whose::Of(person) => (of_person(ctx, orders, person)?, person.name().to_owned()),
        };
        match meant {
            (meant, who) if meant.is_empty() => {
                return refused(Refusal::NotInShortage { name: name.to_owned(), who });
            }
            (meant, _) => spared.extend(meant),
        }
    }
    Ok(spared)
}

/// Somebody's orders, where one of those who have the goods is called so.
fn of_person(ctx: &Ctx<'_>, orders: &[OrderId], person: &Person) -> Decided<Vec<OrderId>> {
    let mut of: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for &id in orders {
        let buyer = ctx.order(id)?.member;
        let row = ctx.member_row(buyer)?;
        let is_meant = match person {
            Person::Mentioned(contact) => contact.key == row.key,
            Person::Named(name) => name_key(name) == name_key(&row.name),
        };
        if is_meant {
            of.entry(buyer).or_default().push(id);
        }
    }
    if of.len() > 1 {
        let orders = of.into_values().flatten().collect();
        return refused(Refusal::SeveralInShortage { who: person.name().to_owned(), orders });
    }
    Ok(of.into_values().flatten().collect())
}

/// What can be taken, the last first; and the same of goods that are sent again.
fn rooms(
    ctx: &Ctx<'_>,
    plan: &CutPlan,
    orders: &[OrderId],
    spared: &BTreeSet<OrderId>,
) -> (Vec<Room>, Vec<Room>) {
    let rows = orders.iter().rev().filter(|id| !spared.contains(id));
    let rows = rows.filter_map(|&id| ctx.shop.orders.get(id)).filter(|order| waits(order));
    let mut all = Vec::new();
    for order in rows {
        let lines: Vec<_> = order.outstanding().filter(|(_, line)| plan.is_of(line)).collect();
        for (at, line) in lines.into_iter().rev() {
            let room = Room { order: order.id, line: at, units: line.live_qty() };
            all.push((line.price.is_zero(), room));
        }
    }
    let (again, usual): (Vec<_>, Vec<_>) = all.into_iter().partition(|(is_again, _)| *is_again);
    let rooms = |of: Vec<(bool, Room)>| of.into_iter().map(|(_, room)| room).collect();
    (rooms(usual), rooms(again))
}

/// So many units in all, of each room so many.
fn take(lack: u32, rooms: &[Room], again: &[Room], sharing: LackSharing) -> Vec<Room> {
    let usual: u32 = rooms.iter().map(|room| room.units).sum();
    let first = lack.min(usual);
    let taken = match sharing {
        LackSharing::LastFirst => in_turn(first, rooms),
        LackSharing::Alike => alike(first, rooms),
    };
    let rest = in_turn(lack - first, again);
    taken.into_iter().chain(rest).filter(|room| room.units > 0).collect()
}

fn in_turn(lack: u32, rooms: &[Room]) -> Vec<Room> {
    let mut left = lack;
    let mut taken = rooms.to_vec();
    for room in &mut taken {
        room.units = room.units.min(left);
        left -= room.units;
    }
    taken
}

/// In proportion to what each has, in whole units; the last of equals first.
fn alike(lack: u32, rooms: &[Room]) -> Vec<Room> {
    let count = |units: u32| Money::from_minor(i64::from(units));
    let all: Vec<_> = rooms.iter().map(|room| count(room.units)).collect();
    // Whole units are shared out like cents.
    let parts = rounding::apportion(count(lack), &all, Currency::CNY);
    let units = |part: Money| u32::try_from(part.minor).unwrap_or(0);
    rooms.iter().zip(parts).map(|(room, part)| Room { units: units(part), ..*room }).collect()
}

/// The same, order by order, with what goes back.
fn cuts(ctx: &Ctx<'_>, taken: Vec<Room>) -> Vec<CutOrder> {
    let currency = ctx.shop.community.currency;
    let mut of: BTreeMap<OrderId, Vec<u32>> = BTreeMap::new();
    for room in taken {
        let Some(row) = ctx.shop.orders.get(room.order) else { continue };
        let units = of.entry(room.order).or_insert_with(|| vec![0; row.lines.len()]);
        units[room.line] += room.units;
    }
    let back = |order: OrderId, units: &[u32]| match ctx.shop.orders.get(order) {
        Some(row) if row.is_paid() => refund::foretold(row, units, currency).amount,
        _ => Money::ZERO,
    };
    let cut = |(order, units): (OrderId, Vec<u32>)| {
        let back = back(order, &units);
        CutOrder { order, units, back }
    };
    of.into_iter().rev().map(cut).collect()
}
