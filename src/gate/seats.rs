//! Seats: how many connections there may be, of all and of one network. When they are taken, the one that has
//! waited for a request the longest gives way; who is being answered is never put out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::caller::Network;

/// The most connections in all.
pub(super) const ALL_MAX: usize = 1_024;

/// The most connections of one network that is no proxy's.
pub(super) const EACH_MAX: usize = 256;

/// The seats of one process.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats(Arc<Mutex<SeatTable>>);

#[derive(Debug, Default)]
struct SeatTable {
    last: u64,
    taken: HashMap<u64, TakenSeats>,
    counts: HashMap<Network, usize>,
}

#[derive(Debug)]
struct TakenSeats {
    network: Network,
    /// Requests that are being answered.
    busy: u32,
    /// Since when there is none.
    idle_since: Instant,
    /// Cancelled when it must go.
    gives_way: CancellationToken,
}

/// A seat, for as long as it is kept.
#[derive(Debug)]
pub(super) struct Seat {
    id: u64,
    seats: Seats,
    pub(super) gives_way: CancellationToken,
}

/// A request that is being answered, for as long as it is kept.
#[derive(Debug)]
pub(super) struct Busy {
    id: u64,
    seats: Seats,
}

impl Seats {
    /// A seat for a connection; `None` when all that could give way are being answered. A proxy's are counted
    /// among all, but not by its address.
    pub(super) fn take(&self, network: Network, is_proxy: bool, now: Instant) -> Option<Seat> {
        let mut table = self.table();
        let of_network = table.counts.get(&network).copied().unwrap_or(0);
        if !is_proxy && of_network >= EACH_MAX {
            table.put_out(Some(network))?;
        } else if table.taken.len() >= ALL_MAX {
            table.put_out(None)?;
        }
        table.last += 1;
        let (id, gives_way) = (table.last, CancellationToken::new());
        let taken = TakenSeats { network, busy: 0, idle_since: now, gives_way: gives_way.clone() };
        table.taken.insert(id, taken);
        *table.counts.entry(network).or_default() += 1;
        Some(Seat { id, seats: self.clone(), gives_way })
    }

    /// Plain values: whoever panicked while holding them left them whole.
    fn table(&self) -> MutexGuard<'_, SeatTable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SeatTable {
    /// Put out the connection that has waited for a request the longest, of a network or of all.
    fn put_out(&mut self, of: Option<Network>) -> Option<()> {
        let idle = self.taken.iter().filter(|(_, it)| it.busy == 0);
        let idle = idle.filter(|(_, it)| of.is_none_or(|network| it.network == network));
        let id = *idle.min_by_key(|(id, it)| (it.idle_since, **id))?.0;
        self.remove(id);
        Some(())
    }

    fn remove(&mut self, id: u64) {
        let Some(taken) = self.taken.remove(&id) else { return };
        taken.gives_way.cancel();
        let count = self.counts.entry(taken.network).or_default();
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.counts.remove(&taken.network);
        }
    }
}

impl Seat {
    /// What its requests are marked with.
    pub(super) fn marker(&self) -> Marker {
        Marker { id: self.id, seats: self.seats.clone() }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.table().remove(self.id);
    }
}

/// Marks the requests of one connection.
#[derive(Clone, Debug)]
pub(super) struct Marker {
    id: u64,
    seats: Seats,
}

impl Marker {
    /// A request begins.
    pub(super) fn begin(&self) -> Busy {
        if let Some(taken) = self.seats.table().taken.get_mut(&self.id) {
            taken.busy += 1;
        }
        Busy { id: self.id, seats: self.seats.clone() }
    }
}

impl Busy {
    /// The connection became something else and is never idle again.
    pub(super) fn keep(self) {
        if let Some(taken) = self.seats.table().taken.get_mut(&self.id) {
            taken.busy += 1;
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(taken) = self.seats.table().taken.get_mut(&self.id) {
            taken.busy = taken.busy.saturating_sub(1);
            taken.idle_since = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(n: usize) -> Network {
        Network::of(std::net::IpAddr::from(u32::try_from(n).unwrap().to_be_bytes()))
    }

    fn take(seats: &Seats, n: usize) -> Option<Seat> {
        seats.take(network(n), false, Instant::now())
    }

    #[test]
    fn the_longest_idle_of_a_network_gives_way_to_its_next() {
        let seats = Seats::default();
        let taken: Vec<_> = (0..EACH_MAX).map(|_| take(&seats, 1).unwrap()).collect();
        let busy = taken[0].marker().begin();
        let next = take(&seats, 1).unwrap();
        assert!(!taken[0].gives_way.is_cancelled(), "who is being answered stays");
        assert!(taken[1].gives_way.is_cancelled() && !taken[2].gives_way.is_cancelled());
        let _other = take(&seats, 2).unwrap();
        assert!(!taken[2].gives_way.is_cancelled(), "another network has seats of its own");
        drop((busy, next, taken));
        assert_eq!(seats.table().taken.len(), 1);
        assert_eq!(seats.table().counts.len(), 1);
    }

    #[test]
    fn when_all_are_being_answered_there_is_none() {
        let seats = Seats::default();
        let taken: Vec<_> = (0..ALL_MAX).map(|n| take(&seats, n).unwrap()).collect();
        let mut busy: Vec<_> = taken.iter().map(|it| it.marker().begin()).collect();
        assert!(take(&seats, ALL_MAX).is_none());
        drop(busy.pop());
        assert!(take(&seats, ALL_MAX).is_some());
        assert!(taken[ALL_MAX - 1].gives_way.is_cancelled());
    }

    #[test]
    fn a_proxy_is_many() {
        let seats = Seats::default();
        let busy: Vec<_> = (0..EACH_MAX)
            .map(|_| seats.take(network(1), true, Instant::now()).unwrap())
            .map(|seat| (seat.marker().begin(), seat))
            .collect();
        assert!(take(&seats, 1).is_none());
        assert!(seats.take(network(1), true, Instant::now()).is_some());
        drop(busy);
    }
}
