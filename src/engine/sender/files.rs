//! Orders as a file: made when it is about to be sent, from the books as they are then, and told in the words beside
//! it. Where the platform carries no files, the words say where to get it.

use crate::domain::ids::OrderId;
use crate::domain::message::AttachmentKind;
use crate::domain::reply::{OrderSheet, Reply};
use crate::domain::reports;
use crate::platform::{OutgoingFile, Platform};
use crate::sheets::{orders, table};
use crate::store::outbox::{Send, UnfinishedMessage};
use crate::store::{StoreError, operator};

use super::Sender;
use crate::engine::Engine;

/// The most orders that a chat is sent in one file.
const MOST_ORDERS: usize = 5_000;

impl<P: Platform> Sender<P> {
    /// Make what goes with a message as a file.
    pub(super) async fn add_file(
        &mut self,
        engine: &Engine,
        message: &mut UnfinishedMessage,
    ) -> Result<(), StoreError> {
        if let Some(file) = fill(engine, self.able.sends_files, message).await? {
            self.files.retain(|place, _| self.open.contains(place)); // what was sent needs none
            self.files.insert(message.place, file);
        }
        Ok(())
    }

    /// The file of a send.
    pub(super) fn file_of(&self, send: &Send) -> Option<&OutgoingFile> {
        self.files.get(send.places.first()?)
    }
}

/// Make the file that goes with a message, and have its words say what is in it.
///
/// # Errors
/// [`StoreError`].
async fn fill(
    engine: &Engine,
    can_send: bool,
    message: &mut UnfinishedMessage,
) -> Result<Option<OutgoingFile>, StoreError> {
    let is_private = message.private && !message.before_others;
    let Reply::Reports(reports::Reply::OrdersFile {
        since,
        before,
        offer,
        first,
        last,
        orders: count,
        cannot,
        ..
    }) = &mut message.reply
    else {
        return Ok(None);
    };
    *cannot = !can_send;
    if !can_send || !is_private {
        return Ok(None);
    }
    let wanted = OrderSheet { since: *since, before: *before, offer: *offer };
    let (lane, community) = (message.place.event.lane, message.community);
    let (db, seal) = (&engine.db, &engine.seal);
    let (since, before) = (wanted.since, wanted.before);
    let (shop, ids) = operator::orders_between(db, seal, lane, community, since, before).await?;
    let is_wanted = |id: &OrderId| {
        let has = |offer| {
            let order = shop.orders.get(*id);
            order.is_some_and(|it| it.lines.iter().any(|l| l.offer == offer && l.qty > 0))
        };
        wanted.offer.is_none_or(has)
    };
    let ids: Vec<_> = ids.into_iter().filter(is_wanted).take(MOST_ORDERS).collect();
    *count = ids.len();
    if ids.is_empty() {
        return Ok(None);
    }
    let made = table::document(orders::head(shop.community.locale), &orders::rows(&shop, &ids));
    let span = if first == last { first.to_string() } else { format!("{first}_{last}") };
    match made {
        Ok(made) => {
            let name = format!("orders-{span}.{}", made.ending);
            let bytes = made.bytes.into();
            Ok(Some(OutgoingFile { kind: AttachmentKind::File, name, bytes }))
        }
        Err(error) => {
            tracing::error!(%error, "a file of orders could not be made");
            *cannot = true;
            Ok(None)
        }
    }
}
