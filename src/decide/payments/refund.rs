//! Refunds (退款): whole, by line and quantity, or by amount, before and after settlement.
//!
//! Of a line there is refunded what its refunded units come to and the amounts beside them, at most what was paid
//! for it; the last unit takes the rest. Commission and earned points aim at that money, points that paid a part
//! come back with the units, and each books the difference. So any sequence of refunds equals one whole refund to the
//! cent. Commission that was already available goes negative rather than being forgotten. With the last of an order
//! goes what was paid too much for it.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::Offer;
use crate::domain::ids::OrderId;
use crate::domain::intent::WantedLine;
use crate::domain::ledger::{AccountNo, Entry, Fact, House};
use crate::domain::money::{Currency, Money};
use crate::domain::orders::{Line, Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::{orders, payments};

use crate::decide::loyalty::points::Undone;
use crate::decide::orders::consequences;
use crate::decide::orders::order::apply;
use crate::decide::payments::deposit;
use crate::decide::pricing::rounding;
use crate::decide::views;

/// What went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidBack {
    /// So much.
    pub amount: Money,
    /// Nothing is left of the order.
    pub whole: bool,
}

/// A leader gives money back: for these units, or for everything that is left of the order.
///
/// # Errors
/// Those of [`take_back`].
pub fn refund(ctx: &mut Ctx<'_>, order: OrderId, lines: &[WantedLine]) -> Decided {
    let paid = take_back(ctx, order, lines)?;
    tell(ctx, order, paid)
}

/// The same by amount: so much, and no goods.
///
/// # Errors
/// Those of [`pay_back`].
pub fn refund_amount(
    ctx: &mut Ctx<'_>,
    order: OrderId,
    of: Option<&WantedLine>,
    amount: Money,
) -> Decided {
    let paid = pay_back(ctx, order, of, amount)?;
    tell(ctx, order, paid)
}

fn tell(ctx: &mut Ctx<'_>, order: OrderId, paid: PaidBack) -> Decided {
    let buyer = ctx.order(order)?.member;
    let member = ctx.member_row(buyer)?.name.clone();
    let PaidBack { amount, whole } = paid;
    ctx.call(buyer, Reply::Payments(payments::Reply::Refunded { order, member, amount, whole }));
    ctx.record("refund_order", Some(order), None);
    Ok(())
}

/// Give these units back, or everything that is left of the order. Nobody is told.
///
/// # Errors
/// Refusals in this order: no such order, an order that is not paid (or refunded whole), a line that is
/// not in it, more units than are left of a line; [`crate::book::Missing`].
pub fn take_back(ctx: &mut Ctx<'_>, order: OrderId, lines: &[WantedLine]) -> Decided<PaidBack> {
    let row = paid_order(ctx, order)?;
    let (units, earlier) = (units_of(ctx, row, lines)?, Undone::of(row));
    restock(ctx, order, &units);
    let amount = give_back(ctx, order, &units, &[]);
    consequences::refunded(ctx, order, earlier);
    let whole = close_if_empty(ctx, order);
    let amount = if whole { amount + deposit::give_back(ctx, order) } else { amount };
    Ok(PaidBack { amount, whole })
}

/// Give so much money back and no goods: of these goods, or of all that is in the order. Several lines
/// share it by what is left of each ([`rounding::apportion`]). Nobody is told.
///
/// # Errors
/// Refusals in this order: no such order, an order that is not paid (or refunded whole), goods that are not in it,
/// an amount that nobody can pay out, more than is left; [`crate::book::Missing`].
pub fn pay_back(
    ctx: &mut Ctx<'_>,
    order: OrderId,
    of: Option<&WantedLine>,
    amount: Money,
) -> Decided<PaidBack> {
    let row = paid_order(ctx, order)?;
    let wanted = of.map(|wanted| of_order(ctx, row, wanted));
    let is_of = |line: &Line| wanted.as_ref().is_none_or(|wanted| is_meant(line, wanted));
    if let Some(wanted) = wanted.as_ref().filter(|_| !row.lines.iter().any(is_of)) {
        let name = views::name_of(ctx.shop, wanted.offer, wanted.variant);
        return Err(Refusal::Orders(orders::Refusal::NotInOrder { name }).into());
    }
    let currency = ctx.shop.community.currency;
    if amount <= Money::ZERO || currency.in_cash(amount) != amount {
        return Err(Refusal::Orders(orders::Refusal::AbsurdQuantity).into());
    }
    let room = |line: &Line| if is_of(line) { line.kept() } else { Money::ZERO };
    let rooms: Vec<_> = row.lines.iter().map(room).collect();
    let left = rooms.iter().copied().sum();
    if amount > left {
        let refusal = payments::Refusal::RefundAmountTooLarge { order, left };
        return Err(Refusal::Payments(refusal).into());
    }
    let (earlier, parts) = (Undone::of(row), rounding::apportion(amount, &rooms, currency));
    let none = vec![0; parts.len()];
    let amount = give_back(ctx, order, &none, &parts);
    consequences::refunded(ctx, order, earlier);
    Ok(PaidBack { amount, whole: false })
}

/// An order of which money can go back, and whose buyer is here.
fn paid_order<'s>(ctx: &'s Ctx<'_>, order: OrderId) -> Decided<&'s Order> {
    let row = ctx.order(order)?;
    ctx.member_row(row.member)?;
    if !row.is_paid() {
        return Err(Refusal::Orders(orders::Refusal::WrongState { order, state: row.state }).into());
    }
    Ok(row)
}

/// How many units of each line go back.
fn units_of(ctx: &Ctx<'_>, order: &Order, lines: &[WantedLine]) -> Decided<Vec<u32>> {
    if lines.is_empty() {
        return Ok(order.lines.iter().map(Line::live_qty).collect());
    }
    let lines: Vec<_> = lines.iter().map(|wanted| of_order(ctx, order, wanted)).collect();
    for wanted in &lines {
        if !order.lines.iter().any(|line| is_meant(line, wanted)) {
            let name = views::name_of(ctx.shop, wanted.offer, wanted.variant);
            return Err(Refusal::Orders(orders::Refusal::NotInOrder { name }).into());
        }
    }
    let mut units = vec![0; order.lines.len()];
    for wanted in &lines {
        take_units(order, wanted, &mut units)?;
    }
    Ok(units)
}

/// Codes are used again: what is named by the code or the name of an offer that is not in the order means
/// the one in the order that had it then.
fn of_order(ctx: &Ctx<'_>, order: &Order, wanted: &WantedLine) -> WantedLine {
    let offer = |id| ctx.shop.offers.get(id);
    let is_in = order.lines.iter().any(|line| line.offer == wanted.offer);
    let named = offer(wanted.offer).filter(|_| !is_in).and_then(|named| {
        let same = |by: fn(&Offer) -> &str| {
            let is = |line: &&Line| offer(line.offer).is_some_and(|it| by(it) == by(named));
            order.lines.iter().find(is)
        };
        same(|offer| &offer.detail.name).or_else(|| same(|offer| &offer.code))
    });
    let id = named.map_or(wanted.offer, |line| line.offer);
    WantedLine { offer: id, ..wanted.clone() }
}

fn is_meant(line: &Line, wanted: &WantedLine) -> bool {
    line.qty > 0
        && line.offer == wanted.offer
        && (wanted.variant.is_none() || wanted.variant == line.variant)
}

/// Find the units of one wanted line among the order's; an item may stand in several of them.
fn take_units(order: &Order, wanted: &WantedLine, units: &mut [u32]) -> Decided {
    let free = |line: &Line, taken: u32| line.live_qty() - taken;
    let meant = || order.lines.iter().enumerate().filter(|(_, line)| is_meant(line, wanted));
    let left: u32 = meant().map(|(index, line)| free(line, units[index])).sum();
    let mut open = wanted.qty.unwrap_or(left);
    if open > left || open == 0 {
        return Err(
            Refusal::Payments(payments::Refusal::RefundTooLarge { order: order.id, left }).into()
        );
    }
    for (index, line) in meant() {
        let some = open.min(free(line, units[index]));
        units[index] += some;
        open -= some;
    }
    Ok(())
}

/// Goods that were never sent can be sold again, as long as their offer is open.
fn restock(ctx: &mut Ctx<'_>, order: OrderId, units: &[u32]) {
    let at = ctx.at;
    let Some(row) = ctx.shop.orders.get(order).filter(|row| row.state == OrderState::Paid) else {
        return;
    };
    let lines: Vec<_> = row.lines.iter().map(|line| (line.offer, line.variant)).collect();
    for (index, ((offer, variant), &units)) in lines.into_iter().zip(units).enumerate() {
        let is_open = ctx.shop.offers.get(offer).is_some_and(|offer| offer.takes_orders(at));
        if units == 0 || !is_open {
            continue;
        }
        apply::restock(ctx, offer, variant, units);
        if let Some(row) = ctx.shop.orders.edit(order) {
            row.lines[index].restocked += units;
        }
    }
}

/// Count the units as refunded, and the amounts beside them, and post the money they come to.
fn give_back(ctx: &mut Ctx<'_>, order: OrderId, units: &[u32], amounts: &[Money]) -> Money {
    let currency = ctx.shop.community.currency;
    let Some(row) = ctx.shop.orders.edit(order) else { return Money::ZERO };
    let before = row.refunded();
    let amounts = amounts.iter().copied().chain(std::iter::repeat(Money::ZERO));
    for ((line, units), amount) in row.lines.iter_mut().zip(units).zip(amounts) {
        line.refunded_qty += units;
        let by_units = worth_of(line, line.refunded_qty, currency);
        line.refunded_amount += amount;
        line.refunded = line.base().min(by_units + line.refunded_amount);
    }
    let amount = row.refunded() - before;
    if !amount.is_zero() {
        let (sales, received) = (AccountNo::house(House::Sales), AccountNo::house(House::Received));
        let entry = Entry::transfer(Fact::Refunded, currency.code(), sales, received, amount);
        ctx.post(entry.about(order));
    }
    amount
}

/// What so many units of a line were paid with, rounded down to what can be paid, but never below what went
/// back for units already; all of them are exactly its base.
fn worth_of(line: &Line, units: u32, currency: Currency) -> Money {
    let count = |qty: u32| Money::from_minor(i64::from(qty));
    let exact = line.base().portion(count(units), count(line.qty));
    let paid = if units == line.qty { exact } else { currency.in_cash(exact) };
    // Lines from before whole dollars gave back cents.
    if paid + line.refunded_amount < line.refunded { exact } else { paid }
}

/// An order of which nothing is left is over. Whether it is.
fn close_if_empty(ctx: &mut Ctx<'_>, order: OrderId) -> bool {
    let whole =
        ctx.shop.orders.get(order).is_some_and(|row| row.lines.iter().all(|l| l.live_qty() == 0));
    if let Some(row) = ctx.shop.orders.edit(order).filter(|_| whole) {
        if row.state != OrderState::Closed {
            row.due_at = None;
        }
        row.state = OrderState::Refunded;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{
        A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI, evening, morning, of_variant, want, without,
    };
    use crate::decide::testing_orders::{assert_books_agree, house, owed, placed};
    use crate::domain::event::{Evidence, Timer};
    use crate::domain::ids::OfferId;
    use crate::domain::intent::{Intent, LeaderIntent, Op, Selection};
    use crate::domain::ledger::Purse;
    use crate::domain::money::Rate;
    use crate::domain::people::Bond;
    use crate::domain::{loyalty, payouts, shipping};
    use proptest::prelude::*;

    fn lead(stage: &mut Stage, intent: LeaderIntent) -> Vec<Reply> {
        stage.does(AMING, Intent::Lead(intent))
    }

    fn pay(stage: &mut Stage, order: OrderId) {
        let of = Selection::Orders(vec![order]);
        lead(stage, LeaderIntent::Payments(payments::Lead::Paid { of, amount: None }));
    }

    fn back(stage: &mut Stage, order: OrderId, lines: &[WantedLine]) -> Vec<Reply> {
        let lines = lines.iter().map(|line| WantedLine { op: Op::Remove, ..line.clone() });
        let lines = lines.collect();
        lead(stage, LeaderIntent::Payments(payments::Lead::Refund { order, lines }))
    }

    fn pays_back(
        stage: &mut Stage,
        order: OrderId,
        of: Option<WantedLine>,
        minor: i64,
    ) -> Vec<Reply> {
        let amount = Money::from_minor(minor);
        lead(stage, LeaderIntent::Payments(payments::Lead::RefundAmount { order, of, amount }))
    }

    fn settle(stage: &mut Stage, order: OrderId) {
        lead(
            stage,
            LeaderIntent::Shipping(shipping::Lead::Delivered(Selection::Orders(vec![order]))),
        );
        let due = stage.order(order.0).due_at.unwrap();
        stage.due(due, Timer::Settle);
    }

    /// 小美 was brought by 阿明 and pays for three boxes of grapes: 119.70, of which he has 7.18.
    fn sold() -> (Stage, OrderId) {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
        pay(&mut stage, order);
        (stage, order)
    }

    #[test]
    fn a_whole_refund_undoes_everything() {
        let (mut stage, order) = sold();
        let said = back(&mut stage, order, &[]);
        let (member, amount) = ("小美".to_owned(), Money::from_minor(11_970));
        assert_eq!(
            said,
            [Reply::Payments(payments::Reply::Refunded { order, member, amount, whole: true })]
        );
        assert_eq!(stage.order(order.0).state, OrderState::Refunded);
        assert_eq!(house(&stage, House::Received), 0);
        assert_eq!(house(&stage, House::CommissionCost), 0);
        assert_eq!(owed(&stage, AMING, Purse::Frozen), 0);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 0);
        assert_eq!(stage.stock(A1), (50, 0));
        assert_books_agree(&stage);
        let said = back(&mut stage, order, &[]);
        let refused =
            Refusal::Orders(orders::Refusal::WrongState { order, state: OrderState::Refunded });
        assert_eq!(Stage::refusal(&said), refused);
    }

    #[test]
    fn a_part_goes_back_by_line_and_quantity() {
        let (mut stage, order) = sold();
        back(&mut stage, order, &[want(A1, 1)]);
        assert_eq!(house(&stage, House::Received), 7_980);
        assert_eq!(owed(&stage, AMING, Purse::Frozen), 478); // ⌊718 × 7980 / 11970⌋
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 7); // ⌊11 × 7980 / 11970⌋
        assert_eq!(stage.stock(A1), (48, 2));
        assert_eq!(stage.order(order.0).state, OrderState::Paid);
        assert_books_agree(&stage);
    }

    #[test]
    fn refunds_are_refused_in_this_order() {
        let (mut stage, order) = sold();
        let open = placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
        let mut refusal = |order, lines: &[_]| Stage::refusal(&back(&mut stage, order, lines));
        let none = OrderId(77);
        assert_eq!(
            refusal(none, &[want(A1, 9)]),
            Refusal::Orders(orders::Refusal::NoSuchOrder { order: none })
        );
        let refused =
            Refusal::Orders(orders::Refusal::WrongState { order: open, state: OrderState::Placed });
        assert_eq!(refusal(open, &[want(A1, 9)]), refused);
        let name = "车厘子".to_owned();
        assert_eq!(
            refusal(order, &[want(A1, 9), want(A2, 1)]),
            Refusal::Orders(orders::Refusal::NotInOrder { name })
        );
        assert_eq!(
            refusal(order, &[want(A1, 4)]),
            Refusal::Payments(payments::Refusal::RefundTooLarge { order, left: 3 })
        );
        let twice = [want(A1, 2), want(A1, 2)];
        assert_eq!(
            refusal(order, &twice),
            Refusal::Payments(payments::Refusal::RefundTooLarge { order, left: 1 })
        );
        assert_eq!(house(&stage, House::Received), 11_970);
    }

    #[test]
    fn an_amount_goes_back_beside_units() {
        let (mut stage, order) = sold();
        pays_back(&mut stage, order, None, 10_000);
        let line = |stage: &Stage| {
            let line = &stage.order(order.0).lines[0];
            (line.refunded.minor, line.refunded_amount.minor, line.live_qty())
        };
        assert_eq!(line(&stage), (10_000, 10_000, 3));
        assert_eq!(stage.stock(A1), (47, 3), "no goods came back");
        assert_eq!(owed(&stage, AMING, Purse::Frozen), 118); // ⌊718 × 1970 / 11970⌋
        assert_books_agree(&stage);
        // One box is 39.90, but only 19.70 are left.
        back(&mut stage, order, &[want(A1, 1)]);
        assert_eq!(line(&stage), (11_970, 10_000, 2));
        assert_eq!(stage.order(order.0).state, OrderState::Paid);
        let said = back(&mut stage, order, &[]);
        let (member, amount) = ("小美".to_owned(), Money::ZERO);
        assert_eq!(
            said,
            [Reply::Payments(payments::Reply::Refunded { order, member, amount, whole: true })]
        );
        assert_eq!(house(&stage, House::Received), 0);
        assert_eq!(owed(&stage, AMING, Purse::Frozen), 0);
        assert_eq!(stage.stock(A1), (50, 0));
        assert_books_agree(&stage);
    }

    #[test]
    fn an_amount_over_several_lines_is_shared_by_what_is_left_of_each() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1), (A2, None, 1)]);
        pay(&mut stage, order);
        let parts = |stage: &Stage| {
            let lines = stage.order(order.0).lines.iter();
            lines.map(|line| line.refunded.minor).collect::<Vec<_>>()
        };
        pays_back(&mut stage, order, None, 1_001);
        // Of 39.90 and 88.00: 312.26 and 688.73 cents.
        assert_eq!(parts(&stage), [312, 689]);
        pays_back(&mut stage, order, Some(want(A2, 1)), 88_00 - 689);
        assert_eq!(parts(&stage), [312, 8_800]);
        pays_back(&mut stage, order, None, 3_990 - 312);
        assert_eq!(parts(&stage), [3_990, 8_800]);
        let entries = stage.shop.fresh.journal.iter();
        assert_eq!(entries.filter(|it| it.entry.kind == Fact::Refunded).count(), 3);
        assert_books_agree(&stage);
    }

    #[test]
    fn amounts_are_refused_in_this_order() {
        let (mut stage, order) = sold();
        let open = placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
        let mut refusal = |order, of: Option<OfferId>, minor| {
            let of = of.map(|offer| want(offer, 1));
            Stage::refusal(&pays_back(&mut stage, order, of, minor))
        };
        let none = OrderId(77);
        let no_order = Refusal::Orders(orders::Refusal::NoSuchOrder { order: none });
        assert_eq!(refusal(none, Some(A2), 0), no_order);
        let unpaid = orders::Refusal::WrongState { order: open, state: OrderState::Placed };
        let unpaid = Refusal::Orders(unpaid);
        assert_eq!(refusal(open, Some(A1), 0), unpaid);
        let name = "车厘子".to_owned();
        let no_line = Refusal::Orders(orders::Refusal::NotInOrder { name });
        assert_eq!(refusal(order, Some(A2), 0), no_line);
        assert_eq!(refusal(order, Some(A1), 0), Refusal::Orders(orders::Refusal::AbsurdQuantity));
        let left = Money::from_minor(11_970);
        let too_large = payments::Refusal::RefundAmountTooLarge { order, left };
        assert_eq!(refusal(order, Some(A1), 11_971), Refusal::Payments(too_large));
        assert_eq!(house(&stage, House::Received), 11_970);
    }

    #[test]
    fn goods_that_were_sent_or_whose_offer_is_closed_do_not_go_back_on_sale() {
        let (mut stage, order) = sold();
        stage.at = evening();
        back(&mut stage, order, &[want(A1, 1)]);
        assert_eq!(stage.stock(A1), (47, 3));
        let (mut stage, order) = sold();
        let of = Selection::Orders(vec![order]);
        lead(
            &mut stage,
            LeaderIntent::Shipping(shipping::Lead::Ship { of, carrier: None, tracking: None }),
        );
        back(&mut stage, order, &[]);
        assert_eq!(stage.stock(A1), (47, 3));
        assert_eq!(stage.order(order.0).lines[0].restocked, 0);
    }

    #[test]
    fn a_claw_back_leaves_the_available_balance_negative() {
        let (mut stage, order) = sold();
        stage.shop.members.edit(AMING).unwrap().private.payee = Some("支付宝".to_owned());
        settle(&mut stage, order);
        assert_eq!(owed(&stage, AMING, Purse::Available), 718);
        let other = placed(&mut stage, XIAOMEI, &[(A1, None, 2)]);
        pay(&mut stage, other);
        stage.shop.policy = std::sync::Arc::new(crate::domain::policy::Policy {
            withdrawal: crate::domain::policy::WithdrawalPolicy {
                minimum: Money::from_minor(1),
                withholding: Rate::default(),
            },
            ..(*stage.shop.policy).clone()
        });
        stage.does(AMING, Intent::Payouts(payouts::Intent::Withdraw { amount: None }));
        assert_eq!(owed(&stage, AMING, Purse::Locked), 718);
        back(&mut stage, order, &[]);
        assert_eq!(owed(&stage, AMING, Purse::Available), -718);
        assert_eq!(owed(&stage, AMING, Purse::Frozen), 478);
        assert_books_agree(&stage);
    }

    #[test]
    fn what_was_refunded_before_settling_never_becomes_available() {
        let (mut stage, order) = sold();
        back(&mut stage, order, &[want(A1, 1)]);
        settle(&mut stage, order);
        assert_eq!(owed(&stage, AMING, Purse::Available), 478);
        assert_eq!(owed(&stage, AMING, Purse::Frozen), 0);
        back(&mut stage, order, &[without(A1)]);
        assert_eq!(owed(&stage, AMING, Purse::Available), 0);
        assert_eq!(stage.order(order.0).state, OrderState::Refunded);
    }

    /// Three lines at odd prices with points on them, two levels, rates and fixed amounts.
    fn mixed(prices: [i64; 2], points: u32) -> (Stage, OrderId) {
        let mut stage = Stage::with_policy(|policy| {
            policy.commission.level2 = Rate { bps: 333 };
            policy.points.per_amount = Some(Money::from_minor(7));
        });
        let bond = Bond { inviter: XIAOMEI, evidence: Evidence::JoinEvent, since: morning() };
        stage.shop.members.edit(LAOWANG).unwrap().bond = Some(bond);
        stage.shop.offers.edit(A1).unwrap().price = Money::from_minor(prices[0]);
        let dumplings = stage.shop.offers.edit(S1).unwrap();
        dumplings.price = Money::from_minor(prices[1]);
        let (first, second) = (Money::from_minor(13), Money::from_minor(5));
        let fixed = crate::domain::policy::ItemCommission::Fixed(first, second);
        dumplings.detail.commission = Some(fixed);
        let wanted = [(A1, None, 5), (S1, Some(0), 4), (S1, Some(1), 3)];
        let order = placed(&mut stage, LAOWANG, &wanted);
        crate::decide::loyalty::points::tests::give(&mut stage, LAOWANG, 10_000);
        stage.does(LAOWANG, Intent::Loyalty(loyalty::Intent::SpendPoints { points: Some(points) }));
        pay(&mut stage, order);
        (stage, order)
    }

    const STEPS: [(OfferId, Option<u16>); 3] = [(A1, None), (S1, Some(0)), (S1, Some(1))];

    fn assert_commission_follows_the_base(stage: &Stage, order: OrderId) {
        for line in &stage.order(order.0).lines {
            for share in line.shares.iter().flatten() {
                let (base, left) = (line.base(), line.base() - line.refunded);
                let target = share.amount.portion(left, base);
                assert_eq!(share.amount - share.reversed, target);
            }
        }
    }

    proptest! {
        #[test]
        fn any_mixture_of_partial_refunds_equals_one_whole_refund(
            steps in proptest::collection::vec((0..3usize, 1..4u32, 0..3_000i64, 0..4u8), 0..12),
            settled_after in 0..14usize,
            prices in [1..9_999i64, 1..9_999i64],
            points in 1..9_999u32,
        ) {
            let (mut stage, order) = mixed(prices, points);
            let whole = (stage.order(order.0).total(), stage.order(order.0).points_spent);
            let mut refunded = Money::ZERO;
            let steps = steps.into_iter().map(Some).chain([None]);
            for (index, step) in steps.enumerate() {
                if index == settled_after && stage.order(order.0).is_paid() {
                    settle(&mut stage, order);
                }
                let line = |line: usize, qty| {
                    let (offer, variant) = STEPS[line];
                    variant.map_or(want(offer, qty), |v| of_variant(want(offer, qty), v))
                };
                // By units, of a line by amount, of the order by amount, or what is left.
                let said = match step {
                    Some((at, qty, minor, 0)) => pays_back(&mut stage, order, Some(line(at, qty)), minor),
                    Some((_, _, minor, 1)) => pays_back(&mut stage, order, None, minor),
                    Some((at, qty, ..)) => back(&mut stage, order, &[line(at, qty)]),
                    None => back(&mut stage, order, &[]),
                };
                for reply in said {
                    if let Reply::Payments(payments::Reply::Refunded { amount, .. }) = reply {
                        refunded += amount;
                    }
                }
                assert_commission_follows_the_base(&stage, order);
                assert_books_agree(&stage);
            }
            prop_assert_eq!(refunded, whole.0);
            prop_assert_eq!(stage.order(order.0).state, OrderState::Refunded);
            for account in [House::Received, House::Sales, House::CommissionCost] {
                prop_assert_eq!(house(&stage, account), 0);
            }
            for promoter in [AMING, XIAOMEI] {
                let frozen = owed(&stage, promoter, Purse::Frozen);
                prop_assert_eq!((frozen, owed(&stage, promoter, Purse::Available)), (0, 0));
            }
            prop_assert_eq!(owed(&stage, LAOWANG, Purse::Wallet), 10_000);
            for (offer, _) in STEPS {
                let row = stage.shop.offers.get(offer).unwrap();
                let put: i64 = row.stock.iter().map(|stock| stock.initial).sum();
                prop_assert_eq!(row.left().unwrap() + row.sold, put);
            }
        }
    }
}
