//! Platforms: places where the shop can listen and speak. An adapter translates and paces, nothing else:
//! platform words stop there, and shop words never enter one.
//!
//! Listening is each adapter's own affair; what it hears goes through the channel it was given, and it
//! is told when that is stored. No adapter calls the engine.

pub mod null;
pub mod simulator;

use std::time::Duration;

/// What differs between platforms, declared; the core degrades by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// A send may be repeated under the same id and counts once.
    pub client_key: bool,
    /// One member can be spoken to alone.
    pub private: bool,
    /// Messages to one chat: so many in so long. `None`: unlimited.
    pub rate_per_chat: Option<(u32, Duration)>,
    /// The longest text.
    pub text_limit: usize,
    /// How long after its time a message may still arrive: closing waits so long.
    pub lag: Duration,
}

/// One message to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id; where the platform has client keys, the same id counts once.
    pub id: String,
    /// The chat.
    pub chat: String,
    /// Whom it is for: platform id.
    pub to: Option<String>,
    /// For their eyes only.
    pub private: bool,
    /// Platform ids of members it mentions.
    pub mentions: Vec<String>,
    /// The text.
    pub text: String,
    /// A picture: a path below `/media/`, or an `https://` address.
    pub image: Option<String>,
}

/// A message was not delivered, and what the outbox does about it.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The platform is busy or away; leave this chat alone for a while.
    #[error("not delivered, to be tried again in {after:?}")]
    Later {
        /// How long.
        after: Duration,
        /// Why.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// It may or may not have been delivered.
    #[error("the outcome is unknown")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It never will be: blocked, removed from the group, chat gone.
    #[error("undeliverable: {reason}")]
    Never {
        /// For the operator. No message text, no tokens.
        reason: String,
    },
}

/// A place where the shop can speak.
pub trait Platform: Send + Sync + 'static {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Deliver messages, each once, in order; returns the platform's id of each, where it has one.
    /// Retrying is the outbox's business.
    fn send(
        &self,
        messages: &[Outgoing],
    ) -> impl Future<Output = Vec<Result<Option<String>, SendError>>> + Send;
}
