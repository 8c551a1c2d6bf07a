//! The people and the words in what was understood: where the marks of mentions become people again.

use super::{Intent, LeaderIntent, NOTE_MAX, Question, Selection, Understood};
use crate::domain::message::{Mention, is_mark, mentioned, named};
use crate::domain::person::Person;

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
            Intent::ClaimInviter { name } | Intent::AnswerClaim { name: Some(name), .. } => {
                self.person(name);
            }
            Intent::UseInvite { code } | Intent::Link { code } => self.words(code),
            Intent::SetPayee(text)
            | Intent::AgreePayee(text)
            | Intent::SetAddress(text)
            | Intent::SetPickup(text) => {
                self.words(text);
            }
            Intent::Unread(unread) => self.words(&mut unread.said),
            Intent::JoinList(entries) => {
                for entry in entries {
                    self.words(&mut entry.who);
                    self.words_of(&mut entry.note);
                }
            }
            Intent::Ask(question) => self.question(question),
            Intent::Lead(lead) => self.lead(lead),
            Intent::AnswerClaim { name: None, .. }
            | Intent::Silent
            | Intent::Order(_)
            | Intent::Amend(_)
            | Intent::Cancel(_)
            | Intent::CancelOrders(_)
            | Intent::CheckIn
            | Intent::Balance
            | Intent::Statement
            | Intent::MyOrders
            | Intent::Invite
            | Intent::Points
            | Intent::Menu
            | Intent::Help
            | Intent::Share
            | Intent::Feedback
            | Intent::Withdraw { .. }
            | Intent::SpendPoints { .. }
            | Intent::Received(_)
            | Intent::Query(_)
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
            LeaderIntent::Paid { of, .. }
            | LeaderIntent::Delivered(of)
            | LeaderIntent::CancelOf(of) => self.selection(of),
            LeaderIntent::Ship { of, carrier, tracking } => {
                self.selection(of);
                self.words_of(carrier);
                self.words_of(tracking);
            }
            LeaderIntent::List { name, unit, .. } => {
                self.words(name);
                self.words_of(unit);
            }
            LeaderIntent::ApproveShare(person)
            | LeaderIntent::Leader { name: person, .. }
            | LeaderIntent::Promoter { name: person, .. } => self.person(person),
            LeaderIntent::Refund { .. }
            | LeaderIntent::Price { .. }
            | LeaderIntent::Stock { .. }
            | LeaderIntent::SetStock { .. }
            | LeaderIntent::PaidNumber { .. }
            | LeaderIntent::Request { .. }
            | LeaderIntent::Close(_)
            | LeaderIntent::Unpaid
            | LeaderIntent::PickList
            | LeaderIntent::Today
            | LeaderIntent::Unattributed
            | LeaderIntent::Promoters
            | LeaderIntent::Review { .. }
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
