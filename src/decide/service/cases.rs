//! Cases (售后单): a complaint or a wish to return becomes one, for the line of an order that it is about. Where several
//! may be meant, it is asked once which; the case is there all the same, so that nothing that was said is lost. More
//! words of the member join it while it is open.

use chrono::Duration;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Missing, Need, Shop};
use crate::decide::ask;
use crate::decide::views;
use crate::domain::event::{Body, Contact, Timer};
use crate::domain::ids::{AccountId, CaseId, MemberId};
use crate::domain::intent::{Intent, MAX_CHOICES, Question, Understood, Why};
use crate::domain::message::{AttachmentKind, HeardMessage};
use crate::domain::name::name_key;
use crate::domain::orders::{Line, Order};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::service::{
    self, CaseLine, CasePrivate, CaseState, ComplaintKind, ServiceCase, case::ANSWERED_WITHIN,
};
use crate::domain::time::Timestamp;

use super::{feedback, listed};

/// Goods that were paid longer ago are complained of to the leader, without a case.
const LATELY: Duration = Duration::days(60);
/// For so long after a complaint pictures without words belong to it.
const SHOWN_WITHIN: Duration = Duration::hours(1);

/// What was said, and shown.
pub(super) struct HeardComplaint {
    pub(super) words: String,
    pub(super) pictures: Vec<String>,
}

/// The words and pictures of a message.
pub(super) fn heard(body: &Body) -> HeardComplaint {
    match body {
        Body::Said { message, .. } => {
            let pictures = message.attachments.iter();
            let pictures = pictures.filter(|it| it.kind == AttachmentKind::Picture);
            HeardComplaint {
                words: message.text.clone(),
                pictures: pictures.map(|it| it.id.clone()).collect(),
            }
        }
        Body::Retried { body, .. } => heard(body),
        _ => HeardComplaint { words: String::new(), pictures: Vec::new() },
    }
}

/// Make sure that all open cases are here.
///
/// # Errors
/// [`Missing`].
pub(in crate::decide) fn require_open(ctx: &Ctx<'_>) -> Decided {
    if ctx.shop.known.cases { Ok(()) } else { Err(Missing(Need::Cases).into()) }
}

/// A member complains, or wants to return something.
///
/// # Errors
/// [`Refusal::Service`] `NothingToReturn` for who wants to return what is not paid; [`Missing`]; nobody speaks.
pub fn complain(ctx: &mut Ctx<'_>, how: ComplaintKind, body: &Body) -> Decided {
    let member = ctx.member()?;
    ctx.require_orders_of(member)?;
    require_open(ctx)?;
    let said = heard(body);
    let lines = lines_of(ctx, member);
    let named = named(ctx, &lines, &said.words);
    if let Some(case) = joined(ctx, member, &named) {
        join(ctx, case, &named, &said);
        return Ok(());
    }
    let lines = if named.is_empty() { there(ctx, lines) } else { named };
    match lines[..] {
        [] => without_order(ctx, member, how, body),
        [about] => {
            let case = open(ctx, member, Some(about), &said);
            confirm(ctx, case, about);
            Ok(())
        }
        _ => {
            let case = open(ctx, member, None, &said);
            ask_which(ctx, case, &lines)
        }
    }
}

/// What somebody bought and may complain of, the last first: each kind of goods once, where it was paid for.
fn lines_of(ctx: &Ctx<'_>, member: MemberId) -> Vec<CaseLine> {
    let since = ctx.at - LATELY;
    let is_lately = |order: &&Order| order.is_paid() && order.paid_at.is_some_and(|at| at > since);
    let mut orders: Vec<_> = ctx.shop.orders.of(member).filter(is_lately).collect();
    orders.sort_by_key(|order| std::cmp::Reverse(order.id));
    let mut lines: Vec<(&Line, CaseLine)> = Vec::new();
    for order in orders {
        for (at, line) in order.lines.iter().enumerate().filter(|(_, line)| line.live_qty() > 0) {
            let Ok(at) = u16::try_from(at) else { continue };
            let about = CaseLine { order: order.id, line: at };
            let is_same = |(other, _): &&mut (&Line, CaseLine)| {
                (other.offer, other.variant) == (line.offer, line.variant)
            };
            match lines.iter_mut().find(is_same) {
                // What was sent again costs nothing.
                Some(known) if known.0.price.is_zero() => *known = (line, about),
                Some(_) => {}
                None => lines.push((line, about)),
            }
        }
    }
    lines.into_iter().map(|(_, about)| about).collect()
}

/// Those whose goods are named in the words.
fn named(ctx: &Ctx<'_>, lines: &[CaseLine], words: &str) -> Vec<CaseLine> {
    let words = name_key(words);
    let is_named = |about: &&CaseLine| {
        let offer = line_of(ctx, **about).and_then(|line| ctx.shop.offers.get(line.offer));
        offer.is_some_and(|offer| {
            let names = [&offer.detail.name].into_iter().chain(&offer.detail.aliases);
            let mut keys = names.map(|name| name_key(name)).filter(|key| !key.is_empty());
            keys.any(|key| words.contains(&key))
        })
    };
    lines.iter().filter(is_named).copied().collect()
}

/// Of these, what can be there by now; where nothing can, all.
fn there(ctx: &Ctx<'_>, lines: Vec<CaseLine>) -> Vec<CaseLine> {
    let zone = ctx.shop.community.time_zone;
    let is_there = |about: &CaseLine| {
        ctx.shop.orders.get(about.order).is_some_and(|order| {
            order.received_at.is_some()
                || order.may_be_there(&|id| ctx.shop.offers.get(id), ctx.at, zone)
        })
    };
    let here: Vec<_> = lines.iter().copied().filter(is_there).collect();
    if here.is_empty() { lines } else { here }
}

/// The line that a case is about.
pub(super) fn line_of<'s>(ctx: &'s Ctx<'_>, about: CaseLine) -> Option<&'s Line> {
    ctx.shop.orders.get(about.order)?.lines.get(usize::from(about.line))
}

/// The open case of a member that more words belong to: the last, unless they name other goods.
fn joined(ctx: &Ctx<'_>, member: MemberId, named: &[CaseLine]) -> Option<CaseId> {
    let fits = |case: &&ServiceCase| {
        let is_of = |about: CaseLine| named.is_empty() || named.contains(&about);
        case.is_open() && case.about.is_none_or(is_of)
    };
    ctx.shop.cases.of(member).filter(fits).map(|case| case.id).max()
}

fn join(ctx: &mut Ctx<'_>, id: CaseId, named: &[CaseLine], said: &HeardComplaint) {
    let known = ctx.shop.cases.get(id).cloned();
    if let Some(case) = ctx.shop.cases.edit(id) {
        case.keep(&said.words, &said.pictures);
        if let (None, &[only]) = (case.about, named) {
            case.about = Some(only);
        }
    }
    ctx.record("join_case", None, None);
    ctx.say(Reply::Service(service::Reply::CaseJoined { case: id }));
    // The same words again are no news.
    if known.as_ref() != ctx.shop.cases.get(id) {
        tell(ctx, id, true);
    }
}

/// Whether a message is a picture and nothing else, where it may be of what somebody complained of.
#[must_use]
pub fn may_show(shop: &Shop, message: &HeardMessage) -> bool {
    let is_picture = message.attachments.iter().any(|it| it.kind == AttachmentKind::Picture);
    is_picture && message.text.trim().is_empty() && shop.community.last_case > CaseId(0)
}

/// A picture without words, soon after a complaint of the same member, belongs to it. Any other is nothing.
///
/// # Errors
/// [`Missing`].
pub fn shown(
    ctx: &mut Ctx<'_>,
    account: AccountId,
    from: &Contact,
    message: &HeardMessage,
) -> Decided {
    if !may_show(ctx.shop, message) {
        return Ok(());
    }
    require_open(ctx)?;
    let Some(member) = ctx.shop.member_by_key(account, &from.key)? else { return Ok(()) };
    let since = ctx.at - SHOWN_WITHIN;
    let is_fresh = |case: &&ServiceCase| case.is_open() && case.opened_at > since;
    let Some(id) = ctx.shop.cases.of(member).filter(is_fresh).map(|case| case.id).max() else {
        return Ok(());
    };
    ctx.speaker = Some(member);
    let pictures = message.attachments.iter();
    let pictures = pictures.filter(|it| it.kind == AttachmentKind::Picture);
    let pictures = pictures.map(|it| it.id.clone()).collect();
    join(ctx, id, &[], &HeardComplaint { words: String::new(), pictures });
    Ok(())
}

/// Complaints of somebody who has bought nothing lately go to the leader as they are.
fn without_order(ctx: &mut Ctx<'_>, member: MemberId, how: ComplaintKind, body: &Body) -> Decided {
    let unpaid = ctx.shop.orders.of(member).find(|order| order.is_unpaid()).map(|order| order.id);
    match (how, unpaid) {
        (ComplaintKind::Vague, _) => Ok(()),
        (ComplaintKind::Return, Some(order)) => {
            Err(Refusal::Service(service::Refusal::NothingToReturn { order }).into())
        }
        _ => feedback(ctx, body),
    }
}

/// Open a case, tell the leaders, and see to it that they are reminded.
fn open(
    ctx: &mut Ctx<'_>,
    member: MemberId,
    about: Option<CaseLine>,
    said: &HeardComplaint,
) -> CaseId {
    let id = ctx.shop.community.next_case();
    let mut case = ServiceCase {
        id,
        member,
        about,
        state: CaseState::Open,
        opened_at: ctx.at,
        ended_at: None,
        private: CasePrivate::default(),
    };
    case.keep(&said.words, &said.pictures);
    ctx.shop.cases.add(id, case);
    ctx.wake(listed::reminded_at(ctx, ctx.at + ANSWERED_WITHIN), Timer::Cases);
    ctx.record("open_case", about.map(|it| it.order), None);
    tell(ctx, id, false);
    id
}

fn tell(ctx: &mut Ctx<'_>, id: CaseId, more: bool) {
    if let Some(case) = ctx.shop.cases.get(id) {
        let case = Box::new(listed::view(ctx, case));
        ctx.tell_leaders(&Reply::Service(service::Reply::CaseForLeader { case, more }));
    }
}

fn confirm(ctx: &mut Ctx<'_>, id: CaseId, about: CaseLine) {
    let pictures = ctx.shop.cases.get(id).map_or(0, |case| case.private.pictures.len());
    let goods = line_of(ctx, about).map(|line| (line.offer, line.variant));
    let goods =
        goods.map_or_else(String::new, |(offer, variant)| views::name_of(ctx.shop, offer, variant));
    ctx.say(Reply::Service(service::Reply::CaseOpened {
        case: id,
        goods,
        order: about.order,
        has_picture: pictures > 0,
    }));
}

fn ask_which(ctx: &mut Ctx<'_>, case: CaseId, lines: &[CaseLine]) -> Decided {
    let choice = |&about: &CaseLine| Intent::Service(service::Intent::CaseAbout { case, about });
    let choices: Vec<_> = lines.iter().take(MAX_CHOICES).map(choice).collect();
    let question = Question::of(Why::WhichBought, choices);
    let views = question.choices.iter().map(|it| views::choice(ctx.shop, it)).collect();
    let name = Some(format!("{}{case}", service::case::LETTER));
    let reply = Reply::Asked { why: question.why, choices: views, name, unit: None };
    ask::put(ctx, &question, &Understood::bare(Intent::Ask(question.clone())), reply)
}

/// The speaker says which goods their case is about.
///
/// # Errors
/// Refusals in this order: no such case of theirs, one that is over; [`Missing`].
pub fn is_about(ctx: &mut Ctx<'_>, id: CaseId, about: CaseLine) -> Decided {
    let member = ctx.member()?;
    require_open(ctx)?;
    ctx.order(about.order)?;
    let case = ctx.case(id)?;
    if case.member != member {
        return Err(Refusal::Service(service::Refusal::NoSuchCase { case: id }).into());
    }
    if !case.is_open() {
        let state = case.state;
        return Err(Refusal::Service(service::Refusal::CaseOver { case: id, state }).into());
    }
    if let Some(case) = ctx.shop.cases.edit(id) {
        case.about = Some(about);
    }
    ask::clear(ctx, member);
    ctx.record("case_about", Some(about.order), None);
    confirm(ctx, id, about);
    tell(ctx, id, true);
    Ok(())
}

/// The speaker lets an open case go. Who has none has said it of something else.
///
/// # Errors
/// [`Missing`].
pub fn let_go(ctx: &mut Ctx<'_>, id: Option<CaseId>) -> Decided {
    let Some(member) = ctx.speaker else { return Ok(()) };
    require_open(ctx)?;
    let open = ctx.shop.cases.of(member).filter(|case| case.is_open());
    let open: Vec<CaseId> =
        open.map(|case| case.id).filter(|&it| id.is_none_or(|id| it == id)).collect();
    let case = match open[..] {
        [] => return Ok(()),
        [only] => only,
        _ => {
            let choice =
                |&id: &CaseId| Intent::Service(service::Intent::DropCase { case: Some(id) });
            let choices = open.iter().take(MAX_CHOICES).map(choice).collect();
            let question = Question::of(Why::WhichBought, choices);
            return ask::ask(ctx, &question, &Understood::bare(Intent::Ask(question.clone())));
        }
    };
    let name = ctx.member_row(member)?.name.clone();
    end(ctx, case, CaseState::Withdrawn, ctx.at);
    ask::clear(ctx, member);
    ctx.record("drop_case", None, None);
    ctx.say(Reply::Service(service::Reply::CaseDropped { case }));
    ctx.tell_leaders(&Reply::Service(service::Reply::CaseLetGo { case, member: name }));
    Ok(())
}

/// A case is over.
pub(super) fn end(ctx: &mut Ctx<'_>, id: CaseId, state: CaseState, at: Timestamp) {
    if let Some(case) = ctx.shop.cases.edit(id) {
        (case.state, case.ended_at) = (state, Some(at));
    }
}
