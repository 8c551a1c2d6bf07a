//! Saving: everything a batch changed, in a number of statements that does not depend on its size, mostly
//! one. A family without changes is skipped. Writes guard themselves and count their rows. Updates find their
//! rows as loading does, one look-up for each key.

pub(in crate::store) mod facts;
pub(in crate::store) mod insert;
mod writer;

use crate::book::Book;

pub(crate) use writer::RowCount;
pub use writer::{Writer, Writes};

impl Writer<'_> {
    /// Write all changes of the book. Afterwards the book is [`saved`](Book::saved).
    pub fn save(&mut self, book: &Book) {
        super::people::save::communities(self, book);
        super::people::save::chats(self, book);
        super::people::save::members(self, book);
        super::catalog::save::save(self, book);
        super::orders::save::save(self, book);
        super::payments::save(self, book);
        super::payouts::save::save(self, book);
        super::service::save::save(self, book);
        super::people::forget::save(self, book);
        facts::save(self, book);
        super::reports::counts::save(self, book);
    }
}
