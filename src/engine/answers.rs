//! Answers that are spared: nobody makes the bot flood. Whoever asks the same again is told once while the
//! answer is unsent or fresh, and each has a budget of answers; beyond it they get one line a minute that
//! asks for patience, and then nothing.
//!
//! This is about speaking and nothing else, so it is decided here, by the clock and by what is unsent, and
//! not in `decide`, which knows neither: what a message did to the shop is done and stored, however often its
//! author is told. Only answers to what changed nothing are spared; orders and money never are. A new process
//! begins with full budgets.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::reply::{Audience, Receipt, Reply, Urgency};

/// How long an answer counts as just given.
const FRESH: Duration = Duration::from_secs(30);

/// How often somebody is asked for patience.
const MINUTE: Duration = Duration::from_mins(1);

/// People whose budgets are kept; beyond it who has asked least lately begins anew.
const PEOPLE_MAX: usize = 10_000;

/// Answers of one member that are remembered.
const REMEMBERED_MAX: usize = 32;

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerVerdict {
    /// It is said.
    Say,
    /// A word that asks for patience is said instead.
    Wait,
    /// Nothing is said.
    Spare,
}

/// Who was answered what, by chat and person.
#[derive(Debug)]
pub struct Answers {
    /// The most answers to one person in a minute.
    most: u32,
    people: HashMap<(String, String), ToldAnswer>,
}

/// What one person was told in one chat.
#[derive(Debug)]
struct ToldAnswer {
    /// Answers left; one comes back each `MINUTE / most`.
    left: u32,
    since: Instant,
    /// When they last asked.
    asked: Instant,
    /// Fingerprints of answers, and when they were sent.
    answers: Vec<(u64, Option<Instant>)>,
    /// When they were last asked for patience.
    hushed: Option<Instant>,
}

/// Whether a reply may be spared: it answers one person, and nothing changed.
#[must_use]
pub fn is_sparable(reply: &Reply) -> bool {
    let delivery = reply.delivery();
    delivery.receipt == Receipt::Nothing
        && delivery.urgency != Urgency::Notice
        && !matches!(delivery.audience, Audience::Group | Audience::Leaders)
}

impl Answers {
    /// Budgets of so many answers a minute for each person in each chat.
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self { most, people: HashMap::new() }
    }

    /// Whether this is said to somebody who just asked.
    pub fn ask(&mut self, chat: &str, who: &str, reply: &Reply, now: Instant) -> AnswerVerdict {
        if self.people.len() >= PEOPLE_MAX {
            self.forget(now);
        }
        let most = self.most;
        let told = self.people.entry((chat.to_owned(), who.to_owned())).or_insert(ToldAnswer {
            left: most,
            since: now,
            asked: now,
            answers: Vec::new(),
            hushed: None,
        });
        told.renew(most, now);
        let print = fingerprint(reply);
        if told.answers.iter().any(|(known, _)| *known == print) {
            return AnswerVerdict::Spare;
        }
        if told.left > 0 {
            told.left -= 1;
            told.answers.push((print, None));
            return AnswerVerdict::Say;
        }
        if told.hushed.is_some_and(|at| now < at + MINUTE) {
            return AnswerVerdict::Spare;
        }
        told.hushed = Some(now);
        AnswerVerdict::Wait
    }

    /// An answer was sent, or will never be: then it may be asked for again at once.
    pub fn settle(&mut self, chat: &str, who: &str, reply: &Reply, is_sent: bool, now: Instant) {
        let Some(told) = self.people.get_mut(&(chat.to_owned(), who.to_owned())) else { return };
        let print = fingerprint(reply);
        if is_sent {
            let answer = told.answers.iter_mut().find(|(known, _)| *known == print);
            if let Some((_, at)) = answer {
                *at = Some(now);
            }
        } else {
            told.answers.retain(|(known, _)| *known != print);
        }
    }

    /// Forget who has a full budget, and if that is not enough, everybody.
    fn forget(&mut self, now: Instant) {
        self.people.retain(|_, told| now < told.asked + MINUTE);
        if self.people.len() >= PEOPLE_MAX {
            self.people.clear();
        }
    }
}

impl ToldAnswer {
    fn renew(&mut self, most: u32, now: Instant) {
        self.asked = now;
        let each = MINUTE / most.max(1);
        while self.left < most && now >= self.since + each {
            self.left += 1;
            self.since += each;
        }
        if self.left >= most {
            self.since = now;
        }
        self.answers.retain(|(_, sent)| sent.is_none_or(|at| now < at + FRESH));
        if self.answers.len() > REMEMBERED_MAX {
            self.answers.remove(0);
        }
    }
}

/// What tells one answer from another.
fn fingerprint(reply: &Reply) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{reply:?}").hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrderId;
    use crate::domain::refusal::Refusal;
    use crate::domain::{groups, loyalty, orders, referral};

    fn no_such(order: i64) -> Reply {
        Refusal::Orders(orders::Refusal::NoSuchOrder { order: OrderId(order) }).into()
    }

    #[test]
    fn the_same_answer_is_given_once_while_it_is_unsent_or_fresh() {
        let (mut answers, start) = (Answers::new(10), Instant::now());
        let help = Reply::Groups(groups::Reply::Help { rooms: Vec::new(), leaders: Vec::new() });
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(answers.ask("group", "me", &help, start), AnswerVerdict::Say);
        assert_eq!(answers.ask("group", "me", &help, after(300)), AnswerVerdict::Spare); // unsent
        assert_eq!(answers.ask("group", "you", &help, after(300)), AnswerVerdict::Say);
        assert_eq!(answers.ask("other", "me", &help, after(300)), AnswerVerdict::Say);
        answers.settle("group", "me", &help, true, after(300));
        assert_eq!(answers.ask("group", "me", &help, after(329)), AnswerVerdict::Spare);
        assert_eq!(answers.ask("group", "me", &help, after(330)), AnswerVerdict::Say);
        answers.settle("group", "me", &help, false, after(330));
        assert_eq!(
            answers.ask("group", "me", &help, after(330)),
            AnswerVerdict::Say,
            "it never arrived"
        );
    }

    #[test]
    fn beyond_the_budget_there_is_one_word_a_minute() {
        let (mut answers, start) = (Answers::new(4), Instant::now());
        let mut said = [0; 3];
        for tick in 0..1_200_u32 {
            let now = start + Duration::from_millis(100) * tick;
            let verdict = answers.ask("group", "me", &no_such(tick.into()), now);
            said[match verdict {
                AnswerVerdict::Say => 0,
                AnswerVerdict::Wait => 1,
                AnswerVerdict::Spare => 2,
            }] += 1;
        }
        assert_eq!(said, [4 + 7, 2, 1_187], "in two minutes");
    }

    #[test]
    fn orders_money_and_notices_are_never_spared() {
        assert!(is_sparable(&Reply::Groups(groups::Reply::Help {
            rooms: Vec::new(),
            leaders: Vec::new()
        })));
        assert!(is_sparable(&no_such(1)));
        assert!(!is_sparable(&Reply::Orders(orders::Reply::Lapsed { orders: Vec::new() })));
        assert!(!is_sparable(&Reply::Orders(orders::Reply::OrdersCancelled {
            orders: Vec::new(),
            by_leader: false
        })));
        assert!(!is_sparable(&Reply::Loyalty(loyalty::Reply::ShareSeen)));
        assert!(!is_sparable(&Reply::Orders(orders::Reply::ReviewWaiting {
            posted_by: None,
            lines: Vec::new()
        })));
    }

    #[test]
    fn budgets_are_kept_of_so_many() {
        let (mut answers, start) = (Answers::new(4), Instant::now());
        for who in 0..3 * PEOPLE_MAX {
            answers.ask(
                "group",
                &who.to_string(),
                &Reply::Referral(referral::Reply::ClaimDenied),
                start,
            );
        }
        assert!(answers.people.len() <= PEOPLE_MAX);
    }
}
