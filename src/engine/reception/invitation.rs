//! Who invited whom, where the platform says so only when somebody asks to come in: it is kept until they
//! come. Who lets them in is not asked, and has invited nobody.

use std::collections::BTreeMap;

use crate::domain::event::Contact;
use crate::domain::name::shown_name;
use crate::platform::Platform;
use crate::platform::heard::Inviter;
use crate::store::groups::linking;
use crate::store::reference::{self, KnownChat};

use super::{InboxSlip, Reception, patiently};

impl<P: Platform + Clone> Reception<P> {
    /// Somebody asks to come into a group. Kept where it is linked; an invitation of before counts no more.
    pub(super) async fn asks_to_join(
        &mut self,
        slip: InboxSlip,
        member: &Contact,
        by: Option<Contact>,
    ) {
        let Some(place) = self.place(&slip.chat).await else { return };
        let (db, now) = (&self.engine.db, self.engine.clock.now());
        let keys = [slip.chat.as_str(), member.key.as_str()];
        let kept = match by.filter(|_| place.is_some()) {
            Some(by) => {
                let keys = [keys[0], keys[1], by.key.as_str()];
                patiently!(self, linking::put_invitation(db, self.account, keys, now))
            }
            None => patiently!(self, linking::forget_invitation(db, self.account, keys)),
        };
        if kept.is_some() {
            slip.done();
        }
    }

    /// Who brought newcomers: as the join says, else by the invitation of the only one. `None` when the
    /// engine stops first.
    pub(super) async fn inviter(
        &self,
        chat: &str,
        place: &KnownChat,
        members: &[Contact],
        by: Inviter,
    ) -> Option<Inviter> {
        let [only] = members else { return Some(by) };
        if by != Inviter::Unknown {
            return Some(by);
        }
        Some(match self.invitations(chat, members).await?.remove(&only.key) {
            Some(inviter) => Inviter::Named(self.named(place, inviter).await?),
            None => Inviter::Unknown,
        })
    }

    /// Newcomers of a group who came by invitation, with who invited them, and all others. `None` when the
    /// engine stops first.
    pub(super) async fn sort_invited(
        &self,
        chat: &str,
        newcomers: Vec<Contact>,
    ) -> Option<(Vec<(Contact, String)>, Vec<Contact>)> {
        let inviters = self.invitations(chat, &newcomers).await?;
        let (mut invited, mut others) = (Vec::new(), Vec::new());
        for member in newcomers {
            match inviters.get(&member.key) {
                Some(by) => invited.push((member, by.clone())),
                None => others.push(member),
            }
        }
        Some((invited, others))
    }

    /// Who invited whom of these people, by ids. `None` when the engine stops first.
    async fn invitations(
        &self,
        chat: &str,
        people: &[Contact],
    ) -> Option<BTreeMap<String, String>> {
        if people.is_empty() {
            return Some(BTreeMap::new());
        }
        let users: Vec<_> = people.iter().map(|person| person.key.as_str()).collect();
        patiently!(self, linking::invitations(&self.engine.db, self.account, chat, &users))
    }

    /// A member by id. `None` when the engine stops first.
    pub(super) async fn named(&self, place: &KnownChat, key: String) -> Option<Contact> {
        let (db, account) = (&self.engine.db, self.account);
        let name = patiently!(self, reference::name_of(db, place, account, &key))?;
        let name = name.unwrap_or_else(|| shown_name(&key, "?"));
        Some(Contact { key, name })
    }
}
