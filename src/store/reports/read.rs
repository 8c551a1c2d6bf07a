//! Figures of a community's day: orders and money, commission by state, stock by open offer.

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::domain::ledger::Purse;
use crate::domain::reply::Figures;
use crate::domain::time::{Timestamp, local_day, local_midnight_after};
use crate::store::{StoreError, chart};

use crate::store::catalog::read::OfferRow;
use crate::store::read::{CommunityPlace, Page};

/// The most offers that are listed.
const OFFERS_MAX: u32 = 500;

/// The figures of a day as read.
#[derive(Clone, Debug, Serialize)]
pub struct DayFigures {
    /// The day, by the community's calendar.
    pub day: NaiveDate,
    /// Of the amounts.
    pub currency: String,
    /// Today's figures.
    pub today: Today,
    /// All members, and how many are in the group.
    pub members: i64,
    /// All orders.
    pub orders: i64,
    /// Commission of all time, by where it stands.
    pub commission: CommissionFigures,
    /// Open offers with their stock.
    pub offers: Vec<OfferRow>,
}

/// Today's figures: those that a leader sees in the chat.
#[derive(Clone, Debug, Serialize)]
pub struct Today {
    /// Orders placed.
    pub orders: i64,
    /// The same, yesterday.
    pub orders_yesterday: i64,
    /// Members who ordered.
    pub buyers: i64,
    /// Paid, less refunded.
    pub paid: i64,
    /// The same, yesterday.
    pub paid_yesterday: i64,
    /// Unpaid orders, of whatever day.
    pub unpaid_orders: i64,
    /// Their sum.
    pub unpaid: i64,
    /// Paid and not shipped.
    pub to_ship: i64,
    /// Joined.
    pub joined: i64,
    /// Of them without an inviter.
    pub unattributed: i64,
    /// Checked in.
    pub checked_in: i64,
}

/// Commission by where it stands.
#[derive(Clone, Debug, Serialize)]
pub struct CommissionFigures {
    /// Of orders that wait for payment.
    pub pending: i64,
    /// Inside the return window.
    pub frozen: i64,
    /// To be had.
    pub available: i64,
    /// Asked for.
    pub locked: i64,
    /// Paid out.
    pub paid_out: i64,
}

/// The figures of the day of `now`. Three queries.
///
/// # Errors
/// [`StoreError`].
pub async fn of(
    db: &PgPool,
    place: &CommunityPlace,
    now: Timestamp,
) -> Result<DayFigures, StoreError> {
    let day = local_day(now, place.zone);
    let today = local_midnight_after(now, 0, place.zone);
    let yesterday = local_midnight_after(today - chrono::Duration::hours(12), 0, place.zone);
    let row = sqlx::query(crate::store::reports::load::FIGURES)
        .bind(place.lane.0)
        .bind(place.community.0)
        .bind(today)
        .bind(yesterday)
        .fetch_one(db)
        .await?;
    let figures = crate::store::reports::load::figures_of(&row)?;
    let (members, orders, commission) = sums(db, place).await?;
    let page = Page { after: None, limit: OFFERS_MAX };
    let (offers, _) = crate::store::catalog::read::list(db, place, Some("open"), page).await?;
    let currency = place.currency.clone();
    Ok(DayFigures { day, currency, today: figures.into(), members, orders, commission, offers })
}

async fn sums(
    db: &PgPool,
    place: &CommunityPlace,
) -> Result<(i64, i64, CommissionFigures), StoreError> {
    // The last number given is how many there are: none is ever deleted.
    let [frozen, available, locked, paid_out] =
        [Purse::Frozen, Purse::Available, Purse::Locked, Purse::PaidOut]
            .map(|purse| chart::is("account_no", purse));
    let sql = format!(
        "select (select coalesce(max(member_id), 0) from member m where m.lane = $1 and m.community_id = $2) as last_member,
                (select coalesce(max(order_id), 0) from orders o where o.lane = $1 and o.community_id = $2) as last_order, b.*,
                (select coalesce(sum(coalesce(l.earned1_minor, 0) + coalesce(l.earned2_minor, 0)), 0)::bigint
                 from orders o join order_line l using (lane, community_id, order_id)
                 where o.lane = $1 and o.community_id = $2 and o.state = 'placed') as pending
         from community c
         cross join lateral (
            select coalesce(-sum(amount) filter (where {frozen}), 0)::bigint as frozen,
                   coalesce(-sum(amount) filter (where {available}), 0)::bigint as available,
                   coalesce(-sum(amount) filter (where {locked}), 0)::bigint as locked,
                   coalesce(-sum(amount) filter (where {paid_out}), 0)::bigint as paid_out
            from balance
            where lane = c.lane and community_id = c.community_id and currency = c.currency) b
         where c.lane = $1 and c.community_id = $2"
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(place.lane.0)
        .bind(place.community.0)
        .fetch_one(db)
        .await?;
    let commission = CommissionFigures {
        pending: row.try_get("pending")?,
        frozen: row.try_get("frozen")?,
        available: row.try_get("available")?,
        locked: row.try_get("locked")?,
        paid_out: row.try_get("paid_out")?,
    };
    Ok((row.try_get("last_member")?, row.try_get("last_order")?, commission))
}

impl From<Figures> for Today {
    fn from(figures: Figures) -> Self {
        Self {
            orders: figures.orders,
            orders_yesterday: figures.orders_yesterday,
            buyers: figures.buyers,
            paid: figures.paid.minor,
            paid_yesterday: figures.paid_yesterday.minor,
            unpaid_orders: figures.unpaid_orders,
            unpaid: figures.unpaid.minor,
            to_ship: figures.to_ship,
            joined: figures.joined,
            unattributed: figures.unattributed,
            checked_in: figures.checked_in,
        }
    }
}
