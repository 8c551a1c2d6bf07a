//! A guard against false mass leaves: platforms that lose sight of a group have told that everybody left. More
//! than half of a group within a minute is a gap, not leaving: who is there is asked, at once and once more
//! when it is over. Where nobody can be asked, it is believed.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::event::{Body, Contact, Evidence};
use crate::platform::Platform;
use crate::store::reference::{self, KnownChat};

use super::{InboxSlip, Reception};

/// What happens within this is counted together.
const WINDOW: Duration = Duration::from_mins(1);

/// So few leaves are never many.
const LEAVES_MIN: usize = 3;

/// Groups whose leaves are counted; of more, they are forgotten.
const GROUPS_MAX: usize = 1_000;

/// Leaves of groups, lately.
#[derive(Debug, Default)]
pub(super) struct Leaves(HashMap<String, LeaveWindow>);

#[derive(Debug)]
struct LeaveWindow {
    until: Instant,
    /// How many were in the group when it began.
    group: usize,
    count: usize,
    /// Who left before it was doubted.
    believed: Vec<Contact>,
    /// It was more than half: who is there is asked when it is over.
    is_doubted: bool,
}

/// Whether so many are more than half of a group.
pub(super) fn is_more_than_half(count: usize, group: usize) -> bool {
    count >= LEAVES_MIN && count * 2 > group
}

impl Leaves {
    /// One more left a group; how many were in it is only asked at the beginning. `true`: more than half.
    fn count(&mut self, chat: &str, member: &Contact, now: Instant, group: Option<usize>) -> bool {
        if let Some(group) = group {
            if self.0.len() >= GROUPS_MAX {
                self.0.clear();
            }
            let window = LeaveWindow {
                until: now + WINDOW,
                group,
                count: 0,
                believed: Vec::new(),
                is_doubted: false,
            };
            self.0.insert(chat.to_owned(), window);
        }
        let Some(window) = self.0.get_mut(chat) else { return false };
        window.count += 1;
        window.is_doubted |= is_more_than_half(window.count, window.group);
        if !window.is_doubted {
            window.believed.push(member.clone());
        }
        window.is_doubted
    }

    fn is_counting(&self, chat: &str, now: Instant) -> bool {
        self.0.get(chat).is_some_and(|window| now < window.until)
    }

    /// Those who were believed to have left before it was doubted.
    fn take_believed(&mut self, chat: &str) -> Vec<Contact> {
        self.0.get_mut(chat).map(|it| std::mem::take(&mut it.believed)).unwrap_or_default()
    }

    /// Until a doubted minute is over.
    pub(super) async fn wait(&self) {
        match self.0.values().filter(|it| it.is_doubted).map(|it| it.until).min() {
            Some(until) => tokio::time::sleep_until(until).await,
            None => std::future::pending().await,
        }
    }

    /// The groups whose doubted minute is over.
    fn over(&mut self, now: Instant) -> Vec<String> {
        let is_over = |window: &LeaveWindow| window.is_doubted && window.until <= now;
        let over: Vec<_> =
            self.0.iter().filter(|(_, it)| is_over(it)).map(|(chat, _)| chat.clone()).collect();
        self.0.retain(|chat, _| !over.contains(chat));
        over
    }
}

impl<P: Platform + Clone> Reception<P> {
    /// Somebody left: whether that is one of too many.
    pub(super) async fn is_flight(
        &mut self,
        chat: &str,
        member: &Contact,
        place: &KnownChat,
    ) -> bool {
        if !self.platform.capabilities().member_list {
            return false;
        }
        let now = Instant::now();
        let group = if self.leaves.is_counting(chat, now) {
            None
        } else {
            match reference::count_present(&self.engine.db, place, self.account).await {
                Ok(count) => Some(count),
                Err(_) => return false, // storing will wait for the database
            }
        };
        self.leaves.count(chat, member, now, group)
    }

    /// Too many left at once: who is there is asked instead. Those who were believed to have left come back.
    pub(super) async fn doubt(&mut self, slip: InboxSlip, place: &KnownChat) {
        tracing::warn!(
            account.id = self.account.0,
            "more than half of a group left within a minute: its members are compared instead"
        );
        let believed = self.leaves.take_believed(&slip.chat);
        if !believed.is_empty() {
            let there = self.platform.members(&slip.chat).await.unwrap_or_default();
            for member in believed.into_iter().filter(|it| there.iter().any(|on| on.key == it.key))
            {
                let key = format!("{}:{}:back:{}", slip.chat, slip.key, member.key);
                let (members, evidence) = (vec![member], Evidence::Reconciled);
                let body = Body::Joined { members, inviter: None, evidence };
                if self.put(place.community, key, body).await.is_none() {
                    return;
                }
            }
        }
        self.reconcile(slip).await;
    }

    /// A doubted minute is over.
    pub(super) async fn look_after_leaves(&mut self) {
        for chat in self.leaves.over(Instant::now()) {
            let key = format!("{chat}:leaves:{}", self.engine.clock.now().timestamp_micros());
            let (stored, _) = tokio::sync::oneshot::channel();
            self.reconcile(InboxSlip { chat, key, at: None, stored }).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_half_of_a_group_at_once_is_doubted() {
        let (mut leaves, start) = (Leaves::default(), Instant::now());
        let member = Contact { key: "m".to_owned(), name: "m".to_owned() };
        let mut left = |after: u64, group| {
            leaves.count("g", &member, start + Duration::from_secs(after), group)
        };
        assert_eq!([left(0, Some(8)), left(1, None), left(2, None)], [false; 3]);
        assert!(!left(3, None), "half is not more than half");
        assert!(left(4, None) && left(5, None));
        assert_eq!(leaves.take_believed("g").len(), 4, "they come back if they are there");
        assert!(!leaves.is_counting("g", start + WINDOW));
        assert!(leaves.over(start + Duration::from_secs(59)).is_empty());
        assert_eq!(leaves.over(start + WINDOW), ["g"]);
        assert!(!is_more_than_half(2, 2), "a family may leave");
    }
}
