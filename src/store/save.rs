//! Saving: everything a batch changed, in a number of statements that does not depend on its size, mostly
//! one. A family without changes is skipped. Writes guard themselves and count their rows. Updates find their
//! rows as loading does, one look-up for each key.

mod facts;
mod insert;
mod offers;
mod orders;
mod people;
mod privacy;
mod withdrawals;
mod writer;

use crate::book::Book;

pub(crate) use writer::Rows;
pub use writer::{Writer, Writes};

impl Writer<'_> {
    /// Write all changes of the book. Afterwards, once that is committed, call [`settle`].
    pub fn save(&mut self, book: &Book) {
        people::communities(self, book);
        people::chats(self, book);
        people::members(self, book);
        offers::save(self, book);
        orders::save(self, book);
        withdrawals::save(self, book);
        privacy::save(self, book);
        facts::save(self, book);
    }
}

/// The book is saved and committed: forget what was new.
pub fn settle(book: &mut Book) {
    for shop in book.shops.values_mut() {
        shop.community_changed = false;
        shop.chat_changed = false;
        shop.members.saved();
        let offers = shop.offers.added().chain(shop.offers.changed());
        shop.known.terms.extend(offers.map(|(id, offer)| (id, offer.terms())));
        shop.offers.saved();
        shop.orders.saved();
        shop.withdrawals.saved();
        shop.review.saved();
        shop.fresh = crate::book::Fresh::default();
        shop.known.reports = crate::book::Reports::default();
    }
}
