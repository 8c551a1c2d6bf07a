//! Features (特征): what the judge looks at, as hashed numbers; here those of the words of a message.
//!
//! Runs of one to four characters, goods, codes, numbers, units, places and people replaced by their kinds;
//! whole Latin words; runs of what spans are; what surrounds the message. They are joined with the purpose, by
//! the rows of the weights. Each kind of feature has a number of its own. Present or absent; the same in
//! training and at work. [`structure`](super::structure) has those of readings.

use super::Voice;
use super::clause::ReadableMessage;
use super::lines::ListPattern;
use super::normalize::Folded;
use super::readings::{Ground, Reading, Source};
use super::spans::{How, Span, SpanKind};
use crate::domain::intent::{Intent, Role};

/// Rows of the weights of words: a power of two.
const WORDS: u64 = 1 << 24;
/// Of a longer message its head and its tail are looked at.
const HEAD: usize = 120;
const TAIL: usize = 40;
/// No message has more features of words.
const MOST: usize = 600;

/// A hash of small numbers, the same on every machine.
pub(super) fn hash(parts: &[u64]) -> u64 {
    let mut all = 0xcbf2_9ce4_8422_2325_u64;
    for &part in parts {
        all = (all ^ part).wrapping_mul(0x0000_0100_0000_01b3);
        all ^= all >> 29;
    }
    all.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
}

/// A hash as a feature.
pub(super) fn feature(hash: u64, size: u64) -> u32 {
    u32::try_from(hash % size).unwrap_or(0)
}

/// A count as a part of a hash.
pub(super) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// About how many.
pub(super) fn bucket(count: usize) -> u64 {
    match count {
        0..=3 => number(count),
        4..=5 => 4,
        6..=10 => 5,
        11..=20 => 6,
        _ => 7,
    }
}

/// A kind of span as one symbol beyond all characters.
pub(super) fn kind(what: &SpanKind) -> Option<u64> {
    let kind = match what {
        SpanKind::Named(named) => match named.how {
            How::Code | How::Letter => 1,
            How::Name => 2,
            How::Part | How::HalfPart => 4,
            How::Picture => 5,
            _ => 3,
        },
        SpanKind::Amount(counted) => {
            let amount = counted.amount;
            if amount.vague {
                9
            } else if amount.signed {
                8
            } else if amount.measure.is_some() {
                7
            } else {
                6
            }
        }
        SpanKind::Place => 10,
        SpanKind::Phone => 11,
        SpanKind::Time => 12,
        SpanKind::Price => 13,
        SpanKind::Person => 14,
        SpanKind::Picture => 15,
        _ => return None,
    };
    Some(0x20_0000 + kind)
}

/// The message as symbols: kinds of spans, and the characters of everything else.
pub(super) fn symbols(heard: &ReadableMessage<'_, '_>, spans: &[Span]) -> Vec<u64> {
    let text = heard.text;
    let mut all = vec![0x20_0100];
    let mut at = spans.first().map_or(0, |span| span.from);
    for span in spans {
        let latin = |i: usize| text.at(i).is_ascii_alphanumeric();
        if at < span.from && at > 0 && latin(at - 1) && latin(span.from) {
            all.push(u64::from(u32::from(' ')));
        }
        match kind(&span.what) {
            Some(kind) => all.push(kind),
            None => all.extend((span.from..span.to).map(|i| u64::from(u32::from(text.at(i))))),
        }
        at = span.to;
        if all.len() > 20 * (HEAD + TAIL) {
            break;
        }
    }
    all.push(0x20_0101);
    if all.len() > HEAD + TAIL {
        all.drain(HEAD..all.len() - TAIL);
    }
    all
}

/// The features of the words of a message, of what was said before, and of what the strict grammar makes of it.
pub(super) fn words(ground: &Ground<'_, '_, '_>, readings: &[Reading]) -> Vec<u32> {
    let symbols = symbols(ground.heard, ground.spans);
    let mut all = Vec::with_capacity(symbols.len() * 5);
    for size in 1..=4 {
        all.extend(symbols.windows(size).map(hash));
    }
    latin_words(&symbols, &mut all);
    around(ground, &mut all);
    before(ground, &mut all);
    all.push(hash(&[7130, crate::understand::act(&ground.rules.intent) as u64]));
    outcome(ground, readings, &mut all);
    skeleton(ground.spans, ground.heard, 4, &mut all);
    for flags in ground.clauses.iter().flat_map(|clause| clause.flags.bits()) {
        all.push(hash(&[7200, flags]));
    }
    let mut all: Vec<u32> = all.into_iter().map(|hash| feature(hash, WORDS)).collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(MOST);
    all
}

/// Runs of what spans are, whatever they say: want, amount, goods.
pub(super) fn skeleton(
    spans: &[Span],
    heard: &ReadableMessage<'_, '_>,
    longest: usize,
    all: &mut Vec<u64>,
) {
    let bone = |span: &Span| match &span.what {
        SpanKind::Cue(cue) => 0x30_0000 + cue.number(),
        SpanKind::Mark(mark) => u64::from(u32::from(*mark)),
        SpanKind::Unknown => {
            let long = span.to - span.from;
            0x30_1000 + bucket(long / 2) + 10 * u64::from(heard.text.at(span.from).is_ascii())
        }
        what => kind(what).unwrap_or(0),
    };
    let bones: Vec<u64> = spans.iter().take(HEAD).map(bone).collect();
    for size in 1..=longest {
        for run in bones.windows(size) {
            all.push(hash(&[7300, hash(run)]));
        }
    }
}

/// Whole Latin words, alone and in pairs; kinds count as words.
pub(super) fn latin_words(symbols: &[u64], all: &mut Vec<u64>) {
    let letter = |symbol: u64| {
        u8::try_from(symbol).is_ok_and(|byte| byte.is_ascii_alphanumeric() || byte == b'\'')
    };
    let mut before = 0;
    for run in symbols.chunk_by(|a, b| letter(*a) && letter(*b)) {
        let word = match run.first() {
            Some(&first) if letter(first) => hash(run),
            Some(&first) if first >= 0x20_0000 => first,
            Some(&first) if first == u64::from(u32::from(' ')) => continue,
            _ => 0,
        };
        if word != 0 {
            all.push(hash(&[7001, word]));
            all.push(hash(&[7002, before, word]));
        }
        before = word;
    }
}

/// What surrounds a message.
fn around(ground: &Ground<'_, '_, '_>, all: &mut Vec<u64>) {
    let scene = ground.scene;
    let count =
        |test: fn(&SpanKind) -> bool| ground.spans.iter().filter(|span| test(&span.what)).count();
    let sure = count(|what| matches!(what, SpanKind::Named(named) if !named.how.is_weak()));
    let weak = count(|what| matches!(what, SpanKind::Named(named) if named.how.is_weak()));
    let amounts = count(|what| matches!(what, SpanKind::Amount(_)));
    let lines = ground.heard.text.source.lines().count();
    let leads = u64::from(scene.role >= Role::Leader);
    let said = ground.recent.first().map_or(0, |(voice, listed)| match voice {
        Voice::Me => 1,
        Voice::Bot => 2 + u64::from(listed.items.is_empty()),
        Voice::Other => 4,
    });
    let asked = scene
        .lately
        .last()
        .is_some_and(|last| last.from == Voice::Bot && last.text.ends_with(['?', '？']));
    let has = u64::from(!scene.mine.is_empty());
    let long: usize = ground.spans.iter().map(|span| span.to - span.from).sum();
    let len = bucket(long / 4);
    let alone = u64::from(ground.heard.lexicon.offers().len() == 1);
    all.push(hash(&[7100, 1]));
    all.push(hash(&[7101, leads]));
    all.push(hash(&[7102, bucket(sure), bucket(amounts)]));
    all.push(hash(&[7103, bucket(weak), bucket(amounts), bucket(sure).min(1)]));
    all.push(hash(&[7104, bucket(lines)]));
    all.push(hash(&[7106, said, has, u64::from(asked)]));
    all.push(hash(&[7107, len]));
    all.push(hash(&[7108, alone, bucket(amounts)]));
    all.push(hash(&[7109, has, bucket(sure).min(2), bucket(amounts).min(2)]));
    all.push(hash(&[7110, u64::from(scene.question.is_some())]));
}

/// What was said last, by the shop or the speaker.
fn before(ground: &Ground<'_, '_, '_>, all: &mut Vec<u64>) {
    let Some(last) = ground.scene.lately.last() else { return };
    let voice = last.from as u64;
    let said = Folded::new(&last.text);
    let glyph = |i: usize| match said.at(i) {
        c if c.is_ascii_digit() => u64::from(u32::from('0')),
        c => u64::from(u32::from(c)),
    };
    let from = said.len().saturating_sub(TAIL / 2);
    let tail: Vec<u64> = (from..said.len()).map(glyph).collect();
    for run in tail.windows(2) {
        all.push(hash(&[7140, voice, hash(run)]));
    }
}

/// What the plainest reading comes to: whether there is an order to be had, and what it lacks.
fn outcome(ground: &Ground<'_, '_, '_>, readings: &[Reading], all: &mut Vec<u64>) {
    let plainest = readings
        .iter()
        .find(|one| one.made.source == Source::Words && one.made.pattern == Some(ListPattern::Add));
    let (kind, weak, counted) = plainest.map_or((0, 0, 0), |one| {
        let items = &one.made.items;
        let weak = items.iter().any(|item| item.how.is_weak());
        let counted = items.iter().filter(|item| item.amount.is_some()).count();
        let kind = match &one.understood.intent {
            Intent::Ask(question) => 2 + question.why as u64,
            _ => 1,
        };
        let counted = match counted {
            0 => 0,
            n if n == items.len() => 2,
            _ => 1,
        };
        (kind, u64::from(weak), counted)
    });
    let unknown: usize = ground
        .spans
        .iter()
        .filter(|span| matches!(span.what, SpanKind::Unknown))
        .map(|span| span.to - span.from)
        .sum();
    all.push(hash(&[7120, kind]));
    all.push(hash(&[7121, kind, weak, counted]));
    all.push(hash(&[7122, kind, counted, bucket(unknown / 2)]));
    all.push(hash(&[7123, bucket(unknown / 2)]));
    all.push(hash(&[
        7124,
        kind,
        u64::from(ground.scene.mine.is_empty()),
        number(ground.recent.len().min(1)),
    ]));
}
