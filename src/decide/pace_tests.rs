//! When and to whom replies are said: by the operator's file and the size of the group.

use chrono::{Duration, NaiveTime};

use super::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI, want};
use crate::domain::event::Timer;
use crate::domain::ids::MemberId;
use crate::domain::intent::{Intent, LeaderIntent, Selection};
use crate::domain::policy::{CommunityPolicy, QuietHours, ReceiptPace};
use crate::domain::reply::Reply;
use crate::domain::{orders, payments};

fn stage(change: impl FnOnce(&mut CommunityPolicy)) -> Stage {
    Stage::with_policy(|policy| change(&mut policy.communities[0]))
}

fn orders(stage: &mut Stage) {
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 1)])));
}

/// Whether the last reply is for one alone, and how many seconds it waits.
fn last(stage: &Stage) -> (bool, i64) {
    let last = stage.shop.fresh.outbox.last().expect("something was said");
    let waits = last.due.map_or(0, |due| (due - last.at).num_seconds());
    (last.to.as_ref().is_some_and(|to| to.private), waits)
}

#[test]
fn receipts_of_large_groups_are_gathered_unless_the_file_says_otherwise() {
    for (receipts, members, expected) in [
        (None, 50, (false, 0)),
        (None, 51, (false, 50)),
        (Some(ReceiptPace::Each), 500, (false, 0)),
        (Some(ReceiptPace::Minute), 3, (false, 50)),
        (Some(ReceiptPace::Private), 500, (true, 0)),
    ] {
        let mut stage = stage(|community| community.receipts = receipts);
        stage.shop.community.last_member = MemberId(members);
        orders(&mut stage);
        assert_eq!(last(&stage), expected, "{receipts:?}, {members} members");
    }
}

#[test]
fn answers_and_refusals_are_said_at_once() {
    let mut stage = stage(|community| community.receipts = Some(ReceiptPace::Minute));
    orders(&mut stage);
    let of = Selection::All;
    stage.does(
        AMING,
        Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount: None })),
    );
    let gathered =
        |stage: &Stage| stage.shop.fresh.outbox.iter().filter(|it| it.due.is_some()).count();
    let before = gathered(&stage);
    stage.does(LAOWANG, Intent::Orders(orders::Intent::Order(vec![want(A2, 900)])));
    stage.does(LAOWANG, Intent::Orders(orders::Intent::MyOrders));
    stage.does(LAOWANG, Intent::Orders(orders::Intent::Cancel(Vec::new())));
    assert_eq!((before > 0, gathered(&stage)), (true, before));
}

/// From nine in the evening in the morning's zone; the stage begins at ten in the morning.
fn quiet() -> QuietHours {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
    QuietHours { from: time(21), to: time(8) }
}

#[test]
fn what_nobody_asked_for_waits_until_the_night_is_over() {
    let mut stage = stage(|community| community.quiet = Some(quiet()));
    orders(&mut stage);
    let hold = stage.order(1).hold_until;
    stage.due(hold, Timer::Release);
    let last = stage.shop.fresh.outbox.last().expect("something was said").clone();
    assert!(matches!(last.reply, Reply::Orders(orders::Reply::Lapsed { .. })), "{last:?}");
    let local = |at: crate::domain::time::Timestamp| at.with_timezone(&chrono_tz::Asia::Shanghai);
    let due = local(last.due.expect("it waits"));
    assert_eq!(due.time(), NaiveTime::from_hms_opt(8, 0, 0).unwrap());
    assert!(due > local(last.at) && due - local(last.at) < Duration::hours(11));
    // Whoever speaks is answered.
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::MyOrders));
    assert_eq!(stage.shop.fresh.outbox.last().and_then(|it| it.due), None);
}

#[test]
fn what_would_be_too_late_by_then_is_said_at_once() {
    let mut stage = stage(|community| community.quiet = Some(quiet()));
    orders(&mut stage);
    let hold = stage.order(1).hold_until;
    stage.due(hold - Duration::minutes(30), Timer::Warn);
    let last = stage.shop.fresh.outbox.last().expect("something was said");
    assert!(matches!(last.reply, Reply::Orders(orders::Reply::AboutToLapse { .. })), "{last:?}");
    assert_eq!(last.due, None);
}
