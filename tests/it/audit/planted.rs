//! What is planted in the books is found, and what the database refuses cannot even be planted.

use sqlx::{ConnectOptions, Connection};
use tuan::store::audit::audit_in;

use super::{empty, make, make_in, run};

/// What is done to the first community (as the owner, who may), and what must be found: kind and trail as
/// printed. A plant may disturb more than one book; nothing else may be named.
const PLANTS: &[(&str, &[&str])] = &[
    // balances
    ("update balance set amount = amount + 1 where account_no = 2", &["balance event 1/4001: sales CNY"]),
    ("update balance set amount = amount - 1 where account_no = 33", &["balance member 2"]),
    ("delete from balance where account_no = 34", &["balance member 2"]),
    ("insert into balance values (1, 1, 639, 'CNY', 0)", &["balance member 39"]),
    // the journal
    (
        "insert into journal values (1, 1, 7, 1, 'asked', 'CNY', null, '{82,83}', '{5,-5}', now())",
        &["balance member 5 event 1/930000002: available CNY", "balance member 5 event 1/7: locked CNY"],
    ),
    (
        "alter table journal drop constraint journal_balances;
         update journal set amounts[1] = amounts[1] + 1 where kind = 'paid' and order_id = 6",
        &["journal_unbalanced order #6", "balance", "order_received order #6", "day: "],
    ),
    (
        "alter table journal drop constraint journal_legs_match;
         update journal set accounts = accounts[1:1] where kind = 'paid' and order_id = 6",
        &["journal_legs order #6", "balance", "order_paid order #6"],
    ),
    (
        "insert into journal values (1, 1, 7, 1, 'asked', 'CNY', null, '{159986,159987}', '{5,-5}', now())",
        &["journal_account member 9999", "balance member 9999"],
    ),
    (
        "insert into journal values (1, 1, 7, 1, 'asked', 'CNY', null, '{7,82}', '{-5,5}', now())",
        &["journal_account", "journal_shape", "balance"],
    ),
    (
        // A party's, whose number ends as the shop's 15th would.
        "insert into journal values (1, 1, 7, 1, 'asked', 'CNY', null, '{-1,82}', '{-5,5}', now())",
        &["journal_account", "journal_shape", "balance"],
    ),
    (
        // A party's that there is, and that no fact moves yet.
        "insert into journal values (1, 1, 7, 1, 'asked', 'CNY', null, '{-15,83}', '{5,-5}', now())",
        &["journal_shape event 1/7: asked owed CNY", "balance"],
    ),
    ("insert into balance values (1, 1, -15, 'CNY', 5)", &["balance", "overdrawn"]),
    ("update journal set kind = 'gift' where kind = 'sent'", &["journal_shape"]),
    ("update journal set kind = 'returned' where kind = 'asked'", &["journal_shape"]),
    (
        "update journal set currency = 'CNY' where kind = 'points_granted' and order_id = 6",
        &["journal_currency", "balance", "order_points order #6"],
    ),
    (
        "update journal set order_id = 99999 where kind = 'paid' and order_id = 6",
        &["journal_orphan order #99999", "order_paid order #6", "order_received order #6"],
    ),
    (
        "update journal set order_id = null where kind = 'paid' and order_id = 6",
        &["journal_order event 1/61", "order_paid order #6", "order_received order #6"],
    ),
    ("update lane set done_seq = 950000000", &["journal_ahead"]),
    (
        "delete from journal where kind = 'earned' and order_id = 6",
        &["commission order #6", "balance"],
    ),
    (
        "insert into journal select lane, community_id, 7, 1, kind, currency, order_id, accounts, amounts, at
         from journal where kind = 'paid' and order_id = 6",
        &["order_paid order #6", "order_received order #6", "balance", "day: "],
    ),
    (
        "update balance set amount = 7 where account_no = 33; update journal set at = at",
        &["overdrawn member 2", "balance member 2"],
    ),
    // orders and lines
    ("update orders set due_at = '2026-04-01' where order_id = 18", &["commission member"]),
    ("update orders set due_at = due_at + interval '1 day' where order_id = 18", &["commission member"]),
    ("update orders set state = 'paid' where order_id = 18", &["order_state order #18"]),
    ("update orders set state = 'received' where order_id = 6", &["order_state order #6"]),
    ("delete from settlement where seq = 930000001", &["commission member"]),
    (
        "insert into settlement values (1, 1, '2026-03-25', 1, 7, '2026-03-25')",
        &["commission member"],
    ),
    (
        "delete from journal where kind = 'due' and seq = 930000000",
        &["commission member", "balance member"],
    ),
    (
        "insert into journal values (1, 1, 7, 1, 'reversed', 'CNY', 6, '{34,3}', '{1,-1}', now());
         update balance set amount = amount + 1 where account_no = 34;
         update balance set amount = amount - 1 where account_no = 3",
        &["commission order #6"],
    ),
    ("update orders set state = 'placed' where order_id = 1", &["sold order #381 offer 2", "stock offer 2", "day: "]),
    ("update orders set paid_at = null where order_id = 6", &["order_points order #6", "order_state order #6", "order_paid order #6", "commission order #6", "order_earned order #6", "order_deposit order #6"]),
    ("update orders set received_minor = received_minor - 1 where order_id = 6", &["order_received order #6", "order_deposit order #6"]),
    ("update orders set received_minor = received_minor + 1 where order_id = 6", &["order_received order #6", "order_deposit order #6"]),
    (
        "insert into journal values (1, 1, 7, 1, 'part_paid', 'CNY', 6, '{1,6}', '{5,-5}', now());
         insert into balance values (1, 1, 6, 'CNY', -5); update balance set amount = amount + 5 where account_no = 1",
        &["order_received order #6", "order_deposit order #6", "day: "],
    ),
    ("update orders set points_granted = points_granted + 1 where order_id = 6", &["order_points order #6"]),
    ("update orders set points_times = 20000 where order_id = 6", &["order_points order #6"]),
    ("update orders set points_per_minor = null, points_times = null where order_id = 6", &["order_points order #6"]),
    ("update orders set points_spent = points_spent + 1 where order_id = 10", &["order_points order #10"]),
    ("update orders set points_worth_minor = points_worth_minor + 1 where order_id = 10", &["order_discount order #10"]),
    (
        "update orders set member_id = 999 where order_id = 6",
        &["order_member order #6", "order_points order #6", "share_attribution"],
    ),
    ("update order_line set line = 2 where order_id = 6", &["order_lines order #6"]),
    ("update order_line set offer_id = 99 where order_id = 6", &["line_offer order #6 line 1", "sold", "stock"]),
    ("update order_line set variant = 7 where order_id = 6", &["line_variant order #6 line 1"]),
    ("update order_line set order_id = 9999 where order_id = 6", &["line_orphan order #9999", "order_", "commission", "sold", "stock", "day: "]),
    (
        "update order_line set refunded_qty = 1 where order_id = 6",
        &["line_refund order #6", "order_state order #6", "day: "],
    ),
    ("update order_line set qty = qty + 1 where order_id = 6", &["share_amount order #6", "order_points order #6", "order_paid", "sold", "stock", "order_received", "order_deposit", "day: "]),
    ("update order_line set earned1_minor = earned1_minor + 1 where order_id = 6", &["share_amount order #6", "commission order #6"]),
    ("update order_line set reversed1_minor = 1 where order_id = 6", &["share_reversed order #6", "commission order #6"]),
    ("update order_line set rate2_bps = 1500, rate1_bps = 600 where order_id = 6", &["share_cap order #6", "share_amount order #6"]),
    (
        "update order_line set promoter1_id = 39 where order_id = 6",
        &["share_attribution", "commission order #6"],
    ),
    ("update order_line set promoter1_id = 999 where order_id = 6", &["share_member order #6", "share_attribution", "commission"]),
    // goods
    ("update offer_count set sold = sold + 1 where offer_id = 1", &["sold order #400 offer 1"]),
    ("update offer_count set units_left[2] = units_left[2] + 1 where offer_id = 3", &["stock offer 3"]),
    (
        "alter table offer_count drop constraint offer_count_not_oversold;
         update offer_count set units_left = '{-1}', initial[1] = initial[1] - 8 where offer_id = 2",
        &["oversold offer 2"],
    ),
    ("delete from offer_count where offer_id = 1", &["offer_count offer 1"]),
    // days
    ("update day_count set orders = orders + 1 where day = (select max(day) from day_count where orders > 0)", &["day: "]),
    ("update day_count set units = units - 1 where day = (select max(day) from day_count where units > 0)", &["day: "]),
    ("update day_count set sold_minor = sold_minor + 1 where day = (select max(day) from day_count where units > 0)", &["day: "]),
    ("update day_count set paid_minor = 0 where day = (select max(day) from day_count where paid_minor > 0)", &["day: "]),
    ("update day_count set refunded_minor = 1", &["day: "]),
    ("insert into day_count values (1, 1, '2020-01-01', 1, 0, 0, 0, 0)", &["day: 2020-01-01: orders"]),
    ("delete from day_count where day = (select max(day) from day_count where orders > 0)", &["day: "]),
    // people
    ("update member set inviter_id = 3 where member_id = 4", &["bond member 4"]),
    ("update member set inviter_id = 8 where member_id = 2", &["bond_loop member 2", "bond_loop", "bond member 2"]),
    ("update member set inviter_id = 999 where member_id = 8", &["bond_inviter member 8", "bond member 8"]),
    ("update member set founding = true where member_id = 2", &["bond_founding member 2"]),
    ("update bond set at = at + interval '1 s' where member_id = 2", &["bond member 2"]),
    ("delete from bond where member_id = 2", &["bond member 2", "share_attribution"]),
    ("update member set first_paid_at = null where member_id = 4", &["first_paid member 4"]),
    ("update member set first_paid_at = now() where member_id = 4", &["first_paid member 4"]),
    ("update member set streak_from = streak_from - 1 where member_id = 4", &["streak member 4"]),
    ("update check_in set points = points + 1 where member_id = 4", &["points member 4"]),
    ("delete from check_in where member_id = 4", &["points member 4", "streak member 4"]),
    (
        "insert into journal values (1, 1, 7, 1, 'points_granted', 'PTS', null, '{5,69}', '{50,-50}', now());
         update balance set amount = amount + 50 where account_no = 5;
         update balance set amount = amount - 50 where account_no = 69",
        &["points member 4 event 1/7"],
    ),
    // withdrawals
    (
        "update withdrawal set amount_minor = amount_minor + 1 where withdrawal_id = 2",
        &["withdrawal member 1: locked CNY"],
    ),
    (
        "update withdrawal set withheld_minor = 19 where withdrawal_id = 1",
        &["withdrawal member 1: paid out CNY", "withdrawal: withheld CNY"],
    ),
    // cases
    (
        "insert into service_case values (1, 1, 1, 1, 9999, 1, 'open', now(), null, null)",
        &["case order #9999"],
    ),
    (
        "insert into service_case values (1, 1, 2, 1, null, null, 'open', now(), null, null)",
        &["number: cases"],
    ),
    // numbers and promises
    (
        "delete from order_line where order_id = 2; delete from orders where order_id = 2",
        &["number: orders"],
    ),
    ("update withdrawal set withdrawal_id = 9 where withdrawal_id = 6", &["number: withdrawals"]),
    ("update lane_intake set last_seq = 9", &["number: last place"]),
    (
        "insert into parked values (1, 41, 1, 'a row could not be read', now(), false)",
        &["parked event 1/41"],
    ),
];

#[tokio::test]
async fn what_is_planted_is_found_with_its_kind_and_trail() {
    let db = empty().await;
    let mut owner = db.owner().connect().await.unwrap();
    make(&mut owner, 1, 40, 400).await;
    let mut wrong = Vec::new();
    for &(plant, wanted) in PLANTS {
        let mut tx = owner.begin().await.unwrap();
        run(&mut tx, plant).await.unwrap();
        let found = audit_in(&mut tx, None, |_| {}).await.unwrap().differences;
        tx.rollback().await.unwrap();
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let is = |line: &str, wanted: &str| line.starts_with(&format!("c1: {wanted}"));
        let missed = wanted.iter().filter(|wanted| !found.iter().any(|line| is(line, wanted)));
        let missed: Vec<_> = missed.collect();
        let other: Vec<_> =
            found.iter().filter(|line| !wanted.iter().any(|wanted| is(line, wanted))).collect();
        if !missed.is_empty() || !other.is_empty() {
            wrong.push(format!("{plant}\n  missed {missed:?}\n  not expected {other:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), PLANTS.len(), wrong.join("\n"));
}

/// Lines with cents from before whole dollars, as a shop in Taiwan may still have them, and what is wrong among
/// them: a cent, a dollar too much, a dollar taken back from what was not refunded.
#[tokio::test]
async fn old_cents_where_dollars_are_paid_stay_and_wrong_ones_are_found() {
    let db = empty().await;
    let mut owner = db.owner().connect().await.unwrap();
    make_in(&mut owner, "TWD", 1, 40, 400).await;
    let (old,): (i64,) = sqlx::query_as(
        "select count(*) from order_line where earned1_minor % 100 > 0 or reversed1_minor % 100 > 0",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert!(old > 0, "there are cents to be kept");
    let clean = audit_in(&mut owner, None, |_| {}).await.unwrap().differences;
    assert!(clean.is_empty(), "{clean:#?}");
    for (plant, kind) in [
        ("earned1_minor = earned1_minor + 1", "share_amount"),
        ("earned1_minor = earned1_minor - earned1_minor % 100 + 100", "share_amount"),
        ("reversed1_minor = 100", "share_reversed"),
    ] {
        let mut tx = owner.begin().await.unwrap();
        run(&mut tx, format!("update order_line set {plant} where order_id = 6")).await.unwrap();
        let found = audit_in(&mut tx, None, |_| {}).await.unwrap().differences;
        tx.rollback().await.unwrap();
        let named = |it: &tuan::store::audit::Difference| {
            it.to_string().starts_with(&format!("c1: {kind} order #6 "))
        };
        assert!(found.iter().any(named), "{plant}: {found:#?}");
    }
}

/// A share approved by a leader, and one community among several.
#[tokio::test]
async fn shares_count_and_one_community_can_be_asked_for() {
    let db = empty().await;
    let mut owner = db.owner().connect().await.unwrap();
    make(&mut owner, 2, 20, 40).await;
    let approved = "insert into decision values (1, 7, 1, 1, null, null, 'approve_share', null, null, now());
        insert into journal values (1, 1, 7, 1, 'points_granted', 'PTS', null, '{5,69}', '{20,-20}', now());
        update balance set amount = amount + 20 where community_id = 1 and account_no = 5;
        update balance set amount = amount - 20 where community_id = 1 and account_no = 69;
        delete from order_line where community_id = 2 and order_id = 2;
        delete from orders where community_id = 2 and order_id = 2";
    run(&mut owner, approved).await.unwrap();
    for (only, wanted) in [(None, 1), (Some(1), 0), (Some(2), 1), (Some(3), 0)] {
        let only = only.map(tuan::domain::ids::CommunityId);
        let found = tuan::store::audit::audit(&mut owner, only).await.unwrap();
        assert_eq!(found.len(), wanted, "{only:?} {found:#?}");
    }
}

/// What the books refuse by themselves, to the owner as well: the statement and the refusal.
const REFUSED: &[(&str, &str)] = &[
    (
        "insert into journal values (1, 1, 7, 1, 'asked', 'CNY', null, '{82,83}', '{5,-4}', now())",
        "journal_balances",
    ),
    (
        "insert into journal values (1, 1, 7, 1, 'asked', 'CNY', null, '{82,83,84}', '{5,-5}', now())",
        "journal_legs_match",
    ),
    ("update order_line set promoter3_id = 4 where order_id = 6", "does not exist"),
    (
        "update order_line set promoter1_id = 4, rate1_bps = null, fixed1_minor = null where order_id = 6",
        "order_line_share1",
    ),
    (
        "update order_line set earned1_minor = price_minor * qty, earned2_minor = 1 where order_id = 6",
        "order_line_shares_within_base",
    ),
    (
        "update order_line set reversed1_minor = earned1_minor + 1 where order_id = 6",
        "order_line_share1",
    ),
    (
        "update order_line set refunded_minor = price_minor * qty + 1 where order_id = 6",
        "order_line_refund",
    ),
    ("update order_line set refunded_qty = qty + 1 where order_id = 6", "order_line_qty"),
    (
        "update orders set received_at = '2026-03-04', due_at = '2026-03-10 23:59' where order_id = 6",
        "orders_due_after_receipt",
    ),
    ("update settlement set at = due_at - interval '1 s'", "settlement_when_due"),
    ("update offer_count set units_left = '{-1}' where offer_id = 2", "offer_count_not_oversold"),
    ("update orders set points_times = 9999 where order_id = 6", "orders_points_terms"),
    ("update orders set points_per_minor = null where order_id = 6", "orders_points_terms"),
    ("update member set inviter_id = member_id where member_id = 4", "member_not_own_inviter"),
    ("update member set evidence = null where member_id = 4", "member_bond_whole"),
    ("insert into check_in select * from check_in", "check_in_once_a_day"),
];

#[tokio::test]
async fn the_database_refuses_what_must_never_be() {
    let db = empty().await;
    let mut owner = db.owner().connect().await.unwrap();
    make(&mut owner, 1, 20, 40).await;
    for (statement, refusal) in REFUSED {
        let error = run(&mut owner, *statement).await.expect_err(statement).to_string();
        assert!(error.contains(refusal), "{statement}: {error}");
    }
}

#[tokio::test]
async fn the_application_cannot_change_what_is_written_for_good() {
    let db = empty().await;
    let mut owner = db.owner().connect().await.unwrap();
    make(&mut owner, 1, 20, 40).await;
    let mut app = db.app().connect().await.unwrap();
    for table in ["journal", "bond", "check_in", "decision", "policy"] {
        for statement in [
            format!("delete from {table}"),
            format!("truncate {table}"),
            format!("alter table {table} rename to gone"),
            format!("drop table {table}"),
        ] {
            let error = run(&mut app, statement.as_str()).await.expect_err(&statement).to_string();
            let refused =
                ["permission denied", "must be owner"].iter().any(|it| error.contains(it));
            assert!(refused, "{statement}: {error}");
        }
    }
    let statement = "update journal set amounts = '{1,-1}'";
    let error = run(&mut app, statement).await.expect_err(statement).to_string();
    assert!(error.contains("permission denied"), "{error}");
    let differences = tuan::store::audit::audit(&mut app, None).await.unwrap();
    assert!(differences.is_empty(), "the application may audit itself: {differences:#?}");
}
