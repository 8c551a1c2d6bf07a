//! Members, everybody above them, and what they are owed.

use std::collections::BTreeSet;

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};

use crate::book::{Book, Need, Shop};
use crate::domain::event::Evidence;
use crate::domain::ids::{AccountId, CommunityId, MemberId};
use crate::domain::intent::Role;
use crate::domain::ledger::AccountNo;
use crate::domain::name::name_key;
use crate::domain::people::{Bond, Member, Private, Streak};
use crate::store::seal::SealedCell;
use crate::store::sql::Union;
use crate::store::words::Stored;
use crate::store::{Seal, StoreError, chart};

use crate::store::load::{LaneReader, WantedFacts};

/// People, by what platforms call them …
const BY_KEY: &str = "
    select m.* from unnest($2::bigint[], $3::int[], $4::text[]) as n (community_id, account_id, user_key), lateral (
        select * from member where lane = $1 and community_id = n.community_id
            and account_id = n.account_id and user_key = n.user_key offset 0) m";

/// … by the keys of their names …
const BY_NAME: &str = "
    select m.* from unnest($2::bigint[], $3::text[]) as n (community_id, name_key), lateral (
        select * from member where lane = $1 and community_id = n.community_id and name_key = n.name_key offset 0) m";

/// … and by invite code.
const BY_CODE: &str = "
    select m.* from unnest($2::bigint[], $3::text[]) as n (community_id, code), lateral (
        select * from member where lane = $1 and community_id = n.community_id and code = n.code offset 0) m";

/// These people and whoever brought them.
const PAIRS: &str = "
    select m.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id), lateral (
        select * from member where lane = $1 and community_id = n.community_id and member_id = n.member_id offset 0) m
    union all
    select up.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id), lateral (
        select inviter_id from member
        where lane = $1 and community_id = n.community_id and member_id = n.member_id offset 0) m, lateral (
        select * from member where lane = $1 and community_id = n.community_id and member_id = m.inviter_id offset 0) up";

/// These people and everybody above them: the chain that a new bond must not close. Only keys are compared,
/// so that nobody is found twice.
const ABOVE: &str = "
    with recursive found as (
        select f.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id), lateral (
            select community_id, member_id, inviter_id from member
            where lane = $1 and community_id = n.community_id and member_id = n.member_id offset 0) f
        union
        select up.* from found f, lateral (
            select community_id, member_id, inviter_id from member
            where lane = $1 and community_id = f.community_id and member_id = f.inviter_id offset 0) up
    ) select m.* from found f, lateral (
        select * from member where lane = $1 and community_id = f.community_id and member_id = f.member_id offset 0) m";

/// Put the leaders of these communities into the book.
pub(in crate::store) async fn leaders(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    ids: &[CommunityId],
) -> Result<(), StoreError> {
    let keys: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query(
        "select m.* from member m
         where m.lane = $1 and m.community_id = any($2) and m.role <> 'member'",
    )
    .bind(reader.lane.0)
    .bind(keys)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    put_members(reader, book, &rows).await?;
    for id in ids {
        if let Some(shop) = book.shops.get_mut(id) {
            shop.known.leaders = true;
        }
    }
    Ok(())
}

/// What is asked about people, as columns.
#[derive(Default)]
struct AskedPeople {
    keys: (Vec<i64>, Vec<i32>, Vec<String>),
    ids: (Vec<i64>, Vec<i64>),
    names: (Vec<i64>, Vec<String>),
    codes: (Vec<i64>, Vec<String>),
}

impl AskedPeople {
    fn of(book: &Book, wanted: &WantedFacts) -> Self {
        let mut asked = Self::default();
        for (community, needs) in wanted {
            let Some(shop) = book.shops.get(community) else { continue };
            for need in needs {
                asked.add(shop, need);
            }
        }
        asked
    }

    fn add(&mut self, shop: &Shop, need: &Need) {
        let community = shop.community.id.0;
        match need {
            Need::Person(account, key)
                if !shop.known.keys.contains_key(&(*account, key.clone())) =>
            {
                self.keys.0.push(community);
                self.keys.1.push(account.0);
                self.keys.2.push(key.clone());
            }
            Need::Member(id) if !shop.members.contains(*id) => {
                self.ids.0.push(community);
                self.ids.1.push(id.0);
            }
            Need::Name(name) if !shop.known.names.contains_key(name) => {
                self.names.0.push(community);
                self.names.1.push(name.clone());
            }
            Need::Code(code) if !shop.known.codes.contains_key(code) => {
                self.codes.0.push(community);
                self.codes.1.push(code.clone());
            }
            _ => {}
        }
    }
}

/// Put everybody whom this batch names into the book, and remember who does not exist.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let asked = AskedPeople::of(book, wanted);
    if !asked.ids.0.is_empty() {
        by_number(reader, book, ABOVE, asked.ids.0, asked.ids.1).await?;
    }
    let mut union = Union::new(reader.lane);
    if !asked.keys.0.is_empty() {
        union.ask(BY_KEY).bind(&asked.keys.0).bind(&asked.keys.1).bind(&asked.keys.2);
    }
    if !asked.names.0.is_empty() {
        union.ask(BY_NAME).bind(&asked.names.0).bind(&asked.names.1);
    }
    if !asked.codes.0.is_empty() {
        union.ask(BY_CODE).bind(&asked.codes.0).bind(&asked.codes.1);
    }
    if !union.is_empty() {
        let rows = union.fetch(reader.db).await?;
        reader.statements += 1;
        put_members(reader, book, &rows).await?;
    }
    for (community, needs) in wanted {
        let Some(shop) = book.shops.get_mut(community) else { continue };
        for need in needs {
            remember(shop, need);
        }
    }
    Ok(())
}

/// What was asked for is known now, be it absent.
fn remember(shop: &mut Shop, need: &Need) {
    match need {
        Need::Person(account, key) => {
            shop.known.keys.entry((*account, key.clone())).or_insert(None);
        }
        Need::Code(code) if !shop.known.codes.contains_key(code) => {
            let owner = shop.members.values().find(|member| member.code == *code);
            let owner = owner.map(|member| member.id);
            shop.known.codes.insert(code.clone(), owner);
        }
        Need::Name(key) if !shop.known.names.contains_key(key) => {
            let bears = |member: &&Member| name_key(&member.name) == *key;
            let bearers: BTreeSet<_> =
                shop.members.values().filter(bears).map(|member| member.id).collect();
            shop.known.names.insert(key.clone(), bearers);
        }
        _ => {}
    }
}

/// Put people into the book, and the two above each, who may earn from what they buy. Whoever is asked for
/// beyond them is loaded by number, with everybody above.
async fn put_members(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    rows: &[PgRow],
) -> Result<(), StoreError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.push(put_member(book, reader.seal, row)?);
    }
    let absent = |(community, member): &(CommunityId, MemberId)| {
        let shop = book.shops.get(community)?;
        let first = shop.members.get(*member)?.bond?.inviter;
        let Some(inviter) = shop.members.get(first) else { return Some((community.0, first.0)) };
        let second = inviter.bond?.inviter;
        (!shop.members.contains(second)).then_some((community.0, second.0))
    };
    let above: BTreeSet<_> = found.iter().filter_map(absent).collect();
    if above.is_empty() {
        return Ok(());
    }
    let (communities, members) = above.into_iter().unzip();
    by_number(reader, book, PAIRS, communities, members).await
}

/// Put these people into the book, and those above them that the query finds.
async fn by_number(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    query: &'static str,
    communities: Vec<i64>,
    members: Vec<i64>,
) -> Result<(), StoreError> {
    let rows = sqlx::query(query)
        .bind(reader.lane.0)
        .bind(communities)
        .bind(members)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    rows.iter().try_for_each(|row| put_member(book, reader.seal, row).map(|_| ()))
}

/// Put one into the book.
fn put_member(
    book: &mut Book,
    seal: &Seal,
    row: &PgRow,
) -> Result<(CommunityId, MemberId), StoreError> {
    let member = member(seal, row)?;
    let shop = crate::store::load::shop(book, row.try_get("community_id")?)?;
    let id = member.id;
    shop.known.keys.insert((member.account, member.key.clone()), Some(id));
    shop.members.load(id, member);
    Ok((shop.community.id, id))
}

fn member(seal: &Seal, row: &PgRow) -> Result<Member, StoreError> {
    let evidence: Option<&str> = row.try_get("evidence")?;
    let bond = match (row.try_get("inviter_id")?, evidence, row.try_get("bound_at")?) {
        (Some(inviter), Some(evidence), Some(since)) => Some(Bond {
            inviter: MemberId(inviter),
            evidence: Evidence::from_word(evidence)?,
            since,
        }),
        _ => None,
    };
    let streak = match (row.try_get("streak_from")?, row.try_get("streak_to")?) {
        (Some(from), Some(to)) => Some(Streak { from, to }),
        _ => None,
    };
    let (community, id) =
        (CommunityId(row.try_get("community_id")?), MemberId(row.try_get("member_id")?));
    let question: Option<&[u8]> = row.try_get("question")?;
    let question = question.map(|sealed| seal.open(&SealedCell::question(community, id), sealed));
    let private: Option<&[u8]> = row.try_get("private")?;
    let request: Option<&[u8]> = row.try_get("request")?;
    let request = request.map(|sealed| seal.open(&SealedCell::request(community, id), sealed));
    let private = private.map_or(Ok(Private::default()), |sealed| {
        seal.open(&SealedCell::member_private(community, id), sealed)
    });
    Ok(Member {
        id,
        account: AccountId(row.try_get("account_id")?),
        key: row.try_get("user_key")?,
        name: row.try_get("name")?,
        role: Role::from_word(row.try_get("role")?)?,
        present: row.try_get("present")?,
        founding: row.try_get("founding")?,
        promoter: row.try_get("promoter")?,
        joined_at: row.try_get("joined_at")?,
        bond,
        claim: row.try_get::<Option<i64>, _>("claim_id")?.map(MemberId),
        asked_by: row.try_get::<Option<i64>, _>("asked_by_id")?.map(MemberId),
        code: row.try_get("code")?,
        first_paid_at: row.try_get("first_paid_at")?,
        streak,
        question: question.transpose()?,
        request: request.transpose()?,
        shares_waiting: row.try_get("shares_waiting")?,
        blocked_at: row.try_get("blocked_at")?,
        private: private?,
    })
}

/// Put the balances of these members into the book.
pub(in crate::store) async fn balances(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let (mut communities, mut members) = (Vec::new(), Vec::new());
    for (community, needs) in wanted {
        let Some(shop) = book.shops.get_mut(community) else { continue };
        for need in needs {
            if let Need::Balances(id) = need
                && shop.known.balances_of.insert(*id)
            {
                communities.push(community.0);
                members.push(id.0);
            }
        }
    }
    if communities.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "select b.community_id, b.account_no, b.currency, b.amount
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id), lateral (
            select * from balance where lane = $1 and community_id = n.community_id
                and {} offset 0) b",
        chart::is_of("account_no", "n.member_id")
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(reader.lane.0)
        .bind(communities)
        .bind(members)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    for row in &rows {
        let shop = crate::store::load::shop(book, row.try_get(0)?)?;
        let (account, currency): (_, &str) = (AccountNo::stored(row.try_get(1)?), row.try_get(2)?);
        // Earlier events of this batch may have posted already.
        let posted = shop.fresh.postings.get(&(account, currency.to_owned()));
        shop.balances.set(account, currency, row.try_get::<i64, _>(3)? + posted.unwrap_or(&0));
    }
    Ok(())
}
