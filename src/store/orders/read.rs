//! Orders with their lines and who earns what on each, as they were snapshotted.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::domain::orders::{self, Commission, CommissionState, OrderState, Terms};
use crate::domain::time::Timestamp;
use crate::store::orders::load;
use crate::store::words::Stored;
use crate::store::{Seal, StoreError};

use crate::store::read::{CommunityPlace, Cursor, Local, Page, paged};

/// An order as read.
#[derive(Clone, Debug, Serialize)]
pub struct OrderRow {
    /// Its number in the chat.
    pub no: i64,
    /// Who placed it and pays, by name.
    pub member: String,
    /// The same, by number.
    pub member_id: i64,
    /// Whom it is for, when not for the buyer.
    #[serde(rename = "for")]
    pub for_whom: Option<String>,
    /// Where it stands.
    pub state: &'static str,
    /// To be paid in money.
    pub total: i64,
    /// Received so far.
    pub received: i64,
    /// Given back so far.
    pub refunded: i64,
    /// Of the amounts.
    pub currency: String,
    /// Points spent on it.
    pub points_spent: i64,
    /// Points granted for it.
    pub points_granted: i64,
    /// When its first line was placed.
    pub placed_at: Local,
    /// The closing time its offers share.
    pub closes_at: Local,
    /// Unpaid, it lapses then.
    pub hold_until: Local,
    /// When payment was confirmed.
    pub paid_at: Option<Local>,
    /// When it was shipped.
    pub shipped_at: Option<Local>,
    /// When the member had the goods.
    pub received_at: Option<Local>,
    /// When its commission becomes available.
    pub due_at: Option<Local>,
    /// Its lines, without those taken off before payment.
    pub lines: Vec<OrderLineRow>,
}

/// A line as read.
#[derive(Clone, Debug, Serialize)]
pub struct OrderLineRow {
    /// The offer's code.
    pub code: String,
    /// The offer's number.
    pub offer_id: i64,
    /// The item's name.
    pub name: String,
    /// The variant's name.
    pub variant: Option<String>,
    /// Units.
    pub qty: u32,
    /// Of one unit.
    pub price: i64,
    /// What it costs less than its price.
    pub cut: i64,
    /// The part that points paid.
    pub discount: i64,
    /// Units given back.
    pub refunded_qty: u32,
    /// Money given back.
    pub refunded: i64,
    /// Who earns what.
    pub commissions: Vec<CommissionRow>,
}

/// A promoter's share of a line as read.
#[derive(Clone, Debug, Serialize)]
pub struct CommissionRow {
    /// 1: the inviter; 2: the inviter's inviter.
    pub level: usize,
    /// Who earns it, by name.
    pub promoter: String,
    /// The same, by number.
    pub promoter_id: i64,
    /// Basis points of the base, unless a fixed amount was agreed.
    pub rate_bps: Option<u16>,
    /// The fixed amount for each unit.
    pub fixed: Option<i64>,
    /// What it is counted from.
    pub base: i64,
    /// What the whole line earns.
    pub amount: i64,
    /// Taken back by refunds.
    pub reversed: i64,
    /// Where it stands.
    pub state: CommissionState,
}

/// Which orders.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<OrderState>,
    /// Of these members.
    pub of: Option<Vec<i64>>,
}

/// A page of orders, newest first. Two queries.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    db: &PgPool,
    seal: &Seal,
    place: &CommunityPlace,
    filter: Filter,
    page: Page,
) -> Result<(Vec<OrderRow>, Option<Cursor>), StoreError> {
    let rows = sqlx::query(
        "select o.*, m.name from orders_now o join member m using (lane, community_id, member_id)
         where o.lane = $1 and o.community_id = $2 and o.order_id < $3
           and ($4::text is null or o.state = $4) and ($5::bigint[] is null or o.member_id = any($5))
         order by o.order_id desc limit $6",
    )
    .bind(place.lane.0)
    .bind(place.community.0)
    .bind(page.after.map_or(i64::MAX, |Cursor(id, _)| id))
    .bind(filter.state.map(Stored::word))
    .bind(filter.of)
    .bind(page.fetch())
    .fetch_all(db)
    .await?;
    let mut orders = BTreeMap::new();
    for row in &rows {
        let order = load::order(seal, row)?;
        orders.insert(order.id.0, (order, row.try_get::<String, _>("name")?, Vec::new()));
    }
    lines(db, place, &mut orders).await?;
    let newest_first = orders.into_values().rev();
    let orders =
        newest_first.map(|(order, member, lines)| whole(place, order, member, lines)).collect();
    Ok(paged(orders, page, |order: &OrderRow| Cursor(order.no, 0)))
}

type OrderRows = BTreeMap<i64, (orders::Order, String, Vec<OrderLineRow>)>;

async fn lines(
    db: &PgPool,
    place: &CommunityPlace,
    orders: &mut OrderRows,
) -> Result<(), StoreError> {
    let numbers: Vec<_> = orders.keys().copied().collect();
    let rows = sqlx::query(
        "select l.*, o.code, o.detail ->> 'name' as item, o.detail -> 'variants' ->> l.variant::int as variant_name,
                p1.name as promoter1, p2.name as promoter2
         from order_line l join offer o using (lane, community_id, offer_id)
         left join member p1 on p1.lane = l.lane and p1.community_id = l.community_id and p1.member_id = l.promoter1_id
         left join member p2 on p2.lane = l.lane and p2.community_id = l.community_id and p2.member_id = l.promoter2_id
         where l.lane = $1 and l.community_id = $2 and l.order_id = any($3)
         order by l.order_id, l.line",
    )
    .bind(place.lane.0)
    .bind(place.community.0)
    .bind(numbers)
    .fetch_all(db)
    .await?;
    for row in &rows {
        let Some((order, _, shown)) = orders.get_mut(&row.try_get("order_id")?) else { continue };
        let line = load::line(row)?;
        if line.qty > 0 {
            shown.push(shown_line(row, &line, order.commission_state())?);
        }
        order.lines.push(line);
    }
    Ok(())
}

fn shown_line(
    row: &PgRow,
    line: &orders::Line,
    state: CommissionState,
) -> Result<OrderLineRow, StoreError> {
    let mut commissions = Vec::new();
    for (level, (share, column)) in line.shares.iter().zip(["promoter1", "promoter2"]).enumerate() {
        let Some(share) = share else { continue };
        commissions.push(commission(level + 1, row.try_get(column)?, share, line, state));
    }
    Ok(OrderLineRow {
        code: row.try_get("code")?,
        offer_id: line.offer.0,
        name: row.try_get("item")?,
        variant: row.try_get("variant_name")?,
        qty: line.qty,
        price: line.price.minor,
        cut: line.cut().minor,
        discount: line.discount.minor,
        refunded_qty: line.refunded_qty,
        refunded: line.refunded.minor,
        commissions,
    })
}

fn commission(
    level: usize,
    promoter: String,
    share: &Commission,
    line: &orders::Line,
    state: CommissionState,
) -> CommissionRow {
    let (rate_bps, fixed) = match share.terms {
        Terms::Rate(rate) => (Some(rate.bps), None),
        Terms::Fixed(each) => (None, Some(each.minor)),
    };
    // A line that went back whole earns nothing, while the rest of its order goes on.
    let is_void = line.live_qty() == 0;
    CommissionRow {
        level,
        promoter,
        promoter_id: share.promoter.0,
        rate_bps,
        fixed,
        base: line.base().minor,
        amount: share.amount.minor,
        reversed: share.reversed.minor,
        state: if is_void { CommissionState::Void } else { state },
    }
}

fn whole(
    place: &CommunityPlace,
    order: orders::Order,
    member: String,
    lines: Vec<OrderLineRow>,
) -> OrderRow {
    let local = |at: Option<Timestamp>| at.map(|at| place.local(at));
    OrderRow {
        no: order.id.0,
        member,
        member_id: order.member.0,
        state: order.state.word(),
        total: order.total().minor,
        received: order.received.minor,
        refunded: order.refunded().minor,
        currency: place.currency.clone(),
        points_spent: order.points_spent,
        points_granted: order.points_granted,
        placed_at: place.local(order.placed_at),
        closes_at: place.local(order.closes_at),
        hold_until: place.local(order.hold_until),
        paid_at: local(order.paid_at),
        shipped_at: local(order.shipped_at),
        received_at: local(order.received_at),
        due_at: local(order.due_at),
        for_whom: order.private.for_whom,
        lines,
    }
}
