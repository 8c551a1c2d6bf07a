//! Remarks on lines of chains: on whose order they are kept, and what is not taken for a change.

use super::*;
use crate::decide::testing::{A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI, of_variant, want};
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::intent::{LeaderIntent, Selection};
use crate::domain::operate::OperatorIntent;
use crate::domain::{orders, payments, shipping};

fn noted(who: &str, offer: OfferId, note: &str) -> ChainEntry {
    let note = Some(note.to_owned()).filter(|note| !note.is_empty());
    ChainEntry { who: who.into(), author: None, lines: vec![want(offer, 1)], note }
}

fn by(author: &str, offer: OfferId, note: &str) -> ChainEntry {
    ChainEntry { author: Some(format!("key-{author}")), ..noted(author, offer, note) }
}

fn post(stage: &mut Stage, poster: MemberId, entries: &[ChainEntry]) -> Vec<Reply> {
    stage.does(poster, Intent::Orders(orders::Intent::JoinList(entries.to_vec())))
}

fn lead(stage: &mut Stage, intent: LeaderIntent) -> Vec<Reply> {
    stage.does(AMING, Intent::Lead(intent))
}

fn pay(stage: &mut Stage, order: i64) {
    let of = Selection::Orders(vec![OrderId(order)]);
    lead(stage, LeaderIntent::Payments(payments::Lead::Paid { of, amount: None }));
}

/// What is remarked on an order.
fn notes(stage: &Stage, order: i64) -> Vec<&str> {
    stage.order(order).private.notes.iter().map(String::as_str).collect()
}

fn stories(stage: &Stage) -> usize {
    stage.shop.fresh.decisions.len()
}

#[test]
fn a_remark_is_kept_and_shown_in_the_receipt() {
    let mut stage = Stage::new();
    let replies = post(&mut stage, XIAOMEI, &[noted("小美", A1, "不要辣")]);
    let [Reply::Orders(orders::Reply::OrderTaken { order, .. })] = &replies[..] else {
        panic!("{replies:?}")
    };
    assert_eq!(order.notes, ["不要辣"]);
    assert_eq!(notes(&stage, 1), ["不要辣"]);
}

#[test]
fn the_same_snapshot_again_changes_nothing() {
    let mut stage = Stage::new();
    let copy = [noted("小美", A1, "不要辣"), noted("老王", A1, "放门卫")];
    post(&mut stage, XIAOMEI, &copy[..1]);
    post(&mut stage, LAOWANG, &copy);
    let told = stories(&stage);
    for poster in [XIAOMEI, LAOWANG] {
        assert!(post(&mut stage, poster, &copy).is_empty());
    }
    assert_eq!(stories(&stage), told);
    assert_eq!((notes(&stage, 1), notes(&stage, 2)), (vec!["不要辣"], vec!["放门卫"]));
}

#[test]
fn a_new_remark_on_ones_own_line_is_kept_and_is_no_change_of_goods() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[noted("小美", A1, "")]);
    assert!(post(&mut stage, XIAOMEI, &[noted("小美", A1, "不要辣")]).is_empty(), "silently");
    assert!(post(&mut stage, XIAOMEI, &[noted("小美", A1, "放门卫")]).is_empty());
    assert!(post(&mut stage, XIAOMEI, &[noted("小美", A1, "")]).is_empty());
    assert_eq!(notes(&stage, 1), ["不要辣", "放门卫"], "none is taken back");
    assert_eq!(stage.order(1).lines[0].qty, 1);
    let kept = stage.shop.fresh.decisions.iter().filter(|it| it.what == "note_chain_line");
    assert_eq!(kept.count(), 2, "the order's story tells it");
}

#[test]
fn a_new_remark_under_anothers_name_is_not_taken_from_a_copy() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[noted("小美", A1, "不要辣"), by("小美", A2, "")]);
    let copy = [noted("小美", A1, "多放辣"), by("小美", A2, "放我家")];
    assert!(post(&mut stage, LAOWANG, &copy).is_empty(), "it counts as seen");
    assert_eq!(notes(&stage, 1), ["不要辣"]);
    // The leader's post is taken whole, and so are its remarks.
    post(&mut stage, AMING, &[noted("小美", A1, "多放辣")]);
    assert_eq!(notes(&stage, 1), ["不要辣", "多放辣"]);
}

#[test]
fn a_line_in_review_keeps_its_remark_until_it_is_accepted() {
    let mut stage = Stage::new();
    let copy = [noted("老王", A1, ""), noted("小美", A1, "不要辣"), noted("李姐", A1, "放门卫")];
    let replies = post(&mut stage, LAOWANG, &copy);
    let waiting = ["小美: 阳光玫瑰×1 (不要辣)", "李姐: 阳光玫瑰×1 (放门卫)"];
    let waiting = Reply::Orders(orders::Reply::ReviewWaiting {
        posted_by: Some("老王".to_owned()),
        lines: waiting.map(str::to_owned).to_vec(),
    });
    assert_eq!(replies.last(), Some(&waiting));
    let more =
        [noted("老王", A1, ""), noted("小美", A1, "不要辣"), noted("李姐", A1, "到了打电话")];
    assert!(post(&mut stage, LAOWANG, &more).is_empty(), "the leader is not told again");
    lead(&mut stage, LeaderIntent::Orders(orders::Lead::Review { accept: true }));
    let kept = |member: MemberId, for_whom: Option<&str>| {
        let mut orders = stage.shop.orders.of(member);
        let order = orders.find(|it| it.private.for_whom.as_deref() == for_whom).unwrap();
        order.private.notes.clone()
    };
    assert_eq!(kept(XIAOMEI, None), ["不要辣"]);
    assert_eq!(kept(LAOWANG, Some("李姐")), ["放门卫", "到了打电话"]);
    assert!(kept(LAOWANG, None).is_empty());
}

#[test]
fn in_a_native_chain_a_remark_is_its_authors() {
    let mut stage = Stage::new();
    let lines = [by("老王", A1, "放门卫"), by("小美", A1, "不要辣"), by("小美", A2, "到了打电话")];
    post(&mut stage, LAOWANG, &lines);
    assert_eq!(notes(&stage, 1), ["放门卫"]);
    assert_eq!(notes(&stage, 2), ["不要辣", "到了打电话"], "of all their lines");
    assert!(post(&mut stage, XIAOMEI, &lines).is_empty());
    assert_eq!(notes(&stage, 2), ["不要辣", "到了打电话"]);
}

#[test]
fn a_remark_is_kept_until_the_goods_are_shipped() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[noted("小美", A1, "不要辣")]);
    pay(&mut stage, 1);
    post(&mut stage, XIAOMEI, &[noted("小美", A1, "放门卫")]);
    assert_eq!(notes(&stage, 1), ["不要辣", "放门卫"]);
    let of = Selection::Orders(vec![OrderId(1)]);
    lead(
        &mut stage,
        LeaderIntent::Shipping(shipping::Lead::Ship { of, carrier: None, tracking: None }),
    );
    post(&mut stage, XIAOMEI, &[noted("小美", A1, "到了打电话")]);
    assert_eq!(notes(&stage, 1), ["不要辣", "放门卫"]);
}

#[test]
fn more_of_the_same_takes_the_remark_along_and_an_old_copy_does_not() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[noted("小美", A1, "不要辣")]);
    pay(&mut stage, 1);
    let more = ChainEntry { lines: vec![want(A1, 2)], ..noted("小美", A1, "不要辣") };
    post(&mut stage, XIAOMEI, std::slice::from_ref(&more));
    assert_eq!(notes(&stage, 2), ["不要辣"], "a new basket for the second");
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Cancel(Vec::new())));
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 2)])));
    post(&mut stage, XIAOMEI, &[more]);
    assert!(notes(&stage, 3).is_empty(), "ordered by message since");
}

#[test]
fn what_was_ordered_by_message_gets_the_remark_of_the_line() {
    let mut stage = Stage::new();
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 1)])));
    assert!(post(&mut stage, XIAOMEI, &[noted("小美", A1, "不要辣")]).is_empty());
    assert_eq!(notes(&stage, 1), ["不要辣"]);
}

#[test]
fn a_question_back_keeps_the_remark() {
    let mut stage = Stage::new();
    let replies = post(&mut stage, XIAOMEI, &[noted("小美", S1, "不要辣")]);
    assert!(matches!(replies[..], [Reply::Asked { .. }]), "which flavour?");
    let pending = stage.shop.members.get(XIAOMEI).unwrap().question.clone().unwrap();
    assert_eq!(pending.note.as_deref(), Some("不要辣"));
    let line = of_variant(want(S1, 1), 0);
    let entry = ChainEntry { lines: vec![line], ..noted("小美", S1, "不要辣") };
    post(&mut stage, XIAOMEI, &[entry]);
    assert_eq!(notes(&stage, 1), ["不要辣"]);
}

#[test]
fn remarks_are_bounded() {
    let mut stage = Stage::new();
    let lines: Vec<_> = (0..40).map(|n| noted("小美", A1, &format!("第{n}"))).collect();
    let lines: Vec<_> = lines
        .into_iter()
        .enumerate()
        .map(|(n, line)| ChainEntry { lines: vec![want([A1, A2][n.min(1)], 1)], ..line })
        .collect();
    stage.shop.offers.edit(A2).unwrap().stock.clear();
    stage.shop.offers.edit(A2).unwrap().detail.limit_per_member = None;
    post(&mut stage, XIAOMEI, &lines);
    assert_eq!(notes(&stage, 1).len(), 10);
    assert!(stage.shop.review.values().all(|row| row.notes.len() == 10));
}

#[test]
fn whoever_is_forgotten_leaves_no_remark() {
    let mut stage = Stage::new();
    post(&mut stage, LAOWANG, &[noted("老王", A1, "放门卫"), noted("李姐", A1, "找李姐")]);
    stage.does(LAOWANG, Intent::Orders(orders::Intent::Cancel(Vec::new())));
    lead(&mut stage, LeaderIntent::Orders(orders::Lead::Review { accept: false }));
    stage.orders(OperatorIntent::Erase {
        member: LAOWANG,
        named_in: Vec::new(),
        named_by: Vec::new(),
    });
    assert!(stage.shop.review.values().all(|row| row.notes.is_empty()));
}
