//! Withdrawals, new and changed. What was asked for, and by whom, never changes.

use crate::book::Book;
use crate::domain::withdrawal::Withdrawal;
use crate::store::words::Stored;

use super::{Rows, Writer};

/// Write them. A payout number that is written once stays: the guard makes another one a failure.
pub(super) fn save(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<(i64, &Withdrawal)> = book
        .shops
        .values()
        .flat_map(|shop| {
            let community = shop.community.id.0;
            let rows = shop.withdrawals.added().chain(shop.withdrawals.changed());
            rows.map(move |(_, row)| (community, row))
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let seal = writer.seal;
    let sealed = |row: &Withdrawal| (!row.private.is_empty()).then(|| seal.close(&row.private));
    writer.part(
        "insert into withdrawal as w (lane, community_id, withdrawal_id, member_id, state, currency,
                amount_minor, withheld_minor, asked_at, decided_at, ended_at, payout_no, batch, private)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],
            $7::bigint[], $8::bigint[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[],
            $12::text[], $13::bigint[], $14::bytea[])
         on conflict on constraint withdrawal_key do update
         set state = excluded.state, withheld_minor = excluded.withheld_minor,
             decided_at = excluded.decided_at, ended_at = excluded.ended_at,
             payout_no = excluded.payout_no, batch = excluded.batch, private = excluded.private
         where w.state in ('asked', 'approved', excluded.state)
           and (w.payout_no is null or w.payout_no = excluded.payout_no)
           and (w.batch is null or w.batch = excluded.batch)", Rows::Exactly(rows.len()))
    .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.member.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.state.word()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.currency.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.amount.minor).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.withheld.minor).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.asked_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.decided_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.ended_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.payout.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.batch).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| sealed(it)).collect::<Vec<_>>());
}
