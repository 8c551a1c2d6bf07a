//! An order as it stands, before its story: amounts, instants, and each line with who earns on it.

use std::io::Write;

use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::domain::ids::{MemberId, OrderId};
use crate::domain::orders::OrderPrivate;
use crate::domain::time::Timestamp;
use crate::store::reports::story::StorySubject;
use crate::store::reports::story::names;
use crate::store::seal::SealedCell;

use super::Teller;
use super::tell::{amount, when};

/// Print an order; `false` when there is none of this number.
pub(super) async fn explain(
    teller: &Teller,
    order: OrderId,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let row = sqlx::query(
        "select o.*, (select sum(price_minor * qty - cut_minor - discount_minor)::bigint from order_line l
                      where l.lane = o.lane and l.community_id = o.community_id and l.order_id = o.order_id) as total,
                (select sum(refunded_minor)::bigint from order_line l
                 where l.lane = o.lane and l.community_id = o.community_id and l.order_id = o.order_id) as refunded
         from orders_now o where lane = $1 and community_id = $2 and order_id = $3",
    )
    .bind(teller.place.lane.0)
    .bind(teller.place.id.0)
    .bind(order.0)
    .fetch_optional(&teller.db)
    .await?;
    let Some(row) = row else {
        writeln!(out, "there is no order #{order}")?;
        return Ok(false);
    };
    header(teller, &row, out).await?;
    private(teller, &row, out)?;
    lines(teller, order, row.try_get("state")?, out).await?;
    teller.tell(StorySubject::Order(order), out).await?;
    Ok(true)
}

async fn header(teller: &Teller, row: &PgRow, out: &mut impl Write) -> anyhow::Result<()> {
    let minor = |column: &str| -> Result<String, sqlx::Error> {
        let value: Option<i64> = row.try_get(column)?;
        Ok(amount(value.unwrap_or(0), &teller.currency))
    };
    let buyer = MemberId(row.try_get("member_id")?);
    let known = names(&teller.db, teller.place, [buyer].into()).await?;
    let buyer_name = known.get(&buyer).map_or("?", String::as_str);
    let (number, state): (i64, String) = (row.try_get("order_id")?, row.try_get("state")?);
    writeln!(out, "order #{number}: {state}")?;
    writeln!(out, "  buyer     {buyer_name} (#{buyer})")?;
    writeln!(
        out,
        "  total     {}, received {}, refunded {}",
        minor("total")?,
        minor("received_minor")?,
        minor("refunded")?
    )?;
    let (spent, granted): (i64, i64) =
        (row.try_get("points_spent")?, row.try_get("points_granted")?);
    if spent != 0 || granted != 0 {
        let worth = minor("points_worth_minor")?;
        write!(out, "  points    {spent} spent (worth {worth}), {granted} granted")?;
        if let Some(per) = row.try_get::<Option<i64>, _>("points_per_minor")? {
            let (per, times): (_, i32) =
                (amount(per, &teller.currency), row.try_get("points_times")?);
            write!(out, ": one for each {per}, times {}.{:04}", times / 10_000, times % 10_000)?;
        }
        writeln!(out)?;
    }
    for (name, column) in [
        ("placed", "placed_at"),
        ("hold", "hold_until"),
        ("paid", "paid_at"),
        ("shipped", "shipped_at"),
        ("received", "received_at"),
        ("due", "due_at"),
    ] {
        if let Some(at) = row.try_get::<Option<Timestamp>, _>(column)? {
            writeln!(out, "  {name:<9} {}", when(at, teller.zone))?;
        }
    }
    Ok(())
}

fn private(teller: &Teller, row: &PgRow, out: &mut impl Write) -> anyhow::Result<()> {
    let Some(sealed) = row.try_get::<Option<&[u8]>, _>("private")? else { return Ok(()) };
    let Some(seal) = &teller.seal else {
        writeln!(out, "  private   (sealed)")?;
        return Ok(());
    };
    let cell = SealedCell::order_private(teller.place.id, OrderId(row.try_get("order_id")?));
    let private: OrderPrivate = seal.open(&cell, sealed)?;
    let OrderPrivate {
        for_whom,
        for_key,
        notes,
        delivery,
        carrier,
        tracking,
        claim,
        chased_at,
        reminded_at,
    } = private;
    let at = |at| when(at, teller.zone);
    let claim = claim.map(|it| {
        let state = if it.is_denied { ", denied" } else { "" };
        format!("{} \"{}\"{state}", at(it.at), it.words)
    });
    let fields = [
        ("for", for_whom),
        ("for id", for_key),
        ("remarks", (!notes.is_empty()).then(|| notes.join("; "))),
        ("delivery", delivery),
        ("carrier", carrier),
        ("tracking", tracking),
        ("claimed", claim),
        ("chased", chased_at.map(at)),
        ("reminded", reminded_at.map(at)),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            writeln!(out, "  {name:<9} {value}")?;
        }
    }
    Ok(())
}

async fn lines(
    teller: &Teller,
    order: OrderId,
    state: String,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let rows = sqlx::query(
        "select l.*, o.code, o.detail ->> 'name' as name, o.detail -> 'variants' ->> l.variant as variant_name,
                p1.name as promoter1, p2.name as promoter2
         from order_line l
         left join offer o using (lane, community_id, offer_id)
         left join member p1 on p1.lane = l.lane and p1.community_id = l.community_id and p1.member_id = l.promoter1_id
         left join member p2 on p2.lane = l.lane and p2.community_id = l.community_id and p2.member_id = l.promoter2_id
         where l.lane = $1 and l.community_id = $2 and l.order_id = $3 order by l.line",
    )
    .bind(teller.place.lane.0)
    .bind(teller.place.id.0)
    .bind(order.0)
    .fetch_all(&teller.db)
    .await?;
    for row in &rows {
        line(teller, row, out)?;
        for level in 1..=2 {
            share(teller, row, level, &state, out)?;
        }
    }
    Ok(())
}

fn line(teller: &Teller, row: &PgRow, out: &mut impl Write) -> anyhow::Result<()> {
    let text = |column: &str| -> Result<String, sqlx::Error> {
        Ok(row.try_get::<Option<String>, _>(column)?.unwrap_or_default())
    };
    let show = |minor: i64| amount(minor, &teller.currency);
    let (number, qty): (i16, i32) = (row.try_get("line")?, row.try_get("qty")?);
    let (price, discount): (i64, i64) =
        (row.try_get("price_minor")?, row.try_get("discount_minor")?);
    let cut: i64 = row.try_get("cut_minor")?;
    let goods = [text("code")?, text("name")?, text("variant_name")?];
    let goods: Vec<_> = goods.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
    let gross = price.saturating_mul(i64::from(qty));
    write!(
        out,
        "  line {number:<4} {}: {qty} x {} = {}",
        goods.join(" "),
        show(price),
        show(gross)
    )?;
    if cut != 0 {
        write!(out, ", {} cut by a leader", show(cut))?;
    }
    if discount != 0 {
        write!(out, ", {} of it by points", show(discount))?;
    }
    let (refunded, restocked): (i32, i32) =
        (row.try_get("refunded_qty")?, row.try_get("restocked")?);
    if refunded != 0 {
        let money = show(row.try_get("refunded_minor")?);
        write!(out, "; refunded {refunded} ({money}), {restocked} of them on sale again")?;
    }
    let amount: i64 = row.try_get("refunded_amount_minor")?;
    if amount != 0 {
        write!(out, "; {} refunded by amount", show(amount))?;
    }
    writeln!(out)?;
    Ok(())
}

fn share(
    teller: &Teller,
    row: &PgRow,
    level: u8,
    state: &str,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let column = |name: &str| format!("{name}{level}");
    let number = |name: String| row.try_get::<Option<i64>, _>(name.as_str());
    let Some(promoter) = number(format!("promoter{level}_id"))? else { return Ok(()) };
    let name: Option<String> = row.try_get(column("promoter").as_str())?;
    let rate: Option<i16> = row.try_get(format!("rate{level}_bps").as_str())?;
    let terms = if let Some(bps) = rate {
        format!("{}.{:02} %", bps / 100, bps % 100)
    } else {
        let each = number(format!("fixed{level}_minor"))?.unwrap_or(0);
        format!("{} each", amount(each, &teller.currency))
    };
    let earned = number(format!("earned{level}_minor"))?.unwrap_or(0);
    let reversed = number(format!("reversed{level}_minor"))?.unwrap_or(0);
    let standing = match state {
        "placed" => "pending",
        "paid" | "shipped" | "received" => "frozen",
        "closed" => "available",
        _ => "void",
    };
    write!(
        out,
        "            level {level}: {} (#{promoter}), {terms}: {}",
        name.unwrap_or_default(),
        amount(earned, &teller.currency)
    )?;
    if reversed != 0 {
        write!(out, ", {} taken back", amount(reversed, &teller.currency))?;
    }
    writeln!(out, ", {standing}")?;
    Ok(())
}
