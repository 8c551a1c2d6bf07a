//! What is written once and never changed by a batch: the journal and its balances, check-ins, bonds,
//! decisions, messages to send, timers; and lines of chains under review.

use sqlx::types::Json;

use crate::book::{Book, Fresh, ReviewLine};
use crate::store::timers;
use crate::store::words::Stored;

use super::{Rows, Writer};

/// Write them all.
pub(super) fn save(writer: &mut Writer<'_>, book: &Book) {
    journal(writer, book);
    balances(writer, book);
    check_ins(writer, book);
    bonds(writer, book);
    decisions(writer, book);
    outbox(writer, book);
    review(writer, book);
    let due: Vec<_> = rows(book, |fresh| fresh.timers.iter())
        .map(|(community, (at, timer))| {
            (crate::domain::ids::CommunityId(community), *at, timer.clone())
        })
        .collect();
    timers::set(writer, &due);
}

/// The rows of one family, each with its community.
fn rows<'a, T: 'a, I: Iterator<Item = T> + 'a>(
    book: &'a Book,
    of: impl Fn(&'a Fresh) -> I + Copy + 'a,
) -> impl Iterator<Item = (i64, T)> + 'a {
    book.shops.values().flat_map(move |shop| {
        let community = shop.community.id.0;
        of(&shop.fresh).map(move |row| (community, row))
    })
}

/// An array of numbers as the database writes it.
pub(super) fn array_text(numbers: impl Iterator<Item = i64>) -> String {
    let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

fn journal(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.journal.iter()).collect();
    if rows.is_empty() {
        return;
    }
    let accounts = |it: &crate::domain::ledger::Entry| {
        array_text(it.legs.iter().map(|(account, _)| account.0))
    };
    let amounts =
        |it: &crate::domain::ledger::Entry| array_text(it.legs.iter().map(|(_, amount)| *amount));
    writer.part(
        "insert into journal (lane, community_id, seq, ordinal, kind, currency, order_id, accounts, amounts, at)
         select $1, community_id, seq, ordinal, kind, currency, order_id, accounts::bigint[], amounts::bigint[], at
         from unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::bigint[],
                     $8::text[], $9::text[], $10::timestamptz[])
            as n (community_id, seq, ordinal, kind, currency, order_id, accounts, amounts, at)", Rows::Exactly(rows.len()))
    .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.event.seq).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.ordinal).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.entry.kind.name()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.entry.currency.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.entry.order.map(|order| order.0)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| accounts(&it.entry)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| amounts(&it.entry)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.at).collect::<Vec<_>>());
}

/// One upsert for each account and batch, in order of key, so that hot accounts cost little.
fn balances(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.postings.iter()).collect();
    if rows.is_empty() {
        return;
    }
    writer
        .part(
            "insert into balance as b (lane, community_id, account_no, currency, amount)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[])
         on conflict on constraint balance_key do update set amount = b.amount + excluded.amount",
            Rows::Exactly(rows.len()),
        )
        .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, ((account, _), _))| account.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, ((_, currency), _))| currency.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, (_, amount))| **amount).collect::<Vec<_>>());
}

fn check_ins(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.check_ins.iter()).collect();
    if rows.is_empty() {
        return;
    }
    writer.part(
        "insert into check_in (lane, community_id, member_id, day, seq, points)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::date[], $5::bigint[], $6::bigint[])", Rows::Exactly(rows.len()))
    .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.member.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.day).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.event.seq).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.points).collect::<Vec<_>>());
}

/// Numbers the rows of each event from 1, in the order they were made.
fn ordinals(seqs: &[i64]) -> Vec<i16> {
    let mut next = std::collections::BTreeMap::new();
    seqs.iter()
        .map(|seq| {
            let ordinal: &mut i16 = next.entry(*seq).or_default();
            *ordinal += 1;
            *ordinal
        })
        .collect()
}

fn bonds(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.bonds.iter()).collect();
    if rows.is_empty() {
        return;
    }
    let seqs: Vec<_> = rows.iter().map(|(_, it)| it.event.seq).collect();
    writer.part(
        "insert into bond (lane, community_id, seq, ordinal, member_id, inviter_id, evidence, refused, reason, at)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::bigint[],
            $7::text[], $8::text[], $9::text[], $10::timestamptz[])", Rows::Exactly(rows.len()))
    .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
    .bind(&seqs)
    .bind(ordinals(&seqs))
    .bind(rows.iter().map(|(_, it)| it.member.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.inviter.map(|inviter| inviter.0)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.evidence.word()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.refused.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.reason.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.at).collect::<Vec<_>>());
}

fn decisions(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.decisions.iter()).collect();
    if rows.is_empty() {
        return;
    }
    let seqs: Vec<_> = rows.iter().map(|(_, it)| it.event.seq).collect();
    writer.part(
        "insert into decision (lane, seq, ordinal, community_id, member_id, order_id, what, refused, outcome, at)
         select $1, * from unnest($2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::text[], $8::text[], $9::jsonb[], $10::timestamptz[])", Rows::Exactly(rows.len()))
    .bind(&seqs)
    .bind(ordinals(&seqs))
    .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.member.map(|member| member.0)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.order.map(|order| order.0)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.what).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.refused.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.outcome.as_ref().map(Json)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.at).collect::<Vec<_>>());
}

fn outbox(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.outbox.iter()).collect();
    if rows.is_empty() {
        return;
    }
    let seal = writer.seal;
    let said = |it: &crate::book::Outbound| {
        let name = it.to.as_ref().map(|to| to.name.as_str());
        seal.close(&crate::store::outbox::Wording { name, manner: &it.manner, reply: &it.reply })
    };
    writer.part(
        "insert into outbox (lane, account_id, seq, ordinal, community_id, chat_key, to_key, private, receipt, body, at)
         select $1, * from unnest($2::int[], $3::bigint[], $4::smallint[], $5::bigint[], $6::text[], $7::text[],
            $8::bool[], $9::bool[], $10::bytea[], $11::timestamptz[])", Rows::Exactly(rows.len()))
    .bind(rows.iter().map(|(_, it)| it.account.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.event.seq).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.ordinal).collect::<Vec<_>>())
    .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.chat.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.to.as_ref().map(|to| to.key.as_str())).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.to.as_ref().is_some_and(|to| to.private)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.reply.is_receipt()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| said(it)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.at).collect::<Vec<_>>());
}

fn review(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<(i64, (i64, i16), &ReviewLine)> = book
        .shops
        .values()
        .flat_map(|shop| {
            let community = shop.community.id.0;
            let rows = shop.review.added().chain(shop.review.changed());
            rows.map(move |(key, line)| (community, key, line))
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let seal = writer.seal;
    writer.part(
        "insert into review (lane, community_id, seq, ordinal, poster_id, body, settled, until)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::bytea[], $7::bool[], $8::timestamptz[])
         on conflict on constraint review_key do update
         set poster_id = excluded.poster_id, until = excluded.until, body = excluded.body, settled = excluded.settled", Rows::Exactly(rows.len()))
    .bind(rows.iter().map(|(community, ..)| *community).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, key, _)| key.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, key, _)| key.1).collect::<Vec<_>>())
    .bind(rows.iter().map(|(.., it)| it.poster.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(.., it)| seal.close(it)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(.., it)| it.settled).collect::<Vec<_>>())
    .bind(rows.iter().map(|(.., it)| it.until).collect::<Vec<_>>());
}
