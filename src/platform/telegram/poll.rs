//! Long polling. The next question confirms the last answer, so it is asked only when all of that is
//! stored; what could not be stored is asked for again.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::client::CallError;
use super::{Telegram, updates, words};
use crate::platform::heard::{Closing, HeardItem, HeardKind, Listener};

/// How long Telegram keeps a question waiting when there is no news.
const WAIT: Duration = Duration::from_secs(25);

/// How long to wait before asking again for what could not be stored: the server slows down those who ask
/// for the same at once.
const AGAIN: Duration = Duration::from_secs(3);

/// The longest wait after failures in a row.
const AWAY_MAX: Duration = Duration::from_mins(1);

/// What is asked for. Members are left out unless they are named here.
const WANTED: [&str; 4] = ["message", "callback_query", "my_chat_member", "chat_member"];

impl Telegram {
    /// Listen until told to stop: ask for news, or register the webhook and leave the rest to
    /// [`Telegram::take_hook`].
    pub async fn listen(self, ear: Listener, stop: CancellationToken) {
        let mut failures = 0;
        while !stop.is_cancelled() {
            let listened = tokio::select! {
                listened = self.listen_once(&ear, &mut failures) => listened,
                () = stop.cancelled() => return,
            };
            let reason = match listened {
                Ok(Closing) => return,
                Err(error) => error.to_string(),
            };
            tracing::warn!(reason, "Telegram is away");
            if ear.report(HeardKind::Away { reason }).await.is_err() {
                return;
            }
            let pause = Duration::from_secs(1 << failures.min(6)).min(AWAY_MAX);
            failures += 1;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Until something fails, or the shop closes.
    async fn listen_once(&self, ear: &Listener, failures: &mut u32) -> Result<Closing, CallError> {
        let name = self.introduce().await?;
        if self.register().await? {
            return Ok(self.wait_for_hook(ear, name).await);
        }
        if ear.report(HeardKind::Ready { name }).await.is_err() {
            return Ok(Closing);
        }
        let mut offset: Option<i64> = None;
        loop {
            let mut body = json!({
                "timeout": WAIT.as_secs(), "limit": 100, "allowed_updates": WANTED,
            });
            if let Some(offset) = offset {
                body["offset"] = json!(offset);
            }
            let news: Vec<Value> = self.client.poll("getUpdates", &body, WAIT).await?;
            *failures = 0;
            match self.take(&news, ear).await {
                Ok(Some(last)) => offset = Some(last + 1),
                Ok(None) => {}
                Err(Closing) => return Ok(Closing),
            }
            let confirmed = offset.is_none_or(|next| news.iter().all(|it| id_of(it) < Some(next)));
            if !confirmed || (offset.is_none() && !news.is_empty()) {
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    /// Who the bot is, and its commands.
    async fn introduce(&self) -> Result<String, CallError> {
        let me: Value = self.client.call("getMe", &json!({})).await?;
        let name = me.get("username").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut known = self.known.lock().await;
        known.me = me.get("id").and_then(Value::as_u64).unwrap_or_default();
        known.reads_all = me.get("can_read_all_group_messages") == Some(&Value::Bool(true));
        known.name.clone_from(&name);
        if !name.is_empty() {
            let _ = self.name.set(name.clone()); // the same bot, whenever it is asked
        }
        drop(known);
        for commands in words::registrations(&self.menu) {
            if let Err(error) = self.client.call::<Value>("setMyCommands", &commands).await {
                tracing::warn!(%error, "commands were not registered");
            }
        }
        Ok(name)
    }

    /// Say how news is to come; `true`: to the webhook. Nothing that waits is dropped.
    async fn register(&self) -> Result<bool, CallError> {
        let Some((url, secret)) = &self.webhook else {
            let _: Value = self.client.call("deleteWebhook", &json!({})).await?;
            return Ok(false);
        };
        let body = json!({ "url": url, "secret_token": secret, "allowed_updates": WANTED });
        let _: Value = self.client.call("setWebhook", &body).await?;
        Ok(true)
    }

    async fn wait_for_hook(&self, ear: &Listener, name: String) -> Closing {
        if ear.report(HeardKind::Ready { name }).await.is_err() {
            return Closing;
        }
        std::future::pending().await
    }

    /// Hand in updates, in order; returns the id of the last one up to which all are stored.
    pub(super) async fn take(
        &self,
        news: &[Value],
        ear: &Listener,
    ) -> Result<Option<i64>, Closing> {
        let mut told = Vec::with_capacity(news.len());
        for raw in news {
            let heard = match self.read(raw).await {
                Some(item) => Some(ear.hear(item).await?),
                None => None,
            };
            told.push((raw, heard));
        }
        let mut last = None;
        for (raw, heard) in told {
            if let Some(stored) = heard {
                if stored.await.is_err() {
                    break;
                }
                if let Some(tap) = raw.pointer("/callback_query/id") {
                    self.answer_tap(tap.clone());
                }
            }
            last = id_of(raw).or(last);
        }
        Ok(last)
    }

    async fn read(&self, raw: &Value) -> Option<HeardItem> {
        let mut known = self.known.lock().await;
        if let Some(chat) = updates::asks_about(raw, &known) {
            let body = json!({ "chat_id": chat, "user_id": known.me });
            let member: Result<Value, _> = self.client.call("getChatMember", &body).await;
            let status = member.ok().and_then(|it| Some(it.get("status")?.as_str()?.to_owned()));
            known.admin.insert(chat, status.as_deref() == Some("administrator"));
        }
        updates::read(raw, &mut known)
    }

    /// Tell the client that its tap arrived. Too late is as good as in time: it is only a little wheel.
    fn answer_tap(&self, id: Value) {
        let telegram = self.clone();
        tokio::spawn(async move {
            let body = json!({ "callback_query_id": id });
            if let Err(error) = telegram.client.call::<Value>("answerCallbackQuery", &body).await {
                tracing::debug!(%error, "a tap was not answered");
            }
        });
    }
}

fn id_of(raw: &Value) -> Option<i64> {
    raw.get("update_id")?.as_i64()
}
