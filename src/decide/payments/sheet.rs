//! Sheets (表格): payments and parcels that a leader noted in a spreadsheet, all rows or none.
//!
//! Every row is checked before the first is taken. A row that says what is so already changes nothing, so
//! a sheet that was exported, edited and imported twice does no harm.

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided, Stop};
use crate::domain::ids::OrderId;
use crate::domain::intent::Selection;
use crate::domain::money::Money;
use crate::domain::operate::{MAX_ROWS, Objection, OperatorEffect, Outcome, ParcelRow, PaymentRow};
use crate::domain::orders::{Order, OrderState};

use crate::decide::operate::{RowResults, order_exists};
use crate::decide::payments::late::{RevivedUnits, goods_gone};
use crate::decide::payments::payment::{self, MAX_AMOUNT};
use crate::decide::shipping::delivery::{self, MAX_TRACKING};

/// Whether one row may be taken, and what it would come to.
type PaymentVerdict = Result<OperatorEffect, Objection>;

/// Take all rows, payments first, or none. Against a row speak, in this order: there is no such order,
/// an earlier row says otherwise, an amount that makes no sense, the order's state, goods that are gone.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn take(ctx: &mut Ctx<'_>, payments: &[PaymentRow], parcels: &[ParcelRow]) -> Decided<Outcome> {
    if payments.len() + parcels.len() > MAX_ROWS {
        return Ok(Outcome::refused(Objection::TooManyRows));
    }
    if payments.is_empty() && parcels.is_empty() {
        return Ok(Outcome::refused(Objection::Nothing));
    }
    let mut found = RowResults::default();
    let paid = check_payments(ctx, payments, &mut found)?;
    check_parcels(ctx, parcels, &paid, &mut found)?;
    if let Some(outcome) = found.objected() {
        return Ok(outcome);
    }
    let effects: Vec<_> = found.done.iter().map(|done| done.effect).collect();
    let (of_payments, of_parcels) = effects.split_at(payments.len());
    for (row, _) in payments.iter().zip(of_payments).filter(|(_, it)| **it != OperatorEffect::Same)
    {
        let of = Selection::Orders(vec![row.order]);
        taken(payment::paid(ctx, &of, Some(row.amount)));
    }
    for (row, _) in parcels.iter().zip(of_parcels).filter(|(_, it)| **it != OperatorEffect::Same) {
        let of = Selection::Orders(vec![row.order]);
        taken(delivery::ship(ctx, &of, row.carrier.as_deref(), row.tracking.as_deref()));
    }
    Ok(found.carried_out())
}

/// Half a sheet must never be saved: what was not foreseen sets the whole event aside.
fn taken(decided: Decided) {
    decided.expect("every row was checked before the first was taken");
}

/// An order with everybody concerned in the book.
fn order<'d>(ctx: &'d Ctx<'_>, id: OrderId) -> Decided<Option<&'d Order>> {
    if !order_exists(ctx.shop, id) {
        return Ok(None);
    }
    match ctx.order(id) {
        Ok(order) => {
            payment::require_people(ctx, &[id])?;
            Ok(Some(order))
        }
        Err(Stop::Refused(_)) => Ok(None),
        Err(missing) => Err(missing),
    }
}

/// Check all payments; which orders they come to pay in full.
fn check_payments(
    ctx: &Ctx<'_>,
    rows: &[PaymentRow],
    found: &mut RowResults,
) -> Decided<Vec<OrderId>> {
    let (mut seen, mut goods) = (BTreeMap::new(), RevivedUnits::new());
    let mut paid = Vec::new();
    for row in rows {
        let verdict = match order(ctx, row.order)? {
            None => Err(Objection::NoOrder(row.order)),
            Some(order) => repeated(&mut seen, row.order, row.row, row.amount)
                .unwrap_or_else(|| may_pay(ctx, order, row.amount, &mut goods)),
        };
        if matches!(verdict, Ok(OperatorEffect::Paid | OperatorEffect::Overpaid)) {
            paid.push(row.order);
        }
        found.note(row.row, row.order.0, verdict);
    }
    Ok(paid)
}

fn may_pay(
    ctx: &Ctx<'_>,
    order: &Order,
    amount: Money,
    goods: &mut RevivedUnits,
) -> PaymentVerdict {
    if amount <= Money::ZERO || amount.minor > MAX_AMOUNT {
        return Err(Objection::BadAmount);
    }
    if order.is_paid() && order.received == amount {
        return Ok(OperatorEffect::Same);
    }
    let is_payable = matches!(order.state, OrderState::Placed | OrderState::Cancelled);
    if !is_payable || order.gross() <= Money::ZERO {
        return Err(Objection::OrderState(order.state));
    }
    if goods_gone(ctx, order, goods).is_some() {
        return Err(Objection::GoodsGone);
    }
    Ok(match amount.cmp(&order.still_due()) {
        std::cmp::Ordering::Less => OperatorEffect::PaidInPart,
        std::cmp::Ordering::Equal => OperatorEffect::Paid,
        std::cmp::Ordering::Greater => OperatorEffect::Overpaid,
    })
}

fn check_parcels(
    ctx: &Ctx<'_>,
    rows: &[ParcelRow],
    paid: &[OrderId],
    found: &mut RowResults,
) -> Decided {
    let mut seen = BTreeMap::new();
    for row in rows {
        let said = (row.carrier.as_deref(), row.tracking.as_deref());
        let verdict = match order(ctx, row.order)? {
            None => Err(Objection::NoOrder(row.order)),
            Some(order) => repeated(&mut seen, row.order, row.row, said)
                .unwrap_or_else(|| may_ship(order, row, paid.contains(&row.order))),
        };
        found.note(row.row, row.order.0, verdict);
    }
    Ok(())
}

fn may_ship(order: &Order, row: &ParcelRow, is_paid_here: bool) -> PaymentVerdict {
    let short = |text: &String| text.chars().take(MAX_TRACKING).collect::<String>();
    let is_known = |said: &Option<String>, known: &Option<String>| {
        said.is_none() || said.as_ref().map(short) == *known
    };
    let private = &order.private;
    if is_known(&row.tracking, &private.tracking) && is_known(&row.carrier, &private.carrier) {
        return Ok(OperatorEffect::Same);
    }
    match order.state {
        OrderState::Shipped => Ok(OperatorEffect::Corrected),
        OrderState::Paid => Ok(OperatorEffect::Shipped),
        OrderState::Placed | OrderState::Cancelled if is_paid_here => Ok(OperatorEffect::Shipped),
        state => Err(Objection::OrderState(state)),
    }
}

/// What is to be said of a row whose order stood in an earlier one: an order of several lines has
/// several rows in a sheet.
fn repeated<T: Copy + PartialEq>(
    seen: &mut BTreeMap<OrderId, (u32, T)>,
    order: OrderId,
    row: u32,
    said: T,
) -> Option<PaymentVerdict> {
    let (earlier, before) = *seen.entry(order).or_insert((row, said));
    if earlier == row {
        return None;
    }
    Some(if before == said {
        Ok(OperatorEffect::Same)
    } else {
        Err(Objection::Twice { row: earlier })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, LAOWANG, Stage, XIAOMEI, evening};
    use crate::decide::testing_orders::{assert_books_agree, house, placed};
    use crate::domain::ledger::House;
    use crate::domain::operate::OperatorIntent;
    use crate::domain::payments;
    use crate::domain::reply::Reply;

    fn sheet(stage: &mut Stage, payments: &[(i64, i64)], parcels: &[(i64, &str)]) -> Outcome {
        let row = |index: usize| u32::try_from(index).unwrap() + 2;
        let payment = |(index, &(order, amount)): (usize, &(i64, i64))| PaymentRow {
            row: row(index),
            order: OrderId(order),
            amount: Money::from_minor(amount),
        };
        let parcel = |(index, &(order, tracking)): (usize, &(i64, &str))| ParcelRow {
            row: row(index),
            order: OrderId(order),
            carrier: Some("顺丰".to_owned()),
            tracking: Some(tracking.to_owned()),
        };
        let payments = payments.iter().enumerate().map(payment).collect();
        let parcels = parcels.iter().enumerate().map(parcel).collect();
        stage.orders(OperatorIntent::Sheet { payments, parcels })
    }

    fn effects(outcome: &Outcome) -> Vec<OperatorEffect> {
        assert_eq!(outcome.objections, []);
        outcome.done.iter().map(|done| done.effect).collect()
    }

    fn objections(outcome: &Outcome) -> Vec<(u32, Objection)> {
        assert_eq!(outcome.done, []);
        outcome.objections.iter().map(|it| (it.row, it.why.clone())).collect()
    }

    /// Two orders: #1 of 小美 for 79.80, #2 of 老王 for 88.00.
    fn two() -> Stage {
        let mut stage = Stage::new();
        placed(&mut stage, XIAOMEI, &[(A1, None, 2)]);
        placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
        stage
    }

    #[test]
    fn payments_and_parcels_of_one_sheet_are_taken_together() {
        let mut stage = two();
        let outcome =
            sheet(&mut stage, &[(1, 7_980), (2, 8_000), (1, 7_980)], &[(1, "SF1"), (1, "SF1")]);
        let expected = [
            OperatorEffect::Paid,
            OperatorEffect::PaidInPart,
            OperatorEffect::Same,
            OperatorEffect::Shipped,
            OperatorEffect::Same,
        ];
        assert_eq!(effects(&outcome), expected);
        assert_eq!(stage.order(1).state, OrderState::Shipped);
        assert_eq!(stage.order(1).private.tracking.as_deref(), Some("SF1"));
        assert_eq!(stage.order(2).state, OrderState::Placed);
        assert_eq!(house(&stage, House::Received), 7_980 + 8_000);
        assert_eq!(house(&stage, House::Sales), -7_980);
        let outcome = sheet(&mut stage, &[(2, 900)], &[]);
        assert_eq!(effects(&outcome), [OperatorEffect::Overpaid]);
        assert_eq!(stage.order(2).received, Money::from_minor(8_900));
        // Buyers hear of it as if the leader had said it; nothing is said to all.
        let heard = stage.heard();
        assert!(heard.iter().all(|heard| heard.to.is_some()));
        assert!(heard.iter().any(|heard| matches!(
            heard.reply,
            Reply::Payments(payments::Reply::PaymentTaken { .. })
        )));
        assert_books_agree(&stage);
    }

    #[test]
    fn the_same_sheet_again_changes_nothing() {
        let mut stage = two();
        let rows = [(1, 7_980), (2, 8_800)];
        sheet(&mut stage, &rows, &[(1, "SF1")]);
        stage.heard();
        let outcome = sheet(&mut stage, &rows, &[(1, "SF1")]);
        assert_eq!(effects(&outcome), [OperatorEffect::Same; 3]);
        assert_eq!(stage.heard(), []);
        let outcome = sheet(&mut stage, &[], &[(1, "SF2")]);
        assert_eq!(effects(&outcome), [OperatorEffect::Corrected]);
    }

    #[test]
    fn one_bad_row_refuses_the_whole_sheet() {
        let mut stage = two();
        let outcome = sheet(
            &mut stage,
            &[(1, 7_980), (9, 0), (2, 0), (1, 7_900)],
            &[(1, "SF1"), (2, "SF2"), (9, "SF3"), (1, "SF9")],
        );
        let expected = [
            (3, Objection::NoOrder(OrderId(9))),
            (4, Objection::BadAmount),
            (5, Objection::Twice { row: 2 }),
            (3, Objection::OrderState(OrderState::Placed)),
            (4, Objection::NoOrder(OrderId(9))),
            (5, Objection::Twice { row: 2 }),
        ];
        assert_eq!(objections(&outcome), expected);
        assert!(stage.shop.fresh.journal.is_empty());
        assert_eq!(stage.heard(), []);
        assert_eq!(stage.order(1).state, OrderState::Placed);
    }

    #[test]
    fn two_late_payments_do_not_take_the_same_goods() {
        let mut stage = Stage::new();
        for _ in 0..2 {
            placed(&mut stage, LAOWANG, &[(A2, None, 2)]);
            let order = stage.shop.community.last_order;
            let event =
                stage.event(crate::domain::event::Body::Due(crate::domain::event::Timer::Release));
            let mut ctx = Ctx::new(&mut stage.shop, &event);
            crate::decide::orders::order::apply::cancel(&mut ctx, order);
        }
        stage.at = evening();
        let outcome = sheet(&mut stage, &[(1, 17_600), (2, 17_600)], &[]);
        assert_eq!(objections(&outcome), [(3, Objection::GoodsGone)]);
        assert_eq!(effects(&sheet(&mut stage, &[(2, 17_600)], &[])), [OperatorEffect::Paid]);
        let outcome = sheet(&mut stage, &[(2, 17_601)], &[]);
        assert_eq!(objections(&outcome), [(2, Objection::OrderState(OrderState::Paid))]);
    }

    #[test]
    fn a_sheet_has_a_bound_and_at_least_one_row() {
        let mut stage = two();
        let many = vec![(1, 1); MAX_ROWS + 1];
        assert_eq!(objections(&sheet(&mut stage, &many, &[])), [(0, Objection::TooManyRows)]);
        assert_eq!(objections(&sheet(&mut stage, &[], &[])), [(0, Objection::Nothing)]);
    }
}
