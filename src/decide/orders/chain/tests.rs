//! Chains: whose a line is, what waits, what changes nothing, what is gone.

use proptest::prelude::*;

use super::*;
use crate::decide::testing::{A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI, want};
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::intent::LeaderIntent;
use crate::domain::orders::OrderState;
use crate::domain::refusal::Refusal;
use crate::domain::{catalog, orders};

fn entry(who: &str, offer: OfferId, qty: u32) -> ChainEntry {
    ChainEntry { who: who.into(), author: None, lines: vec![want(offer, qty)], note: None }
}

fn post(stage: &mut Stage, poster: MemberId, entries: &[ChainEntry]) -> Vec<Reply> {
    let replies = stage.does(poster, Intent::Orders(orders::Intent::JoinList(entries.to_vec())));
    stage.assert_stock_is_conserved();
    replies
}

fn say(stage: &mut Stage, accept: bool) -> Vec<Reply> {
    stage.does(AMING, Intent::Lead(LeaderIntent::Orders(orders::Lead::Review { accept })))
}

/// (order, for whom, quantities) of every live order of a member.
fn orders(stage: &Stage, member: MemberId) -> Vec<(Option<String>, Vec<u32>)> {
    let live = stage.shop.orders.of(member).filter(|it| it.state != OrderState::Cancelled);
    let qty = |order: &crate::domain::orders::Order| order.lines.iter().map(|it| it.qty).collect();
    live.map(|order| (order.private.for_whom.clone(), qty(order))).collect()
}

#[test]
fn each_poster_adds_their_own_line_and_the_others_change_nothing() {
    let mut stage = Stage::new();
    let mei = entry("小美", A1, 2);
    assert!(matches!(
        post(&mut stage, XIAOMEI, std::slice::from_ref(&mei))[..],
        [Reply::Orders(orders::Reply::OrderTaken { .. })]
    ));
    let wang = entry("老王", A1, 1);
    let replies = post(&mut stage, LAOWANG, &[mei.clone(), wang.clone()]);
    assert!(
        matches!(&replies[..], [Reply::Orders(orders::Reply::OrderTaken { order, .. })] if order.member == "老王")
    );
    assert!(post(&mut stage, XIAOMEI, &[mei, wang]).is_empty(), "the same again is nothing");
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2])]);
    assert_eq!(orders(&stage, LAOWANG), [(None, vec![1])]);
}

#[test]
fn one_new_line_is_the_posters_whatever_name_it_bears() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[entry("葡萄妈妈", A1, 2)]);
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2])]);
    // The name is hers from now on: another's copy changes nothing, her own change does.
    post(&mut stage, LAOWANG, &[entry("葡萄妈妈", A1, 2), entry("老王", A1, 1)]);
    let copy = [entry("葡萄妈妈", A1, 3), entry("老王", A1, 1)];
    let replies = post(&mut stage, XIAOMEI, &copy);
    assert!(matches!(replies[..], [Reply::Orders(orders::Reply::OrderTaken { .. })]));
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![3])]);
}

#[test]
fn a_changed_line_of_ones_own_amends() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 3)]);
    let replies = post(&mut stage, XIAOMEI, &[entry("小美", A1, 1)]);
    assert!(matches!(replies[..], [Reply::Orders(orders::Reply::OrderChanged { .. })]));
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![1])]);
}

#[test]
fn an_old_copy_does_not_undo_what_was_ordered_since() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 1)]);
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Amend(vec![want(A1, 1)])));
    let copy = [entry("小美", A1, 1), entry("老王", A1, 1)];
    post(&mut stage, LAOWANG, &copy);
    assert!(post(&mut stage, XIAOMEI, &copy).is_empty());
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2])]);
}

#[test]
fn what_was_ordered_by_message_is_not_ordered_again() {
    let mut stage = Stage::new();
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 2)])));
    assert!(post(&mut stage, XIAOMEI, &[entry("小美", A1, 2)]).is_empty());
    stage.shop.orders.edit(OrderId(1)).unwrap().state = OrderState::Paid;
    let copy = [entry("小美", A1, 2), entry("老王", A1, 1)];
    let replies = post(&mut stage, LAOWANG, &copy);
    assert!(
        matches!(replies[..], [Reply::Orders(orders::Reply::OrderTaken { .. })]),
        "paid or not"
    );
    assert_eq!(stage.stock(A1), (47, 3));
}

#[test]
fn one_person_may_hold_several_lines() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 1), entry("小美", A2, 1), entry("小美", A1, 1)]);
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2, 1])]);
}

#[test]
fn new_lines_under_other_names_wait_and_the_leader_is_told_once() {
    let mut stage = Stage::new();
    let copy = [entry("老王", A1, 1), entry("小美", A1, 2), entry("李姐", A2, 1)];
    let replies = post(&mut stage, LAOWANG, &copy);
    let [
        Reply::Orders(orders::Reply::OrderTaken { .. }),
        Reply::Orders(orders::Reply::ReviewWaiting { lines, .. }),
    ] = &replies[..]
    else {
        panic!("{replies:?}")
    };
    assert_eq!(lines, &["小美: 阳光玫瑰×2", "李姐: 车厘子×1"]);
    assert!(post(&mut stage, LAOWANG, &copy).is_empty(), "once");
    assert!(orders(&stage, XIAOMEI).is_empty());
    assert_eq!(
        say(&mut stage, true),
        [Reply::Orders(orders::Reply::Reviewed { accepted: true, lines: 2 })]
    );
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2])], "a member's own name is their order");
    let wang = orders(&stage, LAOWANG);
    assert_eq!(wang, [(None, vec![1]), (Some("李姐".into()), vec![1])]);
    assert_eq!(
        Stage::refusal(&say(&mut stage, true)),
        Refusal::Orders(orders::Refusal::NothingToReview)
    );
    assert!(post(&mut stage, LAOWANG, &copy).is_empty(), "and is known from then on");
}

#[test]
fn a_changed_line_under_another_name_waits_too() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 1)]);
    let replies = post(&mut stage, LAOWANG, &[entry("小美", A1, 4)]);
    assert!(matches!(replies[..], [Reply::Orders(orders::Reply::ReviewWaiting { .. })]));
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![1])]);
    say(&mut stage, true);
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![4])]);
}

#[test]
fn dropped_lines_stay_dropped() {
    let mut stage = Stage::new();
    let copy = [entry("老王", A1, 1), entry("李姐", A2, 1)];
    post(&mut stage, LAOWANG, &copy);
    assert_eq!(
        say(&mut stage, false),
        [Reply::Orders(orders::Reply::Reviewed { accepted: false, lines: 1 })]
    );
    assert!(post(&mut stage, LAOWANG, &copy).is_empty());
    assert_eq!(orders(&stage, LAOWANG), [(None, vec![1])]);
}

#[test]
fn a_leaders_chain_is_taken_whole_and_what_cannot_be_waits() {
    let mut stage = Stage::new();
    let list =
        [entry("小美", A1, 1), entry("李姐", A2, 2), entry("阿明", A1, 1), entry("赵哥", A2, 1)];
    let replies = post(&mut stage, AMING, &list);
    assert!(
        replies.contains(&Reply::Orders(orders::Reply::Reviewed { accepted: true, lines: 3 })),
        "{replies:?}"
    );
    let waiting = Reply::Orders(orders::Reply::ReviewWaiting {
        posted_by: Some("阿明".into()),
        lines: vec!["赵哥: 车厘子×1".into()],
    });
    assert!(replies.contains(&waiting), "sold out");
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![1])]);
    assert_eq!(orders(&stage, AMING), [(Some("李姐".into()), vec![2]), (None, vec![1])]);
    let again = post(&mut stage, AMING, &list[..3]);
    assert!(
        !again.iter().any(|reply| matches!(reply, Reply::Orders(orders::Reply::Reviewed { .. }))),
        "nothing new"
    );
    stage.does(
        AMING,
        Intent::Lead(LeaderIntent::Catalog(catalog::Lead::Stock {
            offer: A2,
            variant: None,
            by: 5,
        })),
    );
    assert_eq!(
        say(&mut stage, true),
        [Reply::Orders(orders::Reply::Reviewed { accepted: true, lines: 1 })]
    );
}

#[test]
fn a_vanished_line_is_listed_once_and_never_cancelled() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 2)]);
    let mut copy = vec![entry("老王", A1, 1)];
    let replies = post(&mut stage, LAOWANG, &copy);
    let gone = Reply::Orders(orders::Reply::ChainLinesGone {
        lines: vec!["小美: 阳光玫瑰×2".into()],
    });
    assert_eq!(replies.last(), Some(&gone));
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2])]);
    copy[0] = entry("老王", A1, 2);
    assert!(!post(&mut stage, LAOWANG, &copy).contains(&gone), "once");
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A2, 1)])));
    assert!(!post(&mut stage, LAOWANG, &[entry("老王", A2, 1)]).contains(&gone));
}

fn by(author: &str, who: &str, offer: OfferId, qty: u32) -> ChainEntry {
    ChainEntry { author: Some(format!("key-{author}")), ..entry(who, offer, qty) }
}

/// Who was told what, of the orders of one post.
fn receipts(stage: &mut Stage, poster: MemberId, entries: &[ChainEntry]) -> Vec<(String, bool)> {
    stage.heard();
    post(stage, poster, entries);
    let to = |heard: crate::decide::testing::SentMessage| {
        let is_taken = matches!(heard.reply, Reply::Orders(orders::Reply::OrderTaken { .. }));
        (heard.to.unwrap_or_default(), is_taken)
    };
    stage.heard().into_iter().map(to).collect()
}

#[test]
fn in_a_native_chain_the_author_counts_and_not_the_name() {
    let mut stage = Stage::new();
    let lines = [by("老王", "小美", A1, 1), by("小美", "老王", A1, 2)];
    let told = receipts(&mut stage, LAOWANG, &lines);
    assert_eq!(told, [("老王".to_owned(), true), ("小美".to_owned(), true)]);
    assert_eq!(orders(&stage, LAOWANG), [(None, vec![1])]);
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2])]);
    assert!(post(&mut stage, LAOWANG, &lines).is_empty(), "the same snapshot again");
    assert!(post(&mut stage, XIAOMEI, &lines).is_empty(), "by whomever");
}

#[test]
fn an_author_nobody_has_met_becomes_a_member() {
    let mut stage = Stage::new();
    stage.shop.known.keys.insert((crate::decide::testing::ACCOUNT, "wx9".into()), None);
    let line = ChainEntry { author: Some("wx9".into()), ..entry("葡萄妈妈", A1, 2) };
    post(&mut stage, LAOWANG, &[by("老王", "老王", A1, 1), line.clone()]);
    let newcomer = stage.shop.members.values().find(|it| it.key == "wx9").unwrap().clone();
    assert_eq!((newcomer.name.as_str(), newcomer.founding), ("葡萄妈妈", true));
    assert_eq!(orders(&stage, newcomer.id), [(None, vec![2])]);
    assert!(post(&mut stage, XIAOMEI, &[by("老王", "老王", A1, 1), line]).is_empty());
}

#[test]
fn a_line_of_another_author_that_changed_waits() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[by("小美", "小美", A1, 2)]);
    let copy = [by("小美", "小美", A1, 1), by("老王", "老王", A1, 1)];
    let replies = post(&mut stage, LAOWANG, &copy);
    assert!(matches!(
        &replies[..],
        [
            Reply::Orders(orders::Reply::OrderTaken { .. }),
            Reply::Orders(orders::Reply::ReviewWaiting { .. })
        ]
    ));
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2])]);
    // What is said beside it is news all the same; her own word settles both.
    let more = [by("小美", "小美", A1, 2), by("小美", "小美", A2, 1)];
    post(&mut stage, LAOWANG, &more);
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2, 1])]);
    let replies =
        post(&mut stage, XIAOMEI, &[by("小美", "小美", A1, 1), by("小美", "小美", A2, 1)]);
    assert!(
        matches!(replies[..], [Reply::Orders(orders::Reply::OrderChanged { .. }), ..]),
        "{replies:?}"
    );
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![1, 1])]);
}

#[test]
fn what_the_author_did_since_is_not_undone_by_a_copy() {
    let mut stage = Stage::new();
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 3)])));
    let replies = post(&mut stage, LAOWANG, &[by("小美", "小美", A1, 2)]);
    assert!(
        matches!(&replies[..], [Reply::Orders(orders::Reply::ReviewWaiting { .. })]),
        "ordered otherwise before"
    );
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![3])]);
    post(&mut stage, LAOWANG, &[by("老王", "老王", A2, 1)]);
    stage.does(LAOWANG, Intent::Orders(orders::Intent::Cancel(Vec::new())));
    assert!(post(&mut stage, XIAOMEI, &[by("老王", "老王", A2, 1)]).is_empty());
    assert!(orders(&stage, LAOWANG).is_empty(), "cancelled by message");
}

#[test]
fn who_has_left_orders_nothing_by_an_old_line() {
    let mut stage = Stage::new();
    stage.shop.members.edit(XIAOMEI).unwrap().present = false;
    let replies = post(&mut stage, LAOWANG, &[by("小美", "小美", A1, 2)]);
    assert!(matches!(&replies[..], [Reply::Orders(orders::Reply::ReviewWaiting { .. })]));
    assert!(orders(&stage, XIAOMEI).is_empty());
}

#[test]
fn ones_own_refusal_does_not_hide_what_others_wrote() {
    let mut stage = Stage::new();
    let lines = [by("老王", "老王", A2, 3), by("小美", "小美", A1, 2)];
    let replies = post(&mut stage, LAOWANG, &lines);
    assert!(
        matches!(
            &replies[..],
            [Reply::Refused { .. }, Reply::Orders(orders::Reply::OrderTaken { .. })]
        ),
        "{replies:?}"
    );
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2])]);
}

#[test]
fn a_line_that_cannot_be_taken_for_its_author_waits() {
    let mut stage = Stage::new();
    let lines = [by("老王", "老王", A1, 1), by("小美", "小美", A2, 3)];
    let replies = post(&mut stage, LAOWANG, &lines);
    assert!(matches!(
        &replies[..],
        [
            Reply::Orders(orders::Reply::OrderTaken { .. }),
            Reply::Orders(orders::Reply::ReviewWaiting { .. })
        ]
    ));
    stage.does(
        AMING,
        Intent::Lead(LeaderIntent::Catalog(catalog::Lead::Stock {
            offer: A2,
            variant: None,
            by: 5,
        })),
    );
    say(&mut stage, true);
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![3])]);
}

#[test]
fn a_pasted_copy_of_a_native_chain_misses_nobody() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[by("小美", "小美", A1, 2)]);
    let replies = post(&mut stage, LAOWANG, &[entry("小美", A1, 2), entry("老王", A1, 1)]);
    assert!(
        matches!(&replies[..], [Reply::Orders(orders::Reply::OrderTaken { .. })]),
        "{replies:?}"
    );
}

#[test]
fn ones_own_line_is_refused_like_any_order() {
    let mut stage = Stage::new();
    let replies = post(&mut stage, XIAOMEI, &[entry("小美", A2, 3)]);
    assert!(matches!(
        Stage::refusal(&replies),
        Refusal::Catalog(catalog::Refusal::NotEnoughLeft { left: 2, .. })
    ));
    let replies = post(&mut stage, XIAOMEI, &[entry("小美", S1, 1)]);
    assert!(matches!(replies[..], [Reply::Asked { .. }]), "which flavour?");
    assert!(stage.shop.orders.is_empty() && stage.shop.review.is_empty());
}

#[test]
fn two_chains_of_one_day_do_not_disturb_each_other() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 2)]);
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A2, 1)])));
    assert!(post(&mut stage, XIAOMEI, &[entry("小美", A2, 1)]).is_empty(), "ordered by message");
    post(&mut stage, LAOWANG, &[entry("小美", A1, 2), entry("老王", A1, 1)]);
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2, 1])]);
}

#[test]
fn a_further_name_of_the_poster_is_more_of_the_same() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 2)]);
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 2), entry("妈妈", A1, 1)]);
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![3])]);
}

#[test]
fn yesterdays_chain_is_forgotten() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 2)]);
    stage.at = crate::decide::testing::evening();
    stage.shop.offers.edit(A1).unwrap().closes_at += chrono::Duration::days(1);
    let replies = post(&mut stage, XIAOMEI, &[entry("小美", A1, 2)]);
    assert!(replies.is_empty(), "what she has ordered still counts");
    assert_eq!(stage.shop.review.len(), 2, "but the row is a new one");
}

#[test]
fn a_waiting_line_is_not_the_base_of_ones_own_next_change() {
    let mut stage = Stage::new();
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 1)]);
    post(&mut stage, LAOWANG, &[entry("小美", A1, 4)]);
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 2)]);
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![2])]);
    say(&mut stage, false);
    post(&mut stage, XIAOMEI, &[entry("小美", A1, 3)]);
    assert_eq!(orders(&stage, XIAOMEI), [(None, vec![3])]);
}

fn any_entry() -> impl Strategy<Value = ChainEntry> {
    let names = prop_oneof![Just("小美"), Just("老王"), Just("阿明"), Just("李姐"), Just("赵哥")];
    (names, 1..=2i64, 1..4u32).prop_map(|(who, offer, qty)| entry(who, OfferId(offer), qty))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_same_snapshot_again_orders_nothing(
        posts in prop::collection::vec((1..=3i64, prop::collection::vec(any_entry(), 1..5)), 1..8),
        accept in any::<bool>(),
    ) {
        let mut stage = Stage::new();
        for id in [A1, A2] {
            // Where goods are short, what failed may succeed the second time.
            let offer = stage.shop.offers.edit(id).unwrap();
            offer.stock.clear();
            offer.detail.limit_per_member = None;
        }
        for (poster, entries) in &posts {
            post(&mut stage, MemberId(*poster), entries);
            let before: Vec<_> = (1..=3).map(|id| orders(&stage, MemberId(id))).collect();
            post(&mut stage, MemberId(*poster), entries);
            let after: Vec<_> = (1..=3).map(|id| orders(&stage, MemberId(id))).collect();
            prop_assert_eq!(before, after);
        }
        say(&mut stage, accept);
        stage.assert_stock_is_conserved();
    }
}
