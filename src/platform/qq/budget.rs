//! How often each message may still be answered, and which messages of a chat may be answered now: what
//! may not be said unasked can be said in answer to whoever spoke last.
//!
//! Kept in memory only. What is forgotten costs a refused call, never a lost message.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

/// For how long something may be answered, and how often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) within: Duration,
    pub(super) most: u32,
}

/// How long a message of a group can be answered, and how often …
pub(super) const GROUP: Budget = Budget { within: Duration::from_mins(5), most: 5 };

/// … and one of a person alone with the bot.
pub(super) const ALONE: Budget = Budget { within: Duration::from_hours(1), most: 4 };

/// So much earlier it is over for us: the call takes its time, and clocks differ.
pub(super) const MARGIN: Duration = Duration::from_secs(10);

/// Messages of one chat that are remembered for answering.
const RECENT_MAX: usize = 8;

/// Chats and messages that are remembered; beyond it they are forgotten.
const CHATS_MAX: usize = 20_000;
const TOKENS_MAX: usize = 50_000;

/// What is answered: the id of a message or of an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum AnswerToken {
    Message(String),
    Event(String),
}

impl AnswerToken {
    /// What the key of an item in a chat stands for; `None` for what cannot be answered.
    pub(super) fn of(key: &str) -> Option<Self> {
        match key.split_once(':')?.1.split_once(':')? {
            ("m", message) => Some(Self::Message(message.to_owned())),
            ("e", event) => Some(Self::Event(event.to_owned())),
            _ => None,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Budgets {
    /// How often each was answered.
    used: HashMap<AnswerToken, u32>,
    /// What was heard lately in each chat, and when.
    recent: HashMap<String, VecDeque<(AnswerToken, Instant)>>,
}

impl Budgets {
    /// Something that may be answered was heard.
    pub(super) fn note(&mut self, chat: &str, token: AnswerToken, at: Instant) {
        if self.recent.len() >= CHATS_MAX {
            self.recent.clear();
        }
        let recent = self.recent.entry(chat.to_owned()).or_default();
        recent.retain(|(known, _)| *known != token);
        while recent.len() >= RECENT_MAX {
            recent.pop_front();
        }
        recent.push_back((token, at));
    }

    /// Whether this may be answered once more.
    pub(super) fn has_left(&self, token: &AnswerToken, most: u32) -> bool {
        self.used.get(token).is_none_or(|used| *used < most)
    }

    /// It was answered, or will be.
    pub(super) fn spend(&mut self, token: &AnswerToken) {
        if self.used.len() >= TOKENS_MAX {
            self.used.clear();
        }
        *self.used.entry(token.clone()).or_default() += 1;
    }

    /// The platform does not take answers to this any more.
    pub(super) fn end(&mut self, token: &AnswerToken) {
        self.used.insert(token.clone(), u32::MAX);
    }

    /// The newest of a chat that may be answered now.
    pub(super) fn newest(&self, chat: &str, budget: Budget, now: Instant) -> Option<AnswerToken> {
        let Budget { within, most } = budget;
        let recent = self.recent.get(chat)?.iter().rev();
        let is_open = |at: Instant| now.saturating_duration_since(at) + MARGIN < within;
        let open = recent.filter(|(token, at)| is_open(*at) && self.has_left(token, most));
        open.map(|(token, _)| token.clone()).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_what_can_be_answered() {
        let message = |id: &str| Some(AnswerToken::Message(id.to_owned()));
        let table = [
            ("G:m:ROBOT1.0_x", message("ROBOT1.0_x")),
            (
                "G:e:INTERACTION_CREATE:7",
                Some(AnswerToken::Event("INTERACTION_CREATE:7".to_owned())),
            ),
            ("G:in:M:1", None),
            ("G:out:M:1", None),
            ("G:h:abc", None),
            ("G:leaves:17", None),
            ("gap:abc", None),
            ("gap", None),
        ];
        for (key, expected) in table {
            assert_eq!(AnswerToken::of(key), expected, "{key}");
        }
    }

    #[test]
    fn each_message_is_answered_so_often_and_so_long() {
        let (mut budgets, start) = (Budgets::default(), Instant::now());
        let token = |id: &str| AnswerToken::Message(id.to_owned());
        budgets.note("g", token("1"), start);
        budgets.note("g", token("2"), start + Duration::from_mins(3));
        let after = |minutes| start + Duration::from_mins(minutes);
        let newest = |budgets: &Budgets, minutes| budgets.newest("g", GROUP, after(minutes));
        assert_eq!(newest(&budgets, 4), Some(token("2")));
        for _ in 0..5 {
            budgets.spend(&token("2"));
        }
        assert_eq!(newest(&budgets, 4), Some(token("1")));
        assert_eq!(newest(&budgets, 5), None);
        budgets.note("g", token("3"), after(5));
        budgets.end(&token("3"));
        assert_eq!(newest(&budgets, 5), None);
        assert_eq!(budgets.newest("other", GROUP, start), None);
    }
}
