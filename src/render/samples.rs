//! What can be said, for the tests of the words: the rooms of `domain`, each with the samples that stand there.
//!
//! The lists of variants come from serde, so a new variant without a sample fails a test that
//! names it; see `approved`.

mod local;
mod variants;

pub(super) use self::local::local;
pub(super) use self::variants::variants;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::{About, Why};
use crate::domain::orders::OrderState;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{
    ChoiceView, Excess, LineView, Noted, OfferView, OrderView, PickItem, Reply,
};
use crate::domain::samples::{asked, grapes, grapes_offer, instant, order, yuan};
use crate::domain::time::Timestamp;
use crate::domain::{
    catalog, groups, loyalty, orders, payments, payouts, people, referral, reports, samples,
    service, shipping,
};

/// The replies or the refusals of a room of `domain`.
pub(super) struct SampleRoom {
    /// Where it stands.
    pub(super) folder: &'static str,
    /// The names of the sections that say them.
    pub(super) sections: Vec<String>,
    /// At least one sample of each.
    pub(super) samples: Vec<Reply>,
}

impl SampleRoom {
    fn replies(folder: &'static str, names: &[&str], samples: Vec<Reply>) -> Self {
        let sections = names.iter().map(|&name| name.to_owned()).collect();
        Self { folder, sections, samples }
    }

    fn refusals(folder: &'static str, names: &[&str], samples: Vec<Refusal>) -> Self {
        let sections = names.iter().map(|name| format!("refused/{name}")).collect();
        Self { folder, sections, samples: samples.into_iter().map(Reply::from).collect() }
    }
}

/// Makes `rooms` of the two lists. What the enums hold and no list names does not compile.
macro_rules! rooms {
    (
        replies { $($said:ident in $room:ident,)* }
        refusals { $($refused:ident in $refusing:ident,)* }
        refusals of none { $($own:pat => $name:literal,)* }
    ) => {
        /// All rooms, and first what is of none.
        pub(super) fn rooms() -> Vec<SampleRoom> {
            vec![
                SampleRoom::replies("src/domain", &["asked"], samples::replies()),
                SampleRoom::refusals("src/domain", &[$($name),*], samples::refusals()),
                $(SampleRoom::replies(
                    concat!("src/domain/", stringify!($room)),
                    variants::<$room::Reply>(),
                    $room::samples::replies().into_iter().map(Reply::$said).collect(),
                ),)*
                $(SampleRoom::refusals(
                    concat!("src/domain/", stringify!($refusing)),
                    variants::<$refusing::Refusal>(),
                    $refusing::samples::refusals().into_iter().map(Refusal::$refused).collect(),
                ),)*
            ]
        }

        const _: fn(&Reply) = |reply| match reply {
            Reply::Refused { .. } | Reply::Asked { .. } => {}
            $(Reply::$said(_) => {})*
        };

        const _: fn(&Refusal) = |refusal| match refusal {
            $($own => {})*
            $(Refusal::$refused(_) => {})*
        };
    };
}

rooms! {
    replies {
        Groups in groups,
        People in people,
        Catalog in catalog,
        Orders in orders,
        Payments in payments,
        Shipping in shipping,
        Referral in referral,
        Payouts in payouts,
        Loyalty in loyalty,
        Service in service,
        Reports in reports,
    }
    refusals {
        People in people,
        Catalog in catalog,
        Orders in orders,
        Payments in payments,
        Shipping in shipping,
        Referral in referral,
        Payouts in payouts,
        Loyalty in loyalty,
        Service in service,
    }
    refusals of none {
        Refusal::HalfSaid { .. } => "half_said",
        Refusal::Unread(_) => "unread",
        Refusal::QuestionOver => "question_over",
        Refusal::NothingToUndo => "nothing_to_undo",
        Refusal::AlreadyUndone => "already_undone",
        Refusal::CannotUndo => "cannot_undo",
        Refusal::ChangedSince { .. } => "changed_since",
    }
}

/// 10:00 in Shanghai, Taipei, Hong Kong and Singapore.
pub(super) fn now() -> Timestamp {
    instant("2026-03-05T02:00:00Z")
}

/// Every reply, in its usual forms.
pub(super) fn replies() -> Vec<Reply> {
    rooms().into_iter().flat_map(|room| room.samples).collect()
}

/// A pick list of more people than are shown.
fn picked(items: Vec<PickItem>, members: Vec<OrderView>) -> Reply {
    Reply::Reports(reports::Reply::PickList {
        items,
        members,
        beyond: 9_999,
        from: 0,
        paged: false,
    })
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
            by_leader: true,
        }),
        Reply::Orders(orders::Reply::OrdersCancelled { orders: ids, by_leader: true }),
        Reply::Orders(orders::Reply::MyOrders { orders: orders.clone() }),
        Reply::Catalog(catalog::Reply::Menu { offers: offers.clone() }),
        Reply::Catalog(catalog::Reply::DropPosted {
            greeting: long.repeat(9),
            image: None,
            offers: offers.clone(),
            closes_at: instant("2026-03-05T14:00:00Z"),
            late: true,
        }),
        Reply::Catalog(catalog::Reply::Answer {
            about: About::Variants,
            offers,
            pickup_points: vec![long.clone(); 40],
            arrivals: Vec::new(),
            told: None,
        }),
        Reply::Reports(reports::Reply::Unpaid {
            from: 0,
            orders: orders.clone(),
            beyond: 9_999,
            total: yuan(1),
        }),
        picked(vec![item; 90], orders),
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
