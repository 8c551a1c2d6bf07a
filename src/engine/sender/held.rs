//! What waits for its own time: the receipts of a minute, which go out as one message, and notices that a group's quiet
//! hours keep back. When, the decision says; the shop's clock tells that it has come.
//!
//! A crowd that orders within a minute is told in one message. Who orders when hardly anybody else does would still be one
//! more message to everybody: a group hears a bounded number of them in half an hour, and beyond that one or two buyers
//! are told alone, where the platform can.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::time::Timestamp;
use crate::store::outbox::UnfinishedMessage;

use super::compose;

/// The most messages that wait here; beyond it they are said at once.
const HELD_MAX: usize = 5_000;

/// A group hears so many messages of receipts …
const HEARD_MAX: usize = 8;

/// … in so long, before those that few share go to their buyers alone …
const HEARD_WITHIN: chrono::Duration = chrono::Duration::minutes(30);

/// … which are so many at most.
const FEW: usize = 2;

/// What waits for its own time.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// By chat, in the order in which it came.
    waiting: BTreeMap<String, Vec<UnfinishedMessage>>,
    count: usize,
    /// When each group heard receipts lately.
    heard: BTreeMap<String, VecDeque<Timestamp>>,
}

impl Held {
    /// A message waits here, unless its time has come; then it is given back.
    pub(super) fn keep(
        &mut self,
        message: UnfinishedMessage,
        now: Timestamp,
    ) -> Option<UnfinishedMessage> {
        if self.count >= HELD_MAX || is_due(&message, now) {
            return Some(message);
        }
        self.count += 1;
        self.waiting.entry(compose::bucket(&message)).or_default().push(message);
        None
    }

    /// Whose time has come. The first receipt of a group takes all others along.
    pub(super) fn release(&mut self, now: Timestamp, is_private: bool) -> Vec<UnfinishedMessage> {
        let mut released = Vec::new();
        for (chat, rows) in &mut self.waiting {
            let gathers = |row: &UnfinishedMessage| row.is_gathered() && is_due(row, now);
            let together = rows.iter().any(gathers);
            let goes = |row: &mut UnfinishedMessage| {
                if row.is_gathered() { together } else { is_due(row, now) }
            };
            let mut gone: Vec<_> = rows.extract_if(.., goes).collect();
            self.count -= gone.len();
            let receipts = gone.iter().filter(|row| row.is_gathered()).count();
            if receipts > 0 {
                let heard = self.heard.entry(chat.clone()).or_default();
                if receipts <= FEW && is_private && is_enough(heard, now) {
                    let receipts = gone.iter_mut().filter(|row| row.is_gathered());
                    receipts.for_each(|row| row.private = true);
                } else {
                    heard.push_back(now);
                }
            }
            released.append(&mut gone);
        }
        self.waiting.retain(|_, rows| !rows.is_empty());
        self.heard.retain(|_, heard| heard.back().is_some_and(|at| *at > now - HEARD_WITHIN));
        released
    }

    /// How many wait here.
    pub(super) fn len(&self) -> usize {
        self.count
    }
}

/// Whether the time has come; where the clock was set back nobody can tell how long that takes.
fn is_due(message: &UnfinishedMessage, now: Timestamp) -> bool {
    message.due.is_none_or(|due| now >= due || now < message.at)
}

/// Whether a group has heard enough receipts for now.
fn is_enough(heard: &mut VecDeque<Timestamp>, now: Timestamp) -> bool {
    while heard.front().is_some_and(|at| *at <= now - HEARD_WITHIN) {
        heard.pop_front();
    }
    heard.len() >= HEARD_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::orders;
    use crate::domain::reply::Reply;
    use crate::engine::sender::tests::message as any_message;

    fn at(seconds: i64) -> Timestamp {
        let evening: Timestamp = "2026-03-04T12:00:00Z".parse().unwrap();
        evening + chrono::Duration::seconds(seconds)
    }

    fn message(seq: i64, said: i64, due: Option<i64>, reply: Reply) -> UnfinishedMessage {
        let (at, due) = (at(said), due.map(at));
        UnfinishedMessage { receipt: true, at, due, ..any_message(seq, reply) }
    }

    fn receipt(seq: i64, said: i64) -> UnfinishedMessage {
        let reply = orders::Reply::OrdersCancelled { orders: Vec::new(), by_leader: false };
        message(seq, said, Some(said + 50), Reply::Orders(reply))
    }

    fn notice(seq: i64, due: i64) -> UnfinishedMessage {
        let lapsed = Reply::Orders(orders::Reply::Lapsed { orders: Vec::new() });
        message(seq, 0, Some(due), lapsed)
    }

    /// What is released at a second, and whether to one alone.
    fn released(held: &mut Held, second: i64) -> Vec<(i64, bool)> {
        let rows = held.release(at(second), true);
        rows.iter().map(|row| (row.place.event.seq, row.private)).collect()
    }

    fn keep(held: &mut Held, message: UnfinishedMessage) {
        let said = message.at;
        assert!(held.keep(message, said).is_none(), "it waits");
    }

    #[test]
    fn the_first_receipt_takes_the_others_along_and_no_notice() {
        let mut held = Held::default();
        for (seq, said) in [(1, 0), (2, 20), (3, 49)] {
            keep(&mut held, receipt(seq, said));
        }
        keep(&mut held, notice(4, 3_600));
        assert_eq!(released(&mut held, 49), []);
        assert_eq!(released(&mut held, 50), [(1, false), (2, false), (3, false)]);
        assert_eq!(held.len(), 1);
        assert_eq!(released(&mut held, 3_600), [(4, false)]);
        assert_eq!(held.len(), 0);
    }

    #[test]
    fn what_is_due_or_has_no_time_is_given_back() {
        let mut held = Held::default();
        assert!(held.keep(receipt(1, 0), at(50)).is_some(), "after a restart");
        assert!(held.keep(receipt(1, 0), at(-1)).is_some(), "the clock was set back");
        let now = UnfinishedMessage { due: None, ..receipt(1, 0) };
        assert!(held.keep(now, at(0)).is_some());
    }

    #[test]
    fn a_group_hears_so_many_and_then_few_are_told_alone() {
        let mut held = Held::default();
        let mut alone = |first: i64, count: i64, second: i64| {
            (first..first + count).for_each(|seq| keep(&mut held, receipt(seq, second)));
            released(&mut held, second + 50).iter().all(|(_, private)| *private)
        };
        let most = i64::try_from(HEARD_MAX).unwrap();
        assert!((0..most).all(|nth| !alone(nth * 10, 1, nth * 100)));
        assert!(alone(900, 1, 700) && alone(910, 2, 800));
        assert!(!alone(920, 3, 900), "a crowd is told before all");
        assert!(!alone(930, 1, 700 + 3_600), "later they are heard again");
    }

    #[test]
    fn nobody_is_told_alone_where_the_platform_cannot() {
        let mut held = Held::default();
        for nth in 0..20 {
            keep(&mut held, receipt(nth, nth * 60));
            let rows = held.release(at(nth * 60 + 50), false);
            assert!(rows.len() == 1 && !rows[0].private);
        }
    }
}
