//! A chain as posted, sorted by person, and compared with what is known of each.
//!
//! Every post is a full snapshot. One person may hold several lines; what counts is what they add up to.
//! Known is what earlier snapshots showed (the review table) and what members have in live orders.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Missing, Need, Needs, ReviewLine, Shop};
use crate::decide::orders::order::apply::MAX_NOTES;
use crate::domain::catalog::Offer;
use crate::domain::ids::{AccountId, MemberId, OfferId};
use crate::domain::intent::{ChainEntry, Op, WantedLine};
use crate::domain::name::{name_key, shown_name};
use crate::domain::orders::{Order, OrderState, Recipient};
use crate::domain::time::Timestamp;

/// The most people of one chain; what is beyond is not read.
pub(super) const MAX_GROUPS: usize = 300;

/// Goods: an offer and its variant.
pub(super) type OfferedGoods = (OfferId, Option<u16>);

/// Units by goods.
pub(super) type Units = BTreeMap<OfferedGoods, i64>;

/// All lines of one person.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The name on them.
    pub(super) who: String,
    /// The platform id, where the chain is native.
    pub(super) author: Option<String>,
    /// What they add up to.
    pub(super) units: Units,
    /// The remarks on them, each once; at most [`MAX_NOTES`].
    pub(super) notes: Vec<String>,
}

/// The lines by person, in order of their first line. Bare names order nothing.
pub(super) fn groups(entries: &[ChainEntry]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for entry in entries.iter().filter(|entry| !entry.lines.is_empty()) {
        let who = shown_name(&entry.who, "?");
        let same = |it: &&mut Group| match (&it.author, &entry.author) {
            (None, None) => it.who == who,
            (mine, theirs) => mine == theirs,
        };
        let units = units_of(&entry.lines);
        if let Some(group) = groups.iter_mut().find(same) {
            for (goods, qty) in units {
                *group.units.entry(goods).or_default() += qty;
            }
            add_notes(&mut group.notes, entry.note.as_slice());
        } else if groups.len() < MAX_GROUPS {
            let notes = entry.note.clone().into_iter().collect();
            groups.push(Group { who, author: entry.author.clone(), units, notes });
        }
    }
    groups
}

/// Add remarks that are not there yet.
pub(super) fn add_notes(notes: &mut Vec<String>, more: &[String]) {
    for note in more {
        if notes.len() < MAX_NOTES && !notes.contains(note) {
            notes.push(note.clone());
        }
    }
}

/// What lines add up to.
pub(super) fn units_of(lines: &[WantedLine]) -> Units {
    let mut units = Units::new();
    for line in lines {
        *units.entry((line.offer, line.variant)).or_default() += i64::from(line.qty.unwrap_or(1));
    }
    units
}

/// The same as lines.
pub(super) fn lines_of(units: &Units) -> Vec<WantedLine> {
    let line = |(&(offer, variant), &qty): (&OfferedGoods, &i64)| WantedLine {
        offer,
        variant,
        qty: u32::try_from(qty).ok(),
        op: Op::Add,
    };
    units.iter().map(line).collect()
}

/// What comparing a chain needs to know.
pub(super) fn needs(shop: &Shop, account: AccountId, groups: &[Group]) -> Needs {
    let of_groups = groups.iter().flat_map(|group| needs_of(shop, account, group));
    of_groups.chain([Need::Review]).collect()
}

fn needs_of(shop: &Shop, account: AccountId, group: &Group) -> Needs {
    let of_name = Need::Name(name_key(&group.who));
    let person = match &group.author {
        Some(author) => {
            let key = (account, author.clone());
            let is_stranger = shop.known.keys.get(&key) == Some(&None);
            vec![Need::Person(account, key.1)]
                .into_iter()
                .chain(is_stranger.then_some(of_name))
                .collect()
        }
        None => vec![of_name],
    };
    closings(shop, &group.units).map(Need::Closing).chain(person).collect()
}

fn closings(shop: &Shop, units: &Units) -> impl Iterator<Item = Timestamp> {
    units.keys().filter_map(|(id, _)| shop.offers.get(*id)).map(Offer::baskets_of)
}

/// Make sure of everything in [`needs`].
pub(super) fn require(ctx: &Ctx<'_>, groups: &[Group]) -> Decided {
    let known = &ctx.shop.known;
    for need in needs(ctx.shop, ctx.shop.community.account, groups) {
        let is_known = match &need {
            Need::Review => known.review,
            Need::Closing(at) => known.closing.contains(at),
            Need::Person(account, key) => known.keys.contains_key(&(*account, key.clone())),
            Need::Name(name) => known.names.contains_key(name),
            _ => true,
        };
        if !is_known {
            return Err(Missing(need).into());
        }
    }
    Ok(())
}

/// The member who holds these lines: by platform id, else by a name that only one bears.
pub(super) fn bearer(ctx: &Ctx<'_>, group: &Group) -> Option<MemberId> {
    match &group.author {
        Some(author) => {
            let key = (ctx.shop.community.account, author.clone());
            ctx.shop.known.keys.get(&key).copied().flatten()
        }
        None => {
            match ctx.shop.known.names.get(&name_key(&group.who))?.iter().collect::<Vec<_>>()[..] {
                [&only] => Some(only),
                _ => None,
            }
        }
    }
}

/// What is remembered of a person's lines, oldest first.
fn rows<'d>(
    ctx: &'d Ctx<'_>,
    group: &'d Group,
) -> impl DoubleEndedIterator<Item = (&'d (i64, i16), &'d ReviewLine)> {
    let at = ctx.at;
    ctx.shop.review.iter().filter(move |(_, row)| row.until > at && is_of(row, group))
}

/// A native line is known by its author, a pasted one by its name.
fn is_of(row: &ReviewLine, group: &Group) -> bool {
    match (&row.author, &group.author) {
        (None, None) => row.who == group.who,
        (mine, theirs) => mine == theirs,
    }
}

/// The newest row that is taken (or, `taken` being false, that waits or was dropped).
pub(super) fn newest(ctx: &Ctx<'_>, group: &Group, taken: bool) -> Option<(i64, i16)> {
    let mut rows = rows(ctx, group).rev();
    rows.find(|(_, row)| (row.settled == Some(true)) == taken).map(|(key, _)| *key)
}

/// Whether anything at all is remembered of this person.
pub(super) fn is_new(ctx: &Ctx<'_>, group: &Group) -> bool {
    rows(ctx, group).next().is_none()
}

/// What earlier snapshots showed of these lines and was taken; the newest word counts.
pub(super) fn accepted(ctx: &Ctx<'_>, group: &Group) -> Units {
    let taken = rows(ctx, group).filter(|(_, row)| row.settled == Some(true));
    taken.flat_map(|(_, row)| units_of(&row.lines)).collect()
}

/// The remarks of what was taken so far.
pub(super) fn remarked(ctx: &Ctx<'_>, group: &Group) -> Vec<String> {
    let taken = rows(ctx, group).filter(|(_, row)| row.settled == Some(true));
    let mut notes = Vec::new();
    taken.for_each(|(_, row)| add_notes(&mut notes, &row.notes));
    notes
}

/// Whose lines they turned out to be.
pub(super) fn owner(ctx: &Ctx<'_>, group: &Group) -> Option<MemberId> {
    rows(ctx, group).rev().find_map(|(_, row)| row.owner)
}

/// Whether just these lines were seen before, whatever became of them.
pub(super) fn is_seen(ctx: &Ctx<'_>, group: &Group) -> bool {
    let shows = |seen: &Units| group.units.iter().all(|(goods, qty)| seen.get(goods) == Some(qty));
    let mut others = rows(ctx, group).filter(|(_, row)| row.settled != Some(true));
    shows(&accepted(ctx, group)) || others.any(|(_, row)| shows(&units_of(&row.lines)))
}

/// The goods in any earlier line of this person, whatever became of it.
pub(super) fn seen(ctx: &Ctx<'_>, group: &Group) -> BTreeSet<OfferedGoods> {
    let lines = rows(ctx, group).flat_map(|(_, row)| &row.lines);
    lines.map(|line| (line.offer, line.variant)).collect()
}

/// The goods that a member has stated under any name.
pub(super) fn stated(ctx: &Ctx<'_>, member: MemberId) -> BTreeSet<OfferedGoods> {
    let own = |row: &&ReviewLine| row.owner == Some(member) && row.until > ctx.at;
    let lines = ctx.shop.review.values().filter(own).flat_map(|row| &row.lines);
    lines.map(|line| (line.offer, line.variant)).collect()
}

/// What a member has of these goods in live orders, paid or not, for themselves or for `for_whom`.
pub(super) fn held(
    ctx: &Ctx<'_>,
    member: MemberId,
    for_whom: Option<Recipient<'_>>,
    of: &Units,
) -> Units {
    let live = |order: &&Order| {
        !matches!(order.state, OrderState::Cancelled | OrderState::Refunded)
            && order.private.recipient() == for_whom
    };
    let mut held: Units = of.keys().map(|&key| (key, 0)).collect();
    for line in ctx.shop.orders.of(member).filter(live).flat_map(|order| &order.lines) {
        if let Some(units) = held.get_mut(&(line.offer, line.variant)) {
            *units += i64::from(line.live_qty());
        }
    }
    held
}

/// Lines of earlier snapshots that this one should show, being about the same offers, and does not:
/// the row, and what of it is gone.
pub(super) fn gone(ctx: &Ctx<'_>, groups: &[Group]) -> Vec<((i64, i16), Units)> {
    let offers: BTreeSet<_> =
        groups.iter().flat_map(|group| group.units.keys()).map(|(offer, _)| *offer).collect();
    // Somebody may paste what another posted as a native chain: a name stands for its author then.
    let is_theirs = |row: &ReviewLine, group: &Group| {
        is_of(row, group) || row.owner.is_some() && row.owner == bearer(ctx, group)
    };
    let shown = |row: &ReviewLine, goods: &OfferedGoods| {
        let theirs = groups.iter().filter(|group| is_theirs(row, group));
        theirs.into_iter().any(|group| group.units.contains_key(goods))
    };
    let missing = |row: &ReviewLine| -> Units {
        let lines = units_of(&row.lines).into_iter();
        lines.filter(|(goods, _)| offers.contains(&goods.0) && !shown(row, goods)).collect()
    };
    let rows = ctx
        .shop
        .review
        .iter()
        .filter(|(_, row)| row.until > ctx.at && !row.gone && row.settled != Some(false));
    rows.map(|(key, row)| (*key, missing(row))).filter(|(_, units)| !units.is_empty()).collect()
}

/// The last of the closing times of these goods.
pub(super) fn last_closing(shop: &Shop, units: &Units) -> Timestamp {
    closings(shop, units).max().unwrap_or_default()
}
