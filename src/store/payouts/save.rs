//! Withdrawals, new and changed. What was asked for, and by whom, never changes.

use crate::book::Book;
use crate::domain::ids::CommunityId;
use crate::domain::payouts::Withdrawal;
use crate::store::seal::SealedCell;
use crate::store::words::Stored;

use crate::store::save::Writer;

/// Write them. A payout number that is written once stays: the guard makes another one a failure.
pub(in crate::store) fn save(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<(i64, &Withdrawal)> = book
        .touched()
        .flat_map(|shop| {
            let community = shop.community.id.0;
            let rows = shop.withdrawals.added().chain(shop.withdrawals.changed());
            rows.map(move |(_, row)| (community, row))
        })
        .collect();
    let seal = writer.seal;
    let sealed = |community: i64, row: &Withdrawal| {
        let cell = SealedCell::withdrawal_private(CommunityId(community), row.id);
        (!row.private.is_empty()).then(|| seal.close(&cell, &row.private))
    };
    writer
        .insert("withdrawal as w", &rows)
        .with("community_id", |(community, _)| *community)
        .with("withdrawal_id", |(_, it)| it.id.0)
        .with("member_id", |(_, it)| it.member.0)
        .with("state", |(_, it)| it.state.word())
        .with("currency", |(_, it)| it.currency.code())
        .with("amount_minor", |(_, it)| it.amount.minor)
        .with("withheld_minor", |(_, it)| it.withheld.minor)
        .with("asked_at", |(_, it)| it.asked_at)
        .with("decided_at", |(_, it)| it.decided_at)
        .with("ended_at", |(_, it)| it.ended_at)
        .with("payout_no", |(_, it)| it.payout.as_deref())
        .with("batch", |(_, it)| it.batch)
        .with("private", |(community, it)| sealed(*community, it))
        .upsert(
            "on conflict on constraint withdrawal_key do update
         set state = excluded.state, withheld_minor = excluded.withheld_minor,
             decided_at = excluded.decided_at, ended_at = excluded.ended_at,
             payout_no = excluded.payout_no, batch = excluded.batch, private = excluded.private
         where w.state in ('asked', 'approved', excluded.state)
           and (w.payout_no is null or w.payout_no = excluded.payout_no)
           and (w.batch is null or w.batch = excluded.batch)",
        );
}
