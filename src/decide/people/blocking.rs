//! Blocking (拉黑): a leader lets somebody order nothing more. What they order from then on is passed over in silence: the
//! group sees no quarrel, and nobody is invited to argue with a bot.
//!
//! Only what asks for goods is passed over: orders and changes, lines of chains, questions that an order would raise,
//! waiting for goods, and taking back. What they have stays theirs: they pay, cancel, collect, complain and ask as before.
//! What a leader orders for them, or accepts, counts.

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need};
use crate::domain::catalog;
use crate::domain::command::CommandId;
use crate::domain::ids::MemberId;
use crate::domain::intent::{Intent, Question, Role};
use crate::domain::people::{self, BlockedView};
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;
use crate::domain::{orders, undo::Effect};

/// The most members that a list names.
const MOST_NAMED: usize = 50;

/// Block somebody, or let them order again. Only the leader hears of it, alone where the platform can.
///
/// # Errors
/// Missing facts; `HalfSaid` where nobody is named and the message replies to nobody's; a name of nobody or of several;
/// `BlocksSelf`; `BlocksLeader`.
pub fn set(ctx: &mut Ctx<'_>, who: Option<&Person>, block: bool) -> Decided {
    let member = match who {
        Some(person) => ctx.member_of(person)?,
        None => author(ctx, block)?,
    };
    let row = ctx.member_row(member)?;
    let (name, from, role) = (row.name.clone(), row.blocked_at, row.role);
    if block && ctx.speaker == Some(member) {
        return Err(Refusal::People(people::Refusal::BlocksSelf).into());
    }
    if block && role >= Role::Leader {
        return Err(Refusal::People(people::Refusal::BlocksLeader { name }).into());
    }
    let again = from.is_some() == block;
    if !again {
        let to = block.then_some(ctx.at);
        put(ctx, member, to);
        ctx.keep(Effect::Blocked { member, from, to });
    }
    ctx.record(if block { "block" } else { "unblock" }, None, None);
    ctx.say(Reply::People(people::Reply::Blocked { name, block, again }));
    Ok(())
}

/// Whoever wrote the message that the leader replies to.
fn author(ctx: &Ctx<'_>, block: bool) -> Decided<MemberId> {
    let command = people::Lead::Block { who: None, block };
    let half = || Refusal::HalfSaid { command: CommandId::of(command.name()) };
    let key = ctx.reply_to.clone().ok_or_else(half)?;
    let account = ctx.shop.community.account;
    let Some(author) = ctx.shop.known.reports.people.authors.get(&key) else {
        let need = people::Need::Author(account, key);
        return Err(Missing(Need::Report(Report::People(need))).into());
    };
    let author = author.as_ref().ok_or_else(half)?;
    let member = ctx.shop.member_by_key(account, &author.key)?;
    Ok(member.ok_or_else(half)?)
}

fn put(ctx: &mut Ctx<'_>, member: MemberId, at: Option<Timestamp>) {
    if let Some(row) = ctx.shop.members.edit(member) {
        row.blocked_at = at;
    }
}

/// Whoever was blocked may order again, or the other way round.
///
/// # Errors
/// Missing facts; `ChangedSince` where they are not as the effect left them.
pub fn take_back(
    ctx: &mut Ctx<'_>,
    member: MemberId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Decided {
    let row = ctx.member_row(member)?;
    let name = row.name.clone();
    if row.blocked_at != to {
        return Err(Refusal::ChangedSince { what: name }.into());
    }
    put(ctx, member, from);
    let block = from.is_some();
    ctx.say(Reply::People(people::Reply::Blocked { name, block, again: false }));
    Ok(())
}

/// A leader asks who is blocked.
///
/// # Errors
/// Missing facts.
pub fn list(ctx: &mut Ctx<'_>) -> Decided {
    let need = || Missing(Need::Report(Report::People(people::Need::Blocked)));
    let mut blocked = ctx.shop.known.reports.people.blocked.clone().ok_or_else(need)?;
    // The book knows what was done since.
    for row in ctx.shop.members.values() {
        match row.blocked_at {
            Some(since) => {
                blocked.insert(row.id, BlockedView { name: row.name.clone(), since });
            }
            None => {
                blocked.remove(&row.id);
            }
        }
    }
    let mut members: Vec<_> = blocked.into_values().collect();
    members.sort_by(|a, b| (b.since, &a.name).cmp(&(a.since, &b.name)));
    let beyond = members.len().saturating_sub(MOST_NAMED);
    members.truncate(MOST_NAMED);
    ctx.record("list_blocked", None, None);
    ctx.say(Reply::People(people::Reply::BlockedList { members, beyond }));
    Ok(())
}

/// Whether a member may order nothing.
#[must_use]
pub fn is_blocked(ctx: &Ctx<'_>, member: MemberId) -> bool {
    ctx.shop.members.get(member).is_some_and(|row| row.blocked_at.is_some())
}

/// Whether what the speaker wants is passed over because they are blocked. Of a chain, [`may_stand`] tells line by line.
#[must_use]
pub fn passes_over(ctx: &Ctx<'_>, intent: &Intent) -> bool {
    ctx.speaker.is_some_and(|speaker| is_blocked(ctx, speaker)) && wants_goods(intent)
}

fn wants_goods(intent: &Intent) -> bool {
    match intent {
        Intent::Orders(orders::Intent::Order(_) | orders::Intent::Amend(_))
        | Intent::Catalog(catalog::Intent::CallBack(_))
        | Intent::Undo(_) => true,
        Intent::Ask(Question { choices, unlisted, partial, .. }) => {
            partial.is_some() || choices.iter().chain(unlisted).any(wants_goods)
        }
        _ => false,
    }
}

/// Whether a line of a chain may be taken: it is not of somebody who is blocked. Lines without an author are the
/// poster's word.
#[must_use]
pub fn may_stand(ctx: &Ctx<'_>, poster: MemberId, author: Option<&str>) -> bool {
    let account = ctx.shop.community.account;
    let author = author.and_then(|key| ctx.shop.member_by_key(account, key).ok().flatten());
    !is_blocked(ctx, author.unwrap_or(poster))
}
