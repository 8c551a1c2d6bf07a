//! What is written once and never changed by a batch: the journal and its balances, settlements, check-ins, bonds,
//! decisions, messages to send, timers; and lines of chains under review.

use sqlx::types::Json;

use crate::book::{Book, Fresh, ReviewLine};
use crate::domain::ids::CommunityId;
use crate::domain::reply::Receipt;
use crate::store::load::effects;
use crate::store::seal::SealedCell;
use crate::store::timers;
use crate::store::words::Stored;

use crate::store::save::Writer;

/// Write them all.
pub(in crate::store) fn save(writer: &mut Writer<'_>, book: &Book) {
    journal(writer, book);
    balances(writer, book);
    settlements(writer, book);
    check_ins(writer, book);
    bonds(writer, book);
    decisions(writer, book);
    outbox(writer, book);
    review(writer, book);
    let due: Vec<_> = rows(book, |fresh| fresh.timers.iter())
        .map(|(community, (at, timer))| (CommunityId(community), *at, timer.clone()))
        .collect();
    timers::set(writer, &due);
}

/// The rows of one family, each with its community.
fn rows<'a, T: 'a, I: Iterator<Item = T> + 'a>(
    book: &'a Book,
    of: impl Fn(&'a Fresh) -> I + Copy + 'a,
) -> impl Iterator<Item = (i64, T)> + 'a {
    book.touched().flat_map(move |shop| {
        let community = shop.community.id.0;
        of(&shop.fresh).map(move |row| (community, row))
    })
}

/// An array of numbers as the database writes it.
pub(in crate::store) fn array_text(numbers: impl Iterator<Item = i64>) -> String {
    let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

fn journal(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.journal.iter()).collect();
    let accounts = |it: &crate::domain::ledger::Entry| {
        array_text(it.legs.iter().map(|(account, _)| account.number()))
    };
    let amounts =
        |it: &crate::domain::ledger::Entry| array_text(it.legs.iter().map(|(_, amount)| *amount));
    writer
        .insert("journal", &rows)
        .with("community_id", |(community, _)| *community)
        .with("seq", |(_, it)| it.event.seq)
        .with("ordinal", |(_, it)| it.ordinal)
        .with("kind", |(_, it)| it.entry.kind.name())
        .with("currency", |(_, it)| it.entry.currency.as_str())
        .with("order_id", |(_, it)| it.entry.order.map(|order| order.0))
        .read_as("accounts", "bigint[]", |(_, it)| accounts(&it.entry))
        .read_as("amounts", "bigint[]", |(_, it)| amounts(&it.entry))
        .with("at", |(_, it)| it.at)
        .done();
}

/// One upsert for each account and batch, in order of key, so that hot accounts cost little.
fn balances(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.postings.iter()).collect();
    writer
    .insert("balance as b", &rows)
    .with("community_id", |(community, _)| *community)
    .with("account_no", |(_, ((account, _), _))| account.number())
    .with("currency", |(_, ((_, currency), _))| currency.as_str())
    .with("amount", |(_, (_, amount))| **amount)
    .upsert("on conflict on constraint balance_key do update set amount = b.amount + excluded.amount");
}

fn settlements(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.settlements.iter()).collect();
    writer
        .insert("settlement", &rows)
        .with("community_id", |(community, _)| *community)
        .with("due_at", |(_, it)| it.until.at)
        .with("order_id", |(_, it)| it.until.order.0)
        .with("seq", |(_, it)| it.event.seq)
        .with("at", |(_, it)| it.at)
        .done();
}

fn check_ins(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.check_ins.iter()).collect();
    writer
        .insert("check_in", &rows)
        .with("community_id", |(community, _)| *community)
        .with("member_id", |(_, it)| it.member.0)
        .with("day", |(_, it)| it.day)
        .with("seq", |(_, it)| it.event.seq)
        .with("points", |(_, it)| it.points)
        .done();
}

/// Numbers the rows of each event from 1, in the order they were made.
fn numbered<T>(rows: Vec<(i64, T)>, seq: impl Fn(&T) -> i64) -> Vec<(i64, i16, T)> {
    let mut next = std::collections::BTreeMap::new();
    let number = |(community, row): (i64, T)| {
        let ordinal: &mut i16 = next.entry(seq(&row)).or_default();
        *ordinal += 1;
        (community, *ordinal, row)
    };
    rows.into_iter().map(number).collect()
}

fn bonds(writer: &mut Writer<'_>, book: &Book) {
    let rows = numbered(rows(book, |fresh| fresh.bonds.iter()).collect(), |it| it.event.seq);
    writer
        .insert("bond", &rows)
        .with("community_id", |(community, ..)| *community)
        .with("seq", |(.., it)| it.event.seq)
        .with("ordinal", |(_, ordinal, _)| *ordinal)
        .with("member_id", |(.., it)| it.member.0)
        .with("inviter_id", |(.., it)| it.inviter.map(|inviter| inviter.0))
        .with("evidence", |(.., it)| it.evidence.word())
        .with("refused", |(.., it)| it.refused.as_deref())
        .with("reason", |(.., it)| it.reason.as_deref())
        .with("at", |(.., it)| it.at)
        .done();
}

fn decisions(writer: &mut Writer<'_>, book: &Book) {
    let rows = numbered(rows(book, |fresh| fresh.decisions.iter()).collect(), |it| it.event.seq);
    writer
        .insert("decision", &rows)
        .with("seq", |(.., it)| it.event.seq)
        .with("ordinal", |(_, ordinal, _)| *ordinal)
        .with("community_id", |(community, ..)| *community)
        .with("member_id", |(.., it)| it.member.map(|member| member.0))
        .with("order_id", |(.., it)| it.order.map(|order| order.0))
        .with("what", |(.., it)| it.what)
        .rarely("operator", &None, |(.., it)| it.operator.as_deref())
        .rarely("refused", &None, |(.., it)| it.refused.as_deref())
        .rarely("outcome", &None, |(.., it)| it.outcome.as_ref().map(Json))
        .rarely("before", &None, |(.., it)| it.effect.as_ref().map(effects::write))
        .with("at", |(.., it)| it.at)
        .done();
}

fn outbox(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = rows(book, |fresh| fresh.outbox.iter()).collect();
    let seal = writer.seal;
    let said = |community: i64, it: &crate::book::Outbound| {
        let name = it.to.as_ref().map(|to| to.name.as_str());
        let cell =
            SealedCell::outbox_body(CommunityId(community), it.account, it.event, it.ordinal);
        let wording = crate::store::outbox::Wording { name, manner: &it.manner, reply: &it.reply };
        seal.close(&cell, &wording)
    };
    writer
        .insert("outbox", &rows)
        .with("account_id", |(_, it)| it.account.0)
        .with("seq", |(_, it)| it.event.seq)
        .with("ordinal", |(_, it)| it.ordinal)
        .with("community_id", |(community, _)| *community)
        .with("chat_key", |(_, it)| it.chat.as_str())
        .with("to_key", |(_, it)| it.to.as_ref().map(|to| to.key.as_str()))
        .with("private", |(_, it)| it.to.as_ref().is_some_and(|to| to.private))
        .with("receipt", |(_, it)| it.reply.delivery().receipt == Receipt::Firm)
        .with("body", |(community, it)| said(*community, it))
        .with("at", |(_, it)| it.at)
        .rarely("due_at", &None, |(_, it)| it.due)
        .done();
}

fn review(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<(i64, (i64, i16), &ReviewLine)> = book
        .touched()
        .flat_map(|shop| {
            let community = shop.community.id.0;
            let rows = shop.review.added().chain(shop.review.changed());
            rows.map(move |(key, line)| (community, key, line))
        })
        .collect();
    let seal = writer.seal;
    writer
    .insert("review", &rows)
    .with("community_id", |(community, ..)| *community)
    .with("seq", |(_, key, _)| key.0)
    .with("ordinal", |(_, key, _)| key.1)
    .with("poster_id", |(.., it)| it.poster.0)
    .with("body", |(community, key, it)| {
        seal.close(&SealedCell::review_body(CommunityId(*community), key.0, key.1), it)
    })
    .with("settled", |(.., it)| it.settled)
    .with("until", |(.., it)| it.until)
    .upsert("on conflict on constraint review_key do update
         set poster_id = excluded.poster_id, until = excluded.until, body = excluded.body, settled = excluded.settled");
}
