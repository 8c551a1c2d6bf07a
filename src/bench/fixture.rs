//! The bench's shop: communities with leaders, two generations of promoters, open offers, and buyers
//! whom those promoters brought. All of it is seeded in bulk, as the owner, outside the measured time.

use std::sync::Arc;

use anyhow::Context;
use chrono::Duration;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::types::Json;

use crate::config;
use crate::domain::catalog::OfferDetail;
use crate::domain::ids::{AccountId, CommunityId};
use crate::domain::money::Money;
use crate::domain::money::Rate;
use crate::domain::policy::{CommunityPolicy, Policy, ReceiptPace};
use crate::engine::{Clock, Engine};
use crate::platform::null::Null;
use crate::store::{Seal, data_key, pool, reference};

use super::Yard;

/// The shop's file; its one community is copied as often as there are to be communities.
const SHOP: &str = r#"
[shop]
name = "团团优选"

[[accounts]]
key = "bench"
platform = "simulator"
bot_name = "团团"

[commission]
level1 = "3%"
level2 = "1%"
accept_two_level_risk = true

[[communities]]
slug = "c"
name = "阳光花园邻里团"
locale = "zh-Hans"
time_zone = "Asia/Shanghai"
currency = "CNY"

[[items]]
key = "grapes"
name = "阳光玫瑰"
unit = "箱"
price = "39.90"
"#;

/// Connections of the engine.
const CONNECTIONS: u32 = 12;

/// Members of each community before the promoters who bring the buyers: a leader, and who brought those.
const ELDERS: i64 = 10;

/// The first of the promoters who bring the buyers.
pub const FIRST_PROMOTER: i64 = ELDERS + 1;

/// What is on sale everywhere: code, name, unit, price. Orders are for the first.
const OFFERS: [(&str, &str, &str, i64); 6] = [
    ("A1", "阳光玫瑰", "箱", 3_990),
    ("A2", "智利车厘子", "盒", 6_990),
    ("A3", "土鸡蛋", "盒", 1_680),
    ("A4", "鲜牛奶", "瓶", 1_290),
    ("B1", "五常大米", "袋", 5_990),
    ("B2", "赣南脐橙", "箱", 4_590),
];

/// Units of each offer: none is ever sold out.
const STOCK: i64 = 1_000_000_000;

/// A shop with an engine that nobody has started yet.
pub struct Fixture {
    /// As the owner.
    pub owner: PgPool,
    /// The engine.
    pub engine: Arc<Engine>,
    /// The account that everything comes and goes through.
    pub account: AccountId,
    /// What is delivered.
    pub null: Arc<Null>,
    /// Communities.
    pub communities: Vec<CommunityId>,
    /// Promoters who bring the buyers.
    promoters: i64,
    /// Members of each community so far.
    members: i64,
}

impl Fixture {
    /// Make a shop of so many communities.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn make(yard: &Yard, communities: u32) -> anyhow::Result<Self> {
        super::progress(&format!("making a shop of {communities} communities"));
        let name = yard.create("shop").await?;
        let (owner, app) = (yard.owner.clone().database(&name), yard.app.clone().database(&name));
        pool::migrate(&owner, yard.lanes).await?;
        let owner = PgPoolOptions::new().max_connections(2).connect_with(owner).await?;
        let db = pool::connect(app, CONNECTIONS).await?;
        let seal = Arc::new(Seal::new(&Seal::fresh_key())?);
        data_key::admit(&db, &seal).await?;
        let clock = Clock::system();
        let policy = policy(communities)?;
        let (version, _) = reference::put_policy(&db, &policy, clock.now()).await?;
        let account = reference::put_account(&db, "bench", "null").await?;
        reference::put_communities(&db, &policy, version, yard.lanes, Some(account)).await?;
        let slugs = policy.communities.iter();
        let communities = slugs.map(|it| CommunityId::of(&it.slug)).collect();
        offers(&owner, &clock).await?;
        let promoters = i64::from(yard.promoters);
        elders(&owner, account, ELDERS + promoters).await?;
        let engine = Engine::new(db, seal, clock, yard.batch_max).await?;
        let null = Arc::new(Null::default());
        Ok(Self {
            owner,
            engine,
            account,
            null,
            communities,
            promoters,
            members: ELDERS + promoters,
        })
    }

    /// Let so many buyers join each community; returns the number of the first.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn buyers(&mut self, each: i64) -> anyhow::Result<i64> {
        let first = self.members + 1;
        self.members += each;
        sqlx::query(BUYERS)
            .bind(first)
            .bind(self.members)
            .bind(self.account.0)
            .bind(FIRST_PROMOTER)
            .bind(self.promoters)
            .execute(&self.owner)
            .await?;
        for statement in ["analyze member, orders, order_line, inbox, outbox", "checkpoint"] {
            // A checkpoint is not for everybody to ask for; without one the figures are noisier.
            if let Err(error) = sqlx::query(statement).execute(&self.owner).await {
                tracing::warn!(%error, statement, "not done");
            }
        }
        Ok(first)
    }
}

/// Key and name of a member of the bench.
#[must_use]
pub fn member(number: i64) -> (String, String) {
    (format!("u{number}"), format!("邻居{number}"))
}

fn policy(communities: u32) -> anyhow::Result<Policy> {
    let (config, faults) = config::check(SHOP);
    let mut policy =
        config.with_context(|| format!("the bench's file has faults: {faults:?}"))?.policy;
    let only = policy.communities.first().cloned().context("the bench's file has a community")?;
    // Each order is answered at once, whatever the size of its group: that is what is timed.
    let receipts = Some(ReceiptPace::Each);
    let numbered = |n| CommunityPolicy { slug: format!("c{n}"), receipts, ..only.clone() };
    policy.communities = (1..=communities).map(numbered).collect();
    // What is measured is trade: nobody is asked whether so many orders may be.
    policy.orders.unpaid_share = Rate { bps: Rate::WHOLE_BPS };
    policy.orders.changes_per_minute = u32::MAX;
    Ok(policy)
}

async fn offers(owner: &PgPool, clock: &Clock) -> anyhow::Result<()> {
    let now = clock.now();
    for ((code, name, unit, price), number) in OFFERS.into_iter().zip(1i64..) {
        let detail =
            OfferDetail { name: name.to_owned(), unit: unit.to_owned(), ..OfferDetail::default() };
        sqlx::query(
            "insert into offer (lane, community_id, offer_id, code, state, price_minor, opens_at, closes_at, detail)
             select lane, community_id, $1, $2, 'open', $3, $4, $5, $6 from community",
        )
        .bind(number)
        .bind(code)
        .bind(Money::from_minor(price).minor)
        .bind(now - Duration::hours(1))
        .bind(now + Duration::days(1))
        .bind(Json(&detail))
        .execute(owner)
        .await?;
    }
    sqlx::query(
        "insert into offer_count (lane, community_id, offer_id, initial, units_left, sold, sold_out_said)
         select lane, community_id, offer_id, array[$1], array[$1], 0, false from offer",
    )
    .bind(STOCK)
    .execute(owner)
    .await?;
    Ok(())
}

/// Member 1 leads; the other elders were brought by the leader, and brought the promoters.
async fn elders(owner: &PgPool, account: AccountId, last: i64) -> anyhow::Result<()> {
    sqlx::query(
        "insert into member (lane, community_id, member_id, account_id, user_key, name, role, present, founding,
                             promoter, joined_at, inviter_id, evidence, bound_at, code, shares_waiting)
         select lane, community_id, n, $1, 'u' || n, '邻居' || n, case n when 1 then 'leader' else 'member' end,
                true, n = 1, true, now() - interval '9 days',
                case when n > $3 then 2 + n % ($3 - 1) when n > 1 then 1 end,
                case when n > 1 then 'join_event' end, case when n > 1 then now() - interval '9 days' end,
                'k' || n, 0
         from community, generate_series(1, $2) as n",
    )
    .bind(account.0)
    .bind(last)
    .bind(ELDERS)
    .execute(owner)
    .await?;
    Ok(())
}

/// Buyers were brought by the promoters, so that both levels above them earn.
const BUYERS: &str = "
    insert into member (lane, community_id, member_id, account_id, user_key, name, role, present, founding,
                        promoter, joined_at, inviter_id, evidence, bound_at, code, shares_waiting)
    select lane, community_id, n, $3, 'u' || n, '邻居' || n, 'member', true, false, true,
           now() - interval '1 day', $4 + n % $5, 'join_event', now() - interval '1 day', 'k' || n, 0
    from generate_series($1::bigint, $2::bigint) as n, community";
