//! A shop as a person with paper and pencil would run it: a list of members, a list of orders, and every
//! figure counted anew from them whenever somebody asks. Written from the rules, not from the program.
//!
//! No ledger, no balances, no batches, no timers: nothing here can get out of step with itself.

use std::collections::BTreeSet;

use chrono::{Days, Duration, NaiveDate};
use tuan::domain::time::{Timestamp, local_day};

/// What the corner shop sells: code, price in minor units, stock, most per member.
pub(super) const GOODS: [(&str, i64, Option<u32>, Option<u32>); 4] = [
    ("A1", 3_990, Some(50), Some(5)),
    ("A2", 6_990, Some(8), None),
    ("A3", 1_680, Some(60), None),
    ("A4", 1_250, None, None),
];

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Shanghai;
const CHECK_IN: i64 = 5;
const SEVENTH_DAY: i64 = 20;
const RATE_PER_CENT: i64 = 3;
/// What has to be paid for a tier, and by how many hundredths it multiplies points.
const TIERS: [(i64, i64); 2] = [(15_000, 200), (5_000, 150)];
const RECEIVED_AFTER_DAYS: i64 = 10;
const AVAILABLE_AFTER_DAYS: u64 = 8;

/// The day whose evening closes the offers.
fn closing_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day")
}

/// Members and orders go by their places in these lists.
#[derive(Default)]
pub(super) struct Model {
    pub(super) members: Vec<Member>,
    pub(super) orders: Vec<Order>,
}

pub(super) struct Member {
    pub(super) name: String,
    pub(super) inviter: Option<usize>,
    pub(super) leads: bool,
    days: BTreeSet<NaiveDate>,
}

pub(super) struct Order {
    pub(super) buyer: usize,
    pub(super) state: State,
    pub(super) lines: Vec<Line>,
    /// By how many hundredths its points are multiplied.
    times: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Placed,
    Paid,
    Shipped { at: Timestamp },
    Received { day: NaiveDate, was_paid_out: bool },
    Cancelled,
    Refunded,
}

pub(super) struct Line {
    /// Place in [`GOODS`].
    pub(super) goods: usize,
    pub(super) qty: u32,
    pub(super) refunded: u32,
    restocked: u32,
}

impl Line {
    pub(super) fn live(&self) -> u32 {
        self.qty - self.refunded
    }

    fn price(&self) -> i64 {
        GOODS[self.goods].1
    }
}

impl Order {
    pub(super) fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.price() * i64::from(line.qty)).sum()
    }

    /// What is left of it after refunds.
    pub(super) fn kept(&self) -> i64 {
        self.lines.iter().map(|line| line.price() * i64::from(line.live())).sum()
    }

    fn was_paid(&self) -> bool {
        !matches!(self.state, State::Placed | State::Cancelled)
    }

    /// Its points: one for each whole yuan by its buyer's tier, and of these the part that was kept.
    fn points(&self) -> i64 {
        let granted = self.total() * self.times / 100 / 100;
        if self.was_paid() && self.total() > 0 { granted * self.kept() / self.total() } else { 0 }
    }

    /// What its promoter has of it: each line for itself, rounded down, and of it the part that was kept.
    fn commission(&self) -> i64 {
        let line = |line: &Line| {
            let whole = line.price() * i64::from(line.qty) * RATE_PER_CENT / 100;
            if line.qty == 0 { 0 } else { whole * i64::from(line.live()) / i64::from(line.qty) }
        };
        if self.was_paid() { self.lines.iter().map(line).sum() } else { 0 }
    }
}

impl Model {
    pub(super) fn join(&mut self, name: &str, inviter: Option<usize>, leads: bool) -> usize {
        let (name, days) = (name.to_owned(), BTreeSet::new());
        self.members.push(Member { name, inviter, leads, days });
        self.members.len() - 1
    }

    /// Units left of some goods; `None`: as many as one likes.
    pub(super) fn left(&self, goods: usize) -> Option<u32> {
        let out = |line: &Line| line.qty - line.restocked;
        let live = self.orders.iter().filter(|order| order.state != State::Cancelled);
        let lines = live.flat_map(|order| &order.lines).filter(|line| line.goods == goods);
        GOODS[goods].2.map(|stock| stock - lines.map(out).sum::<u32>())
    }

    /// The order a member has not paid yet.
    pub(super) fn basket(&self, member: usize) -> Option<usize> {
        let is_open = |order: &Order| order.buyer == member && order.state == State::Placed;
        self.orders.iter().position(is_open)
    }

    /// Units of some goods in a member's basket.
    pub(super) fn in_basket(&self, member: usize, goods: usize) -> u32 {
        let lines = self.basket(member).map_or(&[][..], |order| &self.orders[order].lines);
        lines.iter().find(|line| line.goods == goods).map_or(0, |line| line.qty)
    }

    /// A member wants more. Whatever cannot be had whole is not had at all.
    pub(super) fn order(&mut self, member: usize, goods: usize, qty: u32) {
        if !self.may_have(member, goods, qty) {
            return;
        }
        let basket = self.basket(member).unwrap_or_else(|| {
            let (state, times) = (State::Placed, self.times(member));
            self.orders.push(Order { buyer: member, state, lines: Vec::new(), times });
            self.orders.len() - 1
        });
        let lines = &mut self.orders[basket].lines;
        match lines.iter_mut().find(|line| line.goods == goods) {
            Some(line) => line.qty += qty,
            None => lines.push(Line { goods, qty, refunded: 0, restocked: 0 }),
        }
    }

    /// The tier of a member: what they paid and did not return. The world is over before that is too old.
    fn times(&self, member: usize) -> i64 {
        let theirs = self.orders.iter().filter(|order| order.buyer == member && order.was_paid());
        let paid: i64 = theirs.map(Order::kept).sum();
        TIERS.iter().find(|(spend, _)| paid >= *spend).map_or(100, |&(_, times)| times)
    }

    fn may_have(&self, member: usize, goods: usize, more: u32) -> bool {
        let theirs = |order: &&Order| order.buyer == member && order.state != State::Cancelled;
        let lines = self.orders.iter().filter(theirs).flat_map(|order| &order.lines);
        let held: u32 = lines.filter(|line| line.goods == goods).map(Line::live).sum();
        let limit = GOODS[goods].3.unwrap_or(u32::MAX);
        self.left(goods).is_none_or(|left| more <= left) && held + more <= limit
    }

    /// A member wants exactly so many in their basket, where there are some.
    pub(super) fn set(&mut self, member: usize, goods: usize, qty: u32) {
        let has = self.in_basket(member, goods);
        if qty > has {
            self.order(member, goods, qty - has);
        } else if let Some(basket) = self.basket(member) {
            let lines = self.orders[basket].lines.iter_mut();
            lines.filter(|line| line.goods == goods).for_each(|line| line.qty = qty);
        }
    }

    /// A member takes goods off their basket; an empty basket is a cancelled order.
    pub(super) fn take_off(&mut self, member: usize, goods: usize) {
        let Some(basket) = self.basket(member) else { return };
        let order = &mut self.orders[basket];
        if order.lines.iter().all(|line| line.goods == goods || line.qty == 0) {
            order.state = State::Cancelled;
        } else {
            order.lines.iter_mut().filter(|line| line.goods == goods).for_each(|line| line.qty = 0);
        }
    }

    pub(super) fn cancel_all(&mut self, member: usize) {
        if let Some(basket) = self.basket(member) {
            self.orders[basket].state = State::Cancelled;
        }
    }

    pub(super) fn pay(&mut self, order: usize) {
        if self.orders[order].state == State::Placed {
            self.orders[order].state = State::Paid;
        }
    }

    pub(super) fn ship(&mut self, order: usize, at: Timestamp) {
        if self.orders[order].state == State::Paid {
            self.orders[order].state = State::Shipped { at };
        }
    }

    pub(super) fn receive(&mut self, order: usize, at: Timestamp) {
        if matches!(self.orders[order].state, State::Paid | State::Shipped { .. }) {
            let day = local_day(at, ZONE);
            self.orders[order].state = State::Received { day, was_paid_out: false };
        }
    }

    /// All that is under way to a member has arrived; where nothing is, they fetched what was paid, which can be
    /// there from the day after closing on.
    pub(super) fn receive_all(&mut self, member: usize, at: Timestamp) {
        let theirs = |model: &Self, is_meant: fn(State) -> bool| -> Vec<usize> {
            let all = model.orders.iter().enumerate();
            let meant = all.filter(|(_, it)| it.buyer == member && is_meant(it.state));
            meant.map(|(order, _)| order).collect()
        };
        let mut arrived = theirs(self, |state| matches!(state, State::Shipped { .. }));
        if arrived.is_empty() && local_day(at, ZONE) > closing_day() {
            arrived = theirs(self, |state| state == State::Paid);
        }
        for order in arrived {
            self.receive(order, at);
        }
    }

    /// So many units of a line go back; goods that were never sent are on sale again while it lasts.
    pub(super) fn refund(&mut self, order: usize, goods: usize, units: u32, is_open: bool) {
        let order = &mut self.orders[order];
        if !order.was_paid() {
            return;
        }
        let unsent = order.state == State::Paid;
        let Some(line) = order.lines.iter_mut().find(|line| line.goods == goods) else { return };
        if units > line.live() {
            return;
        }
        line.refunded += units;
        if unsent && is_open {
            line.restocked += units;
        }
        if order.kept() == 0 {
            order.state = State::Refunded;
        }
    }

    pub(super) fn check_in(&mut self, member: usize, at: Timestamp) {
        self.members[member].days.insert(local_day(at, ZONE));
    }

    /// What the calendar does by itself.
    pub(super) fn pass(&mut self, now: Timestamp, unpaid_until: Timestamp) {
        let today = local_day(now, ZONE);
        for order in &mut self.orders {
            match order.state {
                State::Placed if now >= unpaid_until => order.state = State::Cancelled,
                State::Shipped { at } if now >= at + Duration::days(RECEIVED_AFTER_DAYS) => {
                    let day = local_day(at + Duration::days(RECEIVED_AFTER_DAYS), ZONE);
                    order.state = State::Received { day, was_paid_out: false };
                }
                _ => {}
            }
            if let State::Received { day, was_paid_out } = &mut order.state {
                *was_paid_out |= today >= *day + Days::new(AVAILABLE_AFTER_DAYS);
            }
        }
    }

    /// Frozen and available commission of a member.
    pub(super) fn commission(&self, member: usize) -> (i64, i64) {
        let (mut frozen, mut available) = (0, 0);
        for order in &self.orders {
            let inviter = self.members[order.buyer].inviter;
            if inviter != Some(member) || self.members[member].leads {
                continue;
            }
            match order.state {
                State::Received { was_paid_out: true, .. } => available += order.commission(),
                _ => frozen += order.commission(),
            }
        }
        (frozen, available)
    }

    /// Check-ins, every seventh day in a row, and what was bought.
    pub(super) fn points(&self, member: usize) -> i64 {
        let days = &self.members[member].days;
        let run = |day: NaiveDate| {
            (0..u64::MAX).take_while(|&back| days.contains(&(day - Days::new(back)))).count()
        };
        let bonus = days.iter().filter(|&&day| run(day) == 7).count();
        let bought: i64 =
            self.orders.iter().filter(|order| order.buyer == member).map(Order::points).sum();
        CHECK_IN * i64::try_from(days.len()).unwrap()
            + SEVENTH_DAY * i64::try_from(bonus).unwrap()
            + bought
    }
}
