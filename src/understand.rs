//! Understanding (读懂): a pure function from a chat message and the scene to what it means.
//!
//! Never fails, never panics, takes time linear in the text, and touches nothing outside its
//! arguments. What it cannot read it leaves silent or asks back; it never guesses an order.

mod aftersales;
pub mod amount;
mod answer;
mod args;
mod asking;
mod bare;
pub mod buildings;
mod callback;
mod chain;
mod chain_entry;
mod changes;
mod claims;
mod clause;
mod command;
pub mod commands;
mod drafting;
mod facts;
mod features;
mod filling;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod fuzz;
mod fuzzy;
mod goods;
mod half_names;
mod handling;
#[cfg(test)]
mod handling_tests;
mod items;
pub mod judge;
pub mod lately;
pub mod lexicon;
mod lines;
pub mod naming;
pub mod native;
mod normalize;
mod numbering;
mod numerals;
mod opaque;
mod order;
mod pairing;
mod patterns;
mod people;
mod phrases;
mod places;
#[cfg(test)]
mod properties;
pub mod purposes;
mod query;
mod question;
mod quote;
#[cfg(test)]
mod quoted;
mod reading;
mod readings;
mod recalled;
mod remark;
mod resolve;
mod risk;
mod roll;
mod sizes;
mod spans;
mod structure;
mod taking_back;
mod times;
mod tokens;
mod trie;
mod units;
mod variants;
mod vocabulary;
pub mod weights;
mod wording;

use crate::domain::intent::{HeldLine, Intent, LeaderIntent, Question, Role, Understood};
use crate::domain::message::Mention;
use crate::domain::{catalog, groups, loyalty, orders, payouts, service, shipping};

use chain::ChainReading;
use clause::{Flags, ReadableMessage};
use facts::Nearness;
use normalize::Folded;
use order::OrderMessage;

pub use aftersales::may_complain;
pub use callback::may_call_back;
pub use facts::FactWords;
pub use lexicon::{Lexicon, OfferWords};

/// What a message is read against.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The open offers.
    pub lexicon: &'a Lexicon,
    /// The question this speaker has not answered yet.
    pub question: Option<&'a Question>,
    /// What the speaker already has in the open offers.
    pub mine: &'a [HeldLine],
    /// What the speaker may do here.
    pub role: Role,
    /// Whom the marks in the text stand for ([`crate::domain::message`]).
    pub mentions: &'a [Mention],
    /// What was said in the last minutes that may be meant, oldest first.
    pub lately: &'a [Lately],
}

/// Something said before the message that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lately {
    /// Who said it.
    pub from: Voice,
    /// In these words.
    pub text: String,
}

/// Who is heard, from where the speaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// The speaker.
    Me,
    /// The shop.
    Bot,
    /// Anybody else.
    Other,
}

/// Longer messages are nobody's order.
const LONGEST: usize = 64 * 1024;
/// Nor are sentences of more words; only chains are longer.
const MOST_TOKENS: usize = 1_000;

/// Read one message: its text with marks for mentions.
#[must_use]
pub fn understand(text: &str, scene: &Scene<'_>) -> Understood {
    understand_by(&weights::WEIGHTS, text, scene)
}

/// The same by these weights.
#[must_use]
pub fn understand_by(weights: &weights::Weights, text: &str, scene: &Scene<'_>) -> Understood {
    with_fact(judged(weights, text, scene), text, scene).with_mentions(scene.mentions)
}

/// The same where one of the shop's own questions is asked, and nothing is ordered.
fn with_fact(read: Understood, text: &str, scene: &Scene<'_>) -> Understood {
    let facts = scene.lexicon.facts();
    if facts.is_empty() || !yields(&read.intent, Nearness::Same) {
        return read;
    }
    let seen = normalize::visible(text);
    let folded = Folded::new(quote::own_words(&seen));
    let found = facts.find(&folded).filter(|(_, nearness)| yields(&read.intent, *nearness));
    let Some((fact, _)) = found else { return read };
    // "Can I get an invoice" reads like one of the only goods on sale: what names any stays an order.
    let is_goods = |kind| matches!(kind, tokens::Kind::Entry(_) | tokens::Kind::Code(_));
    let heard = ReadableMessage::new(&folded, scene.lexicon);
    let orders = act(&read.intent).records() || matches!(read.intent, Intent::Ask(_));
    if orders && heard.tokens.iter().any(|token| is_goods(token.kind)) {
        return read;
    }
    plain(Intent::Groups(groups::Intent::AskFact(fact)))
}

/// Whether what was read is less than a question that the shop knows so well.
fn yields(intent: &Intent, nearness: Nearness) -> bool {
    let same = nearness == Nearness::Same;
    match intent {
        Intent::Silent => true,
        Intent::Catalog(catalog::Intent::Query(query)) => same || query.offers.is_empty(),
        Intent::Ask(question) => same || !question.is_answerable(),
        Intent::Groups(groups::Intent::Help | groups::Intent::AskShop(_))
        | Intent::Service(service::Intent::Feedback | service::Intent::Complain(_))
        | Intent::Orders(orders::Intent::Order(_)) => same,
        _ => false,
    }
}

/// What the judge makes of it.
fn judged(weights: &weights::Weights, text: &str, scene: &Scene<'_>) -> Understood {
    if is_for_another(text, scene) {
        return silent();
    }
    let apart = Scene { question: None, ..*scene };
    if judge::is_left(text, &apart) {
        return marked(text, scene);
    }
    let seen = normalize::visible(text);
    let folded = Folded::new(quote::own_words(&seen));
    let heard = ReadableMessage::new(&folded, scene.lexicon);
    let rules = unquoted(&heard, scene);
    // A leader asked about one thing goes on with the next; what a member says is most likely an answer.
    let is_beside = scene.role >= Role::Leader && rules.intent == Intent::Silent;
    if scene.question.is_some() && !is_beside {
        return rules;
    }
    judge::judged(weights, &heard, &apart, rules)
}

/// 补单 @老王 A3 2 is a leader's to say: from a member it orders nothing, least of all for themselves.
fn is_for_another(text: &str, scene: &Scene<'_>) -> bool {
    let is_named = || scene.mentions.iter().any(|it| !it.is_bot);
    scene.role == Role::Member && is_named() && commands::orders_for(text)
}

/// The same with marks for people.
fn marked(text: &str, scene: &Scene<'_>) -> Understood {
    if text.len() > LONGEST {
        return silent();
    }
    let text = &*normalize::visible(text);
    if let Some(words) = commands::rewrite(text) {
        return sentence(&words, scene);
    }
    let text = quote::own_words(text);
    if quote::is_quotation(text) {
        return silent();
    }
    let folded = Folded::new(text);
    unquoted(&ReadableMessage::new(&folded, scene.lexicon), scene)
}

/// The same of what is no quotation.
fn unquoted(heard: &ReadableMessage<'_, '_>, scene: &Scene<'_>) -> Understood {
    if scene.role >= Role::Leader
        && let Some(lead) = commands::announced(heard.text.source)
    {
        return plain(Intent::Lead(lead));
    }
    match chain::read(heard.text.source, scene.lexicon) {
        ChainReading::List(entries) if entries.iter().all(|entry| entry.lines.is_empty()) => {
            silent()
        }
        ChainReading::List(entries) => plain(Intent::Orders(orders::Intent::JoinList(entries))),
        ChainReading::Own(list) => sentence(&list, scene),
        ChainReading::No => heard_sentence(heard, scene),
    }
}

/// Read a message that is no chain.
fn sentence(text: &str, scene: &Scene<'_>) -> Understood {
    let folded = Folded::new(text);
    heard_sentence(&ReadableMessage::new(&folded, scene.lexicon), scene)
}

/// What is nothing else may be a leader's word about somebody by name.
fn heard_sentence(heard: &ReadableMessage<'_, '_>, scene: &Scene<'_>) -> Understood {
    let text = heard.text.source;
    let understood = said(heard, scene);
    if scene.role < Role::Leader || understood.intent != Intent::Silent {
        return understood;
    }
    commands::by_name(text, scene.lexicon).map_or(understood, |lead| plain(Intent::Lead(lead)))
}

fn said(heard: &ReadableMessage<'_, '_>, scene: &Scene<'_>) -> Understood {
    let (folded, text) = (heard.text, heard.text.source);
    if heard.tokens.len() > MOST_TOKENS {
        return silent();
    }
    if let Some(intent) = taking_back::read(folded) {
        return plain(intent);
    }
    let clauses = heard.clauses();
    let all = clauses.iter().fold(Flags::default(), |all, clause| all.union(clause.flags));
    if let Some(question) = scene.question
        && let Some(intent) = answer::answer(heard, &clauses, question)
    {
        return plain(intent);
    }
    let leads = scene.role > Role::Member && commands::begins(folded, scene.role);
    let tells = commands::may_tell(folded);
    if scene.role > Role::Member
        && !leads
        && let Some(lead) = commands::told(text, scene.lexicon, scene.role)
    {
        return plain(Intent::Lead(lead));
    }
    if !leads && let Some(intent) = claims::read(folded, scene.lexicon.currency()) {
        return plain(intent);
    }
    if !leads && let Some(intent) = callback::read(folded, scene.lexicon) {
        return plain(intent);
    }
    if !leads
        && !all.has(Flags::INJECT)
        && let Some(intent) = aftersales::read(folded, all.has(Flags::NAMED))
    {
        return plain(intent);
    }
    if !leads
        && !all.has(Flags::INJECT)
        && let Some(intent) = asking::read(heard)
    {
        return plain(intent);
    }
    if !concerns(all) && !leads && !tells {
        return silent();
    }
    if let Some(intent) = fixed(text, scene, all, tells) {
        return plain(intent);
    }
    let message = OrderMessage { heard, clauses: &clauses, mine: scene.mine };
    if let Some(intent) = order::cancels_all(&message).or_else(|| command::command(heard, &clauses))
    {
        return plain(intent);
    }
    if let Some(understood) = order::order(&message) {
        return understood;
    }
    plain(query::remark(heard, &clauses))
}

/// Commands that begin with their verb and carry arguments.
fn fixed(text: &str, scene: &Scene<'_>, all: Flags, tells: bool) -> Option<Intent> {
    if scene.role > Role::Member {
        let lead = commands::lead(text, scene.lexicon, scene.role);
        let lead = lead.or_else(|| commands::told(text, scene.lexicon, scene.role));
        if let Some(lead) = lead {
            return Some(Intent::Lead(lead));
        }
    }
    // The patterns are slow beside the rest: only for messages that have one of their words.
    let heads = Flags::FIXED
        .union(Flags::COMMAND)
        .union(Flags::NOTE)
        .union(Flags::TOPIC)
        .union(Flags::LESS);
    if tells || all.has(heads) { commands::sentence(text, scene.lexicon) } else { None }
}

/// Whether a message may concern the shop at all: a coarse superset of everything that
/// [`understand`] does not leave silent, so that idle talk loads nothing. It also lets through short
/// messages that could answer a question.
#[must_use]
pub fn may_concern(text: &str, lexicon: &Lexicon, role: Role) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    // What leaders and helpers say is the shop's more often than not.
    if role > Role::Member {
        return true;
    }
    if text.trim_start().starts_with(['/', '／']) || text.contains(['#', '＃']) {
        return true;
    }
    // A1 x2: most orders begin with what looks like a code.
    if let [letter, digit, ..] = text.as_bytes()
        && letter.is_ascii_alphabetic()
        && digit.is_ascii_digit()
    {
        return true;
    }
    let text = &*normalize::visible(text);
    let text = quote::own_words(text);
    let folded = Folded::new(text);
    let heard = ReadableMessage::new(&folded, lexicon);
    let clauses = heard.clauses();
    let all = clauses.iter().fold(Flags::default(), |all, clause| all.union(clause.flags));
    // A chain may be longer than any sentence.
    let begins = || {
        commands::begins(&folded, Role::Leader)
            || commands::may_tell(&folded)
            || taking_back::begins(&folded)
            || claims::begins(&folded)
            || callback::begins(&folded)
            || aftersales::begins(&folded)
            || asking::begins(&folded)
            || lexicon.facts().find(&folded).is_some()
    };
    concerns(all)
        || text.contains('\n')
        || answer::may_answer(&heard)
        || begins()
        || judge::may_concern(&heard, all)
}

/// Whether anything in a message can lead to more than silence.
fn concerns(all: Flags) -> bool {
    let any = Flags::GOODS
        .union(Flags::NUMBER)
        .union(Flags::COMMAND)
        .union(Flags::LESS)
        .union(Flags::THAT)
        .union(Flags::TOPIC)
        .union(Flags::SHARE)
        .union(Flags::PHOTO)
        .union(Flags::COMPLAINT)
        .union(Flags::ARRIVED)
        .union(Flags::FIXED)
        .union(Flags::QUESTION)
        .union(Flags::WANT);
    all.has(any) && !all.has(Flags::INJECT)
}

/// What the strict grammar reads: whole messages it can wholly explain.
#[must_use]
pub fn rules(text: &str, scene: &Scene<'_>) -> Understood {
    marked(text, scene)
}

/// The coarse act of an intent.
#[must_use]
pub fn act(intent: &Intent) -> purposes::Act {
    use purposes::Act;
    match intent {
        Intent::Orders(orders::Intent::Order(_)) => Act::Order,
        Intent::Orders(orders::Intent::Amend(_)) => Act::Amend,
        Intent::Orders(orders::Intent::Cancel(_) | orders::Intent::CancelOrders(_)) => Act::Cancel,
        Intent::Orders(orders::Intent::JoinList(_)) => Act::JoinList,
        Intent::Ask(_) | Intent::Unread(_) | Intent::Lead(LeaderIntent::Meant { .. }) => Act::Ask,
        Intent::Loyalty(loyalty::Intent::CheckIn) => Act::CheckIn,
        Intent::Payouts(payouts::Intent::Balance | payouts::Intent::Statement) => Act::Balance,
        Intent::Orders(orders::Intent::MyOrders) => Act::MyOrders,
        Intent::Referral(_) => Act::Invite,
        Intent::Loyalty(loyalty::Intent::Points | loyalty::Intent::SpendPoints { .. }) => {
            Act::Points
        }
        Intent::Catalog(catalog::Intent::Menu) => Act::Menu,
        Intent::Groups(groups::Intent::Help) => Act::Help,
        Intent::Loyalty(loyalty::Intent::Share) => Act::Share,
        Intent::Service(
            service::Intent::Feedback
            | service::Intent::Complain(_)
            | service::Intent::CaseAbout { .. },
        )
        | Intent::Shipping(shipping::Intent::GotIt { praise: true }) => Act::Feedback,
        Intent::Payouts(
            payouts::Intent::Withdraw { .. }
            | payouts::Intent::SetPayee(_)
            | payouts::Intent::AgreePayee(_),
        ) => Act::Withdraw,
        Intent::Catalog(catalog::Intent::Query(_) | catalog::Intent::CallBack(_))
        | Intent::Groups(groups::Intent::AskShop(_) | groups::Intent::AskFact(_))
        | Intent::Payments(_)
        | Intent::Undo(_) => Act::Query,
        Intent::Silent
        | Intent::Service(service::Intent::DropCase { .. })
        | Intent::Shipping(
            shipping::Intent::SetAddress(_)
            | shipping::Intent::SetPickup(_)
            | shipping::Intent::Received(_)
            | shipping::Intent::GotIt { praise: false },
        )
        | Intent::Lead(_)
        | Intent::Operate(_)
        | Intent::Groups(groups::Intent::Link { .. }) => Act::Silent,
    }
}

fn silent() -> Understood {
    plain(Intent::Silent)
}

fn plain(intent: Intent) -> Understood {
    Understood::bare(intent)
}
