//! The people and the words in what was understood: where the marks of mentions become people again.

use super::{Intent, LeaderIntent, NOTE_MAX, Selection, Understood};
use crate::domain::message::{Mention, is_mark, mentioned, named};
use crate::domain::person::Person;

impl Understood {
    /// The same with people in the places of their marks, and names where marks stand among other words.
    #[must_use]
    pub fn with_mentions(mut self, mentions: &[Mention]) -> Self {
        if mentions.is_empty() {
            return self;
        }
        let mut place = PersonPlacer { mentions };
        if let Some(person) = &mut self.for_whom {
            place.person(person);
        }
        if let Some(note) = &mut self.note {
            place.words(note);
            *note = note.chars().take(NOTE_MAX).collect();
        }
        self.intent.change(&mut place);
        self
    }
}

impl Intent {
    /// The same with `person` in the place of whoever was only named so.
    #[must_use]
    pub fn meaning(mut self, name: &str, person: &Person) -> Self {
        let mut meant = MeantPerson { name, person };
        self.change(&mut meant);
        self
    }
}

/// Whatever changes the people and the words of an intent.
pub(in crate::domain) trait Change {
    fn person(&mut self, person: &mut Person);
    fn words(&mut self, words: &mut String);

    fn words_of(&mut self, words: &mut Option<String>) {
        if let Some(words) = words {
            self.words(words);
        }
    }

    fn selection(&mut self, selection: &mut Selection) {
        match selection {
            Selection::Members(people) => people.iter_mut().for_each(|it| self.person(it)),
            Selection::Orders(_) | Selection::All => {}
        }
    }
}

impl Intent {
    /// Its name in the table of commands; of a question, `ask`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Silent => "none",
            Self::Ask(_) | Self::Unread(_) => "ask",
            Self::Undo(_) => "groups.undo",
            Self::Operate(_) => "operate",
            Self::Lead(lead) => lead.name(),
            Self::Groups(intent) => intent.name(),
            Self::Catalog(intent) => intent.name(),
            Self::Orders(intent) => intent.name(),
            Self::Payments(intent) => intent.name(),
            Self::Shipping(intent) => intent.name(),
            Self::Referral(intent) => intent.name(),
            Self::Payouts(intent) => intent.name(),
            Self::Loyalty(intent) => intent.name(),
            Self::Service(intent) => intent.name(),
        }
    }

    fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::Silent | Self::Undo(_) | Self::Operate(_) => {}
            Self::Unread(unread) => change.words(&mut unread.said),
            Self::Ask(question) => {
                for choice in question.choices.iter_mut().chain(&mut question.unlisted) {
                    choice.change(change);
                }
            }
            Self::Lead(lead) => lead.change(change),
            Self::Groups(intent) => intent.change(change),
            Self::Catalog(intent) => intent.change(change),
            Self::Orders(intent) => intent.change(change),
            Self::Payments(intent) => intent.change(change),
            Self::Shipping(intent) => intent.change(change),
            Self::Referral(intent) => intent.change(change),
            Self::Payouts(intent) => intent.change(change),
            Self::Loyalty(intent) => intent.change(change),
            Self::Service(intent) => intent.change(change),
        }
    }
}

impl LeaderIntent {
    /// Its name in the table of commands.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::HalfSaid(command) => command.as_str(),
            Self::Unread(_) => "ask",
            Self::ByName { act, .. } | Self::Meant { act, .. } => act.name(),
            Self::People(lead) => lead.name(),
            Self::Catalog(lead) => lead.name(),
            Self::Orders(lead) => lead.name(),
            Self::Payments(lead) => lead.name(),
            Self::Shipping(lead) => lead.name(),
            Self::Referral(lead) => lead.name(),
            Self::Loyalty(lead) => lead.name(),
            Self::Reports(lead) => lead.name(),
            Self::Service(lead) => lead.name(),
        }
    }

    fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::HalfSaid(_) => {}
            Self::Unread(unread) => change.words(&mut unread.said),
            Self::ByName { act, .. } => act.change(change),
            Self::Meant { act, said } => {
                act.change(change);
                change.words(said);
            }
            Self::People(lead) => lead.change(change),
            Self::Catalog(lead) => lead.change(change),
            Self::Orders(lead) => lead.change(change),
            Self::Payments(lead) => lead.change(change),
            Self::Shipping(lead) => lead.change(change),
            Self::Referral(lead) => lead.change(change),
            Self::Loyalty(lead) => lead.change(change),
            Self::Reports(lead) => lead.change(change),
            Self::Service(lead) => lead.change(change),
        }
    }
}

/// People and names go where their marks stand.
struct PersonPlacer<'m> {
    mentions: &'m [Mention],
}

impl Change for PersonPlacer<'_> {
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
struct MeantPerson<'p> {
    name: &'p str,
    person: &'p Person,
}

impl Change for MeantPerson<'_> {
    fn person(&mut self, person: &mut Person) {
        if matches!(person, Person::Named(name) if name == self.name) {
            person.clone_from(self.person);
        }
    }

    fn words(&mut self, _words: &mut String) {}
}
