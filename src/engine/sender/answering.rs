//! What is said in answer where answers have a budget of their own, and what waits for a person to act.

use std::time::Duration;

use super::queue::{ChatQueue, Load};
use super::{Draft, Engine, Platform, Sender, compose, parts};
use crate::platform::Answering;
use crate::store::{StoreError, inbox};

/// So much earlier an answer counts as too late: sending takes its time.
const ANSWER_MARGIN: Duration = Duration::from_secs(30);

impl<P: Platform> Sender<P> {
    /// Whether this answers something that may still be answered, where an answer counts once however often it
    /// is sent.
    pub(super) async fn is_open_answer(
        &self,
        engine: &Engine,
        load: &Load,
    ) -> Result<bool, StoreError> {
        let Some(budget) = self.able.reply_budget else { return Ok(false) };
        let events: Vec<_> = load.rows().map(|row| row.place.event).collect();
        let heard = inbox::keys(&engine.db, self.account, &events).await?;
        let answers = compose::answers(load.rows(), &heard, engine.clock.now());
        Ok(answers.is_some_and(|it| it.age + ANSWER_MARGIN < budget.within))
    }

    /// How much waits for a person in each chat; in all.
    pub(super) fn count_waiting(&mut self) -> usize {
        for (chat, waits) in &mut self.awaiting {
            *waits = self.waiting.get(chat).map_or(0, ChatQueue::len);
        }
        self.awaiting.retain(|_, waits| *waits > 0);
        self.awaiting.values().sum()
    }

    /// The same, for the operator to see.
    pub(super) fn tell_awaiting(&mut self, engine: &Engine) {
        let awaiting = self.count_waiting();
        engine.health.change(self.account, |health| health.awaiting = awaiting);
    }

    /// Say what messages answer, where answers have a budget of their own.
    pub(super) async fn address(
        &self,
        engine: &Engine,
        drafts: &mut [Draft],
    ) -> Result<(), StoreError> {
        if self.able.reply_budget.is_none() {
            return Ok(());
        }
        let rows = drafts.iter().flat_map(|draft| draft.load.rows());
        let mut events: Vec<_> = rows.map(|row| row.place.event).collect();
        events.sort_unstable();
        events.dedup();
        let heard = inbox::keys(&engine.db, self.account, &events).await?;
        for draft in drafts {
            let answers = compose::answers(draft.load.rows(), &heard, engine.clock.now());
            for part in &mut draft.parts {
                let nth = parts::number(part);
                part.answers =
                    answers.clone().map(|it| Answering { nth: it.nth.saturating_add(nth), ..it });
            }
        }
        Ok(())
    }
}
