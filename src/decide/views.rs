//! Views: orders, offers and choices as people read them, from the book.
//!
//! Everything shown is a copy of what the book says at this moment; no words, no formatting.

use crate::book::Shop;
use crate::domain::catalog::Offer;
use crate::domain::ids::{CaseId, EventId, OfferId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, Op, Selection, WantedLine};
use crate::domain::money::Money;
use crate::domain::orders::{Line, Order};
use crate::domain::payments::DueView;
use crate::domain::reply::{
    ChangeView, ChoiceView, LineView, OfferView, OrderView, PostView, StockView,
};
use crate::domain::time::Timestamp;
use crate::domain::{catalog, orders, payments, service};

/// An order with the lines that are still wanted.
#[must_use]
pub fn order(shop: &Shop, order: &Order) -> OrderView {
    OrderView {
        order: order.id,
        member: shop.members.get(order.member).map_or_else(String::new, |row| row.name.clone()),
        for_whom: order.private.for_whom.clone(),
        state: order.state,
        lines: order.lines.iter().filter_map(|line| line_left(shop, line)).collect(),
        total: order.total(),
        received: order.received,
        refunded: order.refunded(),
        cut: order.cut(),
        points_worth: order.points_worth,
        notes: order.private.notes.clone(),
        closes_at: closing(shop, order),
        hold_until: order.hold_until,
        has_ways: order.is_unpaid()
            && shop.policy.payment.methods_of(&shop.community.slug).next().is_some(),
        waits: order.waits(&|id| shop.offers.get(id)).cloned(),
    }
}

/// When an order can be changed no more: the last of its offers closes, wherever that was moved to.
fn closing(shop: &Shop, order: &Order) -> Timestamp {
    let wanted = order.lines.iter().filter(|line| line.qty > 0);
    let offers = wanted.filter_map(|line| shop.offers.get(line.offer));
    offers.map(|offer| offer.closes_at).max().unwrap_or(order.closes_at)
}

fn line_left(shop: &Shop, line: &Line) -> Option<LineView> {
    let qty = line.live_qty();
    (qty > 0).then(|| units(shop, line, qty))
}

/// So many units of an order's line, at the line's own price.
#[must_use]
pub fn units(shop: &Shop, line: &Line, qty: u32) -> LineView {
    view(shop.offers.get(line.offer), line.variant, qty, line.price)
}

/// An order that waits for money.
#[must_use]
pub fn due(order: &Order) -> DueView {
    DueView { order: order.id, due: order.still_due() }
}

/// A line as wanted, at today's price.
#[must_use]
pub fn wanted(shop: &Shop, line: &WantedLine) -> LineView {
    let offer = shop.offers.get(line.offer);
    let price = offer.map_or(Money::ZERO, |offer| offer.price);
    view(offer, line.variant, line.qty.unwrap_or(0), price)
}

/// These orders as they stand; what is not in the book is left out.
#[must_use]
pub fn orders(shop: &Shop, ids: &[OrderId]) -> Vec<OrderView> {
    ids.iter().filter_map(|&id| shop.orders.get(id)).map(|row| order(shop, row)).collect()
}

/// The offer of a line stays in the book as long as the line does; were it gone, the line would still be
/// shown, without a name.
fn view(offer: Option<&Offer>, variant: Option<u16>, qty: u32, price: Money) -> LineView {
    LineView {
        code: offer.map_or_else(String::new, |offer| offer.code.clone()),
        name: offer.map_or_else(String::new, |offer| offer.detail.name.clone()),
        variant: offer.and_then(|offer| variant_name(offer, variant)).map(str::to_owned),
        qty,
        unit: offer.map_or_else(String::new, |offer| offer.detail.unit.clone()),
        price,
        amount: price.times(qty).unwrap_or(price),
    }
}

/// An offer as it stands.
#[must_use]
pub fn offer(offer: &Offer) -> OfferView {
    let detail = &offer.detail;
    OfferView {
        code: offer.code.clone(),
        name: detail.name.clone(),
        variants: detail.variants.clone(),
        price: offer.price,
        unit: detail.unit.clone(),
        left: offer.left(),
        sold: offer.sold,
        limit: detail.limit_per_member,
        minimum: detail.minimum,
        image: detail.image.clone(),
        about: detail.about.clone(),
        closes_at: offer.closes_at,
    }
}

/// What is still for sale of an offer, or of the one variant that has its own stock, and what is not.
#[must_use]
pub fn stock(offer: &Offer, variant: Option<u16>) -> Option<StockView> {
    let stock = offer.stock_of(variant)?;
    let own = variant.filter(|_| offer.stock.len() > 1);
    Some(StockView {
        name: full_name(offer, own),
        unit: offer.detail.unit.clone(),
        left: stock.left,
        taken: stock.initial - stock.left,
    })
}

/// These offers, in order of code.
#[must_use]
pub fn offers<'a>(offers: impl IntoIterator<Item = &'a Offer>) -> Vec<OfferView> {
    let mut views: Vec<_> = offers.into_iter().map(offer).collect();
    views.sort_by_key(|view| code_key(&view.code));
    views
}

/// The post that an event made, with its offers as they stand.
#[must_use]
pub fn post(shop: &Shop, event: EventId) -> Box<PostView> {
    let in_it = |it: &&Offer| it.detail.posted_by == Some(event);
    Box::new(PostView { event, offers: offers(shop.offers.values().filter(in_it)) })
}

/// `A2` comes before `A10`.
fn code_key(code: &str) -> (String, u64) {
    let letters = code.trim_end_matches(|c: char| c.is_ascii_digit());
    (letters.to_owned(), code[letters.len()..].parse().unwrap_or(0))
}

/// What picking a choice would do.
#[must_use]
pub fn choice(shop: &Shop, intent: &Intent) -> ChoiceView {
    let views = |lines: &[WantedLine]| lines.iter().map(|line| wanted(shop, line)).collect();
    match intent {
        Intent::Orders(orders::Intent::Amend(lines))
        | Intent::Lead(LeaderIntent::Orders(orders::Lead::OrderFor { lines, .. }))
            if lines.iter().any(|line| line.op != Op::Add) =>
        {
            let change = |line: &WantedLine| ChangeView { op: line.op, line: wanted(shop, line) };
            ChoiceView::Change(lines.iter().map(change).collect())
        }
        Intent::Orders(orders::Intent::Order(lines) | orders::Intent::Amend(lines))
        | Intent::Lead(LeaderIntent::Orders(orders::Lead::OrderFor { lines, .. })) => {
            ChoiceView::Lines(views(lines))
        }
        Intent::Orders(orders::Intent::Cancel(lines)) => ChoiceView::Cancel(views(lines)),
        Intent::Orders(orders::Intent::CancelOrders(orders)) => ChoiceView::Cancel(
            orders
                .iter()
                .filter_map(|&id| shop.orders.get(id))
                .flat_map(|order| order.lines.iter().filter_map(|line| line_left(shop, line)))
                .collect(),
        ),
        Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid {
            of: Selection::Orders(orders),
            amount,
        })) => payment(shop, orders, *amount),
        Intent::Lead(LeaderIntent::Catalog(catalog::Lead::SetStock { offer, variant, left })) => {
            let op = Op::Set;
            let line = WantedLine { offer: *offer, variant: *variant, qty: Some(*left), op };
            ChoiceView::Lines(views(&[line]))
        }
        Intent::Lead(LeaderIntent::Catalog(catalog::Lead::Stock { offer, variant, by })) => {
            let qty = Some(by.unsigned_abs());
            let op = Op::Add;
            let line = WantedLine { offer: *offer, variant: *variant, qty, op };
            ChoiceView::Lines(views(&[line]))
        }
        Intent::Service(service::Intent::CaseAbout { about, .. }) => bought(shop, *about),
        Intent::Service(service::Intent::DropCase { case: Some(case) }) => {
            let about = shop.cases.get(*case).and_then(|case| case.about);
            about.map_or(ChoiceView::Yes, |about| bought(shop, about))
        }
        Intent::Lead(LeaderIntent::Service(service::Lead::AnswerCase { case, remedy })) => {
            remedied(shop, *case, remedy)
        }
        Intent::Lead(LeaderIntent::Service(service::Lead::Shortage(shortage))) => {
            let goods = shortage.goods.first().and_then(|goods| shop.offers.get(goods.offer));
            goods.map_or(ChoiceView::Yes, |offer| ChoiceView::Goods {
                goods: format!("{} {}", offer.code, offer.detail.name),
                closes_at: offer.closes_at,
            })
        }
        _ => ChoiceView::Yes,
    }
}

fn bought(shop: &Shop, about: service::CaseLine) -> ChoiceView {
    let line = case_line(shop, about).map(|line| units(shop, line, line.live_qty()));
    line.map_or(ChoiceView::Yes, |line| ChoiceView::Bought { order: about.order, line })
}

fn case_line(shop: &Shop, about: service::CaseLine) -> Option<&Line> {
    shop.orders.get(about.order)?.lines.get(usize::from(about.line))
}

fn remedied(shop: &Shop, case: CaseId, remedy: &service::Remedy) -> ChoiceView {
    use service::Remedy;
    let (sends, qty) = match remedy {
        Remedy::Replace(Some(qty)) | Remedy::Exchange { qty: Some(qty), .. } => (true, *qty),
        Remedy::Units(Some(qty)) => (false, *qty),
        Remedy::Amount(_)
        | Remedy::Units(None)
        | Remedy::Replace(None)
        | Remedy::Exchange { qty: None, .. }
        | Remedy::Decline(_) => return ChoiceView::Yes,
    };
    let about = shop.cases.get(case).and_then(|case| case.about);
    let line = about.and_then(|about| case_line(shop, about));
    let unit = line.map_or_else(String::new, |line| units(shop, line, qty).unit);
    ChoiceView::Remedy { sends, qty, unit }
}

/// A lapsed order is shown, since nobody may remember it.
fn payment(shop: &Shop, orders: &[OrderId], amount: Option<Money>) -> ChoiceView {
    let row = orders.first().and_then(|&id| shop.orders.get(id));
    match row.filter(|row| orders.len() == 1 && row.lapsed_at.is_some()) {
        Some(row) => ChoiceView::Late { order: Box::new(order(shop, row)), amount },
        None => ChoiceView::Payment { orders: orders.to_vec(), amount },
    }
}

/// The name of an offer with its variant: `饺子 猪肉白菜`.
#[must_use]
pub fn full_name(offer: &Offer, variant: Option<u16>) -> String {
    match variant_name(offer, variant) {
        Some(variant) => format!("{} {variant}", offer.detail.name),
        None => offer.detail.name.clone(),
    }
}

/// The same, by number.
#[must_use]
pub fn name_of(shop: &Shop, id: OfferId, variant: Option<u16>) -> String {
    shop.offers.get(id).map_or_else(String::new, |offer| full_name(offer, variant))
}

fn variant_name(offer: &Offer, variant: Option<u16>) -> Option<&str> {
    offer.detail.variants.get(usize::from(variant?)).map(String::as_str)
}
