//! What a leader does about a case: money back by amount or by units, the same goods again, others for them, or nothing.
//! The member hears the outcome, alone where the platform can.

use crate::book::ctx::{Ctx, Decided};
use crate::decide::ask;
use crate::decide::orders::order::replacement;
use crate::decide::payments::refund;
use crate::decide::views;
use crate::domain::catalog::Offer;
use crate::domain::ids::CaseId;
use crate::domain::intent::{
    Intent, LeaderIntent, MAX_QTY, Op, Question, Understood, WantedLine, Why,
};
use crate::domain::money::Money;
use crate::domain::name::name_key;
use crate::domain::orders::Line;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::service::{self, CaseLine, CaseOutcome, CaseState, Lead, Remedy, ServiceCase};

use super::cases::{end, line_of};

/// A leader answers a case.
///
/// # Errors
/// Refusals in this order: no such case, one that is over, one of which nobody has said what it is about (unless the
/// answer is no); then those of [`refund::pay_back`] and [`refund::take_back`]; a kind that there is none of, more than
/// there is of the line; [`crate::book::Missing`].
pub fn answer(ctx: &mut Ctx<'_>, id: CaseId, remedy: &Remedy) -> Decided {
    let case = ctx.case(id)?.clone();
    ctx.member_row(case.member)?;
    if !case.is_open() {
        let state = case.state;
        return Err(Refusal::Service(service::Refusal::CaseOver { case: id, state }).into());
    }
    if let Remedy::Decline(reason) = remedy {
        return decline(ctx, &case, reason.as_deref());
    }
    let unclear = || Refusal::Service(service::Refusal::CaseUnclear { case: id });
    let about = case.about.ok_or_else(unclear)?;
    ctx.order(about.order)?;
    let line = line_of(ctx, about).ok_or_else(unclear)?.clone();
    match remedy {
        Remedy::Amount(amount) => {
            let paid = refund::pay_back(ctx, about.order, Some(&wanted(&line, None)), *amount)?;
            settle(ctx, &case, CaseState::Refunded, refunded(paid.amount, 0, String::new()))
        }
        Remedy::Units(units) => give_back(ctx, &case, about, *units),
        Remedy::Replace(qty) => {
            send(ctx, &case, &Resend { about, variant: line.variant, qty: *qty, to: None })
        }
        Remedy::Exchange { to, qty } => {
            let variant = kind(ctx, &line, to)?;
            send(ctx, &case, &Resend { about, variant, qty: *qty, to: Some(to) })
        }
        Remedy::Decline(_) => Ok(()),
    }
}

fn wanted(line: &Line, qty: Option<u32>) -> WantedLine {
    WantedLine { offer: line.offer, variant: line.variant, qty, op: Op::Remove }
}

fn refunded(amount: Money, qty: u32, unit: String) -> CaseOutcome {
    CaseOutcome::Refunded { amount, qty, unit }
}

fn give_back(
    ctx: &mut Ctx<'_>,
    case: &ServiceCase,
    about: CaseLine,
    units: Option<u32>,
) -> Decided {
    let Some(line) = line_of(ctx, about).cloned() else { return Ok(()) };
    let count = units.unwrap_or_else(|| line.live_qty());
    let paid = refund::take_back(ctx, about.order, &[wanted(&line, units)])?;
    let unit = views::units(ctx.shop, &line, count).unit;
    settle(ctx, case, CaseState::Refunded, refunded(paid.amount, count, unit))
}

/// Goods to be sent for a case.
struct Resend<'t> {
    about: CaseLine,
    variant: Option<u16>,
    qty: Option<u32>,
    /// What was said of others, where others are wanted.
    to: Option<&'t str>,
}

/// Send goods, as an order that costs nothing. How many is asked where several may be meant, and what else where there
/// are not so many.
fn send(ctx: &mut Ctx<'_>, case: &ServiceCase, sent: &Resend<'_>) -> Decided {
    let Some(line) = line_of(ctx, sent.about).cloned() else { return Ok(()) };
    let most = line.live_qty().min(MAX_QTY);
    let remedy = |qty: u32| match sent.to {
        Some(to) => Remedy::Exchange { to: to.to_owned(), qty: Some(qty) },
        None => Remedy::Replace(Some(qty)),
    };
    let qty = match sent.qty {
        Some(qty) => qty,
        None if most > 1 => return choose(ctx, case.id, vec![remedy(1), remedy(most)]),
        None => most,
    };
    if qty == 0 || qty > most {
        let refusal = service::Refusal::CaseTooMany { case: case.id, left: most };
        return Err(Refusal::Service(refusal).into());
    }
    let offer = ctx.shop.offers.get(line.offer);
    let left = offer.and_then(|offer| offer.stock_of(sent.variant)).map(|stock| stock.left.max(0));
    if let Some(left) = left.filter(|&left| left < i64::from(qty)) {
        let some = u32::try_from(left).ok().filter(|&left| left > 0).map(remedy);
        let choices = some.into_iter().chain([Remedy::Units(Some(qty))]);
        return choose(ctx, case.id, choices.collect());
    }
    let instead = ctx.order(sent.about.order)?.clone();
    let order = replacement::place(ctx, &instead, &line, sent.variant, qty);
    let line = Line { variant: sent.variant, price: Money::ZERO, ..line };
    let goods = Box::new(views::units(ctx.shop, &line, qty));
    let outcome = CaseOutcome::Sent { order, goods, exchanged: sent.to.is_some() };
    let state = if sent.to.is_some() { CaseState::Exchanged } else { CaseState::Replaced };
    settle(ctx, case, state, outcome)
}

fn choose(ctx: &mut Ctx<'_>, case: CaseId, remedies: Vec<Remedy>) -> Decided {
    let choice = |remedy| Intent::Lead(LeaderIntent::Service(Lead::AnswerCase { case, remedy }));
    let question = Question::of(Why::Remedy, remedies.into_iter().map(choice).collect());
    let views = question.choices.iter().map(|it| views::choice(ctx.shop, it)).collect();
    let name = Some(format!("{}{case}", service::case::LETTER));
    let reply = Reply::Asked { why: question.why, choices: views, name, unit: None };
    ask::put(ctx, &question, &Understood::bare(Intent::Ask(question.clone())), reply)
}

/// The one kind of the goods of a line that the words name.
fn kind(ctx: &Ctx<'_>, line: &Line, to: &str) -> Decided<Option<u16>> {
    let offer = ctx.offer(line.offer)?;
    let parts = parts_of(to);
    let fits = |(at, kind): (usize, &String)| {
        let own = parts_of(kind);
        let all = !parts.is_empty() && parts.iter().all(|part| own.contains(part));
        (all || name_key(kind) == name_key(to)).then(|| u16::try_from(at).ok()).flatten()
    };
    let fitting: Vec<u16> = offer.detail.variants.iter().enumerate().filter_map(fits).collect();
    match (&fitting[..], line.variant) {
        (&[only], _) => Ok(Some(only)),
        // 换 M: of the same color, where only the size is said.
        (several, Some(own)) if !several.is_empty() => {
            nearest(offer, own, several).map(Some).ok_or_else(|| no_kind(offer))
        }
        _ => Err(no_kind(offer)),
    }
}

fn no_kind(offer: &Offer) -> crate::book::ctx::Stop {
    let (name, kinds) = (offer.detail.name.clone(), offer.detail.variants.clone());
    Refusal::Service(service::Refusal::NoSuchKind { name, kinds }).into()
}

/// Of several kinds the one that has most in common with the kind that somebody has.
fn nearest(offer: &Offer, own: u16, several: &[u16]) -> Option<u16> {
    let parts = |at: u16| offer.detail.variants.get(usize::from(at)).map(|kind| parts_of(kind));
    let own = parts(own)?;
    let common = |at: u16| {
        parts(at).map_or(0, |parts| parts.iter().filter(|part| own.contains(*part)).count())
    };
    let most = several.iter().map(|&at| common(at)).max()?;
    let mut best = several.iter().copied().filter(|&at| common(at) == most);
    best.next().filter(|_| most > 0 && best.next().is_none())
}

fn parts_of(kind: &str) -> Vec<String> {
    let parts = kind.split(|c: char| c.is_whitespace() || "/／,，、-".contains(c));
    parts.map(name_key).filter(|part| !part.is_empty()).collect()
}

fn decline(ctx: &mut Ctx<'_>, case: &ServiceCase, reason: Option<&str>) -> Decided {
    let reason = reason.map(str::to_owned);
    if let Some(row) = ctx.shop.cases.edit(case.id) {
        row.private.reason.clone_from(&reason);
    }
    settle(ctx, case, CaseState::Declined, CaseOutcome::Declined { reason })
}

/// The case is over, and both hear it.
fn settle(
    ctx: &mut Ctx<'_>,
    case: &ServiceCase,
    state: CaseState,
    outcome: CaseOutcome,
) -> Decided {
    let member = ctx.member_row(case.member)?.name.clone();
    let goods = case.about.and_then(|about| line_of(ctx, about));
    let goods = goods.map(|line| (line.offer, line.variant));
    let goods =
        goods.map_or_else(String::new, |(offer, variant)| views::name_of(ctx.shop, offer, variant));
    end(ctx, case.id, state, ctx.at);
    if let Some(speaker) = ctx.speaker {
        ask::clear(ctx, speaker);
    }
    let told = service::Reply::CaseAnswered { case: case.id, goods, outcome: outcome.clone() };
    ctx.tell(case.member, Reply::Service(told));
    ctx.say(Reply::Service(service::Reply::CaseDone { case: case.id, member, outcome }));
    ctx.record("answer_case", case.about.map(|about| about.order), None);
    Ok(())
}
