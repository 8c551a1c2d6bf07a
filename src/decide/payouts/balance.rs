//! What members have coming (余额, 明细), and where a group's money stands.

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need, Shop};
use crate::domain::intent::Role;
use crate::domain::ledger::{POINTS, Purse};
use crate::domain::people::short_name;
use crate::domain::reply::{AccountsView, Reply};
use crate::domain::time::{Timestamp, local_midnight_after};
use crate::domain::{payouts, reports};

/// Days that a leader's statement shows, today included.
pub const ACCOUNT_DAYS: i64 = 7;

/// Where the speaker's commission stands; for their eyes only.
///
/// # Errors
/// [`Missing`]; a refusal when nobody speaks.
pub fn balance(ctx: &mut Ctx<'_>) -> Decided {
    let member = ctx.member()?;
    ctx.require_balances(member)?;
    let (balances, currency) = (&ctx.shop.balances, ctx.shop.community.currency.code());
    let owed = |purse| balances.owed(member, purse, currency);
    let reply = Reply::Payouts(payouts::Reply::Balance {
        frozen: owed(Purse::Frozen),
        available: owed(Purse::Available),
        locked: owed(Purse::Locked),
        paid_out: owed(Purse::PaidOut),
        points: balances.owed(member, Purse::Wallet, POINTS).minor,
    });
    ctx.tell(member, reply);
    ctx.record("balance", None, None);
    Ok(())
}

/// Where the speaker's balance came from; for their eyes only. A leader sees where the group's money
/// stands first.
///
/// # Errors
/// [`Missing`]; a refusal when nobody speaks.
pub fn statement(ctx: &mut Ctx<'_>) -> Decided {
    let member = ctx.member()?;
    let leads = ctx.role >= Role::Leader;
    let accounts = if leads { Some(group_accounts(ctx)?) } else { None };
    let entries = ctx.shop.known.reports.payouts.statements.get(&member).cloned();
    let mut entries =
        entries.ok_or(Missing(Need::Report(Report::Payouts(payouts::Need::Statement(member)))))?;
    for entry in &mut entries {
        entry.buyer = entry.buyer.as_deref().map(short_name);
    }
    let withdrawn = ctx.shop.known.reports.payouts.withdrawn.get(&member).cloned();
    let withdrawals = withdrawn.unwrap_or_default();
    if let Some(accounts) = accounts {
        ctx.tell(member, Reply::Reports(reports::Reply::Accounts { accounts }));
    }
    if !leads || !entries.is_empty() {
        ctx.tell(member, Reply::Payouts(payouts::Reply::Statement { entries, withdrawals }));
    }
    ctx.record("statement", None, None);
    Ok(())
}

/// The group's accounts, with the last days on the group's own calendar.
fn group_accounts(ctx: &Ctx<'_>) -> Decided<AccountsView> {
    let accounts = ctx.shop.known.reports.payouts.accounts.clone();
    Ok(accounts.ok_or_else(|| Missing(accounts_need(ctx.shop, ctx.at)))?)
}

/// What [`statement`] needs to know for a leader.
#[must_use]
pub fn accounts_need(shop: &Shop, at: Timestamp) -> Need {
    let week_ago = at - chrono::Duration::days(ACCOUNT_DAYS - 1);
    let since = local_midnight_after(week_ago, 0, shop.community.time_zone);
    Need::Report(Report::Payouts(payouts::Need::Accounts(since)))
}
