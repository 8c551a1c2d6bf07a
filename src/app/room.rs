//! The way from the simulated chat into the inbox: what is said or done in a room is written down there,
//! then stored as a cause. A person unknown to the room joins it first, without an inviter.

use anyhow::Context;

use crate::domain::event::{Body, Contact, Evidence};
use crate::domain::message::HeardMessage;
use crate::domain::name::shown_name;
use crate::domain::orders::chain::Snapshot;
use crate::domain::policy::Locale;
use crate::engine::intake::Cause;
use crate::platform::simulator::{Line, Resident, Simulator};
use crate::store::reference::Linked;
use crate::store::seal::random_hex;

use super::App;

/// A room of the simulated chat and the community it is linked to.
#[derive(Clone)]
pub struct Room {
    simulator: Simulator,
    linked: Linked,
    chat: String,
    locale: Locale,
}

impl App {
    /// The room of a community, if it is a simulated one.
    pub async fn room(&self, slug: &str) -> Option<Room> {
        let simulator = self.simulator.clone()?;
        let linked = self.community(slug).await?;
        let chat = linked.chat.clone().filter(|_| linked.account == simulator.account())?;
        let locale = self.policy().await.community(slug)?.locale;
        Some(Room { simulator, linked, chat, locale })
    }

    /// Somebody says something in a room; returns the key it counts under.
    ///
    /// # Errors
    /// When it could not be stored; saying it again under the same key is safe.
    pub async fn say(
        &self,
        room: &Room,
        from: &str,
        message: impl Into<HeardMessage>,
        key: Option<String>,
    ) -> anyhow::Result<String> {
        let message = message.into();
        let line = Line {
            mentions: message.people().map(|it| it.name).collect(),
            ..Room::line(from, &message.text, self)
        };
        let body = Body::Said { from: person(from), message, private: false };
        self.said(room, key, body, line).await
    }

    /// Somebody posts a native chain in a room; returns the key it counts under. Authors of lines are
    /// known by name, like everybody there.
    ///
    /// # Errors
    /// When it could not be stored; posting it again under the same key is safe.
    pub async fn post_chain(
        &self,
        room: &Room,
        from: &str,
        snapshot: &Snapshot,
        key: Option<String>,
    ) -> anyhow::Result<String> {
        let (title, lines) = snapshot.cut();
        let body = Body::Chain { from: person(from), title, lines };
        self.said(room, key, body, Room::line(from, &snapshot.text, self)).await
    }

    /// Write down what was said, as the room reads it, and store it.
    async fn said(
        &self,
        room: &Room,
        key: Option<String>,
        body: Body,
        line: Line,
    ) -> anyhow::Result<String> {
        let key = key.unwrap_or_else(|| random_hex(12));
        let from = body.from().context("somebody says it")?.name.clone();
        self.join(room, &from, None).await?;
        let line = Line { from, key: Some(key.clone()), ..line };
        room.simulator.write(vec![(room.chat.clone(), format!("said:{key}"), line)]).await?;
        self.hand_in(room, format!("{}:said:{key}", room.chat), body).await?;
        Ok(key)
    }

    /// Somebody joins a room; joining twice is joining once.
    ///
    /// # Errors
    /// When it could not be stored.
    pub async fn join(
        &self,
        room: &Room,
        member: &str,
        invited_by: Option<&str>,
    ) -> anyhow::Result<()> {
        let member = person(member);
        let inviter = invited_by.map(person);
        let resident = Resident {
            name: member.name.clone(),
            invited_by: inviter.as_ref().map(|inviter| inviter.name.clone()),
        };
        if !room.simulator.admit(&room.chat, &resident).await? {
            return Ok(());
        }
        let text = joined_text(room.locale, &resident);
        let line = Line { system: true, ..Room::line(&member.name, &text, self) };
        let key = format!("join:{}", member.key);
        room.simulator.write(vec![(room.chat.clone(), key.clone(), line)]).await?;
        let body = Body::Joined { members: vec![member], inviter, evidence: Evidence::JoinEvent };
        self.hand_in(room, format!("{}:{key}", room.chat), body).await
    }

    async fn hand_in(&self, room: &Room, key: String, body: Body) -> anyhow::Result<()> {
        let cause = Cause {
            account: room.simulator.account(),
            community: room.linked.community,
            key,
            sent_at: None,
            body,
        };
        self.engine.intake.store(cause).await.context("the shop is shutting down")
    }
}

impl Room {
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

    fn line(from: &str, text: &str, app: &App) -> Line {
        Line {
            n: 0,
            from: from.to_owned(),
            bot: false,
            to: None,
            text: text.to_owned(),
            image: None,
            at: app.engine.clock.now(),
            private: false,
            mentions: Vec::new(),
            system: false,
            key: None,
        }
    }
}

/// A simulated person is known by name.
fn person(name: &str) -> Contact {
    let name = shown_name(name, "?");
    Contact { key: name.clone(), name }
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
