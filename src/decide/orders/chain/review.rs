//! The leader's word on lines of chains that wait: 接龙确认 takes them, 接龙忽略 drops them.
//!
//! What cannot be taken now (sold out, perhaps) goes on waiting, and the leader is told which.

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided, Stop};
use crate::book::{Missing, Need, ReviewLine};
use crate::decide::loyalty::tiers;
use crate::domain::ids::MemberId;
use crate::domain::orders;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::undo::Effect;

use super::snapshot::{self, Group, units_of};
use super::{owner_of, plan_for, take, take_for, tell_waiting, text_of};

/// The most waiting lines that one command takes or drops; the next command takes the rest.
pub const MAX_REVIEWED: usize = 30;

/// The leader takes the lines waiting for review, or drops them.
///
/// # Errors
/// Missing facts; `NothingToReview`.
pub fn review(ctx: &mut Ctx<'_>, accept: bool) -> Decided {
    if !ctx.shop.known.review {
        return Err(Missing(Need::Review).into());
    }
    let waiting = ctx.shop.review.iter().filter(|(_, row)| row.settled.is_none());
    let waiting: Vec<_> =
        waiting.take(MAX_REVIEWED).map(|(key, row)| (*key, row.clone())).collect();
    if waiting.is_empty() {
        return Err(Refusal::Orders(orders::Refusal::NothingToReview).into());
    }
    let taken = if accept { accept_lines(ctx, &waiting)? } else { drop_lines(ctx, &waiting) };
    ctx.record(if accept { "accept_chain" } else { "drop_chain" }, None, None);
    ctx.say(Reply::Orders(orders::Reply::Reviewed { accepted: accept, lines: taken.lines }));
    for (poster, lines) in taken.waiting {
        tell_waiting(ctx, poster, lines);
    }
    Ok(())
}

type WaitingLines = ((i64, i16), ReviewLine);

/// How many lines were taken, and which go on waiting, by who posted them.
struct TakenLines {
    lines: usize,
    waiting: BTreeMap<MemberId, Vec<String>>,
}

fn accept_lines(ctx: &mut Ctx<'_>, waiting: &[WaitingLines]) -> Decided<TakenLines> {
    let group = |row: &ReviewLine| Group {
        who: row.who.clone(),
        author: row.author.clone(),
        units: units_of(&row.lines),
        notes: row.notes.clone(),
    };
    let groups: Vec<_> = waiting.iter().map(|(_, row)| group(row)).collect();
    snapshot::require(ctx, &groups)?;
    let buyers = waiting.iter().zip(&groups);
    let buyers =
        buyers.map(|((_, row), group)| owner_of(ctx, row.poster, group).unwrap_or(row.poster));
    tiers::require(ctx, buyers)?;
    for ((_, row), group) in waiting.iter().zip(&groups) {
        ctx.member_row(row.poster)?;
        if let Err(Stop::Missing(missing)) = plan_for(ctx, row.poster, group) {
            return Err(missing.into());
        }
    }
    let mut taken = TakenLines { lines: 0, waiting: BTreeMap::new() };
    let mut lines = Vec::new();
    for (line, group) in waiting.iter().zip(&groups) {
        let (key, row) = line;
        let owner = owner_of(ctx, row.poster, group);
        let Ok((plan, changes)) = plan_for(ctx, row.poster, group) else {
            taken.waiting.entry(row.poster).or_default().push(text_of(ctx.shop, group));
            continue;
        };
        take_for(ctx, row.poster, group, plan);
        take::say_sold_out(ctx, &changes);
        settle(ctx, line, true, owner);
        lines.push(*key);
    }
    taken.lines = lines.len();
    if !lines.is_empty() {
        ctx.keep(Effect::Chain { orders: Vec::new(), lines });
    }
    Ok(taken)
}

fn drop_lines(ctx: &mut Ctx<'_>, waiting: &[WaitingLines]) -> TakenLines {
    for line in waiting {
        settle(ctx, line, false, None);
    }
    TakenLines { lines: waiting.len(), waiting: BTreeMap::new() }
}

fn settle(ctx: &mut Ctx<'_>, line: &WaitingLines, accepted: bool, owner: Option<MemberId>) {
    if let Some(row) = ctx.shop.review.edit(line.0) {
        row.settled = Some(accepted);
        row.owner = owner;
    }
}
