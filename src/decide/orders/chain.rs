//! Chains (接龙): a shared numbered list that people extend and post again.
//!
//! The poster's own lines are taken at once. In a pasted chain one single new line is theirs whatever name
//! it bears, and that name is theirs from then on; new or changed lines under other names wait for the
//! leader, who is told once. A native chain names the author of each line: new lines are taken for their
//! authors (`vouched`), changed ones that the author did not post wait. A leader's own post is taken whole. A
//! line that says what its member already has changes nothing; a line that vanished is listed for the leader
//! and never cancelled: two people who post at once lose each other's lines.
//!
//! A remark (备注) goes with its line. A line that is known and has a new one counts as seen: from whoever
//! holds the line, or a leader, the remark is kept; from others it is not, for theirs may be an old copy.

mod review;
mod snapshot;
mod take;
pub mod undo;
mod vouched;

use crate::book::ctx::{Ctx, Decided, Stop};
use crate::book::{Needs, ReviewLine, Shop};
use crate::domain::ids::{AccountId, MemberId};
use crate::domain::intent::{self, ChainEntry, Intent, Role, Understood};
use crate::domain::name::look_alike;
use crate::domain::orders;
use crate::domain::orders::Recipient;
use crate::domain::reply::{Excess, Reply};

use crate::decide::ask;
use crate::decide::loyalty::tiers;
use crate::decide::orders::order;
use crate::decide::orders::order::apply::Touched;
use crate::decide::orders::order::plan::{Buyer, PlannedOrder};
use crate::decide::orders::restraint;
use crate::decide::people::blocking;
use crate::decide::views;
pub use review::{MAX_REVIEWED, review};
use snapshot::{Group, Units, bearer, groups, held, lines_of};

/// What deciding on a chain needs to know.
#[must_use]
pub fn needs(shop: &Shop, account: AccountId, entries: &[ChainEntry]) -> Needs {
    snapshot::needs(shop, account, &groups(entries))
}

/// A chain was posted.
///
/// # Errors
/// Missing facts; the refusals of an order, for the poster's own lines.
pub fn join_list(ctx: &mut Ctx<'_>, entries: &[ChainEntry]) -> Decided {
    let poster = ctx.member()?;
    ctx.member_row(poster)?;
    ctx.require_orders_of(poster)?;
    let groups = groups(entries);
    snapshot::require(ctx, &groups)?;
    vouched::enter(ctx, &groups)?;
    let standing = standing(ctx, poster, &groups);
    if ctx.role >= Role::Leader {
        return take_whole(ctx, poster, &standing, &groups);
    }
    let (own, others) = sort(ctx, poster, &standing);
    let (vouched, others) = vouched::sort(ctx, poster, others)?;
    let decided = take_own(ctx, poster, &own);
    if vouched.is_empty() && others.is_empty() {
        decided?;
    } else {
        // That one's own line is refused is no reason to overlook the others'.
        crate::decide::conclude(ctx, "take_chain_line", decided)?;
    }
    note_waiting(ctx, poster, &standing);
    let mut waiting = vouched::take(ctx, poster, &vouched);
    waiting.extend(others.iter().map(|group| put_up(ctx, poster, group)));
    if !waiting.is_empty() {
        ctx.record("put_up_chain", None, None);
        tell_waiting(ctx, poster, waiting);
    }
    if !blocking::is_blocked(ctx, poster) {
        list_gone(ctx, &groups);
    }
    Ok(())
}

/// Lines that are heard: of somebody who is blocked only those that say nothing new.
fn standing(ctx: &Ctx<'_>, poster: MemberId, groups: &[Group]) -> Vec<Group> {
    let is_heard = |group: &&Group| {
        blocking::may_stand(ctx, poster, group.author.as_deref()) || is_known(ctx, group)
    };
    groups.iter().filter(is_heard).cloned().collect()
}

/// The poster's own lines, and the new or changed ones of others.
fn sort(ctx: &Ctx<'_>, poster: MemberId, groups: &[Group]) -> (Vec<Group>, Vec<Group>) {
    let (mut own, rest): (Vec<_>, Vec<_>) =
        groups.iter().cloned().partition(|group| is_own(ctx, poster, group));
    let mut others: Vec<_> = rest.into_iter().filter(|group| !is_known(ctx, group)).collect();
    let one_is_new =
        matches!(&others[..], [only] if only.author.is_none() && snapshot::is_new(ctx, only));
    if one_is_new && changes(ctx, poster, &own).is_empty() {
        own.append(&mut others);
    }
    (own, others)
}

fn is_own(ctx: &Ctx<'_>, poster: MemberId, group: &Group) -> bool {
    let Some(row) = ctx.shop.members.get(poster) else { return false };
    match &group.author {
        Some(author) => *author == row.key,
        None => match snapshot::owner(ctx, group) {
            Some(owner) => owner == poster,
            None => look_alike(&group.who, &row.name),
        },
    }
}

/// Whether these lines say nothing new: as seen before, or as their member has ordered.
fn is_known(ctx: &Ctx<'_>, group: &Group) -> bool {
    let member = bearer(ctx, group);
    snapshot::is_seen(ctx, group)
        || member.is_some_and(|member| held(ctx, member, None, &group.units) == group.units)
}

/// What the poster's lines change: against what was taken of them before; goods never stated before
/// against what the poster has ordered otherwise. Stated under a further name they are more of the same.
fn changes(ctx: &Ctx<'_>, poster: MemberId, own: &[Group]) -> Units {
    let mut stated = snapshot::stated(ctx, poster);
    let mut changes = Units::new();
    for group in own {
        let mut base = held(ctx, poster, None, &group.units);
        base.retain(|goods, _| !stated.contains(goods));
        base.extend(snapshot::accepted(ctx, group));
        for (goods, by) in take::difference(&group.units, &base) {
            *changes.entry(goods).or_default() += by;
        }
        stated.extend(group.units.keys());
    }
    changes.retain(|_, by| *by != 0);
    changes
}

fn take_own(ctx: &mut Ctx<'_>, poster: MemberId, own: &[Group]) -> Decided {
    let changes = changes(ctx, poster, own);
    if let Some(question) = order::which_variant(ctx, &lines_of(&changes), |it| {
        Intent::Orders(orders::Intent::Order(it))
    }) {
        let intent = Intent::Ask(question.clone());
        let notes: Vec<_> = own.iter().flat_map(|group| &group.notes).collect();
        let note = intent::remark(&notes);
        return ask::ask(ctx, &question, &Understood { intent, for_whom: None, note });
    }
    let buyer = Buyer::of(poster);
    let plan = take::planned(ctx, buyer, &changes)?;
    if let Some(why) = restraint::excess(ctx, poster, &order::additions(&lines_of(&changes)))? {
        return ask_leader(ctx, own, &changes, why);
    }
    let touched = take::taken(ctx, plan);
    for group in own {
        take::keep_remarks(ctx, buyer, group, &touched);
        remember(ctx, poster, group, Some(poster));
    }
    if !changes.is_empty() {
        ask::clear(ctx, poster);
        order::answer(ctx, touched);
        take::say_sold_out(ctx, &changes);
    }
    Ok(())
}

/// What is beyond the bounds waits for a leader as any order does, and is placed as one: the same lines, posted
/// again, say nothing new then.
fn ask_leader(ctx: &mut Ctx<'_>, own: &[Group], changes: &Units, why: Excess) -> Decided {
    let more: Units =
        changes.iter().map(|(goods, by)| (*goods, *by)).filter(|it| it.1 > 0).collect();
    let notes: Vec<_> = own.iter().flat_map(|group| &group.notes).collect();
    let (intent, note) =
        (Intent::Orders(orders::Intent::Order(lines_of(&more))), intent::remark(&notes));
    restraint::ask_leader(ctx, &Understood { intent, for_whom: None, note }, why)
}

/// These lines are taken; goods that the person stated elsewhere stay as they were stated there.
fn remember(ctx: &mut Ctx<'_>, poster: MemberId, group: &Group, owner: Option<MemberId>) {
    let mut units = snapshot::accepted(ctx, group);
    let mut notes = snapshot::remarked(ctx, group);
    let key = snapshot::newest(ctx, group, true);
    let is_old = key.is_some()
        && group.units.iter().all(|(goods, qty)| units.get(goods) == Some(qty))
        && group.notes.iter().all(|note| notes.contains(note));
    if is_old {
        return;
    }
    units.extend(group.units.iter().map(|(goods, qty)| (*goods, *qty)));
    snapshot::add_notes(&mut notes, &group.notes);
    let row = row(ctx, poster, group, &units);
    write(ctx, key, ReviewLine { settled: Some(true), owner, notes, ..row });
}

/// Let lines wait for the leader.
fn put_up(ctx: &mut Ctx<'_>, poster: MemberId, group: &Group) -> String {
    let key = snapshot::newest(ctx, group, false);
    let row = row(ctx, poster, group, &group.units);
    write(ctx, key, row);
    text_of(ctx.shop, group)
}

/// Lines that still wait keep what their own poster remarks later.
fn note_waiting(ctx: &mut Ctx<'_>, poster: MemberId, groups: &[Group]) {
    for group in groups {
        let Some(key) = snapshot::newest(ctx, group, false) else { continue };
        let lacks = |row: &ReviewLine| {
            let waits = row.settled.is_none() && row.poster == poster;
            waits && group.notes.iter().any(|note| !row.notes.contains(note))
        };
        if ctx.shop.review.get(key).is_some_and(lacks)
            && let Some(row) = ctx.shop.review.edit(key)
        {
            snapshot::add_notes(&mut row.notes, &group.notes);
        }
    }
}

fn row(ctx: &Ctx<'_>, poster: MemberId, group: &Group, units: &Units) -> ReviewLine {
    ReviewLine {
        who: group.who.clone(),
        poster,
        lines: lines_of(units),
        settled: None,
        author: group.author.clone(),
        owner: None,
        gone: false,
        until: snapshot::last_closing(ctx.shop, units),
        notes: group.notes.clone(),
    }
}

fn write(ctx: &mut Ctx<'_>, key: Option<(i64, i16)>, row: ReviewLine) {
    if let Some(old) = key.and_then(|key| ctx.shop.review.edit(key)) {
        *old = row;
        return;
    }
    let seq = ctx.event.seq;
    let used = ctx.shop.review.iter().filter(|((of, _), _)| *of == seq).count();
    let ordinal = i16::try_from(used + 1).unwrap_or(i16::MAX);
    ctx.shop.review.add((seq, ordinal), row);
}

/// `小美: 阳光玫瑰×2, 饺子 韭菜鸡蛋×1`.
fn text(shop: &Shop, who: &str, units: &Units) -> String {
    let goods = units
        .iter()
        .map(|(&(offer, variant), qty)| format!("{}×{qty}", views::name_of(shop, offer, variant)));
    format!("{who}: {}", goods.collect::<Vec<_>>().join(", "))
}

/// The same with the remark: `小美: 阳光玫瑰×2 (放门卫)`.
fn text_of(shop: &Shop, group: &Group) -> String {
    let text = text(shop, &group.who, &group.units);
    match intent::remark(&group.notes) {
        Some(note) => format!("{text} ({note})"),
        None => text,
    }
}

fn list_gone(ctx: &mut Ctx<'_>, groups: &[Group]) {
    let mut lines = Vec::new();
    for (key, units) in snapshot::gone(ctx, groups) {
        if let Some(row) = ctx.shop.review.edit(key) {
            row.gone = true;
            let who = row.who.clone();
            lines.push(text(ctx.shop, &who, &units));
        }
    }
    if !lines.is_empty() {
        ctx.tell_leaders(&Reply::Orders(orders::Reply::ChainLinesGone { lines }));
    }
}

/// A leader's post: every line is taken into its member's basket, or into the leader's own for that
/// name. What cannot be taken (sold out, perhaps) waits.
fn take_whole(ctx: &mut Ctx<'_>, leader: MemberId, groups: &[Group], posted: &[Group]) -> Decided {
    let taken = take_groups(ctx, leader, groups)?;
    list_gone(ctx, posted);
    if taken.lines > 0 {
        ctx.say(Reply::Orders(orders::Reply::Reviewed { accepted: true, lines: taken.lines }));
    }
    if !taken.waiting.is_empty() {
        tell_waiting(ctx, leader, taken.waiting);
    }
    Ok(())
}

/// Leaders are shown lines that wait, and who posted them.
fn tell_waiting(ctx: &mut Ctx<'_>, poster: MemberId, lines: Vec<String>) {
    let posted_by = ctx.shop.members.get(poster).map(|row| row.name.clone());
    ctx.tell_leaders(&Reply::Orders(orders::Reply::ReviewWaiting { lines, posted_by }));
}

/// How many groups of lines were taken, and which could not be.
struct TakenGroups {
    lines: usize,
    waiting: Vec<String>,
}

fn take_groups(ctx: &mut Ctx<'_>, payer: MemberId, groups: &[Group]) -> Decided<TakenGroups> {
    let buyers = groups.iter().map(|group| owner_of(ctx, payer, group).unwrap_or(payer));
    tiers::require(ctx, buyers)?;
    for group in groups {
        // Nothing may be missing once the first group has been taken.
        if let Err(Stop::Missing(missing)) = plan_for(ctx, payer, group) {
            return Err(missing.into());
        }
    }
    let mut taken = TakenGroups { lines: 0, waiting: Vec::new() };
    for group in groups {
        let owner = owner_of(ctx, payer, group);
        let Ok((plan, changes)) = plan_for(ctx, payer, group) else {
            taken.waiting.push(put_up(ctx, payer, group));
            continue;
        };
        take_for(ctx, payer, group, plan);
        if !changes.is_empty() {
            take::say_sold_out(ctx, &changes);
            taken.lines += 1;
        }
        remember(ctx, payer, group, owner);
    }
    Ok(taken)
}

fn owner_of(ctx: &Ctx<'_>, payer: MemberId, group: &Group) -> Option<MemberId> {
    let seen = snapshot::owner(ctx, group).or_else(|| bearer(ctx, group));
    seen.or_else(|| is_own(ctx, payer, group).then_some(payer))
}

/// A name that exactly one member bears is that member's; else the payer orders for that name.
fn buyer_of<'g>(ctx: &Ctx<'_>, payer: MemberId, group: &'g Group) -> Buyer<'g> {
    let owner = owner_of(ctx, payer, group);
    let for_whom = owner.is_none().then_some(Recipient { name: &group.who, key: None });
    Buyer { for_whom, ..Buyer::of(owner.unwrap_or(payer)) }
}

/// What their lines change, checked.
fn plan_for<'g>(
    ctx: &Ctx<'_>,
    payer: MemberId,
    group: &'g Group,
) -> Decided<(PlannedOrder<'g>, Units)> {
    let buyer = buyer_of(ctx, payer, group);
    ctx.member_row(buyer.member)?;
    let mut base = held(ctx, buyer.member, buyer.for_whom, &group.units);
    base.extend(snapshot::accepted(ctx, group));
    let changes = take::difference(&group.units, &base);
    let plan = take::planned(ctx, buyer, &changes)?;
    Ok((plan, changes))
}

/// Take what was planned for them, with their remarks.
fn take_for(
    ctx: &mut Ctx<'_>,
    payer: MemberId,
    group: &Group,
    plan: PlannedOrder<'_>,
) -> Vec<Touched> {
    let buyer = buyer_of(ctx, payer, group);
    let touched = take::taken(ctx, plan);
    take::keep_remarks(ctx, buyer, group, &touched);
    touched
}

#[cfg(test)]
mod remark_tests;
#[cfg(test)]
mod tests;
