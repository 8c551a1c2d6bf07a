//! 收到 全部: money of several people is booked after the leader has read whose it is and what it comes to. Where some
//! say to have paid, those are the first choice.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::OrderId;
use crate::domain::intent::{Intent, LeaderIntent, Question, Selection, Understood, Why};
use crate::domain::money::Money;
use crate::domain::orders::{self, Order, OrderState};
use crate::domain::payments;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{ChoiceView, Reply};

use crate::decide::ask;
use crate::decide::orders::selection::{MAX_ORDERS, require_all};
use crate::decide::payments::payment;

/// The money of everybody came, or of everybody who says so.
///
/// # Errors
/// Missing facts; `NoOrders`.
pub fn paid(ctx: &mut Ctx<'_>) -> Decided {
    require_all(ctx, OrderState::Placed)?;
    let due = |order: &&Order| order.is_unpaid() && order.still_due() > Money::ZERO;
    for order in ctx.shop.orders.values().filter(due) {
        ctx.member_row(order.member)?;
    }
    let of = |is_meant: &dyn Fn(&Order) -> bool| -> Vec<OrderId> {
        let all = ctx.shop.orders.values().filter(due).filter(|order| is_meant(order));
        all.map(|order| order.id).take(MAX_ORDERS).collect()
    };
    let (all, claimed) = (of(&|_| true), of(&|order| order.private.open_claim().is_some()));
    let choices = match (claimed.len(), all.len()) {
        (_, 0) => return Err(Refusal::Orders(orders::Refusal::NoOrders).into()),
        (0, _) => vec![all],
        (some, most) if some < most => vec![claimed, all],
        _ => vec![claimed],
    };
    // Money of one person needs no word more.
    let is_plain = ctx.speaker.is_none() || people(ctx, &choices[0]).len() <= 1;
    if let [only] = &choices[..]
        && is_plain
    {
        return payment::paid(ctx, &Selection::Orders(only.clone()), None);
    }
    let views = choices.iter().map(|orders| view(ctx, orders)).collect();
    let choices = choices.into_iter().map(|orders| {
        let of = Selection::Orders(orders);
        Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount: None }))
    });
    let question = Question::of(Why::Confirm, choices.collect());
    let reply = Reply::Asked { why: question.why, choices: views, name: None, unit: None };
    ask::put(ctx, &question, &Understood::bare(Intent::Ask(question.clone())), reply)
}

/// The names of whose orders these are, each once.
fn people(ctx: &Ctx<'_>, orders: &[OrderId]) -> Vec<String> {
    let mut members: Vec<_> =
        orders.iter().filter_map(|&id| ctx.shop.orders.get(id)).map(|row| row.member).collect();
    members.sort_unstable();
    members.dedup();
    let rows = members.into_iter().filter_map(|id| ctx.shop.members.get(id));
    rows.map(|row| row.name.clone()).collect()
}

fn view(ctx: &Ctx<'_>, orders: &[OrderId]) -> ChoiceView {
    let rows = || orders.iter().filter_map(|&id| ctx.shop.orders.get(id));
    let total: Money = rows().map(Order::still_due).sum();
    let claimed = rows().all(|row| row.private.open_claim().is_some());
    ChoiceView::Everybody { names: people(ctx, orders), orders: orders.len(), total, claimed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI};
    use crate::decide::testing_orders::placed;

    fn all(stage: &mut Stage) -> Vec<Reply> {
        let lead = payments::Lead::Paid { of: Selection::All, amount: None };
        stage.does(AMING, Intent::Lead(LeaderIntent::Payments(lead)))
    }

    fn picks(stage: &mut Stage, nth: usize) {
        let row = stage.shop.members.get(AMING).unwrap();
        let choice = row.question.clone().unwrap().question.choices[nth].clone();
        stage.does(AMING, choice);
    }

    #[test]
    fn money_of_several_is_confirmed_with_names_and_total() {
        let mut stage = Stage::new();
        assert_eq!(Stage::refusal(&all(&mut stage)), Refusal::Orders(orders::Refusal::NoOrders));
        placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
        let said = all(&mut stage);
        let [Reply::Asked { choices, .. }] = &said[..] else { panic!("{said:?}") };
        let names = vec!["小美".to_owned(), "老王".to_owned()];
        let total = Money::from_minor(3_990 + 8_800);
        assert_eq!(
            choices[..],
            [ChoiceView::Everybody { names, orders: 2, total, claimed: false }]
        );
        assert!(stage.shop.fresh.journal.is_empty());
        picks(&mut stage, 0);
        assert!(stage.shop.orders.values().all(|order| order.state == OrderState::Paid));
    }

    #[test]
    fn those_who_say_so_are_the_first_choice() {
        let mut stage = Stage::new();
        let hers = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let his = placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
        let claim = payments::Intent::ClaimPaid { orders: Vec::new(), amount: None };
        stage.does(XIAOMEI, Intent::Payments(claim));
        let said = all(&mut stage);
        let [Reply::Asked { choices, .. }] = &said[..] else { panic!("{said:?}") };
        assert!(matches!(
            choices[..],
            [ChoiceView::Everybody { claimed: true, .. }, ChoiceView::Everybody { .. }]
        ));
        picks(&mut stage, 0);
        assert_eq!(stage.order(hers.0).state, OrderState::Paid);
        assert_eq!(stage.order(his.0).state, OrderState::Placed);
    }

    #[test]
    fn money_of_one_person_needs_no_word_more() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        all(&mut stage);
        assert_eq!(stage.order(order.0).state, OrderState::Paid);
    }
}
