//! Linking (绑定) a community to a real group chat, and what becomes of the link.
//!
//! Whoever gives the one-time code in a group becomes the community's first leader; everybody who is
//! there already is a founding member. That the code is right, unused and in time, and that they may run
//! the group, was found out before: here it only counts whether the community is free.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::event::Contact;
use crate::domain::groups;
use crate::domain::ids::AccountId;
use crate::domain::intent::Role;
use crate::domain::reply::{LinkRefusal, Reply, Waiting};
use crate::domain::time::Timestamp;

use crate::decide::people::members::see;

/// Somebody gave the community's code in a chat.
///
/// # Errors
/// [`crate::book::Missing`] if anybody there has not been looked up.
pub fn linked(
    ctx: &mut Ctx<'_>,
    account: AccountId,
    chat: &str,
    by: &Contact,
    members: &[Contact],
) -> Decided {
    for person in members.iter().chain([by]) {
        if let Some(id) = ctx.shop.member_by_key(account, &person.key)? {
            ctx.member_row(id)?;
        }
    }
    let community = &ctx.shop.community;
    if community.chat.is_some() {
        let name = community.name.clone();
        let why = LinkRefusal::Taken { name };
        ctx.answer_in(account, chat.to_owned(), Reply::Groups(groups::Reply::LinkRefused { why }));
        ctx.record("link", None, Some("taken".to_owned()));
        return Ok(());
    }
    settle(ctx, account, Some(chat.to_owned()));
    let leader = see(ctx, by, true)?;
    if let Some(row) = ctx.shop.members.edit(leader) {
        row.role = row.role.max(Role::Leader);
    }
    for person in members {
        see(ctx, person, true)?;
    }
    ctx.speaker = Some(leader);
    let name = ctx.shop.community.name.clone();
    let leader = by.name.clone();
    ctx.announce(Reply::Groups(groups::Reply::Linked { name, leader }));
    ctx.record("link", None, None);
    Ok(())
}

/// An operator undid the link. The books stay; the group hears nothing more.
///
/// # Errors
/// None today.
pub fn unlinked(ctx: &mut Ctx<'_>) -> Decided {
    if ctx.shop.community.chat.is_some() {
        ctx.announce(Reply::Groups(groups::Reply::Unlinked {
            name: ctx.shop.community.name.clone(),
        }));
        let account = ctx.shop.community.account;
        settle(ctx, account, None);
    }
    ctx.record("unlink", None, None);
    Ok(())
}

/// The chat goes on under another id. Told twice is told once.
///
/// # Errors
/// None today.
pub fn moved(ctx: &mut Ctx<'_>, to: &str) -> Decided {
    if ctx.shop.community.chat.is_some() {
        let account = ctx.shop.community.account;
        settle(ctx, account, Some(to.to_owned()));
    }
    ctx.record("move", None, None);
    Ok(())
}

/// What was said since then is lost. Whoever may have ordered is asked to say it again; where nothing was on
/// sale, nobody is troubled.
///
/// # Errors
/// None today.
pub fn missed(ctx: &mut Ctx<'_>, since: Timestamp) -> Decided {
    if ctx.shop.open_offers(since).next().is_some() {
        ctx.announce(Reply::Groups(groups::Reply::Missed { since, until: ctx.at }));
    }
    ctx.record("miss", None, None);
    Ok(())
}

/// The bot may not speak unasked in the group: leaders hear what waits, and what to switch on.
///
/// # Errors
/// None today.
pub fn unsaid(ctx: &mut Ctx<'_>, news: &[Waiting]) -> Decided {
    ctx.tell_leaders(&Reply::Groups(groups::Reply::Unsaid { news: news.to_vec() }));
    ctx.record("wait", None, None);
    Ok(())
}

fn settle(ctx: &mut Ctx<'_>, account: AccountId, chat: Option<String>) {
    let shop = &mut *ctx.shop;
    shop.community.account = account;
    shop.community.chat = chat;
    shop.community_changed = true;
    shop.chat_changed = true;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, ACCOUNT, S1, Stage};
    use crate::domain::catalog::OfferState;
    use crate::domain::event::Body;
    use crate::domain::reply::News;

    fn person(key: &str) -> Contact {
        Contact { key: key.to_owned(), name: format!("n{key}") }
    }

    fn link(stage: &mut Stage, chat: &str) -> Vec<Reply> {
        let (by, members) = (person("1"), vec![person("1"), person("2")]);
        let chat = chat.to_owned();
        stage.happens(Body::Linked { account: ACCOUNT, chat, by, members })
    }

    #[test]
    fn who_gives_the_code_leads_and_who_is_there_is_a_founding_member() {
        let mut stage = Stage::new();
        stage.shop.community.chat = None;
        let said = link(&mut stage, "-100");
        let (name, leader) = ("阳光小区".to_owned(), "n1".to_owned());
        assert_eq!(said, [Reply::Groups(groups::Reply::Linked { name, leader })]);
        assert_eq!(stage.shop.community.chat.as_deref(), Some("-100"));
        let rows = stage.shop.members.values().skip(3);
        let rows: Vec<_> = rows.map(|row| (row.key.as_str(), row.role, row.founding)).collect();
        assert_eq!(rows, [("1", Role::Leader, true), ("2", Role::Member, true)]);
    }

    #[test]
    fn a_linked_community_is_not_linked_again() {
        let mut stage = Stage::new();
        let said = link(&mut stage, "-200");
        assert!(matches!(
            said[..],
            [Reply::Groups(groups::Reply::LinkRefused { why: LinkRefusal::Taken { .. } })]
        ));
        assert_eq!(stage.shop.community.chat.as_deref(), Some("group"));
        assert_eq!(stage.shop.members.len(), 3);
        assert_eq!(stage.shop.fresh.outbox[0].chat, "-200");
    }

    #[test]
    fn an_unlinked_community_keeps_its_books_and_can_be_linked_anew() {
        let mut stage = Stage::new();
        let operator = "op".to_owned();
        let said = stage.happens(Body::Unlinked { operator: operator.clone() });
        assert_eq!(said, [Reply::Groups(groups::Reply::Unlinked { name: "阳光小区".to_owned() })]);
        assert_eq!(stage.happens(Body::Unlinked { operator }), []);
        assert_eq!(stage.shop.members.len(), 3);
        assert_eq!(link(&mut stage, "-300").len(), 1);
    }

    #[test]
    fn a_group_hears_what_was_missed_where_something_was_on_sale() {
        let mut stage = Stage::new();
        let since = stage.at - chrono::Duration::minutes(31);
        let said = stage.happens(Body::Missed { since });
        assert_eq!(said, [Reply::Groups(groups::Reply::Missed { since, until: stage.at })]);
        for id in [A1, A2, S1] {
            stage.shop.offers.edit(id).unwrap().state = OfferState::Closed;
        }
        assert_eq!(stage.happens(Body::Missed { since }), []);
    }

    #[test]
    fn each_leader_hears_alone_what_waits() {
        let mut stage = Stage::new();
        let news = vec![Waiting { kind: News::Goods, count: 1 }];
        let said = stage.happens(Body::Unsaid { news: news.clone() });
        let leads = |it: &&crate::domain::people::Member| it.role >= Role::Leader && it.present;
        assert_eq!(stage.shop.members.values().filter(leads).count(), 1);
        assert_eq!(said, [Reply::Groups(groups::Reply::Unsaid { news })]);
        let to = stage.shop.fresh.outbox[0].to.as_ref().unwrap();
        assert!(to.private, "nobody else has to know");
    }

    #[test]
    fn a_moved_chat_is_spoken_to_where_it_is_now() {
        let mut stage = Stage::new();
        for _ in 0..2 {
            stage.happens(Body::Moved { to: "-1005".to_owned() });
        }
        assert_eq!(stage.shop.community.chat.as_deref(), Some("-1005"));
        assert!(stage.shop.chat_changed);
    }
}
