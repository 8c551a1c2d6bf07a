//! Onboarding a group: the bot was added, its rights changed, the group moved, or the bot was removed.

use crate::domain::event::Body;
use crate::domain::groups;
use crate::domain::policy::{Locale, Policy};
use crate::domain::reply::{Hurdle, Reply};
use crate::platform::heard::Obstacle;
use crate::platform::{Outgoing, Platform};
use crate::store::groups::linking;
use crate::store::reference::{self, KnownChat};

use super::{InboxSlip, Reception, patiently};

impl<P: Platform + Clone> Reception<P> {
    /// Greet a group that is linked to nothing and say what is missing; tell a linked one what changed.
    /// The same update greets once.
    pub(super) async fn added(&mut self, slip: InboxSlip, obstacles: &[Obstacle]) {
        let Some(place) = self.place(&slip.chat).await else { return };
        let Some(policy) = self.policy().await else { return };
        let db = &self.engine.db;
        let Some(is_new) =
            patiently!(self, linking::greet(db, self.account, &slip.chat, &slip.key))
        else {
            return;
        };
        if is_new {
            let hurdles: Vec<_> = obstacles.iter().map(|it| hurdle(*it)).collect();
            let locale = self.locale(place.as_ref(), &policy).await;
            let reply = match place {
                Some(_) => Reply::Groups(groups::Reply::Hindered { hurdles }),
                None => {
                    Reply::Groups(groups::Reply::Hello { shop: policy.shop_name.clone(), hurdles })
                }
            };
            let (id, chat) = (slip.key.clone(), slip.chat.clone());
            self.speak(Outgoing { id, chat, ..Outgoing::default() }, &reply, &policy, locale);
        }
        slip.done();
    }

    /// A group was linked: what keeps the bot from working well there, where the platform can be asked.
    pub(super) async fn say_obstacles(&mut self, slip: &InboxSlip, policy: &Policy) {
        let hurdles: Vec<_> =
            self.platform.obstacles(&slip.chat).await.into_iter().map(hurdle).collect();
        if hurdles.is_empty() {
            return;
        }
        let Some(place) = self.place(&slip.chat).await else { return };
        let locale = self.locale(place.as_ref(), policy).await;
        let (id, chat) = (slip.key.clone(), slip.chat.clone());
        let to = Outgoing { id, chat, ..Outgoing::default() };
        self.speak(to, &Reply::Groups(groups::Reply::Hindered { hurdles }), policy, locale);
    }

    /// The language of a chat: its community's, else that of the shop's first community.
    pub(super) async fn locale(&self, place: Option<&KnownChat>, policy: &Policy) -> Locale {
        let slug = match place {
            Some(place) => reference::slug(&self.engine.db, place).await.ok().flatten(),
            None => None,
        };
        let community = slug.and_then(|slug| policy.community(&slug));
        community.or(policy.communities.first()).map_or_else(Default::default, |it| it.locale)
    }

    /// The bot was removed: what is sent there is lost until it is back.
    pub(super) async fn removed(&mut self, slip: InboxSlip) {
        let Some(place) = self.place(&slip.chat).await else { return };
        if place.is_some() {
            tracing::error!(account.id = self.account.0, "the bot was removed from a linked group");
            self.engine.health.close(self.account, &slip.chat);
            let (db, at) = (&self.engine.db, self.engine.clock.now());
            let (account, chat) = (self.account, slip.chat.as_str());
            if patiently!(self, reference::close_chat(db, account, chat, at, "removed")).is_none() {
                return;
            }
        }
        slip.done();
    }

    /// The group goes on under another id. It may be told twice, from both sides, in any order.
    pub(super) async fn migrate(&mut self, slip: InboxSlip, to: String) {
        let Some(old) = self.place(&slip.chat).await else { return };
        let Some(new) = self.place(&to).await else { return };
        if let (Some(place), None) = (old, new) {
            let db = &self.engine.db;
            let account = self.account;
            // What is said in the new chat belongs to the community from now on.
            if patiently!(self, reference::put_chat(db, account, &to, &place)).is_none() {
                return;
            }
            let key = format!("moved:{}:{to}", self.account);
            if !self.settle(&place, key, Body::Moved { to }).await {
                return;
            }
        }
        slip.done();
    }
}

fn hurdle(obstacle: Obstacle) -> Hurdle {
    match obstacle {
        Obstacle::Deaf => Hurdle::Deaf,
        Obstacle::NotAdmin => Hurdle::NotAdmin,
        Obstacle::NoLinks => Hurdle::NoLinks,
        Obstacle::Public => Hurdle::Public,
        Obstacle::MentionsOnly => Hurdle::MentionsOnly,
        Obstacle::RepliesOnly => Hurdle::RepliesOnly,
    }
}
