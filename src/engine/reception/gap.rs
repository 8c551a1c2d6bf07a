//! After a gap: who is in a group is compared with who is thought to be. Newcomers are taken in without an
//! inviter, those who are gone have left. Then, where the platform remembers, what was said meanwhile is
//! heard: what was heard before counts once by its key. Where it does not, the group is told since when
//! nothing was heard.

use std::collections::BTreeMap;

use crate::domain::event::{Body, Contact, Evidence};
use crate::domain::ids::CommunityId;
use crate::platform::Platform;
use crate::platform::heard::PEOPLE_MAX;
use crate::store::reference::KnownChat;
use crate::store::{inbox, reference};

use super::{Cause, InboxSlip, Reception, body, code, leaves, patiently};

/// How far back it is asked what was said: what is older is nobody's order any more.
const BACK_MAX: chrono::Duration = chrono::Duration::hours(24);

/// How long before what was heard last is listened again: platforms tell of things a little out of order.
const OVERLAP: chrono::Duration = chrono::Duration::seconds(10);

impl<P: Platform + Clone> Reception<P> {
    /// Compare one group, or all of them. A group of which nothing can be had now is left as it is: the
    /// next gap compares again.
    pub(super) async fn reconcile(&mut self, slip: InboxSlip) {
        let able = self.platform.capabilities();
        let db = &self.engine.db;
        let Some(chats) = patiently!(self, reference::chats(db, self.account)) else { return };
        let wanted = |chat: &str| slip.chat.is_empty() || slip.chat == chat;
        for (chat, community) in chats.into_iter().filter(|(chat, _)| wanted(chat)) {
            // Members first: who joined meanwhile and then spoke did join.
            if able.member_list && self.compare(&slip, &chat, community).await.is_none() {
                return;
            }
            let made_up_for = if able.history {
                self.catch_up(&chat, community).await
            } else if able.replays || !slip.chat.is_empty() {
                Some(())
            } else {
                self.own_up(&slip.key, &chat, community).await
            };
            if made_up_for.is_none() {
                return;
            }
        }
        if slip.chat.is_empty() {
            self.away_since = None;
            self.note_listening().await;
        }
        slip.done();
    }

    /// Tell a group since when nothing was heard that cannot be had any more.
    async fn own_up(&self, key: &str, chat: &str, community: CommunityId) -> Option<()> {
        let Some(since) = self.away_since else { return Some(()) };
        tracing::warn!(account.id = self.account.0, %since, "what was said meanwhile is lost");
        self.put(community, format!("{chat}:{key}:missed"), Body::Missed { since }).await
    }

    /// Hear what was said in a group since something was heard there last.
    async fn catch_up(&self, chat: &str, community: CommunityId) -> Option<()> {
        let (db, lane) = (&self.engine.db, community.lane(self.engine.lanes));
        let last = patiently!(self, inbox::heard_last(db, lane, self.account, community))?;
        let earliest = self.engine.clock.now() - BACK_MAX;
        let since = last.map_or(earliest, |last| (last - OVERLAP).max(earliest));
        let said = match self.platform.said_since(chat, since).await {
            Ok(said) => said,
            Err(error) => {
                tracing::warn!(account.id = self.account.0, %error, "what was missed is not told");
                return Some(());
            }
        };
        for item in said {
            let is_code = |text: &str| code::offered(text).is_some();
            let Some(body) = body(item.what).filter(
                |it| !matches!(it, Body::Said { message, .. } if is_code(&message.marked())),
            ) else {
                continue;
            };
            let cause =
                Cause { account: self.account, community, key: item.key, sent_at: item.at, body };
            self.engine.intake.hand_in(cause).await.ok()?;
        }
        Some(())
    }

    async fn compare(&self, slip: &InboxSlip, chat: &str, community: CommunityId) -> Option<()> {
        let there = match self.platform.members(chat).await {
            Ok(there) => there,
            Err(error) => {
                tracing::warn!(account.id = self.account.0, %error, "members could not be listed");
                return Some(());
            }
        };
        let (db, lane) = (&self.engine.db, community.lane(self.engine.lanes));
        let known: BTreeMap<String, String> =
            patiently!(self, reference::present(db, lane, community, self.account))?
                .into_iter()
                .collect();
        let group = known.len();
        let (newcomers, mut gone) = difference(there, known);
        if leaves::is_more_than_half(gone.len(), group) {
            // So many may have left, or the list is wrong: two must agree.
            let again = self.platform.members(chat).await.unwrap_or_default();
            if again.is_empty() {
                gone.clear();
            }
            gone.retain(|member| again.iter().all(|it| it.key != member.key));
        }
        let (invited, newcomers) = self.sort_invited(chat, newcomers).await?;
        for (member, by) in invited {
            let place = KnownChat { lane, community, closed: false };
            let by = Some(self.named(&place, by).await?);
            let key = format!("{chat}:{}:in:{}", slip.key, member.key);
            let (members, evidence) = (vec![member], Evidence::JoinEvent);
            self.put(community, key, Body::Joined { members, inviter: by, evidence }).await?;
        }
        for (nth, members) in newcomers.chunks(PEOPLE_MAX).enumerate() {
            let members = members.to_vec();
            let evidence = Evidence::Reconciled;
            let body = Body::Joined { members, inviter: None, evidence };
            self.put(community, format!("{chat}:{}:in:{nth}", slip.key), body).await?;
        }
        for member in gone {
            let key = format!("{chat}:{}:out:{}", slip.key, member.key);
            self.put(community, key, Body::Left { member }).await?;
        }
        Some(())
    }

    pub(super) async fn put(&self, community: CommunityId, key: String, body: Body) -> Option<()> {
        let cause = Cause { account: self.account, community, key, sent_at: None, body };
        self.engine.intake.store(cause).await.ok()
    }
}

/// Who is there and was not known, and who was known and is not there. An empty list is no list: the
/// bot's own group is never empty.
fn difference(
    there: Vec<Contact>,
    mut known: BTreeMap<String, String>,
) -> (Vec<Contact>, Vec<Contact>) {
    if there.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let newcomers =
        there.into_iter().filter(|person| known.remove(&person.key).is_none()).collect();
    let gone = known.into_iter().map(|(key, name)| Contact { key, name }).collect();
    (newcomers, gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(key: &str) -> Contact {
        Contact { key: key.to_owned(), name: key.to_owned() }
    }

    #[test]
    fn who_came_and_who_went_meanwhile_is_found() {
        let known: BTreeMap<_, _> = ["a", "b"].map(|key| (key.to_owned(), key.to_owned())).into();
        let (newcomers, gone) = difference(vec![person("b"), person("c")], known.clone());
        assert_eq!((newcomers, gone), (vec![person("c")], vec![person("a")]));
        assert_eq!(difference(Vec::new(), known), (Vec::new(), Vec::new()));
    }
}
