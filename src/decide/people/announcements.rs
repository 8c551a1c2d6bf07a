//! Announcements (公告): what a leader tells the group for the rest of the day. The group reads it at once, and whoever joins
//! on that day reads it with the greeting. It stands in the row of the leader who announced it: leaders are always in the
//! book, and what they wrote goes with them. Of several the last one counts.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::MemberId;
use crate::domain::intent::Role;
use crate::domain::people::{self, Announcement, MAX_ANNOUNCEMENT, Member};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::{Timestamp, local_day};
use crate::domain::undo::Effect;

/// Announce something.
///
/// # Errors
/// A refusal when nobody speaks; `AnnouncementTooLong`.
pub fn announce(ctx: &mut Ctx<'_>, text: &str) -> Decided {
    let leader = ctx.member()?;
    if text.chars().count() > MAX_ANNOUNCEMENT {
        let most = MAX_ANNOUNCEMENT;
        return Err(Refusal::People(people::Refusal::AnnouncementTooLong { most }).into());
    }
    let at = ctx.at;
    if let Some(row) = ctx.shop.members.edit(leader) {
        row.private.announcement = Some(Announcement { text: text.to_owned(), at, ended_at: None });
    }
    ctx.keep(Effect::Announced { member: leader, at });
    ctx.record("announce", None, None);
    ctx.announce(Reply::People(people::Reply::Announcement { text: text.to_owned() }));
    if ctx.private {
        ctx.say(Reply::People(people::Reply::AnnouncementNoted));
    }
    Ok(())
}

/// Show what is announced today.
///
/// # Errors
/// None today.
pub fn show(ctx: &mut Ctx<'_>) -> Decided {
    let current = current(ctx).cloned();
    let at = current.as_ref().map(|it| it.at);
    let text = current.map(|it| it.text);
    ctx.record("show_announcement", None, None);
    ctx.say(Reply::People(people::Reply::AnnouncementShown { text, at }));
    Ok(())
}

/// Take down what is announced today.
///
/// # Errors
/// `NothingAnnounced`.
pub fn end(ctx: &mut Ctx<'_>) -> Decided {
    let found = standing(ctx).map(|(member, it)| (member, it.at));
    let (member, at) = found.ok_or(Refusal::People(people::Refusal::NothingAnnounced))?;
    mark(ctx, member, Some(ctx.at));
    ctx.keep(Effect::AnnouncementEnded { member, at });
    ctx.record("end_announcement", None, None);
    ctx.say(Reply::People(people::Reply::AnnouncementEnded));
    Ok(())
}

/// What is announced today.
#[must_use]
pub fn current<'c>(ctx: &'c Ctx<'_>) -> Option<&'c Announcement> {
    standing(ctx).map(|(_, it)| it)
}

/// The same with whose it is: the last of this day, if it was not taken down.
fn standing<'c>(ctx: &'c Ctx<'_>) -> Option<(MemberId, &'c Announcement)> {
    let zone = ctx.shop.community.time_zone;
    let today = local_day(ctx.at, zone);
    let leaders = ctx.shop.members.values().filter(|row| row.role >= Role::Leader);
    let of = |row: &'c Member| Some((row.id, row.private.announcement.as_ref()?));
    let of_today = leaders.filter_map(of).filter(|(_, it)| local_day(it.at, zone) == today);
    of_today.max_by_key(|(id, it)| (it.at, *id)).filter(|(_, it)| it.ended_at.is_none())
}

fn mark(ctx: &mut Ctx<'_>, member: MemberId, ended_at: Option<Timestamp>) {
    if let Some(row) = ctx.shop.members.edit(member)
        && let Some(it) = &mut row.private.announcement
    {
        it.ended_at = ended_at;
    }
}

/// An announcement is taken down again.
///
/// # Errors
/// [`crate::book::Missing`]; `ChangedSince` where another stands there, or it was taken down meanwhile.
pub fn take_down(ctx: &mut Ctx<'_>, member: MemberId, at: Timestamp) -> Decided {
    require(ctx, member, at, false)?;
    mark(ctx, member, Some(ctx.at));
    ctx.say(Reply::People(people::Reply::AnnouncementEnded));
    Ok(())
}

/// What was taken down stands there again.
///
/// # Errors
/// [`crate::book::Missing`]; `ChangedSince` where another stands there.
pub fn put_back(ctx: &mut Ctx<'_>, member: MemberId, at: Timestamp) -> Decided {
    require(ctx, member, at, true)?;
    mark(ctx, member, None);
    ctx.say(Reply::People(people::Reply::AnnouncementNoted));
    Ok(())
}

fn require(ctx: &Ctx<'_>, member: MemberId, at: Timestamp, ended: bool) -> Decided {
    let row = ctx.member_row(member)?;
    let stands = row.private.announcement.as_ref().filter(|it| it.at == at);
    if stands.is_some_and(|it| it.ended_at.is_some() == ended) {
        return Ok(());
    }
    Err(Refusal::ChangedSince { what: row.name.clone() }.into())
}
