//! Payouts (打款): what becomes of a withdrawal after it was asked for.
//!
//! An operator approves or refuses it; approved ones are handed to the bank in batches; the bank's word
//! ends them. Until then the money stays locked: a payout without a known outcome is never made anew.
//! What is refused or failed goes back to the cent.

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Missing, Need, Needs, Shop};
use crate::domain::ids::WithdrawalId;
use crate::domain::ledger::{AccountNo, Entry, Fact, House, Purse};
use crate::domain::money::Money;
use crate::domain::operate::{MAX_REASON, MAX_ROWS, Objection, OperatorEffect, Outcome, PayoutRow};
use crate::domain::payouts;
use crate::domain::payouts::{Withdrawal, WithdrawalState, payout_number};
use crate::domain::reply::Reply;

use crate::decide::operate::RowResults;

/// Whether one row or number may be acted on, and what it would come to.
type PayoutVerdict = Result<OperatorEffect, Objection>;

/// The withdrawals to load, as far as they exist.
pub fn needs(shop: &Shop, ids: impl IntoIterator<Item = WithdrawalId>) -> Needs {
    let exists = |id: &WithdrawalId| id.0 > 0 && *id <= shop.community.last_withdrawal;
    ids.into_iter().filter(exists).map(Need::Withdrawal).collect()
}

/// Approve these withdrawals, or everything asked for: tax and payout number are fixed now.
/// Against one of them speak, in this order: there is none, it is over, its member is short.
///
/// # Errors
/// [`Missing`].
pub fn approve(ctx: &mut Ctx<'_>, ids: &[WithdrawalId]) -> Decided<Outcome> {
    require_open(ctx)?;
    let asked = |it: &&Withdrawal| it.state == WithdrawalState::Asked;
    let ids: Vec<_> = if ids.is_empty() {
        ctx.shop.withdrawals.values().filter(asked).map(|it| it.id).take(MAX_ROWS).collect()
    } else {
        ids.to_vec()
    };
    let mut found = RowResults::default();
    for &id in &ids {
        found.note(0, id.0, may_approve(ctx, id)?);
    }
    if let Some(outcome) = found.objected() {
        return Ok(outcome);
    }
    if ids.is_empty() {
        return Ok(Outcome::refused(Objection::Nothing));
    }
    let (at, rate) = (ctx.at, ctx.shop.policy.withdrawal.withholding);
    let slug = ctx.shop.community.slug.clone();
    for id in ids {
        let Some(row) = ctx.shop.withdrawals.edit(id).filter(|it| asked(&&**it)) else { continue };
        row.state = WithdrawalState::Approved;
        row.decided_at = Some(at);
        row.withheld = row.currency.in_cash(row.amount.share(rate));
        row.payout = Some(payout_number(&slug, id));
    }
    Ok(found.carried_out())
}

fn may_approve(ctx: &Ctx<'_>, id: WithdrawalId) -> Decided<PayoutVerdict> {
    let Some(row) = ctx.withdrawal(id)? else { return Ok(Err(Objection::NoWithdrawal(id))) };
    match row.state {
        WithdrawalState::Asked => {}
        WithdrawalState::Approved => return Ok(Ok(OperatorEffect::Same)),
        over => return Ok(Err(Objection::WithdrawalState(over))),
    }
    ctx.require_balances(row.member)?;
    let available = ctx.shop.balances.owed(row.member, Purse::Available, row.currency.code());
    let short = available.is_negative();
    Ok(if short { Err(Objection::Short { available }) } else { Ok(OperatorEffect::Approved) })
}

fn require_open(ctx: &Ctx<'_>) -> Decided {
    if ctx.shop.known.withdrawals { Ok(()) } else { Err(Missing(Need::Withdrawals).into()) }
}

/// Refuse a withdrawal that no bank knows of yet; the member has the money again and hears why.
/// Against it speak, in this order: no reason, there is none, it is over, it is with the bank.
///
/// # Errors
/// [`Missing`].
pub fn refuse(ctx: &mut Ctx<'_>, id: WithdrawalId, reason: &str) -> Decided<Outcome> {
    let reason = short(reason);
    if reason.is_empty() {
        return Ok(Outcome::refused(Objection::NoReason));
    }
    let mut found = RowResults::default();
    let verdict = may_refuse(ctx, id)?;
    let is_new = verdict == Ok(OperatorEffect::Refused);
    found.note(0, id.0, verdict);
    if is_new {
        require_member(ctx, id)?;
        give_back(ctx, id, WithdrawalState::Refused, Some(reason));
    }
    Ok(found.objected().unwrap_or_else(|| found.carried_out()))
}

fn may_refuse(ctx: &Ctx<'_>, id: WithdrawalId) -> Decided<PayoutVerdict> {
    let Some(row) = ctx.withdrawal(id)? else { return Ok(Err(Objection::NoWithdrawal(id))) };
    Ok(match (row.state, row.batch) {
        (WithdrawalState::Asked, _) | (WithdrawalState::Approved, None) => {
            Ok(OperatorEffect::Refused)
        }
        (WithdrawalState::Refused, _) => Ok(OperatorEffect::Same),
        (WithdrawalState::Approved, Some(batch)) => Err(Objection::WithTheBank { batch }),
        (over, _) => Err(Objection::WithdrawalState(over)),
    })
}

/// Put everything that is approved, and with no bank yet, into the next batch. Whoever has come to be
/// short by a refund since is held back: their money stays locked until earnings make up for it, or an
/// operator refuses the withdrawal and what is locked does. What is with the bank already goes its way, and
/// what is short stays owed. Nobody is billed.
///
/// # Errors
/// [`Missing`].
pub fn batch(ctx: &mut Ctx<'_>) -> Decided<Outcome> {
    require_open(ctx)?;
    let waits = |it: &&Withdrawal| it.state == WithdrawalState::Approved && it.batch.is_none();
    let waiting = ctx.shop.withdrawals.values().filter(waits).map(|it| it.id);
    let waiting: Vec<_> = waiting.take(MAX_ROWS).collect();
    if waiting.is_empty() {
        return Ok(Outcome::refused(Objection::Nothing));
    }
    let (mut ready, mut found) = (Vec::new(), RowResults::default());
    for id in waiting {
        match may_batch(ctx, id)? {
            Ok(OperatorEffect::HeldBack) => found.note(0, id.0, Ok(OperatorEffect::HeldBack)),
            _ => ready.push(id),
        }
    }
    if ready.is_empty() {
        return Ok(found.carried_out());
    }
    let batch = ctx.shop.community.next_batch();
    for id in ready {
        if let Some(row) = ctx.shop.withdrawals.edit(id) {
            row.batch = Some(batch);
        }
        found.note(0, id.0, Ok(OperatorEffect::Batched));
    }
    Ok(Outcome { batch: Some(batch), ..found.carried_out() })
}

fn may_batch(ctx: &Ctx<'_>, id: WithdrawalId) -> Decided<PayoutVerdict> {
    let Some(row) = ctx.withdrawal(id)? else { return Ok(Err(Objection::NoWithdrawal(id))) };
    ctx.require_balances(row.member)?;
    let available = ctx.shop.balances.owed(row.member, Purse::Available, row.currency.code());
    Ok(Ok(if available.is_negative() { OperatorEffect::HeldBack } else { OperatorEffect::Batched }))
}

/// Take the bank's word for these payouts. Against a row speak, in this order: there is no such
/// withdrawal, an earlier row says otherwise, it ended otherwise, no bank knows of it.
///
/// # Errors
/// [`Missing`].
pub fn results(ctx: &mut Ctx<'_>, rows: &[PayoutRow]) -> Decided<Outcome> {
    if rows.len() > MAX_ROWS {
        return Ok(Outcome::refused(Objection::TooManyRows));
    }
    if rows.is_empty() {
        return Ok(Outcome::refused(Objection::Nothing));
    }
    let (mut found, mut seen) = (RowResults::default(), BTreeMap::new());
    for row in rows {
        let verdict = match ctx.withdrawal(row.withdrawal)? {
            None => Err(Objection::NoWithdrawal(row.withdrawal)),
            Some(known) => repeated(&mut seen, row).unwrap_or_else(|| may_end(known, row.sent)),
        };
        require_member(ctx, row.withdrawal)?;
        found.note(row.row, row.withdrawal.0, verdict);
    }
    if let Some(outcome) = found.objected() {
        return Ok(outcome);
    }
    for (row, done) in rows.iter().zip(&found.done) {
        match done.effect {
            OperatorEffect::Sent => send(ctx, row.withdrawal),
            OperatorEffect::Failed => {
                let reason = row.reason.as_deref().map(short).filter(|text| !text.is_empty());
                give_back(ctx, row.withdrawal, WithdrawalState::Failed, reason);
            }
            _ => {}
        }
    }
    Ok(found.carried_out())
}

/// What is to be said of a row whose withdrawal stood in an earlier one.
fn repeated(
    seen: &mut BTreeMap<WithdrawalId, (u32, bool)>,
    row: &PayoutRow,
) -> Option<PayoutVerdict> {
    let (earlier, sent) = *seen.entry(row.withdrawal).or_insert((row.row, row.sent));
    if earlier == row.row {
        return None;
    }
    Some(if sent == row.sent {
        Ok(OperatorEffect::Same)
    } else {
        Err(Objection::Twice { row: earlier })
    })
}

fn may_end(row: &Withdrawal, sent: bool) -> PayoutVerdict {
    match (row.state, sent) {
        (WithdrawalState::Approved, _) if row.batch.is_none() => Err(Objection::NotBatched),
        (WithdrawalState::Approved, true) => Ok(OperatorEffect::Sent),
        (WithdrawalState::Approved, false) => Ok(OperatorEffect::Failed),
        (WithdrawalState::Sent, true) | (WithdrawalState::Failed, false) => {
            Ok(OperatorEffect::Same)
        }
        (state, _) => Err(Objection::WithdrawalState(state)),
    }
}

/// Whoever is told of it is in the book.
fn require_member(ctx: &Ctx<'_>, id: WithdrawalId) -> Decided {
    if let Some(row) = ctx.withdrawal(id)? {
        ctx.member_row(row.member)?;
    }
    Ok(())
}

/// The money arrived: what was locked is paid out, less what is kept back for tax.
fn send(ctx: &mut Ctx<'_>, id: WithdrawalId) {
    let at = ctx.at;
    let Some(row) = ctx.shop.withdrawals.edit(id) else { return };
    row.state = WithdrawalState::Sent;
    row.ended_at = Some(at);
    let (member, amount, withheld) = (row.member, row.amount, row.withheld);
    let legs = [
        (AccountNo::of(member, Purse::Locked), amount.minor),
        (AccountNo::of(member, Purse::PaidOut), -row.net().minor),
        (AccountNo::house(House::TaxWithheld), -withheld.minor),
    ];
    let legs = legs.into_iter().filter(|(_, amount)| *amount != 0).collect();
    let currency = row.currency.code().to_owned();
    ctx.post(Entry { kind: Fact::Sent, currency, order: None, legs });
    ctx.tell(member, Reply::Payouts(payouts::Reply::WithdrawalSent { amount, withheld }));
}

/// The money goes back to where it came from, all of it.
fn give_back(ctx: &mut Ctx<'_>, id: WithdrawalId, state: WithdrawalState, reason: Option<String>) {
    let at = ctx.at;
    let Some(row) = ctx.shop.withdrawals.edit(id) else { return };
    row.state = state;
    row.decided_at = row.decided_at.or(Some(at));
    row.ended_at = Some(at);
    row.private.reason.clone_from(&reason);
    let (member, amount, currency) = (row.member, row.amount, row.currency);
    let (locked, available) = (Purse::Locked, Purse::Available);
    let (locked, available) = (AccountNo::of(member, locked), AccountNo::of(member, available));
    ctx.post(Entry::transfer(Fact::Returned, currency.code(), locked, available, amount));
    let failed = state == WithdrawalState::Failed;
    ctx.tell(member, Reply::Payouts(payouts::Reply::WithdrawalReturned { amount, failed, reason }));
}

/// One line of text, not too long.
fn short(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_REASON).collect()
}

/// A withdrawal as it is asked for; its money is locked by the caller.
pub fn open(ctx: &mut Ctx<'_>, member: crate::domain::ids::MemberId, amount: Money) {
    let community = &mut ctx.shop.community;
    let (id, currency) = (community.next_withdrawal(), community.currency);
    let payee = ctx.shop.members.get(member).and_then(|row| row.private.payee.clone());
    let row = Withdrawal {
        id,
        member,
        state: WithdrawalState::Asked,
        currency,
        amount,
        withheld: Money::ZERO,
        asked_at: ctx.at,
        decided_at: None,
        ended_at: None,
        payout: None,
        batch: None,
        private: crate::domain::payouts::WithdrawalPrivate { payee, reason: None },
    };
    ctx.shop.withdrawals.add(id, row);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::payouts::withdraw::tests::{ask_for, give};
    use crate::decide::testing::{AMING, LAOWANG, Stage, XIAOMEI};
    use crate::decide::testing_orders::{assert_books_agree, house, owed};
    use crate::domain::intent::Intent;
    use crate::domain::money::Rate;
    use crate::domain::operate::OperatorIntent;
    use std::sync::Arc;

    const FIRST: WithdrawalId = WithdrawalId(1);
    const SECOND: WithdrawalId = WithdrawalId(2);

    /// 小美 asked for 15.00 and 老王 for 33.33; a fifth is withheld.
    fn asked() -> Stage {
        let mut stage = Stage::new();
        let policy = Arc::make_mut(&mut stage.shop.policy);
        policy.withdrawal.withholding = Rate { bps: 2_000 };
        ask_for(&mut stage, XIAOMEI, 1_500);
        ask_for(&mut stage, LAOWANG, 3_333);
        stage.heard();
        stage
    }

    fn approve(stage: &mut Stage, ids: &[WithdrawalId]) -> Outcome {
        stage.orders(OperatorIntent::Approve { withdrawals: ids.to_vec() })
    }

    fn refuse(stage: &mut Stage, id: WithdrawalId, reason: &str) -> Outcome {
        stage.orders(OperatorIntent::Refuse { withdrawal: id, reason: reason.to_owned() })
    }

    fn bank_says(stage: &mut Stage, rows: &[(WithdrawalId, bool)]) -> Outcome {
        let row = |(index, &(withdrawal, sent)): (usize, &(WithdrawalId, bool))| PayoutRow {
            row: u32::try_from(index).unwrap() + 2,
            withdrawal,
            sent,
            reason: (!sent).then(|| "账号不存在".to_owned()),
        };
        let rows = rows.iter().enumerate().map(row).collect();
        stage.orders(OperatorIntent::Payouts { rows })
    }

    fn why(outcome: &Outcome) -> Vec<Objection> {
        assert_eq!(outcome.done, []);
        outcome.objections.iter().map(|it| it.why.clone()).collect()
    }

    fn effects(outcome: &Outcome) -> Vec<OperatorEffect> {
        assert_eq!(outcome.objections, []);
        outcome.done.iter().map(|it| it.effect).collect()
    }

    fn row(stage: &Stage, id: WithdrawalId) -> &Withdrawal {
        stage.shop.withdrawals.get(id).unwrap()
    }

    #[test]
    fn a_withdrawal_is_asked_for_approved_batched_and_sent() {
        let mut stage = asked();
        assert_eq!(row(&stage, SECOND).private.payee.as_deref(), Some("支付宝"));
        assert_eq!(effects(&approve(&mut stage, &[])), [OperatorEffect::Approved; 2]);
        let second = row(&stage, SECOND);
        assert_eq!((second.withheld.minor, second.net().minor), (666, 2_667)); // ⌊33.33 / 5⌋
        assert_eq!(second.payout.as_deref(), Some("sunshine-W2"));
        assert_eq!(stage.heard(), []);
        let batched = stage.orders(OperatorIntent::Batch);
        assert_eq!((batched.batch, effects(&batched)), (Some(1), vec![OperatorEffect::Batched; 2]));
        assert_eq!(owed(&stage, LAOWANG, Purse::Locked), 3_333);
        let outcome = bank_says(&mut stage, &[(FIRST, true), (SECOND, true), (FIRST, true)]);
        assert_eq!(
            effects(&outcome),
            [OperatorEffect::Sent, OperatorEffect::Sent, OperatorEffect::Same]
        );
        assert_eq!(owed(&stage, LAOWANG, Purse::Locked), 0);
        assert_eq!(owed(&stage, LAOWANG, Purse::PaidOut), 2_667);
        assert_eq!(owed(&stage, XIAOMEI, Purse::PaidOut), 1_200);
        assert_eq!(house(&stage, House::TaxWithheld), -966);
        assert_books_agree(&stage);
        let heard = stage.heard();
        let (amount, withheld) = (Money::from_minor(3_333), Money::from_minor(666));
        assert_eq!(
            heard[1].reply,
            Reply::Payouts(payouts::Reply::WithdrawalSent { amount, withheld })
        );
        assert!(heard.iter().all(|heard| heard.private));
    }

    #[test]
    fn what_is_refused_or_failed_goes_back_to_the_cent() {
        let mut stage = asked();
        approve(&mut stage, &[SECOND]);
        stage.orders(OperatorIntent::Batch);
        assert_eq!(effects(&refuse(&mut stage, FIRST, " 资料\n不全 ")), [OperatorEffect::Refused]);
        assert_eq!(effects(&bank_says(&mut stage, &[(SECOND, false)])), [OperatorEffect::Failed]);
        for (member, minor) in [(XIAOMEI, 1_500), (LAOWANG, 3_333)] {
            assert_eq!(owed(&stage, member, Purse::Available), minor);
            assert_eq!(owed(&stage, member, Purse::Locked), 0);
        }
        assert_eq!(house(&stage, House::TaxWithheld), 0);
        assert_books_agree(&stage);
        let amount = Money::from_minor(1_500);
        let reason = Some("资料 不全".to_owned());
        let told =
            Reply::Payouts(payouts::Reply::WithdrawalReturned { amount, failed: false, reason });
        assert_eq!(stage.heard()[0].reply, told);
        // Whoever has the money again may ask again: under a new number.
        stage.does(LAOWANG, Intent::Payouts(payouts::Intent::Withdraw { amount: None }));
        assert_eq!(row(&stage, WithdrawalId(3)).state, WithdrawalState::Asked);
        approve(&mut stage, &[]);
        assert_eq!(row(&stage, WithdrawalId(3)).payout.as_deref(), Some("sunshine-W3"));
    }

    #[test]
    fn what_is_with_the_bank_is_in_no_second_batch_and_ends_by_its_word_alone() {
        let mut stage = asked();
        approve(&mut stage, &[FIRST]);
        stage.orders(OperatorIntent::Batch);
        assert_eq!(why(&stage.orders(OperatorIntent::Batch)), [Objection::Nothing]);
        assert_eq!(stage.shop.community.last_batch, 1);
        let with_bank = Objection::WithTheBank { batch: 1 };
        assert_eq!(why(&refuse(&mut stage, FIRST, "x")), [with_bank]);
        approve(&mut stage, &[SECOND]);
        let batched = stage.orders(OperatorIntent::Batch);
        assert_eq!((batched.batch, batched.done.len()), (Some(2), 1));
        assert_eq!(row(&stage, FIRST).batch, Some(1));
    }

    #[test]
    fn approving_is_refused_in_this_order_and_as_a_whole() {
        let mut stage = asked();
        let none = WithdrawalId(9);
        refuse(&mut stage, SECOND, "x");
        let outcome = approve(&mut stage, &[FIRST, none, SECOND]);
        let over = Objection::WithdrawalState(WithdrawalState::Refused);
        assert_eq!(why(&outcome), [Objection::NoWithdrawal(none), over]);
        assert_eq!(row(&stage, FIRST).state, WithdrawalState::Asked);
        give(&mut stage, XIAOMEI, -1);
        let short = Objection::Short { available: Money::from_minor(-1) };
        assert_eq!(why(&approve(&mut stage, &[FIRST])), [short]);
        give(&mut stage, XIAOMEI, 1);
        assert_eq!(effects(&approve(&mut stage, &[FIRST])), [OperatorEffect::Approved]);
        assert_eq!(effects(&approve(&mut stage, &[FIRST])), [OperatorEffect::Same]);
        assert_eq!(why(&approve(&mut stage, &[])), [Objection::Nothing]);
    }

    #[test]
    fn refusing_is_refused_in_this_order() {
        let mut stage = asked();
        let none = WithdrawalId(0);
        assert_eq!(why(&refuse(&mut stage, none, " ")), [Objection::NoReason]);
        assert_eq!(why(&refuse(&mut stage, none, "x")), [Objection::NoWithdrawal(none)]);
        approve(&mut stage, &[FIRST]);
        assert_eq!(effects(&refuse(&mut stage, FIRST, "x")), [OperatorEffect::Refused]);
        assert_eq!(effects(&refuse(&mut stage, FIRST, "x")), [OperatorEffect::Same]);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Available), 1_500);
        approve(&mut stage, &[SECOND]);
        stage.orders(OperatorIntent::Batch);
        bank_says(&mut stage, &[(SECOND, true)]);
        let over = Objection::WithdrawalState(WithdrawalState::Sent);
        assert_eq!(why(&refuse(&mut stage, SECOND, "x")), [over]);
    }

    #[test]
    fn the_banks_word_is_refused_in_this_order_and_as_a_whole() {
        let mut stage = asked();
        let none = WithdrawalId(9);
        approve(&mut stage, &[FIRST]);
        stage.orders(OperatorIntent::Batch);
        approve(&mut stage, &[SECOND]);
        let rows = [(FIRST, true), (none, true), (FIRST, false), (SECOND, true)];
        let outcome = bank_says(&mut stage, &rows);
        let twice = Objection::Twice { row: 2 };
        assert_eq!(why(&outcome), [Objection::NoWithdrawal(none), twice, Objection::NotBatched]);
        assert_eq!(row(&stage, FIRST).state, WithdrawalState::Approved);
        bank_says(&mut stage, &[(FIRST, false)]);
        let failed = Objection::WithdrawalState(WithdrawalState::Failed);
        assert_eq!(why(&bank_says(&mut stage, &[(FIRST, true)])), [failed]);
        assert_eq!(effects(&bank_says(&mut stage, &[(FIRST, false)])), [OperatorEffect::Same]);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Available), 1_500);
        assert_eq!(why(&bank_says(&mut stage, &[])), [Objection::Nothing]);
        let many = vec![(FIRST, true); MAX_ROWS + 1];
        assert_eq!(why(&bank_says(&mut stage, &many)), [Objection::TooManyRows]);
    }

    #[test]
    fn a_refund_after_approval_holds_the_payout_back() {
        let mut stage = asked();
        approve(&mut stage, &[]);
        give(&mut stage, XIAOMEI, -200); // as a refund after settling takes it
        let batched = stage.orders(OperatorIntent::Batch);
        assert_eq!(effects(&batched), [OperatorEffect::HeldBack, OperatorEffect::Batched]);
        assert_eq!((row(&stage, FIRST).batch, row(&stage, SECOND).batch), (None, Some(1)));
        assert_eq!(owed(&stage, XIAOMEI, Purse::Locked), 1_500);
        // Nothing else waits: no batch is made of nothing.
        let again = stage.orders(OperatorIntent::Batch);
        assert_eq!((again.batch, effects(&again)), (None, vec![OperatorEffect::HeldBack]));
        assert_eq!(stage.shop.community.last_batch, 1);
        // Refused, the locked money makes up for it and the rest can be asked for again.
        assert_eq!(effects(&refuse(&mut stage, FIRST, "退款")), [OperatorEffect::Refused]);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Available), 1_300);
        assert_books_agree(&stage);
    }

    #[test]
    fn earnings_let_a_held_payout_go() {
        let mut stage = asked();
        approve(&mut stage, &[FIRST]);
        give(&mut stage, XIAOMEI, -200);
        assert_eq!(effects(&stage.orders(OperatorIntent::Batch)), [OperatorEffect::HeldBack]);
        give(&mut stage, XIAOMEI, 200);
        assert_eq!(effects(&stage.orders(OperatorIntent::Batch)), [OperatorEffect::Batched]);
    }

    #[test]
    fn what_is_with_the_bank_when_a_refund_comes_is_paid_and_the_rest_is_owed() {
        let mut stage = asked();
        approve(&mut stage, &[FIRST]);
        stage.orders(OperatorIntent::Batch);
        give(&mut stage, XIAOMEI, -200);
        assert_eq!(effects(&bank_says(&mut stage, &[(FIRST, true)])), [OperatorEffect::Sent]);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Available), -200);
        assert_eq!(owed(&stage, XIAOMEI, Purse::PaidOut), 1_200);
        assert_books_agree(&stage);
    }

    #[test]
    fn one_is_open_at_a_time_until_it_ends() {
        let mut stage = asked();
        give(&mut stage, XIAOMEI, 5_000);
        let ask = |stage: &mut Stage| {
            stage.does(XIAOMEI, Intent::Payouts(payouts::Intent::Withdraw { amount: None }))
        };
        let open = crate::domain::refusal::Refusal::Payouts(payouts::Refusal::WithdrawalOpen);
        assert_eq!(Stage::refusal(&ask(&mut stage)), open);
        approve(&mut stage, &[]);
        stage.orders(OperatorIntent::Batch);
        assert_eq!(Stage::refusal(&ask(&mut stage)), open);
        bank_says(&mut stage, &[(FIRST, true)]);
        assert_eq!(ask(&mut stage).len(), 2);
        assert_eq!(row(&stage, WithdrawalId(3)).amount, Money::from_minor(5_000));
        assert_eq!(owed(&stage, AMING, Purse::Locked), 0);
    }
}
