//! Standing (身份): what is noted about a member, and what a leader lets them do.
//!
//! Addresses, pick-ups and payees are for the member's and the leader's eyes; they hold for every order
//! paid from now on, and never change one that is paid.

use crate::book::desk::{Decided, Desk};
use crate::domain::intent::Role;
use crate::domain::person::Person;
use crate::domain::reply::{Noted, Reply, RoleChange};

/// The longest address, pick-up or payee that is noted.
pub const MAX_NOTED: usize = 200;

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
pub fn set_leader(desk: &mut Desk<'_>, person: &Person, add: bool) -> Decided {
    let change = if add { RoleChange::LeaderAdded } else { RoleChange::LeaderRemoved };
    change_standing(desk, person, change)
}

/// Let somebody earn as a promoter, or not.
///
/// # Errors
/// A refusal when nobody, or several, bear the name; [`crate::book::Missing`].
pub fn set_promoter(desk: &mut Desk<'_>, person: &Person, enabled: bool) -> Decided {
    let change = if enabled { RoleChange::PromoterEnabled } else { RoleChange::PromoterDisabled };
    change_standing(desk, person, change)
}

fn change_standing(desk: &mut Desk<'_>, person: &Person, change: RoleChange) -> Decided {
    let id = desk.member_of(person)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{AMING, LAOWANG, Stage, XIAOMEI};
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::refusal::Refusal;

    #[test]
    fn an_address_is_noted_for_their_eyes_only_and_replaces_the_pick_up() {
        let mut stage = Stage::new();
        stage.does(XIAOMEI, Intent::SetPickup("王芳 6789".to_owned()));
        stage.does(XIAOMEI, Intent::SetAddress(format!("幸福路\n1号 {}", "长".repeat(300))));
        stage.does(XIAOMEI, Intent::SetPayee("支付宝 138".to_owned()));
        let private = &stage.shop.members.get(XIAOMEI).unwrap().private;
        let address = private.address.as_deref().unwrap();
        assert!(address.starts_with("幸福路 1号 长"));
        assert_eq!(address.chars().count(), MAX_NOTED);
        assert_eq!(private.pickup, None);
        assert_eq!(private.payee.as_deref(), Some("支付宝 138"));
        assert!(stage.heard().iter().all(|heard| heard.private));
    }

    #[test]
    fn a_bare_word_notes_nothing() {
        let mut stage = Stage::new();
        assert_eq!(stage.does(XIAOMEI, Intent::SetAddress("  ".to_owned())), []);
        assert!(stage.shop.members.get(XIAOMEI).unwrap().private.is_empty());
    }

    #[test]
    fn a_leader_names_leaders_and_stops_promoters() {
        let mut stage = Stage::new();
        let lead = |intent| Intent::Lead(intent);
        let (name, add) = (Person::from("小美"), true);
        stage.does(AMING, lead(LeaderIntent::Leader { name: name.clone(), add }));
        assert_eq!(stage.shop.members.get(XIAOMEI).unwrap().role, Role::Leader);
        stage.does(AMING, lead(LeaderIntent::Leader { name: name.clone(), add: false }));
        assert_eq!(stage.shop.members.get(XIAOMEI).unwrap().role, Role::Member);
        stage.does(AMING, lead(LeaderIntent::Promoter { name, enabled: false }));
        assert!(!stage.shop.members.get(XIAOMEI).unwrap().promoter);
        let name = Person::from("没这人");
        let said = stage.does(AMING, lead(LeaderIntent::Promoter { name, enabled: false }));
        assert_eq!(Stage::refusal(&said), Refusal::UnknownMember { name: "没这人".to_owned() });
        let (name, add) = (Person::from("老王"), true);
        assert_eq!(stage.does(LAOWANG, lead(LeaderIntent::Leader { name, add })), []);
    }
}
