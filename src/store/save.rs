//! Saving: everything a batch changed, in a number of statements that does not depend on its size.
//! A family without changes is skipped. Writes guard themselves and count their rows. Updates find their
//! rows as loading does, one look-up for each key.

mod facts;
mod offers;
mod orders;
mod people;
mod privacy;
mod withdrawals;

use crate::book::Book;
use crate::domain::ids::Lane;

use super::{Seal, StoreError, Tx};

/// A transaction on one lane, and what seals its columns.
#[derive(Debug)]
pub struct Writer<'a, 'tx> {
    /// The transaction; it holds the lane's lock.
    pub tx: &'a mut Tx<'tx>,
    /// The lane.
    pub lane: Lane,
    /// Seals columns.
    pub seal: &'a Seal,
    /// Statements made so far.
    pub statements: u32,
}

impl Writer<'_, '_> {
    /// Write all changes of the book. Afterwards, once the transaction is committed, call
    /// [`settle`].
    ///
    /// # Errors
    /// [`StoreError`]; the transaction is then rolled back and the book dropped.
    pub async fn save(&mut self, book: &Book) -> Result<(), StoreError> {
        people::communities(self, book).await?;
        people::chats(self, book).await?;
        people::members(self, book).await?;
        offers::save(self, book).await?;
        orders::settle(self, book).await?;
        orders::save(self, book).await?;
        withdrawals::save(self, book).await?;
        privacy::save(self, book).await?;
        facts::save(self, book).await
    }
}

/// The book is saved and committed: forget what was new.
pub fn settle(book: &mut Book) {
    for shop in book.shops.values_mut() {
        shop.community_changed = false;
        shop.chat_changed = false;
        shop.members.saved();
        shop.offers.saved();
        shop.orders.saved();
        shop.withdrawals.saved();
        shop.review.saved();
        shop.fresh = crate::book::Fresh::default();
        shop.known.reports = crate::book::Reports::default();
    }
}
