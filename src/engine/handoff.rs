//! What was just written is handed on to whoever reads it next, instead of being read back at once: events to
//! the worker of their lane, messages to the sender of their account.
//!
//! The database stays the truth, and memory only spares the way there. What is handed on says between which
//! places it is all there is; a reader who finds a gap, or hears of something that was not handed on, looks into
//! the database.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::event::Event;
use crate::store::outbox::UnfinishedMessage;

/// The most items and stretches that wait for one reader; what is more is read from the database.
const WAITING_MAX: usize = 1_024;

/// Something with a place in its lane.
pub trait Placed {
    /// The number of its event.
    fn seq(&self) -> i64;
}

impl Placed for Event {
    fn seq(&self) -> i64 {
        self.id.seq
    }
}

impl Placed for UnfinishedMessage {
    fn seq(&self) -> i64 {
        self.place.event.seq
    }
}

/// All that there is beyond one place, up to another, and committed.
#[derive(Debug)]
pub struct Stretch<T> {
    /// It begins after this place.
    pub after: i64,
    /// It ends at this one.
    pub to: i64,
    /// What is there, in order.
    pub items: Vec<T>,
}

/// What a reader finds.
#[derive(Debug)]
pub enum Next<T> {
    /// Nothing new.
    Nothing,
    /// All that follows.
    Here {
        /// What there is, in order.
        items: Vec<T>,
        /// It is all up to this place.
        to: i64,
        /// More waits.
        more: bool,
    },
    /// Not everything was handed on: the database knows, and has all up to this place at least.
    Look(i64),
}

/// Hands on, by reader.
#[derive(Debug)]
pub struct Handoff<K, T>(Mutex<BTreeMap<K, WaitingReceiver<T>>>);

#[derive(Debug)]
struct WaitingReceiver<T> {
    stretches: VecDeque<Stretch<T>>,
    /// Something may be in the database that was not handed on.
    look: bool,
}

impl<K, T> Default for Handoff<K, T> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<K: Copy + Ord, T: Placed> Handoff<K, T> {
    /// A reader begins, with a look into the database.
    pub fn open(&self, reader: K) {
        self.lock().insert(reader, WaitingReceiver::new());
    }

    /// A reader ends.
    pub fn close(&self, reader: K) {
        self.lock().remove(&reader);
    }

    /// Who reads now.
    pub fn readers(&self) -> Vec<K> {
        self.lock().keys().copied().collect()
    }

    /// Something may be in the database that is not handed on.
    pub fn look(&self, reader: K) {
        if let Some(waiting) = self.lock().get_mut(&reader) {
            waiting.look = true;
        }
    }

    /// Hand something on; where nobody reads, it is let go.
    pub fn hand_on(&self, reader: K, stretch: Stretch<T>) {
        if let Some(waiting) = self.lock().get_mut(&reader) {
            waiting.add(stretch);
        }
    }

    /// What follows for a reader who knows all up to `known`; at most so many items.
    pub fn next(&self, reader: K, known: Option<i64>, most: usize) -> Next<T> {
        // Whoever read before under the same name may have ended just now.
        let mut readers = self.lock();
        let waiting = readers.entry(reader).or_insert_with(WaitingReceiver::new);
        match known.filter(|known| waiting.follows(*known)) {
            Some(known) => waiting.take(known, most),
            None if waiting.look || !waiting.stretches.is_empty() => {
                waiting.look = false;
                Next::Look(waiting.stretches.drain(..).next_back().map_or(0, |last| last.to))
            }
            None => Next::Nothing,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<K, WaitingReceiver<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Placed> WaitingReceiver<T> {
    fn new() -> Self {
        Self { stretches: VecDeque::new(), look: true }
    }

    /// One more stretch, which mostly continues the last one.
    fn add(&mut self, mut stretch: Stretch<T>) {
        match self.stretches.back_mut().filter(|last| last.to == stretch.after) {
            Some(last) => {
                last.items.append(&mut stretch.items);
                last.to = stretch.to;
            }
            None => self.stretches.push_back(stretch),
        }
        if self.stretches.iter().map(|it| 1 + it.items.len()).sum::<usize>() > WAITING_MAX {
            self.stretches.clear();
            self.look = true;
        }
    }

    /// Whether what waits is all that follows this place.
    fn follows(&self, known: i64) -> bool {
        !self.look && self.stretches.front().is_some_and(|first| first.after <= known)
    }

    fn take(&mut self, known: i64, most: usize) -> Next<T> {
        let (mut items, mut to) = (Vec::new(), known);
        while let Some(first) = self.stretches.front_mut().filter(|it| it.after <= to) {
            first.items.retain(|item| item.seq() > to);
            let room = most - items.len();
            if first.items.len() > room {
                items.extend(first.items.drain(..room));
                to = items.last().map_or(known, Placed::seq);
                first.after = to;
                break;
            }
            to = to.max(first.to);
            items.append(&mut first.items);
            self.stretches.pop_front();
        }
        Next::Here { items, to, more: !self.stretches.is_empty() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Placed for i64 {
        fn seq(&self) -> i64 {
            *self
        }
    }

    fn stretch(after: i64, to: i64) -> Stretch<i64> {
        Stretch { after, to, items: (after + 1..=to).collect() }
    }

    /// What a reader who knows so much finds: the items, and up to where.
    #[track_caller]
    fn here(relay: &Handoff<u8, i64>, known: i64, most: usize) -> (Vec<i64>, i64, bool) {
        match relay.next(1, Some(known), most) {
            Next::Here { items, to, more } => (items, to, more),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn look(relay: &Handoff<u8, i64>, known: Option<i64>, to: i64) {
        let next = relay.next(1, known, 10);
        assert!(matches!(next, Next::Look(found) if found == to), "{next:?}");
    }

    #[test]
    fn a_reader_begins_with_a_look_and_goes_on_in_memory() {
        let relay = Handoff::default();
        relay.hand_on(1, stretch(0, 2)); // nobody reads yet
        relay.open(1);
        look(&relay, None, 0);
        assert!(matches!(relay.next(1, Some(2), 10), Next::Nothing));
        relay.hand_on(1, stretch(2, 4));
        relay.hand_on(1, Stretch { after: 4, to: 7, items: Vec::new() });
        assert_eq!(here(&relay, 2, 10), (vec![3, 4], 7, false));
        assert!(matches!(relay.next(1, Some(7), 10), Next::Nothing));
    }

    #[test]
    fn what_is_too_much_is_taken_in_parts() {
        let relay = Handoff::default();
        relay.open(1);
        look(&relay, None, 0);
        relay.hand_on(1, stretch(0, 3));
        relay.hand_on(1, stretch(3, 5));
        assert_eq!(here(&relay, 0, 2), (vec![1, 2], 2, true));
        assert_eq!(here(&relay, 2, 2), (vec![3, 4], 4, true));
        assert_eq!(here(&relay, 4, 2), (vec![5], 5, false));
    }

    #[test]
    fn a_gap_is_looked_up_and_what_was_read_there_is_not_read_again() {
        let relay = Handoff::default();
        relay.open(1);
        look(&relay, None, 0);
        relay.hand_on(1, stretch(4, 6)); // 3 and 4 were not handed on
        look(&relay, Some(2), 6);
        relay.hand_on(1, stretch(6, 8));
        assert_eq!(here(&relay, 7, 10), (vec![8], 8, false));
        relay.hand_on(1, stretch(8, 9));
        relay.look(1);
        look(&relay, Some(8), 9);
    }

    #[test]
    fn who_reads_on_after_another_ended_under_the_same_name_looks_once() {
        let relay = Handoff::default();
        relay.open(1);
        relay.close(1);
        look(&relay, Some(9), 0);
        relay.hand_on(1, stretch(9, 10));
        assert_eq!(here(&relay, 9, 10), (vec![10], 10, false));
    }

    #[test]
    fn what_nobody_takes_is_let_go() {
        let relay = Handoff::default();
        relay.open(1);
        look(&relay, None, 0);
        let many = i64::try_from(WAITING_MAX).unwrap();
        relay.hand_on(1, stretch(0, many - 1));
        relay.hand_on(1, stretch(many - 1, many));
        look(&relay, Some(0), 0);
    }

    #[test]
    fn empty_stretches_take_no_room() {
        let relay = Handoff::default();
        relay.open(1);
        look(&relay, None, 0);
        for at in 0..10_000 {
            relay.hand_on(1, Stretch { after: at, to: at + 1, items: Vec::new() });
        }
        assert_eq!(here(&relay, 0, 10), (vec![], 10_000, false));
    }
}
