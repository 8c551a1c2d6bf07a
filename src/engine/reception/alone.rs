//! Somebody alone with the bot: their words belong to the community they are in; who is in several is
//! asked once which one is meant, by number; who is in none hears how to get into one.

use std::collections::HashMap;

use crate::domain::event::{Body, Contact, TapAbout};
use crate::domain::groups;
use crate::domain::ids::CommunityId;
use crate::domain::message::HeardMessage;
use crate::domain::reply::Reply;
use crate::platform::{IdScope, Outgoing, Platform};
use crate::store::reference::{self, KnownChat};

use super::linking::alone;
use super::{InboxSlip, Reception, buttons, patiently};
use crate::engine::sender::links;

/// People whose choice is remembered; beyond it they are asked again.
const CHOICES_MAX: usize = 1_000;

/// Which community people mean who are in several. Forgotten with the process.
#[derive(Debug, Default)]
pub(super) struct Choices(HashMap<String, CommunityChoice>);

#[derive(Debug)]
enum CommunityChoice {
    /// Asked, with what they had said.
    Asked(Vec<CommunityId>, HeardMessage),
    /// They chose.
    Made(CommunityId),
}

/// Where words belong.
enum Belongs {
    To(CommunityId, HeardMessage),
    Nowhere(Reply),
}

impl<P: Platform + Clone> Reception<P> {
    /// Somebody wrote to the bot alone.
    pub(super) async fn hear_alone(
        &mut self,
        slip: InboxSlip,
        from: Contact,
        message: HeardMessage,
    ) {
        let Some(belongs) = self.belongs(&from, message).await else { return };
        match belongs {
            Belongs::To(community, message) => {
                let place = self.place_of(community);
                let body = Body::Said { from, message, private: true };
                self.store(slip, place, body).await;
            }
            Belongs::Nowhere(reply) => self.answer_alone(slip, &reply).await,
        }
    }

    /// Somebody pressed a button in their own chat with the bot.
    pub(super) async fn act_alone(&mut self, slip: InboxSlip, from: Contact, data: &str) {
        let Some((text, about)) = buttons::read(data) else { return slip.done() };
        let Some(belongs) = self.belongs(&from, HeardMessage::of(text)).await else { return };
        match belongs {
            Belongs::To(community, HeardMessage { text, .. }) => {
                let place = self.place_of(community);
                let about = if text.is_empty() { TapAbout::Words } else { about };
                let body = Body::Tapped { from, text, about, private: true };
                self.store(slip, place, body).await;
            }
            Belongs::Nowhere(reply) => self.answer_alone(slip, &reply).await,
        }
    }

    async fn belongs(&mut self, from: &Contact, message: HeardMessage) -> Option<Belongs> {
        let db = &self.engine.db;
        let communities = patiently!(self, reference::communities_of(db, self.account, &from.key))?;
        Some(match &communities[..] {
            [] => {
                let shop = self.policy().await?.shop_name;
                Belongs::Nowhere(match self.platform.capabilities().ids {
                    IdScope::Account => Reply::Groups(groups::Reply::NoGroup { shop }),
                    IdScope::Group => Reply::Groups(groups::Reply::NotRecognized { shop }),
                })
            }
            [(only, _)] => Belongs::To(*only, message),
            several => self.alone.choose(&from.key, message, several),
        })
    }

    /// Somebody followed a promoter's link to the bot: they get the promoter's link into the group, so
    /// that the platform tells who brought them.
    pub(super) async fn start(&mut self, slip: InboxSlip, from: Contact, payload: &str) {
        let Some(policy) = self.policy().await else { return };
        let Some(reply) = self.way_in(payload).await else {
            return self.hear_alone(slip, from, HeardMessage::of("帮助")).await;
        };
        let locale = self.locale(None, &policy).await;
        let (id, chat) = (slip.key.clone(), from.key);
        self.speak(alone(Outgoing { id, chat, ..Outgoing::default() }), &reply, &policy, locale);
        slip.done();
    }

    /// `slug_CODE`, as in the links that we make.
    async fn way_in(&self, payload: &str) -> Option<Reply> {
        let (slug, code) = payload.rsplit_once('_')?;
        let linked = patiently!(self, reference::communities(&self.engine.db))?
            .into_iter()
            .find(|it| it.slug == slug && it.account == self.account && it.chat.is_some())?;
        let chat = linked.chat?;
        if !patiently!(
            self,
            reference::is_invite_code(&self.engine.db, linked.lane, linked.community, code)
        )? {
            return None;
        }
        let (engine, platform) = (&self.engine, &self.platform);
        let link = links::own_link(engine, platform, self.account, linked.lane, &chat, code).await;
        let link = link.ok()??;
        Some(Reply::Groups(groups::Reply::WayIn { name: linked.name, link }))
    }

    async fn answer_alone(&self, slip: InboxSlip, reply: &Reply) {
        let Some(policy) = self.policy().await else { return };
        let locale = self.locale(None, &policy).await;
        let (id, chat) = (slip.key.clone(), slip.chat.clone());
        self.speak(alone(Outgoing { id, chat, ..Outgoing::default() }), reply, &policy, locale);
        slip.done();
    }

    fn place_of(&self, community: CommunityId) -> KnownChat {
        KnownChat { lane: community.lane(self.engine.lanes), community, closed: false }
    }
}

impl Choices {
    /// Where somebody's words belong who is in several communities.
    fn choose(
        &mut self,
        who: &str,
        message: HeardMessage,
        several: &[(CommunityId, String)],
    ) -> Belongs {
        let is_in = |id: &CommunityId| several.iter().any(|(known, _)| known == id);
        match self.0.get(who) {
            Some(CommunityChoice::Made(id)) if is_in(id) => return Belongs::To(*id, message),
            Some(CommunityChoice::Asked(ids, said)) => {
                let picked = message.text.trim().parse::<usize>().ok();
                let picked = picked.and_then(|n| ids.get(n.checked_sub(1)?).copied());
                if let Some(id) = picked.filter(is_in) {
                    let said = said.clone();
                    self.0.insert(who.to_owned(), CommunityChoice::Made(id));
                    return Belongs::To(id, said);
                }
            }
            _ => {}
        }
        if self.0.len() >= CHOICES_MAX {
            self.0.clear();
        }
        let ids = several.iter().map(|(id, _)| *id).collect();
        self.0.insert(who.to_owned(), CommunityChoice::Asked(ids, message));
        let numbered =
            several.iter().enumerate().map(|(nth, (_, name))| format!("{} {name}", nth + 1));
        Belongs::Nowhere(Reply::Groups(groups::Reply::WhichGroup { names: numbered.collect() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_in_several_communities_is_asked_once() {
        let several = [(CommunityId(1), "一".to_owned()), (CommunityId(2), "二".to_owned())];
        let mut choices = Choices::default();
        let mut say = |text: &str| match choices.choose("u", HeardMessage::of(text), &several) {
            Belongs::To(id, message) => Some((id.0, message.text)),
            Belongs::Nowhere(_) => None,
        };
        assert_eq!(say("余额"), None);
        assert_eq!(say("3"), None);
        assert_eq!(say("2"), Some((2, "3".to_owned())));
        assert_eq!(say("签到"), Some((2, "签到".to_owned())));
    }
}
