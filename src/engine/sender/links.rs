//! A member's own invite link: made by the platform once, kept, and put into the answer. Without one the
//! answer still has the code, which does the same in words.

use crate::domain::ids::{AccountId, Lane};
use crate::domain::referral;
use crate::domain::reply::Reply;
use crate::platform::Platform;
use crate::store::outbox::UnfinishedMessage;
use crate::store::{StoreError, reference};

use crate::engine::Engine;

/// Put the member's own link into an answer that tells their code.
pub(super) async fn fill<P: Platform>(
    engine: &Engine,
    account: AccountId,
    platform: &P,
    message: &mut UnfinishedMessage,
) {
    let Reply::Referral(referral::Reply::InviteCode { code, link: link @ None, .. }) =
        &mut message.reply
    else {
        return;
    };
    let (lane, chat) = (message.place.event.lane, &*message.chat);
    let made = own_link(engine, platform, account, lane, chat, code).await;
    let community = message.community;
    match made {
        Ok(Some(made)) => *link = Some(made),
        Ok(None) => {
            let there = reference::KnownChat { lane, community, closed: false };
            let slug = reference::slug(&engine.db, &there).await.ok().flatten();
            *link = slug.and_then(|slug| platform.deep_link(&format!("{slug}_{code}")));
        }
        Err(error) => tracing::warn!(%error, "an invite link could not be looked up"),
    }
}

/// The link into a chat that is known by `label`, if the platform makes one.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn own_link<P: Platform>(
    engine: &Engine,
    platform: &P,
    account: AccountId,
    lane: Lane,
    chat: &str,
    label: &str,
) -> Result<Option<String>, StoreError> {
    if let Some(kept) = reference::invite_link(&engine.db, lane, account, chat, label).await? {
        return Ok(Some(kept));
    }
    match platform.invite_link(chat, label).await {
        Ok(link) => {
            reference::keep_invite_link(&engine.db, lane, account, chat, label, &link).await?;
            Ok(Some(link))
        }
        Err(error) => {
            tracing::warn!(account.id = account.0, %error, "no invite link was made");
            Ok(None)
        }
    }
}
