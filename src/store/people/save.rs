//! Communities' own rows, and members.

use crate::book::Book;
use crate::domain::groups::Community;
use crate::domain::ids::CommunityId;
use crate::domain::name::name_key;
use crate::domain::people::Member;
use crate::store::seal::SealedCell;
use crate::store::words::Stored;

use crate::store::save::{RowCount, Writer};

/// Write communities whose terms changed.
pub(in crate::store) fn communities(writer: &mut Writer<'_>, book: &Book) {
    let changed = book.touched().filter(|shop| shop.community_changed);
    let changed: Vec<_> = changed.map(|shop| &shop.community).collect();
    if !changed.is_empty() {
        terms(writer, &changed);
    }
}

fn terms(writer: &mut Writer<'_>, rows: &[&Community]) {
    writer.part(
        "update community c
         set name = n.name, locale = n.locale, time_zone = n.time_zone, currency = n.currency,
             policy_version = n.policy_version, account_id = n.account_id, chat_key = n.chat_key
         from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[],
                     $8::int[], $9::text[])
            as n (community_id, name, locale, time_zone, currency, policy_version,
                  account_id, chat_key), lateral (
            select ctid from community where lane = $1 and community_id = n.community_id offset 0) as spot
         where c.lane = $1 and c.ctid = spot.ctid", RowCount::Exactly(rows.len()))
    .bind(rows.iter().map(|row| row.id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.locale.word()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.time_zone.name()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.currency.code()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.policy_version).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.account.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.chat.as_deref()).collect::<Vec<_>>());
}

/// Write which chats belong to communities that were linked, moved or unlinked. A chat that was left
/// behind by moving still belongs to its community: what was said there may arrive late.
pub(in crate::store) fn chats(writer: &mut Writer<'_>, book: &Book) {
    for shop in book.touched().filter(|shop| shop.chat_changed) {
        let community = &shop.community;
        match &community.chat {
            Some(chat) => writer
                .part(
                    "insert into chat (lane, community_id, account_id, chat_key) values ($1, $2, $3, $4)
                     on conflict on constraint chat_pk do update set community_id = excluded.community_id",
                    RowCount::Exactly(1),
                )
                .bind(community.id.0)
                .bind(community.account.0)
                .bind(chat),
            None => writer
                .part("delete from chat where lane = $1 and community_id = $2", RowCount::Any)
                .bind(community.id.0),
        };
    }
}

/// Write new and changed members. A member's number, account and code never change; the platform's id of
/// them only when they are erased.
pub(in crate::store) fn members(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<(i64, &Member)> = book
        .touched()
        .flat_map(|shop| {
            let community = shop.community.id.0;
            let rows = shop.members.added().chain(shop.members.changed());
            rows.map(move |(_, member)| (community, member))
        })
        .collect();
    let seal = writer.seal;
    let bond = |member: &Member| member.bond;
    writer
    .insert("member", &rows)
    .with("community_id", |(community, _)| *community)
    .with("member_id", |(_, it)| it.id.0)
    .with("account_id", |(_, it)| it.account.0)
    .with("user_key", |(_, it)| it.key.as_str())
    .with("name", |(_, it)| it.name.as_str())
    .with("name_key", |(_, it)| name_key(&it.name))
    .with("role", |(_, it)| it.role.word())
    .with("present", |(_, it)| it.present)
    .with("founding", |(_, it)| it.founding)
    .with("promoter", |(_, it)| it.promoter)
    .with("joined_at", |(_, it)| it.joined_at)
    .with("inviter_id", |(_, it)| bond(it).map(|bond| bond.inviter.0))
    .with("evidence", |(_, it)| bond(it).map(|bond| bond.evidence.word()))
    .with("bound_at", |(_, it)| bond(it).map(|bond| bond.since))
    .with("claim_id", |(_, it)| it.claim.map(|claim| claim.0))
    .with("asked_by_id", |(_, it)| it.asked_by.map(|asker| asker.0))
    .with("code", |(_, it)| it.code.as_str())
    .with("first_paid_at", |(_, it)| it.first_paid_at)
    .with("streak_from", |(_, it)| it.streak.map(|streak| streak.from))
    .with("streak_to", |(_, it)| it.streak.map(|streak| streak.to))
    .with("question", |(community, it)| {
        let cell = SealedCell::question(CommunityId(*community), it.id);
        it.question.as_ref().map(|it| seal.close(&cell, it))
    })
    .rarely("request", &None, |(community, it)| {
        let cell = SealedCell::request(CommunityId(*community), it.id);
        it.request.as_ref().map(|it| seal.close(&cell, it))
    })
    .rarely("blocked_at", &None, |(_, it)| it.blocked_at)
    .with("shares_waiting", |(_, it)| it.shares_waiting)
    .with("private", |(community, it)| {
        let cell = SealedCell::member_private(CommunityId(*community), it.id);
        (!it.private.is_empty()).then(|| seal.close(&cell, &it.private))
    })
    .upsert("on conflict on constraint member_key do update
         set user_key = excluded.user_key, name = excluded.name, name_key = excluded.name_key, role = excluded.role, present = excluded.present,
             promoter = excluded.promoter, inviter_id = excluded.inviter_id, evidence = excluded.evidence,
             bound_at = excluded.bound_at, claim_id = excluded.claim_id, asked_by_id = excluded.asked_by_id,
             first_paid_at = excluded.first_paid_at, streak_from = excluded.streak_from,
             streak_to = excluded.streak_to, question = excluded.question, request = excluded.request,
             shares_waiting = excluded.shares_waiting, private = excluded.private, blocked_at = excluded.blocked_at");
}
