//! When and to whom a reply is said, where the operator's file has a say: receipts of a large group are gathered for most
//! of a minute or given alone, and notices that nobody asked for wait until the night is over. Pure: by the event's time.

use chrono::Duration;

use crate::domain::policy::{CommunityPolicy, ReceiptPace};
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;

use super::fresh::Addressee;
use super::{Ctx, Shop};

/// Groups of more members hear the receipts of a minute together, where the file does not say.
const LARGE_GROUP: i64 = 50;

/// Receipts are gathered for so long, from the first one: with the time that sending takes nobody waits a minute.
const GATHERED_FOR: Duration = Duration::seconds(50);

/// When and to whom a reply is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// As the decision says, at once.
    AtOnce,
    /// To the member alone.
    Alone,
    /// Not before then.
    From(Timestamp),
}

/// When and to whom this is said.
pub(super) fn of(ctx: &Ctx<'_>, to: Option<&Addressee>, reply: &Reply) -> Said {
    let delivery = reply.delivery();
    if delivery.is_receipt() && to.is_some_and(|to| !to.private) {
        return match pace(ctx.shop) {
            ReceiptPace::Each => Said::AtOnce,
            ReceiptPace::Private => Said::Alone,
            ReceiptPace::Minute => Said::From(ctx.at + GATHERED_FOR),
        };
    }
    // Whoever speaks waits to hear; what the calendar brings can wait.
    if delivery.is_notice() && ctx.speaker.is_none() {
        return quiet_until(ctx, reply).map_or(Said::AtOnce, Said::From);
    }
    Said::AtOnce
}

/// How receipts are given here.
fn pace(shop: &Shop) -> ReceiptPace {
    let said = own(shop).and_then(|community| community.receipts);
    said.unwrap_or(match shop.community.last_member.0 {
        ..=LARGE_GROUP => ReceiptPace::Each,
        _ => ReceiptPace::Minute,
    })
}

/// When the night is over that it is. What would be too late by then is said at once.
fn quiet_until(ctx: &Ctx<'_>, reply: &Reply) -> Option<Timestamp> {
    let quiet = own(ctx.shop)?.quiet?;
    let end = quiet.end(ctx.at, ctx.shop.community.time_zone)?;
    let is_late = reply.deadline().is_some_and(|deadline| deadline <= end);
    (!is_late).then_some(end)
}

fn own(shop: &Shop) -> Option<&CommunityPolicy> {
    shop.policy.community(&shop.community.slug)
}
