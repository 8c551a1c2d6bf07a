//! Payouts (提现): what members may have of what they earned.

pub mod balance;
pub mod bank;
pub mod withdraw;

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::decide::people::standing;
use crate::domain::intent::Role;
use crate::domain::payouts;
use crate::domain::payouts::Intent;

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Balance => balance::balance(ctx),
        Intent::Statement => balance::statement(ctx),
        Intent::Withdraw { amount } => withdraw::ask(ctx, *amount),
        Intent::SetPayee(text) => standing::set_payee(ctx, text),
        Intent::AgreePayee(text) => standing::agree_payee(ctx, text),
    }
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, intent: &Intent) -> Needs {
    match intent {
        Intent::Balance | Intent::Withdraw { .. } => ahead.mine(Need::Balances),
        Intent::Statement => {
            let mine = ahead.mine(|id| Need::Report(Report::Payouts(payouts::Need::Statement(id))));
            let speaker = ahead.speaker.and_then(|id| ahead.shop.members.get(id));
            let leads = speaker.is_some_and(|it| it.role >= Role::Leader);
            mine.into_iter()
                .chain(leads.then(|| balance::accounts_need(ahead.shop, ahead.at)))
                .collect()
        }
        Intent::SetPayee(_) | Intent::AgreePayee(_) => Needs::new(),
    }
}
