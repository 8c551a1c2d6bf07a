//! People (会员): who is here, who they are, and who may speak for the shop.
//!
//! Somebody who speaks without having been seen joining is a founding member (老成员): they belong to
//! nobody. Newcomers belong to whom the platform's own join event names. Names are never evidence:
//! people are known by the platform's id of them. Who brought whom otherwise is in [`super::invites`].

use crate::book::desk::{Decided, Desk};
use crate::domain::event::{Evidence, Person};
use crate::domain::ids::MemberId;
use crate::domain::intent::Role;
use crate::domain::member::{Member, Private, invite_code};
use crate::domain::reply::{Noted, Reply, RoleChange};

use super::bonds::{bind, keep, kept, may_bind, require_chain};

pub use super::invites::{answer_claim, claim_inviter, invite, use_invite};

/// The longest address, pick-up or payee that is noted.
pub const MAX_NOTED: usize = 200;

/// Make sure that the speaker is a member, and let them speak with the role they have.
///
/// # Errors
/// [`crate::book::Missing`] if nobody has looked them up.
pub fn meet(desk: &mut Desk<'_>, person: &Person) -> Decided {
    let id = see(desk, person, true)?;
    desk.speaker = Some(id);
    desk.role = desk.role.max(desk.member_row(id)?.role);
    Ok(())
}

/// The member that this person is; a new one if they are not known. Whoever is seen is present, and
/// bears the name they bear now.
fn see(desk: &mut Desk<'_>, person: &Person, founding: bool) -> Decided<MemberId> {
    let account = desk.shop.community.account;
    let Some(id) = desk.shop.member_by_key(account, &person.key)? else {
        return Ok(enter(desk, person, founding));
    };
    let row = desk.member_row(id)?;
    if row.name != person.name {
        rename(desk, id, &person.name);
    }
    if !desk.member_row(id)?.present
        && let Some(row) = desk.shop.members.edit(id)
    {
        row.present = true;
    }
    Ok(id)
}

/// A new member. All there is to know about them is known.
fn enter(desk: &mut Desk<'_>, person: &Person, founding: bool) -> MemberId {
    let shop = &mut *desk.shop;
    shop.community_changed = true;
    let id = shop.community.next_member();
    let code = invite_code(shop.community.id.0, id);
    let account = shop.community.account;
    let known = &mut shop.known;
    known.keys.insert((account, person.key.clone()), Some(id));
    known.orders_of.insert(id);
    known.balances_of.insert(id);
    for name in [&person.name, &code] {
        if let Some(bearers) = known.names.get_mut(name) {
            bearers.insert(id);
        }
    }
    let row = new_member(desk, person, (id, code), founding);
    desk.shop.members.add(id, row);
    id
}

fn new_member(
    desk: &Desk<'_>,
    person: &Person,
    (id, code): (MemberId, String),
    founding: bool,
) -> Member {
    let community = &desk.shop.community;
    let policy = desk.shop.policy.community(&community.slug);
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
        joined_at: desk.at,
        bond: None,
        claim: None,
        asked_by: None,
        code,
        first_paid_at: None,
        streak: None,
        question: None,
        shares_waiting: 0,
        private: Private::default(),
    }
}

fn rename(desk: &mut Desk<'_>, id: MemberId, name: &str) {
    let Some(row) = desk.shop.members.edit(id) else { return };
    let (old, code) = (std::mem::replace(&mut row.name, name.to_owned()), row.code.clone());
    let names = &mut desk.shop.known.names;
    // Whoever bears a name that is somebody's code stays findable by the code.
    if let Some(bearers) = names.get_mut(&old).filter(|_| old != code) {
        bearers.remove(&id);
    }
    if let Some(bearers) = names.get_mut(name) {
        bearers.insert(id);
    }
}

/// People joined. Each newcomer is bound to the inviter the platform names, where the policy agrees;
/// whoever comes back belongs to whom they belonged before.
///
/// # Errors
/// [`crate::book::Missing`] if anybody named has not been looked up.
pub fn joined(
    desk: &mut Desk<'_>,
    members: &[Person],
    inviter: Option<&Person>,
    evidence: Evidence,
) -> Decided {
    let mut were_here = Vec::new();
    for person in members {
        were_here.push(look_up(desk, person)?.map(|row| row.present));
    }
    let inviter = match inviter {
        Some(person) => {
            look_up(desk, person)?;
            let joins_too = members.iter().any(|member| member.key == person.key);
            Some(see(desk, person, !joins_too)?)
        }
        None => None,
    };
    for (person, was_here) in members.iter().zip(were_here) {
        let id = see(desk, person, false)?;
        welcome(desk, (id, was_here), inviter, evidence);
    }
    desk.record("join", None, None);
    Ok(())
}

/// The member that this person is, with everybody above them in the book.
fn look_up<'d>(desk: &'d Desk<'_>, person: &Person) -> Decided<Option<&'d Member>> {
    let account = desk.shop.community.account;
    let Some(id) = desk.shop.member_by_key(account, &person.key)? else { return Ok(None) };
    require_chain(desk, id)?;
    Ok(Some(desk.member_row(id)?))
}

fn welcome(
    desk: &mut Desk<'_>,
    (id, was_here): (MemberId, Option<bool>),
    inviter: Option<MemberId>,
    evidence: Evidence,
) {
    let came_back = was_here == Some(false);
    let bound = inviter.filter(|&inviter| attribute(desk, (id, inviter), evidence, came_back));
    // A join that was already known, and brings nothing new, is not greeted twice.
    if was_here != Some(true) || bound.is_some() {
        let inviter = bound.and_then(|id| desk.shop.members.get(id)).map(|row| row.name.clone());
        desk.call(id, Reply::Welcome { inviter });
    }
}

/// Bind a newcomer by what the platform says of their coming. Whether it holds now.
fn attribute(
    desk: &mut Desk<'_>,
    pair: (MemberId, MemberId),
    evidence: Evidence,
    came_back: bool,
) -> bool {
    // Leaving and coming back through a friend would let anybody be attributed anew.
    if came_back {
        keep(desk, pair, evidence, Some("came_back".to_owned()));
        return false;
    }
    match may_bind(desk, pair.0, pair.1) {
        Ok(()) => {
            bind(desk, pair.0, pair.1, evidence);
            true
        }
        Err(stop) => {
            // Nobody asked for this bond in words, so nobody is told why it is not made.
            let _ = kept(desk, pair, evidence, stop);
            false
        }
    }
}

/// Somebody left. What they have stays theirs; new orders earn them nothing until they are back.
///
/// # Errors
/// [`crate::book::Missing`] if nobody has looked them up.
pub fn left(desk: &mut Desk<'_>, person: &Person) -> Decided {
    let account = desk.shop.community.account;
    let Some(id) = desk.shop.member_by_key(account, &person.key)? else { return Ok(()) };
    desk.member_row(id)?;
    desk.speaker = Some(id);
    if let Some(row) = desk.shop.members.edit(id) {
        row.present = false;
    }
    desk.record("leave", None, None);
    Ok(())
}

/// Note where withdrawals go.
///
/// # Errors
/// A refusal when nobody speaks.
pub fn set_payee(desk: &mut Desk<'_>, text: &str) -> Decided {
    note(desk, Noted::Payee, text)
}

/// Note where parcels go. From now on orders are sent there, not picked up.
///
/// # Errors
/// A refusal when nobody speaks.
pub fn set_address(desk: &mut Desk<'_>, text: &str) -> Decided {
    note(desk, Noted::Address, text)
}

/// Note who picks up and where. From now on orders are picked up, not sent.
///
/// # Errors
/// A refusal when nobody speaks.
pub fn set_pickup(desk: &mut Desk<'_>, text: &str) -> Decided {
    note(desk, Noted::Pickup, text)
}

fn note(desk: &mut Desk<'_>, what: Noted, text: &str) -> Decided {
    let member = desk.member()?;
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = one_line.chars().take(MAX_NOTED).collect();
    if text.is_empty() {
        return Ok(()); // a bare 地址 in talk
    }
    if let Some(row) = desk.shop.members.edit(member) {
        let private = &mut row.private;
        // Address and pick-up exclude each other: the last word says how goods get there.
        let (place, other) = match what {
            Noted::Payee => (&mut private.payee, None),
            Noted::Address => (&mut private.address, Some(&mut private.pickup)),
            Noted::Pickup => (&mut private.pickup, Some(&mut private.address)),
        };
        *place = Some(text.clone());
        if let Some(other) = other {
            *other = None;
        }
    }
    desk.tell(member, Reply::Noted { what, text });
    desk.record("note", None, None);
    Ok(())
}

/// Make somebody a leader, or take the role away. An operator stays one.
///
/// # Errors
/// A refusal when nobody, or several, bear the name; [`crate::book::Missing`].
pub fn set_leader(desk: &mut Desk<'_>, name: &str, add: bool) -> Decided {
    let change = if add { RoleChange::LeaderAdded } else { RoleChange::LeaderRemoved };
    change_standing(desk, name, change)
}

/// Let somebody earn as a promoter, or not.
///
/// # Errors
/// A refusal when nobody, or several, bear the name; [`crate::book::Missing`].
pub fn set_promoter(desk: &mut Desk<'_>, name: &str, enabled: bool) -> Decided {
    let change = if enabled { RoleChange::PromoterEnabled } else { RoleChange::PromoterDisabled };
    change_standing(desk, name, change)
}

fn change_standing(desk: &mut Desk<'_>, name: &str, change: RoleChange) -> Decided {
    let id = desk.member_named(name)?;
    let name = desk.member_row(id)?.name.clone();
    if let Some(row) = desk.shop.members.edit(id) {
        match change {
            RoleChange::LeaderAdded => row.role = row.role.max(Role::Leader),
            RoleChange::LeaderRemoved if row.role == Role::Leader => row.role = Role::Member,
            RoleChange::LeaderRemoved => {}
            RoleChange::PromoterEnabled => row.promoter = true,
            RoleChange::PromoterDisabled => row.promoter = false,
        }
    }
    desk.say(Reply::RoleChanged { name, change });
    desk.record("change_standing", None, None);
    Ok(())
}
