//! A leader lowers what is to be paid (让价): #84 便宜5块, #84 A1 便宜5块, A1 按25.9算. Never higher, never below zero, and
//! never of money that came already: that is a refund. What lowers more than one order is shown with names and total
//! first.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, Question, Understood, Why};
use crate::domain::money::Money;
use crate::domain::orders::{self, Agreed, Lead, Line, Order, OrderState, OrderedItem, Whose};
use crate::domain::pricing::Lowered;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{ChoiceView, Reply};

use crate::decide::ask;
use crate::decide::orders::consequences;
use crate::decide::orders::selection::{MAX_ORDERS, require_all};
use crate::decide::pricing::cuts;
use crate::decide::views;

/// Lower one order, or what it has of one offer.
///
/// # Errors
/// Missing facts; a name of nobody or of several, `NoSuchOrder`; `NoOrders`, `SeveralOrders` of somebody who has none
/// unpaid, or more than one; `PaidForCut`, `WrongState`; `NotTheirs`; `NothingLower`; `CutTooLarge`.
pub fn cut(ctx: &mut Ctx<'_>, whose: &Whose, item: Option<OrderedItem>, by: Lowered) -> Decided {
    let id = meant(ctx, whose, item)?;
    let order = ctx.order(id)?;
    let member = order.member;
    ctx.member_row(member)?;
    if !order.is_unpaid() {
        return Err(not_unpaid(order, by).into());
    }
    let places = places(order, item);
    if places.is_empty() {
        return Err(not_theirs(ctx, order, item)?.into());
    }
    let amount = amount_of(order, &places, by);
    if amount <= Money::ZERO {
        return Err(nothing_lower(ctx, item, by).into());
    }
    let base: Money = places.iter().map(|&at| order.lines[at].base()).sum();
    let most = base.min(order.still_due());
    if amount > most {
        return Err(Refusal::Orders(orders::Refusal::CutTooLarge { order: id, most }).into());
    }
    require_earners(ctx, id)?;
    apply(ctx, id, &places, by);
    if let Some(speaker) = ctx.speaker {
        ask::clear(ctx, speaker);
    }
    ctx.record("cut_order", Some(id), None);
    tell(ctx, member, id, amount);
    consequences::reduced(ctx, id);
    Ok(())
}

/// The order that is meant: of somebody the only one that waits for payment, with those goods where some are named.
fn meant(ctx: &Ctx<'_>, whose: &Whose, item: Option<OrderedItem>) -> Decided<OrderId> {
    let person = match whose {
        Whose::Numbered(id) => return Ok(*id),
        Whose::Of(person) => person,
    };
    let member = ctx.member_of(person)?;
    ctx.require_orders_of(member)?;
    let unpaid = ctx.shop.orders.of(member).filter(|order| order.is_unpaid());
    let fits = |order: &&Order| !places(order, item).is_empty();
    let orders: Vec<_> = unpaid.filter(fits).map(|order| order.id).collect();
    match orders[..] {
        [] => Err(Refusal::Orders(orders::Refusal::NoOrders).into()),
        [only] => Ok(only),
        _ => {
            let member = ctx.member_row(member)?.name.clone();
            Err(Refusal::Orders(orders::Refusal::SeveralOrders { member, orders }).into())
        }
    }
}

/// The places of the lines that are meant.
fn places(order: &Order, item: Option<OrderedItem>) -> Vec<usize> {
    let is_meant = |line: &Line| {
        line.qty > 0
            && item.is_none_or(|item| {
                line.offer == item.offer && (item.variant.is_none() || line.variant == item.variant)
            })
    };
    let lines = order.lines.iter().enumerate().filter(|(_, line)| is_meant(line));
    lines.map(|(at, _)| at).collect()
}

fn amount_of(order: &Order, places: &[usize], by: Lowered) -> Money {
    match by {
        Lowered::Off(amount) => amount,
        Lowered::Each(price) => {
            places.iter().map(|&at| cuts::down_to(&order.lines[at], price)).sum()
        }
    }
}

fn not_unpaid(order: &Order, by: Lowered) -> Refusal {
    let (id, state) = (order.id, order.state);
    let amount = match by {
        Lowered::Off(amount) => Some(amount),
        Lowered::Each(_) => None,
    };
    let is_refundable = order.is_paid() && state != OrderState::Closed;
    Refusal::Orders(if is_refundable {
        orders::Refusal::PaidForCut { order: id, amount }
    } else {
        orders::Refusal::WrongState { order: id, state }
    })
}

fn not_theirs(ctx: &Ctx<'_>, order: &Order, item: Option<OrderedItem>) -> Decided<Refusal> {
    let Some(item) = item else { return Ok(Refusal::Orders(orders::Refusal::NoOrders)) };
    let member = ctx.member_row(order.member)?.name.clone();
    let name = views::name_of(ctx.shop, item.offer, item.variant);
    Ok(Refusal::Orders(orders::Refusal::NotTheirs { member, order: Some(order.id), name }))
}

fn nothing_lower(ctx: &Ctx<'_>, item: Option<OrderedItem>, by: Lowered) -> Refusal {
    let price = match by {
        Lowered::Off(amount) | Lowered::Each(amount) => amount,
    };
    let name = item.map_or_else(String::new, |it| views::name_of(ctx.shop, it.offer, it.variant));
    Refusal::Orders(orders::Refusal::NothingLower { name, price })
}

/// An order that comes down to what was paid of it is paid: then whoever earns on it is to be known.
fn require_earners(ctx: &Ctx<'_>, id: OrderId) -> Decided {
    let order = ctx.order(id)?;
    if order.received.is_zero() {
        return Ok(());
    }
    for share in order.lines.iter().flat_map(|line| line.shares.iter().flatten()) {
        ctx.member_row(share.promoter)?;
    }
    Ok(())
}

fn apply(ctx: &mut Ctx<'_>, id: OrderId, places: &[usize], by: Lowered) {
    ctx.before(id);
    let currency = ctx.shop.community.currency;
    if let Some(row) = ctx.shop.orders.edit(id) {
        match by {
            Lowered::Off(amount) => cuts::spread(&mut row.lines, places, amount, currency),
            Lowered::Each(price) => {
                for &at in places {
                    cuts::lower(&mut row.lines[at], price);
                }
            }
        }
    }
    consequences::changed(ctx, id);
}

/// The buyer is told in the group, where the leader reads it as well.
fn tell(ctx: &mut Ctx<'_>, member: MemberId, id: OrderId, amount: Money) {
    let Some(row) = ctx.shop.orders.get(id) else { return };
    let reply = orders::Reply::OrderCut { order: views::order(ctx.shop, row), amount };
    if ctx.private && ctx.speaker != Some(member) {
        ctx.say(Reply::Orders(reply.clone()));
    }
    ctx.call(member, Reply::Orders(reply));
}

/// Another price for everybody who has not paid: of one order at once, of more after the leader has read whose they are
/// and what it comes to.
///
/// # Errors
/// Missing facts; `NothingLower`.
pub fn cut_offer(
    ctx: &mut Ctx<'_>,
    item: OrderedItem,
    price: Money,
    agreed: Option<&Agreed>,
) -> Decided {
    require_all(ctx, OrderState::Placed)?;
    let lowered = lowered(ctx, item, price, agreed)?;
    let total: Money = lowered.iter().map(|it| it.amount).sum();
    if lowered.is_empty() {
        return Err(nothing_lower(ctx, Some(item), Lowered::Each(price)).into());
    }
    let is_agreed = agreed.is_some_and(|agreed| agreed.total == total);
    if lowered.len() > 1 && !is_agreed {
        return ask_whether(ctx, item, price, &lowered);
    }
    for it in &lowered {
        require_earners(ctx, it.order)?;
    }
    for it in &lowered {
        let places = ctx.shop.orders.get(it.order).map(|row| places(row, Some(item)));
        apply(ctx, it.order, &places.unwrap_or_default(), Lowered::Each(price));
        ctx.record("cut_offer", Some(it.order), None);
    }
    if let Some(speaker) = ctx.speaker {
        ask::clear(ctx, speaker);
    }
    announce(ctx, item.offer, price, &lowered);
    for it in lowered {
        consequences::reduced(ctx, it.order);
    }
    Ok(())
}

/// An order, and what is taken off it.
struct LoweredOrder {
    order: OrderId,
    member: String,
    amount: Money,
}

/// The unpaid orders that cost less at this price, as far as that is still to be paid.
fn lowered(
    ctx: &Ctx<'_>,
    item: OrderedItem,
    price: Money,
    agreed: Option<&Agreed>,
) -> Decided<Vec<LoweredOrder>> {
    let mut found = Vec::new();
    let is_meant = |id: OrderId| agreed.is_none_or(|agreed| agreed.orders.contains(&id));
    let unpaid = ctx.shop.orders.values().filter(|order| order.is_unpaid() && is_meant(order.id));
    for order in unpaid {
        let amount = amount_of(order, &places(order, Some(item)), Lowered::Each(price));
        if amount > Money::ZERO && amount <= order.still_due() && found.len() < MAX_ORDERS {
            let member = ctx.member_row(order.member)?.name.clone();
            found.push(LoweredOrder { order: order.id, member, amount });
        }
    }
    Ok(found)
}

fn ask_whether(
    ctx: &mut Ctx<'_>,
    item: OrderedItem,
    price: Money,
    lowered: &[LoweredOrder],
) -> Decided {
    let orders: Vec<_> = lowered.iter().map(|it| it.order).collect();
    let total: Money = lowered.iter().map(|it| it.amount).sum();
    let mut names: Vec<String> = Vec::new();
    for it in lowered {
        if !names.contains(&it.member) {
            names.push(it.member.clone());
        }
    }
    let (count, goods) = (orders.len(), views::name_of(ctx.shop, item.offer, item.variant));
    let agreed = Some(Agreed { orders, total });
    let lead = Lead::CutOffer { item, price, agreed };
    let choice = Intent::Lead(LeaderIntent::Orders(lead));
    let question = Question::of(Why::Confirm, vec![choice]);
    let view = ChoiceView::CutAll { goods, price, names, orders: count, total };
    let reply = Reply::Asked { why: question.why, choices: vec![view], name: None, unit: None };
    ask::put(ctx, &question, &Understood::bare(Intent::Ask(question.clone())), reply)
}

/// The group reads what became of whose order, in one message.
fn announce(ctx: &mut Ctx<'_>, offer: OfferId, price: Money, lowered: &[LoweredOrder]) {
    let Some(row) = ctx.shop.offers.get(offer) else { return };
    let (name, unit) = (row.detail.name.clone(), row.detail.unit.clone());
    let ids: Vec<_> = lowered.iter().map(|it| it.order).collect();
    let orders = views::orders(ctx.shop, &ids);
    let reply = orders::Reply::OfferCut { name, unit, price, orders };
    if ctx.private {
        ctx.say(Reply::Orders(reply.clone()));
    }
    ctx.announce(Reply::Orders(reply));
}

#[cfg(test)]
mod tests;
