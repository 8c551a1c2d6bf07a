//! Orders and their lines: new ones are inserted, changed ones rewritten.

use crate::book::Book;
use crate::domain::money::Money;
use crate::domain::order::{Line, Order, Share, Terms};
use crate::store::words::Stored;

use super::{Rows, Writer};

type Row<'a> = (i64, &'a Order);

const INSERT: &str = "insert into orders (lane, community_id, order_id, member_id, state, closes_at, hold_until,
        warned, placed_at, paid_at, received_minor, points_worth_minor, points_spent, points_granted,
        shipped_at, received_at, due_at, said_print, said_at, private, settled_seq)
     select $1, * from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::timestamptz[],
        $7::timestamptz[], $8::bool[], $9::timestamptz[], $10::timestamptz[], $11::bigint[], $12::bigint[],
        $13::bigint[], $14::bigint[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[],
        $18::bigint[], $19::timestamptz[], $20::bytea[], $21::bigint[])";

/// Of an order that is known, only what can change is written.
const UPDATE: &str = " on conflict on constraint orders_key do update
     set state = excluded.state, hold_until = excluded.hold_until, warned = excluded.warned,
         paid_at = excluded.paid_at, received_minor = excluded.received_minor,
         points_worth_minor = excluded.points_worth_minor, points_spent = excluded.points_spent,
         points_granted = excluded.points_granted, shipped_at = excluded.shipped_at,
         received_at = excluded.received_at, due_at = excluded.due_at, said_print = excluded.said_print,
         said_at = excluded.said_at, private = excluded.private, settled_seq = excluded.settled_seq";

/// Write new and changed orders with their lines.
pub(super) fn save(writer: &mut Writer<'_>, book: &Book) {
    let (mut added, mut changed) = (Vec::new(), Vec::new());
    for shop in book.shops.values() {
        let community = shop.community.id.0;
        added.extend(shop.orders.added().map(|(_, order)| (community, order)));
        changed.extend(shop.orders.changed().map(|(_, order)| (community, order)));
    }
    headers(writer, &added, "");
    headers(writer, &changed, UPDATE);
    lines(writer, &added, "");
    lines(writer, &changed, UPDATE_LINE);
}

/// Close orders that were settled without being in the book. Before those that are, which may have
/// come into it since.
pub(super) fn settle(writer: &mut Writer<'_>, book: &Book) {
    let (mut communities, mut orders, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for shop in book.shops.values() {
        for (order, event) in &shop.fresh.settled {
            communities.push(shop.community.id.0);
            orders.push(order.0);
            events.push(event.seq);
        }
    }
    if orders.is_empty() {
        return;
    }
    writer
        .part(
            "update orders o set state = 'closed', due_at = null, settled_seq = n.seq
             from unnest($2::bigint[], $3::bigint[], $4::bigint[]) as n (community_id, order_id, seq), lateral (
                select ctid from orders
                where lane = $1 and community_id = n.community_id and order_id = n.order_id
                  and state = 'received' offset 0) as spot
             where o.lane = $1 and o.ctid = spot.ctid",
            Rows::Exactly(orders.len()),
        )
        .bind(communities)
        .bind(&orders)
        .bind(events);
    writer.then();
}

fn headers(writer: &mut Writer<'_>, rows: &[Row<'_>], update: &'static str) {
    if rows.is_empty() {
        return;
    }
    let seal = writer.seal;
    let sealed = |order: &Order| (!order.private.is_empty()).then(|| seal.close(&order.private));
    writer
        .part(&format!("{INSERT}{update}"), Rows::Exactly(rows.len()))
        .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.id.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.member.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.state.word()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.closes_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.hold_until).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.warned).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.placed_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.paid_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.received.minor).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.points_worth.minor).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.points_spent).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.points_granted).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.shipped_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.received_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.due_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.said.map(|(print, _)| print)).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.said.map(|(_, at)| at)).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| sealed(it)).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.settled_by.map(|event| event.seq)).collect::<Vec<_>>());
}

const LINES: &str = "insert into order_line (lane, community_id, order_id, line, offer_id, variant, qty,
        price_minor, discount_minor, refunded_qty, restocked, refunded_minor, message_print,
        promoter1_id, rate1_bps, fixed1_minor, earned1_minor, reversed1_minor,
        promoter2_id, rate2_bps, fixed2_minor, earned2_minor, reversed2_minor)
     select $1, * from unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::smallint[],
        $7::int[], $8::bigint[], $9::bigint[], $10::int[], $11::int[], $12::bigint[], $13::bigint[],
        $14::bigint[], $15::smallint[], $16::bigint[], $17::bigint[], $18::bigint[],
        $19::bigint[], $20::smallint[], $21::bigint[], $22::bigint[], $23::bigint[])";

/// Of a line that is known, only what can change is written.
const UPDATE_LINE: &str = " on conflict on constraint order_line_key do update
     set qty = excluded.qty, discount_minor = excluded.discount_minor,
         refunded_qty = excluded.refunded_qty, restocked = excluded.restocked,
         refunded_minor = excluded.refunded_minor, message_print = excluded.message_print,
         earned1_minor = excluded.earned1_minor, reversed1_minor = excluded.reversed1_minor,
         earned2_minor = excluded.earned2_minor, reversed2_minor = excluded.reversed2_minor";

struct LineRow<'a> {
    community: i64,
    order: i64,
    number: i16,
    line: &'a Line,
}

fn lines(writer: &mut Writer<'_>, orders: &[Row<'_>], update: &'static str) {
    let rows = line_rows(orders);
    if rows.is_empty() {
        return;
    }
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let part = writer
        .part(&format!("{LINES}{update}"), Rows::Exactly(rows.len()))
        .bind(rows.iter().map(|row| row.community).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.order).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.number).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.line.offer.0).collect::<Vec<_>>())
        .bind(
            rows.iter()
                .map(|row| row.line.variant.and_then(|it| i16::try_from(it).ok()))
                .collect::<Vec<_>>(),
        )
        .bind(rows.iter().map(|row| count(row.line.qty)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.line.price.minor).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.line.discount.minor).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| count(row.line.refunded_qty)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| count(row.line.restocked)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.line.refunded.minor).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.line.message).collect::<Vec<_>>());
    for level in 0..2 {
        let shares: Vec<Option<Share>> = rows.iter().map(|row| row.line.shares[level]).collect();
        let minor = |of: fn(&Share) -> Money| -> Vec<Option<i64>> {
            shares.iter().map(|share| share.as_ref().map(|share| of(share).minor)).collect()
        };
        part.bind(
            shares.iter().map(|share| share.map(|share| share.promoter.0)).collect::<Vec<_>>(),
        )
        .bind(
            shares
                .iter()
                .map(|share| share.and_then(|share| rate(share.terms)))
                .collect::<Vec<_>>(),
        )
        .bind(
            shares
                .iter()
                .map(|share| share.and_then(|share| fixed(share.terms)))
                .collect::<Vec<_>>(),
        )
        .bind(minor(|share| share.amount))
        .bind(minor(|share| share.reversed));
    }
}

fn line_rows<'a>(orders: &[Row<'a>]) -> Vec<LineRow<'a>> {
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

fn fixed(terms: Terms) -> Option<i64> {
    match terms {
        Terms::Rate(_) => None,
        Terms::Fixed(each) => Some(each.minor),
    }
}
