//! The judge (裁判): weighs the readings of a message by learnt weights.
//!
//! Commands, and orders in nothing but words of ordering, stand as the strict grammar reads them. Everything else is
//! the judge's: the best reading that changes orders against everything else that may be meant, and `risk` says
//! what is done about it.

mod settled;

use super::clause::{Clause, Flags, ReadableMessage};
use super::items::{self, AmountSide, JoinWay, SaidList};
use super::lately;
use super::lexicon::Lexicon;
use super::normalize::{self, Folded};
use super::purposes::{self, Act, Purpose};
use super::readings::{self, Ground};
use super::risk::{self, Doubt, RiskStep};
use super::spans::{self, How, Span, SpanKind};
use super::tokens::Token;
use super::vocabulary::Cue;
use super::weights::Weights;
use super::{
    LONGEST, MOST_TOKENS, Scene, Voice, commands, features, filling, goods, naming, places, quote,
    structure, units,
};
use crate::domain::intent::{About, Intent, LeaderIntent, Question, Role, Understood, Why, remark};
use crate::domain::{catalog, orders, service};

/// Of what was said before at most so much is read.
const MOST_LATELY: usize = 6;
const LONGEST_LATELY: usize = 400;
/// A number without a unit is plain below this, in thousandths.
const PLAIN_MILLI: i64 = 10_000;

/// A message with its readings and their features.
#[derive(Debug)]
pub struct Studied {
    /// Features of its words.
    pub words: Vec<u32>,
    /// Features of the places where readings stand.
    pub places: Vec<Vec<u32>>,
    /// Its readings.
    pub weighed: Vec<Weighed>,
}

/// A reading with its features.
#[derive(Debug)]
pub struct Weighed {
    /// What it is for.
    pub purpose: Purpose,
    /// What it means.
    pub understood: Understood,
    /// Features of its structure.
    pub structure: Vec<u32>,
    /// Where it stands in the message: one of the [`Studied::places`].
    pub place: Option<usize>,
    /// How plainly it is said: 0 the plainest.
    pub grade: u8,
}

/// What a message means: what the strict grammar reads, or what the judge makes of it.
pub(super) fn judged(
    weights: &Weights,
    heard: &ReadableMessage<'_, '_>,
    scene: &Scene<'_>,
    rules: Understood,
) -> Understood {
    if is_fixed(&rules.intent) {
        return rules;
    }
    let Some(message) = CutMessage::of(heard) else { return rules };
    let placed = message.placed(scene, &rules);
    if placed.is_none() && !message.is_weighed(scene, &rules) {
        return rules;
    }
    let studied = message.study(scene, &rules);
    let rules = match placed {
        Some(placed) if !message.is_weighed(scene, &placed) => return placed,
        placed => placed.unwrap_or(rules),
    };
    let concerned = message.names_goods() || !scene.mine.is_empty();
    let verdict = weigh(&studied, weights, concerned);
    let strict = super::act(&rules.intent).records();
    let recording = verdict.recording.and_then(|n| studied.weighed.get(n));
    let other = studied.weighed.get(verdict.other);
    if let Some(reading) = other.filter(|it| is_leaders(it.purpose, scene.role))
        && let Some(lead) = message.filled(reading.purpose, &verdict, scene, &rules)
    {
        return Understood::bare(Intent::Lead(lead));
    }
    if let Some(reading) = recording
        && let Some(step) = message.recorded(reading, &verdict, scene, &rules)
    {
        return step;
    }
    if strict && verdict.gap > risk::TALK {
        return confirmed(rules);
    }
    if lately::repeats(heard.text)
        && let Some(echo) = studied.weighed.iter().find(|it| it.grade == structure::ECHO)
    {
        return confirmed(echo.understood.clone());
    }
    match other {
        Some(reading) if is_leaders(reading.purpose, scene.role) => {
            message.led(reading.purpose, &verdict, scene, rules)
        }
        Some(reading) if verdict.answers => message.settled(reading, scene, rules),
        _ if strict => confirmed(rules),
        _ => rules,
    }
}

/// What leaders alone say, or say of others: 小美取走了.
fn is_leaders(purpose: Purpose, role: Role) -> bool {
    purpose.is_leaders() || role >= Role::Leader && purpose.name() == "shipping.collected"
}

/// A message cut into what is looked at.
struct CutMessage<'a, 't> {
    heard: &'a ReadableMessage<'a, 't>,
    clauses: Vec<Clause>,
    spans: Vec<Span>,
    flags: Flags,
}

impl<'a, 't> CutMessage<'a, 't> {
    fn of(heard: &'a ReadableMessage<'a, 't>) -> Option<Self> {
        if heard.tokens.len() > MOST_TOKENS {
            return None;
        }
        let mut clauses = heard.clauses();
        clauses.retain(|clause| !is_courtesy(heard, clause));
        let spans = spans::telling(spans::spans(heard));
        let flags = clauses.iter().fold(Flags::default(), |all, clause| all.union(clause.flags));
        Some(Self { heard, clauses, spans, flags })
    }

    /// A1 x1 12-1802: what the strict grammar reads as an order without the place, which is a remark of it.
    fn placed(&self, scene: &Scene<'_>, rules: &Understood) -> Option<Understood> {
        if !matches!(
            rules.intent,
            Intent::Silent | Intent::Ask(_) | Intent::Catalog(catalog::Intent::Query(_))
        ) {
            return None;
        }
        let (rest, place) = places::apart(self.heard.text, &self.spans)?;
        let mut read = super::rules(&rest, scene);
        let notes: Vec<&str> = read.note.as_deref().into_iter().chain([place.as_str()]).collect();
        read.note = remark(&notes);
        Some(read).filter(|read| {
            matches!(
                read.intent,
                Intent::Orders(orders::Intent::Order(_) | orders::Intent::Amend(_))
            )
        })
    }

    /// Whether there is anything to weigh: not in idle talk, and not where the strict grammar explains every word
    /// of a member's order.
    fn is_weighed(&self, scene: &Scene<'_>, rules: &Understood) -> bool {
        let leads = scene.role >= Role::Leader;
        let any = leads || concerns(self.flags, &self.spans) || !scene.lately.is_empty();
        // 追加两箱 from a leader may be stock.
        let own = !leads || !matches!(rules.intent, Intent::Orders(orders::Intent::Amend(_)));
        let listed = matches!(rules.intent, Intent::Orders(orders::Intent::JoinList(_)));
        let plain = own && super::act(&rules.intent).records() && (listed || self.is_plain());
        any && !plain && !self.flags.has(Flags::INJECT)
    }

    /// Whether nothing but words of ordering is said, and how many is plain: 葡萄两箱, A1 x2, 取消. What a bare number
    /// or 个 counts is not (60个鸡蛋 of what is sold by the tray), unless it is small.
    fn is_plain(&self) -> bool {
        let odd = TALK.union(Flags::QUESTION).union(Flags::NEGATION).union(Flags::NOTE);
        let known = |span: &Span| match &span.what {
            SpanKind::Unknown | SpanKind::Price => false,
            SpanKind::Named(named) => named.how != How::Letter || self.spans.len() > 1,
            SpanKind::Amount(counted) => {
                let amount = counted.amount;
                let own = amount.measure.is_some_and(|measure| !units::is_generic(measure));
                own || amount.signed || amount.milli < PLAIN_MILLI
            }
            _ => true,
        };
        self.spans.iter().all(known) && !self.flags.has(odd)
    }

    /// 土鸡蛋一盒16.8: a price is told, and nobody says that they want any.
    fn tells_price(&self) -> bool {
        let any = |test: fn(&SpanKind) -> bool| self.spans.iter().any(|span| test(&span.what));
        any(|what| matches!(what, SpanKind::Price))
            && !any(|what| {
                matches!(what, SpanKind::Cue(Cue::Want | Cue::Again | Cue::Help | Cue::For))
            })
    }

    fn names_goods(&self) -> bool {
        self.spans.iter().any(|span| matches!(&span.what, SpanKind::Named(it) if !it.how.is_weak()))
    }

    /// What stands against doing anything about it at once.
    fn doubt(&self, rules: &Understood) -> Doubt {
        let handled = || self.clauses.iter().any(|clause| goods::read(self.heard, clause).handles);
        // 没开玩笑，B1 50盒 is no jest: the strict grammar knows.
        let moot = || self.flags.has(Flags::JOKE) || handled() || self.tells_price();
        if !super::act(&rules.intent).records() && moot() {
            return Doubt::Moot;
        }
        if self.flags.has(Flags::ARRIVED) {
            return Doubt::Arrived;
        }
        let unsure = Flags::CONDITION.union(Flags::QUESTION).union(Flags::STORY);
        let unsure = unsure.union(Flags::ELSEWHERE);
        // 不是不要葡萄: what is denied is not done at once.
        let denies = |it: &Clause| it.flags.has(Flags::NEGATION) && it.flags.has(Flags::LESS);
        let unsure = self.flags.has(unsure) || self.clauses.iter().any(denies);
        if unsure { Doubt::Unsure } else { Doubt::None }
    }

    /// Propose the readings and look at them.
    fn study(&self, scene: &Scene<'_>, rules: &Understood) -> Studied {
        let recent = recent(scene);
        let ground = Ground {
            heard: self.heard,
            spans: &self.spans,
            clauses: &self.clauses,
            scene,
            rules,
            recent: &recent,
        };
        studied(&ground)
    }

    /// What is done about a reading that changes something; `None`: nothing.
    fn recorded(
        &self,
        reading: &Weighed,
        verdict: &WeighedVerdict,
        scene: &Scene<'_>,
        rules: &Understood,
    ) -> Option<Understood> {
        // What a leader says of goods may be about the shop.
        let own = scene.role < Role::Leader;
        let strict = super::act(&rules.intent).records();
        let agreed = strict && own && reading.understood.intent == rules.intent;
        let said = risk::WeighedReading {
            purpose: reading.purpose,
            grade: reading.grade,
            size: risk::size(&reading.understood.intent),
            doubt: self.doubt(rules),
            agreed,
        };
        // The strict grammar knows what is missing, and asks for that; not what was said a moment ago.
        let asks = is_asked(rules) && scene.lately.is_empty();
        Some(match risk::step(&said, verdict.gap, verdict.margin) {
            // Which of several is asked with all of them.
            _ if asks && reading.grade == structure::UNDERSTOOD && offers_choices(rules) => {
                rules.clone()
            }
            RiskStep::Do if agreed => rules.clone(),
            RiskStep::Do if asks && reading.grade > structure::BESIDE => rules.clone(),
            RiskStep::Do => with_note(reading.understood.clone(), rules),
            RiskStep::Confirm if strict => confirmed(rules.clone()),
            RiskStep::Confirm if asks => rules.clone(),
            RiskStep::Confirm => confirmed(reading.understood.clone()),
            // Something is asked anyway: rather about what was spoken of than about all there is.
            RiskStep::Leave if !asks && offers_choices(rules) => {
                confirmed(reading.understood.clone())
            }
            RiskStep::Leave => return None,
        })
    }

    /// A leader's sentence as the command that is written so. What the strict grammar makes of it stands, unless that is a
    /// question.
    fn filled(
        &self,
        purpose: Purpose,
        verdict: &WeighedVerdict,
        scene: &Scene<'_>,
        rules: &Understood,
    ) -> Option<LeaderIntent> {
        if !naming::is_open(rules) || verdict.lead < risk::FILLED {
            return None;
        }
        // 改价 A3 太麻烦了: what begins like one command is no other that does anything.
        let begun = commands::begun(self.heard.text, scene.role);
        let is_another = begun.is_some_and(|id| id != purpose.name());
        let filled = filling::filled(purpose, self.heard, &self.spans, scene)?;
        let is_asked = matches!(filled, LeaderIntent::Meant { .. });
        (!is_asked || !is_another).then_some(filled)
    }

    /// What a leader's sentence comes to that nothing can be made of: what only reads is shown, of what does anything they
    /// are told how it is said.
    fn led(
        &self,
        purpose: Purpose,
        verdict: &WeighedVerdict,
        scene: &Scene<'_>,
        rules: Understood,
    ) -> Understood {
        let asks =
            matches!(rules.intent, Intent::Silent | Intent::Catalog(catalog::Intent::Query(_)));
        if !asks || verdict.lead < risk::COMMAND {
            return rules;
        }
        // Which words a command begins with the strict grammar knows, and when they are talk.
        if commands::begins(self.heard.text, scene.role) {
            return rules;
        }
        let Some(lead) = commands::about(purpose.name()) else { return rules };
        Understood::bare(Intent::Lead(lead))
    }
}

/// Whether nothing but courtesy is said: an order is the same with and without.
fn is_courtesy(heard: &ReadableMessage<'_, '_>, clause: &Clause) -> bool {
    let mut tokens = heard.tokens[clause.from..clause.to].iter();
    let polite = |token: &Token| matches!(token.cue(), Some(Cue::Polite | Cue::Particle));
    clause.from < clause.to && tokens.all(polite)
}

/// What occurs in talk.
const TALK: Flags = Flags::STORY
    .union(Flags::ELSEWHERE)
    .union(Flags::CONDITION)
    .union(Flags::LAUGH)
    .union(Flags::COMPLAINT)
    .union(Flags::PRAISE)
    .union(Flags::ARRIVED)
    .union(Flags::DECOY);

/// Whether the judge looks at a message at all: it names goods, if only by half a name, or has a word that may
/// concern the shop.
pub(super) fn concerns(flags: Flags, spans: &[Span]) -> bool {
    super::concerns(flags) || spans.iter().any(|span| matches!(span.what, SpanKind::Named(_)))
}

/// The same of a text alone.
pub(super) fn may_concern(heard: &ReadableMessage<'_, '_>, flags: Flags) -> bool {
    let long = heard.tokens.len() > MOST_TOKENS;
    !long && !flags.has(Flags::INJECT) && concerns(flags, &spans::spans(heard))
}

/// Whether the strict grammar has read words with a fixed meaning: commands, names, money.
fn is_fixed(intent: &Intent) -> bool {
    // 包邮吗: every word of it is known.
    if let Intent::Catalog(catalog::Intent::Query(query)) = intent {
        return matches!(query.about, About::Carriage | About::Fee | About::Hours);
    }
    !matches!(
        intent,
        Intent::Silent
            | Intent::Service(
                service::Intent::Feedback
                    | service::Intent::Complain(service::ComplaintKind::Plain)
            )
            | Intent::Ask(_)
            | Intent::Orders(
                orders::Intent::Order(_)
                    | orders::Intent::Amend(_)
                    | orders::Intent::Cancel(_)
                    | orders::Intent::JoinList(_)
            )
    )
}

/// What weighing came to.
struct WeighedVerdict {
    /// The best reading that changes orders.
    recording: Option<usize>,
    /// The best one that does not.
    other: usize,
    /// How far the first is ahead of it.
    gap: i64,
    /// How far the first is ahead of everything else that may be meant.
    margin: i64,
    /// The second is well ahead of wanting nothing, or is that.
    answers: bool,
    /// How far the best of what leaders alone say is ahead of what members say, too, and does nothing.
    lead: i64,
}

/// The readings of a message with what speaks for each, the best first.
#[must_use]
pub fn weighings<'s>(studied: &'s Studied, weights: &Weights) -> Vec<(i64, &'s Weighed)> {
    let mut all: Vec<_> = scores(studied, weights).zip(&studied.weighed).collect();
    all.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    all
}

fn scores(studied: &Studied, weights: &Weights) -> impl Iterator<Item = i64> {
    let words = weights.of_words(&studied.words);
    let places: Vec<i64> = studied.places.iter().map(|place| weights.of_structure(place)).collect();
    studied.weighed.iter().map(move |reading| {
        let word = words.get(reading.purpose.place()).copied().unwrap_or(0);
        let place = reading.place.and_then(|n| places.get(n)).copied().unwrap_or(0);
        word + place + weights.of_structure(&reading.structure)
    })
}

fn weigh(studied: &Studied, weights: &Weights, concerned: bool) -> WeighedVerdict {
    let scored: Vec<i64> = scores(studied, weights).collect();
    let best = |fits: &dyn Fn(&Weighed) -> bool| {
        let all = scored.iter().zip(&studied.weighed).enumerate();
        let fitting = all.filter(|(_, (_, reading))| fits(reading));
        fitting.map(|(n, (score, _))| (*score, n)).max_by_key(|&(score, n)| (score, usize::MAX - n))
    };
    let score = |found: Option<(i64, usize)>| found.map_or(i64::MIN / 4, |(score, _)| score);
    let records = |reading: &Weighed| reading.purpose.act().records();
    let recording = best(&records);
    let chosen = recording.and_then(|(_, n)| studied.weighed.get(n));
    // Whom it is for is no other order, and more of what one has is the same as an order of it.
    let same = |one: &Intent, other: &Intent| match (one, other) {
        (
            Intent::Orders(orders::Intent::Order(one) | orders::Intent::Amend(one)),
            Intent::Orders(orders::Intent::Order(other) | orders::Intent::Amend(other)),
        ) => one == other,
        _ => one == other,
    };
    let else_recorded = |it: &Weighed| {
        records(it)
            && chosen.is_some_and(|one| !same(&it.understood.intent, &one.understood.intent))
    };
    let other = best(&|it| !records(it));
    let none = score(best(&|it| it.purpose == Purpose::NONE));
    let at = other.map_or(0, |(_, n)| n);
    let own = studied.weighed.get(at).map_or(Purpose::NONE, |it| it.purpose);
    let members = score(best(&|it| !records(it) && !it.purpose.is_leaders() && it.purpose != own));
    let act = studied.weighed.get(at).map_or(Act::Silent, |it| it.purpose.act());
    let bound = risk::answer(act, concerned);
    WeighedVerdict {
        recording: recording.map(|(_, n)| n),
        other: at,
        gap: score(recording) - score(other),
        margin: score(recording) - score(other).max(score(best(&else_recorded))),
        answers: score(other) - none >= bound || score(other) == none,
        lead: score(other) - members,
    }
}

/// The remark that the strict grammar found is the order's.
fn with_note(mut read: Understood, rules: &Understood) -> Understood {
    read.note = read.note.or_else(|| rules.note.clone());
    read
}

/// Whether it asks which of several things is meant.
fn offers_choices(rules: &Understood) -> bool {
    matches!(&rules.intent, Intent::Ask(question) if question.options().nth(1).is_some())
}

/// Whether it asks something that can be answered.
fn is_asked(rules: &Understood) -> bool {
    matches!(&rules.intent, Intent::Ask(question) if question.is_answerable())
}

/// The same as a question that spells it out.
fn confirmed(read: Understood) -> Understood {
    let Understood { intent, for_whom, note } = read;
    let intent = Intent::Ask(Question::of(Why::Confirm, vec![intent]));
    Understood { intent, for_whom, note }
}

/// Propose the readings of `text` and look at them. `rules` is what the strict grammar makes of it.
#[must_use]
pub fn study(text: &str, scene: &Scene<'_>, rules: &Understood) -> Option<Studied> {
    with_message(text, scene, |message| message.study(scene, rules))
}

/// The same where the judge decides what a message means; `None` where the strict grammar does, which makes `rules`
/// of it.
#[must_use]
pub fn opinion(text: &str, scene: &Scene<'_>, rules: &Understood) -> Option<Studied> {
    if is_left(text, scene) || is_fixed(&rules.intent) {
        return None;
    }
    let opinion = |message: CutMessage<'_, '_>| {
        message.is_weighed(scene, rules).then(|| message.study(scene, rules))
    };
    with_message(text, scene, opinion)?
}

fn with_message<T>(
    text: &str,
    scene: &Scene<'_>,
    look: impl FnOnce(CutMessage<'_, '_>) -> T,
) -> Option<T> {
    let seen = normalize::visible(text);
    let folded = Folded::new(quote::own_words(&seen));
    let heard = ReadableMessage::new(&folded, scene.lexicon);
    Some(look(CutMessage::of(&heard)?))
}

/// An answer to an open question, what is too long and what was quoted is not for the judge.
pub(super) fn is_left(text: &str, scene: &Scene<'_>) -> bool {
    text.len() > LONGEST
        || scene.question.is_some()
        || commands::rewrite(text).is_some()
        || quote::is_quotation(quote::own_words(text))
}

/// The spans that a text is cut into: what is written, and what it can be.
#[must_use]
pub fn pieces(text: &str, lexicon: &Lexicon) -> Vec<(String, String)> {
    let seen = normalize::visible(text);
    let folded = Folded::new(quote::own_words(&seen));
    let heard = ReadableMessage::new(&folded, lexicon);
    let spans = spans::spans(&heard);
    let piece =
        |span: &Span| (folded.written(span.from, span.to).to_owned(), format!("{:?}", span.what));
    spans.iter().map(piece).collect()
}

fn studied(ground: &Ground<'_, '_, '_>) -> Studied {
    let readings = readings::readings(ground);
    let words = features::words(ground, &readings);
    let mut places = structure::ReadingPlaces::default();
    let mut weighed = Vec::with_capacity(readings.len() + purposes::COUNT);
    for reading in readings {
        weighed.push(Weighed {
            structure: structure::structure(&reading, ground),
            place: places.of(&reading, ground),
            grade: structure::grade(&reading, ground),
            purpose: reading.purpose,
            understood: reading.understood,
        });
    }
    for purpose in readings::plain_purposes(ground.scene.role) {
        let understood = Understood { intent: Intent::Silent, for_whom: None, note: None };
        let (structure, place) = (Vec::new(), None);
        weighed.push(Weighed { purpose, understood, structure, place, grade: 7 });
    }
    Studied { words, places: places.features, weighed }
}

/// What was said lately, newest first, put together in the usual way.
fn recent(scene: &Scene<'_>) -> Vec<(Voice, SaidList)> {
    let way = JoinWay { order: AmountSide::After, halves: true, sizes: true };
    let said = scene.lately.iter().rev().take(MOST_LATELY);
    let short = said.filter(|said| said.text.len() <= LONGEST_LATELY);
    short
        .map(|said| {
            let text = Folded::new(&said.text);
            let heard = ReadableMessage::new(&text, scene.lexicon);
            (said.from, items::list(&spans::spans(&heard), scene.lexicon, way))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OfferId;
    use crate::domain::intent::{HeldLine, Op, WantedLine};
    use crate::understand::{Lately, fixture, rules};

    fn proposed(said: &str, mine: &[HeldLine], lately: &[Lately]) -> Vec<Intent> {
        let lexicon = fixture::lexicon("fruit");
        let role = Role::Member;
        let scene = Scene { lexicon: &lexicon, question: None, mine, mentions: &[], lately, role };
        let studied = study(said, &scene, &rules(said, &scene)).unwrap();
        assert!(studied.weighed.len() <= readings::MOST + purposes::COUNT);
        studied.weighed.into_iter().map(|one| one.understood.intent).collect()
    }

    fn line(offer: i64, qty: u32, op: Op) -> WantedLine {
        WantedLine { offer: OfferId(offer), variant: None, qty: Some(qty), op }
    }

    #[test]
    fn words_nobody_knows_veto_no_reading() {
        let said = "电梯又坏了爬上来的，草莓给我两盒吧累死";
        assert!(
            proposed(said, &[], &[]).contains(&Intent::Orders(orders::Intent::Order(vec![line(
                5,
                2,
                Op::Add
            )])))
        );
    }

    #[test]
    fn amounts_alone_are_of_what_one_has_or_spoke_of() {
        let mine = [HeldLine { offer: OfferId(5), variant: None, qty: 2 }];
        let set = Intent::Orders(orders::Intent::Amend(vec![line(5, 3, Op::Set)]));
        assert!(proposed("还是三盒吧", &mine, &[]).contains(&set));
        let lately = [Lately { from: Voice::Me, text: "草莓".to_owned() }];
        let add = Intent::Orders(orders::Intent::Order(vec![line(5, 3, Op::Add)]));
        assert!(proposed("三盒", &[], &lately).contains(&add));
    }

    #[test]
    fn what_others_took_may_be_wanted_too() {
        let lately = [Lately { from: Voice::Other, text: "蓝莓3盒".to_owned() }];
        let add = Intent::Orders(orders::Intent::Order(vec![line(6, 3, Op::Add)]));
        assert!(proposed("我也要", &[], &lately).contains(&add));
    }
}
