//! Link codes offered in chats. Strangers get nowhere: a code is one-time and short-lived, five wrong ones
//! close linking to a chat and to a person for an hour, and where the platform knows who runs a group,
//! nobody else may link it.

use crate::domain::event::{Body, Contact};
use crate::domain::groups;
use crate::domain::reply::{LinkRefusal, Reply};
use crate::platform::{Outgoing, Platform, Standing};
use crate::store::groups::linking;
use crate::store::inbox;
use crate::store::reference::KnownChat;

use super::{InboxSlip, Reception, code, patiently};

/// So many wrong codes close linking …
const WRONG_MAX: i32 = 5;

/// … for so long.
const SHUT_FOR: chrono::Duration = chrono::Duration::hours(1);

impl<P: Platform + Clone> Reception<P> {
    /// Somebody offers a link code.
    pub(super) async fn link(
        &mut self,
        slip: InboxSlip,
        from: Option<Contact>,
        code: String,
        private: bool,
    ) {
        let Some(policy) = self.policy().await else { return };
        match self.try_link(&slip, from, code, private).await {
            None => return, // not told: it is delivered again
            Some(Ok(())) => self.say_obstacles(&slip, &policy).await,
            Some(Err(why)) => {
                let locale =
                    policy.communities.first().map_or_else(Default::default, |it| it.locale);
                let to = Outgoing {
                    id: slip.key.clone(),
                    chat: slip.chat.clone(),
                    ..Outgoing::default()
                };
                let to = if private { alone(to) } else { to };
                self.speak(to, &Reply::Groups(groups::Reply::LinkRefused { why }), &policy, locale);
            }
        }
        slip.done();
    }

    /// `None` when the engine stops first.
    async fn try_link(
        &mut self,
        slip: &InboxSlip,
        from: Option<Contact>,
        code: String,
        private: bool,
    ) -> Option<Result<(), LinkRefusal>> {
        if private {
            return Some(Err(LinkRefusal::Alone));
        }
        let Some(by) = from else { return Some(Err(LinkRefusal::Anonymous)) };
        let hash = code::hash(&code);
        let key = format!("link:{hash}");
        if let Some(place) = self.place(&slip.chat).await? {
            let db = &self.engine.db;
            let again = patiently!(self, inbox::is_handled(db, place.lane, &key))?;
            return Some(if again.is_some() { Ok(()) } else { Err(LinkRefusal::GroupTaken) });
        }
        let Some(place) = self.look_up(slip, &by, &hash).await? else {
            return self.count_wrong(slip, &by).await;
        };
        if self.platform.standing(&slip.chat, &by.key).await == Standing::Ordinary {
            return Some(Err(LinkRefusal::NotAdmin));
        }
        let members = if self.platform.capabilities().member_list {
            self.platform.members(&slip.chat).await.unwrap_or_default()
        } else {
            Vec::new()
        };
        let (account, chat) = (self.account, slip.chat.clone());
        let body = Body::Linked { account, chat, by, members };
        if !self.settle(&place, key, body).await {
            return None;
        }
        let db = &self.engine.db;
        patiently!(self, linking::forget_code(db, &hash))?;
        Some(Ok(()))
    }

    /// The community that a code is for, unless linking is shut.
    async fn look_up(
        &self,
        slip: &InboxSlip,
        by: &Contact,
        hash: &str,
    ) -> Option<Option<KnownChat>> {
        let (db, now, who) = (&self.engine.db, self.engine.clock.now(), who(slip, by));
        if patiently!(self, linking::wrong_codes(db, self.account, &who, now - SHUT_FOR))?
            >= WRONG_MAX
        {
            return Some(None);
        }
        let found = patiently!(self, linking::code(db, hash, now))?;
        Some(found.map(|(lane, community)| KnownChat { lane, community, closed: false }))
    }

    /// A wrong code counts against the chat and the person. Once shut, nobody is answered any more.
    async fn count_wrong(&self, slip: &InboxSlip, by: &Contact) -> Option<Result<(), LinkRefusal>> {
        let (db, now, who) = (&self.engine.db, self.engine.clock.now(), who(slip, by));
        let since = now - SHUT_FOR;
        let before = patiently!(self, linking::wrong_codes(db, self.account, &who, since))?;
        if before >= WRONG_MAX {
            return Some(Ok(()));
        }
        patiently!(self, linking::count_wrong(db, self.account, &who, now, since))?;
        let is_last = before + 1 >= WRONG_MAX;
        Some(Err(if is_last { LinkRefusal::Shut } else { LinkRefusal::BadCode }))
    }
}

fn who(slip: &InboxSlip, by: &Contact) -> [String; 2] {
    [format!("chat:{}", slip.chat), format!("user:{}", by.key)]
}

/// To the one who is alone with the bot; their chat has their own id.
pub(super) fn alone(message: Outgoing) -> Outgoing {
    Outgoing { to: Some(message.chat.clone()), private: true, ..message }
}
