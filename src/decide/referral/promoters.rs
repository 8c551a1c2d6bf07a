//! Who promotes, and who came without an inviter.

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need};
use crate::domain::referral;
use crate::domain::reply::Reply;

/// Newcomers without an inviter.
///
/// # Errors
/// [`Missing`].
pub fn unattributed(ctx: &mut Ctx<'_>) -> Decided {
    let newcomers = ctx.shop.known.reports.referral.unattributed.clone();
    let (names, beyond) =
        newcomers.ok_or(Missing(Need::Report(Report::Referral(referral::Need::Unattributed))))?;
    ctx.say(Reply::Referral(referral::Reply::Unattributed { names, beyond }));
    ctx.record("unattributed", None, None);
    Ok(())
}

/// The strongest promoters. What others earn is for the leader's eyes only.
///
/// # Errors
/// [`Missing`].
pub fn promoters(ctx: &mut Ctx<'_>) -> Decided {
    let rows = ctx.shop.known.reports.referral.promoters.clone();
    let rows = rows.ok_or(Missing(Need::Report(Report::Referral(referral::Need::Promoters))))?;
    let reply = Reply::Referral(referral::Reply::Promoters { rows });
    match ctx.speaker {
        Some(leader) => ctx.tell(leader, reply),
        None => ctx.say(reply),
    }
    ctx.record("promoters", None, None);
    Ok(())
}
