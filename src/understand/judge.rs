//! The judge (裁判): weighs the readings of a message by learnt weights.
//!
//! What the strict grammar reads as an order or a command stands, unless the judge is sure that nobody orders:
//! then it is asked first. Everything else is the judge's: the best reading that changes orders against the best
//! that does not, and [`risk`] says what is done about it.

use super::clause::{Clause, Flags, Heard};
use super::items::{self, Listed, Order, Way};
use super::normalize::{self, Folded};
use super::purposes::{self, Act, Purpose};
use super::readings::{self, Ground};
use super::risk::{self, Doubt, Step};
use super::spans::{self, Span, What};
use super::weights::Weights;
use super::{MOST_TOKENS, Scene, Voice, features, goods, query, quote, structure};
use crate::domain::intent::{About, Intent, Query, Question, Understood, Why};

/// Of what was said before at most so much is read.
const MOST_LATELY: usize = 6;
const LONGEST_LATELY: usize = 400;

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
    text: &str,
    scene: &Scene<'_>,
    rules: Understood,
) -> Understood {
    if is_fixed(&rules.intent) {
        return rules;
    }
    let (seen, folded);
    let text = {
        seen = normalize::visible(text);
        quote::own_words(&seen)
    };
    folded = Folded::new(text);
    let Some(message) = Message::of(&folded, scene) else { return rules };
    if !message.is_weighed(scene, &rules) {
        return rules;
    }
    let studied = message.study(scene, &rules);
    let verdict = weigh(&studied, weights);
    if super::act(&rules.intent).records() {
        let doubted = verdict.gap < risk::DOUBT && !matches!(rules.intent, Intent::JoinList(_));
        return if doubted { confirmed(rules) } else { rules };
    }
    if let Some(reading) = verdict.recording.and_then(|n| studied.weighed.get(n)) {
        let said = risk::Said {
            purpose: reading.purpose,
            grade: reading.grade,
            size: risk::size(&reading.understood.intent),
            doubt: message.doubt(),
        };
        match risk::step(&said, verdict.gap) {
            // Which of several is asked with all of them.
            _ if reading.grade == structure::UNDERSTOOD && offers_choices(&rules) => return rules,
            Step::Do => return with_note(reading.understood.clone(), &rules),
            Step::Confirm if offers_choices(&rules) => return rules,
            Step::Confirm => return confirmed(reading.understood.clone()),
            Step::Leave => {}
        }
    }
    match studied.weighed.get(verdict.other) {
        Some(reading) if verdict.answers => message.settled(reading, scene, rules),
        _ => rules,
    }
}

/// A message cut into what is looked at.
struct Message<'a, 't> {
    heard: Heard<'a, 't>,
    clauses: Vec<Clause>,
    spans: Vec<Span>,
    flags: Flags,
}

impl<'a, 't> Message<'a, 't> {
    fn of(folded: &'a Folded<'t>, scene: &Scene<'a>) -> Option<Self> {
        let heard = Heard::new(folded, scene.lexicon);
        if heard.tokens.len() > MOST_TOKENS {
            return None;
        }
        let clauses = heard.clauses();
        let spans = spans::telling(spans::spans(&heard));
        let flags = clauses.iter().fold(Flags::default(), |all, clause| all.union(clause.flags));
        Some(Self { heard, clauses, spans, flags })
    }

    /// Whether there is anything to weigh: not in idle talk, and not where the strict grammar explains every word
    /// of an order.
    fn is_weighed(&self, scene: &Scene<'_>, rules: &Understood) -> bool {
        let any = concerns(self.flags, &self.spans) || !scene.lately.is_empty();
        let plain = super::act(&rules.intent).records() && self.is_plain();
        any && !plain && !self.flags.has(Flags::INJECT)
    }

    /// Whether nothing but words of ordering is said: 葡萄两箱, A1 x2, 取消.
    fn is_plain(&self) -> bool {
        let odd = TALK.union(Flags::QUESTION).union(Flags::NEGATION).union(Flags::NOTE);
        let known = |span: &Span| !matches!(span.what, What::Unknown | What::Price(_));
        self.spans.iter().all(known) && !self.flags.has(odd)
    }

    /// What stands against doing anything about it at once.
    fn doubt(&self) -> Doubt {
        if self.flags.has(Flags::JOKE) {
            return Doubt::Jest;
        }
        let unsure = Flags::CONDITION.union(Flags::QUESTION).union(Flags::STORY);
        let unsure = unsure.union(Flags::ELSEWHERE).union(Flags::ARRIVED);
        let handled = || self.clauses.iter().any(|clause| goods::read(&self.heard, clause).handles);
        if self.flags.has(unsure) || handled() { Doubt::Unsure } else { Doubt::None }
    }

    /// Propose the readings and look at them.
    fn study(&self, scene: &Scene<'_>, rules: &Understood) -> Studied {
        let recent = recent(scene);
        let ground = Ground {
            heard: &self.heard,
            spans: &self.spans,
            clauses: &self.clauses,
            scene,
            rules,
            recent: &recent,
        };
        studied(&ground)
    }

    /// What a reading that changes nothing comes to. Words with a fixed meaning that the strict grammar did not
    /// read so have no certain meaning: they are not acted on.
    fn settled(&self, reading: &Weighed, scene: &Scene<'_>, rules: Understood) -> Understood {
        let act = reading.purpose.act();
        if act == super::act(&rules.intent) {
            return rules;
        }
        let intent = match act {
            Act::Ask => reading.understood.intent.clone(),
            Act::Feedback => Intent::Feedback,
            Act::Query => self.asked(reading.purpose),
            Act::MyOrders => Intent::MyOrders,
            Act::Menu => Intent::Menu,
            Act::Help => Intent::Help,
            Act::Points => Intent::Points,
            Act::Balance => Intent::Balance,
            Act::Invite => Intent::Invite,
            Act::Silent if scene.question.is_none() => Intent::Silent,
            _ => return rules,
        };
        Understood { intent, for_whom: None, note: None }
    }

    /// What a question is about.
    fn asked(&self, purpose: Purpose) -> Intent {
        let about = match purpose.name() {
            "catalog.when" => About::Closing,
            "shipping.where" | "shipping.when" | "shipping.fee" => About::Delivery,
            "catalog.ask" => query::about(&self.heard),
            _ => About::Other,
        };
        Intent::Query(Query { about, offers: query::offers(&self.heard) })
    }
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
    super::concerns(flags) || spans.iter().any(|span| matches!(span.what, What::Named(_)))
}

/// The same of a text alone.
pub(super) fn may_concern(heard: &Heard<'_, '_>, flags: Flags) -> bool {
    let long = heard.tokens.len() > MOST_TOKENS;
    !long && !flags.has(Flags::INJECT) && concerns(flags, &spans::spans(heard))
}

/// Whether the strict grammar has read words with a fixed meaning: commands, names, money.
fn is_fixed(intent: &Intent) -> bool {
    !matches!(
        intent,
        Intent::Silent
            | Intent::Query(_)
            | Intent::Feedback
            | Intent::Ask(_)
            | Intent::Order(_)
            | Intent::Amend(_)
            | Intent::Cancel(_)
            | Intent::JoinList(_)
    )
}

/// What weighing came to.
struct Verdict {
    /// The best reading that changes orders.
    recording: Option<usize>,
    /// The best one that does not.
    other: usize,
    /// How far the first is ahead.
    gap: i64,
    /// The second is well ahead of wanting nothing, or is that.
    answers: bool,
}

fn weigh(studied: &Studied, weights: &Weights) -> Verdict {
    let words = weights.of_words(&studied.words);
    let places: Vec<i64> = studied.places.iter().map(|place| weights.of_structure(place)).collect();
    let mut none = 0;
    let mut best: [Option<(i64, usize)>; 2] = [None, None];
    for (n, reading) in studied.weighed.iter().enumerate() {
        let word = words.get(reading.purpose.place()).copied().unwrap_or(0);
        let place = reading.place.and_then(|n| places.get(n)).copied().unwrap_or(0);
        let score = word + place + weights.of_structure(&reading.structure);
        if reading.purpose == Purpose::NONE {
            none = score;
        }
        let side = &mut best[usize::from(reading.purpose.act().records())];
        if side.is_none_or(|(top, _)| score > top) {
            *side = Some((score, n));
        }
    }
    let [other, recording] = best;
    let nothing = (0, 0);
    let gap = recording.map_or(i64::MIN / 2, |(score, _)| score - other.unwrap_or(nothing).0);
    let other = other.unwrap_or(nothing);
    let answers =
        other.0 - none >= risk::ANSWER || studied.weighed[other.1].purpose == Purpose::NONE;
    Verdict { recording: recording.map(|(_, n)| n), other: other.1, gap, answers }
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

/// The same as a question that spells it out.
fn confirmed(read: Understood) -> Understood {
    let Understood { intent, for_whom, note } = read;
    let intent = Intent::Ask(Question::of(Why::Confirm, vec![intent]));
    Understood { intent, for_whom, note }
}

/// Propose the readings of `text` and look at them. `rules` is what the strict grammar makes of it.
#[must_use]
pub fn study(text: &str, scene: &Scene<'_>, rules: &Understood) -> Option<Studied> {
    let seen = normalize::visible(text);
    let folded = Folded::new(quote::own_words(&seen));
    Some(Message::of(&folded, scene)?.study(scene, rules))
}

fn studied(ground: &Ground<'_, '_, '_>) -> Studied {
    let readings = readings::readings(ground);
    let words = features::words(ground, &readings);
    let mut places = structure::Places::default();
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
    for purpose in readings::plain_purposes() {
        let understood = Understood { intent: Intent::Silent, for_whom: None, note: None };
        let (structure, place) = (Vec::new(), None);
        weighed.push(Weighed { purpose, understood, structure, place, grade: 7 });
    }
    Studied { words, places: places.features, weighed }
}

/// What was said lately, newest first, put together in the usual way.
fn recent(scene: &Scene<'_>) -> Vec<(Voice, Listed)> {
    let way = Way { order: Order::After, halves: true, sizes: true };
    let said = scene.lately.iter().rev().take(MOST_LATELY);
    let short = said.filter(|said| said.text.len() <= LONGEST_LATELY);
    short
        .map(|said| {
            let text = Folded::new(&said.text);
            let heard = Heard::new(&text, scene.lexicon);
            (said.from, items::list(&spans::spans(&heard), scene.lexicon, way))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OfferId;
    use crate::domain::intent::{HeldLine, Op, Role, WantedLine};
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
        assert!(proposed(said, &[], &[]).contains(&Intent::Order(vec![line(5, 2, Op::Add)])));
    }

    #[test]
    fn amounts_alone_are_of_what_one_has_or_spoke_of() {
        let mine = [HeldLine { offer: OfferId(5), variant: None, qty: 2 }];
        let set = Intent::Amend(vec![line(5, 3, Op::Set)]);
        assert!(proposed("还是三盒吧", &mine, &[]).contains(&set));
        let lately = [Lately { from: Voice::Me, text: "草莓".to_owned() }];
        let add = Intent::Order(vec![line(5, 3, Op::Add)]);
        assert!(proposed("三盒", &[], &lately).contains(&add));
    }

    #[test]
    fn what_others_took_may_be_wanted_too() {
        let lately = [Lately { from: Voice::Other, text: "蓝莓3盒".to_owned() }];
        let add = Intent::Order(vec![line(6, 3, Op::Add)]);
        assert!(proposed("我也要", &[], &lately).contains(&add));
    }
}
