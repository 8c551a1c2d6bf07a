//! Who promotes, and who came without an inviter.

use crate::book::desk::{Decided, Desk};
use crate::book::need::Report;
use crate::book::{Missing, Need};
use crate::domain::referral;
use crate::domain::reply::Reply;

/// Newcomers without an inviter.
///
/// # Errors
/// [`Missing`].
pub fn unattributed(desk: &mut Desk<'_>) -> Decided {
    let newcomers = desk.shop.known.reports.referral.unattributed.clone();
    let (names, beyond) =
        newcomers.ok_or(Missing(Need::Report(Report::Referral(referral::Need::Unattributed))))?;
    desk.say(Reply::Referral(referral::Reply::Unattributed { names, beyond }));
    desk.record("unattributed", None, None);
    Ok(())
}

/// The strongest promoters. What others earn is for the leader's eyes only.
///
/// # Errors
/// [`Missing`].
pub fn promoters(desk: &mut Desk<'_>) -> Decided {
    let rows = desk.shop.known.reports.referral.promoters.clone();
    let rows = rows.ok_or(Missing(Need::Report(Report::Referral(referral::Need::Promoters))))?;
    let reply = Reply::Referral(referral::Reply::Promoters { rows });
    match desk.speaker {
        Some(leader) => desk.tell(leader, reply),
        None => desk.say(reply),
    }
    desk.record("promoters", None, None);
    Ok(())
}
