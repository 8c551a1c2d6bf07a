//! Features of structure: how a reading was made, what it does, what stands in and beside the clause it uses,
//! what the speaker has. Each kind of feature has a number of its own; those that purposes do not share begin
//! with the purpose.

use super::clause::ReadableMessage;
use super::features::{bucket, feature, hash, kind, latin_words, number, skeleton, symbols};
use super::goods::Mode;
use super::items::SaidItem;
use super::normalize::is_han;
use super::purposes::Purpose;
use super::readings::{Ground, Made, Reading, Source};
use super::spans::{How, Span, SpanKind};
use super::units;
use crate::domain::intent::{ChainEntry, Intent, Op, WantedLine};
use crate::domain::orders;

/// Weights of structure: a power of two.
const STRUCTURE: u64 = 1 << 24;

/// The last or first character of a span; a whole word where it is Latin.
fn edge(heard: &ReadableMessage<'_, '_>, span: &Span, last: bool) -> u64 {
    let text = heard.text;
    let at = if last { span.to - 1 } else { span.from };
    let c = text.at(at);
    if !c.is_ascii_alphabetic() {
        return u64::from(u32::from(c));
    }
    let letter = |&i: &usize| text.at(i).is_ascii_alphabetic();
    let range: Vec<usize> = if last {
        (span.from..=at).rev().take_while(letter).take(12).collect()
    } else {
        (at..span.to).take_while(letter).take(12).collect()
    };
    let mut word: Vec<u64> = range.iter().map(|&i| u64::from(u32::from(text.at(i)))).collect();
    if last {
        word.reverse();
    }
    hash(&word)
}

/// The features of how a reading was made and what it does.
pub(super) fn structure(reading: &Reading, ground: &Ground<'_, '_, '_>) -> Vec<u32> {
    let mut list = Structure::new(reading.purpose, ground);
    list.made(&reading.made);
    match &reading.understood.intent {
        Intent::Orders(
            orders::Intent::Order(lines)
            | orders::Intent::Amend(lines)
            | orders::Intent::Cancel(lines),
        ) => {
            list.lines(lines, &reading.made);
        }
        Intent::Ask(question) => {
            let named = bucket(question.choices.len());
            list.add(&[120, question.why as u64]);
            list.add(&[121, named, u64::from(question.partial.is_some())]);
        }
        Intent::Orders(orders::Intent::JoinList(entries)) => {
            let short = entries.iter().filter(|entry| entry.who.chars().count() <= 6).count();
            list.add(&[130, bucket(entries.len())]);
            list.add(&[131, u64::from(short == entries.len())]);
            let numbered = |entry: &ChainEntry| entry.who.chars().any(|c| c.is_ascii_digit());
            list.add(&[133, bucket(entries.iter().filter(|it| numbered(it)).count()).min(2)]);
            let lines = ground.heard.text.source.lines().count();
            list.add(&[132, bucket(lines.saturating_sub(entries.len()))]);
        }
        _ => {}
    }
    list.agreed(reading);
    list.beneficiary(reading);
    list.features()
}

/// Where readings stand in a message, with the features of each place: many readings share one.
#[derive(Default)]
pub(super) struct ReadingPlaces {
    known: Vec<(Purpose, (usize, usize))>,
    pub(super) features: Vec<Vec<u32>>,
}

impl ReadingPlaces {
    /// The place of a reading, if it stands anywhere.
    pub(super) fn of(&mut self, reading: &Reading, ground: &Ground<'_, '_, '_>) -> Option<usize> {
        let (first, last) = Structure::reach(&reading.made)?;
        let key = (reading.purpose, (first, last));
        if let Some(n) = self.known.iter().position(|known| *known == key) {
            return Some(n);
        }
        let mut structure = Structure::new(reading.purpose, ground);
        structure.window(first, last);
        self.known.push(key);
        self.features.push(structure.features());
        Some(self.known.len() - 1)
    }
}

struct Structure<'s, 'g, 'a, 't> {
    ground: &'s Ground<'g, 'a, 't>,
    purpose: u64,
    all: Vec<u64>,
}

impl<'s, 'g, 'a, 't> Structure<'s, 'g, 'a, 't> {
    fn new(purpose: Purpose, ground: &'s Ground<'g, 'a, 't>) -> Self {
        Self { ground, purpose: number(purpose.place()), all: Vec::with_capacity(64) }
    }

    fn features(self) -> Vec<u32> {
        self.all.into_iter().map(|hash| feature(hash, STRUCTURE)).collect()
    }

    fn add(&mut self, parts: &[u64]) {
        let mut joined = vec![self.purpose];
        joined.extend(parts);
        self.all.push(hash(&joined));
    }

    /// Whether the strict grammar reads the same, if it reads anything.
    fn agreed(&mut self, reading: &Reading) {
        let rules = self.ground.rules;
        let agreed = rules.intent == reading.understood.intent;
        let act = crate::understand::act(&rules.intent) as u64;
        self.add(&[175, act, u64::from(agreed)]);
    }

    /// A feature that all purposes share.
    fn share(&mut self, parts: &[u64]) {
        self.all.push(hash(parts) ^ 0x5555);
    }

    fn made(&mut self, made: &Made) {
        let source = made.source as u64;
        let pattern = made.pattern.map_or(99, |pattern| pattern as u64);
        let order = made.way.map_or(9, |way| way.order as u64);
        self.add(&[100, source]);
        self.add(&[101, pattern]);
        self.add(&[102, pattern, source, bucket(made.items.len()).min(3)]);
        self.share(&[103, order]);
        if let Some(way) = made.way {
            self.share(&[104, u64::from(way.halves), u64::from(way.sizes)]);
        }
        self.add(&[105, bucket(made.items.len())]);
        self.share(&[112, u64::from(made.loose)]);
        self.add(&[106, bucket(made.left).min(3), source]);
        self.add(&[107, bucket(made.bare).min(3), source]);
        let last = self.ground.recent.first().map_or(0, |(voice, _)| *voice as u64 + 1);
        self.add(&[108, source, last]);
        let unknown: usize = self
            .ground
            .spans
            .iter()
            .filter(|span| matches!(span.what, SpanKind::Unknown))
            .map(|span| span.to - span.from)
            .sum();
        self.add(&[109, bucket(unknown / 3), source]);
        self.unused(made);
    }

    /// The clauses that hold the goods of a reading: their words, and how much of them nothing explains.
    fn window(&mut self, first: usize, last: usize) {
        let spans = self.ground.spans;
        let ends = |span: &Span| matches!(span.what, SpanKind::Mark(',' | '.' | '?' | ':'));
        let from = spans[..first].iter().rposition(ends).map_or(0, |n| n + 1);
        let to = spans[last..].iter().position(ends).map_or(spans.len(), |n| last + n);
        let asked = spans.get(to).is_some_and(|span| matches!(span.what, SpanKind::Mark('?')));
        let unknown = |spans: &[Span]| -> usize {
            let unknown = spans.iter().filter(|span| matches!(span.what, SpanKind::Unknown));
            unknown.map(|span| span.to - span.from).sum()
        };
        let (inside, all) = (unknown(&spans[from..to]), unknown(spans));
        let marks = (u64::from(from == 0), u64::from(to + 1 >= spans.len()));
        self.add(&[190, bucket(inside)]);
        self.add(&[191, bucket(inside / 3), bucket((all - inside) / 4)]);
        self.add(&[192, u64::from(asked), marks.0, marks.1]);
        let near = &spans[from.max(first.saturating_sub(8))..to.min(last + 9)];
        let symbols = symbols(self.ground.heard, near);
        let mut grams: Vec<u64> = Vec::new();
        for size in 1..=3 {
            grams.extend(symbols.windows(size).map(hash));
        }
        latin_words(&symbols, &mut grams);
        skeleton(near, self.ground.heard, 3, &mut grams);
        let (start, end) = (spans[from].from, spans[to - 1].to);
        let heard = self.ground.heard;
        for clause in self.ground.clauses {
            let place = heard.tokens.get(clause.from).map_or(0, |token| token.from);
            if (start..end).contains(&place) {
                for flag in clause.flags.bits() {
                    self.add(&[194, flag]);
                    self.share(&[
                        195,
                        flag,
                        u64::from(number(Purpose::ASK.place()) == self.purpose),
                    ]);
                }
            }
        }
        grams.sort_unstable();
        grams.dedup();
        for gram in grams.into_iter().take(200) {
            self.add(&[193, gram]);
        }
    }

    /// The spans that a reading uses, first and last.
    fn reach(made: &Made) -> Option<(usize, usize)> {
        let used = || {
            made.items.iter().flat_map(|item| {
                item.at.map(|_| item.to).into_iter().chain(item.at).chain(item.amount_at)
            })
        };
        Some((used().min()?, used().max()?))
    }

    /// What stands beside amounts and goods that the reading leaves.
    fn unused(&mut self, made: &Made) {
        if made.items.is_empty() {
            return;
        }
        let spans = self.ground.spans;
        for (n, span) in spans.iter().enumerate().take(60) {
            let used = made.items.iter().any(|item| {
                item.amount_at == Some(n) || item.at.is_some_and(|at| (at..=item.to).contains(&n))
            });
            let kind = match &span.what {
                SpanKind::Amount(_) => 1,
                SpanKind::Named(named) => 2 + u64::from(named.how.is_weak()),
                _ => continue,
            };
            if !used {
                let (left, right) = (self.before(n), self.behind(n));
                self.share(&[110, kind, left]);
                self.share(&[111, kind, right]);
            }
        }
    }

    /// What stands before a span: a kind, a character, a whole Latin word.
    fn before(&self, n: usize) -> u64 {
        n.checked_sub(1).and_then(|n| self.ground.spans.get(n)).map_or(1, |span| {
            kind(&span.what).unwrap_or_else(|| edge(self.ground.heard, span, true))
        })
    }

    /// What stands behind it.
    fn behind(&self, n: usize) -> u64 {
        self.ground.spans.get(n + 1).map_or(1, |span| {
            kind(&span.what).unwrap_or_else(|| edge(self.ground.heard, span, false))
        })
    }

    fn lines(&mut self, lines: &[WantedLine], made: &Made) {
        let mine = self.ground.scene.mine;
        self.add(&[140, bucket(lines.len())]);
        for line in lines.iter().take(12) {
            let op = line.op as u64 * 2 + u64::from(line.qty.is_none());
            let held = mine.iter().find(|held| {
                held.offer == line.offer && (line.variant.is_none() || held.variant == line.variant)
            });
            let other = held.is_none() && mine.iter().any(|held| held.offer == line.offer);
            let against = held.map_or(u64::from(other) * 5, |held| match line.qty {
                None => 1,
                Some(qty) if qty == held.qty => 2,
                Some(qty) if qty < held.qty => 3,
                Some(_) => 4,
            });
            self.add(&[141, op, against]);
            self.share(&[142, op, against, u64::from(mine.is_empty())]);
            let qty = usize::try_from(line.qty.unwrap_or(0)).unwrap_or(0);
            self.add(&[143, op, bucket(qty)]);
            self.share(&[144, u64::from(qty >= 30) + u64::from(qty >= 100)]);
        }
        for item in made.items.iter().take(12) {
            self.item(item, made);
        }
        self.whole(lines, made);
    }

    /// What the lines of a reading are together.
    fn whole(&mut self, lines: &[WantedLine], made: &Made) {
        let mine = self.ground.scene.mine;
        let source = made.source as u64;
        let named = |line: &WantedLine| {
            let offers = self.ground.heard.lexicon.offers();
            let is = |n: &u16| offers.get(usize::from(*n)).is_some_and(|it| it.id == line.offer);
            let spans = self.ground.spans.iter().filter_map(|span| match &span.what {
                SpanKind::Named(named) if named.offers.iter().any(is) => Some(named.how as u64),
                SpanKind::Named(named) if named.variants.iter().any(|(n, _)| is(n)) => Some(50),
                _ => None,
            });
            spans.min().unwrap_or(99)
        };
        // Goods that are understood may be named all the same; everything goes where nothing is named.
        let told: Vec<u64> = lines.iter().take(4).map(named).collect();
        if made.source != Source::Words {
            for how in &told {
                self.share(&[171, source, *how]);
            }
            let sure = self.ground.spans.iter().filter(
                |span| matches!(&span.what, SpanKind::Named(named) if !named.how.is_weak()),
            );
            let sure = bucket(sure.count()).min(2);
            self.add(&[172, source, sure, bucket(lines.len()).min(2)]);
            self.add(&[173, source, bucket(mine.len()).min(3), bucket(lines.len()).min(2)]);
        }
        if let [gone, come] = lines
            && gone.op == Op::Remove
            && come.op != Op::Remove
        {
            let had = mine.iter().find(|held| held.offer == gone.offer).map(|held| held.qty);
            let as_often = come.qty == gone.qty.or(had);
            let all = gone.qty.is_none() || gone.qty == had;
            let same = gone.offer == come.offer;
            self.share(&[174, u64::from(as_often), u64::from(all), u64::from(same)]);
            self.share(&[176, u64::from(gone.qty.is_none()), u64::from(had.is_some()), source]);
        }
    }

    fn item(&mut self, item: &SaidItem, made: &Made) {
        let pattern = made.pattern.map_or(99, |pattern| pattern as u64);
        let word = |mode: Option<Mode>| mode.map_or(9, |mode| mode as u64);
        let (lead, trail) = (word(item.lead), word(item.trail));
        let counted = u64::from(item.amount.is_some());
        let how = item.how as u64;
        self.add(&[150, pattern, lead, trail]);
        self.share(&[151, pattern, lead]);
        self.share(&[152, pattern, trail]);
        self.add(&[153, how, counted]);
        self.share(&[154, how, counted, made.source as u64]);
        if let Some(amount) = item.amount {
            let units =
                item.offers.first().and_then(|&offer| self.ground.heard.lexicon.compiled(offer));
            let unit = match (amount.measure, units) {
                (None, _) => 0,
                (Some(measure), _) if units::is_generic(measure) => 1,
                (Some(measure), Some(it)) => match units::factor(&it.units, Some(measure)) {
                    Some((1, 1)) => 2,
                    Some(_) => 3,
                    None => 4,
                },
                _ => 5,
            };
            self.share(&[155, unit, u64::from(amount.signed), u64::from(amount.vague)]);
            self.add(&[156, unit, how]);
        }
        self.beside(item, pattern);
    }

    /// What stands before, between and behind goods and their amount.
    fn beside(&mut self, item: &SaidItem, pattern: u64) {
        let spans = self.ground.spans;
        if let Some(at) = item.at {
            let (left, right) = (self.before(at), self.behind(item.to));
            self.add(&[160, pattern, left]);
            self.add(&[161, pattern, right]);
            self.share(&[162, item.how as u64, left]);
            self.share(&[163, item.how as u64, right]);
        }
        if let Some(amount) = item.amount_at {
            let (left, right) = (self.before(amount), self.behind(amount));
            self.add(&[164, pattern, left]);
            self.add(&[165, pattern, right]);
            if let Some(at) = item.at {
                let gap = item.amount_at.map_or(0, |n| {
                    let between = if n > item.to { item.to + 1..n } else { n + 1..at.max(n + 1) };
                    let marks = spans[between.clone()]
                        .iter()
                        .filter(|s| matches!(s.what, SpanKind::Mark(_)));
                    (bucket(between.len()).min(5)) * 10 + bucket(marks.count()).min(3)
                });
                self.share(&[166, gap, u64::from(item.amount_at > Some(item.to))]);
            }
        }
    }

    fn beneficiary(&mut self, reading: &Reading) {
        let Some(person) = &reading.understood.for_whom else {
            if reading.purpose.act().records() {
                self.share(&[180]);
            }
            return;
        };
        let crate::domain::person::Person::Named(name) = person else { return };
        self.share(&[
            182,
            u64::from(super::people::is_name(name)),
            u64::from(super::people::is_kin(name)),
        ]);
        self.share(&[183, bucket(name.chars().count())]);
        let source = self.ground.heard.text.source;
        if let Some(at) = source.find(name.as_str()) {
            let end = source[at + name.len()..].chars().next().map_or(1, u32::from);
            let before = source[..at].trim_end().chars().next_back().map_or(1, u32::from);
            self.share(&[184, u64::from(before)]);
            self.share(&[185, u64::from(end)]);
            for c in name.chars().filter(|&c| is_han(c)) {
                self.share(&[186, u64::from(u32::from(c))]);
            }
        }
    }
}

/// The grade of readings that are plain, among other words.
pub(super) const BESIDE: u8 = 1;
/// … whose goods or amounts are understood from what was said or is had.
pub(super) const UNDERSTOOD: u8 = 3;
/// … of what was said before, again.
pub(super) const ECHO: u8 = 4;
/// … of goods named by one letter or digit.
pub(super) const LETTER: u8 = 8;
/// … of lists with lines that could not be read.
pub(super) const TORN: u8 = 9;

/// How plainly a reading is said: 0 the plainest.
pub(super) fn grade(reading: &Reading, ground: &Ground<'_, '_, '_>) -> u8 {
    let made = &reading.made;
    match made.source {
        Source::Words => {}
        Source::Rules => return 0,
        Source::Held if made.items.is_empty() => return 5,
        Source::Held | Source::Lately | Source::Asked | Source::Instead | Source::Multiple => {
            return UNDERSTOOD;
        }
        Source::Echo => return ECHO,
        Source::Roll => return if made.left > 0 { TORN } else { 6 },
        Source::Plain => return 7,
    }
    if made.items.iter().any(|item| item.how == How::Letter) {
        return LETTER;
    }
    let sure = made.items.iter().all(|item| !item.how.is_weak());
    let counted = made.items.iter().all(|item| item.amount.is_some());
    if !sure || !counted || made.loose {
        return 2;
    }
    // What is left over may have been meant instead: 三箱，打错了，两箱.
    if made.left > 0 || made.bare > 0 {
        return 2;
    }
    u8::from(ground.spans.iter().any(|span| matches!(span.what, SpanKind::Unknown)))
}
