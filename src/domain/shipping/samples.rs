//! Samples of what is said of shipping.

use super::{BuildingView, Collector, Handed, Refusal, Reply, StopView, Uncollected};
use crate::domain::event::Contact;
use crate::domain::ids::OrderId;
use crate::domain::orders::OrderState;
use crate::domain::reply::Noted;
use crate::domain::samples::{comings, grapes, instant, order, shirt, text};

/// Every reply, in its usual forms.
pub(crate) fn replies() -> Vec<Reply> {
    [parcels(), arrivals(), collected()].concat()
}

/// Every refusal, in its usual forms.
pub(crate) fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::NobodyWaits,
        Refusal::NotThereYet { order: OrderId(1_024) },
        Refusal::AllCollected,
        Refusal::NothingToDeliver,
    ]
}

fn parcels() -> Vec<Reply> {
    let shipped = |carrier: Option<&str>, tracking: Option<&str>| Reply::Shipped {
        orders: vec![order(OrderState::Shipped)],
        carrier: carrier.map(text),
        tracking: tracking.map(text),
    };
    let noted = |what, note: &str| Reply::Noted { what, text: text(note) };
    vec![
        shipped(Some("顺丰"), Some("SF1234567890")),
        shipped(None, Some("SF1234567890")),
        shipped(Some("顺丰"), None),
        shipped(None, None),
        Reply::GoodsReceived { orders: numbers() },
        noted(Noted::Address, "上海市徐汇区天钥桥路 1 号 302，王芳 13800006789"),
        noted(Noted::Pickup, "王芳 6789 南门驿站"),
        noted(Noted::Payee, "支付宝 amy@example.com"),
    ]
}

fn numbers() -> Vec<OrderId> {
    vec![OrderId(1_024), OrderId(1_025)]
}

fn goods() -> Vec<String> {
    vec![text("A1 阳光玫瑰"), text("B1 短袖T恤")]
}

fn arrivals() -> Vec<Reply> {
    let who = |name: &str| Contact { key: text(name), name: text(name) };
    let buyers = vec![
        Collector { who: who("小美"), orders: numbers() },
        Collector { who: who("老王"), orders: vec![OrderId(1_026)] },
    ];
    let arrived = |point: Option<&str>, hours: Option<&str>, beyond| Reply::Arrived {
        goods: goods(),
        point: point.map(text),
        hours: hours.map(text),
        buyers: buyers.clone(),
        beyond,
        calls: buyers.iter().map(|buyer| buyer.who.clone()).collect(),
    };
    let moved = |point: Option<&str>, hours: Option<&str>| Reply::PickupMoved {
        goods: goods(),
        point: point.map(text),
        hours: hours.map(text),
    };
    let reminds = |point: Option<&str>, hours: Option<&str>, beyond| Reply::PickupReminder {
        point: point.map(text),
        hours: hours.map(text),
        buyers: buyers.clone(),
        beyond,
        calls: buyers.iter().map(|buyer| buyer.who.clone()).collect(),
    };
    vec![
        reminds(Some("3号楼大厅"), Some("16-20点"), 0),
        reminds(None, None, 3),
        Reply::WillBeReceived { orders: numbers(), at: instant("2026-03-05T16:00:00Z") },
        arrived(Some("3号楼大厅"), Some("16-20点"), 0),
        arrived(Some("3号楼大厅"), None, 12),
        arrived(None, Some("16-20点"), 0),
        arrived(None, None, 0),
        moved(Some("南门"), Some("18-21点")),
        moved(Some("南门"), None),
        moved(None, Some("18-21点")),
        Reply::NotCalled { orders: numbers() },
        Reply::WillArrive { goods: comings() },
        Reply::ArrivedAlready { goods: goods(), at: instant("2026-03-05T01:00:00Z") },
        Reply::NotArrived { goods: goods() },
    ]
}

fn round() -> Reply {
    let stop = |room: Option<&str>, place: Option<&str>| StopView {
        order: OrderId(1_024),
        member: text("小美"),
        for_whom: Some(text("妈妈")).filter(|_| room.is_some()),
        room: room.map(text),
        place: place.map(text),
        lines: vec![grapes(2), shirt(1)],
    };
    let building =
        |building: Option<&str>, stops| BuildingView { building: building.map(text), stops };
    let buildings = vec![
        building(Some("5栋"), vec![stop(Some("1802"), None), stop(None, None)]),
        building(None, vec![stop(None, Some("幸福路 1 号"))]),
    ];
    Reply::Round { buildings, beyond: 3 }
}

fn collected() -> Vec<Reply> {
    let waiting = |days, point: Option<&str>| Uncollected {
        order: OrderId(1_024),
        member: text("小美"),
        for_whom: Some(text("妈妈")).filter(|_| days > 1),
        lines: vec![grapes(2), shirt(1)],
        days,
        point: point.map(text),
    };
    let handed =
        |left| Handed {
            order: OrderId(1_024), member: text("小美"), lines: vec![grapes(2)], left
        };
    vec![
        Reply::GotIt { orders: numbers(), points: 5 },
        Reply::GotIt { orders: numbers(), points: 0 },
        Reply::NotCollected {
            from: 0,
            orders: vec![waiting(3, Some("南门")), waiting(1, None), waiting(0, None)],
            beyond: 12,
        },
        Reply::Collected { orders: vec![handed(Vec::new()), handed(vec![shirt(1)])] },
        Reply::NotHanded { orders: numbers() },
        round(),
        Reply::BuildingDone { building: text("5栋"), orders: numbers() },
    ]
}
