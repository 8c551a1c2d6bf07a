//! A folded message as tokens: words of the offers, numbers, units, cues, and what is left.
//!
//! At every place the longest word wins, a word of an offer over a cue of the same length, and a cue
//! never swallows the beginning of a longer name. Units are looked for after numbers only (个, 包
//! and 点 are parts of many words). Numbers that are no quantities (times, dates, house numbers,
//! phones, prices) become [`Opaque`] here, in [`opaque`](mod@super::opaque).

use super::clause::is_some_of_it;
use super::lexicon::Lexicon;
use super::normalize::{Folded, PICTURE, is_han, is_picture};
use super::numerals::{Number, ONE, number};
use super::opaque::{self, Opaque};
use super::units::Measure;
use super::vocabulary::{Cue, VOCABULARY};
use crate::domain::message::is_mark;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// A word of the offers, by entry.
    Entry(u32),
    /// An offer by its number: `#3`, 3号.
    Code(u16),
    /// A number that may be a quantity.
    Number(Number),
    /// A unit, right after a number.
    Unit(Measure),
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `x`, `*`, `=`
    Times,
    /// A word with a meaning of its own.
    Cue(Cue),
    /// A number that is no quantity.
    Opaque(Opaque),
    /// `,` and blanks' stronger cousins inside a sentence.
    Comma,
    /// `、` and `/`: between things of one kind.
    List,
    /// `:` or `|`
    Colon,
    /// `。`, `;`, `!`, `~` or the end of a line.
    End,
    /// `?`
    QuestionMark,
    /// `(` or `)`
    Bracket,
    /// A quotation mark.
    Quote,
    /// A mention, or `@小美` as typed.
    Mention,
    /// An emoji or sticker.
    Picture,
    /// `#`
    Hash,
    /// Anything else: a word nobody knows.
    Word,
}

/// A token and the glyphs it covers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether a blank stands before it.
    pub(super) gap: bool,
}

impl Token {
    /// The cue this token is, if it is one.
    pub(super) fn cue(&self) -> Option<Cue> {
        if let Kind::Cue(cue) = self.kind { Some(cue) } else { None }
    }
}

/// Classifiers that may stand without a number after a verb.
const SINGLE: &str = "个份盒箱袋包瓶斤板条件双杯碗只罐套盘桶串";

/// Cut a folded message into tokens.
pub(super) fn tokens(text: &Folded<'_>, lexicon: &Lexicon) -> Vec<Token> {
    let mut cutter =
        TokenCutter { text, lexicon, all: Vec::with_capacity(text.len() / 2 + 2), gap: false };
    let mut at = 0;
    while at < text.len() {
        at = cutter.step(at).max(at + 1);
    }
    cutter.all
}

struct TokenCutter<'a, 't> {
    text: &'a Folded<'t>,
    lexicon: &'a Lexicon,
    all: Vec<Token>,
    gap: bool,
}

impl TokenCutter<'_, '_> {
    fn push(&mut self, kind: Kind, from: usize, to: usize) -> usize {
        let gap = std::mem::take(&mut self.gap);
        // A run of unknown Han characters is one word.
        if kind == Kind::Word
            && !gap
            && let Some(last) = self.all.last_mut()
            && last.kind == Kind::Word
            && last.to == from
        {
            last.to = to;
            return to;
        }
        self.all.push(Token { kind, from, to, gap });
        to
    }

    fn step(&mut self, at: usize) -> usize {
        let c = self.text.at(at);
        if c == ' ' {
            self.gap = true;
            return at + 1;
        }
        if self.after_number(at)
            && let Some((end, measure)) = self.unit(at)
        {
            return self.push(Kind::Unit(measure), at, end);
        }
        if let Some(end) = self.address_of_page(at) {
            return self.push(Kind::Word, at, end);
        }
        // 取消掉, cancel 掉
        if c == '掉'
            && let Some(last) = self.all.last_mut()
            && matches!(last.cue(), Some(Cue::Drop | Cue::Less))
        {
            last.to = at + 1;
            return at + 1;
        }
        // no.3, not the word "no"
        if c == 'n'
            && let Some((offer, end)) = opaque::numbered_code(self.text, at, self.lexicon)
        {
            return self.push(Kind::Code(offer), at, end);
        }
        if let Some((kind, end)) = self.word(at) {
            return self.push(kind, at, end);
        }
        if let Some((kind, end)) = self.numeric(at) {
            return self.push(kind, at, end);
        }
        if let Some(kind) = mark(c) {
            return self.push(kind, at, at + 1);
        }
        self.other(at)
    }

    /// A link and all that is in it: nobody orders by one.
    fn address_of_page(&self, at: usize) -> Option<usize> {
        let begins = |word: &str| word.chars().enumerate().all(|(n, c)| self.text.at(at + n) == c);
        if !matches!(self.text.at(at), 'h' | 'w')
            || !(begins("http://") || begins("https://") || begins("www."))
        {
            return None;
        }
        let mut end = at;
        while self.text.at(end).is_ascii_graphic() {
            end += 1;
        }
        Some(end)
    }

    fn after_number(&self, at: usize) -> bool {
        self.all.last().is_some_and(|last| match last.kind {
            Kind::Number(_) | Kind::Cue(Cue::Vague | Cue::Count(_)) => true,
            // 来几盒
            Kind::Cue(Cue::Wh) => is_some_of_it(&self.all, self.all.len() - 1, self.text),
            // 来份草莓, 加多個: a classifier right after a verb counts one.
            Kind::Cue(Cue::Want | Cue::Again | Cue::Less | Cue::Help) => {
                let han = last.to == at && SINGLE.contains(self.text.at(at));
                // one less loaf
                let fewer = last.cue() == Some(Cue::Less)
                    && self
                        .all
                        .iter()
                        .rev()
                        .nth(1)
                        .is_some_and(|it| matches!(it.kind, Kind::Number(_)));
                han && is_han(self.text.at(at - 1))
                    || (last.cue() == Some(Cue::Again) || fewer) && self.gap
            }
            // half a dozen, a dozen boxes
            Kind::Unit(_) => !is_han(self.text.at(last.to - 1)),
            _ => false,
        })
    }

    fn unit(&self, at: usize) -> Option<(usize, Measure)> {
        let sized = usize::from(matches!(self.text.at(at), '大' | '小' | '整') && at > 0);
        let found = self.lexicon.unit_at(self.text, at);
        let (end, measure) = found.or_else(|| self.lexicon.unit_at(self.text, at + sized))?;
        // 两 after a number is a weight only beside 斤 (一斤八两), else it starts the next number.
        let tael = self.text.at(at) == '两' && end == at + 1;
        if tael && !self.text.glyphs[..at].iter().rev().take(4).any(|g| g.c == '斤') {
            return None;
        }
        // 3合 is 3盒 as many type it; 3合计 is a sum.
        if self.text.at(at) == '合' && "计共起适作同并集照格".contains(self.text.at(at + 1))
        {
            return None;
        }
        // 两大盒, 一小袋
        let longer = self.lexicon.word_at(self.text, at).is_some_and(|(to, _)| to > end);
        (!longer).then_some((end, measure))
    }

    /// A word of an offer or a cue.
    fn word(&self, at: usize) -> Option<(Kind, usize)> {
        // A size such as 38 stays a number; the grammar knows which offers have it.
        let own = self.lexicon.word_at(self.text, at).filter(|&(end, id)| {
            let digits = (at..end).all(|i| self.text.at(i).is_ascii_digit());
            !digits && self.letter_is_code(id, at)
        });
        let mut cue = None;
        VOCABULARY.each(self.text, at, |found| {
            if !self.cuts_a_name(at, found.end) {
                cue = Some(found);
            }
        });
        let cue = cue.filter(|found| own.is_none_or(|(end, _)| found.end > end));
        if let Some(found) = cue {
            return Some((as_number(found.what), found.end));
        }
        own.map(|(end, id)| (Kind::Entry(id), end))
    }

    /// A code of one letter needs a capital, or a sign or number after it.
    fn letter_is_code(&self, id: u32, at: usize) -> bool {
        let Some(entry) = self.lexicon.entry_of(id) else { return false };
        if !entry.letter || !entry.items.is_empty() || !entry.parts.is_empty() {
            return true;
        }
        let next = at + 1 + usize::from(self.text.at(at + 1) == ' ');
        let follows = self.text.at(next);
        let counted = follows.is_ascii_digit()
            || matches!(follows, '*' | '+' | '=')
            || (follows == 'x' && self.digit_at(next + 1))
            || number(self.text, next).is_some()
            || matches!(follows, '餐' | '套' | '款' | '饭');
        let capital = self.text.written(at, at + 1).chars().any(char::is_uppercase)
            || self.text.written(at, at + 1).chars().any(|c| matches!(c, 'Ａ'..='Ｚ'));
        counted || (capital && (!follows.is_ascii_alphabetic() || next == at + 1))
    }

    /// A digit at glyph `at`, or behind a blank there.
    fn digit_at(&self, at: usize) -> bool {
        self.text.at(at + usize::from(self.text.at(at) == ' ')).is_ascii_digit()
    }

    /// Whether a cue from `at` to `end` would swallow the beginning of a name that goes on.
    fn cuts_a_name(&self, at: usize, end: usize) -> bool {
        (at + 1..end).any(|from| {
            self.lexicon.word_at(self.text, from).is_some_and(|(to, id)| {
                to > end && self.lexicon.entry_of(id).is_some_and(|e| !e.items.is_empty())
            })
        })
    }

    fn numeric(&self, at: usize) -> Option<(Kind, usize)> {
        if self.text.at(at) == '第'
            && let Some((offer, end)) = opaque::numbered_code(self.text, at, self.lexicon)
            && matches!(self.text.at(end - 1), '款' | '号')
        {
            return Some((Kind::Code(offer), end));
        }
        if let Some((opaque, end)) = opaque::opaque(self.text, at, self.lexicon) {
            if let Some((number, end)) = number(self.text, at)
                && opaque == Opaque::Phone
                && self.counts(number, end)
            {
                return Some((Kind::Number(number), end));
            }
            return Some((Kind::Opaque(opaque), end));
        }
        if let Some((offer, end)) = opaque::numbered_code(self.text, at, self.lexicon) {
            return Some((Kind::Code(offer), end));
        }
        let (number, end) = number(self.text, at)?;
        Some((Kind::Number(number), end))
    }

    /// A4 99999999999, A4 x 99999999999, 99999999瓶: what is long as a phone number stands where a
    /// quantity would. It is asked back like any that is too large.
    fn counts(&self, number: Number, end: usize) -> bool {
        let goods = |token: &Token| matches!(token.kind, Kind::Entry(_) | Kind::Code(_));
        let mut before = self.all.iter().rev();
        let Some(last) = before.next() else {
            return !number.is_mobile() && self.unit(end).is_some();
        };
        if matches!(last.kind, Kind::Plus | Kind::Times) {
            return before.next().is_some_and(goods);
        }
        if number.is_mobile() {
            return false;
        }
        let coded = match last.kind {
            Kind::Code(_) => true,
            Kind::Entry(id) => self.lexicon.entry_of(id).is_some_and(|entry| entry.code.is_some()),
            _ => false,
        };
        // Beside a name a number that might be somebody's phone is none.
        coded || self.unit(end).is_some() || (goods(last) && !number.is_phone())
    }

    /// Latin words as a whole, mentions, pictures, and single characters of unknown words.
    fn other(&mut self, at: usize) -> usize {
        let c = self.text.at(at);
        if is_mark(c) {
            return self.push(Kind::Mention, at, at + 1);
        }
        if c == '@' {
            return self.mention(at);
        }
        if c == PICTURE || is_picture(c) {
            return self.push(Kind::Picture, at, at + 1);
        }
        let times = c == 'x'
            && !self.text.at(at.wrapping_sub(1)).is_ascii_alphabetic()
            && matches!(self.text.at(at + 1), '0'..='9' | ' ')
            || (c == 'x' && self.digit_after_word(at));
        if times {
            return self.push(Kind::Times, at, at + 1);
        }
        if !c.is_ascii_alphanumeric() {
            return self.push(Kind::Word, at, at + 1);
        }
        let mut end = at + 1;
        while matches!(self.text.at(end), 'a'..='z' | '0'..='9' | '\'' | '_') {
            end += 1;
        }
        self.push(Kind::Word, at, end)
    }

    /// The x of `a1x2`.
    fn digit_after_word(&self, at: usize) -> bool {
        let before = self.all.last().is_some_and(|last| {
            last.to == at && matches!(last.kind, Kind::Entry(_) | Kind::Code(_))
        });
        before && self.text.at(at + 1).is_ascii_digit()
    }

    /// `@小美` as typed, up to a blank, U+2005, punctuation or the end.
    fn mention(&mut self, at: usize) -> usize {
        let mut end = at + 1;
        while end < self.text.len() && end - at < 40 {
            let c = self.text.at(end);
            if matches!(c, ' ' | '\n' | '@' | '#') || mark(c).is_some() || is_mark(c) {
                break;
            }
            end += 1;
        }
        self.push(Kind::Mention, at, end)
    }
}

/// English numbers are numbers: "a" before goods or a unit counts one.
fn as_number(cue: Cue) -> Kind {
    match cue {
        Cue::Count(value) => Kind::Number(Number::whole(i64::from(value))),
        Cue::Half => Kind::Number(Number { milli: ONE / 2, ..Number::whole(0) }),
        other => Kind::Cue(other),
    }
}

/// Punctuation and signs of one character.
fn mark(c: char) -> Option<Kind> {
    Some(match c {
        ',' => Kind::Comma,
        '、' | '/' | '\\' => Kind::List,
        ':' | '|' => Kind::Colon,
        '\n' | '。' | ';' | '!' | '~' | '.' => Kind::End,
        '?' => Kind::QuestionMark,
        '(' | ')' | '<' | '>' => Kind::Bracket,
        '"' | '\'' | '「' | '」' | '『' | '』' | '《' | '》' => Kind::Quote,
        '+' => Kind::Plus,
        '-' => Kind::Minus,
        '*' | '=' => Kind::Times,
        '#' => Kind::Hash,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    #[track_caller]
    fn check(said: &str, expected: &str) {
        let text = Folded::new(said);
        let lexicon = fixture::lexicon("fruit");
        let got: Vec<String> = tokens(&text, &lexicon)
            .iter()
            .map(|token| {
                let shown = format!("{:?}", token.kind);
                let name = shown.split(['(', ' ']).next().unwrap_or("").to_owned();
                format!("{}:{name}", text.written(token.from, token.to).trim())
            })
            .collect();
        assert_eq!(got.join(" "), expected);
    }

    #[test]
    fn names_numbers_and_units() {
        check("草莓2盒", "草莓:Entry 2:Number 盒:Unit");
        check("a1*2 b3", "a1:Entry *:Times 2:Number b3:Entry");
        check("A1x2", "A1:Entry x:Times 2:Number");
    }

    #[test]
    fn numbers_that_are_no_quantities() {
        check("13:30", "13:30:Opaque");
        check("3栋2单元501", "3栋2单元501:Opaque");
        check("¥59", "¥59:Opaque");
    }

    #[test]
    fn a_cue_never_cuts_a_name() {
        check("要苹果手机", "要:Cue 苹果手机:Cue");
        check("要红富士", "要:Cue 红富士:Entry");
    }
}
