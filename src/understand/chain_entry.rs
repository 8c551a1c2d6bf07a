//! One entry of a chain: who, and what they take.
//!
//! The name comes first and can look like anything (柠檬茶, 7喜, 不要叫我胖子): it is the shortest
//! beginning of the entry after which the rest reads as goods, at a blank if there is one. A struck
//! or cancelled entry has a name and no lines. Nothing is asked back here: what cannot be read
//! stays out, and the leader sees the chain.

use super::clause::{Flags, Heard};
use super::goods::{self, Amount, Mode, Said};
use super::lexicon::Lexicon;
use super::normalize::Folded;
use super::numerals::ONE;
use super::pairing::{self, Item};
use super::resolve::{self, Outcome};
use super::tokens::Kind;
use crate::domain::intent::{MAX_QTY, Op, WantedLine};

/// What holds for entries that do not say it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ground {
    /// The one offer the header names.
    pub(super) default: Option<u16>,
}

/// Longer entries are cut: nobody orders more in one line.
const LONGEST: usize = 400;
/// How many ways to divide name and goods are tried.
const MOST_SPLITS: usize = 12;

/// Read an entry without its number.
pub(super) fn read(body: &str, lexicon: &Lexicon, ground: Ground) -> (String, Vec<WantedLine>) {
    let body = &body[..body.floor_char_boundary(LONGEST)];
    for split in splits(body, lexicon) {
        let (name, rest) = body.split_at(split);
        if let Some(lines) = lines(rest, lexicon, ground).filter(|lines| !lines.is_empty()) {
            return (tidy_name(name), lines);
        }
    }
    // 草莓2盒 小美: the name at the end.
    if let Some((rest, name)) = body.rsplit_once([' ', '　', '\t', '-', '—'])
        && let Some(lines) = lines(rest, lexicon, ground).filter(|lines| !lines.is_empty())
    {
        return (tidy_name(name), lines);
    }
    let whole = lines(body, lexicon, ground).unwrap_or_default();
    if whole.is_empty() {
        let name = body.split([' ', '　', ':', '：', '\t']).next().unwrap_or(body);
        return (tidy_name(name), Vec::new());
    }
    (String::new(), whole)
}

fn tidy_name(name: &str) -> String {
    let blank = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ':' | '：' | '|' | '｜' | ',' | '，' | '、' | '-' | '—' | '@' | '.' | '~'
            )
    };
    name.trim_matches(blank).chars().filter(|c| !c.is_control()).take(32).collect()
}

/// Where the goods may begin, best first: after each blank, then after each token.
fn splits(body: &str, lexicon: &Lexicon) -> Vec<usize> {
    let mut all: Vec<usize> = body
        .char_indices()
        .filter(|(_, c)| c.is_whitespace() || matches!(c, ':' | '：' | '|' | '｜'))
        .map(|(at, c)| at + c.len_utf8())
        .take(MOST_SPLITS / 2)
        .collect();
    // 草莓 2盒: if the first word is goods and what follows is only its amount, both readings
    // are open; a name before a blank is the commoner one.
    let folded = Folded::new(body);
    let heard = Heard::new(&folded, lexicon);
    let tokens = heard.tokens.iter().skip(1).map(|token| folded.byte(token.from));
    all.extend(tokens.filter(|&at| at > 0 && at < body.len()).take(MOST_SPLITS / 2));
    all
}

/// The lines in a text that has to be nothing but goods and remarks; `None` if it is not.
pub(super) fn lines(text: &str, lexicon: &Lexicon, ground: Ground) -> Option<Vec<WantedLine>> {
    let mixed = ground.default.and_then(|_| mixed(text, lexicon, ground));
    mixed.or_else(|| plain_lines(text, lexicon, ground))
}

/// 1盒、葡萄1盒: an amount of what the header names, then other goods.
fn mixed(text: &str, lexicon: &Lexicon, ground: Ground) -> Option<Vec<WantedLine>> {
    let (first, rest) = text.split_once(['、', '，', ',', '+', '＋'])?;
    let bare = Folded::new(first);
    let bare = Heard::new(&bare, lexicon);
    let counts = |kind: Kind| matches!(kind, Kind::Number(_) | Kind::Unit(_));
    let alone = bare.tokens.iter().all(|token| counts(token.kind)) && !bare.tokens.is_empty();
    let mut all = plain_lines(first, lexicon, ground).filter(|_| alone)?;
    let more = plain_lines(rest, lexicon, ground)?;
    if more.is_empty() {
        return None;
    }
    all.extend(more);
    Some(all)
}

fn plain_lines(text: &str, lexicon: &Lexicon, ground: Ground) -> Option<Vec<WantedLine>> {
    let folded = Folded::new(text);
    let heard = Heard::new(&folded, lexicon);
    let mut ordering: Vec<Said<'_>> = Vec::new();
    for clause in heard.clauses() {
        let said = goods::read(&heard, &clause);
        if said.has_mode(Mode::Drop) && !said.has_amount() {
            return Some(Vec::new());
        }
        let states = said.has_goods() || said.has_amount();
        if said.residue > 0 || clause.flags.has(Flags::QUESTION) {
            if states || ordering.is_empty() {
                return None;
            }
            continue;
        }
        ordering.push(said);
    }
    let refs: Vec<&Said<'_>> = ordering.iter().collect();
    let paired = pairing::pair(&refs, &|_, _| false);
    if paired.muddled {
        return None;
    }
    if paired.items.is_empty() {
        let [(amount, _)] = paired.bare.as_slice() else { return None };
        let qty = own_units(*amount, lexicon, ground.default?)?;
        return Some(vec![default_line(lexicon, ground.default?, qty)?]);
    }
    paired.items.iter().map(|item| line(item, lexicon, ground)).collect()
}

fn default_line(lexicon: &Lexicon, offer: u16, qty: u32) -> Option<WantedLine> {
    let words = lexicon.offer(offer).filter(|words| words.variants.is_empty())?;
    Some(WantedLine { offer: words.id, variant: None, qty: Some(qty), op: Op::Add })
}

fn line(item: &Item, lexicon: &Lexicon, ground: Ground) -> Option<WantedLine> {
    let mut item = item.clone();
    if let Some(default) = ground.default
        && item.goods.offers.contains(&default)
    {
        item.goods.offers = vec![default];
        item.goods.named = true;
    }
    match resolve::line(&item, lexicon, &[], Op::Add) {
        Outcome::Line(line) => Some(line),
        Outcome::NoQuantity(_, line) => {
            let offer = *item.goods.offers.first()?;
            let qty = own_units(item.amount?, lexicon, offer)?;
            Some(WantedLine { qty: Some(qty), ..line })
        }
        Outcome::OneOf(..) => None,
    }
}

/// In a chain a bare number counts the own unit even of goods sold by weight: the header says 32/斤.
fn own_units(amount: Amount, lexicon: &Lexicon, offer: u16) -> Option<u32> {
    if let Ok(qty) = resolve::quantity(Some(amount), lexicon, offer, Op::Add) {
        return qty;
    }
    let whole =
        amount.measure.is_none() && !amount.vague && !amount.minus && amount.milli % ONE == 0;
    let qty = u32::try_from(amount.milli / ONE).ok().filter(|_| whole)?;
    (1..=MAX_QTY).contains(&qty).then_some(qty)
}
