//! What `books`, `stock` and `orders` lines show: the same words with the figures as they are.

use sqlx::{PgPool, Row};
use tuan::domain::ids::{CommunityId, MemberId};
use tuan::domain::ledger::{AccountNo, CHART, House, Owner, POINTS, Place};
use tuan::domain::money::Money;
use tuan::domain::money::currency::plain;

use super::script::Check;

/// The line as it should read.
pub(super) async fn answer(
    pool: &PgPool,
    slug: &str,
    what: Check,
    words: &[String],
) -> Result<String, String> {
    let community = CommunityId::of(slug);
    match what {
        Check::Books => books(pool, community, words).await,
        Check::Stock => stock(pool, community, words).await,
        Check::Orders => orders(pool, community, words).await,
    }
}

async fn books(pool: &PgPool, community: CommunityId, words: &[String]) -> Result<String, String> {
    let is_purse = |word: &String| CHART.iter().any(|row| row.name == word);
    let end = words.iter().position(is_purse).ok_or("no purse is named")?;
    let (name, purses) = (words[..end].join(" "), &words[end..]);
    let member = if name == "shop" { None } else { Some(member(pool, community, &name).await?) };
    let mut line = format!("books  {name}");
    for purse in purses.iter().filter(|word| is_purse(word)) {
        let (account, sign) = account(member, purse)?;
        let is_points = purse.starts_with("points");
        let amount = sign * balance(pool, community, account, is_points).await;
        let amount =
            if is_points { amount.to_string() } else { money(pool, community, amount).await };
        line.extend([" ", purse, " ", &amount]);
    }
    Ok(line)
}

/// The account, and the sign that turns its balance into what people mean.
fn account(member: Option<MemberId>, name: &str) -> Result<(AccountNo, i64), String> {
    let owner = member.map_or(Owner::Shop, Owner::Member);
    let account = AccountNo::all_of(owner).find(|account| account.name() == name);
    let account = account.ok_or_else(|| format!("`{name}` is not one of theirs"))?;
    let is_debit = matches!(
        account.place(),
        Some(Place::Shop(House::Received | House::CommissionCost | House::Issued))
    );
    Ok((account, if is_debit { 1 } else { -1 }))
}

async fn balance(pool: &PgPool, community: CommunityId, account: AccountNo, points: bool) -> i64 {
    sqlx::query_scalar(
        "select coalesce(sum(amount), 0)::bigint from balance
         where community_id = $1 and account_no = $2 and (currency = $3) = $4",
    )
    .bind(community.0)
    .bind(account.number())
    .bind(POINTS)
    .bind(points)
    .fetch_one(pool)
    .await
    .unwrap()
}

async fn member(pool: &PgPool, community: CommunityId, name: &str) -> Result<MemberId, String> {
    sqlx::query_scalar("select member_id from member where community_id = $1 and name = $2")
        .bind(community.0)
        .bind(name)
        .fetch_optional(pool)
        .await
        .unwrap()
        .map(MemberId)
        .ok_or_else(|| format!("nobody is called {name}"))
}

/// Of the newest offer under each code.
async fn stock(pool: &PgPool, community: CommunityId, words: &[String]) -> Result<String, String> {
    let mut line = "stock ".to_owned();
    let is_code = |word: &&String| word.starts_with(|c: char| c.is_ascii_uppercase());
    for code in words.iter().filter(is_code) {
        let left: Vec<i64> = sqlx::query_scalar(
            "select units_left from offer join offer_count using (community_id, offer_id)
             where community_id = $1 and code = $2 order by offer_id desc limit 1",
        )
        .bind(community.0)
        .bind(code)
        .fetch_optional(pool)
        .await
        .unwrap()
        .ok_or_else(|| format!("no offer {code}"))?;
        let left: Vec<_> = left.iter().map(ToString::to_string).collect();
        let left = if left.is_empty() { "unlimited".to_owned() } else { left.join(",") };
        line.extend([" ", code, " ", &left]);
    }
    Ok(line)
}

async fn orders(pool: &PgPool, community: CommunityId, words: &[String]) -> Result<String, String> {
    let end = words.iter().position(|word| word.starts_with('#')).unwrap_or(words.len());
    let name = words[..end].join(" ");
    let member = member(pool, community, name.trim_end_matches(" none")).await?;
    let rows = sqlx::query(
        "select order_id, state, sum(price_minor * qty - cut_minor - discount_minor - refunded_minor)::bigint
         from orders_now join order_line using (community_id, order_id)
         where community_id = $1 and member_id = $2 group by 1, 2 order by 1",
    )
    .bind(community.0)
    .bind(member.0)
    .fetch_all(pool)
    .await
    .unwrap();
    let mut orders = Vec::new();
    for row in &rows {
        let total = money(pool, community, row.get(2)).await;
        orders.push(format!("#{} {} {total}", row.get::<i64, _>(0), row.get::<&str, _>(1)));
    }
    let orders = if orders.is_empty() { "none".to_owned() } else { orders.join(" ") };
    Ok(format!("orders {} {orders}", name.trim_end_matches(" none")))
}

async fn money(pool: &PgPool, community: CommunityId, minor: i64) -> String {
    let code: String = sqlx::query_scalar("select currency from community where community_id = $1")
        .bind(community.0)
        .fetch_one(pool)
        .await
        .unwrap();
    plain(Money::from_minor(minor), &code)
}
