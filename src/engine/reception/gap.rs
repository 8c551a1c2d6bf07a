//! After a gap: who is in a group is compared with who is thought to be. Newcomers are taken in without an
//! inviter, those who are gone have left.

use std::collections::BTreeMap;

use crate::domain::event::{Body, Evidence, Person};
use crate::domain::ids::CommunityId;
use crate::platform::Platform;
use crate::platform::heard::PEOPLE_MAX;
use crate::store::reference;

use super::{Cause, Reception, Slip, patiently};

impl<P: Platform + Clone> Reception<P> {
    /// Compare one group, or all of them. A group whose list cannot be had now is left as it is: the next
    /// gap compares again.
    pub(super) async fn reconcile(&mut self, slip: Slip) {
        if self.platform.capabilities().member_list {
            let db = &self.engine.db;
            let Some(chats) = patiently!(self, reference::chats(db, self.account)) else { return };
            let wanted = |chat: &str| slip.chat.is_empty() || slip.chat == chat;
            for (chat, community) in chats.into_iter().filter(|(chat, _)| wanted(chat)) {
                if self.compare(&slip, &chat, community).await.is_none() {
                    return;
                }
            }
        }
        slip.done();
    }

    async fn compare(&self, slip: &Slip, chat: &str, community: CommunityId) -> Option<()> {
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
        let (newcomers, gone) = difference(there, known);
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

    async fn put(&self, community: CommunityId, key: String, body: Body) -> Option<()> {
        let cause = Cause { account: self.account, community, key, sent_at: None, body };
        self.engine.intake.store(cause).await.ok()
    }
}

/// Who is there and was not known, and who was known and is not there. An empty list is no list: the
/// bot's own group is never empty.
fn difference(
    there: Vec<Person>,
    mut known: BTreeMap<String, String>,
) -> (Vec<Person>, Vec<Person>) {
    if there.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let newcomers =
        there.into_iter().filter(|person| known.remove(&person.key).is_none()).collect();
    let gone = known.into_iter().map(|(key, name)| Person { key, name }).collect();
    (newcomers, gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(key: &str) -> Person {
        Person { key: key.to_owned(), name: key.to_owned() }
    }

    #[test]
    fn who_came_and_who_went_meanwhile_is_found() {
        let known: BTreeMap<_, _> = ["a", "b"].map(|key| (key.to_owned(), key.to_owned())).into();
        let (newcomers, gone) = difference(vec![person("b"), person("c")], known.clone());
        assert_eq!((newcomers, gone), (vec![person("c")], vec![person("a")]));
        assert_eq!(difference(Vec::new(), known), (Vec::new(), Vec::new()));
    }
}
