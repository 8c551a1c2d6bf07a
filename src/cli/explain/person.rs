//! A member as they stand, before their story: who brought them, whom they brought, and each balance
//! with the facts it came from.

use std::io::Write;

use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::domain::ids::MemberId;
use crate::domain::ledger::{AccountNo, Owner};
use crate::domain::people::Private;
use crate::domain::time::Timestamp;
use crate::store::chart::numbers_of;
use crate::store::reports::story::StorySubject;
use crate::store::reports::story::members_called;
use crate::store::seal::SealedCell;

use super::Teller;
use super::tell::{amount, when};

/// Print a member; `false` when nobody, or more than one, is called so.
pub(super) async fn explain(
    teller: &Teller,
    name: &str,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let found = members_called(&teller.db, teller.place, name).await?;
    let member = match found.as_slice() {
        [only] => *only,
        [] => {
            writeln!(out, "nobody is called {name:?}")?;
            return Ok(false);
        }
        several => {
            let numbers: Vec<_> = several.iter().map(|member| format!("#{member}")).collect();
            writeln!(out, "several are called {name:?}; say which: {}", numbers.join(", "))?;
            return Ok(false);
        }
    };
    let row = sqlx::query(
        "select m.*, i.name as inviter,
                (select count(*) from member b where b.lane = m.lane and b.community_id = m.community_id
                   and b.inviter_id = m.member_id) as brought
         from member m left join member i
           on i.lane = m.lane and i.community_id = m.community_id and i.member_id = m.inviter_id
         where m.lane = $1 and m.community_id = $2 and m.member_id = $3",
    )
    .bind(teller.place.lane.0)
    .bind(teller.place.id.0)
    .bind(member.0)
    .fetch_one(&teller.db)
    .await?;
    header(teller, &row, out)?;
    private(teller, &row, out)?;
    balances(teller, member, out).await?;
    teller.tell(StorySubject::Member(member), out).await?;
    Ok(true)
}

fn header(teller: &Teller, row: &PgRow, out: &mut impl Write) -> anyhow::Result<()> {
    let (number, name): (i64, String) = (row.try_get("member_id")?, row.try_get("name")?);
    let role: String = row.try_get("role")?;
    let is = |column: &str| row.try_get::<bool, _>(column);
    writeln!(out, "{name} (#{number}): {role}")?;
    writeln!(
        out,
        "  here      {}since {}{}",
        if is("present")? { "" } else { "left; " },
        when(row.try_get("joined_at")?, teller.zone),
        if is("founding")? { ", from before the shop" } else { "" }
    )?;
    if !is("promoter")? {
        writeln!(out, "  promoter  no: earns nothing new")?;
    }
    let brought: i64 = row.try_get("brought")?;
    writeln!(out, "  code      {}, {brought} brought", row.try_get::<String, _>("code")?)?;
    match row.try_get::<Option<i64>, _>("inviter_id")? {
        None => writeln!(out, "  inviter   nobody")?,
        Some(inviter) => {
            let name: Option<String> = row.try_get("inviter")?;
            let evidence: Option<String> = row.try_get("evidence")?;
            let since: Option<Timestamp> = row.try_get("bound_at")?;
            let since = since.map(|at| when(at, teller.zone)).unwrap_or_default();
            let (name, evidence) = (name.unwrap_or_default(), evidence.unwrap_or_default());
            writeln!(out, "  inviter   {name} (#{inviter}) by {evidence}, since {since}")?;
        }
    }
    if let Some(at) = row.try_get::<Option<Timestamp>, _>("first_paid_at")? {
        writeln!(out, "  paid      first on {}", when(at, teller.zone))?;
    }
    if let Some(at) = row.try_get::<Option<Timestamp>, _>("blocked_at")? {
        writeln!(out, "  blocked   orders nothing since {}", when(at, teller.zone))?;
    }
    Ok(())
}

fn private(teller: &Teller, row: &PgRow, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(sealed) = row.try_get::<Option<&[u8]>, _>("private")? else { return Ok(()) };
    let Some(seal) = &teller.seal else {
        writeln!(out, "  private   (sealed)")?;
        return Ok(());
    };
    let cell = SealedCell::member_private(teller.place.id, MemberId(row.try_get("member_id")?));
    let Private { address, pickup, payee, announcement } = seal.open(&cell, sealed)?;
    let announced = announcement.map(|it| it.text);
    let all =
        [("address", address), ("pick-up", pickup), ("payee", payee), ("announced", announced)];
    for (name, value) in all {
        if let Some(value) = value {
            writeln!(out, "  {name:<9} {value}")?;
        }
    }
    Ok(())
}

/// What the shop owes the member on each account, and by which facts.
async fn balances(teller: &Teller, member: MemberId, out: &mut impl Write) -> anyhow::Result<()> {
    let rows = sqlx::query(
        "select b.account_no, b.currency, -b.amount as owed,
                (select string_agg(f.kind || ' ' || f.times || 'x:' || f.amount, ',' order by f.kind) from (
                    select j.kind, count(*) as times, -sum(leg.amount)::bigint as amount
                    from journal j cross join lateral unnest(j.accounts, j.amounts) as leg (account_no, amount)
                    where j.lane = $1 and j.community_id = $2 and j.currency = b.currency
                      and j.accounts @> array[b.account_no] and leg.account_no = b.account_no
                    group by j.kind) as f) as facts
         from balance b
         where b.lane = $1 and b.community_id = $2 and b.account_no = any($3) order by 1, 2",
    )
    .bind(teller.place.lane.0)
    .bind(teller.place.id.0)
    .bind(numbers_of(Owner::Member(member)))
    .fetch_all(&teller.db)
    .await?;
    for row in &rows {
        let purse = AccountNo::stored(row.try_get("account_no")?).name().replace('_', " ");
        let currency: String = row.try_get("currency")?;
        let facts: Option<String> = row.try_get("facts")?;
        let facts = facts.map(|facts| facts_text(&facts, &currency)).unwrap_or_default();
        let owed = amount(row.try_get("owed")?, &currency);
        writeln!(out, "  {purse:<9} {owed}{facts}")?;
    }
    Ok(())
}

/// `earned 2x:478,due 1x:-239` for people.
fn facts_text(facts: &str, currency: &str) -> String {
    let fact = |fact: &str| {
        let (kind, minor) = fact.rsplit_once(':')?;
        Some(format!("{kind} {}", amount(minor.parse().ok()?, currency)))
    };
    let facts: Vec<_> = facts.split(',').filter_map(fact).collect();
    if facts.is_empty() { String::new() } else { format!(" = {}", facts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_says_where_it_came_from() {
        assert_eq!(
            facts_text("due 1x:-239,earned 2x:478", "CNY"),
            " = due 1x CNY -2.39, earned 2x CNY 4.78"
        );
        assert_eq!(facts_text("", "CNY"), "");
    }
}
