//! Placing, changing and cancelling: happy paths, every refusal and its precedence, stock conserved.

use proptest::prelude::*;

use super::*;
use crate::decide::testing::XIAOMEI as MEI;
use crate::decide::testing::{
    A1, A2, AMING, LAOWANG, S1, Stage, evening, meaning, morning, of_variant, set, want, without,
};
use crate::domain::catalog::OfferState;
use crate::domain::event::{Body, Contact, Timer};
use crate::domain::intent::{LeaderIntent, Selection};
use crate::domain::money::Money;
use crate::domain::orders::OrderState;
use crate::domain::person::Person;
use crate::domain::reply::OrderView;
use crate::domain::{catalog, orders, payments};

fn order(lines: &[WantedLine]) -> Intent {
    Intent::Orders(orders::Intent::Order(lines.to_vec()))
}

fn amend(lines: &[WantedLine]) -> Intent {
    Intent::Orders(orders::Intent::Amend(lines.to_vec()))
}

/// 小美 says this; the answer is that refusal, and nothing has changed.
#[track_caller]
fn check(stage: &mut Stage, intent: Intent, expected: Refusal) {
    let before = stage.shop.orders.len();
    let refusal = Stage::refusal(&stage.does(MEI, intent));
    assert_eq!(refusal, expected);
    assert_eq!(stage.shop.orders.len(), before);
    stage.assert_stock_is_conserved();
}

#[track_caller]
fn taken(replies: &[Reply]) -> OrderView {
    match &replies[0] {
        Reply::Orders(
            orders::Reply::OrderTaken { order, .. } | orders::Reply::OrderChanged { order, .. },
        ) => order.clone(),
        other => panic!("no receipt: {other:?}"),
    }
}

#[test]
fn further_messages_add_to_the_basket_and_the_receipt_shows_the_whole() {
    let mut stage = Stage::new();
    stage.does(MEI, order(&[want(A1, 2)]));
    let replies = stage.does(MEI, order(&[want(A1, 1), of_variant(want(S1, 2), 1)]));
    let Reply::Orders(orders::Reply::OrderTaken { added, order, needs_delivery, .. }) = &replies[0]
    else {
        panic!()
    };
    assert_eq!(added.iter().map(|line| line.qty).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(order.lines.iter().map(|line| line.qty).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(order.lines[1].variant.as_deref(), Some("韭菜鸡蛋"));
    assert_eq!(order.total, Money::from_minor(3 * 3_990 + 2 * 2_500));
    assert!(needs_delivery);
    assert_eq!(stage.shop.orders.len(), 1);
    assert_eq!(stage.stock(A1), (47, 3));
    stage.assert_stock_is_conserved();
}

#[test]
fn an_order_remembers_its_terms() {
    let mut stage = Stage::new();
    stage.does(MEI, order(&[want(A1, 2)]));
    stage.shop.offers.edit(A1).unwrap().price = Money::from_minor(2_990);
    stage.does(MEI, order(&[want(A1, 1)]));
    let lines = &stage.order(1).lines;
    assert_eq!(lines.iter().map(|line| line.price.minor).collect::<Vec<_>>(), [3_990, 2_990]);
    let share = lines[0].shares[0].unwrap();
    assert_eq!((share.promoter, share.amount.minor), (AMING, 2 * 3_990 * 6 / 100));
}

#[test]
fn a_basket_waits_until_a_day_after_closing_with_a_warning() {
    let mut stage = Stage::new();
    stage.does(MEI, order(&[want(A1, 1)]));
    let hold = evening() + chrono::Duration::hours(24);
    assert_eq!(stage.order(1).hold_until, hold);
    let timers: Vec<_> = stage.shop.fresh.timers.iter().cloned().collect();
    let warning = hold - chrono::Duration::hours(2);
    assert_eq!(timers, [(warning, Timer::Warn), (hold, Timer::Release)]);
}

#[test]
fn a_flash_offer_holds_for_minutes_with_a_warning_half_way() {
    let mut stage = Stage::new();
    stage.shop.offers.edit(A2).unwrap().detail.hold_minutes = Some(15);
    stage.at += chrono::Duration::seconds(20);
    stage.does(MEI, order(&[want(A1, 1), want(A2, 1)]));
    assert_eq!(stage.order(1).hold_until, morning() + chrono::Duration::minutes(16));
    // Half of the time later, at a whole minute.
    let timers: Vec<_> = stage.shop.fresh.timers.iter().cloned().collect();
    assert!(
        timers.contains(&(morning() + chrono::Duration::minutes(9), Timer::Warn)),
        "{timers:?}"
    );
}

#[test]
fn offers_that_close_at_different_times_are_different_baskets() {
    let mut stage = Stage::new();
    stage.shop.offers.edit(A2).unwrap().closes_at = evening() - chrono::Duration::hours(1);
    let replies = stage.does(MEI, order(&[want(A1, 1), want(A2, 1)]));
    assert_eq!(replies.len(), 2);
    assert_eq!(stage.shop.orders.len(), 2);
}

#[test]
fn an_order_for_somebody_else_is_a_basket_of_its_own() {
    let mut stage = Stage::new();
    stage.does(MEI, order(&[want(A1, 1)]));
    let said = Understood {
        intent: order(&[want(A1, 1)]),
        for_whom: Some("妈妈".into()),
        note: Some("不要辣".into()),
    };
    let view = taken(&stage.writes(MEI, "帮妈妈拿一箱葡萄", said));
    assert_eq!((view.order, view.for_whom.as_deref()), (OrderId(2), Some("妈妈")));
    assert_eq!(view.notes, ["不要辣"]);
    let said = Understood { for_whom: Some("小美".into()), ..meaning(order(&[want(A1, 1)])) };
    assert_eq!(taken(&stage.writes(MEI, "小美一箱", said)).order, OrderId(1), "that is herself");
}

#[test]
fn refusals_come_in_this_order() {
    // Everything is wrong with this line; what is mended uncovers the next refusal.
    let mut stage = Stage::new();
    let offer = stage.shop.offers.edit(A2).unwrap();
    (offer.state, offer.stock[0].left, offer.stock[0].initial) = (OfferState::Closed, 0, 0);
    offer.detail.limit_per_member = Some(1);
    offer.price = Money::from_minor(i64::MAX / 2);
    let wanted = || order(&[want(A2, 900)]);
    let (name, unit) = ("车厘子".to_owned(), "箱".to_owned());
    let closed = Refusal::Catalog(catalog::Refusal::OfferClosed {
        code: "A2".into(),
        name: name.clone(),
        closed_at: None,
    });
    check(&mut stage, wanted(), closed);
    stage.shop.offers.edit(A2).unwrap().state = OfferState::Open;
    check(&mut stage, wanted(), Refusal::Catalog(catalog::Refusal::SoldOut { name: name.clone() }));
    let stock = &mut stage.shop.offers.edit(A2).unwrap().stock[0];
    (stock.left, stock.initial) = (5, 5);
    let short = Refusal::Catalog(catalog::Refusal::NotEnoughLeft {
        name: name.clone(),
        left: 5,
        unit: unit.clone(),
    });
    check(&mut stage, wanted(), short);
    let stock = &mut stage.shop.offers.edit(A2).unwrap().stock[0];
    (stock.left, stock.initial) = (5_000, 5_000);
    check(
        &mut stage,
        wanted(),
        Refusal::Orders(orders::Refusal::OverMemberLimit { name, limit: 1, held: 0, unit }),
    );
    stage.shop.offers.edit(A2).unwrap().detail.limit_per_member = None;
    check(&mut stage, wanted(), Refusal::Orders(orders::Refusal::AbsurdQuantity));
    stage.shop.offers.edit(A2).unwrap().price = Money::from_minor(100);
    assert_eq!(taken(&stage.does(MEI, wanted())).total, Money::from_minor(90_000));
}

#[test]
fn a_message_is_all_or_nothing_and_names_the_line_that_fails() {
    let mut stage = Stage::new();
    let intent = order(&[want(A1, 1), want(A2, 3)]);
    let (name, unit) = ("车厘子".to_owned(), "箱".to_owned());
    check(
        &mut stage,
        intent,
        Refusal::Catalog(catalog::Refusal::NotEnoughLeft { name, left: 2, unit }),
    );
    let intent = order(&[of_variant(want(S1, 3), 1), of_variant(want(S1, 1), 1)]);
    let (name, unit) = ("饺子 韭菜鸡蛋".to_owned(), "箱".to_owned());
    check(
        &mut stage,
        intent,
        Refusal::Catalog(catalog::Refusal::NotEnoughLeft { name, left: 3, unit }),
    );
}

#[test]
fn the_limit_counts_all_live_orders_of_the_member() {
    let mut stage = Stage::new();
    stage.does(MEI, order(&[want(A1, 3)]));
    stage.shop.orders.edit(OrderId(1)).unwrap().state = OrderState::Paid;
    let (name, unit) = ("阳光玫瑰".to_owned(), "箱".to_owned());
    let refusal =
        Refusal::Orders(orders::Refusal::OverMemberLimit { name, limit: 5, held: 3, unit });
    check(&mut stage, order(&[want(A1, 3)]), refusal);
    stage.does(MEI, order(&[want(A1, 2)]));
    assert_eq!(stage.shop.orders.len(), 2, "a paid basket takes nothing more");
    assert!(matches!(
        stage.does(LAOWANG, order(&[want(A1, 5)]))[0],
        Reply::Orders(orders::Reply::OrderTaken { .. })
    ));
}

#[test]
fn an_order_at_the_closing_instant_is_late() {
    let mut stage = Stage::new();
    stage.at = evening();
    let refusal = Stage::refusal(&stage.does(MEI, order(&[want(A1, 1)])));
    assert!(matches!(refusal, Refusal::Catalog(catalog::Refusal::OfferClosed { .. })));
}

#[test]
fn sold_out_is_said_once_and_again_only_after_a_restock() {
    let mut stage = Stage::new();
    let sold_out = |replies: &[Reply]| {
        replies
            .iter()
            .filter(|reply| matches!(reply, Reply::Catalog(catalog::Reply::SoldOut { .. })))
            .count()
    };
    assert_eq!(sold_out(&stage.does(MEI, order(&[want(A2, 1)]))), 0);
    assert_eq!(sold_out(&stage.does(MEI, order(&[want(A2, 1)]))), 1);
    assert_eq!(sold_out(&stage.does(LAOWANG, order(&[want(A1, 1)]))), 0);
    stage.does(MEI, Intent::Orders(orders::Intent::Cancel(vec![without(A2)])));
    assert_eq!(stage.stock(A2), (2, 0));
    assert_eq!(sold_out(&stage.does(LAOWANG, order(&[want(A2, 2)]))), 1);
}

fn says(stage: &mut Stage, text: &str, lines: &[WantedLine]) -> Reply {
    stage.writes(MEI, text, meaning(order(lines))).remove(0)
}

#[test]
fn the_same_text_again_is_asked_back() {
    let mut stage = Stage::new();
    let lines = [want(A1, 2)];
    assert!(matches!(
        says(&mut stage, "A1 x2", &lines),
        Reply::Orders(orders::Reply::OrderTaken { .. })
    ));
    let asked = says(&mut stage, "a1 X2。", &lines);
    assert!(matches!(&asked, Reply::Asked { why: Why::Repeat, choices, .. } if choices.len() == 1));
    assert_eq!(stage.stock(A1), (48, 2));
    // The answer adds, and is itself nothing to compare with.
    assert!(matches!(
        says(&mut stage, "1", &lines),
        Reply::Orders(orders::Reply::OrderTaken { .. })
    ));
    assert_eq!(stage.stock(A1), (46, 4));
    assert!(stage.shop.members.get(MEI).unwrap().question.is_none());
    assert!(matches!(says(&mut stage, "A1 x2", &[want(A1, 1)]), Reply::Asked { .. }));
}

#[test]
fn more_means_more_and_so_does_a_later_message() {
    let mut stage = Stage::new();
    says(&mut stage, "再来一箱", &[want(A1, 1)]);
    assert!(matches!(
        says(&mut stage, "再来一箱", &[want(A1, 1)]),
        Reply::Orders(orders::Reply::OrderTaken { .. })
    ));
    says(&mut stage, "葡萄一箱", &[want(A1, 1)]);
    stage.later(11);
    assert!(matches!(
        says(&mut stage, "葡萄一箱", &[want(A1, 1)]),
        Reply::Orders(orders::Reply::OrderTaken { .. })
    ));
    stage.shop.offers.edit(A2).unwrap().detail.name = "加拿大车厘子".into();
    says(&mut stage, "加拿大车厘子1", &[want(A2, 1)]);
    let again = says(&mut stage, "加拿大车厘子1", &[want(A2, 1)]);
    assert!(matches!(again, Reply::Asked { .. }), "the name of the goods asks for nothing");
}

#[test]
fn goods_with_variants_are_not_ordered_without_one() {
    let mut stage = Stage::new();
    let Reply::Asked { why, choices, .. } = &stage.does(MEI, order(&[want(S1, 1)]))[0] else {
        panic!()
    };
    assert_eq!((*why, choices.len()), (Why::WhichVariant, 2));
    assert!(stage.shop.orders.is_empty());
}

#[test]
fn a_change_sets_adds_and_takes_off() {
    let mut stage = Stage::new();
    stage.does(MEI, order(&[want(A1, 2), of_variant(want(S1, 2), 0)]));
    let qty =
        |replies: Vec<Reply>| taken(&replies).lines.iter().map(|line| line.qty).collect::<Vec<_>>();
    assert_eq!(qty(stage.does(MEI, amend(&[set(A1, 5)]))), [5, 2]);
    assert_eq!(qty(stage.does(MEI, amend(&[set(S1, 3)]))), [5, 3], "the variant they have");
    let one_less = WantedLine { qty: Some(1), ..without(A1) };
    assert_eq!(qty(stage.does(MEI, amend(&[one_less]))), [4, 3]);
    assert_eq!(qty(stage.does(MEI, amend(&[want(A1, 1)]))), [5, 3]);
    assert_eq!(qty(stage.does(MEI, amend(&[set(A1, 5)]))), [5, 3], "as they wish already");
    assert_eq!(qty(stage.does(MEI, amend(&[set(A2, 1)]))), [5, 3, 1], "not there yet: placed");
    assert_eq!(qty(stage.does(MEI, amend(&[without(A1), set(A2, 2)]))), [3, 2]);
    stage.assert_stock_is_conserved();
}

#[test]
fn a_change_beyond_stock_or_of_nothing_is_refused() {
    let mut stage = Stage::new();
    let name = || "车厘子".to_owned();
    check(
        &mut stage,
        amend(&[without(A2)]),
        Refusal::Orders(orders::Refusal::NotInOrder { name: name() }),
    );
    check(
        &mut stage,
        amend(&[set(A2, 0)]),
        Refusal::Orders(orders::Refusal::NotInOrder { name: name() }),
    );
    stage.does(MEI, order(&[want(A2, 1)]));
    let refusal = Refusal::Catalog(catalog::Refusal::NotEnoughLeft {
        name: name(),
        left: 1,
        unit: "箱".into(),
    });
    check(&mut stage, amend(&[set(A2, 3)]), refusal);
    stage.shop.orders.edit(OrderId(1)).unwrap().state = OrderState::Paid;
    check(
        &mut stage,
        amend(&[without(A2)]),
        Refusal::Payments(payments::Refusal::AlreadyPaid { order: OrderId(1) }),
    );
}

#[test]
fn what_one_message_gives_back_it_may_take() {
    // As much as there is may be held unpaid.
    let mut stage = Stage::with_policy(|it| it.orders.unpaid_share.bps = 10_000);
    stage.shop.offers.edit(S1).unwrap().stock.truncate(1); // one row for both flavours
    stage.does(MEI, order(&[of_variant(want(S1, 10), 0)]));
    let swap = [of_variant(set(S1, 4), 1), of_variant(set(S1, 6), 0)];
    assert_eq!(taken(&stage.does(MEI, amend(&swap))).lines.len(), 2);
    assert_eq!(stage.stock(S1), (0, 10));
}

#[test]
fn an_emptied_basket_is_cancelled_and_remembers_what_it_held() {
    let mut stage = Stage::new();
    stage.does(MEI, order(&[want(A1, 2), want(A2, 1)]));
    stage.does(MEI, amend(&[without(A2)]));
    let replies = stage.does(MEI, amend(&[set(A1, 0)]));
    assert_eq!(
        replies,
        [Reply::Orders(orders::Reply::OrdersCancelled {
            orders: vec![OrderId(1)],
            by_leader: false
        })]
    );
    let order = stage.order(1);
    assert_eq!((order.state, order.lines[0].qty), (OrderState::Cancelled, 2));
    assert_eq!(stage.stock(A1), (50, 0));
    stage.assert_stock_is_conserved();
}

#[test]
fn cancelling_takes_all_that_is_unpaid_and_nothing_else() {
    let mut stage = Stage::new();
    check(
        &mut stage,
        Intent::Orders(orders::Intent::Cancel(vec![])),
        Refusal::Orders(orders::Refusal::NothingOrdered),
    );
    stage.does(MEI, order(&[want(A1, 2)]));
    stage.shop.orders.edit(OrderId(1)).unwrap().state = OrderState::Paid;
    check(
        &mut stage,
        Intent::Orders(orders::Intent::Cancel(vec![])),
        Refusal::Payments(payments::Refusal::AlreadyPaid { order: OrderId(1) }),
    );
    stage.does(MEI, order(&[want(A1, 1)]));
    let replies = stage.does(MEI, Intent::Orders(orders::Intent::Cancel(vec![])));
    assert_eq!(
        replies,
        [Reply::Orders(orders::Reply::OrdersCancelled {
            orders: vec![OrderId(2)],
            by_leader: false
        })]
    );
    stage.does(MEI, order(&[want(A1, 1)]));
    stage.shop.orders.edit(OrderId(3)).unwrap().received = Money::from_minor(100);
    check(
        &mut stage,
        Intent::Orders(orders::Intent::Cancel(vec![])),
        Refusal::Payments(payments::Refusal::AlreadyPaid { order: OrderId(3) }),
    );
    check(
        &mut stage,
        amend(&[set(A1, 0)]),
        Refusal::Payments(payments::Refusal::AlreadyPaid { order: OrderId(3) }),
    );
    assert!(matches!(
        stage.does(MEI, amend(&[set(A1, 2)]))[0],
        Reply::Orders(orders::Reply::OrderChanged { .. })
    ));
}

#[test]
fn only_buyer_beneficiary_and_leader_cancel_by_number() {
    let mut stage = Stage::new();
    let cancel = |n| Intent::Orders(orders::Intent::CancelOrders(vec![OrderId(n)]));
    check(
        &mut stage,
        cancel(9),
        Refusal::Orders(orders::Refusal::NoSuchOrder { order: OrderId(9) }),
    );
    stage.does(LAOWANG, order(&[want(A1, 1)]));
    check(&mut stage, cancel(1), Refusal::Orders(orders::Refusal::NotYours { order: OrderId(1) }));
    let mei = Contact { key: "key-小美".into(), name: "小美".into() };
    let for_whom = Some(Person::Mentioned(mei));
    stage.writes(
        LAOWANG,
        "帮@小美带一箱",
        Understood { for_whom, ..meaning(order(&[want(A1, 1)])) },
    );
    stage.heard();
    stage.does(MEI, cancel(2));
    let heard = stage.heard();
    let told: Vec<_> = heard.iter().map(|heard| heard.to.as_deref()).collect();
    assert_eq!(told, [Some("老王"), Some("小美")], "the buyer is told, and whoever cancelled");
    stage.does(AMING, cancel(1));
    assert_eq!(stage.order(1).state, OrderState::Cancelled);
    let gone = Refusal::Orders(orders::Refusal::WrongState {
        order: OrderId(2),
        state: OrderState::Cancelled,
    });
    assert_eq!(Stage::refusal(&stage.does(LAOWANG, cancel(2))), gone);
    stage.assert_stock_is_conserved();
}

#[test]
fn who_only_bears_the_recipients_name_has_the_buyer_asked() {
    let mut stage = Stage::new();
    let cancel = || Intent::Orders(orders::Intent::CancelOrders(vec![OrderId(1)]));
    let said = Understood { for_whom: Some("妈妈".into()), ..meaning(order(&[want(A1, 1)])) };
    stage.writes(LAOWANG, "帮妈妈带一箱", said);
    check(&mut stage, cancel(), Refusal::Orders(orders::Refusal::NotYours { order: OrderId(1) }));
    stage.shop.members.edit(MEI).unwrap().name = "妈 妈".into();
    stage.heard();
    stage.does(MEI, cancel());
    let heard = stage.heard();
    assert_eq!(heard[0].to.as_deref(), Some("老王"));
    assert!(matches!(&heard[0].reply, Reply::Asked { why: Why::Recipient, .. }), "{heard:?}");
    assert!(matches!(
        heard[1].reply,
        Reply::Orders(orders::Reply::BuyerAsked { order: OrderId(1) })
    ));
    assert_eq!(stage.order(1).state, OrderState::Placed);
    // Asked once; a second wish changes nothing while the question is open.
    assert_eq!(
        stage.does(MEI, cancel()),
        [Reply::Orders(orders::Reply::BuyerAsked { order: OrderId(1) })]
    );
    let pending = stage.shop.members.get(LAOWANG).unwrap().question.clone().unwrap();
    stage.does(LAOWANG, pending.question.choices[0].clone());
    assert_eq!(stage.order(1).state, OrderState::Cancelled);
}

#[test]
fn a_leader_cancels_by_member_or_everything() {
    let mut stage = Stage::new();
    let of = |of| Intent::Lead(LeaderIntent::Orders(orders::Lead::CancelOf(of)));
    let mei = || Selection::Members(vec!["小美".into()]);
    assert_eq!(
        Stage::refusal(&stage.does(AMING, of(mei()))),
        Refusal::Orders(orders::Refusal::NoOrders)
    );
    stage.does(MEI, order(&[want(A1, 1)]));
    stage.does(LAOWANG, order(&[want(A1, 1)]));
    stage.does(AMING, of(mei()));
    assert_eq!(stage.order(1).state, OrderState::Cancelled);
    assert_eq!(stage.order(2).state, OrderState::Placed);
    stage.does(AMING, of(Selection::All));
    assert_eq!(stage.order(2).state, OrderState::Cancelled);
    assert!(stage.does(MEI, of(mei())).is_empty(), "from anybody else it is small talk");
}

#[test]
fn a_recalled_order_message_asks_whether_to_cancel() {
    let mut stage = Stage::new();
    stage.does(MEI, order(&[want(A1, 2)]));
    let key = stage.last_key();
    let recall = |stage: &mut Stage, key: &str| {
        let from = Contact { key: "key-小美".into(), name: "小美".into() };
        stage.happens(Body::Recalled { from, key: key.to_owned() })
    };
    assert!(recall(&mut stage, "small talk").is_empty());
    let replies = recall(&mut stage, &key);
    assert!(matches!(&replies[..], [Reply::Asked { why: Why::Cancel, .. }]));
    let pending = stage.shop.members.get(MEI).unwrap().question.clone().unwrap();
    stage.does(MEI, pending.question.choices[0].clone());
    assert_eq!(stage.order(1).state, OrderState::Cancelled);
}

fn any_line() -> impl Strategy<Value = WantedLine> {
    let op = prop_oneof![Just(Op::Add), Just(Op::Set), Just(Op::Remove)];
    (1..=3i64, 0..4u32, 0..2u16, op).prop_map(|(offer, qty, variant, op)| WantedLine {
        offer: crate::domain::ids::OfferId(offer),
        variant: (offer == 3).then_some(variant),
        qty: Some(qty).filter(|&qty| qty > 0 || op == Op::Set),
        op,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn stock_is_conserved_whatever_members_say(
        steps in prop::collection::vec((1..=3i64, 0..3u8, prop::collection::vec(any_line(), 0..3)), 1..25)
    ) {
        let mut stage = Stage::new();
        for (who, kind, lines) in steps {
            let add = |line: &WantedLine| WantedLine {
                op: Op::Add, qty: Some(line.qty.unwrap_or(1).max(1)), ..line.clone()
            };
            let intent = match kind {
                0 if lines.is_empty() => continue,
                0 => Intent::Orders(orders::Intent::Order(lines.iter().map(add).collect())),
                1 => Intent::Orders(orders::Intent::Amend(lines)),
                _ => Intent::Orders(orders::Intent::Cancel(lines)),
            };
            stage.does(MemberId(who), intent);
            stage.assert_stock_is_conserved();
            for member in 1..=3 {
                let unpaid = stage.shop.orders.of(MemberId(member)).filter(|it| it.is_unpaid());
                prop_assert!(unpaid.count() <= 1, "one basket for each closing time");
            }
        }
    }
}
