//! Standing (身份): what is noted about a member, and what a leader lets them do.
//!
//! Addresses, pick-ups and payees are for the member's and the leader's eyes; they hold for every order
//! paid from now on, and never change one that is paid.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::intent::{Intent, Question, Role, Understood, Why};
use crate::domain::person::Person;
use crate::domain::reply::{ChoiceView, Noted, Reply, RoleChange};
use crate::domain::{payouts, people, shipping};

use crate::decide::ask;

/// The longest address, pick-up or payee that is noted.
pub const MAX_NOTED: usize = 200;

/// Fewer digits are no account.
const LEAST_ACCOUNT_DIGITS: usize = 4;

/// Note where withdrawals go. What holds no account number, or replaces another payee, is asked back: money
/// goes there.
///
/// # Errors
/// A refusal when nobody speaks; [`crate::book::Missing`].
pub fn set_payee(ctx: &mut Ctx<'_>, text: &str) -> Decided {
    let member = ctx.member()?;
    let text = one_line(text);
    let known = &ctx.member_row(member)?.private.payee;
    let replaces = known.as_ref().is_some_and(|known| *known != text);
    if text.is_empty() || has_account(&text) && !replaces {
        return note(ctx, Noted::Payee, &text);
    }
    let question =
        Question::of(Why::Payee, vec![Intent::Payouts(payouts::Intent::AgreePayee(text.clone()))]);
    let (why, choices) = (question.why, vec![ChoiceView::Yes]);
    let reply = Reply::Asked { why, choices, name: Some(text), unit: None };
    ask::put(ctx, &question, &Understood::bare(Intent::Ask(question.clone())), reply)
}

/// Note the payee that was asked about.
///
/// # Errors
/// A refusal when nobody speaks.
pub fn agree_payee(ctx: &mut Ctx<'_>, text: &str) -> Decided {
    let member = ctx.member()?;
    ask::clear(ctx, member);
    note(ctx, Noted::Payee, text)
}

/// Whether money can be sent there: a number of some length, or an address.
fn has_account(text: &str) -> bool {
    text.contains('@') || text.chars().filter(char::is_ascii_digit).count() >= LEAST_ACCOUNT_DIGITS
}

fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(MAX_NOTED).collect()
}

/// Note where parcels go. From now on orders are sent there, not picked up.
///
/// # Errors
/// A refusal when nobody speaks.
pub fn set_address(ctx: &mut Ctx<'_>, text: &str) -> Decided {
    note(ctx, Noted::Address, text)
}

/// Note who picks up and where. From now on orders are picked up, not sent.
///
/// # Errors
/// A refusal when nobody speaks.
pub fn set_pickup(ctx: &mut Ctx<'_>, text: &str) -> Decided {
    note(ctx, Noted::Pickup, text)
}

fn note(ctx: &mut Ctx<'_>, what: Noted, text: &str) -> Decided {
    let member = ctx.member()?;
    let text = one_line(text);
    if text.is_empty() {
        return Ok(()); // a bare 地址 in talk
    }
    if let Some(row) = ctx.shop.members.edit(member) {
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
    ctx.tell(member, Reply::Shipping(shipping::Reply::Noted { what, text }));
    ctx.record("note", None, None);
    Ok(())
}

/// Make somebody a leader, or take the role away. An operator stays one.
///
/// # Errors
/// A refusal when nobody, or several, bear the name; [`crate::book::Missing`].
pub fn set_leader(ctx: &mut Ctx<'_>, person: &Person, add: bool) -> Decided {
    let change = if add { RoleChange::LeaderAdded } else { RoleChange::LeaderRemoved };
    change_standing(ctx, person, change)
}

/// Let somebody hand goods over, or not. A leader stays one, who may do that anyway.
///
/// # Errors
/// A refusal when nobody, or several, bear the name; [`crate::book::Missing`].
pub fn set_helper(ctx: &mut Ctx<'_>, person: &Person, add: bool) -> Decided {
    let change = if add { RoleChange::HelperAdded } else { RoleChange::HelperRemoved };
    change_standing(ctx, person, change)
}

/// Let somebody earn as a promoter, or not.
///
/// # Errors
/// A refusal when nobody, or several, bear the name; [`crate::book::Missing`].
pub fn set_promoter(ctx: &mut Ctx<'_>, person: &Person, enabled: bool) -> Decided {
    let change = if enabled { RoleChange::PromoterEnabled } else { RoleChange::PromoterDisabled };
    change_standing(ctx, person, change)
}

fn change_standing(ctx: &mut Ctx<'_>, person: &Person, change: RoleChange) -> Decided {
    let id = ctx.member_of(person)?;
    let name = ctx.member_row(id)?.name.clone();
    if let Some(row) = ctx.shop.members.edit(id) {
        match change {
            RoleChange::LeaderAdded => {
                row.role = row.role.max(Role::Leader);
                row.blocked_at = None; // who leads is never blocked
            }
            RoleChange::LeaderRemoved if row.role == Role::Leader => {
                row.role = Role::Member;
                row.private.announcement = None; // it was a leader's word
            }
            RoleChange::HelperAdded => row.role = row.role.max(Role::Helper),
            RoleChange::HelperRemoved if row.role == Role::Helper => row.role = Role::Member,
            RoleChange::LeaderRemoved | RoleChange::HelperRemoved => {}
            RoleChange::PromoterEnabled => row.promoter = true,
            RoleChange::PromoterDisabled => row.promoter = false,
        }
    }
    ctx.say(Reply::People(people::Reply::RoleChanged { name, change }));
    ctx.record("change_standing", None, None);
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
        stage.does(XIAOMEI, Intent::Shipping(shipping::Intent::SetPickup("王芳 6789".to_owned())));
        stage.does(
            XIAOMEI,
            Intent::Shipping(shipping::Intent::SetAddress(format!(
                "幸福路\n1号 {}",
                "长".repeat(300)
            ))),
        );
        stage.does(
            XIAOMEI,
            Intent::Payouts(payouts::Intent::SetPayee("支付宝 13800000000".to_owned())),
        );
        let private = &stage.shop.members.get(XIAOMEI).unwrap().private;
        let address = private.address.as_deref().unwrap();
        assert!(address.starts_with("幸福路 1号 长"));
        assert_eq!(address.chars().count(), MAX_NOTED);
        assert_eq!(private.pickup, None);
        assert_eq!(private.payee.as_deref(), Some("支付宝 13800000000"));
        assert!(stage.heard().iter().all(|heard| heard.private));
    }

    #[test]
    fn a_payee_without_an_account_or_in_the_place_of_another_is_asked() {
        let mut stage = Stage::new();
        let payee = |stage: &Stage| stage.shop.members.get(XIAOMEI).unwrap().private.payee.clone();
        let mut sets = |text: &str, expected: Option<&str>| {
            let said =
                stage.does(XIAOMEI, Intent::Payouts(payouts::Intent::SetPayee(text.to_owned())));
            assert_eq!(payee(&stage).as_deref(), expected, "{text}");
            matches!(said[..], [Reply::Asked { why: Why::Payee, .. }])
        };
        assert!(sets("李姐 39.9", None));
        assert!(!sets("支付宝 13800000000", Some("支付宝 13800000000")));
        assert!(!sets("支付宝  13800000000", Some("支付宝 13800000000")), "the same again");
        assert!(sets("支付宝 13900000000", Some("支付宝 13800000000")));
        let question = stage.shop.members.get(XIAOMEI).unwrap().question.clone().unwrap();
        stage.does(XIAOMEI, question.question.choices[0].clone());
        assert_eq!(payee(&stage).as_deref(), Some("支付宝 13900000000"));
    }

    #[test]
    fn a_bare_word_notes_nothing() {
        let mut stage = Stage::new();
        assert_eq!(
            stage.does(XIAOMEI, Intent::Shipping(shipping::Intent::SetAddress("  ".to_owned()))),
            []
        );
        assert!(stage.shop.members.get(XIAOMEI).unwrap().private.is_empty());
    }

    #[test]
    fn a_leader_names_leaders_and_stops_promoters() {
        let mut stage = Stage::new();
        let lead = |intent| Intent::Lead(intent);
        let (name, add) = (Person::from("小美"), true);
        stage.does(
            AMING,
            lead(LeaderIntent::People(people::Lead::Leader { name: name.clone(), add })),
        );
        assert_eq!(stage.shop.members.get(XIAOMEI).unwrap().role, Role::Leader);
        stage.does(
            AMING,
            lead(LeaderIntent::People(people::Lead::Leader { name: name.clone(), add: false })),
        );
        assert_eq!(stage.shop.members.get(XIAOMEI).unwrap().role, Role::Member);
        stage.does(
            AMING,
            lead(LeaderIntent::People(people::Lead::Promoter { name, enabled: false })),
        );
        assert!(!stage.shop.members.get(XIAOMEI).unwrap().promoter);
        let name = Person::from("没这人");
        let said = stage.does(
            AMING,
            lead(LeaderIntent::People(people::Lead::Promoter { name, enabled: false })),
        );
        assert_eq!(
            Stage::refusal(&said),
            Refusal::People(people::Refusal::UnknownMember { name: "没这人".to_owned() })
        );
        let (name, add) = (Person::from("老王"), true);
        assert_eq!(
            stage.does(LAOWANG, lead(LeaderIntent::People(people::Lead::Leader { name, add }))),
            []
        );
    }
}
