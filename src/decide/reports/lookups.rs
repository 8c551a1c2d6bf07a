//! Looking up (查单): somebody's orders, orders by number, who has something.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent};
use crate::domain::orders::{Order, OrderState};
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::reports::{self, BuyerView};
use crate::domain::{catalog, orders};

use crate::decide::ask;
use crate::decide::orders::mine::{MAX_MY_ORDERS, recent};
use crate::decide::orders::selection::require_all;
use crate::decide::reports::figures::MAX_LISTED;
use crate::decide::views;

/// Orders by number.
///
/// # Errors
/// Missing facts; `NoSuchOrder`.
pub fn by_number(ctx: &mut Ctx<'_>, numbers: &[OrderId]) -> Decided {
    let mut orders = Vec::with_capacity(numbers.len());
    for &id in numbers {
        let order = ctx.order(id)?;
        ctx.member_row(order.member)?;
        orders.push(views::order(ctx.shop, order));
    }
    tell(ctx, None, orders);
    Ok(())
}

/// The last orders of these members, newest first.
///
/// # Errors
/// Missing facts; a name of nobody or of several.
pub fn of_members(ctx: &mut Ctx<'_>, people: &[Person]) -> Decided {
    let (mut orders, mut name) = (Vec::new(), None);
    for person in people {
        let member = ctx.member_of(person)?;
        name = Some(ctx.member_row(member)?.name.clone());
        for id in recent(ctx, member)?.into_iter().take(MAX_MY_ORDERS) {
            orders.push(views::order(ctx.shop, ctx.order(id)?));
        }
    }
    tell(ctx, name.filter(|_| people.len() == 1), orders);
    Ok(())
}

fn tell(ctx: &mut Ctx<'_>, name: Option<String>, orders: Vec<crate::domain::reply::OrderView>) {
    ctx.record("look_up", orders.first().map(|order| order.order), None);
    ctx.say(Reply::Reports(reports::Reply::OrdersFound { name, orders }));
}

/// Who has something of an offer that has not been received yet, and how much of it, in order of number. 更多 shows
/// the next of them.
///
/// # Errors
/// Missing facts; `NothingOpen`.
pub fn who_ordered(
    ctx: &mut Ctx<'_>,
    offer: OfferId,
    variant: Option<u16>,
    from: usize,
) -> Decided {
    for state in [OrderState::Placed, OrderState::Paid, OrderState::Shipped] {
        require_all(ctx, state)?;
    }
    let units = |order: &Order| -> u32 {
        let of = |line: &&orders::Line| {
            line.offer == offer && (variant.is_none() || line.variant == variant)
        };
        order.lines.iter().filter(of).map(orders::Line::live_qty).sum()
    };
    let is_open = |order: &&Order| {
        matches!(order.state, OrderState::Placed | OrderState::Paid | OrderState::Shipped)
    };
    let mut buyers = Vec::new();
    for order in ctx.shop.orders.values().filter(is_open) {
        let qty = units(order);
        if qty > 0 {
            let (member, is_paid) =
                (ctx.member_row(order.member)?.name.clone(), !order.is_unpaid());
            let for_whom = order.private.for_whom.clone();
            buyers.push(BuyerView { order: order.id, member, for_whom, qty, is_paid });
        }
    }
    let row = ctx.shop.offers.get(offer);
    let row = row.ok_or(Refusal::Catalog(catalog::Refusal::NothingOpen))?;
    let (name, unit) = (views::full_name(row, variant), row.detail.unit.clone());
    let total = buyers.iter().map(|buyer| i64::from(buyer.qty)).sum();
    let beyond = buyers.len().saturating_sub(from + MAX_LISTED);
    let buyers: Vec<_> = buyers.into_iter().skip(from).take(MAX_LISTED).collect();
    if beyond > 0 {
        let next = reports::Lead::WhoOrdered { offer, variant, from: from + MAX_LISTED };
        ask::turn(ctx, Intent::Lead(LeaderIntent::Reports(next)));
    }
    ctx.record("who_ordered", None, None);
    ctx.say(Reply::Reports(reports::Reply::WhoOrdered { name, unit, total, buyers, beyond, from }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI};
    use crate::decide::testing_orders::placed;

    fn leads(stage: &mut Stage, lead: reports::Lead) -> Vec<Reply> {
        stage.does(AMING, Intent::Lead(LeaderIntent::Reports(lead)))
    }

    #[test]
    fn whoever_has_something_is_listed_with_how_much() {
        let mut stage = Stage::new();
        let hers = placed(&mut stage, XIAOMEI, &[(A1, None, 2)]);
        placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
        let said =
            leads(&mut stage, reports::Lead::WhoOrdered { offer: A1, variant: None, from: 0 });
        let [Reply::Reports(reports::Reply::WhoOrdered { buyers, total, .. })] = &said[..] else {
            panic!("{said:?}")
        };
        let told: Vec<_> = buyers.iter().map(|it| (it.order, it.member.as_str(), it.qty)).collect();
        assert_eq!((told, *total), (vec![(hers, "小美", 2)], 2));
    }

    #[test]
    fn more_than_a_page_of_buyers_goes_on() {
        let mut stage = Stage::new();
        for _ in 0..57 {
            placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        }
        let page = |stage: &mut Stage, from| {
            let said = leads(stage, reports::Lead::WhoOrdered { offer: A1, variant: None, from });
            match &said[..] {
                [Reply::Reports(reports::Reply::WhoOrdered { buyers, beyond, total, .. })] => {
                    (buyers.len(), *beyond, *total)
                }
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(page(&mut stage, 0), (50, 7, 57));
        let waits = stage.shop.members.get(AMING).unwrap().question.is_some();
        assert!(waits, "more is what comes next");
        assert_eq!(page(&mut stage, 50), (7, 0, 57));
    }

    #[test]
    fn an_order_that_is_not_there_is_said_so() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 2)]);
        let said = leads(&mut stage, reports::Lead::Orders(vec![order]));
        assert!(
            matches!(&said[..], [Reply::Reports(reports::Reply::OrdersFound { orders, .. })] if orders[0].order == order)
        );
        let said = leads(&mut stage, reports::Lead::Orders(vec![OrderId(9)]));
        let refused = Refusal::Orders(orders::Refusal::NoSuchOrder { order: OrderId(9) });
        assert_eq!(Stage::refusal(&said), refused);
        assert_eq!(
            stage.does(
                XIAOMEI,
                Intent::Lead(LeaderIntent::Reports(reports::Lead::Orders(vec![order])))
            ),
            []
        );
    }
}
