//! Somebody named in plain words (点名): 收到 李姐 39.9, 取消 老赵. Nothing is done by a name: the leader reads who
//! bears it and what it is about, and says yes. A name that several look like is asked about first.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::event::Contact;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, Question, Selection, Understood, Why};
use crate::domain::money::Money;
use crate::domain::orders::Whose;
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{ChoiceView, Reply};
use crate::domain::{loyalty, orders, payments, people, reports};

use crate::decide::ask;
use crate::decide::payments::late::meant;

/// Whether it is plain who is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// It is.
    Sure,
    /// The leader was asked, or it was talk.
    Asked,
}

/// Have the leader confirm whom they named. What can be talk (收到 好的) is answered only where there is somebody
/// of that name whom it can be about.
///
/// # Errors
/// `UnknownMember`, `WhichMember`; `NoOrders` where they have nothing that it
/// could be about; [`crate::book::Missing`].
pub fn confirm(ctx: &mut Ctx<'_>, act: &LeaderIntent, plain: bool) -> Decided<Confirm> {
    let (of, amount, cancels) = match act {
        LeaderIntent::Payments(payments::Lead::Paid { of, amount }) => (of, *amount, false),
        LeaderIntent::Payments(payments::Lead::DenyClaim(of) | payments::Lead::Chase(of)) => {
            let Selection::Members(people) = of else { return Ok(Confirm::Sure) };
            return cheap(ctx, people);
        }
        LeaderIntent::Reports(reports::Lead::OfMembers(people)) => return cheap(ctx, people),
        LeaderIntent::Orders(
            orders::Lead::OrderFor { whose: Whose::Of(person), .. }
            | orders::Lead::Cut { whose: Whose::Of(person), .. },
        )
        | LeaderIntent::Loyalty(loyalty::Lead::GivePoints { person, .. })
        | LeaderIntent::People(people::Lead::Block { who: Some(person), .. }) => {
            return named(ctx, person, plain);
        }
        LeaderIntent::Orders(orders::Lead::CancelOf(of)) => (of, None, true),
        _ => return Ok(Confirm::Sure),
    };
    let Selection::Members(people) = of else { return Ok(Confirm::Sure) };
    let [Person::Named(name)] = &people[..] else { return Ok(Confirm::Sure) };
    let bearers = ctx.bearers(name)?;
    match bearers[..] {
        [only] => {
            let named = NamedPayer { act, name, people, amount, plain, cancels };
            ask_whether(ctx, &named, only)
        }
        [] if !plain => Ok(Confirm::Asked),
        [] => Err(Refusal::People(people::Refusal::UnknownMember { name: name.clone() }).into()),
        _ if !plain && !is_about_any(ctx, &bearers)? => Ok(Confirm::Asked),
        _ => Err(Refusal::People(people::Refusal::WhichMember { name: name.clone() }).into()),
    }
}

/// What costs nothing is done where exactly one is called so; a name of nobody is talk.
fn cheap(ctx: &Ctx<'_>, people: &[Person]) -> Decided<Confirm> {
    let [Person::Named(name)] = people else { return Ok(Confirm::Sure) };
    Ok(if ctx.bearers(name)?.is_empty() { Confirm::Asked } else { Confirm::Sure })
}

/// The same of one person; of what can be nothing but a command a name of nobody is answered.
fn named(ctx: &Ctx<'_>, person: &Person, plain: bool) -> Decided<Confirm> {
    match cheap(ctx, std::slice::from_ref(person))? {
        Confirm::Asked if plain => {
            let name = person.name().to_owned();
            Err(Refusal::People(people::Refusal::UnknownMember { name }).into())
        }
        other => Ok(other),
    }
}

/// Whether any of them has something to be paid.
fn is_about_any(ctx: &Ctx<'_>, members: &[MemberId]) -> Decided<bool> {
    for &member in members {
        ctx.require_orders_of(member)?;
    }
    Ok(members.iter().any(|&member| !open_of(ctx, member).is_empty()))
}

fn open_of(ctx: &Ctx<'_>, member: MemberId) -> Vec<OrderId> {
    let open = ctx.shop.orders.of(member).filter(|order| order.is_unpaid());
    open.map(|order| order.id).collect()
}

/// What a leader said of somebody by name.
struct NamedPayer<'s> {
    act: &'s LeaderIntent,
    name: &'s str,
    /// The same, as it stands in `act`.
    people: &'s [Person],
    amount: Option<Money>,
    /// It can be nothing but a command.
    plain: bool,
    /// It cancels, rather than notes money.
    cancels: bool,
}

fn ask_whether(ctx: &mut Ctx<'_>, named: &NamedPayer<'_>, member: MemberId) -> Decided<Confirm> {
    let NamedPayer { act, name, people, amount, plain, cancels } = *named;
    ctx.require_orders_of(member)?;
    let row = ctx.member_row(member)?;
    let (shown, key) = (row.name.clone(), row.key.clone());
    let orders = open_of(ctx, member);
    let is_late = !cancels && meant(ctx, people, amount)?.is_some();
    if orders.is_empty() && !is_late {
        return if plain {
            Err(Refusal::Orders(orders::Refusal::NoOrders).into())
        } else {
            Ok(Confirm::Asked)
        };
    }
    let person = Person::Mentioned(Contact { key, name: shown.clone() });
    let choice = Intent::Lead(act.clone()).meaning(name, &person);
    let question = Question::of(Why::Named, vec![choice]);
    let view = ChoiceView::Named { name: shown.clone(), orders, amount, cancels };
    let reply =
        Reply::Asked { why: question.why, choices: vec![view], name: Some(shown), unit: None };
    ask::put(ctx, &question, &Understood::bare(Intent::Ask(question.clone())), reply)?;
    Ok(Confirm::Asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, AMING, Stage, XIAOMEI, load_member};
    use crate::decide::testing_orders::placed;
    use crate::domain::intent::Role;
    use crate::domain::orders::OrderState;

    fn paid(stage: &mut Stage, name: &str, amount: Option<i64>) -> Vec<Reply> {
        let amount = amount.map(Money::from_minor);
        let of = Selection::Members(vec![name.into()]);
        let act = Box::new(LeaderIntent::Payments(payments::Lead::Paid { of, amount }));
        let plain = amount.is_some();
        stage.does(AMING, Intent::Lead(LeaderIntent::ByName { act, plain }))
    }

    fn picks_first(stage: &mut Stage) -> Vec<Reply> {
        let row = stage.shop.members.get(AMING).unwrap();
        let choice = row.question.clone().unwrap().question.choices[0].clone();
        stage.does(AMING, choice)
    }

    #[test]
    fn nothing_is_booked_before_the_leader_says_yes() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        for amount in [None, Some(3_990)] {
            let said = paid(&mut stage, "小 美", amount);
            let [Reply::Asked { why: Why::Named, choices, name, .. }] = &said[..] else {
                panic!("{said:?}")
            };
            assert_eq!(name.as_deref(), Some("小美"), "as she is called");
            let view = ChoiceView::Named {
                name: "小美".to_owned(),
                orders: vec![order],
                amount: amount.map(Money::from_minor),
                cancels: false,
            };
            assert_eq!(choices[..], [view]);
            assert!(stage.shop.fresh.journal.is_empty());
        }
        picks_first(&mut stage);
        assert_eq!(stage.order(order.0).state, OrderState::Paid);
    }

    #[test]
    fn a_name_of_nobody_is_talk_unless_an_amount_is_said() {
        let mut stage = Stage::new();
        assert_eq!(paid(&mut stage, "好的", None), []);
        assert_eq!(paid(&mut stage, "小美", None), [], "she owes nothing");
        let said = paid(&mut stage, "好的", Some(100));
        let unknown = Refusal::People(people::Refusal::UnknownMember { name: "好的".to_owned() });
        assert_eq!(Stage::refusal(&said), unknown);
        assert_eq!(
            Stage::refusal(&paid(&mut stage, "小美", Some(100))),
            Refusal::Orders(orders::Refusal::NoOrders)
        );
    }

    #[test]
    fn of_several_the_leader_picks_one_and_nobody_else_is_charged() {
        let mut stage = Stage::new();
        let other = MemberId(4);
        load_member(&mut stage.shop, other, "小\u{a0}美", Role::Member);
        let theirs = placed(&mut stage, other, &[(A1, None, 1)]);
        let hers = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let said = paid(&mut stage, "小美", None);
        let [Reply::Asked { why: Why::WhichMember, choices, .. }] = &said[..] else {
            panic!("{said:?}")
        };
        assert_eq!(choices.len(), 2);
        picks_first(&mut stage);
        assert_eq!(stage.order(hers.0).state, OrderState::Paid);
        assert_eq!(stage.order(theirs.0).state, OrderState::Placed);
    }

    #[test]
    fn only_a_leader_is_heard() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let of = Selection::Members(vec!["小美".into()]);
        let act = Box::new(LeaderIntent::Orders(orders::Lead::CancelOf(of)));
        let cancels = Intent::Lead(LeaderIntent::ByName { act, plain: true });
        assert_eq!(stage.does(XIAOMEI, cancels.clone()), []);
        stage.does(AMING, cancels);
        assert_eq!(stage.order(order.0).state, OrderState::Placed);
        picks_first(&mut stage);
        assert_eq!(stage.order(order.0).state, OrderState::Cancelled);
    }
}
