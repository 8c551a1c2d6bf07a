//! The people and the words in what was understood: where the marks of mentions become people again.

use super::{Intent, LeaderIntent, NOTE_MAX, Question, Selection, Understood};
use crate::domain::message::{Mention, is_mark, mentioned, named};
use crate::domain::person::Person;
use crate::domain::{
    catalog, groups, loyalty, orders, payments, payouts, people, referral, reports, service,
    shipping,
};

impl Understood {
    /// The same with people in the places of their marks, and names where marks stand among other words.
    #[must_use]
    pub fn with_mentions(mut self, mentions: &[Mention]) -> Self {
        if mentions.is_empty() {
            return self;
        }
        let mut place = Place { mentions };
        if let Some(person) = &mut self.for_whom {
            place.person(person);
        }
        if let Some(note) = &mut self.note {
            place.words(note);
            *note = note.chars().take(NOTE_MAX).collect();
        }
        place.intent(&mut self.intent);
        self
    }
}

impl Intent {
    /// The same with `person` in the place of whoever was only named so.
    #[must_use]
    pub fn meaning(mut self, name: &str, person: &Person) -> Self {
        let mut meant = Meant { name, person };
        meant.intent(&mut self);
        self
    }
}

/// Whatever changes the people and the words of an intent.
trait Change {
    fn person(&mut self, person: &mut Person);
    fn words(&mut self, words: &mut String);

    fn words_of(&mut self, words: &mut Option<String>) {
        if let Some(words) = words {
            self.words(words);
        }
    }

    fn intent(&mut self, intent: &mut Intent) {
        match intent {
            Intent::Referral(referral::Intent::ClaimInviter { name })
            | Intent::Referral(referral::Intent::AnswerClaim { name: Some(name), .. }) => {
                self.person(name);
            }
            Intent::Referral(referral::Intent::UseInvite { code })
            | Intent::Groups(groups::Intent::Link { code }) => self.words(code),
            Intent::Payouts(payouts::Intent::SetPayee(text))
            | Intent::Payouts(payouts::Intent::AgreePayee(text))
            | Intent::Shipping(shipping::Intent::SetAddress(text))
            | Intent::Shipping(shipping::Intent::SetPickup(text)) => {
                self.words(text);
            }
            Intent::Unread(unread) => self.words(&mut unread.said),
            Intent::Orders(orders::Intent::JoinList(entries)) => {
                for entry in entries {
                    self.words(&mut entry.who);
                    self.words_of(&mut entry.note);
                }
            }
            Intent::Ask(question) => self.question(question),
            Intent::Lead(lead) => self.lead(lead),
            Intent::Referral(referral::Intent::AnswerClaim { name: None, .. })
            | Intent::Silent
            | Intent::Orders(orders::Intent::Order(_))
            | Intent::Orders(orders::Intent::Amend(_))
            | Intent::Orders(orders::Intent::Cancel(_))
            | Intent::Orders(orders::Intent::CancelOrders(_))
            | Intent::Loyalty(loyalty::Intent::CheckIn)
            | Intent::Payouts(payouts::Intent::Balance)
            | Intent::Payouts(payouts::Intent::Statement)
            | Intent::Orders(orders::Intent::MyOrders)
            | Intent::Referral(referral::Intent::Invite)
            | Intent::Loyalty(loyalty::Intent::Points)
            | Intent::Catalog(catalog::Intent::Menu)
            | Intent::Groups(groups::Intent::Help)
            | Intent::Loyalty(loyalty::Intent::Share)
            | Intent::Service(service::Intent::Feedback)
            | Intent::Payouts(payouts::Intent::Withdraw { .. })
            | Intent::Loyalty(loyalty::Intent::SpendPoints { .. })
            | Intent::Shipping(shipping::Intent::Received(_))
            | Intent::Catalog(catalog::Intent::Query(_))
            | Intent::Undo(_)
            | Intent::Operate(_) => {}
        }
    }

    fn question(&mut self, question: &mut Question) {
        for choice in question.choices.iter_mut().chain(&mut question.unlisted) {
            self.intent(choice);
        }
    }

    fn lead(&mut self, lead: &mut LeaderIntent) {
        match lead {
            LeaderIntent::Payments(payments::Lead::Paid { of, .. })
            | LeaderIntent::Shipping(shipping::Lead::Delivered(of))
            | LeaderIntent::Orders(orders::Lead::CancelOf(of)) => self.selection(of),
            LeaderIntent::Shipping(shipping::Lead::Ship { of, carrier, tracking }) => {
                self.selection(of);
                self.words_of(carrier);
                self.words_of(tracking);
            }
            LeaderIntent::Catalog(catalog::Lead::List { name, unit, .. }) => {
                self.words(name);
                self.words_of(unit);
            }
            LeaderIntent::Loyalty(loyalty::Lead::ApproveShare(person))
            | LeaderIntent::People(people::Lead::Leader { name: person, .. })
            | LeaderIntent::People(people::Lead::Promoter { name: person, .. }) => {
                self.person(person)
            }
            LeaderIntent::Payments(payments::Lead::Refund { .. })
            | LeaderIntent::Catalog(catalog::Lead::Price { .. })
            | LeaderIntent::Catalog(catalog::Lead::Stock { .. })
            | LeaderIntent::Catalog(catalog::Lead::SetStock { .. })
            | LeaderIntent::Payments(payments::Lead::PaidNumber { .. })
            | LeaderIntent::Orders(orders::Lead::Request { .. })
            | LeaderIntent::Catalog(catalog::Lead::Close(_))
            | LeaderIntent::Reports(reports::Lead::Unpaid)
            | LeaderIntent::Reports(reports::Lead::PickList)
            | LeaderIntent::Reports(reports::Lead::Today)
            | LeaderIntent::Referral(referral::Lead::Unattributed)
            | LeaderIntent::Referral(referral::Lead::Promoters)
            | LeaderIntent::Orders(orders::Lead::Review { .. })
            | LeaderIntent::HalfSaid(_) => {}
            LeaderIntent::Unread(unread) => self.words(&mut unread.said),
            LeaderIntent::ByName { act, .. } => self.lead(act),
        }
    }

    fn selection(&mut self, selection: &mut Selection) {
        match selection {
            Selection::Members(people) => people.iter_mut().for_each(|it| self.person(it)),
            Selection::Orders(_) | Selection::All => {}
        }
    }
}

/// People and names go where their marks stand.
struct Place<'m> {
    mentions: &'m [Mention],
}

impl Change for Place<'_> {
    fn person(&mut self, person: &mut Person) {
        let Person::Named(words) = person else { return };
        match mentioned(words, self.mentions) {
            // A name that was typed, and that several members look like.
            Some(contact) if contact.key.is_empty() && !contact.name.is_empty() => {
                *person = Person::Named(contact.name);
            }
            Some(contact) => *person = Person::Mentioned(contact),
            None => self.words(words),
        }
    }

    fn words(&mut self, words: &mut String) {
        if words.contains(is_mark) {
            *words = named(words, self.mentions);
        }
    }
}

/// One person goes where a name stands that several bear.
struct Meant<'p> {
    name: &'p str,
    person: &'p Person,
}

impl Change for Meant<'_> {
    fn person(&mut self, person: &mut Person) {
        if matches!(person, Person::Named(name) if name == self.name) {
            person.clone_from(self.person);
        }
    }

    fn words(&mut self, _words: &mut String) {}
}
