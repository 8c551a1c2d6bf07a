//! Erasing (注销): a member's personal data are forgotten, the books are not.
//!
//! Name, platform id, address, payee and remarks go; orders, commission and balances stay under a number
//! that names nobody. Whoever comes back is a new member. Texts that are stored elsewhere are searched
//! and blanked by `store` afterwards, from the [`Erasure`] written here.

use crate::book::desk::{Decided, Desk};
use crate::book::{Erasure, Missing, Need};
use crate::domain::event::Contact;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::Role;
use crate::domain::ledger::Purse;
use crate::domain::member::{Private, erased_key, erased_name, is_erased};
use crate::domain::money::Money;
use crate::domain::operate::{Effect, Objection, Outcome};
use crate::domain::order::{OrderPrivate, OrderState};

use super::operate::member_exists;

/// The most orders that are named to the operator.
const MAX_NAMED: usize = 20;

/// Forget a member. Against it speak, in this order: no such member, orders that still need their data
/// (unpaid, to be shipped, under way), a withdrawal that is not over.
///
/// # Errors
/// [`Missing`].
pub fn erase(desk: &mut Desk<'_>, member: MemberId) -> Decided<Outcome> {
    if !member_exists(desk.shop, member) {
        return Ok(Outcome::refused(Objection::NoMember(member)));
    }
    if is_erased(&desk.member_row(member)?.key) {
        return Ok(Outcome::one(member.0, Effect::Same));
    }
    desk.require_orders_of(member)?;
    desk.require_balances(member)?;
    if !desk.shop.known.review {
        return Err(Missing(Need::Review).into());
    }
    if let Some(why) = objection(desk, member) {
        return Ok(Outcome::refused(why));
    }
    if let Some(person) = forget_member(desk, member) {
        forget_traces(desk, member, &person.name);
        let (event, at) = (desk.event, desk.at);
        desk.shop.fresh.erasures.push(Erasure { event, member, person, at });
    }
    Ok(Outcome::one(member.0, Effect::Erased))
}

fn objection(desk: &Desk<'_>, member: MemberId) -> Option<Objection> {
    let is_open =
        |state| matches!(state, OrderState::Placed | OrderState::Paid | OrderState::Shipped);
    let open = desk.shop.orders.of(member).filter(|order| is_open(order.state));
    let open: Vec<OrderId> = open.map(|order| order.id).take(MAX_NAMED).collect();
    if !open.is_empty() {
        return Some(Objection::OpenOrders(open));
    }
    let locked = desk.shop.balances.owed(member, Purse::Locked, &desk.shop.community.currency);
    (locked != Money::ZERO).then_some(Objection::OpenWithdrawal)
}

/// Blank the member's own row; who they were.
fn forget_member(desk: &mut Desk<'_>, member: MemberId) -> Option<Contact> {
    let nobody = erased_name(desk.shop.community.locale, member);
    let row = desk.shop.members.edit(member)?;
    let key = std::mem::replace(&mut row.key, erased_key(member));
    let name = std::mem::replace(&mut row.name, nobody.clone());
    row.private = Private::default();
    row.question = None;
    row.request = None;
    row.claim = None;
    row.asked_by = None;
    row.role = Role::Member;
    row.present = false;
    row.shares_waiting = 0;
    let (account, code) = (row.account, row.code.clone());
    let known = &mut desk.shop.known;
    known.keys.insert((account, key.clone()), None);
    known.keys.insert((account, erased_key(member)), Some(member));
    if let Some(bearers) = known.names.get_mut(&name).filter(|_| name != code) {
        bearers.remove(&member);
    }
    known.names.remove(&nobody);
    Some(Contact { key, name })
}

/// Blank what else the book holds of them; what it does not hold is blanked when it is saved.
fn forget_traces(desk: &mut Desk<'_>, member: MemberId, name: &str) {
    let shop = &mut *desk.shop;
    let nobody = erased_name(shop.community.locale, member);
    let orders: Vec<_> = shop.orders.of(member).map(|order| order.id).collect();
    for id in orders {
        if let Some(order) = shop.orders.edit(id) {
            order.private = OrderPrivate::default();
        }
    }
    let withdrawals: Vec<_> = shop.withdrawals.of(member).map(|row| row.id).collect();
    for id in withdrawals {
        if let Some(row) = shop.withdrawals.edit(id) {
            row.private = crate::domain::withdrawal::WithdrawalPrivate::default();
        }
    }
    let is_theirs = |line: &crate::book::ReviewLine| line.names(member, name);
    let lines: Vec<_> =
        shop.review.iter().filter(|(_, line)| is_theirs(line)).map(|(key, _)| *key).collect();
    for key in lines {
        if let Some(line) = shop.review.edit(key) {
            line.forget(&nobody);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, AMING, LAOWANG, Stage, XIAOMEI, want};
    use crate::decide::testing_orders::{assert_books_agree, owed, placed};
    use crate::domain::event::{Body, Evidence};
    use crate::domain::intent::{Intent, LeaderIntent, Selection};
    use crate::domain::operate::OperatorIntent;

    fn erased(stage: &mut Stage, member: MemberId) -> Outcome {
        stage.orders(OperatorIntent::Erase { member })
    }

    fn lead(stage: &mut Stage, intent: LeaderIntent) {
        stage.does(AMING, Intent::Lead(intent));
    }

    #[test]
    fn what_is_personal_goes_and_the_books_stay() {
        let mut stage = Stage::new();
        stage.does(XIAOMEI, Intent::SetAddress("幸福路 1 号".to_owned()));
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
        let of = || Selection::Orders(vec![order]);
        lead(&mut stage, LeaderIntent::Paid { of: of(), amount: None });
        assert!(stage.order(order.0).private.delivery.is_some());
        lead(&mut stage, LeaderIntent::Delivered(of()));
        let points = owed(&stage, XIAOMEI, Purse::Points);
        assert_eq!(erased(&mut stage, XIAOMEI), Outcome::one(XIAOMEI.0, Effect::Erased));
        let row = stage.shop.members.get(XIAOMEI).unwrap();
        assert_eq!((row.name.as_str(), row.key.as_str()), ("已注销 #2", "erased:2"));
        assert!(row.private.is_empty() && !row.present);
        assert_eq!(row.bond.map(|bond| bond.inviter), Some(AMING));
        assert!(stage.order(order.0).private.is_empty());
        assert_eq!(owed(&stage, XIAOMEI, Purse::Points), points);
        assert_books_agree(&stage);
        let erasure = stage.shop.fresh.erasures.pop().unwrap();
        assert_eq!((erasure.member, erasure.person.name.as_str()), (XIAOMEI, "小美"));
        assert_eq!(erased(&mut stage, XIAOMEI), Outcome::one(XIAOMEI.0, Effect::Same));
        assert!(stage.shop.fresh.erasures.is_empty());
    }

    #[test]
    fn whoever_comes_back_is_a_new_member() {
        let mut stage = Stage::new();
        erased(&mut stage, XIAOMEI);
        let person = Contact { key: "key-小美".to_owned(), name: "小美".to_owned() };
        let (members, evidence) = (vec![person], Evidence::JoinEvent);
        stage.happens(Body::Joined { members, inviter: None, evidence });
        assert_eq!(stage.shop.community.last_member, MemberId(4));
        let row = stage.shop.members.get(MemberId(4)).unwrap();
        assert_eq!((row.name.as_str(), row.bond), ("小美", None));
        assert_eq!(stage.shop.known.names["小美"].iter().copied().collect::<Vec<_>>(), [row.id]);
    }

    #[test]
    fn erasing_is_refused_in_this_order() {
        let mut stage = Stage::new();
        let nobody = MemberId(9);
        let refused = Outcome::refused(Objection::NoMember(nobody));
        assert_eq!(erased(&mut stage, nobody), refused);
        stage.does(LAOWANG, Intent::Order(vec![want(A1, 1)]));
        let order = stage.shop.community.last_order;
        let open = Outcome::refused(Objection::OpenOrders(vec![order]));
        assert_eq!(erased(&mut stage, LAOWANG), open);
        let of = || Selection::Orders(vec![order]);
        lead(&mut stage, LeaderIntent::Paid { of: of(), amount: None });
        assert_eq!(erased(&mut stage, LAOWANG), open);
        lead(&mut stage, LeaderIntent::Ship { of: of(), carrier: None, tracking: None });
        assert_eq!(erased(&mut stage, LAOWANG), open);
        lead(&mut stage, LeaderIntent::Delivered(of()));
        crate::decide::withdraw::tests::ask_for(&mut stage, LAOWANG, 1_500);
        let open = Outcome::refused(Objection::OpenWithdrawal);
        assert_eq!(erased(&mut stage, LAOWANG), open);
        assert_eq!(stage.shop.members.get(LAOWANG).unwrap().name, "老王");
    }
}
