//! Reading a message at a shop, and foreseeing what deciding on it will need.
//!
//! The engine reads every message of a batch once with the book as it stands, loads for all of them
//! together, and hands each reading to `decide`. If an earlier event of the batch changed the scene,
//! the message is read again there.

use std::borrow::Cow;
use std::sync::Arc;

use crate::book::need::Report;
use crate::book::{Missing, Need, Needs, Shop};
use crate::domain::chain::ChainLine;
use crate::domain::event::{Body, Contact, Event, Timer};
use crate::domain::ids::MemberId;
use crate::domain::intent::{
    ChainEntry, HeldLine, Intent, LeaderIntent, Question, Role, Selection, Understood,
};
use crate::domain::member::Pending;
use crate::domain::message::{HeardMessage, Mention, Mentioned};
use crate::domain::name::name_key;
use crate::domain::person::Person;
use crate::domain::time::{Timestamp, local_midnight_after};
use crate::understand::native::{NativeEntry, read_native};
use crate::understand::{Lexicon, Scene, may_concern, understand};

/// A message as read against one scene.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What it means.
    pub understood: Understood,
    scene: Seen,
}

/// The scene it was read against.
#[derive(Clone, Debug)]
struct Seen {
    lexicon: Arc<Lexicon>,
    question: Option<Question>,
    mine: Vec<HeldLine>,
    role: Role,
    /// Whom the message mentions, or calls.
    mentions: Vec<Mention>,
}

impl Seen {
    fn scene(&self) -> Scene<'_> {
        Scene {
            lexicon: &self.lexicon,
            question: self.question.as_ref(),
            mine: &self.mine,
            role: self.role,
            mentions: &self.mentions,
            lately: &[],
        }
    }

    fn is_still(&self, now: &Self) -> bool {
        (Arc::ptr_eq(&self.lexicon, &now.lexicon) || self.lexicon.same_words(&now.lexicon))
            && self.question == now.question
            && self.mine == now.mine
            && self.role == now.role
            && self.mentions == now.mentions
    }
}

/// Read a message or a native chain; `None` for anything else, and for idle talk.
///
/// # Errors
/// [`Missing`] if the speaker has not been looked up.
pub fn read(shop: &mut Shop, event: &Event) -> Result<Option<Reading>, Missing> {
    renew(shop, event, None)
}

/// The same, keeping an earlier reading where the scene has not changed since.
///
/// # Errors
/// [`Missing`] if the speaker has not been looked up.
pub fn renew(
    shop: &mut Shop,
    event: &Event,
    earlier: Option<Reading>,
) -> Result<Option<Reading>, Missing> {
    if let Body::Chain { title, lines, .. } = &event.body {
        return read_chain(shop, event, title, lines);
    }
    let Body::Said { from, message, .. } = &event.body else { return Ok(None) };
    let message = &*called(shop, message)?;
    let text = &*message.marked();
    let lexicon = shop.lexicon();
    let speaker = shop.member_by_key(event.account, &from.key)?;
    let pending = speaker.and_then(|id| open_question(shop, id, event.at)).cloned();
    let mut half = None;
    let role = role(shop, event, speaker);
    if earlier.is_some() || pending.is_some() || may_concern(text, &lexicon, role) {
        let seen = look(shop, event, (speaker, pending.as_ref(), lexicon), &message.mentions);
        if let Some(earlier) = earlier.filter(|earlier| earlier.scene.is_still(&seen)) {
            return Ok(Some(earlier));
        }
        let mut understood = understand(text, &seen.scene());
        keep_circumstances(&mut understood, pending.as_ref());
        let reading = Reading { understood, scene: seen };
        match reading.understood.intent {
            Intent::Silent => {}
            // 退款 #12 A1 and A1 x2 may be about an offer that is closed.
            // So may 取消 葡萄, which reads like a name.
            Intent::Lead(LeaderIntent::HalfSaid(_) | LeaderIntent::ByName { .. }) => {
                half = Some(reading);
            }
            Intent::Ask(ref question) if !question.is_answerable() => half = Some(reading),
            _ => return Ok(Some(reading)),
        }
    }
    Ok(about_closed(shop, event, message, speaker).or(half))
}

/// Read a native chain. It is read anew each time: whom its authors are known by may have changed, and
/// nothing may depend on where a batch ended.
fn read_chain(
    shop: &mut Shop,
    event: &Event,
    title: &str,
    lines: &[ChainLine],
) -> Result<Option<Reading>, Missing> {
    let lexicon = shop.lexicon();
    let mut entries = Vec::with_capacity(lines.len());
    for line in lines {
        let author = line.author.as_deref();
        let member = author.map(|author| shop.member_by_key(event.account, author)).transpose()?;
        let row = member.flatten().and_then(|id| shop.members.get(id));
        let name = row.map_or("", |row| row.name.as_str());
        entries.push(NativeEntry { author, name, text: &line.text });
    }
    let entries = read_native(title, &entries, &lexicon);
    if entries.iter().all(|entry| entry.lines.is_empty()) {
        return Ok(None);
    }
    let intent = Intent::JoinList(entries);
    let scene = look(shop, event, (None, None, lexicon), &[]);
    Ok(Some(Reading { understood: Understood::bare(intent), scene }))
}

/// What says nothing about the open offers may be about those that closed lately: a refund by code, or
/// an order that comes too late and is told so.
fn about_closed(
    shop: &mut Shop,
    event: &Event,
    message: &HeardMessage,
    speaker: Option<MemberId>,
) -> Option<Reading> {
    let lexicon = shop.closed_lexicon(event.at);
    let lately = about(shop, event, message, (speaker, lexicon));
    lately.or_else(|| {
        let role = speaker.and_then(|id| shop.members.get(id)).map(|member| member.role);
        if role.is_none_or(|role| role < Role::Leader) {
            return None;
        }
        let lexicon = shop.old_lexicon(event.at);
        let long_ago = about(shop, event, message, (speaker, lexicon))?;
        let is_refund = |it: &Intent| matches!(it, Intent::Lead(LeaderIntent::Refund { .. }));
        is_refund(&long_ago.understood.intent).then_some(long_ago)
    })
}

/// What a message says about the goods of this lexicon.
fn about(
    shop: &Shop,
    event: &Event,
    message: &HeardMessage,
    (speaker, lexicon): (Option<MemberId>, Arc<Lexicon>),
) -> Option<Reading> {
    let text = &*message.marked();
    let role = role(shop, event, speaker);
    if lexicon.offers().is_empty() || !may_concern(text, &lexicon, role) {
        return None;
    }
    let scene = look(shop, event, (speaker, None, lexicon), &message.mentions);
    let understood = understand(text, &scene.scene());
    let is_about_goods = match &understood.intent {
        Intent::Order(lines) | Intent::Amend(lines) | Intent::Cancel(lines) => !lines.is_empty(),
        Intent::Lead(lead) => matches!(lead, LeaderIntent::Refund { .. } | LeaderIntent::Close(_)),
        _ => false,
    };
    is_about_goods.then_some(Reading { understood, scene })
}

fn look(
    shop: &Shop,
    event: &Event,
    (speaker, pending, lexicon): (Option<MemberId>, Option<&Pending>, Arc<Lexicon>),
    mentions: &[Mention],
) -> Seen {
    Seen {
        lexicon,
        question: pending.map(|pending| pending.question.clone()),
        mine: speaker.map(|id| shop.held(id)).unwrap_or_default(),
        role: role(shop, event, speaker),
        mentions: mentions.to_vec(),
    }
}

/// What the speaker may do here.
fn role(shop: &Shop, event: &Event, speaker: Option<MemberId>) -> Role {
    let row = speaker.and_then(|id| shop.members.get(id));
    row.map_or(Role::Member, |member| member.role).max(event.body.role())
}

/// A message with the people who were not mentioned but called: `@` and one whole name of the group, typed. The
/// longest name counts, and nothing of it is read; where several look like it, only a question can tell who is
/// meant.
fn called<'m>(shop: &Shop, message: &'m HeardMessage) -> Result<Cow<'m, HeardMessage>, Missing> {
    if !message.text.contains(['@', '＠']) {
        return Ok(Cow::Borrowed(message));
    }
    let mut more = Vec::new();
    for places in message.typed_calls() {
        for place in places {
            let name = message.called(&place).to_owned();
            let key = name_key(&name);
            let bearers = shop.known.names.get(&key).ok_or(Missing(Need::Name(key)))?;
            let mut bearers = bearers.iter().filter_map(|&id| shop.members.get(id));
            let Some(first) = bearers.next() else { continue };
            let who = match bearers.next() {
                None => Contact { key: first.key.clone(), name: first.name.clone() },
                Some(_) => Contact { key: String::new(), name },
            };
            more.push(Mention::at(place, Mentioned::Person(who)));
            break;
        }
    }
    Ok(if more.is_empty() { Cow::Borrowed(message) } else { Cow::Owned(message.mentioning(more)) })
}

fn open_question(shop: &Shop, speaker: MemberId, at: Timestamp) -> Option<&Pending> {
    let pending = shop.members.get(speaker)?.question.as_ref()?;
    (at < pending.until).then_some(pending)
}

/// The answer to a question keeps whom the order was for, and its remark.
fn keep_circumstances(understood: &mut Understood, pending: Option<&Pending>) {
    let Some(pending) = pending else { return };
    let answered = matches!(understood.intent, Intent::Order(_) | Intent::Amend(_));
    if answered && understood.for_whom.is_none() && understood.note.is_none() {
        understood.for_whom.clone_from(&pending.for_whom);
        understood.note.clone_from(&pending.note);
    }
}

/// Everybody an event names, before anything is known: the first thing to load.
#[must_use]
pub fn people_of(event: &Event) -> Needs {
    let mut needs = Needs::new();
    let mut add = |person: &Contact| {
        needs.insert(Need::Person(event.account, person.key.clone()));
    };
    match &event.body {
        Body::Said { from, message, .. } => {
            add(from);
            message.people().for_each(|person| add(&person));
            let calls = message.typed_calls().into_iter().flatten();
            needs.extend(calls.map(|place| Need::Name(name_key(message.called(&place)))));
        }
        Body::Chain { from, lines, .. } => {
            add(from);
            let authors = lines.iter().filter_map(|line| line.author.clone());
            needs.extend(authors.map(|author| Need::Person(event.account, author)));
        }
        Body::Joined { members, inviter, .. } => {
            members.iter().chain(inviter).for_each(&mut add);
            needs.extend(members.iter().map(|person| Need::Name(name_key(&person.name))));
        }
        Body::JoinedByLink { members, code } => {
            members.iter().for_each(&mut add);
            needs.extend(members.iter().map(|person| Need::Name(name_key(&person.name))));
            needs.insert(Need::Code(code.clone()));
        }
        Body::Linked { account, by, members, .. } => {
            let key = |person: &Contact| Need::Person(*account, person.key.clone());
            return members.iter().chain([by]).map(key).collect();
        }
        Body::Retried { body, .. } => {
            return people_of(&Event { body: (**body).clone(), ..event.clone() });
        }
        other => {
            if let Some(from) = other.from() {
                add(from);
            }
        }
    }
    needs
}

/// What deciding on this event will need, as far as can be told before.
#[must_use]
pub fn foresee(shop: &Shop, event: &Event, reading: Option<&Reading>) -> Needs {
    let speaker = event.body.from().and_then(|from| {
        shop.known.keys.get(&(event.account, from.key.clone())).copied().flatten()
    });
    match (&event.body, reading) {
        (Body::Said { .. } | Body::Chain { .. }, Some(reading)) => {
            intent_needs(shop, event, speaker, &reading.understood.intent)
        }
        (Body::Ordered { intent, .. }, _) => intent_needs(shop, event, None, intent),
        (Body::Due(timer), _) => timer_needs(shop, timer, event.at),
        _ => Needs::new(),
    }
}

fn timer_needs(shop: &Shop, timer: &Timer, at: Timestamp) -> Needs {
    let needs: &[Need] = match timer {
        Timer::Close | Timer::Drop { .. } => return super::offers::due_needs(shop, at),
        Timer::Warn | Timer::Release => &[Need::Unpaid],
        Timer::Receive => &[Need::Shipped],
        Timer::Settle => &[Need::Due(at)],
        Timer::Expire => {
            return super::expiry::report(shop, at).map(Need::Report).into_iter().collect();
        }
    };
    needs.iter().cloned().collect()
}

fn intent_needs(shop: &Shop, event: &Event, speaker: Option<MemberId>, intent: &Intent) -> Needs {
    let mine = |need: fn(MemberId) -> Need| speaker.map(need).into_iter().collect::<Needs>();
    match intent {
        Intent::Order(_) | Intent::Amend(_) => {
            mine(Need::OrdersOf).into_iter().chain(spend(shop, event, speaker)).collect()
        }
        Intent::Cancel(_) | Intent::Ask(_) => mine(Need::OrdersOf),
        Intent::JoinList(entries) => chain_needs(shop, event, speaker, entries),
        Intent::SpendPoints { .. } => {
            mine(Need::OrdersOf).into_iter().chain(mine(Need::Balances)).collect()
        }
        Intent::CancelOrders(orders) => orders.iter().copied().map(Need::Order).collect(),
        Intent::Received(orders) => mine(Need::OrdersOf)
            .into_iter()
            .chain(orders.iter().copied().map(Need::Order))
            .collect(),
        Intent::Points => {
            mine(Need::Balances).into_iter().chain(spend(shop, event, speaker)).collect()
        }
        Intent::CheckIn | Intent::Balance | Intent::Withdraw { .. } => mine(Need::Balances),
        Intent::Statement => mine(|id| Need::Report(Report::Statement(id))),
        Intent::MyOrders => mine(|id| Need::Report(Report::Recent(id))),
        Intent::Invite => mine(|id| Need::Report(Report::Brought(id))),
        Intent::UseInvite { code } => [Need::Code(code.clone())].into(),
        Intent::ClaimInviter { name } => [person_need(event, name)].into(),
        Intent::AnswerClaim { name, .. } => {
            name.iter().map(|name| person_need(event, name)).collect()
        }
        Intent::Undo(_) => mine(|id| Need::Report(Report::Effects(id))),
        Intent::Lead(lead) => leader_needs(shop, event, lead),
        Intent::Operate(ordered) => super::operate::needs(shop, ordered),
        Intent::Silent
        | Intent::Menu
        | Intent::Help
        | Intent::Share
        | Intent::Feedback
        | Intent::SetPayee(_)
        | Intent::AgreePayee(_)
        | Intent::Unread(_)
        | Intent::SetAddress(_)
        | Intent::SetPickup(_)
        | Intent::Query(_)
        | Intent::Link { .. } => Needs::new(),
    }
}

/// What the speaker's tier follows from.
fn spend(shop: &Shop, event: &Event, speaker: Option<MemberId>) -> Option<Need> {
    super::tiers::need(shop, [speaker?].into(), event.at)
}

fn chain_needs(
    shop: &Shop,
    event: &Event,
    speaker: Option<MemberId>,
    entries: &[ChainEntry],
) -> Needs {
    let needs = super::chain::needs(shop, event.account, entries);
    let own = speaker.map(Need::OrdersOf).into_iter().chain(spend(shop, event, speaker));
    needs.into_iter().chain(own).collect()
}

/// What finding a person takes. Whoever is mentioned was loaded with the message.
fn person_need(event: &Event, person: &Person) -> Need {
    match person {
        Person::Mentioned(contact) => Need::Person(event.account, contact.key.clone()),
        Person::Named(name) => Need::Name(name_key(name)),
    }
}

fn leader_needs(shop: &Shop, event: &Event, lead: &LeaderIntent) -> Needs {
    match lead {
        LeaderIntent::Paid { of, .. }
        | LeaderIntent::Ship { of, .. }
        | LeaderIntent::Delivered(of)
        | LeaderIntent::CancelOf(of) => match of {
            Selection::Orders(orders) => orders.iter().copied().map(Need::Order).collect(),
            Selection::Members(people) => {
                people.iter().map(|person| person_need(event, person)).collect()
            }
            Selection::All => [everybodys(lead)].into(),
        },
        LeaderIntent::PaidNumber { orders, order, .. } => {
            orders.iter().chain([order]).copied().map(Need::Order).collect()
        }
        LeaderIntent::Refund { order, .. } => [Need::Order(*order)].into(),
        LeaderIntent::ByName { act, .. } => leader_needs(shop, event, act),
        LeaderIntent::Close(offers) => super::offers::stop_needs(shop, offers),
        LeaderIntent::Unpaid => [Need::Unpaid].into(),
        LeaderIntent::Today => [Need::Report(figures_report(shop, event.at))].into(),
        LeaderIntent::Unattributed => [Need::Report(Report::Unattributed)].into(),
        LeaderIntent::Promoters => [Need::Report(Report::Promoters)].into(),
        LeaderIntent::Review { .. } => [Need::Review].into(),
        LeaderIntent::Request { member, .. } if super::operate::member_exists(shop, *member) => {
            [Need::Member(*member), Need::OrdersOf(*member)].into()
        }
        LeaderIntent::ApproveShare(name)
        | LeaderIntent::Leader { name, .. }
        | LeaderIntent::Promoter { name, .. } => [person_need(event, name)].into(),
        LeaderIntent::PickList => [Need::Unpaid, Need::ToShip].into(),
        LeaderIntent::List { .. }
        | LeaderIntent::Price { .. }
        | LeaderIntent::Stock { .. }
        | LeaderIntent::SetStock { .. }
        | LeaderIntent::Request { .. }
        | LeaderIntent::HalfSaid(_)
        | LeaderIntent::Unread(_) => Needs::new(),
    }
}

/// The orders that 全部 means: those that are ready for what is to be done.
fn everybodys(lead: &LeaderIntent) -> Need {
    match lead {
        LeaderIntent::Ship { .. } => Need::ToShip,
        LeaderIntent::Delivered(_) => Need::Shipped,
        _ => Need::Unpaid,
    }
}

/// Today and yesterday begin at the community's own midnight.
#[must_use]
pub fn figures_report(shop: &Shop, at: Timestamp) -> Report {
    let zone = shop.community.time_zone;
    let today = local_midnight_after(at, 0, zone);
    Report::Figures {
        today,
        yesterday: local_midnight_after(today - chrono::Duration::hours(12), 0, zone),
    }
}
