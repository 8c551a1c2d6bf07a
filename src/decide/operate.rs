//! Operators' commands (运营指令): each is done whole or not at all, and its outcome is recorded for the
//! operator, never said in a chat.
//!
//! Only the operator's own door leads here: whoever speaks in a chat is a member, whatever their role.

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Need, Needs, Shop};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::Role;
use crate::domain::operate::{
    DoneItem, Objected, Objection, OperatorEffect, OperatorIntent, Outcome,
};

use crate::decide::payments::{sheet, statement};
use crate::decide::payouts::bank;
use crate::decide::people::erase;
use crate::decide::referral::rebind;

/// Carry out a command, or record why not.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn operate(ctx: &mut Ctx<'_>, ordered: &OperatorIntent) -> Decided {
    if ctx.role < Role::Operator || ctx.speaker.is_some() {
        return Ok(());
    }
    let (what, outcome) = match ordered {
        OperatorIntent::Approve { withdrawals } => {
            ("approve_withdrawals", bank::approve(ctx, withdrawals)?)
        }
        OperatorIntent::Refuse { withdrawal, reason } => {
            ("refuse_withdrawal", bank::refuse(ctx, *withdrawal, reason)?)
        }
        OperatorIntent::Batch => ("batch_payouts", bank::batch(ctx)?),
        OperatorIntent::Payouts { rows } => ("import_payouts", bank::results(ctx, rows)?),
        OperatorIntent::Sheet { payments, parcels } => {
            ("import_orders", sheet::take(ctx, payments, parcels)?)
        }
        OperatorIntent::Statement { rows } => ("import_statement", statement::take(ctx, rows)?),
        OperatorIntent::Rebind { member, inviter, reason } => {
            ("rebind_member", rebind::rebind(ctx, *member, *inviter, reason)?)
        }
        OperatorIntent::Erase { member, named_in, named_by } => {
            ("erase_member", erase::erase(ctx, *member, named_in, named_by)?)
        }
    };
    ctx.record_outcome(what, outcome);
    Ok(())
}

/// What a command will need.
#[must_use]
pub fn needs(shop: &Shop, ordered: &OperatorIntent) -> Needs {
    match ordered {
        OperatorIntent::Approve { .. } | OperatorIntent::Batch => [Need::Withdrawals].into(),
        OperatorIntent::Refuse { withdrawal, .. } => bank::needs(shop, [*withdrawal]),
        OperatorIntent::Payouts { rows } => {
            bank::needs(shop, rows.iter().map(|row| row.withdrawal))
        }
        OperatorIntent::Sheet { payments, parcels } => {
            let orders = payments.iter().map(|row| row.order);
            let orders = orders.chain(parcels.iter().map(|row| row.order));
            orders.filter(|&id| order_exists(shop, id)).map(Need::Order).collect()
        }
        OperatorIntent::Statement { rows } => {
            let orders = rows.iter().map(|row| row.order).filter(|&id| order_exists(shop, id));
            orders.map(Need::Order).chain([statement::need(rows)]).collect()
        }
        OperatorIntent::Rebind { member, inviter, .. } => {
            let people = [*member].into_iter().chain(*inviter);
            people.filter(|&id| member_exists(shop, id)).map(Need::Member).collect()
        }
        OperatorIntent::Erase { member, named_in, named_by } if member_exists(shop, *member) => {
            let member = *member;
            let needs = [Need::Member(member), Need::OrdersOf(member), Need::Balances(member)];
            let orders = named_in.iter().copied().filter(|&id| order_exists(shop, id));
            let members = named_by.iter().copied().filter(|&id| member_exists(shop, id));
            let others = orders.map(Need::Order).chain(members.map(Need::Member));
            needs.into_iter().chain([Need::Review]).chain(others).collect()
        }
        OperatorIntent::Erase { .. } => Needs::new(),
    }
}

/// Members are numbered without gaps.
#[must_use]
pub fn member_exists(shop: &Shop, id: MemberId) -> bool {
    id.0 > 0 && id <= shop.community.last_member
}

/// So are orders.
#[must_use]
pub fn order_exists(shop: &Shop, id: OrderId) -> bool {
    id.0 > 0 && id <= shop.community.last_order
}

/// What a command would do, row by row, and what stands against it.
#[derive(Debug, Default)]
pub struct RowResults {
    /// What would be done.
    pub done: Vec<DoneItem>,
    /// What stands against it.
    pub objections: Vec<Objected>,
}

impl RowResults {
    /// Note what was found out about one row.
    pub fn note(&mut self, row: u32, id: i64, found: Result<OperatorEffect, Objection>) {
        match found {
            Ok(effect) => self.done.push(DoneItem { row, id, effect }),
            Err(why) => self.objections.push(Objected { row, id, why }),
        }
    }

    /// The outcome, if anything stands against it.
    #[must_use]
    pub fn objected(&mut self) -> Option<Outcome> {
        let objections = std::mem::take(&mut self.objections);
        (!objections.is_empty()).then(|| Outcome::objected(objections))
    }

    /// Everything was done.
    #[must_use]
    pub fn carried_out(self) -> Outcome {
        Outcome { done: self.done, ..Outcome::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{AMING, Stage, XIAOMEI};
    use crate::domain::event::Body;
    use crate::domain::intent::Intent;

    #[test]
    fn nobody_in_a_chat_orders_what_operators_order() {
        let mut stage = Stage::new();
        stage.shop.members.edit(AMING).unwrap().role = Role::Operator;
        let erase = || {
            Intent::Operate(OperatorIntent::Erase {
                member: XIAOMEI,
                named_in: Vec::new(),
                named_by: Vec::new(),
            })
        };
        assert_eq!(stage.does(AMING, erase()), []);
        assert_eq!(stage.does(XIAOMEI, erase()), []);
        assert_eq!(stage.shop.members.get(XIAOMEI).unwrap().name, "小美");
        assert!(stage.shop.fresh.decisions.is_empty());
    }
    #[test]
    fn who_ordered_it_stands_beside_the_decision() {
        let mut stage = Stage::new();
        let (inviter, reason) = (None, "came by himself".to_owned());
        let rebind = OperatorIntent::Rebind { member: XIAOMEI, inviter, reason };
        let by = |operator: &str| Body::Ordered {
            operator: operator.to_owned(),
            intent: Intent::Operate(rebind.clone()),
        };
        let again = |body, operator: &str| Body::Retried {
            body: Box::new(body),
            operator: operator.to_owned(),
        };
        stage.happens(by("lin"));
        stage.happens(again(by("lin"), "lin"));
        stage.happens(again(by("lin"), "wu"));
        let told = stage.shop.fresh.decisions.iter();
        let told: Vec<_> = told.map(|it| (it.what, it.operator.as_deref(), it.member)).collect();
        assert_eq!(
            told,
            [
                ("rebind_member", Some("lin"), None),
                ("rebind_member", Some("lin"), None),
                ("rebind_member", Some("lin, tried again by wu"), None),
            ]
        );
    }
}
