//! Withdrawals (提现): asking for available commission.
//!
//! Asking moves the amount from available to locked, where only a person's decision moves it on. One
//! request at a time: whatever is locked is the open one.

use crate::book::desk::{Decided, Desk};
use crate::domain::ledger::{AccountNo, Entry, Fact, Purse};
use crate::domain::money::Money;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;

/// The speaker asks for so much, or for all that is available.
///
/// # Errors
/// Refusals in this order: a request is open, less than the minimum (available or asked for), more than
/// is available, nowhere to send it; [`crate::book::Missing`].
pub fn ask(desk: &mut Desk<'_>, amount: Option<Money>) -> Decided {
    let member = desk.member()?;
    desk.require_balances(member)?;
    let row = desk.member_row(member)?;
    let currency = desk.shop.community.currency.clone();
    let owed = |purse| desk.shop.balances.owed(member, purse, &currency);
    let (available, minimum) = (owed(Purse::Available), desk.shop.policy.withdrawal.minimum);
    let amount = amount.unwrap_or(available);
    if owed(Purse::Locked) > Money::ZERO {
        return Err(Refusal::WithdrawalOpen.into());
    }
    if available < minimum || amount < minimum || amount <= Money::ZERO {
        return Err(Refusal::BelowMinimum { minimum, available }.into());
    }
    if amount > available {
        return Err(Refusal::NotEnoughAvailable { available }.into());
    }
    if row.private.payee.is_none() {
        return Err(Refusal::NoPayee.into());
    }
    let name = row.name.clone();
    let account = |purse| AccountNo::of(member, purse);
    let (from, to) = (account(Purse::Locked), account(Purse::Available));
    desk.post(Entry::transfer(Fact::Asked, &currency, to, from, amount));
    desk.tell(member, Reply::WithdrawalAsked { amount });
    desk.tell_leaders(&Reply::WithdrawalWaiting { name, amount });
    desk.record("ask_withdrawal", None, None);
    Ok(())
}
