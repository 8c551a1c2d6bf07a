//! What a leader says of goods that did not all come: 葡萄只到45箱, 沃柑少发3箱, A1 全部退款, A3 is 3 short; and of the
//! plan that they read then: 老王不减, 平均减, 用A3补.
//!
//! ```text
//! shortage := (only so many came | so many did not | all of it goes back) goods, and changes behind commas
//! change   := who keeps theirs | how it is shared | what comes instead
//! ```
//!
//! Nothing is done before the leader has read the plan and said yes.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::super::args;
use super::super::clause::ReadableMessage;
use super::super::goods::{self, Amount, Atom, Goods};
use super::super::lexicon::Lexicon;
use super::super::normalize::{Folded, folded};
use super::super::numerals::ONE;
use super::super::{units, variants};
use super::serving::{Found, is_nobody, trimmed, whose};
use crate::domain::intent::LeaderIntent;
use crate::domain::orders::Whose;
use crate::domain::service::{
    Lack, LackChange, LackNaming, LackSharing, LackedGoods, Lead, Shortage,
};

/// Longer messages are stories.
const LONGEST: usize = 90;
/// No name of goods that are not sold here is longer.
const LONGEST_NAME: usize = 12;
/// More people than this are not named in one breath.
const MOST_SPARED: usize = 20;

type LackForm = (LackKind, Regex);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LackKind {
    Came,
    Short,
    All,
}

/// A number and its unit, in the middle of a form.
const COUNT: &str = r"(?:\d+(?:\.\d+)?|[零一二两三四五六七八九十百千半]+)";
const ONLY: &str = r"(?:只|才|仅仅|仅|就|实际|实|净系|净是)";
const CAME: &str = r"(?:到货|到店|送到|收到|来货|送来|发来|到|来)(?:了|咗|得)?";
const FELL_SHORT: &str = r"(?:少发|少来|少送|少到|少给|漏发|漏送|短缺|短少|短了|缺货|缺少|缺了|缺|差了|差|少了|少咗)(?:了|咗)?";
const WHO_SENT: &str =
    r"(?:供应商|供货商|厂家|基地|批发商|老板|今天|今日|这次|这批|实际|工厂|仓库|一共|总共|还|又)*";
const NONE_CAME: &str = r"(?:没到货|没到|没来货|没来|没有来|没有到|冇到|没货了|没货|断货了|断货|缺货了|缺货|来不了了|来不了|不来了|到不了了|到不了)";
const EVERYBODY: &str =
    r"(?:给?大家|给?所有人|给?全员|给?每个人|给?每人|全部|全都|全额|全单|都|全|一律|统一|通通)";
const GO_BACK: &str = r"(?:给?退款|给?退钱|退了|退掉|退回|退)(?:给大家|给所有人|吧|了|啦)*";

static FORMS: LazyLock<Vec<LackForm>> = LazyLock::new(|| {
    use LackKind::{All, Came, Short};
    let came = r"(?:came in|came|arrived|turned up|showed up|(?:were |was )?delivered|(?:were |was )?sent|received|have arrived|has arrived|have come|has come)(?: today| in)?";
    let not_come = r"(?:did not|didn't|have not|haven't|never|hasn't|has not|won't|will not|is not|isn't|are not|aren't|not)\s+(?:come|came|coming|arrive|arrived|arriving|delivered|in)";
    let all = "(?:everyone|everybody|all buyers|all orders|all of them|all of it|all)";
    let forms = [
        (Came, format!(r"(?P<g>.+?)\s*{WHO_SENT}\s*{ONLY}\s*{CAME}\s*(?P<q>{COUNT}.*)")),
        (Came, format!(r"{WHO_SENT}\s*{ONLY}\s*{CAME}\s*(?P<q>{COUNT}.+)")),
        (Short, format!(r"(?P<g>.+?)\s*{WHO_SENT}\s*{FELL_SHORT}\s*(?P<q>{COUNT}.*)")),
        (Short, format!(r"{WHO_SENT}\s*{FELL_SHORT}\s*(?P<q>{COUNT}.+)")),
        (
            All,
            format!(
                r"(?P<g>.+?)\s*(?:一.)?(?:全部|全|完全|今天|这次)*(?:都|也)?\s*{NONE_CAME}[\s,.;:]*{EVERYBODY}*\s*{GO_BACK}"
            ),
        ),
        (All, format!(r"(?:把|将)?\s*(?P<g>.+?)(?:的)?\s*{EVERYBODY}+\s*{GO_BACK}")),
        (All, r"(?:退款|退掉|退)\s*(?P<g>.+?)\s*(?:全部|所有人|全员|大家|所有订单)".to_owned()),
        (All, format!(r"{EVERYBODY}+\s*(?:退款|退钱|退)\s*(?P<g>.+)")),
        (Came, format!(r"(?:we |they )?(?:only|just)\s+(?P<q>{COUNT}.+?)\s+{came}")),
        (Came, format!(r"(?P<g>.+?)[\s:,-]+(?:only|just)\s+(?P<q>{COUNT}.*?)\s+{came}")),
        (
            Came,
            format!(
                r"(?:we |they |i )?(?:only|just)\s+(?:got|received|get|sent|have received)\s+(?P<q>{COUNT}.+)"
            ),
        ),
        (
            Short,
            format!(
                r"(?P<g>.+?)\s+(?:is|are|was|were|came|comes)?\s*(?P<q>{COUNT}.*?)\s*(?:short|missing|too few)"
            ),
        ),
        (
            Short,
            format!(
                r"(?P<g>.+?)\s+(?:is |are |was |were |came |comes )?(?:short|down)\s+(?:of |by )?(?P<q>{COUNT}.*)"
            ),
        ),
        (
            Short,
            format!(
                r"(?:we are |we're |i am |i'm )?(?P<q>{COUNT}.*?)\s+short\s+(?:of|on|for)\s+(?P<g>.+)"
            ),
        ),
        (Short, format!(r"(?:we are |we're )?short\s+(?:of |by )?(?P<q>{COUNT}.+)")),
        (Short, format!(r"(?P<q>{COUNT}.+?)\s+(?:(?:are |is |were |was )?missing|{not_come})")),
        (All, format!(r"refund\s+{all}(?: who ordered)?\s*(?:\b(?:for|of|on|in)\b)?\s*(?P<g>.+)")),
        (All, format!(r"refund\s+(?P<g>.+?)\s+(?:for|to)\s+{all}")),
        (All, format!(r"(?P<g>.+?)\s*{not_come}[\s,.;:-]*(?:please |so )*refund\s+{all}")),
        (All, format!(r"none of (?:the )?(?P<g>.+?)\s+{came}(?:[\s,.;:-]*refund\s+{all})?")),
        (All, format!(r"(?P<g>.+?)[\s,.:;-]+(?:please )?refund\s+{all}")),
    ];
    let form = |(kind, text): (LackKind, String)| {
        Regex::new(&format!("^(?:{text})$")).ok().map(|said| (kind, said))
    };
    forms.into_iter().filter_map(form).collect()
});

/// What makes it a question, a fear or a story.
const TALK: &[&str] = &[
    "吗",
    "么",
    "呢",
    "如果",
    "要是",
    "的话",
    "是不是",
    "会不会",
    "可能",
    "估计",
    "怕",
    "说",
    "if ",
    "maybe",
    "might",
    "hope",
    " says",
    " said",
    "should",
    "did ",
    "why",
];

/// A leader's word about goods that did not all come, or about the plan for them.
pub(super) fn told(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    shortage(text, lexicon)
        .map(|it| Lead::Shortage(Box::new(it)))
        .or_else(|| change(text).map(Lead::ChangeShortage))
        .map(LeaderIntent::Service)
}

/// The same without changes of a plan: what begins like a refund is none.
pub(super) fn of_all(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    shortage(text, lexicon).map(|it| LeaderIntent::Service(Lead::Shortage(Box::new(it))))
}

fn shortage(text: &str, lexicon: &Lexicon) -> Option<Shortage> {
    if text.chars().count() > LONGEST || text.contains('\n') {
        return None;
    }
    let text: String = text.nfkc().collect();
    let mut ends = text.char_indices().filter(|(_, c)| is_comma(*c)).map(|(at, _)| at);
    // 葡萄只到45箱，平均减，明天补
    let whole = plain(&text, lexicon);
    whole.or_else(|| {
        let at = ends.next()?;
        let mut shortage = plain(&text[..at], lexicon)?;
        for piece in text[at..].split(is_comma).filter(|piece| !trimmed(piece).is_empty()) {
            apply(&mut shortage, change(piece)?);
        }
        Some(shortage)
    })
}

fn is_comma(c: char) -> bool {
    matches!(c, ',' | '，' | ';' | '；' | '。')
}

/// Change what is said of a shortage.
fn apply(shortage: &mut Shortage, to: LackChange) {
    match to {
        LackChange::Spare(spared) => shortage.spared.extend(spared),
        LackChange::Share(sharing) => shortage.sharing = sharing,
        LackChange::Instead(words) => shortage.instead = Some(words),
    }
}

/// A shortage and nothing else.
fn plain(text: &str, lexicon: &Lexicon) -> Option<Shortage> {
    let folded = Folded::new(trimmed(text));
    let line = folded.line();
    let padded = format!("{line} ");
    if TALK.iter().any(|word| padded.contains(word)) {
        return None;
    }
    FORMS.iter().find_map(|(kind, said)| {
        let found = said.captures(line)?;
        let part = |name| found.name(name).map_or("", |it| it.as_str().trim());
        read(*kind, part("g"), part("q"), lexicon)
    })
}

fn read(kind: LackKind, named: &str, counted: &str, lexicon: &Lexicon) -> Option<Shortage> {
    let named = bare(named);
    let of = |said: &str, goods, lack| Shortage {
        said: args::line(said),
        goods,
        lack,
        sharing: LackSharing::default(),
        spared: Vec::new(),
        instead: None,
        agreed: None,
    };
    if kind == LackKind::All {
        let goods = goods_of(named, lexicon);
        let is_code = !goods.is_empty() || is_code(named);
        return is_code.then(|| of(named, goods, Lack::All));
    }
    let lack = |count: Option<u32>| match (count, kind) {
        (Some(count), LackKind::Came) => Lack::Came(count),
        (Some(count), _) => Lack::Short(count),
        (None, _) => Lack::Odd,
    };
    match atoms(&format!("{named} {counted}"), lexicon) {
        Some((goods, amount)) => {
            let count = own_units(&goods, amount, lexicon);
            Some(of(named, lacked(&goods, lexicon), lack(count)))
        }
        None => unknown(named, counted, lexicon).map(|said| of(&said, Vec::new(), Lack::Odd)),
    }
}

/// Without words around a name.
fn bare(words: &str) -> &str {
    const AROUND: &[&str] = &[
        "今天的",
        "昨天的",
        "前天的",
        "今天",
        "昨天",
        "大家的",
        "我们的",
        "这批",
        "the ",
        "our ",
        "all ",
        "of ",
        "today's ",
        "yesterday's ",
    ];
    let words = words.trim().trim_end_matches(['的', ':']).trim();
    let shorter = AROUND.iter().find_map(|word| words.strip_prefix(word));
    shorter.map_or(words, bare)
}

/// Goods and how many of them, where it is nothing else.
fn atoms(text: &str, lexicon: &Lexicon) -> Option<(Goods, Amount)> {
    let folded = Folded::new(text.trim());
    let heard = ReadableMessage::new(&folded, lexicon);
    let (mut named, mut counted) = (None, None);
    for clause in heard.clauses() {
        let said = goods::read(&heard, &clause);
        if said.residue > 0 || !said.notes.is_empty() || said.for_whom.is_some() {
            return None;
        }
        for atom in said.atoms {
            match atom {
                Atom::Goods(goods) if named.is_none() => named = Some(goods),
                Atom::Amount(amount) if counted.is_none() => counted = Some(amount),
                _ => return None,
            }
        }
    }
    named.zip(counted)
}

/// The goods that a text names, and nothing else.
fn goods_of(text: &str, lexicon: &Lexicon) -> Vec<LackedGoods> {
    let folded = Folded::new(text.trim());
    let heard = ReadableMessage::new(&folded, lexicon);
    let [clause] = heard.clauses()[..] else { return Vec::new() };
    let said = goods::read(&heard, &clause);
    match (&said.atoms[..], said.residue) {
        ([Atom::Goods(goods)], 0) => lacked(goods, lexicon),
        _ => Vec::new(),
    }
}

fn lacked(goods: &Goods, lexicon: &Lexicon) -> Vec<LackedGoods> {
    let by = if goods.coded && !goods.named { LackNaming::Code } else { LackNaming::Name };
    let one = |&offer: &u16| {
        let variant = if goods.parts.is_empty() {
            None
        } else {
            Some(*variants::matching(lexicon, offer, &goods.parts).first()?)
        };
        Some(LackedGoods { offer: lexicon.offer(offer)?.id, variant, by })
    };
    goods.offers.iter().filter_map(one).collect()
}

/// How many of their own units it is, if of all the same.
fn own_units(goods: &Goods, amount: Amount, lexicon: &Lexicon) -> Option<u32> {
    if amount.vague || amount.minus {
        return None;
    }
    let of = |&offer: &u16| {
        let units = &lexicon.compiled(offer)?.units;
        let (numerator, denominator) = units::factor(units, amount.measure)?;
        let scaled = i128::from(amount.milli) * i128::from(numerator);
        let whole = i128::from(denominator) * i128::from(ONE);
        (scaled % whole == 0).then(|| u32::try_from(scaled / whole).ok()).flatten()
    };
    let counts: Option<Vec<u32>> = goods.offers.iter().map(of).collect();
    let counts = counts?;
    let first = *counts.first()?;
    counts.iter().all(|&count| count == first).then_some(first)
}

/// What is called by a name that nothing bears, and counted in a unit that goods are sold by.
fn unknown(named: &str, counted: &str, lexicon: &Lexicon) -> Option<String> {
    const NO_GOODS: &[&str] = &[
        "快递", "货", "人", "我", "你", "他", "她", "我们", "他们", "大家", "客人", "车", "司机",
        "it", "we", "they", "he", "she", "people", "us", "which", "that",
    ];
    let counted = counted.trim();
    let digits =
        |c: char| c.is_ascii_digit() || c == '.' || "零一二两三四五六七八九十百千半".contains(c);
    let unit = counted.trim_start_matches(digits).trim();
    let said = if named.is_empty() { unit.split_once("of ")?.1 } else { named }.trim();
    if is_code(said) {
        return Some(said.to_uppercase());
    }
    let is_name = !said.is_empty()
        && said.chars().count() <= LONGEST_NAME
        && !said.contains(|c: char| c.is_whitespace() || c.is_ascii_digit())
        && !NO_GOODS.iter().any(|word| said == *word || (!word.is_ascii() && said.contains(word)));
    let text = Folded::new(unit);
    let is_unit = lexicon.unit_at(&text, 0).is_some_and(|(end, _)| end == text.len());
    let is_counted = is_unit && !matches!(unit, "个" | "只" | "条" | "位" | "块" | "点");
    (is_name && is_counted && !named.is_empty()).then(|| said.to_owned())
}

/// A letter and digits.
fn is_code(said: &str) -> bool {
    let mut chars = said.chars();
    (2..=4).contains(&said.len())
        && chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_digit())
}

static SPARE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        r"(?P<w>.+?)\s*的?\s*(?:不用减|不要减|不能减|先不减|不减|别减|唔好减|唔减|不用扣|不扣|别扣|照给|全给|给足|要给足)(?:了|吧|啦|他|她)*",
        r"(?:别减|不要减|不减|别扣|不扣|唔好减)\s*(?P<w>.+)",
        r"(?i:but not|not|except|skip|spare)\s+(?P<w>.+)",
        r"(?i:keep|leave)\s+(?P<w>.+?)\s+(?i:whole|alone|out|full|complete)",
    ])
});

static ALIKE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        r"(?:大家|那就|还是|还系|還是|改成|改为|改為)*\s*(?:一起)?(?:平均|均摊|均攤|平摊|平攤|按比例|按份数|按份數|分摊|分攤|人人)(?:都|一起|少|减|減|扣|分|摊|攤|来|來|一下|下|点|點|吧)*",
        r"(?i:share|split|spread) it(?i: out| equally| evenly| among all| between them| pro rata)*",
        r"(?i:(?:share |split |spread )?(?:equally|evenly|pro rata))",
    ])
});

static LAST_FIRST: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        r"(?:还是|還是|那就|改成|改为|改為)*\s*(?:从后面|從後面|从后|從後|从最后|從最後|后下单的?|後下單的?|最后下单的?|晚下单的?)(?:先|开始|開始|减|減|扣|往前|来|來|吧)+",
        r"(?i:(?:the )?(?:last|latest)(?: orders?)? first|from the (?:last|end))",
    ])
});

static INSTEAD: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        r"(?:用|拿|以)\s*(?P<w>.+?)\s*(?:来|來)?\s*(?:补发|補發|补偿|補償|补上|補上|补|補|代替|顶替|頂替|顶|頂|抵)(?:给大家|給大家|吧|了)*",
        r"(?P<t>(?:明天|明日|后天|後天|聽日|听日|下周|下週|下次|下批|下一批|今晚|晚上|下午|周|週|星期|礼拜|禮拜|\d{1,2}[号號日]|\d{1,2}月).{0,8}?)\s*(?:再|会|會)?(?:补发|補發|补货|補貨|补上|補上|补|補)(?:给大家|給大家|齐|齊|吧|了)*",
        r"(?i:(?:use|send|give|with|get)\s+)?(?P<w>.+?)\s+(?i:instead)",
        r"(?i:(?:the )?rest (?:comes?|is coming|will come|coming|arrives?))\s+(?P<t>.+)",
        r"(?i:(?:the )?rest)\s+(?P<t>(?i:tomorrow|tonight|today|on|next|later).*)",
    ])
});

fn patterns(texts: &[&str]) -> Vec<Regex> {
    texts.iter().filter_map(|text| Regex::new(&format!("^(?:{text})$")).ok()).collect()
}

/// What is said of a plan that waits; whether one does, the shop knows.
fn change(text: &str) -> Option<LackChange> {
    let text: String = text.nfkc().collect();
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_comma(c));
    let text = trimmed(text);
    if text.is_empty() || text.chars().count() > LONGEST / 2 || text.contains(['\n', '?']) {
        return None;
    }
    if ALIKE.iter().any(|said| said.is_match(text)) {
        return Some(LackChange::Share(LackSharing::Alike));
    }
    if LAST_FIRST.iter().any(|said| said.is_match(text)) {
        return Some(LackChange::Share(LackSharing::LastFirst));
    }
    if INSTEAD.iter().any(|said| said.is_match(text)) {
        return Some(LackChange::Instead(args::line(text)));
    }
    let simple = folded(text);
    // Forms are told by the folded text, names are kept as they were written.
    let found = SPARE.iter().find_map(|said| said.captures(&simple))?;
    let names = found.name("w")?;
    let from = simple[..names.start()].chars().count();
    let long = names.as_str().chars().count();
    let written: String = text.chars().skip(from).take(long).collect();
    spared(&written).map(LackChange::Spare)
}

/// Whom a text names, each.
fn spared(text: &str) -> Option<Vec<Whose>> {
    const NO_NAME: &[&str] = &[
        "now", "yet", "today", "sure", "really", "bad", "good", "me", "it", "this", "that",
        "at all", "again", "tonight", "all", "much", "quite", "here", "热情", "人气",
    ];
    let pieces = text.split(['、', ',', '，', '和', '跟', '&', '与']);
    let pieces = pieces.flat_map(|piece| piece.split(" and ")).map(str::trim);
    let one = |piece: &str| match whose(piece) {
        Found::One(whose, rest) if rest.is_empty() => Some(whose),
        Found::Nobody if !is_nobody(piece) && !NO_NAME.contains(&piece.to_lowercase().as_str()) => {
            args::person(piece).map(Whose::Of)
        }
        _ => None,
    };
    let all: Option<Vec<Whose>> = pieces.filter(|piece| !piece.is_empty()).map(one).collect();
    all.filter(|all| !all.is_empty() && all.len() <= MOST_SPARED)
}

#[cfg(test)]
mod tests;
