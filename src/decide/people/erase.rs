//! Erasing (注销): a member's personal data are forgotten, the books are not.
//!
//! Name, platform id, address, payee and remarks go; orders, commission and balances stay under a number
//! that names nobody. Where others named them (whom an order is for, a remark, a line of a chain) nobody is named.
//! Whoever comes back is a new member. Texts that are stored elsewhere are searched
//! and blanked by `store` afterwards, from the [`Erasure`] written here.

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Erasure, Missing, Need};
use crate::domain::event::Contact;
use crate::domain::forget::without;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::Role;
use crate::domain::ledger::Purse;
use crate::domain::money::Money;
use crate::domain::operate::{Objection, OperatorEffect, Outcome};
use crate::domain::orders::{Order, OrderPrivate, OrderState, Recipient};
use crate::domain::people::{Member, Private, erased_key, erased_name, is_erased};
use crate::domain::person::Person;

use crate::decide::operate::{member_exists, order_exists};

/// The most orders that are named to the operator.
const MAX_NAMED: usize = 20;

/// Forget a member, in others' orders and questions as well. Against it speak, in this order: no such member, orders
/// that still need their data (unpaid, to be shipped, under way; theirs or for them), a withdrawal that is not over, and
/// that nobody else leads.
///
/// # Errors
/// [`Missing`].
pub fn erase(
    ctx: &mut Ctx<'_>,
    member: MemberId,
    named_in: &[OrderId],
    named_by: &[MemberId],
) -> Decided<Outcome> {
    if !member_exists(ctx.shop, member) {
        return Ok(Outcome::refused(Objection::NoMember(member)));
    }
    if is_erased(&ctx.member_row(member)?.key) {
        return Ok(Outcome::one(member.0, OperatorEffect::Same));
    }
    ctx.require_orders_of(member)?;
    ctx.require_balances(member)?;
    if !ctx.shop.known.review {
        return Err(Missing(Need::Review).into());
    }
    let exists = |id: &&OrderId| order_exists(ctx.shop, **id);
    for id in named_in.iter().filter(exists) {
        ctx.order(*id)?;
    }
    for id in named_by.iter().filter(|id| member_exists(ctx.shop, **id)) {
        ctx.member_row(*id)?;
    }
    if let Some(why) = objection(ctx, member, named_in) {
        return Ok(Outcome::refused(why));
    }
    if let Some(person) = forget_member(ctx, member) {
        forget_traces(ctx, member, &person.name);
        forget_elsewhere(ctx, member, &person, named_in, named_by);
        let (event, at) = (ctx.event, ctx.at);
        ctx.shop.fresh.erasures.push(Erasure { event, member, person, at });
    }
    Ok(Outcome::one(member.0, OperatorEffect::Erased))
}

fn objection(ctx: &Ctx<'_>, member: MemberId, named_in: &[OrderId]) -> Option<Objection> {
    let is_open =
        |state| matches!(state, OrderState::Placed | OrderState::Paid | OrderState::Shipped);
    let row = ctx.shop.members.get(member);
    let is_them = |order: &&Order| match (row, order.private.recipient()) {
        (Some(row), Some(Recipient { key: Some(key), .. })) => key == row.key,
        (Some(row), Some(recipient)) => recipient.name == row.name,
        _ => false,
    };
    let others = named_in.iter().filter_map(|&id| ctx.shop.orders.get(id));
    // What is on its way to them still needs their name.
    let for_them = others.filter(is_them);
    let orders = ctx.shop.orders.of(member).chain(for_them);
    let open: std::collections::BTreeSet<OrderId> =
        orders.filter(|order| is_open(order.state)).map(|order| order.id).collect();
    let open: Vec<OrderId> = open.into_iter().take(MAX_NAMED).collect();
    if !open.is_empty() {
        return Some(Objection::OpenOrders(open));
    }
    let locked = ctx.shop.balances.owed(member, Purse::Locked, ctx.shop.community.currency.code());
    if locked != Money::ZERO {
        return Some(Objection::OpenWithdrawal);
    }
    let leads = |id: MemberId| ctx.shop.members.get(id).is_some_and(|row| row.role >= Role::Leader);
    let another = ctx.shop.members.values().any(|row| row.id != member && leads(row.id));
    (leads(member) && !another).then_some(Objection::LastLeader)
}

/// Blank the member's own row; who they were.
fn forget_member(ctx: &mut Ctx<'_>, member: MemberId) -> Option<Contact> {
    let nobody = erased_name(ctx.shop.community.locale, member);
    let row = ctx.shop.members.edit(member)?;
    let key = std::mem::replace(&mut row.key, erased_key(member));
    let name = std::mem::replace(&mut row.name, nobody.clone());
    row.private = Private::default();
    row.question = None;
    row.request = None;
    row.blocked_at = None;
    row.claim = None;
    row.asked_by = None;
    row.role = Role::Member;
    row.present = false;
    row.shares_waiting = 0;
    let (account, code) = (row.account, row.code.clone());
    let known = &mut ctx.shop.known;
    known.keys.insert((account, key.clone()), None);
    known.keys.insert((account, erased_key(member)), Some(member));
    if let Some(bearers) = known.names.get_mut(&name).filter(|_| name != code) {
        bearers.remove(&member);
    }
    known.names.remove(&nobody);
    Some(Contact { key, name })
}

/// Blank what else the book holds of them; what it does not hold is blanked when it is saved.
fn forget_traces(ctx: &mut Ctx<'_>, member: MemberId, name: &str) {
    let shop = &mut *ctx.shop;
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
            row.private = crate::domain::payouts::WithdrawalPrivate::default();
        }
    }
    let cases: Vec<_> = shop.cases.of(member).map(|row| row.id).collect();
    for id in cases {
        if let Some(row) = shop.cases.edit(id) {
            row.private = crate::domain::service::CasePrivate::default();
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

/// Where others named them, they are nobody.
fn forget_elsewhere(
    ctx: &mut Ctx<'_>,
    member: MemberId,
    person: &Contact,
    named_in: &[OrderId],
    named_by: &[MemberId],
) {
    let shop = &mut *ctx.shop;
    let nobody =
        Contact { key: erased_key(member), name: erased_name(shop.community.locale, member) };
    let swap = |text: &mut String| {
        if let Some(changed) = without(text, person, &nobody) {
            *text = changed;
        }
    };
    // Orders that are in the book may name them since they were searched.
    let here: Vec<_> = shop.orders.values().map(|order| order.id).collect();
    for id in here.iter().chain(named_in) {
        if let Some(order) = shop.orders.get(*id)
            && names(&order.private, person, &nobody)
            && let Some(order) = shop.orders.edit(*id)
        {
            let private = &mut order.private;
            let texts = private.for_whom.iter_mut().chain(&mut private.for_key);
            texts.chain(&mut private.delivery).for_each(swap);
            private.notes.iter_mut().for_each(swap);
        }
    }
    let asked: Vec<_> =
        shop.members.values().filter(|it| asks_about(it, person, &nobody)).collect();
    let asked: Vec<_> = asked.into_iter().map(|it| it.id).collect();
    for id in asked.iter().chain(named_by) {
        if let Some(row) = shop.members.edit(*id) {
            row.question = None;
            row.request = None;
        }
    }
    for id in shop.members.values().map(|it| it.id).collect::<Vec<_>>() {
        let announced = |row: &Member| row.private.announcement.as_ref().map(|it| it.text.clone());
        let text = shop.members.get(id).and_then(announced);
        if let Some(changed) = text.and_then(|text| without(&text, person, &nobody))
            && let Some(row) = shop.members.edit(id)
        {
            row.private.announcement.iter_mut().for_each(|it| it.text.clone_from(&changed));
        }
    }
    let lines: Vec<_> = shop.review.iter().map(|(key, _)| *key).collect();
    for key in lines {
        let named = |line: &crate::book::ReviewLine| line.clone().forget_named(person, &nobody);
        if shop.review.get(key).is_some_and(named)
            && let Some(line) = shop.review.edit(key)
        {
            line.forget_named(person, &nobody);
        }
    }
}

fn names(private: &OrderPrivate, person: &Contact, nobody: &Contact) -> bool {
    let texts = private.for_whom.iter().chain(&private.for_key);
    let texts = texts.chain(&private.delivery).chain(&private.notes);
    texts.into_iter().any(|text| without(text, person, nobody).is_some())
}

/// Whether a member's open question or request is about them.
fn asks_about(row: &Member, person: &Contact, nobody: &Contact) -> bool {
    let about = |whom: &Option<Person>, note: &Option<String>| {
        let is_them = whom.as_ref().is_some_and(|whom| match whom {
            Person::Mentioned(contact) => contact.key == person.key,
            Person::Named(name) => without(name, person, nobody).is_some(),
        });
        is_them || note.as_ref().is_some_and(|note| without(note, person, nobody).is_some())
    };
    row.question.as_ref().is_some_and(|it| about(&it.for_whom, &it.note))
        || row.request.as_ref().is_some_and(|it| about(&it.said.for_whom, &it.said.note))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, AMING, LAOWANG, Stage, XIAOMEI, want};
    use crate::decide::testing_orders::{assert_books_agree, owed, placed};
    use crate::domain::event::{Body, Evidence};
    use crate::domain::intent::{Intent, LeaderIntent, Selection, Understood};
    use crate::domain::operate::OperatorIntent;
    use crate::domain::{orders, payments, people, shipping};

    fn erased(stage: &mut Stage, member: MemberId) -> Outcome {
        stage.orders(OperatorIntent::Erase { member, named_in: Vec::new(), named_by: Vec::new() })
    }

    fn lead(stage: &mut Stage, intent: LeaderIntent) {
        stage.does(AMING, Intent::Lead(intent));
    }

    #[test]
    fn what_is_personal_goes_and_the_books_stay() {
        let mut stage = Stage::new();
        stage.does(
            XIAOMEI,
            Intent::Shipping(shipping::Intent::SetAddress("幸福路 1 号".to_owned())),
        );
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
        let of = || Selection::Orders(vec![order]);
        lead(&mut stage, LeaderIntent::Payments(payments::Lead::Paid { of: of(), amount: None }));
        assert!(stage.order(order.0).private.delivery.is_some());
        lead(&mut stage, LeaderIntent::Shipping(shipping::Lead::Delivered(of())));
        let points = owed(&stage, XIAOMEI, Purse::Wallet);
        assert_eq!(erased(&mut stage, XIAOMEI), Outcome::one(XIAOMEI.0, OperatorEffect::Erased));
        let row = stage.shop.members.get(XIAOMEI).unwrap();
        assert_eq!((row.name.as_str(), row.key.as_str()), ("已注销 #2", "erased:2"));
        assert!(row.private.is_empty() && !row.present);
        assert_eq!(row.bond.map(|bond| bond.inviter), Some(AMING));
        assert!(stage.order(order.0).private.is_empty());
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), points);
        assert_books_agree(&stage);
        let erasure = stage.shop.fresh.erasures.pop().unwrap();
        assert_eq!((erasure.member, erasure.person.name.as_str()), (XIAOMEI, "小美"));
        assert_eq!(erased(&mut stage, XIAOMEI), Outcome::one(XIAOMEI.0, OperatorEffect::Same));
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
    fn where_others_named_them_nobody_is_named() {
        let mut stage = Stage::new();
        let said = Understood {
            intent: Intent::Orders(orders::Intent::Order(vec![want(A1, 1)])),
            for_whom: Some(Person::from("小美")),
            note: Some("小美自己来拿".to_owned()),
        };
        stage.writes(LAOWANG, "帮小美带", said);
        let order = stage.shop.community.last_order;
        let open = Outcome::refused(Objection::OpenOrders(vec![order]));
        let erase = |stage: &mut Stage| {
            let (named_in, named_by) = (vec![order], Vec::new());
            stage.orders(OperatorIntent::Erase { member: XIAOMEI, named_in, named_by })
        };
        assert_eq!(erase(&mut stage), open, "it is still on its way to them");
        let of = || Selection::Orders(vec![order]);
        lead(&mut stage, LeaderIntent::Payments(payments::Lead::Paid { of: of(), amount: None }));
        lead(&mut stage, LeaderIntent::Shipping(shipping::Lead::Delivered(of())));
        assert_eq!(erase(&mut stage), Outcome::one(XIAOMEI.0, OperatorEffect::Erased));
        let private = &stage.order(order.0).private;
        assert_eq!(private.for_whom.as_deref(), Some("已注销 #2"));
        assert_eq!(private.notes, ["已注销 #2自己来拿"]);
    }

    #[test]
    fn the_last_leader_stays() {
        let mut stage = Stage::new();
        assert_eq!(erased(&mut stage, AMING), Outcome::refused(Objection::LastLeader));
        lead(
            &mut stage,
            LeaderIntent::People(people::Lead::Leader { name: "老王".into(), add: true }),
        );
        assert_eq!(erased(&mut stage, AMING), Outcome::one(AMING.0, OperatorEffect::Erased));
        assert_eq!(erased(&mut stage, LAOWANG), Outcome::refused(Objection::LastLeader));
    }

    #[test]
    fn erasing_is_refused_in_this_order() {
        let mut stage = Stage::new();
        let nobody = MemberId(9);
        let refused = Outcome::refused(Objection::NoMember(nobody));
        assert_eq!(erased(&mut stage, nobody), refused);
        stage.does(LAOWANG, Intent::Orders(orders::Intent::Order(vec![want(A1, 1)])));
        let order = stage.shop.community.last_order;
        let open = Outcome::refused(Objection::OpenOrders(vec![order]));
        assert_eq!(erased(&mut stage, LAOWANG), open);
        let of = || Selection::Orders(vec![order]);
        lead(&mut stage, LeaderIntent::Payments(payments::Lead::Paid { of: of(), amount: None }));
        assert_eq!(erased(&mut stage, LAOWANG), open);
        lead(
            &mut stage,
            LeaderIntent::Shipping(shipping::Lead::Ship {
                of: of(),
                carrier: None,
                tracking: None,
            }),
        );
        assert_eq!(erased(&mut stage, LAOWANG), open);
        lead(&mut stage, LeaderIntent::Shipping(shipping::Lead::Delivered(of())));
        crate::decide::payouts::withdraw::tests::ask_for(&mut stage, LAOWANG, 1_500);
        let open = Outcome::refused(Objection::OpenWithdrawal);
        assert_eq!(erased(&mut stage, LAOWANG), open);
        assert_eq!(stage.shop.members.get(LAOWANG).unwrap().name, "老王");
    }
}
