//! Withdrawals (提现): asking for available commission.
//!
//! Asking moves the amount from available to locked, where only a person's decision moves it on; see
//! [`crate::decide::payouts::bank`]. One request at a time: whatever is locked is the open one.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ledger::{AccountNo, Entry, Fact, Purse};
use crate::domain::money::Money;
use crate::domain::payouts;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;

use crate::decide::payouts::bank;

/// The speaker asks for so much, or for all that is available and can be paid; the rest stays available.
///
/// # Errors
/// Refusals in this order: a request is open, less than the minimum (available or asked for), more than
/// is available, nowhere to send it; [`crate::book::Missing`].
pub fn ask(ctx: &mut Ctx<'_>, amount: Option<Money>) -> Decided {
    let member = ctx.member()?;
    ctx.require_balances(member)?;
    let row = ctx.member_row(member)?;
    let currency = ctx.shop.community.currency;
    let owed = |purse| ctx.shop.balances.owed(member, purse, currency.code());
    let (available, minimum) = (owed(Purse::Available), ctx.shop.policy.withdrawal.minimum);
    let amount = amount.unwrap_or(currency.in_cash(available));
    if owed(Purse::Locked) > Money::ZERO {
        return Err(Refusal::Payouts(payouts::Refusal::WithdrawalOpen).into());
    }
    if available < minimum || amount < minimum || amount <= Money::ZERO {
        return Err(Refusal::Payouts(payouts::Refusal::BelowMinimum { minimum, available }).into());
    }
    if amount > available {
        return Err(Refusal::Payouts(payouts::Refusal::NotEnoughAvailable { available }).into());
    }
    if row.private.payee.is_none() {
        return Err(Refusal::Payouts(payouts::Refusal::NoPayee).into());
    }
    let name = row.name.clone();
    let account = |purse| AccountNo::of(member, purse);
    let (from, to) = (account(Purse::Locked), account(Purse::Available));
    ctx.post(Entry::transfer(Fact::Asked, currency.code(), to, from, amount));
    bank::open(ctx, member, amount);
    ctx.tell(member, Reply::Payouts(payouts::Reply::WithdrawalAsked { amount }));
    ctx.tell_leaders(&Reply::Payouts(payouts::Reply::WithdrawalWaiting { name, amount }));
    ctx.record("ask_withdrawal", None, None);
    Ok(())
}

#[cfg(test)]
pub(in crate::decide) mod tests {
    use super::*;
    use crate::book::Ctx;
    use crate::decide::testing::{Stage, XIAOMEI};
    use crate::decide::testing_orders::{assert_books_agree, owed};
    use crate::domain::event::{Body, Timer};
    use crate::domain::ids::MemberId;
    use crate::domain::intent::Intent;
    use crate::domain::ledger::House;

    /// 小美 has so much available.
    pub(in crate::decide) fn with_available(minor: i64) -> Stage {
        let mut stage = Stage::new();
        give(&mut stage, XIAOMEI, minor);
        stage
    }

    /// A member has so much more available, and somewhere to send it.
    pub(in crate::decide) fn give(stage: &mut Stage, member: MemberId, minor: i64) {
        let event = stage.event(Body::Due(Timer::Warn));
        let (cost, purse) = (House::CommissionCost, Purse::Available);
        let (cost, purse) = (AccountNo::house(cost), AccountNo::of(member, purse));
        let amount = Money::from_minor(minor);
        let entry = Entry::transfer(Fact::Due, "CNY", cost, purse, amount);
        Ctx::new(&mut stage.shop, &event).post(entry);
        stage.shop.members.edit(member).unwrap().private.payee = Some("支付宝".to_owned());
    }

    /// A member has so much, and asks for all of it.
    pub(in crate::decide) fn ask_for(stage: &mut Stage, member: MemberId, minor: i64) {
        give(stage, member, minor);
        let said = stage.does(member, Intent::Payouts(payouts::Intent::Withdraw { amount: None }));
        let amount = Money::from_minor(minor);
        assert_eq!(said.first(), Some(&Reply::Payouts(payouts::Reply::WithdrawalAsked { amount })));
    }

    fn asks(stage: &mut Stage, amount: Option<i64>) -> Vec<Reply> {
        let amount = amount.map(Money::from_minor);
        stage.does(XIAOMEI, Intent::Payouts(payouts::Intent::Withdraw { amount }))
    }

    #[test]
    fn what_is_available_is_locked_and_the_leader_hears_of_it() {
        let mut stage = with_available(1_500);
        let amount = Money::from_minor(1_500);
        let waiting =
            Reply::Payouts(payouts::Reply::WithdrawalWaiting { name: "小美".to_owned(), amount });
        let said = asks(&mut stage, None);
        assert_eq!(said, [Reply::Payouts(payouts::Reply::WithdrawalAsked { amount }), waiting]);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Available), 0);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Locked), 1_500);
        assert!(stage.heard().iter().all(|heard| heard.private));
        assert_books_agree(&stage);
    }

    #[test]
    fn withdrawals_are_refused_in_this_order() {
        let money = Money::from_minor;
        let mut stage = with_available(3_000);
        stage.shop.members.edit(XIAOMEI).unwrap().private.payee = None;
        let (minimum, available) = (money(1_000), money(3_000));
        let mut refusal = |amount| Stage::refusal(&asks(&mut stage, amount));
        assert_eq!(
            refusal(Some(999)),
            Refusal::Payouts(payouts::Refusal::BelowMinimum { minimum, available })
        );
        assert_eq!(
            refusal(Some(-1)),
            Refusal::Payouts(payouts::Refusal::BelowMinimum { minimum, available })
        );
        assert_eq!(
            refusal(Some(3_001)),
            Refusal::Payouts(payouts::Refusal::NotEnoughAvailable { available })
        );
        assert_eq!(refusal(Some(3_000)), Refusal::Payouts(payouts::Refusal::NoPayee));
        stage.shop.members.edit(XIAOMEI).unwrap().private.payee = Some("支付宝".to_owned());
        asks(&mut stage, Some(1_000));
        assert_eq!(
            Stage::refusal(&asks(&mut stage, None)),
            Refusal::Payouts(payouts::Refusal::WithdrawalOpen)
        );
    }

    #[test]
    fn a_negative_balance_blocks_and_is_never_billed() {
        let mut stage = with_available(-300);
        let (minimum, available) = (Money::from_minor(1_000), Money::from_minor(-300));
        let said = asks(&mut stage, None);
        assert_eq!(
            Stage::refusal(&said),
            Refusal::Payouts(payouts::Refusal::BelowMinimum { minimum, available })
        );
    }
}
