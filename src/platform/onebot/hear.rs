//! Hearing: what comes over a connection is handed in, in order. Names that events leave out are asked
//! first; how the account is, is reported.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::OneBot;
use super::read::{self, person};
use super::session::{CallError, EndReason, NEWS_MAX, OnebotSession, Wire};
use super::wire::{GroupMember, WireEvent, id};
use crate::domain::event::Contact;
use crate::platform::heard::{Closing, HeardItem, HeardKind, Listener, fresh_key};
use crate::platform::locked;

/// How long the other side may take to say what somebody is called: they wait for it who come after.
const NAME_WITHIN: Duration = Duration::from_secs(3);

/// Events that are kept while another process listens; of more, the oldest are forgotten.
const KEPT_MAX: usize = 1_000;

/// How often to look whether calls under way are answered when the shop closes, and how many times.
const LOOK: Duration = Duration::from_millis(20);
const GRACE_LOOKS: u32 = 250;

/// What a connection is for. Most are for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionRole {
    Both,
    Calls,
    News,
}

/// A member of a list, as they are called.
pub(super) fn named(member: &GroupMember) -> Contact {
    person(&member.user_id, member.nickname.as_deref(), member.card.as_deref())
}

impl OneBot {
    /// Hear from now on, until told to stop; [`Self::keep`] holds the connection meanwhile.
    pub async fn listen(self, ear: Listener, stop: CancellationToken) {
        self.hear_with(ear);
        let begun = match self.session() {
            Some(session) => self.greet(&session).await,
            None => self.report_away("not connected yet".to_owned()).await,
        };
        if begun.is_ok() {
            stop.cancelled().await;
        }
        self.ear.send_replace(None);
    }

    /// Hand in what is heard here.
    pub fn hear_with(&self, ear: Listener) {
        self.ear.send_replace(Some(ear));
    }

    fn ear(&self) -> Option<Listener> {
        self.ear.borrow().clone()
    }

    pub(super) async fn report_away(&self, reason: EndReason) -> Result<(), Closing> {
        match self.ear() {
            Some(ear) => ear.report(HeardKind::Away { reason }).await,
            None => Ok(()),
        }
    }

    /// Serve one connection until it ends; returns why. What was read is handed in even then.
    pub(super) async fn attend(&self, wire: Wire, role: ConnectionRole) -> EndReason {
        let (session, queue) = OnebotSession::new();
        let session = Arc::new(session);
        let (heard, mut news) = mpsc::channel(NEWS_MAX);
        if role != ConnectionRole::News {
            *locked(&self.session) = Some(Arc::clone(&session));
        }
        let running = async {
            let reason = session.run(wire, queue, heard).await;
            let mut current = locked(&self.session);
            current.take_if(|it| Arc::ptr_eq(it, &session));
            reason
        };
        let hearing = async {
            let calls = if role == ConnectionRole::News {
                self.session()
            } else {
                Some(Arc::clone(&session))
            };
            let greeted = match calls {
                Some(calls) => self.greet(&calls).await,
                None => Ok(()),
            };
            if greeted.is_err() || self.hear(&mut news).await.is_err() {
                // Nobody takes it any more; answers to calls still come between.
                while news.recv().await.is_some() {}
            }
        };
        let (reason, ()) = tokio::join!(running, hearing);
        reason
    }

    /// Until told to stop, and a moment longer: calls under way are answered.
    pub(super) async fn stopped(&self, stop: &CancellationToken) {
        stop.cancelled().await;
        let mut idle = 0;
        for _ in 0..GRACE_LOOKS {
            tokio::time::sleep(LOOK).await;
            let is_idle = self.session().is_none_or(|session| session.is_idle());
            idle = if is_idle { idle + 1 } else { 0 };
            if idle == 3 {
                return;
            }
        }
    }

    /// The connection stands: who the bot is, and that something may have been missed.
    async fn greet(&self, session: &OnebotSession) -> Result<(), Closing> {
        let Some(ear) = self.ear() else { return Ok(()) };
        self.is_mute.store(false, Ordering::Relaxed);
        let name = match session.call("get_login_info", json!({})).await {
            Ok(login) => {
                let login: GroupMember = serde_json::from_value(login).unwrap_or_default();
                self.note_own_id(&login.user_id.0);
                named(&login).name
            }
            Err(CallError::Refused { code, words }) => {
                tracing::warn!(code, words, "the account does not say who it is");
                String::new()
            }
            // It ends; the next one greets.
            Err(CallError::Later(_) | CallError::Unknown(_)) => return Ok(()),
        };
        ear.report(HeardKind::Ready { name }).await?;
        ear.hear(HeardItem { key: fresh_key("gap"), ..HeardItem::own(HeardKind::Gap) })
            .await
            .map(|_| ())
    }

    fn note_own_id(&self, id: &str) {
        if !matches!(id, "" | "0") {
            id.clone_into(&mut locked(&self.me));
        }
    }

    /// Hand in news in order, until there is none or the shop closes.
    async fn hear(&self, news: &mut mpsc::Receiver<Value>) -> Result<(), Closing> {
        let (mut online, mut waiting) = (true, VecDeque::new());
        let mut ears = self.ear.subscribe();
        loop {
            let raw = tokio::select! {
                raw = news.recv() => match raw {
                    Some(raw) => Some(raw),
                    None => return Ok(()),
                },
                _ = ears.changed() => None,
            };
            match raw.and_then(|raw| self.event(raw)) {
                Some(event) if event.post_type == "meta_event" => {
                    self.note_state(&event, &mut online).await?;
                }
                event => waiting.extend(event),
            }
            let Some(ear) = self.ear() else {
                // Should the process that listens be gone, it is told here later; what that one had
                // stored counts once.
                waiting.drain(..waiting.len().saturating_sub(KEPT_MAX));
                continue;
            };
            while let Some(event) = waiting.pop_front() {
                self.hear_event(&ear, &event).await?;
            }
        }
    }

    fn event(&self, raw: Value) -> Option<WireEvent> {
        let Ok(event) = serde_json::from_value::<WireEvent>(raw) else {
            // The error may quote what somebody wrote, so only that there is one is told.
            tracing::warn!("an event could not be read");
            return None;
        };
        self.note_own_id(&event.self_id.0);
        self.heard_at.fetch_max(event.time, Ordering::Relaxed);
        Some(event)
    }

    async fn hear_event(&self, ear: &Listener, event: &WireEvent) -> Result<(), Closing> {
        if event.request_type.as_deref() == Some("group")
            && event.sub_type.as_deref() == Some("invite")
        {
            let group = event.group_id.as_ref().map(|it| it.0.as_str());
            tracing::warn!(
                group,
                "the bot is asked into a group: accept it in its client, if it is yours"
            );
        }
        self.ask_names(event).await;
        let item = read::read(event, &mut locked(&self.names));
        match item {
            // Nothing is acknowledged on this transport, so nobody waits for the answer.
            Some(item) => ear.hear(item).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// Learn the names that an event needs. Who cannot be named is called by their id.
    pub(super) async fn ask_names(&self, event: &WireEvent) {
        let Some((group, people)) = read::wants(event) else { return };
        for user in people {
            if !locked(&self.names).lacks(&group, &user) {
                continue;
            }
            let Some(session) = self.session() else { return };
            let params = json!({ "group_id": id(&group), "user_id": id(&user), "no_cache": false });
            match session.call_within(NAME_WITHIN, "get_group_member_info", params).await {
                Ok(member) => {
                    let member: GroupMember = serde_json::from_value(member).unwrap_or_default();
                    let person = Contact { key: user, ..named(&member) };
                    if member.user_id.is_somebody() {
                        locked(&self.names).learn(&group, &person);
                    }
                }
                Err(CallError::Refused { .. }) => {}
                // Whoever does not answer now is not asked for the next one either.
                Err(CallError::Later(_) | CallError::Unknown(_)) => return,
            }
        }
    }

    /// A heartbeat tells whether the account itself is connected.
    async fn note_state(&self, event: &WireEvent, online: &mut bool) -> Result<(), Closing> {
        let now = event.status.as_ref().and_then(|it| it.online).unwrap_or(*online);
        if now == std::mem::replace(online, now) {
            return Ok(());
        }
        match self.session() {
            Some(session) if now => self.greet(&session).await,
            _ => self.report_away("the account is offline in its client".to_owned()).await,
        }
    }
}
