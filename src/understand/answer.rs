//! Answers to the bot's question: 2, 第二个, 是, 冰糖心, 两份, 黑色L.
//!
//! ```text
//! answer := index | yes | no | goods | amount       and glue (谢谢, 吧)
//! ```
//!
//! An index picks a choice, a code, name or variant the only one that has it, an amount completes the
//! question's partial line. Anything that says more is no answer and is read as usual.

use super::clause::{Clause, Flags, ReadableMessage};
use super::drafting;
use super::goods::{self, Amount, Atom, Goods};
use super::lexicon::Lexicon;
use super::numerals::ONE;
use super::opaque::Opaque;
use super::question;
use super::resolve;
use super::tokens::Kind;
use super::variants;
use super::vocabulary::Cue;
use crate::domain::intent::{Intent, Op, Question, WantedLine, Why};
use crate::domain::orders;

const YES: &[&str] = &[
    "是",
    "是的",
    "对",
    "对的",
    "对呀",
    "对啊",
    "嗯",
    "嗯嗯",
    "好",
    "好的",
    "好呀",
    "要",
    "要的",
    "可以",
    "行",
    "确认",
    "没错",
    "系",
    "系呀",
    "啱",
    "得",
    "ok",
    "okay",
    "yes",
    "y",
    "yep",
    "yeah",
    "yup",
    "sure",
    "correct",
    "confirm",
    "right",
    "yes please",
    "加",
    "加吧",
    "好滴",
    "当然",
    "取消",
    "取消吧",
    "是我要的",
    "就是这个",
    "就这个",
    "对就这个",
];
/// Words that turn a page.
const MORE: &[&str] = &[
    "更多",
    "还有呢",
    "下一页",
    "下页",
    "继续",
    "接着",
    "再来",
    "后面的",
    "more",
    "next",
    "next page",
    "show more",
    "continue",
    "go on",
];
const NO: &[&str] = &[
    "不",
    "不是",
    "不用",
    "不用了",
    "否",
    "不对",
    "唔系",
    "唔使",
    "no",
    "n",
    "nope",
    "no thanks",
    "不要",
    "不了",
    "算了",
    "不加",
    "不取消",
    "先不",
    "不是的",
];

/// What an answer means; `None` if the message is no answer to this question.
pub(super) fn answer(
    heard: &ReadableMessage<'_, '_>,
    clauses: &[Clause],
    asked: &Question,
) -> Option<Intent> {
    if let Some(change) = drafting::change(heard.text.source, asked, heard.lexicon) {
        return Some(change);
    }
    let words = plain(heard);
    if words.chars().count() > 24 {
        return None;
    }
    if asked.why == Why::More {
        let next = asked.choices.first().filter(|_| MORE.contains(&words.as_str()));
        return next.cloned();
    }
    if let Some(intent) = amount(heard, clauses, asked) {
        return Some(intent);
    }
    if !by_code(heard, &words, asked)
        && let Some(n) = index(heard, &words)
    {
        return asked.choices.get(n.checked_sub(1)?).cloned();
    }
    let confirms = matches!(asked.why, Why::Repeat | Why::Cancel | Why::Confirm | Why::Payee)
        || asked.choices.len() == 1;
    if YES.contains(&words.as_str())
        && confirms
        && (!words.starts_with("取消") || asked.why == Why::Cancel)
    {
        return asked.choices.first().cloned();
    }
    if NO.contains(&words.as_str()) && !(asked.why == Why::Cancel && words == "不要") {
        return Some(Intent::Silent);
    }
    named(heard, clauses, asked)
}

/// The folded words without glue at the end, punctuation and pictures.
fn plain(heard: &ReadableMessage<'_, '_>) -> String {
    let mut words = String::new();
    for token in &heard.tokens {
        let skip = matches!(
            token.kind,
            Kind::Comma
                | Kind::End
                | Kind::Picture
                | Kind::Mention
                | Kind::Bracket
                | Kind::Quote
                | Kind::Cue(Cue::Polite | Cue::Title)
        );
        if skip {
            continue;
        }
        if token.gap && !words.is_empty() {
            words.push(' ');
        }
        words.extend(heard.text.glyphs[token.from..token.to].iter().map(|g| g.c));
    }
    words
}

/// #2 and 2号 where codes are numbers: what is on the menu, not the place in a list that may leave out
/// some of it.
fn by_code(heard: &ReadableMessage<'_, '_>, words: &str, asked: &Question) -> bool {
    asked.why == Why::WhichOffer
        && !words.starts_with(['第', '选'])
        && !words.chars().all(|c| c.is_ascii_digit())
        && heard.tokens.iter().any(|token| matches!(token.kind, Kind::Code(_)))
}

/// 2, 第二个, 选2, 2号, the second one.
fn index(heard: &ReadableMessage<'_, '_>, words: &str) -> Option<usize> {
    let ordinals =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
    if let Some(n) = ordinals
        .iter()
        .position(|ordinal| words.trim_start_matches("the ").trim_end_matches(" one") == *ordinal)
    {
        return Some(n + 1);
    }
    let bare = words
        .trim_start_matches(['第', '选', '#', '要'])
        .trim_start_matches("option ")
        .trim_start_matches("no.")
        .trim();
    let bare = bare.trim_end_matches(['个', '号', '项', '种', '款', '吧', '的', '.', '、']);
    let text = super::normalize::Folded::new(bare);
    let (number, end) = super::numerals::number(&text, 0)?;
    let fits = end == text.len()
        && number.milli % ONE == 0
        && !number.vague
        && !words.contains(['+', '*']);
    // 两份 is an amount, 第二个 an index.
    let ordinal = words.starts_with(['第', '选', '#']) || !words.ends_with('个');
    let unit = heard.tokens.iter().any(|t| matches!(t.kind, Kind::Unit(_)));
    let index = usize::try_from(number.milli / ONE).ok()?;
    (fits && ordinal && (!unit || words.starts_with(['第', '选']))).then_some(index)
}

/// An amount completes the line that lacks one.
fn amount(heard: &ReadableMessage<'_, '_>, clauses: &[Clause], asked: &Question) -> Option<Intent> {
    let partial = asked.partial.as_ref()?;
    let [clause] = clauses else { return None };
    let said = goods::read(heard, clause);
    let amount = match said.atoms.as_slice() {
        [Atom::Amount(amount)] if said.residue == 0 => *amount,
        [Atom::Goods(goods), Atom::Amount(amount)] | [Atom::Amount(amount), Atom::Goods(goods)]
            if said.residue == 0 =>
        {
            let place = place(heard.lexicon, partial)?;
            (goods.offers == [place]).then_some(*amount)?
        }
        _ => return None,
    };
    let offer = place(heard.lexicon, partial)?;
    let qty = match resolve::quantity(Some(amount), heard.lexicon, offer, partial.op) {
        Ok(qty) => qty,
        // Three times asked, three times 份: the member means the unit of the offer.
        Err(Why::Unit) if amount.measure.is_none() && amount.milli % ONE == 0 => {
            Some(u32::try_from(amount.milli / ONE).ok().filter(|qty| (1..=999).contains(qty))?)
        }
        Err(_) => return None,
    };
    Some(question::intent(vec![WantedLine { qty, ..partial.clone() }], false))
}

fn place(lexicon: &Lexicon, line: &WantedLine) -> Option<u16> {
    u16::try_from(lexicon.offers().iter().position(|words| words.id == line.offer)?).ok()
}

/// A code, name or variant picks the one choice that has it.
fn named(heard: &ReadableMessage<'_, '_>, clauses: &[Clause], asked: &Question) -> Option<Intent> {
    let (mut named, mut amount) = (None, None);
    for clause in clauses {
        let said = goods::read(heard, clause);
        if said.residue > 0 || clause.asked || clause.flags.has(TELLS) {
            return None;
        }
        for atom in said.atoms {
            match atom {
                Atom::Goods(goods) if named.is_none() => named = Some(goods),
                Atom::Amount(said) if amount.is_none() => amount = Some(said),
                Atom::Goods(_) | Atom::Amount(_) | Atom::Mode(_) => return None,
                _ => {}
            }
        }
    }
    let goods = named?;
    let taken = |option: &Intent| taken(heard.lexicon, option.clone(), &goods, amount);
    let mut fitting = asked.options().filter_map(taken);
    let only = fitting.next()?;
    fitting.next().is_none().then_some(only)
}

/// What is told, asked or imagined about goods picks nothing.
const TELLS: Flags = Flags::STORY
    .union(Flags::ELSEWHERE)
    .union(Flags::CONDITION)
    .union(Flags::COMPLAINT)
    .union(Flags::ARRIVED);

/// The option, if the line it is about can be these goods, with the variant and amount said now.
fn taken(
    lexicon: &Lexicon,
    mut option: Intent,
    goods: &Goods,
    amount: Option<Amount>,
) -> Option<Intent> {
    let (line, alone) = asked_line(&mut option)?;
    let offer = place(lexicon, line).filter(|offer| goods.offers.contains(offer))?;
    if !goods.parts.is_empty() {
        let fitting = variants::matching(lexicon, offer, &goods.parts);
        match (line.variant, fitting.as_slice()) {
            (Some(variant), fitting) if !fitting.contains(&variant) => return None,
            (None, [only]) => line.variant = Some(*only),
            _ => {}
        }
    }
    if amount.is_some() {
        // A1 3盒 is an order like any other and read as one; after 少2盒 it is not.
        let changes = alone && line.op != Op::Add && line.qty.is_some();
        line.qty = resolve::quantity(amount, lexicon, offer, line.op).ok().filter(|_| changes)?;
    }
    Some(option)
}

/// The line of a choice that the question was about: the last, after those already settled. And
/// whether it is alone.
fn asked_line(choice: &mut Intent) -> Option<(&mut WantedLine, bool)> {
    match choice {
        Intent::Orders(
            orders::Intent::Order(lines)
            | orders::Intent::Amend(lines)
            | orders::Intent::Cancel(lines),
        ) => {
            let alone = lines.len() == 1;
            lines.last_mut().map(|line| (line, alone))
        }
        _ => None,
    }
}

/// Whether a message is short enough and of a kind to answer a question at all.
pub(super) fn may_answer(heard: &ReadableMessage<'_, '_>) -> bool {
    let short = heard.text.len() <= 12;
    short
        && heard.tokens.iter().all(|token| match token.kind {
            Kind::Cue(cue) => matches!(
                cue,
                Cue::Particle
                    | Cue::Polite
                    | Cue::Title
                    | Cue::Want
                    | Cue::Is
                    | Cue::Not
                    | Cue::Negation
                    | Cue::Drop
                    | Cue::That
                    | Cue::Again
                    | Cue::Shop
                    | Cue::Me
                    | Cue::Decoy
            ),
            Kind::Opaque(opaque) => opaque == Opaque::Other,
            Kind::Word => token.to - token.from <= 4,
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OfferId;
    use crate::domain::intent::Role;
    use crate::domain::loyalty;
    use crate::understand::{Scene, fixture, understand};

    fn ask(context: &str, said: &str) -> Question {
        let lexicon = fixture::lexicon(context);
        let scene = Scene {
            lexicon: &lexicon,
            question: None,
            mine: &[],
            mentions: &[],
            lately: &[],
            role: Role::Member,
        };
        match understand(said, &scene).intent {
            Intent::Ask(question) => question,
            other => panic!("{said} should be asked back, not {other:?}"),
        }
    }

    #[track_caller]
    fn check(context: &str, said: &str, replied: &str, expected: (i64, Option<u16>, u32)) {
        let lexicon = fixture::lexicon(context);
        let question = ask(context, said);
        let scene = Scene {
            lexicon: &lexicon,
            question: Some(&question),
            mine: &[],
            mentions: &[],
            lately: &[],
            role: Role::Member,
        };
        let (offer, variant, qty) = expected;
        let line = WantedLine { offer: OfferId(offer), variant, qty: Some(qty), op: Op::Add };
        assert_eq!(
            understand(replied, &scene).intent,
            Intent::Orders(orders::Intent::Order(vec![line])),
            "{said} / {replied}"
        );
    }

    #[test]
    fn an_index_or_a_name_picks_a_choice() {
        for reply in ["2", "第二个", "选2", "②", "the second one", "冰糖心", "A4", "冰糖心的，谢谢"]
        {
            check("fruit", "苹果2箱", reply, (4, None, 2));
        }
        check("clothes", "T恤来一件", "黑色L", (1, Some(1), 1));
        check("fruit", "+1", "A2", (2, None, 1));
        check("dumpling", "荠菜鲜肉来两袋", "馄饨", (2, Some(1), 2));
    }

    #[test]
    fn a_pick_takes_the_quantity_that_was_said() {
        // Listed are those sold by the unit: an index is a place in that list.
        for reply in ["3", "B1", "草莓", "丹东草莓吧", "要草莓", "B1 谢谢"] {
            check("fruit", "我要2盒", reply, (5, None, 2));
        }
        for reply in ["草莓3盒", "B1 3盒", "B1+3"] {
            check("fruit", "我要2盒", reply, (5, None, 3));
        }
        check("fruit", "来3箱", "蓝莓", (6, None, 36));
        check("grocery", "2 packs please", "chicken thighs please", (5, None, 2));
        check("grocery", "2 packs please", "G4", (4, None, 2));
        check("dumpling", "来两袋", "馒头", (3, None, 2));
        check("dumpling", "来两袋", "白菜猪肉", (1, Some(0), 2));
        check("clothes", "来两条", "2", (3, Some(1), 2));
        // Codes that are numbers: #4 is the menu's, 2 the list's.
        check("numbered", "来3袋", "2", (4, None, 3));
        check("numbered", "来3袋", "#4", (4, None, 3));
        check("numbered", "来3袋", "4号", (4, None, 3));
        check("numbered", "来3袋", "第1个", (1, None, 3));
    }

    /// A quantity of one's own stays what the question was about: fewer, not more.
    #[test]
    fn an_answer_keeps_what_is_to_be_done() {
        let lexicon = fixture::lexicon("fruit");
        let question = ask("fruit", "少2盒");
        let scene = Scene {
            lexicon: &lexicon,
            question: Some(&question),
            mine: &[],
            mentions: &[],
            lately: &[],
            role: Role::Member,
        };
        for (reply, qty) in [("B1", 2), ("草莓", 2), ("B1 1盒", 1), ("草莓3盒", 3)] {
            let intent = understand(reply, &scene).intent;
            let line =
                WantedLine { offer: OfferId(5), variant: None, qty: Some(qty), op: Op::Remove };
            assert_eq!(intent, Intent::Orders(orders::Intent::Amend(vec![line])), "{reply}");
        }
    }

    #[test]
    fn what_is_no_answer_picks_nothing() {
        let lexicon = fixture::lexicon("fruit");
        let question = ask("fruit", "我要2盒");
        let scene = Scene {
            lexicon: &lexicon,
            question: Some(&question),
            mine: &[],
            mentions: &[],
            lately: &[],
            role: Role::Member,
        };
        for said in [
            "草莓坏了",
            "草莓多少钱",
            "草莓还有吗",
            "昨天的草莓真甜",
            "草莓和蓝莓",
            "要是有草莓就好了",
            "我朋友买的草莓",
            "草莓到了",
            "9",
            "哈哈",
        ] {
            let intent = understand(said, &scene).intent;
            let orders = matches!(
                intent,
                Intent::Orders(orders::Intent::Order(_) | orders::Intent::Amend(_))
            );
            assert!(!orders, "{said}: {intent:?}");
        }
    }

    #[test]
    fn an_amount_completes_the_line() {
        for reply in ["2", "两份", "来2箱", "2箱吧"] {
            check("fruit", "A1+2.5箱", reply, (1, None, 2));
        }
        check("weigh", "五花肉两份", "2斤", (1, None, 2));
    }

    #[test]
    fn something_else_is_read_as_usual() {
        let lexicon = fixture::lexicon("fruit");
        let question = ask("fruit", "苹果2箱");
        let scene = Scene {
            lexicon: &lexicon,
            question: Some(&question),
            mine: &[],
            mentions: &[],
            lately: &[],
            role: Role::Member,
        };
        assert_eq!(understand("打卡", &scene).intent, Intent::Loyalty(loyalty::Intent::CheckIn));
        assert_eq!(understand("不用了", &scene).intent, Intent::Silent);
        let line = WantedLine { offer: OfferId(5), variant: None, qty: Some(3), op: Op::Add };
        assert_eq!(
            understand("草莓3盒", &scene).intent,
            Intent::Orders(orders::Intent::Order(vec![line]))
        );
    }

    #[test]
    fn a_list_goes_on_when_more_is_said_and_at_nothing_else() {
        let lexicon = fixture::lexicon("fruit");
        let next = Intent::Loyalty(loyalty::Intent::Points);
        let question = Question::of(Why::More, vec![next.clone()]);
        let says = |said: &str| {
            let scene = Scene {
                lexicon: &lexicon,
                question: Some(&question),
                mine: &[],
                mentions: &[],
                lately: &[],
                role: Role::Leader,
            };
            understand(said, &scene).intent
        };
        for said in ["更多", "下一页", "继续", "more", "next page", "show more"] {
            assert_eq!(says(said), next, "{said}");
        }
        for said in ["1", "好", "好的", "ok", "yes", "是", "收到", "更多优惠请看群公告"]
        {
            assert_ne!(says(said), next, "{said}");
        }
    }
}
