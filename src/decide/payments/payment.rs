//! Payment (收款): a leader confirms what arrived, and a paid order starts to count.
//!
//! Confirming posts the sale, freezes the promoters' commission, grants points and fixes where the goods
//! go. Money that comes after an order lapsed is dealt with in [`crate::decide::payments::late`].

pub mod undo;

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::{
    Intent, LeaderIntent, MAX_CHOICES, Question, Selection, Understood, Why,
};
use crate::domain::money::Money;
use crate::domain::orders::{Order, OrderState};
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::{orders, payments};

use crate::decide::ask;
use crate::decide::orders::consequences;
use crate::decide::orders::order::apply;
use crate::decide::orders::selection::{require_all, select};
use crate::decide::payments::deposit;
use crate::decide::payments::late::{Gone, Meant, RevivedUnits, goods_gone, meant, retake_goods};
use crate::decide::views;

/// The largest amount a leader can confirm at once, in minor units: beyond it is a slip of the finger.
pub const MAX_AMOUNT: i64 = 1_000_000_000_000;

/// What one command confirms: how much falls to each order, and what cannot be taken any more.
#[derive(Debug, Default)]
struct PlannedPayment {
    /// Each order with the money that falls to it now.
    parts: Vec<(OrderId, Money)>,
    /// Lapsed orders with what is gone.
    too_late: Vec<(OrderId, Gone)>,
}

/// A leader confirms that payment arrived: the whole of what is due, or an amount that fills the orders
/// in order of their numbers. Too little waits for the rest; too much is noted on the last one. Of members
/// whose orders lapsed within a day, what lapsed may be meant ([`meant`]).
///
/// # Errors
/// Refusals in this order: those of [`select`] (a paid or refunded order by number is in the wrong state), then
/// an amount that makes no sense; [`crate::book::Missing`].
pub fn paid(ctx: &mut Ctx<'_>, of: &Selection, amount: Option<Money>) -> Decided {
    let Selection::Members(people) = of else { return take(ctx, of, amount) };
    match meant(ctx, people, amount)? {
        None => take(ctx, of, amount),
        Some(Meant::Ask(choices)) => ask_which_lapsed(ctx, people, choices),
        Some(Meant::These(orders)) => take(ctx, &Selection::Orders(orders), amount),
    }
}

/// Whoever confirms a payment by a member's name is asked which of their lapsed orders it is for.
fn ask_which_lapsed(ctx: &mut Ctx<'_>, people: &[Person], choices: Vec<Intent>) -> Decided {
    let name = match people {
        [only] => Some(ctx.member_row(ctx.member_of(only)?)?.name.clone()),
        _ => None,
    };
    let views = choices.iter().take(MAX_CHOICES).map(|it| views::choice(ctx.shop, it)).collect();
    let question = Question::of(Why::Lapsed, choices.into_iter().take(MAX_CHOICES).collect());
    let reply = Reply::Asked { why: question.why, choices: views, name, unit: None };
    ask::put(ctx, &question, &Understood::bare(Intent::Ask(question.clone())), reply)
}

/// Take what came for these orders.
fn take(ctx: &mut Ctx<'_>, of: &Selection, amount: Option<Money>) -> Decided {
    // An order that was emptied line by line has nothing left to pay for.
    let is_payable = |order: &Order| {
        matches!(order.state, OrderState::Placed | OrderState::Cancelled)
            && order.gross() > Money::ZERO
    };
    let orders = select(ctx, of, OrderState::Placed, is_payable)?;
    require_people(ctx, &orders)?;
    if ctx.speaker.is_some() {
        // What is still open is told with what was booked.
        require_all(ctx, OrderState::Placed)?;
    }
    if amount.is_some_and(|sum| sum <= Money::ZERO || sum.minor > MAX_AMOUNT) {
        return Err(Refusal::Orders(orders::Refusal::AbsurdQuantity).into());
    }
    let plan = plan(ctx, &orders, amount)?;
    let again: Vec<_> =
        plan.parts.iter().map(|(order, _)| *order).filter(|order| is_over(ctx, *order)).collect();
    let mut receipts: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for &(order, part) in &plan.parts {
        if let Some(member) = take_money(ctx, order, part) {
            receipts.entry(member).or_default().push(order);
        }
    }
    for (member, orders) in receipts {
        give_receipt(ctx, member, &orders, &again);
    }
    for (order, Gone { name, failed }) in plan.too_late {
        let buyer = ctx.shop.orders.get(order).map(|row| row.member);
        if let Some(buyer) = buyer.filter(|&buyer| ctx.shop.members.contains(buyer)) {
            ctx.call(buyer, Reply::Payments(payments::Reply::PaidTooLate { order, name, failed }));
        }
    }
    let booked: Vec<_> = plan.parts.iter().map(|(order, _)| *order).collect();
    tell_booked(ctx, &booked, again);
    if let Some(speaker) = ctx.speaker {
        ask::clear(ctx, speaker);
    }
    ctx.record("confirm_payment", orders.first().copied(), None);
    Ok(())
}

/// The leader reads what the money was booked on, and what is still open.
fn tell_booked(ctx: &mut Ctx<'_>, booked: &[OrderId], again: Vec<OrderId>) {
    let Some(speaker) = ctx.speaker.filter(|_| !booked.is_empty()) else { return };
    let unpaid =
        || ctx.shop.orders.values().filter(|row| row.is_unpaid() && row.still_due() > Money::ZERO);
    let due = unpaid().map(Order::still_due).sum();
    let (orders, open) = (views::orders(ctx.shop, booked), unpaid().count());
    ctx.tell(speaker, Reply::Payments(payments::Reply::Booked { orders, again, open, due }));
}

/// A bare number stands behind an order's number: an amount, or another order, if one of that number waits for
/// money as well. Then only the leader can tell.
///
/// # Errors
/// Those of [`paid`].
pub fn paid_number(
    ctx: &mut Ctx<'_>,
    orders: &[OrderId],
    amount: Money,
    other: OrderId,
) -> Decided {
    let exists = other <= ctx.shop.community.last_order && !orders.contains(&other);
    let waits = exists && ctx.order(other)?.is_unpaid();
    let as_amount = (Selection::Orders(orders.to_vec()), Some(amount));
    if !waits {
        return paid(ctx, &as_amount.0, as_amount.1);
    }
    let both = orders.iter().copied().chain([other]).collect();
    let choice =
        |(of, amount)| Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount }));
    let choices = [as_amount, (Selection::Orders(both), None)].map(choice);
    let question = Question::of(Why::Payment, choices.to_vec());
    ask::ask(ctx, &question, &Understood::bare(Intent::Ask(question.clone())))
}

/// Make sure that whoever is told of these orders is in the book.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn require_people(ctx: &Ctx<'_>, orders: &[OrderId]) -> Decided {
    for &order in orders {
        let row = ctx.order(order)?;
        ctx.member_row(row.member)?;
        for share in row.lines.iter().flat_map(|line| line.shares.iter().flatten()) {
            ctx.member_row(share.promoter)?;
        }
    }
    Ok(())
}

/// Divide the money among the orders. Lapsed ones whose goods are gone are set aside.
fn plan(ctx: &Ctx<'_>, orders: &[OrderId], amount: Option<Money>) -> Decided<PlannedPayment> {
    let mut plan = PlannedPayment::default();
    let mut taken = RevivedUnits::new();
    for &id in orders {
        let order = ctx.order(id)?;
        match goods_gone(ctx, order, &mut taken) {
            Some(gone) => plan.too_late.push((id, gone)),
            None => plan.parts.push((id, order.still_due().max(Money::ZERO))),
        }
    }
    if let Some(amount) = amount {
        fill(&mut plan.parts, amount);
    }
    Ok(plan)
}

/// Fill what is due in order; what is left over goes to the last, and whoever got nothing waits on.
fn fill(parts: &mut Vec<(OrderId, Money)>, amount: Money) {
    let mut left = amount;
    parts.retain_mut(|(_, part)| {
        let due = *part;
        *part = due.min(left);
        left -= *part;
        due.is_zero() || !part.is_zero()
    });
    if let Some((_, part)) = parts.last_mut() {
        *part += left;
    }
}

/// Take money for one order. The member who is to have a receipt, once it is paid in full.
fn take_money(ctx: &mut Ctx<'_>, order: OrderId, part: Money) -> Option<MemberId> {
    ctx.before(order);
    let row = ctx.shop.orders.edit(order)?;
    row.received += part;
    row.private.claim = None;
    let lapsed = row.state == OrderState::Cancelled;
    row.state = OrderState::Placed;
    row.lapsed_at = None;
    let (member, received, due) = (row.member, row.received, row.still_due());
    if lapsed {
        retake_goods(ctx, order);
    }
    if due > Money::ZERO {
        begin_anew(ctx, order, lapsed);
        deposit::take(ctx, order, part);
        ctx.call(member, Reply::Payments(payments::Reply::Underpaid { order, received, due }));
        return None;
    }
    settle_payment(ctx, order, member, part);
    Some(member)
}

/// A part of the money came: the rest has its time from the beginning, more of it where it was up.
fn begin_anew(ctx: &mut Ctx<'_>, order: OrderId, lapsed: bool) {
    let at = ctx.at;
    let Some(row) = ctx.shop.orders.edit(order) else { return };
    row.prolonged = 0;
    if lapsed || row.hold_until <= at {
        apply::hold_again(ctx, order);
    }
}

/// An unpaid order came to less: its deposit may pay for what is left of it, and what is too much goes
/// back. The callers know its buyer and whoever earns on it.
pub fn refit_deposit(ctx: &mut Ctx<'_>, order: OrderId) {
    let Some(row) = ctx.shop.orders.get(order).filter(|row| !row.received.is_zero()) else {
        return;
    };
    let (member, whole) = (row.member, row.state == OrderState::Cancelled);
    let over = if whole { row.received } else { row.received - row.total() };
    if over < Money::ZERO {
        return;
    }
    if !whole {
        settle_payment(ctx, order, member, Money::ZERO);
    }
    let amount = deposit::give_back(ctx, order);
    if !amount.is_zero() {
        let name = ctx.shop.members.get(member).map(|row| row.name.clone());
        ctx.call(
            member,
            Reply::Payments(payments::Reply::Refunded {
                order,
                member: name.unwrap_or_default(),
                amount,
                whole,
                reason: None,
            }),
        );
    }
    if !whole {
        give_receipt(ctx, member, &[order], &[]);
    }
}

/// The order is paid in full, the last part of it now: post what follows from it.
fn settle_payment(ctx: &mut Ctx<'_>, order: OrderId, member: MemberId, part: Money) {
    let at = ctx.at;
    let granted = ctx.shop.orders.get(order).and_then(|row| {
        let terms = row.points_terms?;
        Some(terms.earned(row.total()))
    });
    let granted = granted.unwrap_or(0);
    let delivery = first_paid(ctx, member);
    if let Some(row) = ctx.shop.orders.edit(order) {
        row.state = OrderState::Paid;
        row.paid_at = Some(at);
        row.points_granted = granted;
        row.private.delivery = delivery.or(row.private.delivery.take());
    }
    consequences::paid(ctx, order, member, granted, part);
}

/// Note that the member has paid for something. Where their goods go.
fn first_paid(ctx: &mut Ctx<'_>, member: MemberId) -> Option<String> {
    let at = ctx.at;
    if ctx.shop.members.get(member)?.first_paid_at.is_none() {
        ctx.shop.members.edit(member)?.first_paid_at = Some(at);
    }
    let private = &ctx.shop.members.get(member)?.private;
    private.address.clone().or_else(|| private.pickup.clone())
}

/// Whether an order lapsed or was cancelled.
fn is_over(ctx: &Ctx<'_>, order: OrderId) -> bool {
    ctx.shop.orders.get(order).is_some_and(|row| row.state == OrderState::Cancelled)
}

/// One receipt for all that a member paid, in the group. Orders that are on `again` say so: whoever cancelled
/// them may not expect it.
fn give_receipt(ctx: &mut Ctx<'_>, member: MemberId, orders: &[OrderId], again: &[OrderId]) {
    let again = again.iter().copied().filter(|order| orders.contains(order)).collect();
    let rows = orders.iter().filter_map(|&order| ctx.shop.orders.get(order));
    let difference = rows.map(|row| row.received - row.total()).sum();
    let orders = views::orders(ctx.shop, orders);
    ctx.call(member, Reply::Payments(payments::Reply::PaymentTaken { orders, difference, again }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI, evening};
    use crate::decide::testing_orders::{assert_books_agree, house, owed, placed};
    use crate::domain::ledger::{House, Purse};
    use crate::domain::reply::ChoiceView;
    use crate::domain::{referral, shipping};

    fn confirm(stage: &mut Stage, of: Selection, amount: Option<i64>) -> Vec<Reply> {
        let amount = amount.map(Money::from_minor);
        stage.does(AMING, Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount })))
    }

    fn number(orders: &[OrderId]) -> Selection {
        Selection::Orders(orders.to_vec())
    }

    fn states(stage: &Stage) -> Vec<OrderState> {
        stage.shop.orders.values().map(|order| order.state).collect()
    }

    /// The differences on the receipts.
    fn receipts(said: &[Reply]) -> Vec<(usize, i64)> {
        said.iter()
            .filter_map(|reply| match reply {
                Reply::Payments(payments::Reply::PaymentTaken { orders, difference, .. }) => {
                    Some((orders.len(), difference.minor))
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_confirmed_order_is_sold_and_its_buyer_has_a_receipt() {
        let mut stage = Stage::new();
        stage.does(XIAOMEI, Intent::Shipping(shipping::Intent::SetAddress("幸福路1号".to_owned())));
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 2)]);
        stage.heard();
        confirm(&mut stage, number(&[order]), None);
        let row = stage.order(order.0);
        assert_eq!((row.state, row.paid_at), (OrderState::Paid, Some(stage.at)));
        assert_eq!((row.received.minor, row.points_granted), (7_980, 7));
        assert_eq!(row.private.delivery.as_deref(), Some("幸福路1号"));
        assert_eq!(stage.shop.members.get(XIAOMEI).unwrap().first_paid_at, Some(stage.at));
        assert_eq!(house(&stage, House::Received), 7_980);
        assert_eq!(house(&stage, House::Sales), -7_980);
        assert_eq!(owed(&stage, AMING, Purse::Frozen), 478);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 7);
        let heard = stage.heard();
        let frozen = Reply::Referral(referral::Reply::CommissionFrozen {
            order,
            buyer: "小*".to_owned(),
            amount: Money::from_minor(478),
        });
        assert_eq!((&heard[0].reply, heard[0].private), (&frozen, true));
        assert_eq!((heard[1].to.as_deref(), heard[1].private), (Some("小美"), false));
        let Reply::Payments(payments::Reply::Booked { open: 0, .. }) = &heard[2].reply else {
            panic!("{heard:?}")
        };
        assert_eq!(
            (heard[2].to.as_deref(), heard[2].private, heard.len()),
            (Some("阿明"), true, 3)
        );
        assert_books_agree(&stage);
    }

    #[test]
    fn several_orders_of_several_members_make_one_receipt_each() {
        let mut stage = Stage::new();
        let first = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
        placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        let of = Selection::Members(vec!["小美".into()]);
        assert_eq!(receipts(&confirm(&mut stage, of, None)), [(2, 0)]);
        assert_eq!(receipts(&confirm(&mut stage, Selection::All, None)), [(1, 0)]);
        assert_eq!(states(&stage), [OrderState::Paid; 3]);
        let said = confirm(&mut stage, Selection::All, None);
        assert_eq!(Stage::refusal(&said), Refusal::Orders(orders::Refusal::NoOrders));
        let said = confirm(&mut stage, number(&[first]), None);
        let refused =
            Refusal::Orders(orders::Refusal::WrongState { order: first, state: OrderState::Paid });
        assert_eq!(Stage::refusal(&said), refused);
        assert_books_agree(&stage);
    }

    #[test]
    fn a_bare_number_is_an_amount_unless_an_order_of_that_number_waits() {
        let mut stage = Stage::new();
        let first = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let second = placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
        let number = |minor, order| {
            let (orders, amount) = (vec![first], Money::from_minor(minor));
            Intent::Lead(LeaderIntent::Payments(payments::Lead::PaidNumber {
                orders,
                amount,
                order,
            }))
        };
        let said = stage.does(AMING, number(200, second));
        let [Reply::Asked { choices, .. }] = &said[..] else { panic!("{said:?}") };
        let amount = Some(Money::from_minor(200));
        assert_eq!(
            choices[..],
            [
                ChoiceView::Payment { orders: vec![first], amount },
                ChoiceView::Payment { orders: vec![first, second], amount: None },
            ]
        );
        assert_eq!(states(&stage), [OrderState::Placed; 2]);
        let said = stage.does(AMING, number(10_500, OrderId(105)));
        assert_eq!(receipts(&said), [(1, 10_500 - 3_990)]);
        let waits = stage.shop.members.get(AMING).unwrap().question.is_some();
        assert!(!waits, "what was meant is plain now");
    }

    #[test]
    fn one_wrong_number_refuses_the_whole_list() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let said = confirm(&mut stage, number(&[order, OrderId(99)]), None);
        assert_eq!(
            Stage::refusal(&said),
            Refusal::Orders(orders::Refusal::NoSuchOrder { order: OrderId(99) })
        );
        assert_eq!(states(&stage), [OrderState::Placed]);
        assert!(stage.shop.fresh.journal.is_empty());
    }

    #[test]
    fn too_little_waits_for_the_rest() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let money = Money::from_minor;
        let said = confirm(&mut stage, number(&[order]), Some(3_000));
        let (received, due) = (money(3_000), money(990));
        assert_eq!(said[0], Reply::Payments(payments::Reply::Underpaid { order, received, due }));
        let Reply::Payments(payments::Reply::Booked { open, due: left, .. }) = &said[1] else {
            panic!("{said:?}")
        };
        assert_eq!((*open, *left), (1, due));
        assert_eq!(states(&stage), [OrderState::Placed]);
        assert_eq!((house(&stage, House::Received), house(&stage, House::Sales)), (3_000, 0));
        assert_eq!(receipts(&confirm(&mut stage, number(&[order]), Some(990))), [(1, 0)]);
        assert_eq!(house(&stage, House::Received), 3_990);
    }

    #[test]
    fn an_amount_fills_orders_in_turn_and_too_much_is_noted() {
        let mut stage = Stage::new();
        let first = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let second = placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
        let third = placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
        confirm(&mut stage, number(&[third, first, second]), Some(5_000));
        assert_eq!(states(&stage), [OrderState::Paid, OrderState::Placed, OrderState::Placed]);
        let got = |stage: &Stage, order: OrderId| stage.order(order.0).received.minor;
        assert_eq!((got(&stage, second), got(&stage, third)), (1_010, 0));
        let said = confirm(&mut stage, number(&[second, third]), Some(2_980 + 8_800 + 20));
        assert_eq!(receipts(&said), [(2, 20)]);
        assert_eq!(got(&stage, third), 8_820);
        assert_eq!(house(&stage, House::Sales), -3_990 - 3_990 - 8_800);
        assert_eq!(house(&stage, House::Received), 3_990 + 3_990 + 8_800 + 20);
        assert_eq!(house(&stage, House::Deposits), -20);
        assert_books_agree(&stage);
    }

    #[test]
    fn an_amount_that_makes_no_sense_is_refused() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        for amount in [0, -5, i64::MAX] {
            let said = confirm(&mut stage, number(&[order]), Some(amount));
            assert_eq!(Stage::refusal(&said), Refusal::Orders(orders::Refusal::AbsurdQuantity));
        }
    }

    #[test]
    fn member_day_doubles_points_by_the_day_the_order_was_placed() {
        let mut stage = Stage::with_policy(|policy| policy.points.month_days = vec![(4, 200)]);
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        stage.at = evening() + chrono::Duration::days(1);
        confirm(&mut stage, number(&[order]), None);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 7); // 2 × 3.99, rounded down
    }

    #[test]
    fn only_a_leader_confirms() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let intent =
            LeaderIntent::Payments(payments::Lead::Paid { of: number(&[order]), amount: None });
        assert_eq!(stage.does(XIAOMEI, Intent::Lead(intent)), []);
        assert_eq!(states(&stage), [OrderState::Placed]);
    }
}
