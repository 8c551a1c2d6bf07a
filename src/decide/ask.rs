//! Asking back (反问): one open question to a member, its choices in words.
//!
//! The question waits on the member's row until it is answered, replaced or too old; understanding
//! reads the answer against it. Nothing is ordered by asking.

use chrono::Duration;

use crate::book::Shop;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::event::Contact;
use crate::domain::ids::{AccountId, MemberId, OfferId, fingerprint};
use crate::domain::intent::{
    Intent, LeaderIntent, Op, Question, Role, Understood, WantedLine, Why,
};
use crate::domain::message::HeardMessage;
use crate::domain::people::Pending;
use crate::domain::person::Person;
use crate::domain::reply::{ChoiceView, Reply};
use crate::domain::{catalog, orders};

use crate::decide::views;
use crate::understand::lately::spoken_of;

/// Ask the speaker, and keep the question. A newer question replaces an older one.
///
/// # Errors
/// Missing facts; nobody to ask.
pub fn ask(ctx: &mut Ctx<'_>, question: &Question, said: &Understood) -> Decided {
    let reply = words(ctx.shop, question);
    put(ctx, question, said, reply)
}

/// The same in these words.
///
/// # Errors
/// Missing facts; nobody to ask.
pub fn put(ctx: &mut Ctx<'_>, question: &Question, said: &Understood, reply: Reply) -> Decided {
    let member = ctx.member()?;
    ctx.member_row(member)?;
    let pending = question
        .is_answerable()
        .then(|| waiting(ctx, question, said.for_whom.clone(), said.note.clone()));
    if let Some(row) = ctx.shop.members.edit(member) {
        row.question = pending;
    }
    ctx.record("ask", None, None);
    ctx.say(reply);
    Ok(())
}

/// Whether a leader means this command, which is shown as it would be written.
///
/// # Errors
/// Missing facts.
pub(super) fn meant(ctx: &mut Ctx<'_>, act: &LeaderIntent, said: &str) -> Decided {
    let question = Question::of(Why::Confirm, vec![Intent::Lead(act.clone())]);
    let choices = vec![ChoiceView::Command { said: said.to_owned() }];
    let reply = Reply::Asked { why: question.why, choices, name: None, unit: None };
    put(ctx, &question, &Understood::bare(Intent::Ask(question.clone())), reply)
}

/// A list goes on: 更多 shows the speaker its next page. Nothing is asked.
pub fn turn(ctx: &mut Ctx<'_>, next: Intent) {
    let pending = waiting(ctx, &Question::of(Why::More, vec![next]), None, None);
    if let Some(row) = ctx.speaker.and_then(|speaker| ctx.shop.members.edit(speaker)) {
        row.question = Some(pending);
    }
}

/// The goods that a member spoke of are kept for what they say next (葡萄甜吗 … 那来两箱), unless an answer of theirs is
/// awaited.
///
/// # Errors
/// Missing facts.
pub fn remember(
    ctx: &mut Ctx<'_>,
    account: AccountId,
    from: &Contact,
    message: &HeardMessage,
) -> Decided {
    let Some(member) = ctx.shop.member_by_key(account, &from.key)? else { return Ok(()) };
    let row = ctx.member_row(member)?;
    let awaited = row.question.as_ref().filter(|it| ctx.at < it.until);
    if row.role > Role::Member || awaited.is_some_and(|it| it.question.why != Why::Spoken) {
        return Ok(());
    }
    let lexicon = ctx.shop.lexicon();
    let Some(words) = spoken_of(&message.marked(), &lexicon) else { return Ok(()) };
    let pending = waiting(ctx, &Question::of(Why::Spoken, Vec::new()), None, Some(words));
    if let Some(row) = ctx.shop.members.edit(member) {
        row.question = Some(pending);
    }
    Ok(())
}

/// Ask somebody else than the speaker, in the group. `name` is who wants it.
///
/// # Errors
/// Missing facts.
pub fn put_to(ctx: &mut Ctx<'_>, member: MemberId, question: &Question, name: &str) -> Decided {
    ctx.member_row(member)?;
    let choices = question.choices.iter().map(|choice| views::choice(ctx.shop, choice)).collect();
    let name = Some(name.to_owned());
    let pending = waiting(ctx, question, None, None);
    if let Some(row) = ctx.shop.members.edit(member) {
        row.question = Some(pending);
    }
    ctx.call(member, Reply::Asked { why: question.why, choices, name, unit: None });
    Ok(())
}

/// A question that waits for its answer.
pub(super) fn waiting(
    ctx: &Ctx<'_>,
    question: &Question,
    for_whom: Option<Person>,
    note: Option<String>,
) -> Pending {
    let minutes = i64::from(ctx.shop.policy.orders.question_minutes);
    let until = ctx.at + Duration::minutes(minutes);
    Pending { question: question.clone(), for_whom, note, until }
}

/// The question in words.
fn words(shop: &Shop, question: &Question) -> Reply {
    let offer = subject(question).and_then(|id| shop.offers.get(id));
    Reply::Asked {
        why: question.why,
        choices: question.choices.iter().map(|choice| views::choice(shop, choice)).collect(),
        name: offer.map(|offer| offer.detail.name.clone()),
        unit: offer.map(|offer| offer.detail.unit.clone()),
    }
}

/// The one offer a question is about, if it is about one.
fn subject(question: &Question) -> Option<OfferId> {
    let in_choices = question.choices.iter().flat_map(|choice| match choice {
        Intent::Orders(
            orders::Intent::Order(lines)
            | orders::Intent::Amend(lines)
            | orders::Intent::Cancel(lines),
        )
        | Intent::Lead(LeaderIntent::Orders(orders::Lead::OrderFor { lines, .. })) => {
            lines.iter().map(|line| line.offer).collect()
        }
        Intent::Lead(LeaderIntent::Catalog(
            catalog::Lead::Stock { offer, .. } | catalog::Lead::SetStock { offer, .. },
        )) => {
            vec![*offer]
        }
        _ => Vec::new(),
    });
    let mut offers = question.partial.iter().map(|line| line.offer).chain(in_choices);
    let first = offers.next()?;
    offers.all(|offer| offer == first).then_some(first)
}

/// The speaker's question is answered, or no longer matters.
pub fn clear(ctx: &mut Ctx<'_>, member: MemberId) {
    let asked = ctx.shop.members.get(member).is_some_and(|row| row.question.is_some());
    if asked && let Some(row) = ctx.shop.members.edit(member) {
        row.question = None;
    }
}

/// A message was taken back. If it ordered something that is not paid yet, ask whether to cancel
/// that; any other message may go without a word.
///
/// # Errors
/// Missing facts.
pub fn recalled(ctx: &mut Ctx<'_>, key: &str) -> Decided {
    let member = ctx.member()?;
    ctx.require_orders_of(member)?;
    let key = fingerprint(key);
    let unpaid = ctx.shop.orders.of(member).filter(|order| order.is_unpaid());
    let lines = unpaid.flat_map(|order| &order.lines);
    let lines: Vec<_> = lines
        .filter(|line| line.qty > 0 && line.message == Some(key))
        .map(|line| WantedLine {
            offer: line.offer,
            variant: line.variant,
            qty: Some(line.qty),
            op: Op::Remove,
        })
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    let choices = vec![Intent::Orders(orders::Intent::Cancel(lines))];
    let question = Question::of(Why::Cancel, choices);
    ask(ctx, &question, &Understood::bare(Intent::Ask(question.clone())))
}
