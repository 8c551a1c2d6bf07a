//! What people are called: asked once, remembered for a while. In a room somebody's name there comes
//! before their own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::client::{ASK_MAX, Client};
use super::wire::{ContactPayload, Id, RoomMemberPayload, RoomMemberPayloadRequest};
use crate::domain::event::Contact;
use crate::domain::name::shown_name;

/// Names that are remembered; beyond it they are asked anew.
const NAMES_MAX: usize = 20_000;

/// How long a name is believed: not every puppet says when somebody changes theirs.
const FRESH: Duration = Duration::from_mins(10);

/// The kind of a contact that is no person but a channel of a company.
const OFFICIAL: i32 = 2;

/// Names by room (empty: their own) and id.
#[derive(Default)]
pub(super) struct RoomNames(Mutex<HashMap<(String, String), (String, Instant)>>);

impl RoomNames {
    /// Somebody in a room. Who cannot be asked about goes by their last name, or their id.
    pub(super) async fn member(&self, client: &Client, room: &str, id: &str) -> Contact {
        if let Some(name) = self.known(room, id, FRESH) {
            return person(id, &name);
        }
        let ask = RoomMemberPayloadRequest { id: room.to_owned(), member_id: id.to_owned() };
        let name = match client.call::<RoomMemberPayload>(ask, ASK_MAX).await {
            Ok(told) if !told.room_alias.trim().is_empty() => told.room_alias,
            Ok(told) => told.name,
            Err(error) => {
                tracing::debug!(%error, "a member's name was not told");
                String::new()
            }
        };
        if name.trim().is_empty() {
            let last = self.known(room, id, Duration::MAX);
            return match last {
                Some(name) => person(id, &name),
                None => self.contact(client, id).await.0,
            };
        }
        self.learn(room, id, &name);
        person(id, &name)
    }

    /// Somebody by themselves, and whether they are a person.
    pub(super) async fn contact(&self, client: &Client, id: &str) -> (Contact, bool) {
        if let Some(name) = self.known("", id, FRESH) {
            return (person(id, &name), true);
        }
        match client.call::<ContactPayload>(Id { id: id.to_owned() }, ASK_MAX).await {
            Ok(told) if told.r#type == OFFICIAL => (person(id, &told.name), false),
            Ok(told) => {
                self.learn("", id, &told.name);
                (person(id, &told.name), true)
            }
            Err(error) => {
                tracing::debug!(%error, "a contact's name was not told");
                let last = self.known("", id, Duration::MAX).unwrap_or_default();
                (person(id, &last), true)
            }
        }
    }

    /// What is known of a contact or a room is no longer so.
    pub(super) fn forget(&self, dirty: &str) {
        self.locked().retain(|(room, id), _| room != dirty && id != dirty);
    }

    /// Ask again about everybody.
    pub(super) fn forget_all(&self) {
        self.locked().clear();
    }

    fn known(&self, room: &str, id: &str, no_older: Duration) -> Option<String> {
        let names = self.locked();
        let (name, since) = names.get(&(room.to_owned(), id.to_owned()))?;
        (since.elapsed() <= no_older).then(|| name.clone())
    }

    /// Remember what somebody is called.
    pub(super) fn learn(&self, room: &str, id: &str, name: &str) {
        let mut names = self.locked();
        if names.len() >= NAMES_MAX {
            names.clear();
        }
        names.insert((room.to_owned(), id.to_owned()), (name.to_owned(), Instant::now()));
    }

    /// Plain values: whoever panicked while holding them left them whole.
    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), (String, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn person(id: &str, name: &str) -> Contact {
    Contact { key: id.to_owned(), name: shown_name(name, id) }
}
