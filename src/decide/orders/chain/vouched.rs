//! Lines of a native chain whose author is not the poster: the platform vouches for who wrote each.
//!
//! Every post repeats all lines, so a line may be seen late, when its author's own post was missed. What was
//! never seen of an author is taken for them, and they are told. What differs from what is known of them
//! waits for the leader: it may be an old copy, or the poster's meddling.

use crate::book::ctx::{Ctx, Decided, Stop};
use crate::domain::event::Contact;
use crate::domain::ids::MemberId;
use crate::domain::name::shown_name;
use crate::domain::reply::Excess;

use super::snapshot::{self, Group, Units, bearer, held, lines_of};
use super::{order, plan_for, put_up, remember, take, take_for};
use crate::decide::orders::restraint;
use crate::decide::people::alike;
use crate::decide::people::members;

/// Whoever wrote a line is here: authors nobody has met become members, by the name on their line.
pub(super) fn enter(ctx: &mut Ctx<'_>, groups: &[Group]) -> Decided {
    let strangers: Vec<Contact> = groups.iter().filter_map(|group| stranger(ctx, group)).collect();
    alike::require(ctx, &strangers)?;
    for person in &strangers {
        members::see(ctx, person, true)?;
    }
    Ok(())
}

/// The author of a line whom nobody has met.
fn stranger(ctx: &Ctx<'_>, group: &Group) -> Option<Contact> {
    let author = group.author.as_ref().filter(|_| bearer(ctx, group).is_none())?;
    let name = Some(group.who.as_str()).filter(|who| *who != "?").unwrap_or(author);
    Some(Contact { key: author.clone(), name: shown_name(name, "?") })
}

/// Lines that are taken for their authors, and the rest.
///
/// # Errors
/// [`crate::book::Missing`]: nothing may be missing once the first line has been taken.
pub(super) fn sort(
    ctx: &Ctx<'_>,
    poster: MemberId,
    others: Vec<Group>,
) -> Decided<(Vec<Group>, Vec<Group>)> {
    let (vouched, rest): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|group| is_news(ctx, group).unwrap_or(false));
    for group in &vouched {
        match plan_for(ctx, poster, group) {
            Err(Stop::Missing(missing)) => return Err(missing.into()),
            Ok((_, changes)) => drop(excess(ctx, group, &changes)?),
            Err(Stop::Refused(_)) => {}
        }
    }
    Ok((vouched, rest))
}

/// What the author's lines take beyond the bounds of the file.
fn excess(ctx: &Ctx<'_>, group: &Group, changes: &Units) -> Decided<Option<Excess>> {
    match bearer(ctx, group) {
        Some(author) => restraint::excess(ctx, author, &order::additions(&lines_of(changes))),
        None => Ok(None),
    }
}

/// Whether all that differs from what was taken of this author was never heard of before.
fn is_news(ctx: &Ctx<'_>, group: &Group) -> Option<bool> {
    group.author.as_ref()?;
    let member = bearer(ctx, group)?;
    let accepted = snapshot::accepted(ctx, group);
    let mut known = snapshot::seen(ctx, group);
    known.extend(snapshot::stated(ctx, member));
    let held = held(ctx, member, None, &group.units);
    known.extend(held.into_iter().filter(|(_, qty)| *qty != 0).map(|(goods, _)| goods));
    let is_news = group
        .units
        .iter()
        .all(|(goods, qty)| accepted.get(goods) == Some(qty) || !known.contains(goods));
    Some(is_news && ctx.shop.members.get(member)?.present)
}

/// Take them; what cannot be taken (sold out, perhaps) is put up for the leader and comes back as text.
pub(super) fn take(ctx: &mut Ctx<'_>, poster: MemberId, groups: &[Group]) -> Vec<String> {
    let mut waiting = Vec::new();
    for group in groups {
        let author = bearer(ctx, group);
        let (Some(author), Ok((plan, changes))) = (author, plan_for(ctx, poster, group)) else {
            waiting.push(put_up(ctx, poster, group));
            continue;
        };
        if !matches!(excess(ctx, group, &changes), Ok(None)) {
            waiting.push(put_up(ctx, poster, group));
            continue;
        }
        let touched = take_for(ctx, poster, group, plan);
        for reply in order::answers(ctx, touched) {
            ctx.call(author, reply);
        }
        take::say_sold_out(ctx, &changes);
        remember(ctx, poster, group, Some(author));
    }
    waiting
}
