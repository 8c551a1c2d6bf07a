//! Hearing: an event becomes an item, once what it leaves out is asked. A button that was pressed is
//! answered at once, for the person sees it wait.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::budget::AnswerToken;
use super::wire::{BotState, GatewayFrame, JoinRequests, ListedMember};
use super::{Qq, locked, read};
use crate::platform::heard::{Closing, HeardItem, HeardKind, Listener, fresh_key};
use crate::platform::names;

/// How long the platform may take to say what somebody is called: whoever comes after waits for it.
const NAME_WITHIN: Duration = Duration::from_secs(3);

/// How long what the bot may do in a group is taken to be as it was …
const STATE_LASTS: Duration = Duration::from_mins(10);

/// … and where something is missing: somebody may be switching it on just now.
const MISSING_LASTS: Duration = Duration::from_mins(1);

/// Pages of requests that are read.
const PAGES_MAX: usize = 20;

impl Qq {
    /// Hand in an event; told is when it is stored. Nothing for what is nobody's business.
    pub(super) async fn hear(
        &self,
        frame: &GatewayFrame,
        ear: &Listener,
    ) -> Result<Option<oneshot::Receiver<()>>, Closing> {
        if let Some(interaction) = read::interaction(frame) {
            self.answer_tap(interaction);
        }
        if let Some(group) = read::changed_group(frame) {
            locked(&self.known).forget_state(&group);
            self.state(&group).await;
        }
        self.ask_names(frame).await;
        let item = read::read(frame, &mut locked(&self.known));
        let Some(item) = item else { return Ok(None) };
        if matches!(
            item.what,
            HeardKind::Message { .. } | HeardKind::Action { .. } | HeardKind::BotAdded { .. }
        ) && let Some(token) = AnswerToken::of(&item.key)
        {
            locked(&self.budgets).note(&item.chat, token, Instant::now());
        }
        if let HeardKind::Message { private: false, .. } = item.what {
            self.look_again(&item.chat, ear);
        }
        ear.hear(item).await.map(Some)
    }

    /// Something may have been missed.
    pub(super) async fn report_gap(&self, ear: &Listener) -> Result<(), Closing> {
        ear.hear(HeardItem { key: fresh_key("gap"), ..HeardItem::own(HeardKind::Gap) })
            .await
            .map(|_| ())
    }

    /// Tell the client that its tap arrived.
    fn answer_tap(&self, id: String) {
        let qq = self.clone();
        tokio::spawn(async move {
            let (path, body) = (format!("/interactions/{id}"), json!({ "code": 0 }));
            if let Err(error) = qq.client.call::<Value>(Method::PUT, &path, Some(&body)).await {
                tracing::warn!(%error, "a tap was not answered");
            }
        });
    }

    /// Learn the names that an event needs. Who cannot be named is called by their id.
    async fn ask_names(&self, frame: &GatewayFrame) {
        let wanted = read::wants(frame, &locked(&self.known));
        let Some((group, people)) = wanted else { return };
        for member in people {
            match timeout(NAME_WITHIN, self.member(&group, &member)).await {
                Ok(Ok(told)) => self.learn(&group, &told),
                Ok(Err(error)) => tracing::debug!(%error, "a member was not named"),
                // Whoever does not answer now is not asked for the next one either.
                Err(_) => return,
            }
        }
    }

    pub(super) fn learn(&self, group: &str, member: &ListedMember) {
        let person = names::person(&member.member_openid, [member.username.as_deref()]);
        if !member.member_openid.is_empty() {
            locked(&self.known).learn(group, &person, member.union_openid.as_deref());
        }
    }

    /// What the bot may do in a group, asked where it is not known.
    pub(super) async fn state(&self, group: &str) -> Option<BotState> {
        if let Some(state) = locked(&self.known).state(group) {
            return Some(state.clone());
        }
        self.ask_state(group).await.map(|(state, _)| state)
    }

    /// What the bot may do in a group now, and whether that is new.
    pub(super) async fn ask_state(&self, group: &str) -> Option<(BotState, bool)> {
        locked(&self.asked).insert(group.to_owned(), Instant::now());
        let path = format!("/v2/groups/{group}/bot_state");
        match self.client.call::<BotState>(Method::GET, &path, None).await {
            Ok(state) => {
                let is_new = locked(&self.known).note_state(group, state.clone());
                if state.allow_proactive_msg {
                    locked(&self.refused).remove(group);
                }
                Some((state, is_new))
            }
            Err(error) => {
                tracing::warn!(%error, "what the bot may do in a group was not told");
                None
            }
        }
    }

    /// Switches are not always told of: ask again from time to time, and say what changed.
    fn look_again(&self, group: &str, ear: &Listener) {
        let is_whole =
            locked(&self.known).state(group).is_none_or(|it| read::obstacles(it).is_empty());
        let lasts = if is_whole { STATE_LASTS } else { MISSING_LASTS };
        let is_due = |at: &Instant| at.elapsed() >= lasts;
        if !locked(&self.asked).get(group).is_none_or(is_due) {
            return;
        }
        locked(&self.asked).insert(group.to_owned(), Instant::now());
        let (qq, ear, group) = (self.clone(), ear.clone(), group.to_owned());
        tokio::spawn(async move {
            let before = locked(&qq.known).state(&group).cloned();
            let Some((state, true)) = qq.ask_state(&group).await else { return };
            qq.ask_requests(&group).await;
            let obstacles = read::obstacles(&state);
            // What was never known is told at linking.
            if before.is_none() {
                return;
            }
            let key = format!("{group}:{}", fresh_key("state"));
            let what = HeardKind::BotAdded { by: None, obstacles };
            let _ = ear.hear(HeardItem { chat: group, key, at: None, what }).await; // the shop may be closing
        });
    }

    /// Who asks to come in, and by whose invitation: requests may have come while nobody listened.
    pub(super) async fn ask_requests(&self, group: &str) {
        let mut cursor = String::new();
        for _ in 0..PAGES_MAX {
            let path = format!("/v2/groups/{group}/join_request_list{}", super::page(&cursor));
            // Only administrators are told.
            let Ok(page) = self.client.call::<JoinRequests>(Method::GET, &path, None).await else {
                return;
            };
            locked(&self.known).note_requests(group, page.list);
            match page.next_cursor {
                Some(next) if !next.is_empty() && next != cursor => cursor = next,
                _ => return,
            }
        }
    }
}
