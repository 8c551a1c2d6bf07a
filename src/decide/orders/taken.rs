//! What others ordered a moment ago: 我也要, 跟李姐一样.

use chrono::Duration;

use crate::book::need::Report;
use crate::book::{Decision, Missing, Need, Shop};
use crate::domain::ids::MemberId;
use crate::domain::intent::HeldLine;
use crate::domain::name::name_key;
use crate::domain::orders::{self, Taking};
use crate::domain::time::Timestamp;
use crate::domain::undo::Effect;
use crate::understand::{Lately, Voice};

/// What was ordered longer ago is not what somebody wants too.
const WITHIN: Duration = Duration::minutes(3);

/// What somebody else ordered last, as if it had just been said: who is named in `text`, or anybody.
///
/// # Errors
/// [`Missing`].
pub fn lately(
    shop: &Shop,
    at: Timestamp,
    speaker: Option<MemberId>,
    text: &str,
) -> Result<Option<Lately>, Missing> {
    let stored = shop.known.reports.orders.taken.as_ref();
    let stored = stored.ok_or(Missing(Need::Report(Report::Orders(orders::Need::Taken))))?;
    let is_meant =
        |it: &Taking| Some(it.member) != speaker && !it.lines.is_empty() && it.at > at - WITHIN;
    let fresh = shop.fresh.decisions.iter().rev().filter_map(|it| taking(shop, it));
    let all: Vec<Taking> = fresh.chain(stored.iter().cloned()).filter(is_meant).collect();
    let said_key = name_key(text);
    let is_named = |it: &&Taking| said_key.contains(&name_key(&it.name));
    let Some(meant) = all.iter().find(is_named).or(all.first()) else { return Ok(None) };
    let lines: Vec<String> = meant.lines.iter().filter_map(|line| said(shop, line)).collect();
    let text = lines.join(", ");
    Ok((!text.is_empty()).then_some(Lately { from: Voice::Other, text }))
}

/// What a decision took, if it did.
fn taking(shop: &Shop, decision: &Decision) -> Option<Taking> {
    let Some(Effect::Orders(effects)) = &decision.effect else { return None };
    let (effect, member) = (effects.first()?, decision.member?);
    let lines = shop.orders.get(effect.order)?.lines.iter();
    Some(Taking {
        member,
        name: shop.members.get(member)?.name.clone(),
        at: decision.at,
        lines: orders::added(effect, lines.map(|line| (line.offer, line.variant))),
    })
}

/// A line as it is ordered.
fn said(shop: &Shop, line: &HeldLine) -> Option<String> {
    let offer = shop.offers.get(line.offer)?;
    let variant = line.variant.and_then(|it| offer.detail.variants.get(usize::from(it)));
    let variant = variant.map(|it| format!(" {it}")).unwrap_or_default();
    Some(format!("{}{variant} x{}", offer.code, line.qty))
}
