//! Orders and their lines: new ones are inserted, changed ones rewritten.

use crate::book::Book;
use crate::domain::ids::CommunityId;
use crate::domain::orders::{Line, Order, OrderState, Terms};
use crate::store::seal::SealedCell;
use crate::store::words::Stored;

use crate::store::save::Writer;

type SavedOrder<'a> = (i64, &'a Order);

/// Of an order that is known, only what can change is written.
const UPDATE: &str = "on conflict on constraint orders_key do update
     set state = excluded.state, hold_until = excluded.hold_until, warned = excluded.warned,
         prolonged = excluded.prolonged, lapsed_at = excluded.lapsed_at,
         paid_at = excluded.paid_at, received_minor = excluded.received_minor,
         points_worth_minor = excluded.points_worth_minor, points_spent = excluded.points_spent,
         points_granted = excluded.points_granted, shipped_at = excluded.shipped_at,
         received_at = excluded.received_at, due_at = excluded.due_at, said_print = excluded.said_print,
         said_at = excluded.said_at, changed_from = excluded.changed_from, changes = excluded.changes, private = excluded.private";

/// Write new and changed orders with their lines.
pub(in crate::store) fn save(writer: &mut Writer<'_>, book: &Book) {
    let (mut added, mut changed) = (Vec::new(), Vec::new());
    for shop in book.touched() {
        let community = shop.community.id.0;
        added.extend(shop.orders.added().map(|(_, order)| (community, order)));
        changed.extend(shop.orders.changed().map(|(_, order)| (community, order)));
    }
    headers(writer, &added, "");
    headers(writer, &changed, UPDATE);
    lines(writer, &added, "");
    lines(writer, &changed, UPDATE_LINE);
}

fn headers(writer: &mut Writer<'_>, rows: &[SavedOrder<'_>], update: &str) {
    let seal = writer.seal;
    let sealed = |community: i64, order: &Order| {
        let cell = SealedCell::order_private(CommunityId(community), order.id);
        (!order.private.is_empty()).then(|| seal.close(&cell, &order.private))
    };
    writer
        .insert("orders", rows)
        .with("community_id", |(community, _)| *community)
        .with("order_id", |(_, it)| it.id.0)
        .with("member_id", |(_, it)| it.member.0)
        .with("state", |(_, it)| written(it.state).word())
        .with("closes_at", |(_, it)| it.closes_at)
        .with("hold_until", |(_, it)| it.hold_until)
        .rarely("warned", &false, |(_, it)| it.warned)
        .rarely("prolonged", &0, |(_, it)| it.prolonged)
        .rarely("lapsed_at", &None, |(_, it)| it.lapsed_at)
        .with("placed_at", |(_, it)| it.placed_at)
        .rarely("paid_at", &None, |(_, it)| it.paid_at)
        .rarely("received_minor", &0, |(_, it)| it.received.minor)
        .rarely("points_worth_minor", &0, |(_, it)| it.points_worth.minor)
        .rarely("points_spent", &0, |(_, it)| it.points_spent)
        .with("points_per_minor", |(_, it)| it.points_terms.map(|terms| terms.per.minor))
        .with("points_times", |(_, it)| {
            it.points_terms.map(|terms| i32::try_from(terms.times).unwrap_or(i32::MAX))
        })
        .rarely("points_granted", &0, |(_, it)| it.points_granted)
        .rarely("shipped_at", &None, |(_, it)| it.shipped_at)
        .rarely("received_at", &None, |(_, it)| it.received_at)
        .rarely("due_at", &None, |(_, it)| it.due_at)
        .with("said_print", |(_, it)| it.said.map(|(print, _)| print))
        .with("said_at", |(_, it)| it.said.map(|(_, at)| at))
        .with("changed_from", |(_, it)| it.changed.map(|(from, _)| from))
        .with("changes", |(_, it)| it.changed.map(|(_, count)| count))
        .with("private", |(community, it)| sealed(*community, it))
        .upsert(update);
}

/// A settlement closes orders by passing them; a row says what happened to its own order.
fn written(state: OrderState) -> OrderState {
    if state == OrderState::Closed { OrderState::Received } else { state }
}

/// Of a line that is known, only what can change is written.
const UPDATE_LINE: &str = "on conflict on constraint order_line_key do update
     set qty = excluded.qty, discount_minor = excluded.discount_minor,
         cut_minor = excluded.cut_minor, cuts = excluded.cuts,
         refunded_qty = excluded.refunded_qty, restocked = excluded.restocked,
         refunded_minor = excluded.refunded_minor, refunded_amount_minor = excluded.refunded_amount_minor,
         message_print = excluded.message_print,
         collected_at = excluded.collected_at,
         earned1_minor = excluded.earned1_minor, reversed1_minor = excluded.reversed1_minor,
         earned2_minor = excluded.earned2_minor, reversed2_minor = excluded.reversed2_minor";

struct LineRow<'a> {
    community: i64,
    order: i64,
    number: i16,
    line: &'a Line,
}

fn lines(writer: &mut Writer<'_>, orders: &[SavedOrder<'_>], update: &str) {
    let rows = line_rows(orders);
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let mut insert = writer
        .insert("order_line", &rows)
        .with("community_id", |row| row.community)
        .with("order_id", |row| row.order)
        .with("line", |row| row.number)
        .with("offer_id", |row| row.line.offer.0)
        .with("variant", |row| row.line.variant.and_then(|it| i16::try_from(it).ok()))
        .with("qty", |row| count(row.line.qty))
        .with("price_minor", |row| row.line.price.minor)
        .rarely("discount_minor", &0, |row| row.line.discount.minor)
        .rarely("cut_minor", &0, |row| row.line.cut().minor)
        .rarely_as("cuts", "jsonb", |row| cuts(row.line))
        .rarely("refunded_qty", &0, |row| count(row.line.refunded_qty))
        .rarely("restocked", &0, |row| count(row.line.restocked))
        .rarely("refunded_minor", &0, |row| row.line.refunded.minor)
        .rarely("refunded_amount_minor", &0, |row| row.line.refunded_amount.minor)
        .rarely("collected_at", &None, |row| row.line.collected_at)
        .with("message_print", |row| row.line.message);
    for (level, [promoter, bps, fixed, earned, reversed]) in SHARES.iter().enumerate() {
        let share = |row: &LineRow<'_>| row.line.shares[level];
        insert = insert
            .with(promoter, |row| share(row).map(|it| it.promoter.0))
            .with(bps, |row| share(row).and_then(|it| rate(it.terms)))
            .rarely(fixed, &None, |row| share(row).and_then(|it| fixed_each(it.terms)))
            .with(earned, |row| share(row).map(|it| it.amount.minor))
            .with(reversed, |row| share(row).map(|it| it.reversed.minor));
    }
    insert.upsert(update);
}

/// The cuts of a line, as they are kept.
fn cuts(line: &Line) -> Option<String> {
    (!line.cuts.is_empty()).then(|| serde_json::to_string(&line.cuts).unwrap_or_default())
}

/// The columns of each level's share.
const SHARES: [[&str; 5]; 2] = [
    ["promoter1_id", "rate1_bps", "fixed1_minor", "earned1_minor", "reversed1_minor"],
    ["promoter2_id", "rate2_bps", "fixed2_minor", "earned2_minor", "reversed2_minor"],
];

fn line_rows<'a>(orders: &[SavedOrder<'a>]) -> Vec<LineRow<'a>> {
    orders
        .iter()
        .flat_map(|&(community, order)| {
            let numbers = 1i16..;
            order.lines.iter().zip(numbers).map(move |(line, number)| LineRow {
                community,
                order: order.id.0,
                number,
                line,
            })
        })
        .collect()
}

fn rate(terms: Terms) -> Option<i16> {
    match terms {
        Terms::Rate(rate) => i16::try_from(rate.bps).ok(),
        Terms::Fixed(_) => None,
    }
}

fn fixed_each(terms: Terms) -> Option<i64> {
    match terms {
        Terms::Rate(_) => None,
        Terms::Fixed(each) => Some(each.minor),
    }
}
