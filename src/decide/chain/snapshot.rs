//! A chain as posted, sorted by person, and compared with what is known of each.
//!
//! Every post is a full snapshot. One person may hold several lines; what counts is what they add up to.
//! Known is what earlier snapshots showed (the review table) and what members have in live orders.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::desk::{Decided, Desk};
use crate::book::{Missing, Need, Needs, ReviewLine, Shop};
use crate::domain::event::display_name;
use crate::domain::ids::{AccountId, MemberId, OfferId};
use crate::domain::intent::{ChainEntry, Op, WantedLine};
use crate::domain::order::{Order, OrderState};
use crate::domain::time::Timestamp;

/// Units by offer and variant.
pub(super) type Units = BTreeMap<(OfferId, Option<u16>), i64>;

/// All lines of one person.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The name on them.
    pub(super) who: String,
    /// The platform id, where the chain is native.
    pub(super) author: Option<String>,
    /// What they add up to.
    pub(super) units: Units,
}

/// The lines by person, in order of their first line. Bare names order nothing.
pub(super) fn groups(entries: &[ChainEntry]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for entry in entries.iter().filter(|entry| !entry.lines.is_empty()) {
        let who = display_name(&entry.who, "?");
        let same = |it: &&mut Group| match (&it.author, &entry.author) {
            (None, None) => it.who == who,
            (mine, theirs) => mine == theirs,
        };
        let units = units_of(&entry.lines);
        match groups.iter_mut().find(same) {
            Some(group) => units.into_iter().for_each(|(key, qty)| {
                *group.units.entry(key).or_default() += qty;
            }),
            None => groups.push(Group { who, author: entry.author.clone(), units }),
        }
    }
    groups
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
    let line = |(&(offer, variant), &qty): (&(OfferId, Option<u16>), &i64)| WantedLine {
        offer,
        variant,
        qty: u32::try_from(qty).ok(),
        op: Op::Add,
    };
    units.iter().map(line).collect()
}

/// What comparing a chain needs to know.
pub(super) fn needs(shop: &Shop, account: AccountId, entries: &[ChainEntry]) -> Needs {
    let mut needs = Needs::from([Need::Review]);
    for group in groups(entries) {
        needs.extend(closings(shop, &group.units).map(Need::Closing));
        needs.insert(match group.author {
            Some(author) => Need::Person(account, author),
            None => Need::Name(group.who),
        });
    }
    needs
}

fn closings<'s>(shop: &'s Shop, units: &'s Units) -> impl Iterator<Item = Timestamp> + 's {
    units.keys().filter_map(|(id, _)| shop.offers.get(*id)).map(|offer| offer.closes_at)
}

/// Make sure of everything in [`needs`].
pub(super) fn require(desk: &Desk<'_>, entries: &[ChainEntry]) -> Decided {
    let shop = &*desk.shop;
    for need in needs(shop, shop.community.account, entries) {
        let is_known = match &need {
            Need::Review => shop.known.review,
            Need::Closing(at) => shop.known.closing.contains(at),
            Need::Person(account, key) => shop.known.keys.contains_key(&(*account, key.clone())),
            Need::Name(name) => shop.known.names.contains_key(name),
            _ => true,
        };
        if !is_known {
            return Err(Missing(need).into());
        }
    }
    Ok(())
}

/// The member who holds these lines: by platform id, else by a name that only one bears.
pub(super) fn bearer(desk: &Desk<'_>, group: &Group) -> Option<MemberId> {
    match &group.author {
        Some(author) => {
            let key = (desk.shop.community.account, author.clone());
            desk.shop.known.keys.get(&key).copied().flatten()
        }
        None => named(desk.shop, &group.who),
    }
}

/// The one member who bears a name.
pub(super) fn named(shop: &Shop, name: &str) -> Option<MemberId> {
    match shop.known.names.get(name)?.iter().collect::<Vec<_>>()[..] {
        [&only] => Some(only),
        _ => None,
    }
}

/// What an earlier snapshot showed under this name.
pub(super) fn record<'d>(desk: &'d Desk<'_>, who: &str) -> Option<((i64, i16), &'d ReviewLine)> {
    let at = desk.at;
    let mut rows = desk.shop.review.iter().rev();
    let (key, row) = rows.find(|(_, row)| row.who == who && row.until > at)?;
    Some((*key, row))
}

/// What a member has of these goods in live orders, paid or not, for themselves or for `for_whom`.
pub(super) fn held(desk: &Desk<'_>, member: MemberId, for_whom: Option<&str>, of: &Units) -> Units {
    let live = |order: &&Order| {
        !matches!(order.state, OrderState::Cancelled | OrderState::Refunded)
            && order.private.for_whom.as_deref() == for_whom
    };
    let mut held: Units = of.keys().map(|&key| (key, 0)).collect();
    for line in desk.shop.orders.of(member).filter(live).flat_map(|order| &order.lines) {
        if let Some(units) = held.get_mut(&(line.offer, line.variant)) {
            *units += i64::from(line.live_qty());
        }
    }
    held
}

/// The rows of earlier snapshots that this one should show and does not: it is about the same offers.
pub(super) fn gone(desk: &Desk<'_>, groups: &[Group]) -> Vec<(i64, i16)> {
    let offers: BTreeSet<_> =
        groups.iter().flat_map(|group| group.units.keys()).map(|(offer, _)| *offer).collect();
    let is_gone = |row: &ReviewLine| {
        row.until > desk.at
            && !row.gone
            && row.settled != Some(false)
            && row.lines.iter().all(|line| offers.contains(&line.offer))
            && !groups.iter().any(|group| group.who == row.who)
    };
    let rows = desk.shop.review.iter().filter(|(_, row)| is_gone(row));
    rows.map(|(key, _)| *key).collect()
}

/// The last of the closing times of these goods.
pub(super) fn last_closing(shop: &Shop, units: &Units) -> Timestamp {
    closings(shop, units).max().unwrap_or_default()
}
