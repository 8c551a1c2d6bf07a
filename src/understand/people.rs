//! Names of people in orders: who an order is for, and what a name looks like.
//!
//! A beneficiary stands after 给, 帮, 替 or *for*, before a verb (小王要一份), or alone at one end of
//! an order with a separator (小美｜A1+2). Alone it has to look like a name: a relation (王阿姨, 我妈),
//! a nickname (小美, 阿芬), a surname with a given name, or a capitalised Latin word.

use super::clause::ReadableMessage;
use super::spans::{Span, SpanKind};
use super::tokens::Kind;
use super::vocabulary::Cue;

/// Who a 给 or *for* speaks of.
pub(super) enum For<'t> {
    /// A person; reading goes on at token `next`.
    Somebody {
        /// As written.
        name: &'t str,
        /// The next token to read.
        next: usize,
    },
    /// The speaker, or nobody.
    Nobody,
    /// Not a person: 给个袋子, for tomorrow.
    Remark,
}

const KIN: &[&str] = &[
    "妈",
    "爸",
    "媽",
    "奶奶",
    "爷爷",
    "爺爺",
    "外婆",
    "外公",
    "姥姥",
    "姥爷",
    "婆婆",
    "公公",
    "阿嬷",
    "阿嬤",
    "阿公",
    "阿婆",
    "姐",
    "姊",
    "哥",
    "弟",
    "妹",
    "姨",
    "叔",
    "婶",
    "嬸",
    "嫂",
    "舅",
    "姑",
    "伯",
    "老公",
    "老婆",
    "先生",
    "太太",
    "女儿",
    "女兒",
    "儿子",
    "兒子",
    "闺女",
    "媳妇",
    "媳婦",
    "孩子",
    "宝宝",
    "同事",
    "邻居",
    "鄰居",
    "朋友",
    "室友",
    "闺蜜",
    "閨蜜",
    "同学",
    "同學",
    "老师",
    "老師",
    "师傅",
    "師傅",
    "阿姨",
    "大姐",
    "大哥",
    "大爷",
    "大妈",
    "小姐",
    "总",
    "主任",
    "经理",
    "經理",
    "老板",
    "老大",
    "主管",
    "领导",
    "領導",
    "部长",
    "部長",
    "组长",
    "組長",
    "课长",
    "課長",
    "科长",
    "科長",
    "秘书",
    "秘書",
    "助理",
    "会计",
    "會計",
    "医生",
    "醫生",
    "律师",
    "律師",
    "教授",
    "学姐",
    "學姊",
    "学长",
    "學長",
    "学妹",
    "學妹",
    "学弟",
    "學弟",
    "爹",
    "娘",
    "侄",
    "孙",
    "外甥",
    "亲戚",
    "家人",
    "婆",
    "公",
    "爷",
    "奶",
    "太",
    "仔",
    "囡",
    "姥",
    "mom",
    "mum",
    "mother",
    "dad",
    "father",
    "grandma",
    "grandpa",
    "granny",
    "sister",
    "brother",
    "wife",
    "husband",
    "aunt",
    "auntie",
    "uncle",
    "friend",
    "neighbour",
    "neighbor",
    "colleague",
    "boss",
    "son",
    "daughter",
    "parents",
    "roommate",
    "flatmate",
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "teacher",
    "cousin",
    "partner",
    "nan",
    "office",
    "team",
    "kids",
    "nephew",
    "niece",
    "family",
];

const SURNAMES: &str = "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎余潘杜戴夏钟鍾汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文施洪";

/// Whether a word is a relation or title: 妈, 王阿姨, Mrs Lim.
pub(super) fn is_kin(name: &str) -> bool {
    let lower = name.to_lowercase();
    let first = lower.split([' ', '.']).next().unwrap_or("");
    name.chars().count() <= if name.is_ascii() { 20 } else { 8 }
        && KIN.iter().any(|kin| {
            if kin.is_ascii() {
                first == *kin || lower.strip_suffix(kin).is_some_and(|rest| rest.ends_with(' '))
            } else {
                name.ends_with(kin)
            }
        })
}

/// Whether a word alone looks like a person's name.
pub(super) fn is_name(name: &str) -> bool {
    let chars: Vec<char> = name.chars().collect();
    let Some(&first) = chars.first() else { return false };
    if name.is_ascii() {
        let letters =
            chars.iter().all(|c| c.is_ascii_alphabetic() || matches!(c, ' ' | '.' | '\''));
        return first.is_ascii_uppercase() && letters && (2..=16).contains(&chars.len());
    }
    if is_kin(name) {
        return chars.len() <= 6;
    }
    let long = (2..=3).contains(&chars.len());
    let verb =
        chars.last().is_some_and(|&last| "让讓叫说說想问問催喊要在有去来來和跟给給".contains(last));
    long && !verb && ("小阿老大".contains(first) || SURNAMES.contains(first))
}

/// Whether a word can only be a name: 小美, 阿芬, 王姐. Surnames begin too many other words.
pub(super) fn is_nickname(name: &str) -> bool {
    is_name(name) && (name.starts_with(['小', '阿', '老']) || is_kin(name))
}

/// Whether a word is somebody's name with a title: 李姐, 王阿姨, 阿公. A bare 姐 is not.
pub(super) fn is_titled(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| "小阿老大".contains(c) || SURNAMES.contains(c));
    first && chars.next().is_some() && is_kin(name)
}

/// Read who follows the 给, 帮 or *for* at token `at`, in a clause that ends at `end`.
pub(super) fn beneficiary<'t>(heard: &ReadableMessage<'_, 't>, at: usize, end: usize) -> For<'t> {
    let cue = heard.tokens[at].cue();
    let latin = heard.text.at(heard.tokens[at].from).is_ascii();
    let mut from = at + 1;
    while from < end && heard.tokens[from].cue() == Some(Cue::Me) {
        from += 1;
    }
    let stop =
        (from..end.min(from + 7)).find(|&n| !may_name(heard, n)).unwrap_or(end.min(from + 7));
    let name = heard.written(from, stop);
    if stop == from {
        return leading_kin(heard, at, from, end);
    }
    let verb = heard.tokens.get(stop).filter(|_| stop < end).is_some_and(|t| {
        matches!(
            t.cue(),
            Some(
                Cue::Want
                    | Cue::Again
                    | Cue::Less
                    | Cue::Drop
                    | Cue::Set
                    | Cue::Particle
                    | Cue::All
                    | Cue::Each
            )
        )
    });
    let known = is_name(name) || is_kin(name);
    let mention = heard.tokens[from].kind == Kind::Mention;
    let goods = heard
        .tokens
        .get(stop)
        .filter(|_| stop < end)
        .is_some_and(|t| matches!(t.kind, Kind::Entry(_) | Kind::Code(_) | Kind::Number(_)));
    let name = name.trim_start_matches('@').trim_end_matches(['\u{2005}', ' ']);
    let somebody = For::Somebody { name, next: stop };
    match cue {
        _ if mention => somebody,
        Some(Cue::Help) => {
            if known || (verb && !latin) {
                somebody
            } else {
                For::Nobody
            }
        }
        _ if known || (verb && !latin) => somebody,
        _ if latin => For::Remark,
        _ if goods => For::Nobody,
        _ => For::Remark,
    }
}

/// 同我阿妈叫, 给妈妈: a relation that is itself a word of the vocabulary, or nothing.
fn leading_kin<'t>(heard: &ReadableMessage<'_, 't>, at: usize, from: usize, end: usize) -> For<'t> {
    let note = heard.tokens.get(from).filter(|_| from < end).is_some_and(|t| {
        matches!(t.cue(), Some(Cue::NoteLead | Cue::Delivery)) || matches!(t.kind, Kind::Opaque(_))
    });
    if note && heard.tokens[at].cue() == Some(Cue::For) { For::Remark } else { For::Nobody }
}

/// Whether token `n` can be part of a name.
fn may_name(heard: &ReadableMessage<'_, '_>, n: usize) -> bool {
    match heard.tokens[n].kind {
        Kind::Word | Kind::Mention => true,
        // 302张叔: 张 is a unit too.
        Kind::Unit(_) => {
            heard.tokens.get(n + 1).is_some_and(|next| next.kind == Kind::Word && !next.gap)
        }
        // 302张叔, 给302留两板
        Kind::Number(number) => number.digits >= 2 && followed_by_name(heard, n),
        Kind::Opaque(super::opaque::Opaque::Address) => followed_by_name(heard, n),
        Kind::Cue(cue) => {
            matches!(cue, Cue::Title | Cue::Elsewhere) && heard.tokens[n].to > heard.tokens[n].from
        }
        _ => false,
    }
}

fn followed_by_name(heard: &ReadableMessage<'_, '_>, n: usize) -> bool {
    heard.tokens.get(n + 1).is_some_and(|next| {
        let named = matches!(next.kind, Kind::Word | Kind::Unit(_)) && !next.gap;
        let kin = heard.tokens.get(n + 2).is_some_and(|t| t.kind == Kind::Word && !t.gap);
        (named && (next.kind == Kind::Word || kin)) || next.cue() == Some(Cue::Want)
    })
}
/// Whom an order may be for, as far as the words go: after 给 or *for*, before a verb, at the head of a line.
pub(super) fn named_for(heard: &ReadableMessage<'_, '_>, spans: &[Span]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut add = |from: usize, to: usize| {
        let whole = bare_name(heard.text.written(from, to));
        for name in [whole, head_of(whole)] {
            let long = if name.is_ascii() { 24 } else { 12 };
            if (1..=long).contains(&name.chars().count()) && !all.iter().any(|one| one == name) {
                all.push(name.to_owned());
            }
        }
    };
    let titled = |span: &Span| {
        let from = span.from.saturating_sub(3);
        ["mr", "mrs", "ms", "dr"].iter().any(|title| {
            let before: String = (from..span.from).map(|i| heard.text.at(i)).collect();
            before.trim_start() == *title
        })
    };
    let stops = |span: &Span| {
        let named = matches!(&span.what, SpanKind::Named(named) if !named.how.is_weak());
        let mark = matches!(span.what, SpanKind::Mark(_)) && !titled(span);
        named
            || mark
            || matches!(span.what, SpanKind::Amount(_) | SpanKind::Place)
            || matches!(
                span.what,
                SpanKind::Cue(Cue::Want | Cue::Again | Cue::Help | Cue::Set | Cue::Drop)
            )
    };
    for (n, span) in spans.iter().enumerate() {
        let next = &spans[n + 1..];
        let gives = matches!(span.what, SpanKind::Cue(Cue::For | Cue::Help))
            || (matches!(span.what, SpanKind::Unknown)
                && matches!(heard.text.at(span.to - 1), '同' | '予' | '替' | '代' | '乸'));
        if gives {
            // 代订欣怡: the verb may stand before whom it is for.
            let verb = |span: &&Span| matches!(span.what, SpanKind::Cue(Cue::Want));
            let verbs = next.iter().take_while(verb).count();
            let from = next.get(verbs).filter(|_| verbs > 0).map_or(span.to, |first| first.from);
            let end = next[verbs..].iter().find(|span| stops(span));
            add(from, end.map_or(heard.text.len(), |span| span.from));
        }
        let unknown = matches!(span.what, SpanKind::Unknown);
        let asks = next.first().is_some_and(|next| {
            matches!(next.what, SpanKind::Cue(Cue::Want | Cue::Again) | SpanKind::Mark(':' | '-'))
        });
        if unknown && (asks || n == 0 || n + 1 == spans.len()) {
            add(span.from, span.to);
        }
    }
    all
}

/// 室友冲 → 室友, 张嬢嬢的 她不得空 → 张嬢嬢, Mrs Pugh's rung me → Mrs Pugh: the part that names.
fn head_of(name: &str) -> &str {
    const GOES_ON: [&str; 14] = [
        "'s ", "’s ", " he ", " she ", " they ", " who ", " if ", " she's ", " he's ", "他", "她",
        "伊", "佢", "不会",
    ];
    let ends = GOES_ON.iter().map(|word| name.find(word));
    let ends = ends.chain([name.find(|c: char| !c.is_ascii() && c.is_whitespace())]);
    let blank = if name.is_ascii() { None } else { name.find(' ') };
    let end = ends.chain([blank]).flatten().filter(|&end| end > 0).min().unwrap_or(name.len());
    let name = bare_name(&name[..end]);
    let kin = name.char_indices().skip(1).map(|(at, _)| at).take(6);
    let kin = kin.filter(|&at| !name.is_ascii() && is_kin(&name[..at])).last();
    &name[..kin.unwrap_or(name.len())]
}

/// A name without 我的, my and what stands around it.
fn bare_name(name: &str) -> &str {
    let mut name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
    for lead in ["我的", "我家", "我", "阮", "俺", "my ", "My ", "the ", "The ", "our "] {
        name = name.strip_prefix(lead).unwrap_or(name);
    }
    for end in ["的", "也", "自己", "再", "'s", "’s"] {
        name = name.strip_suffix(end).unwrap_or(name);
    }
    name.trim()
}
