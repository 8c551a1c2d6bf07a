//! Samples of what is said of the catalog.

use super::{PlannedView, Refusal, Reply};
use crate::domain::intent::About;
use crate::domain::reply::{OfferView, SoldAt, StockView};
use crate::domain::samples::{grapes_offer, instant, milk_offer, shirt_offer, text, yuan};

/// Every reply, in its usual forms.
pub(crate) fn replies() -> Vec<Reply> {
    [posts(), answers(), changes()].concat()
}

fn all() -> Vec<OfferView> {
    vec![grapes_offer(), shirt_offer(), milk_offer()]
}

fn posts() -> Vec<Reply> {
    let posted = |offers, greeting: &str, late| Reply::DropPosted {
        greeting: text(greeting),
        image: None,
        offers,
        closes_at: instant("2026-03-05T14:00:00Z"),
        late,
    };
    let closed = |unpaid| Reply::Closed {
        offers: vec![grapes_offer(), shirt_offer()],
        orders: 16,
        buyers: 14,
        total: yuan(123_450),
        unpaid: yuan(unpaid),
    };
    vec![
        posted(all(), "大家早上好 ☀️ 今天的团来啦", false),
        posted(vec![shirt_offer(); 7], "午市加开", true),
        posted(vec![shirt_offer(), milk_offer()], "", false),
        Reply::DropSkipped { drop: text("morning"), at: instant("2026-03-05T02:00:00Z") },
        Reply::SoldOut { code: text("A1"), name: text("阳光玫瑰"), post: None },
        closed(0),
        closed(59_780),
        Reply::NotReached { name: text("短袖T恤"), sold: 8, minimum: 20 },
    ]
}

fn answers() -> Vec<Reply> {
    let answer = |about, offers, pickup_points| Reply::Answer {
        about,
        offers,
        pickup_points,
        arrivals: Vec::new(),
        told: None,
    };
    let arrives = Reply::Answer {
        about: About::Delivery,
        offers: Vec::new(),
        pickup_points: vec![text("南门驿站")],
        arrivals: crate::domain::samples::comings(),
        told: None,
    };
    let told = |about| Reply::Answer {
        about,
        offers: Vec::new(),
        pickup_points: Vec::new(),
        arrivals: Vec::new(),
        told: Some(text("满 50 元免费送到楼下。")),
    };
    let mut replies = vec![
        Reply::Menu { offers: all() },
        Reply::Menu { offers: Vec::new() },
        arrives,
        told(About::Carriage),
        told(About::Fee),
        told(About::Hours),
        answer(About::Delivery, Vec::new(), vec![text("南门驿站"), text("3栋楼下")]),
        answer(About::Other, Vec::new(), Vec::new()),
    ];
    let about = [
        About::Price,
        About::Stock,
        About::Variants,
        About::Closing,
        About::Delivery,
        About::Other,
    ];
    replies.extend(about.map(|about| answer(about, all(), Vec::new())));
    replies
}

fn planned(at: &str) -> PlannedView {
    PlannedView { opens_at: instant(at), offer: milk_offer() }
}

fn changes() -> Vec<Reply> {
    let stock = StockView { name: text("阳光玫瑰"), unit: text("箱"), left: 3, taken: 47 };
    let changed = |stock| Reply::OfferChanged { offer: grapes_offer(), post: None, stock };
    vec![
        Reply::Listed { offer: milk_offer(), closes_at: instant("2026-03-06T02:00:00Z") },
        Reply::ListingPlanned { planned: planned("2026-03-06T02:00:00Z") },
        Reply::PlanDropped { planned: planned("2026-03-06T02:00:00Z") },
        Reply::Coming {
            coming: vec![planned("2026-03-05T10:00:00Z"), planned("2026-03-06T02:00:00Z")],
        },
        Reply::ListingDraft { offers: all(), closes_at: instant("2026-03-05T14:00:00Z") },
        Reply::WillCall { goods: vec![text("A1 阳光玫瑰"), text("A2 智利车厘子")] },
        Reply::BackInStock { offer: grapes_offer() },
        changed(None),
        changed(Some(stock)),
        Reply::OffersStopped { codes: vec![text("A1"), text("B1")] },
        Reply::ClosingMoved { offers: vec![grapes_offer(), milk_offer()], post: None },
        Reply::OffersReopened { offers: vec![grapes_offer()] },
        Reply::SoldMeanwhile(SoldAt {
            name: text("阳光玫瑰"),
            units: 3,
            unit: text("箱"),
            price: yuan(3_590),
        }),
    ]
}

/// Every refusal, in its usual forms.
pub(crate) fn refusals() -> Vec<Refusal> {
    let name = || text("阳光玫瑰");
    let closed = |closed_at| Refusal::OfferClosed { code: text("A1"), name: name(), closed_at };
    vec![
        closed(Some(instant("2026-03-04T14:00:00Z"))),
        closed(None),
        Refusal::SoldOut { name: name() },
        Refusal::NotEnoughLeft { name: name(), left: 3, unit: text("箱") },
        Refusal::BadOffer,
        Refusal::Unlimited { name: text("鲜牛奶") },
        Refusal::PriceTooHigh { most: yuan(100_000_000) },
        Refusal::StockTooHigh { most: 1_000_000 },
        Refusal::NothingOpen,
        Refusal::ClosedForGood { code: text("A1"), name: name() },
        Refusal::ClosingPast { at: instant("2026-03-05T01:00:00Z") },
        Refusal::OnSaleAlready { code: text("A1"), name: text("阳光玫瑰") },
        Refusal::OpeningPast { at: instant("2026-03-05T01:00:00Z") },
        Refusal::TooManyPlanned { most: 50 },
        Refusal::NotPlanned { said: text("草莓") },
        Refusal::NothingPlanned,
        Refusal::WhichDraft { codes: vec![text("A1"), text("A2")] },
        Refusal::NothingThen,
        Refusal::NothingSoldOut,
        Refusal::NotSoldOut { code: text("A1"), name: text("阳光玫瑰") },
        Refusal::TooManyWait { name: text("阳光玫瑰") },
        Refusal::ClosingFar { most: 30 },
    ]
}
