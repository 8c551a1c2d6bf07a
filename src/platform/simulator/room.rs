//! A room of the simulated chat: what people say and do there is written down for the page, then heard by the
//! shop as on any platform. A person unknown to the room joins it first, without an inviter.

use crate::domain::orders::chain::Snapshot;
use crate::domain::policy::Locale;
use crate::platform::heard::{Closing, HeardItem, HeardMessage, fresh_key};

use super::hear::{self, person};
use super::{Resident, RoomLine, Simulator};

/// A room. Cheap to clone.
#[derive(Clone)]
pub struct ChatRoom {
    simulator: Simulator,
    chat: String,
    locale: Locale,
}

/// Why the shop did not hear something. Saying it again under the same key is safe.
#[derive(Debug, thiserror::Error)]
pub enum Unheard {
    /// It was not written down either, or by halves.
    #[error("the room cannot be written")]
    Room(#[from] sqlx::Error),
    /// Nobody listens any more.
    #[error(transparent)]
    Closing(#[from] Closing),
    /// An id in it cannot be kept.
    #[error("a name is too long")]
    Unsound,
}

impl ChatRoom {
    /// The room of this key, which speaks the language of its shop.
    #[must_use]
    pub fn new(simulator: Simulator, chat: String, locale: Locale) -> Self {
        Self { simulator, chat, locale }
    }

    /// The chat's key on its platform.
    #[must_use]
    pub fn chat(&self) -> &str {
        &self.chat
    }

    /// The simulated account it is on.
    #[must_use]
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// Somebody says something; returns the key it counts under, once the shop has stored it.
    ///
    /// # Errors
    /// [`Unheard`].
    pub async fn say(
        &self,
        from: &str,
        message: impl Into<HeardMessage>,
        key: Option<String>,
    ) -> Result<String, Unheard> {
        let (from, message) = (person(from), message.into());
        let key = key.unwrap_or_else(|| fresh_key("own"));
        let line = RoomLine {
            mentions: message.people().map(|it| it.name).collect(),
            key: Some(key.clone()),
            ..self.line(&from.name, &message.text)
        };
        self.said(line, hear::message(&self.chat, &key, from, message)).await?;
        Ok(key)
    }

    /// Somebody posts a native chain; returns the key it counts under, once the shop has stored it.
    ///
    /// # Errors
    /// [`Unheard`].
    pub async fn post_chain(
        &self,
        from: &str,
        snapshot: &Snapshot,
        key: Option<String>,
    ) -> Result<String, Unheard> {
        let (from, key) = (person(from), key.unwrap_or_else(|| fresh_key("own")));
        let line = RoomLine { key: Some(key.clone()), ..self.line(&from.name, &snapshot.text) };
        self.said(line, hear::chain(&self.chat, &key, from, snapshot)).await?;
        Ok(key)
    }

    /// Somebody joins; joining twice is joining once.
    ///
    /// # Errors
    /// [`Unheard`].
    pub async fn join(&self, member: &str, invited_by: Option<&str>) -> Result<(), Unheard> {
        let resident = Resident {
            name: person(member).name,
            invited_by: invited_by.map(|inviter| person(inviter).name),
        };
        if self.simulator.is_resident(&self.chat, &resident.name).await? {
            return Ok(());
        }
        let text = joined_text(self.locale, &resident);
        let line = RoomLine { system: true, ..self.line(&resident.name, &text) };
        self.hear(line, hear::joined(&self.chat, &resident)).await?;
        // Only now: whoever was cut short before joins when they are seen again.
        Ok(self.simulator.admit(&self.chat, &resident).await?)
    }

    async fn said(&self, line: RoomLine, item: HeardItem) -> Result<(), Unheard> {
        self.join(&line.from, None).await?;
        self.hear(line, item).await
    }

    /// Write down what happened, as the room reads it, and let the shop hear it: in this order, so that what
    /// is said stands before its answer.
    async fn hear(&self, line: RoomLine, item: HeardItem) -> Result<(), Unheard> {
        if !item.is_sound() {
            return Err(Unheard::Unsound);
        }
        let room = self.chat.clone();
        let key = item.key.strip_prefix(&format!("{room}:")).unwrap_or(&item.key).to_owned();
        self.simulator.write(vec![(room, key, line)]).await?;
        let stored = self.simulator.ear().hear(item).await?;
        Ok(stored.await.map_err(|_| Closing)?)
    }

    fn line(&self, from: &str, text: &str) -> RoomLine {
        RoomLine {
            n: 0,
            from: from.to_owned(),
            bot: false,
            to: None,
            text: text.to_owned(),
            image: None,
            file: None,
            at: (self.simulator.now)(),
            private: false,
            mentions: Vec::new(),
            system: false,
            key: None,
        }
    }
}

/// The room's own line about a join, as chat programs write it.
fn joined_text(locale: Locale, resident: &Resident) -> String {
    let name = &resident.name;
    match (locale, &resident.invited_by) {
        (Locale::ZhHans, Some(inviter)) => format!("{name} 通过 {inviter} 的邀请加入了群聊"),
        (Locale::ZhHans, None) => format!("{name} 加入了群聊"),
        (Locale::ZhHant, Some(inviter)) => format!("{name} 透過 {inviter} 的邀請加入了群組"),
        (Locale::ZhHant, None) => format!("{name} 加入了群組"),
        (Locale::En, Some(inviter)) => format!("{name} joined the group, invited by {inviter}"),
        (Locale::En, None) => format!("{name} joined the group"),
    }
}
