//! One entry of a chain: who, and what they take.
//!
//! The name comes first and can look like anything (柠檬茶, 7喜, 不要叫我胖子): it is the shortest
//! beginning of the entry after which the rest reads as goods, at a blank if there is one. A struck
//! or cancelled entry has a name and no lines. Nothing is asked back here: what cannot be read
//! stays out, and the leader sees the chain. Remarks beside the goods are kept by the rule of orders
//! ([`remark`]); a name is no remark, whatever it looks like.

use super::clause::{Flags, ReadableMessage};
use super::goods::{self, Amount, Mode, SaidClause};
use super::lexicon::Lexicon;
use super::normalize::{Folded, is_han};
use super::numerals::ONE;
use super::opaque;
use super::pairing::{self, PairedItem};
use super::resolve::{self, ResolvedLine};
use super::tokens::Kind;
use super::{question, remark};
use crate::domain::intent::{self, ChainEntry, MAX_QTY, Op, WantedLine};

/// What holds for entries that do not say it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EntryDefaults {
    /// The one offer the header names.
    pub(super) default: Option<u16>,
}

/// What an entry says beside a name.
#[derive(Debug, Default)]
pub(super) struct EntryWanted<'t> {
    /// The goods.
    pub(super) lines: Vec<WantedLine>,
    /// The remarks, as written.
    pub(super) notes: Vec<&'t str>,
}

impl EntryWanted<'_> {
    /// And what a further line of the same person says.
    pub(super) fn extend(&mut self, more: Self) {
        self.lines.extend(more.lines);
        self.notes.extend(more.notes);
    }

    /// The entry of somebody. Who takes nothing has nothing to remark.
    pub(super) fn into_entry(self, who: String, author: Option<String>) -> ChainEntry {
        let note = intent::remark(&self.notes).filter(|_| !self.lines.is_empty());
        ChainEntry { who, author, lines: question::tidy(self.lines), note }
    }
}

/// Longer entries are cut: nobody orders more in one line.
const LONGEST: usize = 400;
/// How many ways to divide name and goods are tried.
const MOST_SPLITS: usize = 12;

/// Read an entry without its number.
pub(super) fn read<'t>(
    body: &'t str,
    lexicon: &Lexicon,
    ground: EntryDefaults,
) -> (String, EntryWanted<'t>) {
    let body = &body[..body.floor_char_boundary(LONGEST)];
    let strange = strange_code(body, lexicon);
    for split in splits(body, lexicon) {
        let (name, rest) = body.split_at(split);
        if strange.is_some_and(|at| at < split) {
            break;
        }
        if let Some(wanted) = takes(rest, lexicon, ground) {
            return (tidy_name(name), wanted);
        }
    }
    // 草莓2盒 小美: the name at the end.
    if let Some((rest, name)) = body.rsplit_once([' ', '　', '\t', '-', '—'])
        && !jokes(name, lexicon)
        && strange.is_none()
        && let Some(mut wanted) = takes(rest, lexicon, ground)
    {
        if !wanted.notes.is_empty()
            && let Some(whole) = takes(body, lexicon, ground)
        {
            // 2盒 送到 3栋: a remark is not cut for the name's sake.
            wanted.notes = whole.notes;
        }
        return (tidy_name(name), wanted);
    }
    if let Some(whole) = takes(body, lexicon, ground) {
        return (String::new(), whole);
    }
    let name = body.split([' ', '　', ':', '：', '\t']).next().unwrap_or(body);
    (tidy_name(name), EntryWanted::default())
}

/// Where a code stands that no offer has: 李雷 A9 1. It is no part of a name, unless one goes on behind
/// it at the beginning (B2小美).
fn strange_code(body: &str, lexicon: &Lexicon) -> Option<usize> {
    let text = Folded::new(body);
    let at = (0..text.len()).find(|&at| {
        let digits = (at + 1..text.len()).take_while(|&n| text.at(n).is_ascii_digit()).count();
        let end = at + 1 + digits;
        let within = |n: usize| text.at(n).is_ascii_alphanumeric();
        let code = text.at(at).is_ascii_lowercase()
            && (1..=3).contains(&digits)
            && !within(end)
            && (at == 0 || !within(at - 1));
        // x2 is an amount; L2 where there is a size L, and B2栋, are something else.
        let known = text.at(at) == 'x'
            || lexicon.word_at(&text, at).is_some()
            || opaque::opaque(&text, at, lexicon).is_some();
        code && !known && !(at == 0 && is_han(text.at(end)))
    })?;
    Some(text.byte(at))
}

/// Whether a text says that it is not meant.
fn jokes(text: &str, lexicon: &Lexicon) -> bool {
    let folded = Folded::new(text);
    ReadableMessage::new(&folded, lexicon)
        .clauses()
        .iter()
        .any(|clause| clause.flags.has(Flags::JOKE))
}

/// What is taken in a text, if anything is.
fn takes<'t>(text: &'t str, lexicon: &Lexicon, ground: EntryDefaults) -> Option<EntryWanted<'t>> {
    wanted(text, lexicon, ground).filter(|wanted| !wanted.lines.is_empty())
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
    let heard = ReadableMessage::new(&folded, lexicon);
    let tokens = heard.tokens.iter().skip(1).map(|token| folded.byte(token.from));
    all.extend(tokens.filter(|&at| at > 0 && at < body.len()).take(MOST_SPLITS / 2));
    all
}

/// What is wanted in a text that has to be nothing but goods and remarks; `None` if it is not.
pub(super) fn wanted<'t>(
    text: &'t str,
    lexicon: &Lexicon,
    ground: EntryDefaults,
) -> Option<EntryWanted<'t>> {
    let mixed = ground.default.and_then(|_| mixed(text, lexicon, ground));
    mixed.or_else(|| plain(text, lexicon, ground))
}

/// The remarks in a text that is about no goods.
pub(super) fn remarks<'t>(text: &'t str, lexicon: &Lexicon) -> Vec<&'t str> {
    let folded = Folded::new(text);
    let heard = ReadableMessage::new(&folded, lexicon);
    let mut notes = Vec::new();
    for clause in heard.clauses() {
        let said = goods::read(&heard, &clause);
        if said.states() {
            return Vec::new();
        }
        notes.extend(remark::of(&heard, &clause, &said));
    }
    notes
}

/// 1盒、葡萄1盒: an amount of what the header names, then other goods.
fn mixed<'t>(text: &'t str, lexicon: &Lexicon, ground: EntryDefaults) -> Option<EntryWanted<'t>> {
    let (first, rest) = text.split_once(['、', '，', ',', '+', '＋'])?;
    let bare = Folded::new(first);
    let bare = ReadableMessage::new(&bare, lexicon);
    let counts = |kind: Kind| matches!(kind, Kind::Number(_) | Kind::Unit(_));
    let alone = bare.tokens.iter().all(|token| counts(token.kind)) && !bare.tokens.is_empty();
    let mut all = plain(first, lexicon, ground).filter(|_| alone)?;
    let more = plain(rest, lexicon, ground).filter(|more| !more.lines.is_empty())?;
    all.extend(more);
    Some(all)
}

fn plain<'t>(text: &'t str, lexicon: &Lexicon, ground: EntryDefaults) -> Option<EntryWanted<'t>> {
    let folded = Folded::new(text);
    let heard = ReadableMessage::new(&folded, lexicon);
    let mut ordering: Vec<SaidClause<'_>> = Vec::new();
    let mut notes = Vec::new();
    for clause in heard.clauses() {
        let said = goods::read(&heard, &clause);
        let withdrawn = said.has_mode(Mode::Drop) && !said.has_amount();
        if withdrawn || clause.flags.has(Flags::JOKE) {
            return Some(EntryWanted::default());
        }
        notes.extend(remark::of(&heard, &clause, &said));
        if said.residue > 0 || clause.flags.has(Flags::QUESTION) {
            if said.states() || ordering.is_empty() {
                return None;
            }
            continue;
        }
        ordering.push(said);
    }
    Some(EntryWanted { lines: paired(&ordering, lexicon, ground)?, notes })
}

/// Goods and amounts as lines.
fn paired(
    ordering: &[SaidClause<'_>],
    lexicon: &Lexicon,
    ground: EntryDefaults,
) -> Option<Vec<WantedLine>> {
    let refs: Vec<&SaidClause<'_>> = ordering.iter().collect();
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

fn line(item: &PairedItem, lexicon: &Lexicon, ground: EntryDefaults) -> Option<WantedLine> {
    let mut item = item.clone();
    if let Some(default) = ground.default
        && item.goods.offers.contains(&default)
    {
        item.goods.offers = vec![default];
        item.goods.named = true;
    }
    match resolve::line(&item, lexicon, &[], Op::Add) {
        ResolvedLine::Line(line) => Some(line),
        ResolvedLine::NoQuantity(_, line) => {
            let offer = *item.goods.offers.first()?;
            let qty = own_units(item.amount?, lexicon, offer)?;
            Some(WantedLine { qty: Some(qty), ..line })
        }
        ResolvedLine::OneOf(..) => None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    /// An entry → who, how many of the first line, and the remark. The header names strawberries.
    #[track_caller]
    fn check(body: &str, who: &str, qty: Option<u32>, note: Option<&str>) {
        let lexicon = fixture::lexicon("fruit");
        let ground = super::super::chain::ground_of("草莓 68/盒", &lexicon);
        let (name, wanted) = read(body, &lexicon, ground);
        let entry = wanted.into_entry(name, None);
        assert_eq!(entry.who, who, "{body}");
        assert_eq!(entry.lines.first().and_then(|line| line.qty), qty, "{body}");
        assert_eq!(entry.note.as_deref(), note, "{body}");
    }

    #[test]
    fn what_orders_take_for_a_remark_is_one_here() {
        check("小美 A1 x2 不要辣", "小美", Some(2), Some("不要辣"));
        check("阿强 草莓1盒（放门卫）", "阿强", Some(1), Some("放门卫"));
        check("小美+2放门卫", "小美", Some(2), Some("放门卫"));
        check("小美 明天取 2盒", "小美", Some(2), Some("明天取"));
        check("小美 2盒，放门卫，到了打电话", "小美", Some(2), Some("放门卫，到了打电话"));
        check("小美 1盒、葡萄1盒 放门卫", "小美", Some(1), Some("放门卫"));
        check("小美 2盒 备注 要硬一点", "小美", Some(2), Some("要硬一点"));
        check("小美 2盒，我下班路过门口取", "小美", Some(2), Some("下班路过门口取"));
        check("2盒 放门卫 小美", "小美", Some(2), Some("放门卫 小美"));
        check("2盒 送到 3栋", "3栋", Some(2), Some("送到 3栋"));
        check("Amy A1 x2, leave it at the door", "Amy", Some(2), Some("leave it at the door"));
    }

    #[test]
    fn names_questions_and_manners_are_no_remarks() {
        check("别叫我胖子 2盒", "别叫我胖子", Some(2), None);
        check("3栋小美 2盒", "3栋小美", Some(2), None);
        check("2盒 放门卫", "放门卫", Some(2), None);
        check("小美 2盒 谢谢", "小美", Some(2), None);
        check("小美 2盒，放门卫可以吗", "小美", Some(2), None);
        check("小美 2盒，隔壁店说放门卫", "小美", Some(2), None);
    }

    #[test]
    fn a_code_that_nobody_offers_is_no_name() {
        check("李雷 Z9 1", "李雷", None, None);
        check("李雷Z9+2", "李雷Z9+2", None, None);
        check("Z9 1", "Z9", None, None);
        check("李雷 ｚ9 x1", "李雷", None, None);
        check("Tom: Z12 2盒", "Tom", None, None);
        check("2盒 Z9", "2盒", None, None);
        check("李雷 A1 1", "李雷", Some(1), None);
        check("Z2小美 2盒", "Z2小美", Some(2), None);
        check("Z2栋小美 2盒", "Z2栋小美", Some(2), None);
        check("Tom2 1", "Tom2", Some(1), None);
        check("7喜 2", "7喜", Some(2), None);
        check("小美 x2", "小美", Some(2), None);
        check("302 2盒", "302", Some(2), None);
    }

    #[test]
    fn a_joke_takes_nothing() {
        check("小美 50盒（开玩笑）", "小美", None, None);
        check("50盒 开玩笑的", "50盒", None, None);
        check("阿強 2盒，講笑㗎", "阿強", None, None);
        check("开玩笑 2盒", "开玩笑", Some(2), None);
    }

    #[test]
    fn who_takes_nothing_remarks_nothing() {
        check("小美", "小美", None, None);
        check("小美 不要了 放门卫", "小美", None, None);
    }
}
