//! Chasing (催款): a leader asks for what is due, politely and not too often.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::book::ctx::{Ctx, Decided};
use crate::domain::event::Contact;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::Selection;
use crate::domain::money::Money;
use crate::domain::orders::{self, OrderState};
use crate::domain::payments;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;

use crate::decide::orders::reminders::remind;
use crate::decide::orders::selection::select;

/// The most people that one message names.
const MOST: usize = 50;

/// Ask those who have not paid. Whoever says to have paid is left alone, and so is whoever was asked lately.
///
/// # Errors
/// Missing facts; those of [`select`]; `ChasedLately`, when nobody is left.
pub fn chase(ctx: &mut Ctx<'_>, of: &Selection) -> Decided {
    let chosen = select(ctx, of, OrderState::Placed, orders::Order::is_unpaid)?;
    let again = Duration::minutes(i64::from(ctx.shop.policy.payment.chase_minutes));
    let (mut due, mut claimed, mut lately) = (BTreeMap::new(), 0, None);
    for id in chosen {
        let order = ctx.order(id)?;
        ctx.member_row(order.member)?;
        if order.still_due() <= Money::ZERO {
            continue;
        }
        let asked = order.private.chased_at.filter(|asked| *asked + again > ctx.at);
        if order.private.open_claim().is_some() {
            claimed += 1;
        } else if asked.is_some() {
            lately = lately.max(asked);
        } else {
            due.entry(order.member).or_insert_with(Vec::new).push(id);
        }
    }
    if let (true, Some(at)) = (due.is_empty(), lately) {
        return Err(Refusal::Payments(payments::Refusal::ChasedLately { at }).into());
    }
    let people = due.len();
    ask(ctx, due);
    let reply = payments::Reply::ChaseDone { people, claimed };
    if ctx.private || claimed > 0 || ctx.shop.policy.payment.chases_alone || people == 0 {
        ctx.say(Reply::Payments(reply));
    }
    ctx.record("chase", None, None);
    Ok(())
}

/// Ask them: before all in one message, or each alone.
fn ask(ctx: &mut Ctx<'_>, due: BTreeMap<MemberId, Vec<OrderId>>) {
    let at = ctx.at;
    for &order in due.values().flatten() {
        if let Some(row) = ctx.shop.orders.edit(order) {
            row.private.chased_at = Some(at);
        }
    }
    if ctx.shop.policy.payment.chases_alone {
        for (member, orders) in due {
            remind(ctx, member, &orders);
        }
        return;
    }
    let due: Vec<_> = due.into_iter().collect();
    for some in due.chunks(MOST) {
        let rows = some.iter().flat_map(|(_, orders)| orders);
        let until = rows.filter_map(|&id| ctx.shop.orders.get(id)).map(|row| row.hold_until).min();
        let people = some.iter().filter_map(|(member, _)| ctx.shop.members.get(*member));
        let people: Vec<_> =
            people.map(|it| Contact { key: it.key.clone(), name: it.name.clone() }).collect();
        if let Some(until) = until {
            ctx.announce(Reply::Payments(payments::Reply::Chased { people, until }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI};
    use crate::decide::testing_orders::placed;
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::payments::DueView;

    fn chases(stage: &mut Stage, of: Selection) -> Vec<Reply> {
        stage.does(AMING, Intent::Lead(LeaderIntent::Payments(payments::Lead::Chase(of))))
    }

    fn named(replies: &[Reply]) -> Vec<&str> {
        let people = replies.iter().filter_map(|reply| match reply {
            Reply::Payments(payments::Reply::Chased { people, .. }) => Some(people),
            _ => None,
        });
        people.flatten().map(|it| it.name.as_str()).collect()
    }

    #[test]
    fn each_is_named_once_and_nobody_again_before_some_hours() {
        let mut stage = Stage::new();
        placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
        let said = chases(&mut stage, Selection::Members(vec!["老王".into()]));
        assert_eq!(named(&said), ["老王"]);
        stage.later(60);
        assert_eq!(
            named(&chases(&mut stage, Selection::All)),
            ["小美"],
            "老王 was asked an hour ago"
        );
        let said = chases(&mut stage, Selection::All);
        let lately = Refusal::Payments(payments::Refusal::ChasedLately { at: stage.at });
        assert_eq!(Stage::refusal(&said), lately);
        stage.later(181);
        assert_eq!(named(&chases(&mut stage, Selection::All)).len(), 2);
    }

    #[test]
    fn nobody_is_asked_where_nothing_is_due() {
        let mut stage = Stage::new();
        let said = chases(&mut stage, Selection::All);
        assert_eq!(Stage::refusal(&said), Refusal::Orders(orders::Refusal::NoOrders));
    }

    #[test]
    fn whoever_says_to_have_paid_is_left_alone() {
        let mut stage = Stage::new();
        placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let amount = None;
        stage.does(
            XIAOMEI,
            Intent::Payments(payments::Intent::ClaimPaid { orders: vec![], amount }),
        );
        let said = chases(&mut stage, Selection::All);
        assert_eq!(said, [Reply::Payments(payments::Reply::ChaseDone { people: 0, claimed: 1 })]);
    }

    #[test]
    fn each_is_asked_alone_where_the_file_says_so() {
        let mut stage = Stage::with_policy(|policy| policy.payment.chases_alone = true);
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        stage.heard();
        chases(&mut stage, Selection::All);
        let heard = stage.heard();
        let Reply::Payments(payments::Reply::PayReminder { due, .. }) = &heard[0].reply else {
            panic!("{heard:?}")
        };
        assert_eq!(due[..], [DueView { order, due: Money::from_minor(3_990) }]);
        assert!(heard[0].private);
    }
}
