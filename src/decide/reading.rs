//! Reading a message at a shop, and foreseeing what deciding on it will need.
//!
//! The engine reads every message of a batch once with the book as it stands, loads for all of them
//! together, and hands each reading to `decide`. If an earlier event of the batch changed the scene,
//! the message is read again there.

use std::borrow::Cow;
use std::sync::Arc;

use crate::book::{Missing, Need, Needs, Shop};
use crate::decide::orders::taken;
use crate::domain::event::{Body, Contact, Event};
use crate::domain::ids::MemberId;
use crate::domain::intent::{HeldLine, Intent, LeaderIntent, Question, Role, Understood, Why};
use crate::domain::message::{HeardMessage, Mention, Mentioned};
use crate::domain::name::name_key;
use crate::domain::orders::chain::ChainLine;
use crate::domain::people::Pending;
use crate::domain::time::Timestamp;
use crate::domain::{catalog, orders, payments, reports, service, shipping};
use crate::understand::lately::{may_repeat, wants_the_same};
use crate::understand::native::{NativeEntry, read_native};
use crate::understand::{
    Lately, Lexicon, Scene, Voice, may_call_back, may_complain, may_concern, naming, understand,
};

/// A message as read against one scene.
#[derive(Clone, Debug)]
pub struct SceneReading {
    /// What it means.
    pub understood: Understood,
    scene: Seen,
    /// What has to be looked up before it can be read: who is called as a piece of a leader's sentence, and what was
    /// ordered last.
    pub lacks: Vec<Need>,
}

impl SceneReading {
    const fn of(understood: Understood, scene: Seen) -> Self {
        Self { understood, scene, lacks: Vec::new() }
    }
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
    lately: Vec<Lately>,
}

impl Seen {
    fn scene(&self) -> Scene<'_> {
        Scene {
            lexicon: &self.lexicon,
            question: self.question.as_ref(),
            mine: &self.mine,
            role: self.role,
            mentions: &self.mentions,
            lately: &self.lately,
        }
    }

    fn is_still(&self, now: &Self) -> bool {
        (Arc::ptr_eq(&self.lexicon, &now.lexicon) || self.lexicon.same_words(&now.lexicon))
            && self.question == now.question
            && self.mine == now.mine
            && self.role == now.role
            && self.mentions == now.mentions
            && self.lately == now.lately
    }
}

/// Read a message or a native chain; `None` for anything else, and for idle talk.
///
/// # Errors
/// [`Missing`] if the speaker has not been looked up.
pub fn read(shop: &mut Shop, event: &Event) -> Result<Option<SceneReading>, Missing> {
    renew(shop, event, None)
}

/// The same, keeping an earlier reading where the scene has not changed since.
///
/// # Errors
/// [`Missing`] if the speaker has not been looked up.
pub fn renew(
    shop: &mut Shop,
    event: &Event,
    earlier: Option<SceneReading>,
) -> Result<Option<SceneReading>, Missing> {
    if let Body::Chain { title, lines, .. } = &event.body {
        return read_chain(shop, event, title, lines);
    }
    let Body::Said { from, message, .. } = &event.body else { return Ok(None) };
    let message = &*called(shop, message)?;
    let speaker = shop.member_by_key(event.account, &from.key)?;
    let reading = heard(shop, event, speaker, message, earlier);
    let is_open = reading.as_ref().is_none_or(|it| naming::is_open(&it.understood));
    if is_open && role(shop, event, speaker) >= Role::Leader {
        return Ok(with_names(shop, event, speaker, message, reading));
    }
    Ok(reading)
}

/// Read a leader's sentence in which people may be named in passing. Nothing is done by a name: what comes of it is asked.
fn with_names(
    shop: &mut Shop,
    event: &Event,
    speaker: Option<MemberId>,
    message: &HeardMessage,
    reading: Option<SceneReading>,
) -> Option<SceneReading> {
    let lexicon = shop.lexicon();
    let mut pieces = naming::name_pieces(&message.text, &lexicon);
    pieces.retain(|piece| {
        let mut mentioned = message.mentions.iter().map(Mention::place);
        !mentioned.any(|place| place.start < piece.end && piece.start < place.end)
    });
    let keys: Vec<String> = pieces.iter().map(|it| name_key(&message.text[it.clone()])).collect();
    let unknown = keys.into_iter().filter(|key| !shop.known.names.contains_key(key));
    let unknown: Vec<String> = unknown.collect();
    if !unknown.is_empty() {
        let silent = || {
            let seen = look(shop, event, None, None, lexicon, &message.mentions);
            SceneReading::of(Understood::bare(Intent::Silent), seen)
        };
        let reading = reading.unwrap_or_else(silent);
        return Some(SceneReading {
            lacks: unknown.into_iter().map(Need::Name).collect(),
            ..reading
        });
    }
    let bearer = |name: &str| {
        let bearers = shop.known.names.get(&name_key(name)).filter(|it| !it.is_empty())?;
        let mut bearers = bearers.iter().filter_map(|&id| shop.members.get(id));
        Some(match (bearers.next(), bearers.next()) {
            (Some(only), None) => Contact { key: only.key.clone(), name: only.name.clone() },
            _ => Contact { key: String::new(), name: name.to_owned() },
        })
    };
    let people = naming::people(message, pieces, bearer);
    if people.is_empty() {
        return reading;
    }
    let read = heard(shop, event, speaker, &message.mentioning(people), None);
    let asked = |read: SceneReading| {
        let understood = naming::asked_by_name(read.understood, &message.text)?;
        Some(SceneReading { understood, ..read })
    };
    read.and_then(asked).or(reading)
}

/// Read a message as it is written.
fn heard(
    shop: &mut Shop,
    event: &Event,
    speaker: Option<MemberId>,
    message: &HeardMessage,
    earlier: Option<SceneReading>,
) -> Option<SceneReading> {
    let text = &*message.marked();
    let lexicon = shop.lexicon();
    // 跟李姐一样 is no answer.
    let role = role(shop, event, speaker);
    let repeats = role == Role::Member && wants_the_same(text);
    let (pending, mut lately) = waiting(shop, event, speaker.filter(|_| !repeats));
    let mut half = None;
    if role == Role::Member && pending.is_none() && lately.is_empty() && may_repeat(text, &lexicon)
    {
        match taken::lately(shop, event.at, speaker, text) {
            Ok(said) => lately.extend(said),
            Err(Missing(need)) => {
                let seen = look(shop, event, speaker, None, lexicon, &message.mentions);
                let reading = SceneReading::of(Understood::bare(Intent::Silent), seen);
                return Some(SceneReading { lacks: vec![need], ..reading });
            }
        }
    }
    let expects = pending.is_some() || !lately.is_empty();
    if earlier.is_some() || expects || may_concern(text, &lexicon, role) {
        let seen = look(shop, event, speaker, pending.as_ref(), lexicon, &message.mentions);
        let seen = Seen { lately, ..seen };
        if let Some(earlier) = earlier.filter(|earlier| earlier.scene.is_still(&seen)) {
            return Some(earlier);
        }
        let mut understood = understood_in(text, &seen);
        keep_circumstances(&mut understood, pending.as_ref());
        let reading = SceneReading::of(understood, seen);
        match reading.understood.intent {
            // 退款 #12 A1 and A1 x2 may be about an offer that is closed.
            // So may 取消 葡萄, which reads like a name.
            // So may what is only guessed at.
            // What they spoke of, and no more, may be wanted a moment later.
            Intent::Silent
            | Intent::Lead(
                LeaderIntent::HalfSaid(_)
                | LeaderIntent::ByName { .. }
                | LeaderIntent::Meant { .. },
            ) => half = Some(reading),
            // What nothing on sale is called may have closed.
            Intent::Lead(LeaderIntent::Service(service::Lead::Shortage(ref it)))
                if it.goods.is_empty() =>
            {
                half = Some(reading);
            }
            Intent::Ask(ref question) if !question.is_answerable() => half = Some(reading),
            // 葡萄补货叫我 may be about what has closed.
            Intent::Catalog(catalog::Intent::Query(ref query))
                if query.offers.is_empty() && may_call_back(text) =>
            {
                half = Some(reading);
            }
            _ => return Some(reading),
        }
    }
    about_closed(shop, event, message, speaker).or(half)
}

/// Read a native chain. It is read anew each time: whom its authors are known by may have changed, and
/// nothing may depend on where a batch ended.
fn read_chain(
    shop: &mut Shop,
    event: &Event,
    title: &str,
    lines: &[ChainLine],
) -> Result<Option<SceneReading>, Missing> {
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
    let intent = Intent::Orders(orders::Intent::JoinList(entries));
    let scene = look(shop, event, None, None, lexicon, &[]);
    Ok(Some(SceneReading::of(Understood::bare(intent), scene)))
}

/// What says nothing about the open offers may be about those that closed lately: a refund by code, or
/// an order that comes too late and is told so.
fn about_closed(
    shop: &mut Shop,
    event: &Event,
    message: &HeardMessage,
    speaker: Option<MemberId>,
) -> Option<SceneReading> {
    let lexicon = shop.closed_lexicon(event.at);
    let lately = about(shop, event, message, speaker, lexicon);
    lately.or_else(|| {
        let role = speaker.and_then(|id| shop.members.get(id)).map(|member| member.role);
        let leads = role.is_some_and(|role| role >= Role::Leader);
        // Goods come days after they closed, and so do complaints.
        if !leads && !may_complain(&message.text) {
            return None;
        }
        let lexicon = shop.old_lexicon(event.at);
        let long_ago = about(shop, event, message, speaker, lexicon)?;
        let intent = &long_ago.understood.intent;
        (leads && is_of_old(intent) || is_of_goods_there(intent)).then_some(long_ago)
    })
}

/// What leaders say of goods that closed long ago: that they are refunded, there at last, that not all came, what came of
/// them, or that they are on sale again.
fn is_of_old(intent: &Intent) -> bool {
    if let Intent::Lead(LeaderIntent::Service(service::Lead::Shortage(shortage))) = intent {
        return !shortage.goods.is_empty();
    }
    if let Intent::Lead(LeaderIntent::Catalog(
        catalog::Lead::Reopen { .. } | catalog::Lead::CopyOffers { .. },
    )) = intent
    {
        return true;
    }
    matches!(
        intent,
        Intent::Lead(
            LeaderIntent::Payments(
                payments::Lead::Refund { .. } | payments::Lead::RefundAmount { .. }
            ) | LeaderIntent::Shipping(
                shipping::Lead::Arrived { .. } | shipping::Lead::Expect { .. }
            ) | LeaderIntent::Reports(
                reports::Lead::WhoOrdered { .. }
                    | reports::Lead::Sold { part: Some(_), .. }
                    | reports::Lead::Export { offer: Some(_), .. }
            )
        )
    )
}

/// What members say of goods that they have.
fn is_of_goods_there(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::Service(service::Intent::Complain(_))
            | Intent::Shipping(shipping::Intent::GotIt { .. })
    )
}

/// What a message says about the goods of this lexicon.
fn about(
    shop: &Shop,
    event: &Event,
    message: &HeardMessage,
    speaker: Option<MemberId>,
    lexicon: Arc<Lexicon>,
) -> Option<SceneReading> {
    let text = &*message.marked();
    let role = role(shop, event, speaker);
    if lexicon.offers().is_empty() || !may_concern(text, &lexicon, role) {
        return None;
    }
    let scene = look(shop, event, speaker, None, lexicon, &message.mentions);
    let understood = understand(text, &scene.scene());
    let is_about_goods = match &understood.intent {
        Intent::Orders(
            orders::Intent::Order(lines)
            | orders::Intent::Amend(lines)
            | orders::Intent::Cancel(lines),
        ) => !lines.is_empty(),
        Intent::Lead(LeaderIntent::Catalog(catalog::Lead::MoveClosing { offers, .. })) => {
            !offers.is_empty()
        }
        // 补单 @周周 A1 1, A1未取: a leader sells what is left, and asks who waits for what closed before it came.
        Intent::Lead(
            LeaderIntent::Catalog(catalog::Lead::Close(_))
            | LeaderIntent::Reports(reports::Lead::UnpaidPart { .. })
            | LeaderIntent::Shipping(shipping::Lead::NotCollectedPart { .. })
            | LeaderIntent::Orders(orders::Lead::OrderFor { .. }),
        ) => true,
        Intent::Lead(LeaderIntent::ByName { act, .. }) => {
            matches!(**act, LeaderIntent::Orders(orders::Lead::OrderFor { .. }))
        }
        // 葡萄补货叫我
        Intent::Catalog(catalog::Intent::CallBack(offers)) => !offers.is_empty(),
        // 葡萄什么时候到
        Intent::Catalog(catalog::Intent::Query(query)) => {
            query.about.is_of_delivery() && !query.offers.is_empty()
        }
        intent => is_of_old(intent) || is_of_goods_there(intent),
    };
    is_about_goods.then_some(SceneReading::of(understood, scene))
}

fn look(
    shop: &Shop,
    event: &Event,
    speaker: Option<MemberId>,
    pending: Option<&Pending>,
    lexicon: Arc<Lexicon>,
    mentions: &[Mention],
) -> Seen {
    Seen {
        lexicon,
        question: pending.map(|pending| pending.question.clone()),
        mine: speaker.map(|id| shop.held(id)).unwrap_or_default(),
        role: role(shop, event, speaker),
        mentions: mentions.to_vec(),
        lately: Vec::new(),
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

/// What a message means in a scene. What was said a moment ago tells what is not clear by itself, and nothing else.
fn understood_in(text: &str, seen: &Seen) -> Understood {
    let alone = understand(text, &Scene { lately: &[], ..seen.scene() });
    if seen.lately.is_empty() || !matches!(alone.intent, Intent::Ask(_) | Intent::Silent) {
        return alone;
    }
    let understood = understand(text, &seen.scene());
    if understood.intent == Intent::Silent { alone } else { understood }
}

/// The question that waits for the speaker, and what they spoke of a moment ago.
fn waiting(
    shop: &Shop,
    event: &Event,
    speaker: Option<MemberId>,
) -> (Option<Pending>, Vec<Lately>) {
    let Some(pending) = speaker.and_then(|id| open_question(shop, id, event.at)).cloned() else {
        return (None, Vec::new());
    };
    if pending.question.why != Why::Spoken {
        return (Some(pending), Vec::new());
    }
    let words = pending.note.into_iter();
    (None, words.map(|text| Lately { from: Voice::Me, text }).collect())
}

fn open_question(shop: &Shop, speaker: MemberId, at: Timestamp) -> Option<&Pending> {
    let pending = shop.members.get(speaker)?.question.as_ref()?;
    (at < pending.until).then_some(pending)
}

/// The answer to a question keeps whom the order was for, and its remark.
fn keep_circumstances(understood: &mut Understood, pending: Option<&Pending>) {
    let Some(pending) = pending else { return };
    let answered = matches!(
        understood.intent,
        Intent::Orders(orders::Intent::Order(_) | orders::Intent::Amend(_))
    );
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
