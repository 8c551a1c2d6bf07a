//! At least one sample of everything that can be said, for the tests of the words.
//!
//! The lists of variants come from serde, so a new variant without a sample fails a test that
//! names it; see `approved`.

mod asked;
mod linking;
mod local;
mod refused;

use self::asked::questions;
use self::linking::linking;
pub(super) use self::local::local;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::{About, Why};
use crate::domain::money::Money;
use crate::domain::orders::{CommissionState, OrderState};
use crate::domain::payouts::WithdrawalState;
use crate::domain::reply::{
    AccountDay, AccountsView, ChoiceView, Excess, Figures, Likeness, LineView, NextTier, Noted,
    OfferView, OrderView, PickItem, PromoterView, Reply, RoleChange, SoldAt, StatementLine,
    StockView, TierView, WithdrawalLine,
};
use crate::domain::time::Timestamp;
use crate::domain::{
    catalog, groups, loyalty, orders, payments, payouts, people, referral, reports, service,
    shipping,
};

/// 10:00 in Shanghai, Taipei, Hong Kong and Singapore.
pub(super) fn now() -> Timestamp {
    instant("2026-03-05T02:00:00Z")
}

/// Every reply, in its usual forms.
pub(super) fn replies() -> Vec<Reply> {
    [
        orders(),
        questions(),
        offers(),
        members(),
        earnings(),
        leader(),
        linking(),
        refused::refused(),
    ]
    .concat()
}

/// Lists longer than any that is shown, and texts longer than any that is sensible.
pub(super) fn huge() -> Vec<Reply> {
    let long = "很长很长的名字".repeat(40);
    let line = LineView { name: long.clone(), variant: Some(long.clone()), ..grapes(999) };
    let order = OrderView {
        member: long.clone(),
        for_whom: Some(long.clone()),
        lines: vec![line.clone(); 60],
        notes: vec![long.clone(); 30],
        ..order(OrderState::Placed)
    };
    let offer = OfferView {
        name: long.clone(),
        variants: vec![long.clone(); 40],
        about: Some(long.clone()),
        ..grapes_offer()
    };
    let many = OrderView { lines: vec![line.clone(); 9], ..order.clone() };
    let (orders, offers) = (vec![many; 50], vec![offer; 60]);
    let item = PickItem { name: long.clone(), paid: 9, unpaid: 9, unit: "箱".to_owned() };
    let ids: Vec<_> = (1..900).map(OrderId).collect();
    vec![
        Reply::Orders(orders::Reply::OrderTaken {
            added: order.lines.clone(),
            order: order.clone(),
            needs_delivery: true,
        }),
        Reply::Orders(orders::Reply::OrdersCancelled { orders: ids }),
        Reply::Orders(orders::Reply::MyOrders { orders: orders.clone() }),
        Reply::Catalog(catalog::Reply::Menu { offers: offers.clone() }),
        drop_posted(offers.clone(), &long.repeat(9), true),
        Reply::Catalog(catalog::Reply::Answer {
            about: About::Variants,
            offers,
            pickup_points: vec![long.clone(); 40],
        }),
        Reply::Reports(reports::Reply::Unpaid {
            orders: orders.clone(),
            beyond: 9_999,
            total: yuan(1),
        }),
        Reply::Reports(reports::Reply::PickList {
            items: vec![item; 90],
            members: orders,
            beyond: 9_999,
        }),
        Reply::Referral(referral::Reply::Unattributed {
            names: vec![long.clone(); 50],
            beyond: 9_999,
        }),
        Reply::Orders(orders::Reply::ReviewWaiting {
            posted_by: Some(long.clone()),
            lines: vec![long.clone(); 50],
        }),
        Reply::Orders(orders::Reply::RequestWaiting {
            member: MemberId(i64::MAX),
            name: long.clone(),
            lines: order.lines.clone(),
            why: Excess::Often,
        }),
        Reply::Shipping(shipping::Reply::Noted { what: Noted::Address, text: long.repeat(9) }),
        asked(Why::WhichOffer, vec![ChoiceView::Lines(vec![line; 20]); 9], Some(&long)),
    ]
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn yuan(minor: i64) -> Money {
    Money::from_minor(minor)
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn grapes(qty: u32) -> LineView {
    LineView {
        code: text("A1"),
        name: text("阳光玫瑰"),
        variant: None,
        qty,
        unit: text("箱"),
        price: yuan(3_990),
        amount: yuan(3_990 * i64::from(qty)),
    }
}

fn shirt(qty: u32) -> LineView {
    LineView {
        code: text("B1"),
        name: text("短袖T恤"),
        variant: Some(text("黑色/M")),
        qty,
        unit: text("件"),
        price: yuan(5_900),
        amount: yuan(5_900 * i64::from(qty)),
    }
}

fn order(state: OrderState) -> OrderView {
    OrderView {
        order: OrderId(1024),
        member: text("小美"),
        for_whom: None,
        state,
        lines: vec![grapes(2)],
        total: yuan(7_980),
        received: Money::ZERO,
        refunded: Money::ZERO,
        points_worth: Money::ZERO,
        notes: Vec::new(),
        closes_at: instant("2026-03-05T14:00:00Z"),
        hold_until: instant("2026-03-06T14:00:00Z"),
    }
}

/// With everything an order can have.
fn full_order() -> OrderView {
    OrderView {
        for_whom: Some(text("妈妈")),
        lines: vec![grapes(3), shirt(1)],
        total: yuan(17_370),
        received: yuan(5_000),
        points_worth: yuan(500),
        notes: vec![text("放驿站"), text("要硬一点的")],
        ..order(OrderState::Placed)
    }
}

fn grapes_offer() -> OfferView {
    OfferView {
        code: text("A1"),
        name: text("阳光玫瑰"),
        variants: Vec::new(),
        price: yuan(3_990),
        unit: text("箱"),
        left: Some(50),
        sold: 12,
        limit: Some(5),
        minimum: None,
        image: None,
        about: Some(text("云南直发，脆甜无籽，一箱约4斤")),
        closes_at: instant("2026-03-05T14:00:00Z"),
    }
}

fn shirt_offer() -> OfferView {
    OfferView {
        code: text("B1"),
        name: text("短袖T恤"),
        variants: vec![text("黑色/M"), text("白色/L")],
        price: yuan(5_900),
        unit: text("件"),
        left: Some(0),
        sold: 8,
        limit: None,
        minimum: Some(20),
        about: None,
        ..grapes_offer()
    }
}

fn milk_offer() -> OfferView {
    OfferView {
        code: text("C2"),
        name: text("Oat milk"),
        price: yuan(1_250),
        unit: text("box"),
        left: None,
        limit: Some(6),
        about: None,
        closes_at: instant("2026-03-06T02:00:00Z"),
        ..grapes_offer()
    }
}

fn drop_posted(offers: Vec<OfferView>, greeting: &str, late: bool) -> Reply {
    let closes_at = instant("2026-03-05T14:00:00Z");
    Reply::Catalog(catalog::Reply::DropPosted {
        greeting: text(greeting),
        image: None,
        offers,
        closes_at,
        late,
    })
}

fn waiting(posted_by: Option<&str>) -> Reply {
    let lines = vec![text("小鱼 A1 x2"), text("木木 B1 黑色/M x1")];
    Reply::Orders(orders::Reply::ReviewWaiting { posted_by: posted_by.map(text), lines })
}

fn look_alike(likeness: Likeness, other: Option<&str>) -> Reply {
    Reply::People(people::Reply::LookAlike {
        name: text("小 美"),
        likeness,
        other: other.map(text),
    })
}

fn asked(why: Why, choices: Vec<ChoiceView>, name: Option<&str>) -> Reply {
    Reply::Asked { why, choices, name: name.map(text), unit: name.map(|_| text("箱")) }
}

fn orders() -> Vec<Reply> {
    let placed = order(OrderState::Placed);
    let states = [
        OrderState::Placed,
        OrderState::Paid,
        OrderState::Shipped,
        OrderState::Received,
        OrderState::Closed,
        OrderState::Cancelled,
        OrderState::Refunded,
    ];
    let mine = states.map(order).into_iter().chain([full_order()]).collect();
    let partly = OrderView { refunded: yuan(3_990), ..order(OrderState::Paid) };
    let free = OrderView { total: Money::ZERO, points_worth: yuan(7_980), ..placed.clone() };
    let paid = vec![order(OrderState::Paid)];
    let ids = vec![OrderId(1024), OrderId(1025)];
    vec![
        taken(vec![grapes(2)], &placed, false),
        taken(vec![shirt(1)], &full_order(), true),
        Reply::Orders(orders::Reply::OrderChanged { order: full_order() }),
        Reply::Orders(orders::Reply::OrdersCancelled { orders: ids.clone() }),
        Reply::Orders(orders::Reply::MyOrders { orders: Vec::new() }),
        Reply::Orders(orders::Reply::MyOrders { orders: mine }),
        Reply::Orders(orders::Reply::MyOrders { orders: vec![partly] }),
        Reply::Payments(payments::Reply::PaymentTaken {
            orders: paid.clone(),
            difference: Money::ZERO,
            again: Vec::new(),
        }),
        Reply::Payments(payments::Reply::PaymentTaken {
            orders: paid.clone(),
            difference: yuan(20),
            again: vec![OrderId(1_024)],
        }),
        Reply::Payments(payments::Reply::PaymentTaken {
            orders: paid,
            difference: yuan(-20),
            again: Vec::new(),
        }),
        Reply::Payments(payments::Reply::Underpaid {
            order: OrderId(1024),
            received: yuan(5_000),
            due: yuan(2_980),
        }),
        Reply::Payments(payments::Reply::PaidTooLate {
            order: OrderId(1024),
            name: text("阳光玫瑰"),
            failed: false,
        }),
        Reply::Payments(payments::Reply::PaidTooLate {
            order: OrderId(1024),
            name: text("阳光玫瑰"),
            failed: true,
        }),
        Reply::Orders(orders::Reply::Undone {
            orders: vec![order(OrderState::Placed), order(OrderState::Cancelled)],
        }),
        Reply::Payments(payments::Reply::PaymentUndone { orders: vec![order(OrderState::Placed)] }),
        Reply::Payments(payments::Reply::LateBooked {
            orders: vec![OrderView { received: yuan(7_980), ..order(OrderState::Paid) }],
        }),
        shipped(Some("顺丰"), Some("SF1234567890")),
        shipped(None, Some("SF1234567890")),
        shipped(Some("顺丰"), None),
        shipped(None, None),
        Reply::Shipping(shipping::Reply::GoodsReceived { orders: ids.clone() }),
        refunded(true),
        refunded(false),
        Reply::Orders(orders::Reply::AboutToLapse {
            orders: vec![placed, full_order()],
            at: instant("2026-03-05T16:00:00Z"),
        }),
        Reply::Orders(orders::Reply::Lapsed { orders: ids }),
        Reply::Catalog(catalog::Reply::NotReached {
            name: text("短袖T恤"), sold: 8, minimum: 20
        }),
        Reply::Loyalty(loyalty::Reply::PointsApplied {
            points: 500,
            worth: yuan(500),
            order: full_order(),
        }),
        Reply::Loyalty(loyalty::Reply::PointsApplied {
            points: 7_980,
            worth: yuan(7_980),
            order: free,
        }),
    ]
}

fn taken(added: Vec<LineView>, order: &OrderView, needs_delivery: bool) -> Reply {
    Reply::Orders(orders::Reply::OrderTaken { added, order: order.clone(), needs_delivery })
}

fn shipped(carrier: Option<&str>, tracking: Option<&str>) -> Reply {
    Reply::Shipping(shipping::Reply::Shipped {
        orders: vec![order(OrderState::Shipped)],
        carrier: carrier.map(text),
        tracking: tracking.map(text),
    })
}

fn refunded(whole: bool) -> Reply {
    let (order, amount) = (OrderId(1024), yuan(3_990));
    Reply::Payments(payments::Reply::Refunded { order, member: text("小美"), amount, whole })
}

fn offers() -> Vec<Reply> {
    let all = || vec![grapes_offer(), shirt_offer(), milk_offer()];
    let answer = |about| {
        Reply::Catalog(catalog::Reply::Answer { about, offers: all(), pickup_points: Vec::new() })
    };
    let closes_at = instant("2026-03-06T02:00:00Z");
    let points = vec![text("南门驿站"), text("3栋楼下")];
    let mut replies = vec![
        Reply::Catalog(catalog::Reply::Menu { offers: all() }),
        Reply::Catalog(catalog::Reply::Menu { offers: Vec::new() }),
        Reply::Catalog(catalog::Reply::Answer {
            about: About::Delivery,
            offers: Vec::new(),
            pickup_points: points,
        }),
        Reply::Catalog(catalog::Reply::Answer {
            about: About::Other,
            offers: Vec::new(),
            pickup_points: Vec::new(),
        }),
        drop_posted(all(), "大家早上好 ☀️ 今天的团来啦", false),
        drop_posted(vec![shirt_offer(); 7], "午市加开", true),
        Reply::Catalog(catalog::Reply::DropSkipped {
            drop: text("morning"),
            at: instant("2026-03-05T02:00:00Z"),
        }),
        Reply::Catalog(catalog::Reply::SoldOut {
            code: text("A1"),
            name: text("阳光玫瑰"),
            post: None,
        }),
        closed(0),
        closed(59_780),
        Reply::Catalog(catalog::Reply::Listed { offer: milk_offer(), closes_at }),
        Reply::Catalog(catalog::Reply::OfferChanged {
            offer: grapes_offer(),
            post: None,
            stock: None,
        }),
        Reply::Catalog(catalog::Reply::OfferChanged {
            offer: grapes_offer(),
            post: None,
            stock: Some(StockView {
                name: text("阳光玫瑰"), unit: text("箱"), left: 3, taken: 47
            }),
        }),
        Reply::Catalog(catalog::Reply::OffersReopened { offers: vec![grapes_offer()] }),
        Reply::Catalog(catalog::Reply::SoldMeanwhile(SoldAt {
            name: text("阳光玫瑰"),
            units: 3,
            unit: text("箱"),
            price: yuan(3_590),
        })),
        Reply::Catalog(catalog::Reply::OffersStopped { codes: vec![text("A1"), text("B1")] }),
    ];
    replies.extend(
        [
            About::Price,
            About::Stock,
            About::Variants,
            About::Closing,
            About::Delivery,
            About::Other,
        ]
        .map(answer),
    );
    replies
}

fn closed(unpaid: i64) -> Reply {
    Reply::Catalog(catalog::Reply::Closed {
        offers: vec![grapes_offer(), shirt_offer()],
        orders: 16,
        buyers: 14,
        total: yuan(123_450),
        unpaid: yuan(unpaid),
    })
}

fn members() -> Vec<Reply> {
    let noted =
        |what, note: &str| Reply::Shipping(shipping::Reply::Noted { what, text: text(note) });
    let invite = |link: Option<&str>, brought| {
        Reply::Referral(referral::Reply::InviteCode {
            code: text("K7M2QX"),
            link: link.map(text),
            brought,
        })
    };
    vec![
        Reply::People(people::Reply::Welcome { inviter: Some(text("阿强")) }),
        Reply::People(people::Reply::Welcome { inviter: None }),
        invite(None, 0),
        invite(Some("https://t.me/tuan_bot?start=K7M2QX"), 3),
        Reply::Referral(referral::Reply::Bound { inviter: text("阿强") }),
        Reply::Referral(referral::Reply::ClaimAsked {
            newcomer: text("小鱼"),
            inviter: text("小美"),
        }),
        Reply::Referral(referral::Reply::ClaimDenied),
        noted(Noted::Address, "上海市徐汇区天钥桥路 1 号 302，王芳 13800006789"),
        noted(Noted::Pickup, "王芳 6789 南门驿站"),
        noted(Noted::Payee, "支付宝 amy@example.com"),
        Reply::Loyalty(loyalty::Reply::ShareSeen),
        Reply::Loyalty(loyalty::Reply::ShareApproved { name: text("小美"), points: 20 }),
        Reply::Service(service::Reply::FeedbackSeen),
        Reply::Service(service::Reply::FeedbackGiven { name: text("小美") }),
        Reply::Loyalty(loyalty::Reply::CheckedIn { points: 5, bonus: 0, days: 1, total: 5 }),
        Reply::Loyalty(loyalty::Reply::CheckedIn { points: 5, bonus: 30, days: 7, total: 65 }),
        points(65, 7, None),
        points(0, 0, None),
        points(199, 0, Some(tier(None, 100, Some("银卡")))),
        points(199, 3, Some(tier(Some("银卡"), 150, Some("金卡")))),
        points(199, 0, Some(tier(Some("金卡"), 200, None))),
        Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 65 }),
        Reply::Groups(groups::Reply::JustAMoment),
        Reply::Groups(groups::Reply::Parked),
    ]
}

fn points(total: i64, days: u32, tier: Option<TierView>) -> Reply {
    Reply::Loyalty(loyalty::Reply::Points { total, days, tier })
}

fn tier(name: Option<&str>, times: u32, next: Option<&str>) -> TierView {
    let next = next.map(|name| NextTier { name: text(name), left: yuan(30_050) });
    TierView { name: name.map(text), times, paid: yuan(19_950), days: 90, next }
}

fn accounts() -> AccountsView {
    let day = |day: &str, received, sales| AccountDay {
        day: day.parse().expect("a day"),
        received: yuan(received),
        sales: yuan(sales),
        commission: yuan(sales / 20),
    };
    AccountsView {
        received: yuan(129_900),
        deposits: yuan(1_000),
        sales: yuan(128_900),
        commission: yuan(6_445),
        frozen: yuan(2_000),
        available: yuan(1_500),
        short: yuan(399),
        locked: yuan(1_200),
        paid_out: yuan(1_680),
        tax_withheld: yuan(464),
        unpaid_orders: 2,
        unpaid: yuan(7_980),
        days: vec![day("2026-03-04", 28_900, 28_900), day("2026-03-03", -3_990, -3_990)],
    }
}

fn earnings() -> Vec<Reply> {
    let balance = |available, locked| {
        Reply::Payouts(payouts::Reply::Balance {
            frozen: yuan(800),
            available: yuan(available),
            locked: yuan(locked),
            paid_out: yuan(10_000),
            points: 65,
        })
    };
    let line = |state, order: Option<i64>, amount| StatementLine {
        at: instant("2026-03-04T12:30:00Z"),
        order: order.map(OrderId),
        buyer: order.map(|_| text("阿*")),
        amount: yuan(amount),
        state,
    };
    let entries = vec![
        line(CommissionState::Pending, Some(1_024), 399),
        line(CommissionState::Frozen, Some(1_024), 399),
        line(CommissionState::Available, None, -399),
        line(CommissionState::Void, Some(1_025), 0),
    ];
    let withdrawal = |state, withheld| WithdrawalLine {
        at: instant("2026-03-04T12:30:00Z"),
        amount: yuan(5_000),
        withheld: yuan(withheld),
        state,
    };
    let withdrawals = vec![
        withdrawal(WithdrawalState::Asked, 0),
        withdrawal(WithdrawalState::Approved, 1_000),
        withdrawal(WithdrawalState::Sent, 1_000),
        withdrawal(WithdrawalState::Sent, 0),
        withdrawal(WithdrawalState::Failed, 0),
    ];
    vec![
        balance(1_200, 300),
        balance(0, 0),
        balance(-399, 0),
        Reply::Payouts(payouts::Reply::Statement {
            entries: entries.clone(),
            withdrawals: Vec::new(),
        }),
        Reply::Payouts(payouts::Reply::Statement { entries, withdrawals }),
        Reply::Reports(reports::Reply::Accounts { accounts: accounts() }),
        Reply::Reports(reports::Reply::Accounts { accounts: AccountsView::default() }),
        Reply::Payouts(payouts::Reply::Statement { entries: Vec::new(), withdrawals: Vec::new() }),
        Reply::Referral(referral::Reply::CommissionFrozen {
            order: OrderId(1_024),
            buyer: text("阿*"),
            amount: yuan(399),
        }),
        Reply::Referral(referral::Reply::CommissionUndone {
            order: OrderId(1_024),
            buyer: text("阿*"),
            amount: yuan(399),
        }),
        Reply::Referral(referral::Reply::CommissionAvailable { amount: yuan(399), orders: 1 }),
        Reply::Referral(referral::Reply::CommissionAvailable { amount: yuan(1_197), orders: 3 }),
        Reply::Payouts(payouts::Reply::WithdrawalAsked { amount: yuan(5_000) }),
        Reply::Payouts(payouts::Reply::WithdrawalSent {
            amount: yuan(5_000),
            withheld: Money::ZERO,
        }),
        Reply::Payouts(payouts::Reply::WithdrawalSent {
            amount: yuan(5_000),
            withheld: yuan(1_000),
        }),
        returned(false, Some("葡萄")),
        returned(true, None),
        Reply::Payouts(payouts::Reply::WithdrawalWaiting {
            name: text("小美"),
            amount: yuan(5_000),
        }),
    ]
}

fn returned(failed: bool, reason: Option<&str>) -> Reply {
    Reply::Payouts(payouts::Reply::WithdrawalReturned {
        amount: yuan(5_000),
        failed,
        reason: reason.map(text),
    })
}

fn request(why: Excess) -> Reply {
    let (member, name, lines) = (MemberId(7), text("小美"), vec![grapes(30)]);
    Reply::Orders(orders::Reply::RequestWaiting { member, name, lines, why })
}

fn leader() -> Vec<Reply> {
    let figures = Figures {
        orders: 12,
        orders_yesterday: 9,
        buyers: 11,
        paid: yuan(95_760),
        paid_yesterday: yuan(70_000),
        unpaid_orders: 3,
        unpaid: yuan(23_940),
        joined: 4,
        unattributed: 1,
        checked_in: 30,
        to_ship: 8,
    };
    let items =
        vec![PickItem { name: text("阳光玫瑰"), paid: 8, unpaid: 4, unit: text("箱") }];
    let members = vec![order(OrderState::Paid), full_order()];
    let role = |change| Reply::People(people::Reply::RoleChanged { name: text("小美"), change });
    let rows = vec![PromoterView { name: text("小美"), brought: 6, earned: yuan(4_788) }];
    let parked = |name: Option<&str>| {
        Reply::Groups(groups::Reply::ParkedNotice { name: name.map(text), event: text("3/1024") })
    };
    vec![
        Reply::Reports(reports::Reply::Unpaid {
            orders: vec![full_order()],
            beyond: 70,
            total: yuan(12_370),
        }),
        Reply::Reports(reports::Reply::Unpaid {
            orders: Vec::new(),
            beyond: 0,
            total: Money::ZERO,
        }),
        Reply::Payments(payments::Reply::RestMissing { orders: vec![full_order()] }),
        Reply::Reports(reports::Reply::PickList { items, members, beyond: 0 }),
        Reply::Reports(reports::Reply::PickList {
            items: Vec::new(),
            members: Vec::new(),
            beyond: 0,
        }),
        Reply::Reports(reports::Reply::Today { figures: figures.clone() }),
        Reply::Reports(reports::Reply::Today {
            figures: Figures { joined: 1, unattributed: 0, ..figures },
        }),
        Reply::Referral(referral::Reply::Unattributed {
            names: vec![text("小鱼"), text("木木")],
            beyond: 3,
        }),
        Reply::Referral(referral::Reply::Unattributed { names: Vec::new(), beyond: 0 }),
        Reply::Referral(referral::Reply::Promoters { rows }),
        Reply::Referral(referral::Reply::Promoters { rows: Vec::new() }),
        waiting(None),
        waiting(Some("老王")),
        look_alike(Likeness::Member, Some("小美")),
        look_alike(Likeness::Leader, Some("阿明")),
        look_alike(Likeness::Bot, None),
        Reply::Orders(orders::Reply::LeaderAsked { lines: vec![grapes(30)], why: Excess::Many }),
        Reply::Orders(orders::Reply::LeaderAsked { lines: vec![grapes(1)], why: Excess::Often }),
        Reply::Orders(orders::Reply::LeaderAsked { lines: vec![grapes(1)], why: Excess::New }),
        Reply::Orders(orders::Reply::RequestDeclined { lines: vec![grapes(30)] }),
        request(Excess::Many),
        request(Excess::Often),
        request(Excess::New),
        Reply::Orders(orders::Reply::RequestAnswered { name: text("小美"), accepted: true }),
        Reply::Orders(orders::Reply::RequestAnswered { name: text("小美"), accepted: false }),
        Reply::Orders(orders::Reply::ChainLinesGone { lines: vec![text("小美 A1 ×2")] }),
        Reply::Orders(orders::Reply::Reviewed { accepted: true, lines: 2 }),
        Reply::Orders(orders::Reply::Reviewed { accepted: false, lines: 1 }),
        role(RoleChange::LeaderAdded),
        role(RoleChange::LeaderRemoved),
        role(RoleChange::PromoterEnabled),
        role(RoleChange::PromoterDisabled),
        parked(Some("小美")),
        parked(None),
    ]
}
