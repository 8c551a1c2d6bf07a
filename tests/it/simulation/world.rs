//! What people do in the simulated corner shop, by chance: each act is told to the model and said to
//! the real shop, in the same order.

use chrono::Duration;
use tuan::domain::event::{Body, Evidence};
use tuan::domain::ids::{OfferId, OrderId};
use tuan::domain::intent::{Intent, LeaderIntent, Op, Selection, WantedLine};
use tuan::domain::time::Timestamp;
use tuan::domain::{payments, shipping};

use super::model::{GOODS, Model, State};
use super::random::Random;
use crate::stage::{ordered, person, said};

pub(super) struct World {
    pub(super) model: Model,
    pub(super) random: Random,
    /// Whether the offers take orders.
    pub(super) is_open: bool,
    acts: u32,
}

/// Something that happens: its key, how long ago it was sent, and what it is.
pub(super) type Act = (String, Duration, Body);

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut model = Model::default();
        let leader = model.join("阿明", None, true);
        let xiaomei = model.join("小美", Some(leader), false);
        model.join("老王", None, false);
        model.join("阿强", Some(xiaomei), false);
        Self { model, random: Random::new(seed), is_open: true, acts: 0 }
    }

    /// The next thing that happens.
    pub(super) fn act(&mut self, now: Timestamp) -> Act {
        self.acts += 1;
        let body = loop {
            if let Some(body) = self.try_act(now) {
                break body;
            }
        };
        let ago = i64::try_from(self.random.below(30_000)).unwrap();
        (format!("act:{}", self.acts), Duration::milliseconds(ago), body)
    }

    fn try_act(&mut self, now: Timestamp) -> Option<Body> {
        // The leader sells and does not buy.
        let member = 1 + self.random.below(self.model.members.len() - 1);
        match self.random.below(20) {
            0 => Some(self.join()),
            1 => Some(self.check_in(member, now)),
            2..=8 => self.order(member),
            9 => self.set(member),
            10 => self.take_off(member),
            11 => self.cancel(member),
            12..=14 => self.pay(),
            15 | 16 => self.ship(now),
            17 => self.receive(member, now),
            18 => self.deliver(now),
            _ => self.refund(),
        }
    }

    fn says(&self, member: usize, text: &str) -> Body {
        said(&self.model.members[member].name, text)
    }

    fn join(&mut self) -> Body {
        let name = format!("新人{}", self.model.members.len());
        let inviter = self.random.below(self.model.members.len() + 1);
        let inviter = (inviter < self.model.members.len()).then_some(inviter);
        let by = inviter.map(|it| person(&self.model.members[it].name));
        self.model.join(&name, inviter, false);
        let evidence = Evidence::JoinEvent;
        Body::Joined { members: vec![person(&name)], inviter: by, evidence }
    }

    fn check_in(&mut self, member: usize, now: Timestamp) -> Body {
        self.model.check_in(member, now);
        self.says(member, "签到")
    }

    fn order(&mut self, member: usize) -> Option<Body> {
        let goods = self.random.below(GOODS.len());
        let qty = self.random.count(4);
        if !self.is_open {
            return None;
        }
        // A bare repeat would be asked back.
        let has_ordered = self.model.orders.iter().any(|order| order.buyer == member);
        let again = if has_ordered { "再加" } else { "" };
        self.model.order(member, goods, qty);
        Some(self.says(member, &format!("{again}{} x{qty}", GOODS[goods].0)))
    }

    /// Of what is in the basket and in no other order of theirs.
    fn set(&mut self, member: usize) -> Option<Body> {
        let goods = self.changeable(member)?;
        let qty = self.random.count(5);
        if qty == self.model.in_basket(member, goods) {
            return None;
        }
        self.model.set(member, goods, qty);
        Some(self.says(member, &format!("{}改成{qty}", GOODS[goods].0)))
    }

    fn take_off(&mut self, member: usize) -> Option<Body> {
        let goods = self.changeable(member)?;
        self.model.take_off(member, goods);
        Some(self.says(member, &format!("{}不要了", GOODS[goods].0)))
    }

    fn changeable(&mut self, member: usize) -> Option<usize> {
        let basket: Vec<_> =
            (0..GOODS.len()).filter(|&goods| self.model.in_basket(member, goods) > 0).collect();
        if self.is_open { self.random.pick(&basket) } else { None }
    }

    fn cancel(&mut self, member: usize) -> Option<Body> {
        self.model.basket(member)?;
        self.model.cancel_all(member);
        Some(self.says(member, "全部取消"))
    }

    /// An order in such a state.
    fn some_order(&mut self, is_meant: impl Fn(State) -> bool) -> Option<usize> {
        let all = 0..self.model.orders.len();
        let meant: Vec<_> = all.filter(|&it| is_meant(self.model.orders[it].state)).collect();
        self.random.pick(&meant)
    }

    /// Sometimes twice.
    fn pay(&mut self) -> Option<Body> {
        let often = self.random.one_in(5);
        let order = self.some_order(|it| it == State::Placed || (often && it == State::Paid))?;
        self.model.pay(order);
        Some(lead(LeaderIntent::Payments(payments::Lead::Paid { of: number(order), amount: None })))
    }

    /// Sometimes what is not paid.
    fn ship(&mut self, now: Timestamp) -> Option<Body> {
        let often = self.random.one_in(5);
        let order = self.some_order(|it| it == State::Paid || (often && it == State::Placed))?;
        self.model.ship(order, now);
        Some(lead(LeaderIntent::Shipping(shipping::Lead::Ship {
            of: number(order),
            carrier: None,
            tracking: None,
        })))
    }

    fn receive(&mut self, member: usize, now: Timestamp) -> Option<Body> {
        self.some_order(|it| matches!(it, State::Shipped { .. }))?;
        self.model.receive_all(member, now);
        Some(self.says(member, "收到货了"))
    }

    fn deliver(&mut self, now: Timestamp) -> Option<Body> {
        let order = self.some_order(|it| matches!(it, State::Shipped { .. }))?;
        self.model.receive(order, now);
        Some(lead(LeaderIntent::Shipping(shipping::Lead::Delivered(number(order)))))
    }

    /// Sometimes more than there is.
    fn refund(&mut self) -> Option<Body> {
        let order = self.some_order(|it| {
            matches!(it, State::Paid | State::Shipped { .. } | State::Received { .. })
        })?;
        let lines: Vec<_> = self.model.orders[order].lines.iter().map(|line| line.goods).collect();
        let goods = self.random.pick(&lines)?;
        let units = self.random.count(3);
        self.model.refund(order, goods, units, self.is_open);
        let offer = OfferId(i64::try_from(goods).unwrap() + 1);
        let line = WantedLine { offer, variant: None, qty: Some(units), op: Op::Remove };
        Some(lead(LeaderIntent::Payments(payments::Lead::Refund {
            order: id(order),
            lines: vec![line],
        })))
    }
}

fn id(order: usize) -> OrderId {
    OrderId(i64::try_from(order).unwrap() + 1)
}

fn number(order: usize) -> Selection {
    Selection::Orders(vec![id(order)])
}

fn lead(intent: LeaderIntent) -> Body {
    ordered(Intent::Lead(intent))
}
