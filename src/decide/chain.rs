//! Chains (接龙): a shared numbered list that people extend and post again.
//!
//! The poster's own lines are taken at once; one single new line is theirs whatever name it bears, and
//! that name is theirs from then on. New or changed lines under other names wait for the leader, who
//! is told once. A leader's own post is taken whole. A line that says what its member already has changes
//! nothing; a line that vanished is listed for the leader and never cancelled: two people who post at
//! once lose each other's lines.

mod snapshot;
mod take;

use crate::book::desk::{Decided, Desk, Stop};
use crate::book::{Missing, Need, Needs, ReviewLine, Shop};
use crate::domain::ids::{AccountId, MemberId};
use crate::domain::intent::{ChainEntry, Intent, Role, Understood};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;

use super::order::plan::Buyer;
use super::{ask, order, views};
use snapshot::{Group, Units, bearer, groups, held, lines_of, named, record, units_of};

/// The most waiting lines that one command takes or drops; the next command takes the rest.
pub const MAX_REVIEWED: usize = 30;

/// What deciding on a chain needs to know.
#[must_use]
pub fn needs(shop: &Shop, account: AccountId, entries: &[ChainEntry]) -> Needs {
    snapshot::needs(shop, account, entries)
}

/// A chain was posted.
///
/// # Errors
/// Missing facts; the refusals of an order, for the poster's own lines.
pub fn join_list(desk: &mut Desk<'_>, entries: &[ChainEntry]) -> Decided {
    let poster = desk.member()?;
    desk.member_row(poster)?;
    desk.require_orders_of(poster)?;
    snapshot::require(desk, entries)?;
    let groups = groups(entries);
    if desk.role >= Role::Leader {
        return take_whole(desk, poster, &groups);
    }
    let (own, others) = sort(desk, poster, &groups);
    take_own(desk, poster, &own)?;
    let waiting = others.iter().map(|group| put_up(desk, poster, group)).collect::<Vec<_>>();
    if !waiting.is_empty() {
        desk.tell_leaders(&Reply::ReviewWaiting { lines: waiting });
    }
    list_gone(desk, &groups);
    Ok(())
}

/// The poster's own lines, and the new or changed ones of others.
fn sort(desk: &Desk<'_>, poster: MemberId, groups: &[Group]) -> (Vec<Group>, Vec<Group>) {
    let (mut own, rest): (Vec<_>, Vec<_>) =
        groups.iter().cloned().partition(|group| is_own(desk, poster, group));
    let mut others: Vec<_> = rest.into_iter().filter(|group| !is_known(desk, group)).collect();
    let own_is_old = own.iter().all(|group| change(desk, poster, group, true).is_empty());
    if let [only] = &others[..] {
        let is_new = only.author.is_none() && record(desk, &only.who).is_none();
        if is_new && own_is_old {
            own.append(&mut others);
        }
    }
    (own, others)
}

fn is_own(desk: &Desk<'_>, poster: MemberId, group: &Group) -> bool {
    let Some(row) = desk.shop.members.get(poster) else { return false };
    match &group.author {
        Some(author) => *author == row.key,
        None => {
            let earlier = record(desk, &group.who).and_then(|(_, row)| row.owner);
            earlier.map_or(group.who == row.name, |owner| owner == poster)
        }
    }
}

/// Whether these lines say nothing new: as seen before, or as their member has ordered.
fn is_known(desk: &Desk<'_>, group: &Group) -> bool {
    if record(desk, &group.who).is_some_and(|(_, row)| units_of(&row.lines) == group.units) {
        return true;
    }
    let member = bearer(desk, group);
    member.is_some_and(|member| held(desk, member, None, &group.units) == group.units)
}

/// What the poster's lines change: against the last snapshot, else (for a `first` statement) against
/// what they have; a further name of theirs adds.
fn change(desk: &Desk<'_>, poster: MemberId, group: &Group, first: bool) -> Units {
    let base = match record(desk, &group.who) {
        Some((_, row)) => units_of(&row.lines),
        None if first => held(desk, poster, None, &group.units),
        None => Units::new(),
    };
    take::difference(&group.units, &base)
}

fn take_own(desk: &mut Desk<'_>, poster: MemberId, own: &[Group]) -> Decided {
    let mut first = !desk.shop.review.values().any(|row| row.owner == Some(poster));
    let mut difference = Units::new();
    for group in own {
        for (key, by) in change(desk, poster, group, first) {
            *difference.entry(key).or_default() += by;
        }
        first = false;
    }
    if let Some(question) = order::which_variant(desk, &lines_of(&difference), Intent::Order) {
        let intent = Intent::Ask(question.clone());
        return ask::ask(desk, &question, &Understood { intent, for_whom: None, note: None });
    }
    if !difference.is_empty() {
        let buyer = Buyer { member: poster, for_whom: None, note: None };
        let plan = take::planned(desk, buyer, &difference)?;
        let touched = take::taken(desk, plan, &difference);
        ask::clear(desk, poster);
        order::answer(desk, touched);
    }
    for group in own {
        note(desk, poster, group, Some(true), Some(poster));
    }
    Ok(())
}

/// Remember what a snapshot showed under a name.
fn note(
    desk: &mut Desk<'_>,
    poster: MemberId,
    group: &Group,
    settled: Option<bool>,
    owner: Option<MemberId>,
) {
    let row = ReviewLine {
        who: group.who.clone(),
        poster,
        lines: lines_of(&group.units),
        settled,
        owner,
        gone: false,
        until: snapshot::last_closing(desk.shop, &group.units),
    };
    match record(desk, &group.who).map(|(key, old)| (key, *old == row)) {
        Some((_, true)) => {}
        Some((key, false)) => {
            if let Some(old) = desk.shop.review.edit(key) {
                *old = row;
            }
        }
        None => {
            let seq = desk.event.seq;
            let used = desk.shop.review.iter().filter(|((of, _), _)| *of == seq).count();
            let ordinal = i16::try_from(used + 1).unwrap_or(i16::MAX);
            desk.shop.review.add((seq, ordinal), row);
        }
    }
}

/// Let lines wait for the leader.
fn put_up(desk: &mut Desk<'_>, poster: MemberId, group: &Group) -> String {
    note(desk, poster, group, None, None);
    text(desk.shop, &group.who, &group.units)
}

/// `小美: 阳光玫瑰×2, 饺子 韭菜鸡蛋×1`.
fn text(shop: &Shop, who: &str, units: &Units) -> String {
    let goods = units
        .iter()
        .map(|(&(offer, variant), qty)| format!("{}×{qty}", views::name_of(shop, offer, variant)));
    format!("{who}: {}", goods.collect::<Vec<_>>().join(", "))
}

fn list_gone(desk: &mut Desk<'_>, groups: &[Group]) {
    let mut lines = Vec::new();
    for key in snapshot::gone(desk, groups) {
        if let Some(row) = desk.shop.review.edit(key) {
            row.gone = true;
            let (who, units) = (row.who.clone(), units_of(&row.lines));
            lines.push(text(desk.shop, &who, &units));
        }
    }
    if !lines.is_empty() {
        desk.tell_leaders(&Reply::ChainLinesGone { lines });
    }
}

/// A leader's post: every line is taken into its member's basket, or into the leader's own for that
/// name. What cannot be taken (sold out, perhaps) waits.
fn take_whole(desk: &mut Desk<'_>, leader: MemberId, groups: &[Group]) -> Decided {
    let taken = take_groups(desk, leader, groups)?;
    list_gone(desk, groups);
    if taken.lines > 0 {
        desk.say(Reply::Reviewed { accepted: true, lines: taken.lines });
    }
    if !taken.waiting.is_empty() {
        desk.tell_leaders(&Reply::ReviewWaiting { lines: taken.waiting });
    }
    Ok(())
}

/// How many groups of lines were taken, and which could not be.
struct Taken {
    lines: usize,
    waiting: Vec<String>,
}

fn take_groups(desk: &mut Desk<'_>, payer: MemberId, groups: &[Group]) -> Decided<Taken> {
    for group in groups {
        // Nothing may be missing once the first group has been taken.
        if let Err(Stop::Missing(missing)) = plan_for(desk, payer, group) {
            return Err(missing.into());
        }
    }
    let mut taken = Taken { lines: 0, waiting: Vec::new() };
    for group in groups {
        let owner = bearer(desk, group).or_else(|| is_own(desk, payer, group).then_some(payer));
        let Ok((plan, difference)) = plan_for(desk, payer, group) else {
            taken.waiting.push(put_up(desk, payer, group));
            continue;
        };
        if !difference.is_empty() {
            take::taken(desk, plan, &difference);
            taken.lines += 1;
        }
        note(desk, payer, group, Some(true), owner);
    }
    Ok(taken)
}

/// A name that exactly one member bears is that member's; else the payer orders for that name.
fn plan_for<'g>(
    desk: &Desk<'_>,
    payer: MemberId,
    group: &'g Group,
) -> Decided<(order::plan::Plan<'g>, Units)> {
    let member = bearer(desk, group).or_else(|| is_own(desk, payer, group).then_some(payer));
    let for_whom = member.is_none().then_some(group.who.as_str());
    let member = member.unwrap_or(payer);
    desk.member_row(member)?;
    let seen = record(desk, &group.who).filter(|(_, row)| row.settled == Some(true));
    let base = seen.map_or_else(
        || held(desk, member, for_whom, &group.units),
        |(_, row)| units_of(&row.lines),
    );
    let difference = take::difference(&group.units, &base);
    let buyer = Buyer { member, for_whom, note: None };
    let plan = take::planned(desk, buyer, &difference)?;
    Ok((plan, difference))
}

/// The leader takes the lines waiting for review, or drops them.
///
/// # Errors
/// Missing facts; [`Refusal::NothingToReview`].
pub fn review(desk: &mut Desk<'_>, accept: bool) -> Decided {
    if !desk.shop.known.review {
        return Err(Missing(Need::Review).into());
    }
    let waiting = desk.shop.review.iter().filter(|(_, row)| row.settled.is_none());
    let waiting: Vec<_> =
        waiting.take(MAX_REVIEWED).map(|(key, row)| (*key, row.clone())).collect();
    if waiting.is_empty() {
        return Err(Refusal::NothingToReview.into());
    }
    let taken = if accept { accept_lines(desk, &waiting)? } else { drop_lines(desk, &waiting) };
    desk.record(if accept { "accept_chain" } else { "drop_chain" }, None, None);
    desk.say(Reply::Reviewed { accepted: accept, lines: taken.lines });
    if !taken.waiting.is_empty() {
        desk.tell_leaders(&Reply::ReviewWaiting { lines: taken.waiting });
    }
    Ok(())
}

type Waiting = ((i64, i16), ReviewLine);

fn accept_lines(desk: &mut Desk<'_>, waiting: &[Waiting]) -> Decided<Taken> {
    let group = |row: &ReviewLine| Group {
        who: row.who.clone(),
        author: None,
        units: units_of(&row.lines),
    };
    for (_, row) in waiting {
        let closing = row.lines.iter().filter_map(|line| desk.shop.offers.get(line.offer));
        for offer in closing {
            if !desk.shop.known.closing.contains(&offer.closes_at) {
                return Err(Missing(Need::Closing(offer.closes_at)).into());
            }
        }
        if !desk.shop.known.names.contains_key(&row.who) {
            return Err(Missing(Need::Name(row.who.clone())).into());
        }
        desk.member_row(row.poster)?;
        if let Err(Stop::Missing(missing)) = plan_for(desk, row.poster, &group(row)) {
            return Err(missing.into());
        }
    }
    let mut taken = Taken { lines: 0, waiting: Vec::new() };
    for (key, row) in waiting {
        let group = group(row);
        match plan_for(desk, row.poster, &group) {
            Ok((plan, difference)) => {
                take::taken(desk, plan, &difference);
                let owner = named(desk.shop, &row.who);
                settle(desk, *key, true, owner);
                taken.lines += 1;
            }
            Err(_) => taken.waiting.push(text(desk.shop, &row.who, &group.units)),
        }
    }
    Ok(taken)
}

fn drop_lines(desk: &mut Desk<'_>, waiting: &[Waiting]) -> Taken {
    for (key, _) in waiting {
        settle(desk, *key, false, None);
    }
    Taken { lines: waiting.len(), waiting: Vec::new() }
}

fn settle(desk: &mut Desk<'_>, key: (i64, i16), accepted: bool, owner: Option<MemberId>) {
    if let Some(row) = desk.shop.review.edit(key) {
        row.settled = Some(accepted);
        row.owner = owner;
    }
}

#[cfg(test)]
mod tests;
