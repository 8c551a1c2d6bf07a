//! Foreseeing (预见): what deciding on an event will need, as far as can be told before. What an intent takes
//! stands beside what it does, in its room; what nobody foresaw is loaded when it turns out to be missing.

use crate::book::need::Report;
use crate::book::{Need, Needs, Shop};
use crate::domain::event::{Body, Event, Timer};
use crate::domain::ids::{AccountId, MemberId};
use crate::domain::intent::{Intent, LeaderIntent, MAX_CHOICES, Selection};
use crate::domain::name::name_key;
use crate::domain::orders as room;
use crate::domain::people as people_room;
use crate::domain::person::Person;
use crate::domain::time::Timestamp;

use super::reading::SceneReading;
use super::{
    catalog, daily, groups, loyalty, operate, orders, payments, payouts, people, referral, reports,
    service, shipping,
};

/// What is known before deciding.
#[derive(Debug)]
pub struct Ahead<'a> {
    /// The shop.
    pub shop: &'a Shop,
    /// The account that the event came through.
    pub account: AccountId,
    /// The event's time.
    pub at: Timestamp,
    /// Whoever caused it, where they are known.
    pub speaker: Option<MemberId>,
    /// The key of the message that it replies to.
    pub reply_to: Option<&'a str>,
}

impl Ahead<'_> {
    /// Something about the speaker.
    #[must_use]
    pub fn mine(&self, need: fn(MemberId) -> Need) -> Needs {
        self.speaker.map(need).into_iter().collect()
    }

    /// What the speaker's tier follows from.
    #[must_use]
    pub fn spend(&self) -> Option<Need> {
        self.spend_of(vec![self.speaker?])
    }

    /// What the tiers of these members follow from.
    #[must_use]
    pub fn spend_of(&self, members: Vec<MemberId>) -> Option<Need> {
        loyalty::tiers::need(self.shop, members.into_iter().collect(), self.at)
    }

    /// What finding a person takes. Whoever is mentioned was loaded with the message.
    #[must_use]
    pub fn person(&self, person: &Person) -> Needs {
        let it = match person {
            Person::Mentioned(contact) => Need::Person(self.account, contact.key.clone()),
            Person::Named(name) => Need::Name(name_key(name)),
        };
        let alike = self.bearers(person);
        // Who of several is meant is asked with what tells them apart.
        let recent = |id| Need::Report(Report::Orders(room::Need::Recent(id)));
        let recent = alike.iter().copied().filter(|_| alike.len() > 1).map(recent);
        [it].into_iter().chain(recent).collect()
    }

    /// Who wrote the message that this one replies to.
    #[must_use]
    pub fn author(&self) -> Needs {
        let Some(key) = self.reply_to else { return Needs::new() };
        let need = if let Some(author) = self.shop.known.reports.people.authors.get(key) {
            author.as_ref().map(|it| Need::Person(self.account, it.key.clone()))
        } else {
            let need = people_room::Need::Author(self.account, key.to_owned());
            Some(Need::Report(Report::People(need)))
        };
        need.into_iter().collect()
    }

    /// Whoever a person may be, once they were looked up.
    #[must_use]
    pub fn bearers(&self, person: &Person) -> Vec<MemberId> {
        let known = &self.shop.known;
        match person {
            Person::Mentioned(contact) => {
                let member = known.keys.get(&(self.account, contact.key.clone()));
                member.copied().flatten().into_iter().collect()
            }
            Person::Named(name) => {
                let bearers = known.names.get(&name_key(name)).into_iter().flatten();
                bearers.copied().take(MAX_CHOICES).collect()
            }
        }
    }

    /// The last orders of these people, once they were looked up.
    #[must_use]
    pub fn recent_of(&self, people: &[Person]) -> Needs {
        let found = people.iter().flat_map(|person| self.bearers(person));
        let recent = found.map(|id| Need::Report(Report::Orders(room::Need::Recent(id))));
        people.iter().flat_map(|person| self.person(person)).chain(recent).collect()
    }

    /// The orders that a leader means; `all`: those that are ready for what is to be done.
    #[must_use]
    pub fn selection(&self, of: &Selection, all: Need) -> Needs {
        match of {
            Selection::Orders(orders) => orders.iter().copied().map(Need::Order).collect(),
            Selection::Members(people) => {
                let orders = people.iter().flat_map(|person| self.bearers(person));
                let people = people.iter().flat_map(|person| self.person(person));
                people.chain(orders.map(Need::OrdersOf)).collect()
            }
            Selection::All => [all].into(),
        }
    }

    /// Whether there is a member of this number.
    #[must_use]
    pub fn exists(&self, member: MemberId) -> bool {
        operate::member_exists(self.shop, member)
    }

    fn intent(&self, intent: &Intent) -> Needs {
        match intent {
            Intent::Silent | Intent::Unread(_) => Needs::new(),
            Intent::Ask(_) => self.mine(Need::OrdersOf),
            Intent::Undo(about) => super::undo::needs(self, *about),
            Intent::Lead(lead) => self.lead(lead),
            Intent::Operate(ordered) => operate::needs(self.shop, ordered),
            Intent::Groups(intent) => groups::needs(intent),
            Intent::Catalog(intent) => catalog::needs(self, intent),
            Intent::Orders(intent) => orders::needs(self, intent),
            Intent::Payments(intent) => payments::needs(self, intent),
            Intent::Shipping(intent) => shipping::needs(self, intent),
            Intent::Referral(intent) => referral::needs(self, intent),
            Intent::Payouts(intent) => payouts::needs(self, intent),
            Intent::Loyalty(intent) => loyalty::needs(self, intent),
            Intent::Service(intent) => service::needs(self, intent),
        }
    }

    fn lead(&self, lead: &LeaderIntent) -> Needs {
        match lead {
            LeaderIntent::HalfSaid(_) | LeaderIntent::Unread(_) | LeaderIntent::Meant { .. } => {
                Needs::new()
            }
            LeaderIntent::ByName { act, .. } => self.lead(act),
            LeaderIntent::People(lead) => people::lead_needs(self, lead),
            LeaderIntent::Catalog(lead) => catalog::lead_needs(self, lead),
            LeaderIntent::Orders(lead) => orders::lead_needs(self, lead),
            LeaderIntent::Payments(lead) => payments::lead_needs(self, lead),
            LeaderIntent::Shipping(lead) => shipping::lead_needs(self, lead),
            LeaderIntent::Referral(lead) => referral::lead_needs(lead),
            LeaderIntent::Loyalty(lead) => loyalty::lead_needs(self, lead),
            LeaderIntent::Reports(lead) => reports::lead_needs(self, lead),
            LeaderIntent::Service(lead) => service::lead_needs(self, lead),
        }
    }

    fn timer(&self, timer: &Timer) -> Needs {
        match timer {
            Timer::Close | Timer::Drop { .. } => catalog::offers::due_needs(self.shop, self.at),
            Timer::Warn | Timer::Release | Timer::Claims => [Need::Unpaid].into(),
            Timer::Receive => [Need::Shipped].into(),
            Timer::Remind => [Need::ToShip, Need::Shipped].into(),
            Timer::Taken { orders } => orders.iter().copied().map(Need::Order).collect(),
            Timer::Cases => [Need::Cases].into(),
            Timer::Settle => [Need::Due(self.at)].into(),
            Timer::Open { .. } => Needs::new(),
            Timer::Expire => loyalty::expiry::needs(self),
            Timer::Brief { .. } => daily::brief_needs(),
            Timer::Summary { .. } => daily::summary_needs(self.shop, self.at),
            Timer::Restocked => catalog::waiting::needs(self.shop, self.at),
        }
    }
}

/// What deciding on this event will need, as far as can be told before: by what the book knows, so that more can be told
/// once that is loaded.
#[must_use]
pub fn foresee(shop: &Shop, event: &Event, reading: Option<&SceneReading>) -> Needs {
    let known =
        |key: &str| shop.known.keys.get(&(event.account, key.to_owned())).copied().flatten();
    let speaker = event.body.from().and_then(|from| known(&from.key));
    let reply_to = event.body.reply_to();
    let ahead = Ahead { shop, account: event.account, at: event.at, speaker, reply_to };
    match (&event.body, reading) {
        (Body::Said { .. } | Body::Chain { .. }, Some(reading)) => {
            let said = &reading.understood;
            let mut needs = ahead.intent(&said.intent);
            needs.extend(orders::named_needs(&ahead, said));
            needs.extend(reading.lacks.iter().cloned());
            if said.intent == Intent::Silent {
                needs.extend(shown(shop, &event.body));
            }
            needs
        }
        (body @ Body::Said { .. }, None) => shown(shop, body),
        (Body::Ordered { intent, .. }, _) => Ahead { speaker: None, ..ahead }.intent(intent),
        (Body::Due(timer), _) => ahead.timer(timer),
        _ => Needs::new(),
    }
}

/// What words or a picture without a meaning may belong to.
fn shown(shop: &Shop, body: &Body) -> Needs {
    match body {
        Body::Said { message, .. } if service::cases::may_show(shop, message) => {
            [Need::Cases].into()
        }
        _ => Needs::new(),
    }
}
