//! People (会员): who is here, and who they are.
//!
//! Somebody who speaks without having been seen joining is a founding member (老成员): they belong to
//! nobody. Newcomers belong to whom the platform's own join event names. Names are never evidence:
//! people are known by the platform's id of them. Who brought whom otherwise is in [`crate::decide::referral::invites`].

use crate::book::ctx::{Ctx, Decided, Stop};
use crate::domain::event::{Contact, Evidence};
use crate::domain::ids::MemberId;
use crate::domain::intent::Role;
use crate::domain::name::{look_alike, name_key};
use crate::domain::people;
use crate::domain::people::{Member, Private, invite_code};
use crate::domain::reply::Reply;

use crate::decide::people::{alike, announcements};
use crate::decide::referral::bonds::{bind, keep, kept, may_bind, require_chain};

/// Make sure that the speaker is a member, and let them speak with the role they have.
///
/// # Errors
/// [`crate::book::Missing`] if nobody has looked them up.
pub fn meet(ctx: &mut Ctx<'_>, person: &Contact) -> Decided {
    alike::require(ctx, [person])?;
    let id = see(ctx, person, true)?;
    ctx.speaker = Some(id);
    ctx.role = ctx.role.max(ctx.member_row(id)?.role);
    Ok(())
}

/// The member that this person is; a new one if they are not known. Whoever is seen is present, and
/// bears the name they bear now; leaders hear whom they look like, if [`alike::require`] was asked before.
pub(in crate::decide) fn see(
    ctx: &mut Ctx<'_>,
    person: &Contact,
    founding: bool,
) -> Decided<MemberId> {
    let account = ctx.shop.community.account;
    let Some(id) = ctx.shop.member_by_key(account, &person.key)? else {
        let id = enter(ctx, person, founding);
        alike::tell(ctx, id);
        return Ok(id);
    };
    let row = ctx.member_row(id)?;
    if row.name != person.name {
        let looks_otherwise = !look_alike(&row.name, &person.name);
        rename(ctx, id, &person.name);
        if looks_otherwise {
            alike::tell(ctx, id);
        }
    }
    if !ctx.member_row(id)?.present
        && let Some(row) = ctx.shop.members.edit(id)
    {
        row.present = true;
    }
    Ok(id)
}

/// A new member. All there is to know about them is known.
fn enter(ctx: &mut Ctx<'_>, person: &Contact, founding: bool) -> MemberId {
    let shop = &mut *ctx.shop;
    let id = shop.community.next_member();
    let code = invite_code(shop.community.id.0, id);
    let account = shop.community.account;
    let known = &mut shop.known;
    known.keys.insert((account, person.key.clone()), Some(id));
    known.orders_of.insert(id);
    known.balances_of.insert(id);
    if let Some(bearers) = known.names.get_mut(&name_key(&person.name)) {
        bearers.insert(id);
    }
    known.codes.insert(code.clone(), Some(id));
    let row = new_member(ctx, person, id, code, founding);
    ctx.shop.members.add(id, row);
    id
}

fn new_member(
    ctx: &Ctx<'_>,
    person: &Contact,
    id: MemberId,
    code: String,
    founding: bool,
) -> Member {
    let community = &ctx.shop.community;
    let policy = ctx.shop.policy.community(&community.slug);
    let leads = policy.is_some_and(|policy| policy.leaders.contains(&person.key));
    Member {
        id,
        account: community.account,
        key: person.key.clone(),
        name: person.name.clone(),
        role: if leads { Role::Leader } else { Role::Member },
        present: true,
        founding,
        promoter: true,
        joined_at: ctx.at,
        bond: None,
        claim: None,
        asked_by: None,
        code,
        first_paid_at: None,
        streak: None,
        question: None,
        request: None,
        blocked_at: None,
        shares_waiting: 0,
        private: Private::default(),
    }
}

fn rename(ctx: &mut Ctx<'_>, id: MemberId, name: &str) {
    let Some(row) = ctx.shop.members.edit(id) else { return };
    let old = std::mem::replace(&mut row.name, name.to_owned());
    let names = &mut ctx.shop.known.names;
    if let Some(bearers) = names.get_mut(&name_key(&old)) {
        bearers.remove(&id);
    }
    if let Some(bearers) = names.get_mut(&name_key(name)) {
        bearers.insert(id);
    }
}

/// People joined. Each newcomer is bound to the inviter the platform names, where the policy agrees;
/// whoever comes back belongs to whom they belonged before.
///
/// # Errors
/// [`crate::book::Missing`] if anybody named has not been looked up.
pub fn joined(
    ctx: &mut Ctx<'_>,
    members: &[Contact],
    inviter: Option<&Contact>,
    evidence: Evidence,
) -> Decided {
    alike::require(ctx, members.iter().chain(inviter))?;
    let mut were_here = Vec::new();
    for person in members {
        were_here.push(look_up(ctx, person)?.map(|row| row.present));
    }
    let inviter = match inviter {
        Some(person) => {
            look_up(ctx, person)?;
            let joins_too = members.iter().any(|member| member.key == person.key);
            Some(see(ctx, person, !joins_too)?)
        }
        None => None,
    };
    for (person, was_here) in members.iter().zip(were_here) {
        let id = see(ctx, person, false)?;
        welcome(ctx, id, was_here, inviter, evidence);
        ctx.speaker = ctx.speaker.or(Some(id));
    }
    ctx.record("join", None, None);
    Ok(())
}

/// People joined by a link that the bot made for one of its members. A code of nobody (any more) names
/// no inviter.
///
/// # Errors
/// [`crate::book::Missing`] if anybody named has not been looked up.
pub fn joined_by_link(ctx: &mut Ctx<'_>, members: &[Contact], code: &str) -> Decided {
    let owner = match crate::decide::referral::invites::owner_of(ctx, code) {
        Ok(owner) => Some(owner),
        Err(Stop::Refused(_)) => None,
        Err(missing) => return Err(missing),
    };
    let inviter = match owner {
        Some(owner) => {
            let row = ctx.member_row(owner)?;
            Some(Contact { key: row.key.clone(), name: row.name.clone() })
        }
        None => None,
    };
    // The book knows the owner by their code; by their own key they are known with the row.
    joined(ctx, members, inviter.as_ref(), Evidence::InviteLink)
}

/// The member that this person is, with everybody above them in the book.
fn look_up<'d>(ctx: &'d Ctx<'_>, person: &Contact) -> Decided<Option<&'d Member>> {
    let account = ctx.shop.community.account;
    let Some(id) = ctx.shop.member_by_key(account, &person.key)? else { return Ok(None) };
    require_chain(ctx, id)?;
    Ok(Some(ctx.member_row(id)?))
}

fn welcome(
    ctx: &mut Ctx<'_>,
    id: MemberId,
    was_here: Option<bool>,
    inviter: Option<MemberId>,
    evidence: Evidence,
) {
    let came_back = was_here == Some(false);
    let bound = inviter.filter(|&inviter| attribute(ctx, id, inviter, evidence, came_back));
    // A join that was already known, and brings nothing new, is not greeted twice.
    if was_here != Some(true) || bound.is_some() {
        let inviter = bound.and_then(|id| ctx.shop.members.get(id)).map(|row| row.name.clone());
        let announcement = announcements::current(ctx).map(|it| it.text.clone());
        ctx.call(id, Reply::People(people::Reply::Welcome { inviter, announcement }));
    }
}

/// Bind a newcomer by what the platform says of their coming. Whether it holds now.
fn attribute(
    ctx: &mut Ctx<'_>,
    member: MemberId,
    inviter: MemberId,
    evidence: Evidence,
    came_back: bool,
) -> bool {
    // Leaving and coming back through a friend would let anybody be attributed anew.
    if came_back {
        keep(ctx, member, inviter, evidence, Some("came_back".to_owned()));
        return false;
    }
    match may_bind(ctx, member, inviter) {
        Ok(()) => {
            bind(ctx, member, inviter, evidence);
            true
        }
        Err(stop) => {
            // Nobody asked for this bond in words, so nobody is told why it is not made.
            let _ = kept(ctx, member, inviter, evidence, stop);
            false
        }
    }
}

/// Somebody left. What they have stays theirs; new orders earn them nothing until they are back.
///
/// # Errors
/// [`crate::book::Missing`] if nobody has looked them up.
pub fn left(ctx: &mut Ctx<'_>, person: &Contact) -> Decided {
    let account = ctx.shop.community.account;
    let Some(id) = ctx.shop.member_by_key(account, &person.key)? else { return Ok(()) };
    ctx.member_row(id)?;
    ctx.speaker = Some(id);
    if let Some(row) = ctx.shop.members.edit(id) {
        row.present = false;
    }
    ctx.record("leave", None, None);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{Stage, XIAOMEI};
    use crate::domain::event::Body;
    use crate::domain::message::HeardMessage;

    fn person(name: &str) -> Contact {
        Contact { key: format!("key-{name}"), name: name.to_owned() }
    }

    fn says(stage: &mut Stage, person: Contact) {
        let (from, message) = (person, HeardMessage::of("签到"));
        let event = stage.event(Body::Said { from, message, private: false });
        stage.until_known(|shop| {
            let mut ctx = Ctx::new(shop, &event);
            let met = meet(&mut ctx, event.body.from().unwrap());
            crate::decide::conclude(&mut ctx, "said", met)
        });
    }

    fn joins(stage: &mut Stage, who: &[&str], inviter: Option<&str>) -> Vec<Reply> {
        let members = who.iter().map(|name| person(name)).collect();
        let (inviter, evidence) = (inviter.map(person), Evidence::JoinEvent);
        stage.happens(Body::Joined { members, inviter, evidence })
    }

    fn by_key<'s>(stage: &'s Stage, name: &str) -> &'s Member {
        let key = format!("key-{name}");
        stage.shop.members.values().find(|row| row.key == key).expect("they are a member")
    }

    fn inviter_of(stage: &Stage, name: &str) -> Option<MemberId> {
        by_key(stage, name).bond.map(|bond| bond.inviter)
    }

    fn reasons(stage: &Stage) -> Vec<&str> {
        let bonds = stage.shop.fresh.bonds.iter();
        bonds.filter_map(|bond| bond.refused.as_deref()).collect()
    }

    #[test]
    fn who_speaks_without_a_join_is_a_founding_member() {
        let mut stage = Stage::new();
        says(&mut stage, person("阿强"));
        let row = by_key(&stage, "阿强");
        assert_eq!((row.id, row.role, row.founding), (MemberId(4), Role::Member, true));
        assert_eq!(stage.shop.community.last_member, MemberId(4));
        says(&mut stage, person("阿强"));
        assert_eq!(stage.shop.members.len(), 4);
    }

    #[test]
    fn a_leader_of_the_file_is_known_by_platform_id_not_by_name() {
        let mut stage = Stage::with_policy(|policy| {
            policy.communities[0].leaders = vec!["wx-77".to_owned()];
        });
        says(&mut stage, Contact { key: "wx-77".into(), name: "谁谁".into() });
        says(&mut stage, Contact { key: "other".into(), name: "wx-77".into() });
        let roles: Vec<_> = stage.shop.members.values().skip(3).map(|row| row.role).collect();
        assert_eq!(roles, [Role::Leader, Role::Member]);
    }

    #[test]
    fn a_member_bears_the_name_they_bear_now() {
        let mut stage = Stage::new();
        stage.shop.known.names.insert("小美美".to_owned(), std::collections::BTreeSet::new());
        says(&mut stage, Contact { key: "key-小美".into(), name: "小美美".into() });
        assert_eq!(stage.shop.members.get(XIAOMEI).unwrap().name, "小美美");
        assert!(stage.shop.known.names["小美"].is_empty());
        assert!(stage.shop.known.names["小美美"].contains(&XIAOMEI));
    }

    #[test]
    fn a_newcomer_belongs_to_whom_the_join_event_names() {
        let mut stage = Stage::new();
        let said = joins(&mut stage, &["阿强", "阿珍"], Some("小美"));
        let welcome = Reply::People(people::Reply::Welcome {
            inviter: Some("小美".to_owned()),
            announcement: None,
        });
        assert_eq!(said, [welcome.clone(), welcome]);
        assert_eq!(inviter_of(&stage, "阿强"), Some(XIAOMEI));
        assert_eq!(inviter_of(&stage, "阿珍"), Some(XIAOMEI));
        assert!(!by_key(&stage, "阿强").founding);
        assert_eq!(stage.shop.fresh.decisions.len(), 1);
    }

    #[test]
    fn an_inviter_nobody_has_seen_is_met_by_the_join() {
        let mut stage = Stage::new();
        joins(&mut stage, &["阿强"], Some("潜水员"));
        assert_eq!(inviter_of(&stage, "阿强"), Some(by_key(&stage, "潜水员").id));
        assert!(by_key(&stage, "潜水员").founding);
    }

    #[test]
    fn nobody_invites_themselves_by_joining() {
        let mut stage = Stage::new();
        let said = joins(&mut stage, &["阿强"], Some("阿强"));
        assert_eq!(
            said,
            [Reply::People(people::Reply::Welcome { inviter: None, announcement: None })]
        );
        assert_eq!(inviter_of(&stage, "阿强"), None);
        assert!(!by_key(&stage, "阿强").founding);
        assert_eq!(reasons(&stage), ["self_invite"]);
    }

    #[test]
    fn coming_back_changes_no_bond() {
        let mut stage = Stage::new();
        joins(&mut stage, &["阿强"], Some("小美"));
        stage.happens(Body::Left { member: person("阿强") });
        assert!(!by_key(&stage, "阿强").present);
        let said = joins(&mut stage, &["阿强"], Some("老王"));
        assert_eq!(
            said,
            [Reply::People(people::Reply::Welcome { inviter: None, announcement: None })]
        );
        assert!(by_key(&stage, "阿强").present);
        assert_eq!(inviter_of(&stage, "阿强"), Some(XIAOMEI));
        assert_eq!(reasons(&stage), ["came_back"]);
    }

    #[test]
    fn a_join_told_twice_is_greeted_once() {
        let mut stage = Stage::new();
        joins(&mut stage, &["阿强"], None);
        assert_eq!(joins(&mut stage, &["阿强"], None), []);
        // The platform's word comes late: it still counts, as nobody else was first.
        let said = joins(&mut stage, &["阿强"], Some("小美"));
        assert_eq!(
            said,
            [Reply::People(people::Reply::Welcome {
                inviter: Some("小美".to_owned()),
                announcement: None,
            })]
        );
    }

    #[test]
    fn a_founding_member_is_not_bound_by_a_late_join() {
        let mut stage = Stage::new();
        says(&mut stage, person("阿强"));
        assert_eq!(joins(&mut stage, &["阿强"], Some("小美")), []);
        assert_eq!(inviter_of(&stage, "阿强"), None);
        assert_eq!(reasons(&stage), ["founding_member"]);
    }
}
