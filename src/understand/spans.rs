//! Spans (片段): the pieces of a message, each with its kind and what it may stand for.
//!
//! ```text
//! span := named | amount | word of ordering | place | phone | time | price | mark | unknown
//! ```
//!
//! Precise and dumb: a span says what a piece *can* be. A number may be a size or a code as well as an
//! amount, half a name may be something else. Nothing here decides whether anybody orders.

use super::clause::ReadableMessage;
use super::fuzzy;
use super::goods::Amount;
use super::lexicon::Lexicon;
use super::normalize::{Folded, is_han};
use super::numerals::{Number, ONE};
use super::opaque::Opaque;
use super::places;
use super::tokens::{Kind, Token};
use super::vocabulary::Cue;

/// A piece of a message.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// Its glyphs.
    pub(super) from: usize,
    /// One past its last glyph.
    pub(super) to: usize,
    pub(super) what: SpanKind,
}

/// What a piece can be.
#[derive(Clone, Debug)]
pub(super) enum SpanKind {
    /// Goods, a variant, or both.
    Named(NamedSpan),
    /// How many.
    Amount(CountedSpan),
    /// A word of ordering.
    Cue(Cue),
    /// A house, a flat, a room.
    Place,
    /// A phone number, a number of a parcel.
    Phone,
    /// A date or a time.
    Time,
    /// An amount of money.
    Price,
    /// Punctuation: `,` inside a sentence, `.` at its end, `?`, `:`, `&` between things of one kind.
    Mark(char),
    /// Somebody mentioned.
    Person,
    /// A sticker or emoji.
    Picture,
    /// Anything else.
    Unknown,
}

/// Goods or a variant as named.
#[derive(Clone, Debug, Default)]
pub(super) struct NamedSpan {
    /// The offers it may mean; none for a variant alone.
    pub(super) offers: Vec<u16>,
    /// The variants it may mean.
    pub(super) variants: Vec<(u16, u16)>,
    pub(super) how: How,
}

/// How goods are named, the surest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// By a code of more than one letter.
    #[default]
    Code,
    /// By name or alias.
    Name,
    /// By a code of one letter, or of digits.
    Letter,
    /// By the name of a variant alone.
    Part,
    /// By a piece of the name.
    Half,
    /// By a name with a slip in it.
    Near,
    /// By one character of the name.
    Single,
    /// By a piece of a variant's name.
    HalfPart,
    /// By a picture.
    Picture,
    /// Not named at all: what was spoken of lately, or the one thing there is.
    Understood,
}

impl How {
    /// Whether it may easily be something else.
    pub(super) fn is_weak(self) -> bool {
        self >= Self::Half
    }
}

/// A number with its unit.
#[derive(Clone, Debug)]
pub(super) struct CountedSpan {
    pub(super) amount: Amount,
    /// The variants whose name is this number.
    pub(super) sizes: Vec<(u16, u16)>,
    /// The offer whose code is this number.
    pub(super) code: Option<u16>,
}

impl CountedSpan {
    /// A number of thousandths that is nothing else.
    fn plain(milli: i64) -> Self {
        let amount = Amount { milli, measure: None, signed: false, minus: false, vague: false };
        Self { amount, sizes: Vec::new(), code: None }
    }
}

/// Cut a message into spans.
pub(super) fn spans(heard: &ReadableMessage<'_, '_>) -> Vec<Span> {
    let mut cutter = SpanCutter { heard, all: Vec::with_capacity(heard.tokens.len()), at: 0 };
    while cutter.at < heard.tokens.len() {
        cutter.step();
    }
    cutter.all
}

/// The spans without courtesy, stickers, and marks that part nothing: an order is the same with and without.
pub(super) fn telling(mut spans: Vec<Span>) -> Vec<Span> {
    let courtesy = |what: &SpanKind| matches!(what, SpanKind::Cue(Cue::Polite) | SpanKind::Picture);
    spans.retain(|span| !courtesy(&span.what));
    let mark = |span: &Span| matches!(span.what, SpanKind::Mark(',' | '.' | ':'));
    while spans.last().is_some_and(mark) {
        spans.pop();
    }
    let leading = spans.iter().take_while(|span| mark(span)).count();
    spans.drain(..leading);
    spans.dedup_by(|after, before| mark(after) && mark(before));
    spans
}

struct SpanCutter<'h, 'a, 't> {
    heard: &'h ReadableMessage<'a, 't>,
    all: Vec<Span>,
    at: usize,
}

impl SpanCutter<'_, '_, '_> {
    fn push(&mut self, from: usize, to: usize, what: SpanKind) {
        if let (SpanKind::Unknown, Some(last)) = (&what, self.all.last_mut())
            && matches!(last.what, SpanKind::Unknown)
            && last.to == from
        {
            last.to = to;
            return;
        }
        self.all.push(Span { from, to, what });
    }

    fn token(&self, n: usize) -> Option<&Token> {
        self.heard.tokens.get(n)
    }

    fn step(&mut self) {
        let token = self.heard.tokens[self.at];
        if let Some(end) = places::place(self.heard.text, token.from) {
            self.push(token.from, end, SpanKind::Place);
            while self.token(self.at).is_some_and(|token| token.from < end) {
                self.at += 1;
            }
            return;
        }
        if self.size(&token) {
            return;
        }
        match token.kind {
            Kind::Number(number) => return self.number(number),
            Kind::Unit(_) => return self.lone_unit(),
            Kind::Plus | Kind::Times | Kind::Minus if self.signs() => {
                return self.signed();
            }
            _ => {}
        }
        self.at += 1;
        let (from, to) = (token.from, token.to);
        match token.kind {
            Kind::Entry(id) => match entry(self.heard.lexicon, id, self.heard.text, from) {
                Some(named) => self.push(from, to, SpanKind::Named(named)),
                None => self.push(from, to, SpanKind::Unknown),
            },
            Kind::Code(offer) => {
                let how = How::Code;
                let named = NamedSpan { offers: vec![offer], how, ..NamedSpan::default() };
                self.push(from, to, SpanKind::Named(named));
            }
            Kind::Cue(cue) => self.cue(cue, from, to),
            Kind::Word => self.word(from, to),
            other => self.push(from, to, plain(other)),
        }
    }

    /// 大的, the small one: a size in words of one's own.
    fn size(&mut self, token: &Token) -> bool {
        if !matches!(token.kind, Kind::Word | Kind::Cue(Cue::NoteLead | Cue::Again)) {
            return false;
        }
        let Some((end, variants)) = self.heard.lexicon.half.size_at(self.heard.text, token.from)
        else {
            return false;
        };
        if end < token.to {
            return false;
        }
        self.push(token.from, end, SpanKind::Named(half_part(variants)));
        while self.token(self.at).is_some_and(|token| token.from < end) {
            self.at += 1;
        }
        true
    }

    /// Whether a sign stands before a number.
    fn signs(&self) -> bool {
        matches!(self.token(self.at + 1).map(|token| token.kind), Some(Kind::Number(_)))
    }

    fn signed(&mut self) {
        let sign = self.heard.tokens[self.at];
        let joined = self.token(self.at + 1).is_some_and(|next| !next.gap || !sign.gap);
        self.at += 1;
        // 5→8: what it was, and what it is to be.
        let counted = |span: &&mut Span| matches!(span.what, SpanKind::Amount(_));
        if self.heard.text.written(sign.from, sign.from + 1).starts_with(['→', '➡'])
            && let Some(old) = self.all.last_mut().filter(counted)
        {
            old.what = SpanKind::Cue(Cue::Set);
        }
        let from = self.all.len();
        if let Some(Kind::Number(number)) = self.token(self.at).map(|token| token.kind) {
            self.number(number);
        }
        if let Some(Span { what: SpanKind::Amount(counted), from: start, .. }) =
            self.all.get_mut(from)
        {
            counted.amount.signed = joined || sign.kind != Kind::Minus;
            counted.amount.minus = sign.kind == Kind::Minus && joined;
            *start = sign.from;
        }
    }

    /// A number, its unit, and a half after that: 两斤半.
    fn number(&mut self, number: Number) {
        let token = self.heard.tokens[self.at];
        let (from, mut to) = (token.from, token.to);
        let mut milli = number.milli;
        self.at += 1;
        let mut measure = None;
        // half a dozen
        if milli == ONE / 2
            && let Some(Kind::Number(Number { milli: ONE, spelled: true, .. })) =
                self.token(self.at).map(|token| token.kind)
        {
            self.at += 1;
        }
        if let Some(Token { kind: Kind::Unit(unit), to: end, .. }) = self.token(self.at) {
            (measure, to) = (Some(*unit), *end);
            self.at += 1;
            while let Some(Token { kind: Kind::Unit(unit), to: end, .. }) = self.token(self.at) {
                // a dozen boxes: the second unit is what is counted.
                if measure.is_some_and(super::units::is_dozen) {
                    milli = milli.saturating_mul(12);
                    measure = Some(*unit);
                }
                to = *end;
                self.at += 1;
            }
            if let Some(Token { kind: Kind::Number(half), to: end, gap: false, .. }) =
                self.token(self.at)
                && half.milli == ONE / 2
                && half.spelled
            {
                (milli, to) = (milli.saturating_add(half.milli), *end);
                self.at += 1;
            }
        }
        let lexicon = self.heard.lexicon;
        if measure.is_none() && is_price(lexicon, milli) {
            return self.push(from, to, SpanKind::Price);
        }
        let amount = Amount { milli, measure, signed: false, minus: false, vague: number.vague };
        let mut sizes = sizes(lexicon, self.heard.text, token.from, token.to);
        if sizes.is_empty() && number.milli % ONE == 0 {
            sizes = sizes_worth(lexicon, number.milli / ONE);
        }
        let code = u32::try_from(number.milli / ONE).ok().and_then(|n| lexicon.by_number(n));
        let code = code.filter(|_| number.milli % ONE == 0 && !number.spelled);
        let counted = CountedSpan { amount, sizes, code };
        self.push(from, to, SpanKind::Amount(counted));
    }

    /// 来份草莓: a unit alone counts one.
    fn lone_unit(&mut self) {
        let token = self.heard.tokens[self.at];
        let Kind::Unit(unit) = token.kind else { return };
        self.at += 1;
        let amount =
            Amount { milli: ONE, measure: Some(unit), signed: false, minus: false, vague: false };
        let counted = CountedSpan { amount, sizes: Vec::new(), code: None };
        self.push(token.from, token.to, SpanKind::Amount(counted));
    }

    /// A word of ordering that may be a piece of a name here, too.
    fn cue(&mut self, cue: Cue, from: usize, to: usize) {
        let content = matches!(
            cue,
            Cue::Decoy | Cue::Praise | Cue::Shop | Cue::Eat | Cue::Variants | Cue::Story
        );
        if content
            && self.heard.text.glyphs[from..to].iter().map(|glyph| glyph.c).eq("one of".chars())
        {
            return self.push(from, to, SpanKind::Amount(CountedSpan::plain(ONE)));
        }
        if content {
            return self.word(from, to);
        }
        self.push(from, to, SpanKind::Cue(cue));
    }

    /// Words that nobody knows as a whole: pieces of names may be in them.
    fn word(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            let (end, what) = self.piece(at, to).unwrap_or((at + 1, SpanKind::Unknown));
            let end = if is_han(self.heard.text.at(at)) { end } else { end.max(to) };
            self.push(at, end, what);
            at = end;
        }
    }

    fn piece(&self, at: usize, to: usize) -> Option<(usize, SpanKind)> {
        let (text, lexicon) = (self.heard.text, self.heard.lexicon);
        let half = &lexicon.half;
        if let Some(value) = other_number(text, at, to) {
            return Some((to, SpanKind::Amount(CountedSpan::plain(value * ONE))));
        }
        if let Some(found) = half.name_at(text, at)
            && found.0 > at + 1
        {
            return Some((found.0, SpanKind::Named(half_named(found.1, How::Half))));
        }
        if let Some((end, variants)) = half.part_at(text, at) {
            return Some((end, SpanKind::Named(half_part(variants))));
        }
        if let Some(found) = self.near(at, to) {
            return Some(found);
        }
        let (end, offers) = half.name_at(text, at)?;
        Some((end, SpanKind::Named(half_named(offers, How::Single))))
    }

    /// A name with a slip in it.
    fn near(&self, at: usize, to: usize) -> Option<(usize, SpanKind)> {
        let (text, lexicon) = (self.heard.text, self.heard.lexicon);
        let (end, id) = if is_han(text.at(at)) {
            fuzzy::han_at(text, at, lexicon)?
        } else {
            let word: Vec<char> = (at..to).map(|i| text.at(i)).collect();
            let fuzzy::Like::Slip(id) = fuzzy::like(&word, lexicon)? else { return None };
            (to, id)
        };
        let mut named = entry(lexicon, id, text, at)?;
        named.how = How::Near;
        Some((end, SpanKind::Named(named)))
    }
}

/// Whether a number is the price of something on offer, and hardly how many of it.
fn is_price(lexicon: &Lexicon, milli: i64) -> bool {
    let odd = milli % ONE != 0 || milli >= 50 * ONE;
    odd && lexicon.is_any_price(milli)
}

fn half_named(offers: &[u16], how: How) -> NamedSpan {
    NamedSpan { offers: offers.to_vec(), variants: Vec::new(), how }
}

fn half_part(variants: &[(u16, u16)]) -> NamedSpan {
    NamedSpan { offers: Vec::new(), variants: variants.to_vec(), how: How::HalfPart }
}

/// What a word of the offers stands for.
fn entry(lexicon: &Lexicon, id: u32, text: &Folded<'_>, at: usize) -> Option<NamedSpan> {
    let entry = lexicon.entry_of(id)?;
    let variants = variants_of(lexicon, id);
    if let Some(code) = entry.code {
        let how = if entry.letter { How::Letter } else { How::Code };
        return Some(NamedSpan { offers: vec![code], variants, how });
    }
    let pictured = super::normalize::is_picture(text.at(at));
    let how = match (entry.items.is_empty(), pictured) {
        (_, true) => How::Picture,
        (true, _) => How::Part,
        (false, _) => How::Name,
    };
    Some(NamedSpan { offers: entry.items.clone(), variants, how })
}

/// The variants that a word of the offers may mean.
fn variants_of(lexicon: &Lexicon, id: u32) -> Vec<(u16, u16)> {
    let Some(entry) = lexicon.entry_of(id) else { return Vec::new() };
    let of = |&offer: &u16| {
        let fitting = super::variants::matching(lexicon, offer, &[id]);
        fitting.into_iter().map(move |variant| (offer, variant))
    };
    entry.of.iter().flat_map(of).collect()
}

/// The variants whose name, or a part of it, is this number.
fn sizes(lexicon: &Lexicon, text: &Folded<'_>, from: usize, to: usize) -> Vec<(u16, u16)> {
    if let Some((end, id)) = lexicon.word_at(text, from)
        && end == to
    {
        let all = variants_of(lexicon, id);
        if !all.is_empty() {
            return all;
        }
    }
    match lexicon.half.part_at(text, from) {
        Some((end, variants)) if end >= to => variants.to_vec(),
        _ => Vec::new(),
    }
}

/// The variants that are called by this number: 四十二 of 42.
fn sizes_worth(lexicon: &Lexicon, value: i64) -> Vec<(u16, u16)> {
    let digits = value.to_string();
    let text = Folded::new(&digits);
    match lexicon.half.part_at(&text, 0) {
        Some((end, variants)) if end == text.len() => variants.to_vec(),
        _ => Vec::new(),
    }
}

/// Numbers of the neighbours' languages.
const OTHER_NUMBERS: &[(&str, i64)] = &[
    ("satu", 1),
    ("dua", 2),
    ("tiga", 3),
    ("empat", 4),
    ("lima", 5),
    ("enam", 6),
    ("tujuh", 7),
    ("lapan", 8),
    ("sembilan", 9),
    ("sepuluh", 10),
    ("isa", 1),
    ("isang", 1),
    ("dalawa", 2),
    ("dalawang", 2),
    ("tatlo", 3),
    ("tatlong", 3),
    ("apat", 4),
    ("limang", 5),
    ("anim", 6),
    ("ek", 1),
    ("teen", 3),
    ("char", 4),
    ("chaar", 4),
    ("paanch", 5),
    ("panch", 5),
    ("chhe", 6),
    ("saat", 7),
    ("aath", 8),
    ("nau", 9),
    ("das", 10),
    ("jedna", 1),
    ("dwa", 2),
    ("dos", 2),
    ("tres", 3),
];

fn other_number(text: &Folded<'_>, from: usize, to: usize) -> Option<i64> {
    let says = |word: &str| {
        word.len() == to - from && word.chars().enumerate().all(|(n, c)| text.at(from + n) == c)
    };
    OTHER_NUMBERS.iter().find(|(word, _)| says(word)).map(|&(_, value)| value)
}

/// What needs no look at its neighbours.
fn plain(kind: Kind) -> SpanKind {
    match kind {
        Kind::Comma | Kind::Bracket => SpanKind::Mark(','),
        Kind::List | Kind::Plus => SpanKind::Mark('&'),
        Kind::Colon => SpanKind::Mark(':'),
        Kind::End => SpanKind::Mark('.'),
        Kind::QuestionMark => SpanKind::Mark('?'),
        Kind::Quote | Kind::Hash | Kind::Minus | Kind::Times => SpanKind::Mark('-'),
        Kind::Mention => SpanKind::Person,
        Kind::Picture => SpanKind::Picture,
        Kind::Opaque(Opaque::Address) => SpanKind::Place,
        Kind::Opaque(Opaque::Phone) => SpanKind::Phone,
        Kind::Opaque(Opaque::Date | Opaque::Time) => SpanKind::Time,
        Kind::Opaque(Opaque::Price(_)) => SpanKind::Price,
        _ => SpanKind::Unknown,
    }
}
