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
    /// Write all changes of the book. Afterwards the book is [`saved`](Book::saved).
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
