//! A post that was sent is changed when something in it sells out, or a leader changes it, where the platform
//! can change messages. It then says of all its offers what is true of them.
//!
//! A courtesy to those who read it later: the group is told in words either way, so what fails here is not
//! tried again.

use crate::domain::ids::AccountId;
use crate::domain::reply::{Edit, OfferView, PostView, Reply};
use crate::engine::Engine;
use crate::platform::{Outgoing, Platform};
use crate::store::StoreError;
use crate::store::outbox::{self, UnfinishedMessage};

use super::queue::Load;
use super::{compose, parts};

/// The posts that these messages say something new about, each once and as it is by the last of them, with
/// the chat that it stands in.
pub(super) fn posts<'m>(
    rows: impl Iterator<Item = &'m UnfinishedMessage>,
) -> Vec<(String, PostView)> {
    let mut posts: Vec<(String, PostView)> = Vec::new();
    for row in rows {
        let Edit::Renews(post) = row.reply.delivery().edits else { continue };
        posts.retain(|(_, earlier)| earlier.event != post.event);
        posts.push((compose::target(row).to_owned(), post.clone()));
    }
    posts
}

/// Change one.
pub(super) async fn one<P: Platform>(
    engine: &Engine,
    account: AccountId,
    platform: &P,
    post: &PostView,
) {
    match changed(engine, account, platform, post).await {
        Ok(None) => {}
        Ok(Some((id, now))) => {
            if let Err(error) = platform.edit(&now.chat, &id, &now).await {
                tracing::warn!(account.id = account.0, %error, "a post was not changed");
            }
        }
        Err(error) => tracing::warn!(%error, "a post could not be looked up"),
    }
}

/// The platform's id of a post, and the post as it is now; nothing where it is no single message.
async fn changed<P: Platform>(
    engine: &Engine,
    account: AccountId,
    platform: &P,
    post: &PostView,
) -> Result<Option<(String, Outgoing)>, StoreError> {
    let said = outbox::said_by(&engine.db, &engine.seal, account, post.event).await?;
    let Some((mut message, id)) = said.into_iter().find(|(row, _)| is_post(&row.reply)) else {
        return Ok(None);
    };
    renew(&mut message.reply, &post.offers);
    let load = Load::of(vec![message]);
    let send = compose::draft(&engine.words, account, &load);
    let able = platform.capabilities();
    let mut parts = parts::of(compose::outgoing(&send, &load, &able, None), &able);
    // A picture that stands alone has the text below it as a message of its own, whose id is the last.
    if parts.first().is_some_and(|part| part.text.is_empty()) {
        parts.remove(0);
    }
    let only = if parts.len() == 1 { parts.pop() } else { None };
    Ok(only.map(|now| (id, now)))
}

fn is_post(reply: &Reply) -> bool {
    matches!(reply.delivery().edits, Edit::Post(_))
}

/// Say of each offer what is true now; what is sold out is struck. The post closes when they do, where that is one time;
/// else it says of each that is moved when it closes.
fn renew(reply: &mut Reply, now: &[OfferView]) {
    for offer in reply.offers_of_post().into_iter().flatten() {
        if let Some(now) = now.iter().find(|now| now.code == offer.code) {
            offer.clone_from(now);
        }
    }
    let mut closings = now.iter().map(|offer| offer.closes_at);
    let first = closings.next().filter(|first| closings.all(|it| it == *first));
    if let (Some(now), Some(said)) = (first, reply.closing_of_post()) {
        *said = now;
    }
}
