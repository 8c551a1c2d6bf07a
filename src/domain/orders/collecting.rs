//! Where an order's goods are (到货, 待取): follows from its lines and their offers, and is told here alone.
//!
//! That goods have arrived is a fact of their offer; that they were handed over is one of the line. An order waits to
//! be collected while it is paid and a line of it has arrived.

use chrono::Days;
use chrono_tz::Tz;

use super::{Line, Order, OrderState};
use crate::domain::catalog::{Called, Offer};
use crate::domain::ids::OfferId;
use crate::domain::time::{Timestamp, local_day, local_midnight_after};

/// The offers of lines.
pub type OfferOf<'f, 'o> = &'f dyn Fn(OfferId) -> Option<&'o Offer>;

impl Order {
    /// The lines whose goods were not handed over yet, with their places.
    pub fn outstanding(&self) -> impl Iterator<Item = (usize, &Line)> {
        let is_out = |line: &Line| line.live_qty() > 0 && line.collected_at.is_none();
        self.lines.iter().enumerate().filter(move |(_, line)| is_out(line))
    }

    /// The places of the lines that wait to be collected.
    #[must_use]
    pub fn to_collect(&self, offer: OfferOf<'_, '_>) -> Vec<usize> {
        if self.state != OrderState::Paid {
            return Vec::new();
        }
        let has_come =
            |line: &Line| offer(line.offer).is_some_and(|row| row.arrival.called.is_some());
        self.outstanding().filter(|(_, line)| has_come(line)).map(|(at, _)| at).collect()
    }

    /// Since when, where and in which hours its goods wait: what was called first of what is not collected.
    #[must_use]
    pub fn waits<'o>(&self, offer: OfferOf<'_, 'o>) -> Option<&'o Called> {
        let lines = self.to_collect(offer);
        let called = lines.iter().filter_map(|&at| offer(self.lines[at].offer));
        called.filter_map(|row| row.arrival.called.as_ref()).min_by_key(|called| called.at)
    }

    /// Whether its buyer may say that they have the goods: some of them are under way, were called, or should have
    /// come by now.
    #[must_use]
    pub fn may_be_there(&self, offer: OfferOf<'_, '_>, at: Timestamp, zone: Tz) -> bool {
        match self.state {
            OrderState::Shipped => true,
            _ => !self.can_be_there(offer, at, zone).is_empty(),
        }
    }

    /// The places of the lines that can be there by now, of an order that is paid and collected.
    #[must_use]
    pub fn can_be_there(&self, offer: OfferOf<'_, '_>, at: Timestamp, zone: Tz) -> Vec<usize> {
        if self.state != OrderState::Paid {
            return Vec::new();
        }
        let is_past = |line: &Line| offer(line.offer).is_some_and(|row| row.is_there(at, zone));
        self.outstanding().filter(|(_, line)| is_past(line)).map(|(at, _)| at).collect()
    }

    /// When its goods count as received though nobody says so, `days` after they came or should have: what is under
    /// way counts from its shipping, the rest from the last of its lines. `None`: nobody can tell when it came, for
    /// `is_sent` and nothing says when.
    #[must_use]
    pub fn received_by_itself(
        &self,
        offer: OfferOf<'_, '_>,
        days: u32,
        zone: Tz,
        is_sent: bool,
    ) -> Option<Timestamp> {
        let from = match self.state {
            OrderState::Shipped => self.shipped_at,
            OrderState::Paid => {
                let came = |line: &Line| offer(line.offer).and_then(|row| row.came_at(is_sent));
                let mut last = self.paid_at;
                for (_, line) in self.outstanding() {
                    last = last.max(Some(came(line)?));
                }
                last
            }
            _ => None,
        };
        Some(local_midnight_after(from?, days.saturating_add(1), zone))
    }
}

impl Offer {
    /// Whether its goods were called, or should be there by now: from the morning of the day they are expected, or
    /// of the day after closing.
    #[must_use]
    pub fn is_there(&self, at: Timestamp, zone: Tz) -> bool {
        let today = local_day(at, zone);
        let by_day = match self.arrival.expected {
            Some(expected) => local_day(expected.at, zone) <= today,
            None => local_day(self.closes_at, zone) + Days::new(1) <= today,
        };
        self.arrival.called.is_some() || by_day
    }

    /// When its goods came, or should have; of what is sent to people, closing says nothing.
    fn came_at(&self, is_sent: bool) -> Option<Timestamp> {
        let called = self.arrival.called.as_ref().map(|called| called.at);
        let expected = self.arrival.expected.map(|expected| expected.at);
        called.or(expected).or((!is_sent).then_some(self.closes_at))
    }
}
