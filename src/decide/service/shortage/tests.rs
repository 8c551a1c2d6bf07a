//! Shortages: who gets fewer, that money, points and commission follow to the cent, and what each refusal is said for.

use super::*;
use crate::decide::testing::{A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI, evening, offer};
use crate::decide::testing_orders::{assert_books_agree, house, owed, placed};
use crate::domain::catalog::OfferState;
use crate::domain::event::Timer;
use crate::domain::intent::{Op, Selection, WantedLine};
use crate::domain::ledger::{House, Purse};
use crate::domain::orders::{Line, Whose};
use crate::domain::payments;
use crate::domain::person::Person;
use crate::domain::service::{LackNaming, LackSharing, LackedGoods, Refusal as Objection};
use crate::domain::shipping;
use crate::domain::undo::UndoAbout;
use proptest::prelude::*;

fn lack(offer: OfferId, lack: Lack) -> Shortage {
    Shortage {
        said: "葡萄".to_owned(),
        goods: vec![LackedGoods { offer, variant: None, by: LackNaming::Name }],
        lack,
        sharing: LackSharing::LastFirst,
        spared: Vec::new(),
        instead: None,
        agreed: None,
    }
}

fn leads(stage: &mut Stage, lead: Lead) -> Vec<Reply> {
    stage.does(AMING, Intent::Lead(LeaderIntent::Service(lead)))
}

fn says(stage: &mut Stage, shortage: Shortage) -> Vec<Reply> {
    leads(stage, Lead::Shortage(Box::new(shortage)))
}

fn agrees(stage: &mut Stage) -> Vec<Reply> {
    let row = stage.shop.members.get(AMING).unwrap();
    let choice = row.question.clone().expect("a plan waits").question.choices[0].clone();
    stage.does(AMING, choice)
}

fn pay(stage: &mut Stage, order: OrderId) {
    let of = Selection::Orders(vec![order]);
    let lead = payments::Lead::Paid { of, amount: None };
    stage.does(AMING, Intent::Lead(LeaderIntent::Payments(lead)));
}

fn close(stage: &mut Stage) {
    stage.due(evening(), Timer::Close);
}

/// Whose units, how many, how many stay, and what goes back.
#[track_caller]
fn shown(said: &[Reply]) -> Vec<(i64, u32, u32, i64)> {
    let plan = said.iter().find_map(|reply| match reply {
        Reply::Service(
            service::Reply::ShortagePlan { plan, .. } | service::Reply::ShortageDone { plan, .. },
        ) => Some(plan),
        _ => None,
    });
    let plan = plan.unwrap_or_else(|| panic!("{said:?}"));
    assert_eq!(plan.total, plan.cuts.iter().map(|cut| cut.back).sum());
    plan.cuts.iter().map(|cut| (cut.order.0, cut.qty, cut.left, cut.back.minor)).collect()
}

/// 小美 has three, 老王 two, and 小美 two more in another order; the last is unpaid.
fn sold() -> (Stage, [OrderId; 3]) {
    let mut stage = Stage::new();
    let first = placed(&mut stage, XIAOMEI, &[(A1, None, 3), (A2, None, 1)]);
    let second = placed(&mut stage, LAOWANG, &[(A1, None, 2)]);
    let third = placed(&mut stage, XIAOMEI, &[(A1, None, 2)]);
    pay(&mut stage, first);
    pay(&mut stage, second);
    close(&mut stage);
    (stage, [first, second, third])
}

#[test]
fn the_last_orders_get_fewer_and_unpaid_units_cost_nothing() {
    let (mut stage, [first, second, third]) = sold();
    let said = says(&mut stage, lack(A1, Lack::Came(3)));
    assert_eq!(shown(&said), [(3, 2, 0, 0), (2, 2, 0, 7_980)]);
    assert_eq!(house(&stage, House::Received), 3 * 3_990 + 8_800 + 2 * 3_990, "nothing yet");
    stage.heard();
    let said = agrees(&mut stage);
    assert_eq!(shown(&said).len(), 2);
    let cut = said
        .iter()
        .filter(|it| matches!(it, Reply::Service(service::Reply::CutShort { whole: true, .. })));
    assert_eq!(cut.count(), 2);
    assert_eq!(stage.order(first.0).lines[0].live_qty(), 3);
    assert_eq!(stage.order(second.0).state, OrderState::Refunded);
    assert_eq!(stage.order(third.0).state, OrderState::Cancelled);
    assert_eq!(house(&stage, House::Received), 3 * 3_990 + 8_800);
    assert_eq!(stage.shop.offers.get(A1).unwrap().left(), Some(0), "what is left is not there");
    assert_books_agree(&stage);
    stage.assert_stock_is_conserved();
    assert!(stage.shop.members.get(AMING).unwrap().question.is_none());
}

#[test]
fn commission_and_points_follow() {
    let (mut stage, [first, ..]) = sold();
    let (earned, points) =
        (owed(&stage, AMING, Purse::Frozen), owed(&stage, XIAOMEI, Purse::Wallet));
    assert_eq!((earned, points), (1_246, 20), "6 % and a point for 10 yuan of 207.70");
    says(&mut stage, lack(A1, Lack::Came(1)));
    agrees(&mut stage);
    assert_eq!(stage.order(first.0).refunded().minor, 2 * 3_990);
    assert_eq!(owed(&stage, AMING, Purse::Frozen), 767);
    assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 12);
    assert_books_agree(&stage);
}

#[test]
fn shared_alike_all_get_fewer_in_proportion() {
    let (mut stage, _) = sold();
    let said =
        says(&mut stage, Shortage { sharing: LackSharing::Alike, ..lack(A1, Lack::Short(3)) });
    assert_eq!(shown(&said), [(3, 1, 1, 0), (2, 1, 1, 3_990), (1, 1, 2, 3_990)]);
    let change = Lead::ChangeShortage(LackChange::Share(LackSharing::LastFirst));
    assert_eq!(shown(&leads(&mut stage, change)), [(3, 2, 0, 0), (2, 1, 1, 3_990)]);
    let change = Lead::ChangeShortage(LackChange::Share(LackSharing::Alike));
    leads(&mut stage, change);
    agrees(&mut stage);
    assert_eq!(stage.order(3).lines[0].qty, 1);
    assert_eq!(stage.shop.offers.get(A1).unwrap().sold, 6, "an unpaid unit is not sold");
    assert_books_agree(&stage);
    stage.assert_stock_is_conserved();
}

#[test]
fn whoever_is_named_keeps_theirs() {
    let (mut stage, _) = sold();
    says(&mut stage, lack(A1, Lack::Short(3)));
    let spare = |who: &str| {
        Lead::ChangeShortage(LackChange::Spare(vec![Whose::Of(Person::Named(who.to_owned()))]))
    };
    assert_eq!(shown(&leads(&mut stage, spare("老王"))), [(3, 2, 0, 0), (1, 1, 2, 3_990)]);
    let said = leads(&mut stage, spare("阿明"));
    let (name, who) = ("阳光玫瑰".to_owned(), "阿明".to_owned());
    assert_eq!(Stage::refusal(&said), Refusal::Service(Objection::NotInShortage { name, who }));
    let said = leads(&mut stage, spare("小美"));
    assert!(
        matches!(Stage::refusal(&said), Refusal::Service(Objection::TooFewToCut { left: 0, .. })),
        "{said:?}"
    );
    let number = Lead::ChangeShortage(LackChange::Spare(vec![Whose::Numbered(OrderId(3))]));
    assert_eq!(shown(&leads(&mut stage, number)), [(1, 3, 0, 11_970)], "and 老王 still");
    agrees(&mut stage);
    assert_eq!(stage.order(2).lines[0].live_qty(), 2);
    assert_books_agree(&stage);
}

#[test]
fn what_comes_instead_is_told() {
    let (mut stage, _) = sold();
    says(&mut stage, lack(A1, Lack::Short(2)));
    leads(&mut stage, Lead::ChangeShortage(LackChange::Instead("明天补".to_owned())));
    let said = agrees(&mut stage);
    let told = said.iter().find_map(|reply| match reply {
        Reply::Service(service::Reply::CutShort { instead, .. }) => instead.clone(),
        _ => None,
    });
    assert_eq!(told.as_deref(), Some("明天补"));
}

#[test]
fn a_change_without_a_plan_is_talk() {
    let (mut stage, _) = sold();
    let change = Lead::ChangeShortage(LackChange::Share(LackSharing::Alike));
    assert!(leads(&mut stage, change.clone()).is_empty());
    says(&mut stage, lack(A1, Lack::Short(2)));
    stage.later(24 * 60);
    assert!(leads(&mut stage, change).is_empty(), "the plan is forgotten by then");
}

#[test]
fn a_plan_that_is_another_by_now_is_shown_again() {
    let (mut stage, [first, second, _]) = sold();
    says(&mut stage, lack(A1, Lack::Short(3)));
    let line = WantedLine { offer: A1, variant: None, qty: Some(2), op: Op::Remove };
    let back = payments::Lead::Refund { order: second, lines: vec![line] };
    let row = stage.shop.members.get(AMING).unwrap().question.clone();
    stage.does(AMING, Intent::Lead(LeaderIntent::Payments(back)));
    stage.shop.members.edit(AMING).unwrap().question = row;
    let said = agrees(&mut stage);
    assert!(
        matches!(said[..], [Reply::Service(service::Reply::ShortagePlan { again: true, .. })]),
        "{said:?}"
    );
    assert_eq!(stage.order(first.0).refunded(), Money::ZERO);
    assert_eq!(shown(&said), [(3, 2, 0, 0), (1, 1, 2, 3_990)]);
    agrees(&mut stage);
    assert_eq!(stage.order(first.0).refunded().minor, 3_990);
    assert_books_agree(&stage);
}

#[test]
fn amounts_that_went_back_before_count() {
    let (mut stage, [_, second, _]) = sold();
    let back = payments::Lead::RefundAmount {
        order: second,
        of: None,
        amount: Money::from_minor(3_000),
        reason: None,
    };
    stage.does(AMING, Intent::Lead(LeaderIntent::Payments(back)));
    let said = says(&mut stage, lack(A1, Lack::Short(4)));
    assert_eq!(shown(&said), [(3, 2, 0, 0), (2, 2, 0, 4_980)]);
    agrees(&mut stage);
    assert_eq!(stage.order(second.0).refunded().minor, 7_980);
    assert_books_agree(&stage);
}

#[test]
fn goods_sent_again_go_last_and_cost_nothing() {
    let (mut stage, [first, ..]) = sold();
    let again = placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
    let row = stage.shop.orders.edit(again).unwrap();
    row.state = OrderState::Paid;
    row.lines[0].price = Money::ZERO;
    let said = says(&mut stage, lack(A1, Lack::Came(1)));
    assert_eq!(shown(&said), [(3, 2, 0, 0), (2, 2, 0, 7_980), (1, 3, 0, 11_970)]);
    let said = says(&mut stage, lack(A1, Lack::Came(0)));
    assert_eq!(shown(&said)[0], (again.0, 1, 0, 0));
    agrees(&mut stage);
    assert_eq!(stage.order(again.0).state, OrderState::Refunded);
    assert_eq!(stage.order(first.0).lines[0].live_qty(), 0);
    assert_books_agree(&stage);
}

#[test]
fn goods_that_were_handed_over_stay() {
    let (mut stage, [first, second, _]) = sold();
    let at = stage.at;
    stage.shop.orders.edit(second).unwrap().lines[0].collected_at = Some(at);
    let said = says(&mut stage, lack(A1, Lack::All));
    assert_eq!(shown(&said), [(3, 2, 0, 0), (1, 3, 0, 11_970)]);
    let said = says(&mut stage, lack(A1, Lack::Came(1)));
    assert!(matches!(
        Stage::refusal(&said),
        Refusal::Service(Objection::TooFewToCut { lack: 6, left: 5, .. })
    ));
    let of = Selection::Orders(vec![first]);
    let lead = shipping::Lead::Delivered(of);
    stage.does(AMING, Intent::Lead(LeaderIntent::Shipping(lead)));
    assert_eq!(shown(&says(&mut stage, lack(A1, Lack::All))), [(3, 2, 0, 0)]);
}

#[test]
fn a_basket_keeps_what_else_is_in_it() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3), (A2, None, 1)]);
    let of = Selection::Orders(vec![order]);
    let lead = payments::Lead::Paid { of, amount: Some(Money::from_minor(10_000)) };
    stage.does(AMING, Intent::Lead(LeaderIntent::Payments(lead)));
    close(&mut stage);
    says(&mut stage, lack(A1, Lack::All));
    agrees(&mut stage);
    // What was paid towards it pays for the rest, and 12.00 go back.
    assert_eq!(stage.order(order.0).state, OrderState::Paid);
    assert_eq!(house(&stage, House::Received), 8_800);
    assert_books_agree(&stage);
    stage.assert_stock_is_conserved();
}

#[test]
fn one_kind_can_be_lacking() {
    let mut stage = Stage::new();
    placed(&mut stage, XIAOMEI, &[(S1, Some(0), 2), (S1, Some(1), 1)]);
    let mut shortage = lack(S1, Lack::Short(1));
    shortage.goods[0].variant = Some(0);
    let said = says(&mut stage, shortage);
    assert_eq!(shown(&said), [(1, 1, 1, 0)]);
    stage.heard();
    let said = agrees(&mut stage);
    let row = stage.shop.offers.get(S1).unwrap();
    assert_eq!((row.stock[0].left, row.stock[1].left), (0, 2), "the other kind is on sale");
    let on_sale = said.iter().any(|reply| {
        matches!(reply, Reply::Service(service::Reply::ShortageDone { on_sale: Some(code), .. }) if code == "S1")
    });
    assert!(on_sale, "{said:?}");
    stage.assert_stock_is_conserved();
}

#[test]
fn of_one_code_that_is_meant_which_is_waited_for() {
    let (mut stage, _) = sold();
    let today = OfferId(7);
    stage.shop.offers.load(today, offer(today, "A1", "草莓", 2_000, &[10]));
    let by_code = |lack: Lack| {
        let mut shortage = self::lack(today, lack);
        shortage.goods[0].by = LackNaming::Code;
        shortage
    };
    let said = says(&mut stage, by_code(Lack::Short(1)));
    assert_eq!(shown(&said), [(3, 1, 1, 0)], "yesterday's A1");
    placed(&mut stage, LAOWANG, &[(today, None, 1)]);
    stage.shop.offers.edit(today).unwrap().state = OfferState::Closed;
    let said = says(&mut stage, by_code(Lack::Short(1)));
    let [Reply::Asked { why: Why::WhichOffer, choices, .. }] = &said[..] else {
        panic!("{said:?}")
    };
    assert_eq!(choices.len(), 2);
    assert_eq!(shown(&agrees(&mut stage)), [(4, 1, 0, 0)], "the newest is the first");
}

#[test]
fn refusals_are_said_in_order() {
    let mut stage = Stage::new();
    let unknown = Shortage { goods: Vec::new(), ..lack(A1, Lack::Odd) };
    let said = "葡萄".to_owned();
    let name = || "阳光玫瑰".to_owned();
    let unit = || "箱".to_owned();
    let expect = |stage: &mut Stage, shortage, objection| {
        let before = stage.shop.orders.values().cloned().collect::<Vec<_>>();
        let said = says(stage, shortage);
        assert_eq!(Stage::refusal(&said), Refusal::Service(objection));
        assert_eq!(before, stage.shop.orders.values().cloned().collect::<Vec<_>>());
    };
    expect(&mut stage, unknown, Objection::NoSuchGoods { said });
    let odd = Objection::LackUnclear { name: name(), unit: unit() };
    expect(&mut stage, lack(A1, Lack::Odd), odd.clone());
    expect(&mut stage, lack(A1, Lack::Short(0)), odd);
    expect(&mut stage, lack(A1, Lack::Short(1)), Objection::NobodyOrdered { name: name() });
    placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
    for came in [3, 4] {
        let enough = Objection::EnoughCame { name: name(), ordered: 3, unit: unit() };
        expect(&mut stage, lack(A1, Lack::Came(came)), enough);
    }
    let few = Objection::TooFewToCut { name: name(), lack: 4, left: 3, unit: unit() };
    expect(&mut stage, lack(A1, Lack::Short(4)), few);
    let said = stage.does(
        XIAOMEI,
        Intent::Lead(LeaderIntent::Service(Lead::Shortage(Box::new(lack(A1, Lack::All))))),
    );
    assert!(said.is_empty(), "members do not say it");
}

#[test]
fn it_cannot_be_undone() {
    let (mut stage, _) = sold();
    says(&mut stage, lack(A1, Lack::All));
    agrees(&mut stage);
    let said = stage.does(AMING, Intent::Undo(UndoAbout::Last));
    assert_eq!(Stage::refusal(&said), Refusal::CannotUndo);
    assert!(stage.does(AMING, Intent::Silent).is_empty());
}

proptest! {
    #[test]
    fn what_is_taken_is_what_is_lacking(
        orders in proptest::collection::vec((1..6u32, 0..3u32, any::<bool>(), any::<bool>()), 1..9),
        part in 0..=100u32, is_alike in any::<bool>(),
    ) {
        let mut stage = Stage::new();
        stage.shop.offers.edit(A1).unwrap().stock[0].left = 500;
        stage.shop.offers.edit(A1).unwrap().stock[0].initial = 500;
        stage.shop.offers.edit(A2).unwrap().stock[0].left = 500;
        stage.shop.offers.edit(A2).unwrap().stock[0].initial = 500;
        for &(grapes, cherries, is_paid, is_mei) in &orders {
            let who = if is_mei { XIAOMEI } else { LAOWANG };
            let lines = [(A1, None, grapes), (A2, None, cherries)];
            let lines: Vec<_> = lines.into_iter().filter(|line| line.2 > 0).collect();
            let id = placed(&mut stage, who, &lines);
            if is_paid {
                pay(&mut stage, id);
            }
        }
        close(&mut stage);
        let of = |stage: &Stage| -> Vec<u32> {
            let live = |order: &Order| order.lines.iter().filter(|line| line.offer == A1)
                .map(Line::live_qty).sum::<u32>();
            stage.shop.orders.values().map(|order| match order.state {
                OrderState::Cancelled | OrderState::Refunded => 0,
                _ => live(order),
            }).collect()
        };
        let before = of(&stage);
        let all: u32 = before.iter().sum();
        let short = (all * part / 100).clamp(1, all);
        let sharing = if is_alike { LackSharing::Alike } else { LackSharing::LastFirst };
        let received = house(&stage, House::Received);
        let shortage = Shortage { sharing, ..lack(A1, Lack::Short(short)) };
        let plan = shown(&says(&mut stage, shortage.clone()));
        prop_assert_eq!(&plan, &shown(&says(&mut stage, shortage)));
        let done = shown(&agrees(&mut stage));
        prop_assert_eq!(&plan, &done);
        prop_assert_eq!(plan.iter().map(|cut| cut.1).sum::<u32>(), short);
        let after = of(&stage);
        prop_assert_eq!(after.iter().sum::<u32>(), all - short);
        let refunds: i64 = plan.iter().map(|cut| cut.3).sum();
        prop_assert_eq!(received - house(&stage, House::Received), refunds);
        for (id, units, left, back) in plan {
            let at = usize::try_from(id - 1).unwrap();
            prop_assert_eq!((before[at] - units, left), (left, after[at]));
            let is_paid = orders[at].2;
            prop_assert_eq!(back, if is_paid { i64::from(units) * 3_990 } else { 0 });
            if is_alike {
                // Nobody loses a unit more than their part.
                let exact = u64::from(before[at]) * u64::from(short);
                prop_assert!(u64::from(units) * u64::from(all) < exact + u64::from(all));
            }
        }
        assert_books_agree(&stage);
        stage.assert_stock_is_conserved();
    }
}
