//! What waits because nobody may be spoken to: leaders are told what that is, of each thing once. It goes the way of
//! everything: a cause, a decision, a message to each leader. That message is true when it is said: it names what
//! waits by then, and where the bot may speak again it is not said at all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::queue::ChatQueue;
use super::{Engine, Platform, Sender};
use crate::domain::event::Body;
use crate::domain::groups;
use crate::domain::ids::{AccountId, CommunityId};
use crate::domain::reply::{News, Reply, Waiting};
use crate::engine::intake::Cause;
use crate::engine::rate_limit;
use crate::platform::heard::Obstacle;
use crate::store::outbox::{MessagePlace, UnfinishedMessage};

/// How long leaders' messages may be on their way before it is taken that there is nobody to be told.
const COMING: Duration = Duration::from_mins(1);

/// What leaders were told of what waits.
#[derive(Debug, Default)]
pub(super) struct Unsaid {
    /// Up to which message, by chat.
    told: BTreeMap<String, ToldChat>,
    /// A message that tells of it may be among what waits.
    has_notice: bool,
}

#[derive(Debug)]
struct ToldChat {
    upto: MessagePlace,
    /// Since when the messages that tell it are on their way.
    coming: Option<Instant>,
}

/// What waits for one chat.
#[derive(Debug)]
pub(super) struct WaitingChat {
    community: CommunityId,
    places: BTreeSet<MessagePlace>,
    counts: BTreeMap<News, u32>,
}

impl WaitingChat {
    pub(super) fn news(&self) -> Vec<Waiting> {
        self.counts.iter().map(|(&kind, &count)| Waiting { kind, count }).collect()
    }
}

impl Unsaid {
    /// A message comes to be sent: it may be one that tells what waits.
    pub(super) fn note(&mut self, message: &UnfinishedMessage) {
        if matches!(message.reply, Reply::Groups(groups::Reply::Unsaid { .. })) {
            self.has_notice = true;
            if let Some(told) = self.told.get_mut(&message.chat) {
                told.coming = None;
            }
        }
    }

    /// Whether there is something that leaders were not told of: the first of it. From now on they were, or will
    /// be by what is on its way.
    pub(super) fn is_new(
        &mut self,
        chat: &str,
        found: &WaitingChat,
        is_told_soon: bool,
    ) -> Option<MessagePlace> {
        let (first, last) = (*found.places.first()?, *found.places.last()?);
        let Some(told) = self.told.get_mut(chat) else {
            let coming = Some(Instant::now());
            self.told.insert(chat.to_owned(), ToldChat { upto: last, coming });
            return (!is_told_soon).then_some(first);
        };
        let new =
            found.places.range((std::ops::Bound::Excluded(told.upto), std::ops::Bound::Unbounded));
        let new = new.copied().next()?;
        told.upto = last;
        if is_told_soon || told.coming.is_some_and(|since| since.elapsed() < COMING) {
            return None;
        }
        told.coming = Some(Instant::now());
        Some(new)
    }
}

impl<P> Sender<P> {
    /// What matters of all that waits for a person, by chat.
    pub(super) fn what_waits(&self) -> BTreeMap<String, WaitingChat> {
        let mut all: BTreeMap<String, WaitingChat> = BTreeMap::new();
        let queues = self.awaiting.keys().filter_map(|chat| self.waiting.get(chat));
        for row in queues.flat_map(ChatQueue::rows) {
            let Some(kind) = row.reply.delivery().news else { continue };
            let found = all.entry(row.chat.clone()).or_insert_with(|| WaitingChat {
                community: row.community,
                places: BTreeSet::new(),
                counts: BTreeMap::new(),
            });
            found.places.insert(row.place);
            *found.counts.entry(kind).or_default() += 1;
        }
        all
    }

    /// Have leaders told what waits now that they were not told of.
    pub(super) async fn tell_unsaid(&mut self, engine: &Engine) {
        if self.awaiting.is_empty() {
            return;
        }
        let notices = self.notices();
        for (chat, found) in self.what_waits() {
            let is_told_soon = notices.contains(&chat);
            let Some(first) = self.unsaid.is_new(&chat, &found, is_told_soon) else { continue };
            let MessagePlace { event, ordinal } = first;
            let cause = Cause {
                account: AccountId::SYSTEM,
                community: found.community,
                key: format!("unsaid:{}:{}-{}-{ordinal}", self.account, event.lane, event.seq),
                sent_at: None,
                body: Body::Unsaid { news: found.news() },
            };
            let _ = engine.intake.hand_in(cause).await; // the shop may be closing: it waits then, too
        }
    }

    /// The chats of which some leader still has to hear what waits.
    fn notices(&self) -> BTreeSet<String> {
        if !self.unsaid.has_notice {
            return BTreeSet::new();
        }
        let rows = self.waiting.values().flat_map(ChatQueue::rows);
        let notices =
            rows.filter(|row| matches!(row.reply, Reply::Groups(groups::Reply::Unsaid { .. })));
        notices.map(|row| row.chat.clone()).collect()
    }
}

impl<P: Platform> Sender<P> {
    /// Make true what leaders are about to be told of what waits.
    pub(super) async fn true_up(&mut self) {
        let chats = self.notices();
        self.unsaid.has_notice = !chats.is_empty();
        for chat in chats {
            let group = rate_limit::whole(&chat);
            let speaks = self.platform.may_speak(group)
                && !self.platform.obstacles(group).await.contains(&Obstacle::RepliesOnly);
            let news = self.what_waits().get(&chat).map(WaitingChat::news);
            let mut void = Vec::new();
            for queue in self.waiting.values_mut() {
                let notices = queue.rows_mut().filter(|row| row.chat == chat);
                for row in notices {
                    if let (Reply::Groups(groups::Reply::Unsaid { news: said }), Some(news)) =
                        (&mut row.reply, &news)
                    {
                        said.clone_from(news);
                    }
                }
                if speaks {
                    let is_void = |row: &UnfinishedMessage| {
                        row.chat == chat
                            && matches!(row.reply, Reply::Groups(groups::Reply::Unsaid { .. }))
                    };
                    void.extend(queue.take_out(is_void));
                }
            }
            self.count -= void.len();
            for place in void {
                self.spare(place);
            }
        }
        self.waiting.retain(|_, queue| !queue.is_empty());
    }

    /// Whether something may go of a queue in which all has waited for a person.
    pub(super) fn may_try(platform: &P, queue: &ChatQueue) -> bool {
        match queue.rows().next().filter(|row| row.private) {
            Some(row) => {
                platform.may_speak_alone(&queue.target)
                    || platform.may_speak(rate_limit::whole(&row.chat))
            }
            None => platform.may_speak(&queue.target),
        }
    }

    /// Whether what cannot be said to a member alone cannot be said in their group either, for now: it waits for
    /// whichever is open first.
    pub(super) fn is_shut(&self, row: &UnfinishedMessage) -> bool {
        row.private && !self.platform.may_speak(rate_limit::whole(&row.chat))
    }
}
