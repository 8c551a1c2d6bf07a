//! What a leader says of goods that came: A1到货, 葡萄到了 来3号楼大厅拿, 昨天的货到了 16-20点, goods have arrived.
//!
//! ```text
//! call  := goods came spot? | came goods spot?
//! goods := (names and codes, or 货 / goods, perhaps of a day) and nothing else
//! spot  := place? hours?                  a place is told by where one goes, or by what one does there
//! ```
//!
//! It is a sentence in the group's own words, so it has to be explained whole: what asks, hopes or tells a story is
//! none, and neither is one with a word left over.

use std::sync::LazyLock;

use regex::Regex;

use super::super::lexicon::Lexicon;
use super::super::normalize::Folded;
use super::Said;
use super::said::offer_in;
use crate::domain::intent::LeaderIntent;
use crate::domain::shipping::{Lead, MeantGoods, NamedGoods};

/// Longer messages are none.
const LONGEST: usize = 120;
/// A longer place is a story.
const LONGEST_PLACE: usize = 40;

/// With one of these nothing has come yet, or nobody knows.
const UNSURE: &[&str] = &[
    "吗",
    "么",
    "没",
    "未",
    "还在",
    "再说",
    "如果",
    "要是",
    "的话",
    "预计",
    "快到",
    "应该",
    "可能",
    "后天",
    "大概",
    "估计",
    "不到",
    "几时",
    "几点到",
    "几号",
    "谁",
    "哪",
    "我的",
    "客人",
    "才能",
    "等到",
    "以后到",
    "?",
    "n't",
    "not ",
    " if ",
    "when ",
    "once ",
    "until they",
    "soon",
    "will ",
    "expect",
    "should",
    "maybe",
    "has my",
    "my order",
    "did ",
    "any ",
];

macro_rules! pattern {
    ($name:ident, $($text:expr),*) => {
        static $name: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(&[$($text),*].concat()).ok());
    };
}

pattern!(
    CAME,
    r"(?:已经|已|都|全部|全|刚刚|刚)*(?:(?:到货|到齐|到店)(?:了|啦|咯|喽|咗|哦|喔)*|到(?:了|啦|咯|喽|咗))",
    r"|(?:\b(?:have|has|are|is|just|all|now|already)\s+|'ve\s+|'s\s+|'re\s+)*\barrived\b(?:\s+(?:now|today))?",
    r"|(?:\b(?:are|is)\s+|'re\s+|'s\s+)(?:(?:all|now)\s+)*(?:here|in|ready (?:for|to) (?:pick ?-?up|collection|collect|be (?:picked up|collected)))\b(?:\s+(?:now|today))?"
);

const CLOCK: &str = r"(?:今天|今晚|早上|上午|中午|下午|傍晚|晚上|晚)*\s?\d{1,2}(?::\d{2}|点半|点)";

pattern!(
    HOURS,
    r"(?:今天|今晚|早上|上午|中午|下午|傍晚|晚上|晚)*\s?\d{1,2}(?::\d{2}|点半|点)?\s?(?:-|~|到|至)\s?(?:早上|上午|中午|下午|晚上|晚)?\d{1,2}(?::\d{2}|点半|点|时)",
    r"|(?:截止|截至|到)\s?",
    CLOCK,
    r"(?:为止|截止)?",
    r"|",
    CLOCK,
    r"(?:之前|以前|前|之后|以后|后|开始|起)",
    r"|全天|\ball day\b",
    r"|\b(?:from\s+)?\d{1,2}(?::\d{2})?\s?(?:am|pm)?\s?(?:-|to|till|until)\s?\d{1,2}(?::\d{2})?\s?(?:am|pm)?\b(?:\s(?:today|tonight))?",
    r"|\b(?:till|until|before|by|from|after)\s\d{1,2}(?::\d{2})?\s?(?:am|pm|o'clock)?\b(?:\s(?:today|tonight))?"
);

pattern!(
    GREETING,
    r"^(?:(?:大家好|各位好?|亲们|亲|家人们|姐妹们|团友们|邻居们|邻居|大家|通知|注意|好消息|提醒|hi all|hi everyone|hello everyone|hello|hi|dear all|everyone|folks|update|good news)[\s,!:~]*)+"
);

pattern!(
    GLUE,
    r"^(?:的|今天|今日|今早|今晚|早上|上午|下午|昨天|昨日|前天|我们|咱们|大家|这批|那批|这次|团购|订|定|所有|全部|都|the|our|your|all|of|today's|yesterday's|today|yesterday|for|and|too|everyone's)+$"
);

/// Goods by no name of their own.
const ANY: &[&str] = &[
    "货品",
    "货物",
    "商品",
    "东西",
    "货",
    "团品",
    "goods",
    "orders",
    "order",
    "everything",
    "items",
    "stuff",
    "the drop",
];

pattern!(
    LEAD,
    r"^(?:(?:大家|请|可以|麻烦|记得|直接|现在|就|速|快|都|now|please|pls|you can|can be)[\s,]*)*(?:放在|存放在|改在|改到|换到|换成|在|来|到|去|自提点|取货点|取货地点|自提地点|提货点|地点|地址|自提|取货|pick ?-?up at|pick ?-?up in|pick ?-?up from|pick ?-?up point|pick ?-?up|collect at|collect from|collect in|collected at|come to|at|in|from)[\s:,]*(?:the\s)?"
);

pattern!(
    TAIL,
    r"(?:[\s,!~。]*(?:大家|快|速|速速|尽快|抓紧|记得|请|可以|过来|下来|来|去|自己|自行|慢慢)*(?:自提|自取|领取|取货|提货|拿货|收货|拿|取|领|提|攞)(?:一下|下|走|哦|喔|吧|啦|了|哈|呀|啊)*|[\s,!~。]*(?:谢谢|感谢|辛苦了|辛苦|哦|喔|吧|哈|thanks|thank you|please|pls|to collect|for pick ?-?up|to pick up|now))+[\s,!~。.]*$"
);

/// What a place ends in, or is called by.
const PLACES: &[&str] = &[
    "楼",
    "栋",
    "幢",
    "座",
    "门",
    "厅",
    "店",
    "站",
    "房",
    "室",
    "亭",
    "柜",
    "号",
    "区",
    "场",
    "街",
    "路",
    "道",
    "口",
    "库",
    "处",
    "点",
    "家",
    "园",
    "院",
    "岗",
    "台",
    "老地方",
    "lobby",
    "gate",
    "door",
    "hall",
    "block",
    "blk",
    "shop",
    "office",
    "counter",
    "desk",
    "house",
    "unit",
    "garden",
    "floor",
    "entrance",
    "club",
    "room",
    "park",
    "tower",
    "locker",
    "street",
    "avenue",
    "usual place",
];

/// A1到货, 到货 A1 A3 南门 16:00-20:00.
pub(super) fn arrived(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let folded = Folded::new(text.trim());
    if folded.len() > LONGEST {
        return None;
    }
    let line = FoldedText::of(&folded);
    if UNSURE.iter().any(|word| format!(" {}", line.text).contains(word)) {
        return None;
    }
    let came = line.first(&CAME, 0)?;
    let before = line.text[..came.0].trim();
    let is_taken = before.ends_with([
        '收', '拿', '取', '想', '看', '听', '找', '等', '遇', '领', '买', '迟', '赶', '送', '签',
        '感',
    ]);
    if is_taken && line.text[came.0..].starts_with('到') {
        return None;
    }
    let greeting = GREETING.as_ref()?.find(before).map_or(0, |found| found.end());
    let before = before[greeting..].trim_matches(is_mark);
    let (goods, rest) = if before.is_empty() {
        goods_behind(&line, came.1, lexicon)?
    } else {
        (goods_named(before, lexicon)?, came.1)
    };
    let (point, hours) = spot(&line, rest)?;
    Some(LeaderIntent::Shipping(Lead::Arrived { goods, point, hours }))
}

/// The same behind the word: the arguments of `到货`.
pub(super) fn arrived_of(said: &Said<'_>) -> Option<LeaderIntent> {
    arrived(said.text, said.lexicon)
}

fn is_mark(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            ',' | '，' | '、' | ':' | '：' | '!' | '！' | '。' | '.' | '~' | ';' | '\u{1}'
        )
}

/// A folded message, and where each piece of it was written.
struct FoldedText<'f, 't> {
    folded: &'f Folded<'t>,
    text: String,
}

impl<'f, 't> FoldedText<'f, 't> {
    fn of(folded: &'f Folded<'t>) -> Self {
        Self { folded, text: folded.glyphs.iter().map(|glyph| glyph.c).collect() }
    }

    /// Where a pattern is found first, at this byte or behind it.
    fn first(&self, pattern: &LazyLock<Option<Regex>>, from: usize) -> Option<(usize, usize)> {
        let found = pattern.as_ref()?.find(&self.text[from..])?;
        Some((from + found.start(), from + found.end()))
    }

    /// As written, between two bytes of the folded text.
    fn written(&self, from: usize, to: usize) -> &'t str {
        let place = |byte: usize| self.text[..byte].chars().count();
        self.folded.written(place(from), place(to))
    }
}

/// Which goods stand before the word: names, codes, or any word for goods, and nothing else.
pub(super) fn goods_named(words: &str, lexicon: &Lexicon) -> Option<MeantGoods> {
    let mut named = Vec::new();
    let mut is_any = false;
    for piece in words.split(['、', ',', '，', '&', '和', '跟', '与']) {
        pieces(piece.trim_matches(is_mark), lexicon, &mut named, &mut is_any)?;
    }
    let ago = [("前天", 2), ("昨天", 1), ("昨日", 1), ("yesterday", 1)];
    match (named.is_empty(), is_any) {
        (false, _) => Some(MeantGoods::Named(named)),
        (true, true) => {
            let day = ago.iter().find(|(word, _)| words.contains(word));
            Some(day.map_or(MeantGoods::Last, |(_, days)| MeantGoods::Ago(*days)))
        }
        (true, false) => None,
    }
}

/// One piece, or word by word.
fn pieces(
    piece: &str,
    lexicon: &Lexicon,
    named: &mut Vec<NamedGoods>,
    any: &mut bool,
) -> Option<()> {
    if piece.is_empty() || is_glue(piece) {
        return Some(());
    }
    if let Some(one) = offer_in(piece, lexicon) {
        named.push(one);
        return Some(());
    }
    if let Some((before, behind)) = ANY.iter().find_map(|word| cut(piece, word)) {
        let fits = [before, behind].iter().all(|rest| rest.is_empty() || is_glue(rest));
        let of_goods = offer_in(before.trim_end_matches('的'), lexicon);
        if let (false, Some(one)) = (fits, of_goods) {
            named.push(one);
            return Some(());
        }
        *any = true;
        return fits.then_some(());
    }
    // 今天的葡萄: words around a name.
    let plain = piece.trim_start_matches(['的', '都']).trim_end_matches(['的', '都']);
    for word in [
        "今天的",
        "昨天的",
        "前天的",
        "大家的",
        "我们的",
        "the ",
        "your ",
        "our ",
        "all ",
        "yesterday's ",
    ] {
        if let Some(rest) = plain.strip_prefix(word) {
            return pieces(rest, lexicon, named, any);
        }
    }
    if plain != piece {
        return pieces(plain, lexicon, named, any);
    }
    let (first, rest) = piece.split_once(' ')?;
    pieces(first, lexicon, named, any)?;
    pieces(rest.trim(), lexicon, named, any)
}

fn is_glue(piece: &str) -> bool {
    let joined: String = piece.chars().filter(|c| !is_mark(*c)).collect();
    joined.is_empty() || GLUE.as_ref().is_some_and(|glue| glue.is_match(&joined))
}

fn cut<'p>(piece: &'p str, word: &str) -> Option<(&'p str, &'p str)> {
    let at = piece.find(word)?;
    let (before, behind) = (&piece[..at], &piece[at + word.len()..]);
    let is_whole = !word.is_ascii()
        || !(before.ends_with(|c: char| c.is_ascii_alphanumeric())
            || behind.starts_with(|c: char| c.is_ascii_alphanumeric()));
    is_whole.then_some((before.trim(), behind.trim()))
}

/// Goods behind the word that begins the message and ends at `end`; where none are named, those that closed last.
fn goods_behind(
    line: &FoldedText<'_, '_>,
    end: usize,
    lexicon: &Lexicon,
) -> Option<(MeantGoods, usize)> {
    // 到了 alone is said of people.
    if !line.text[..end].contains("到货") && !line.text[..end].contains("arrived") {
        return None;
    }
    let (mut named, mut at) = (Vec::new(), end);
    loop {
        let rest = &line.text[at..];
        let start = at + rest.len() - rest.trim_start_matches(is_mark).len();
        let word = line.text[start..].split(is_mark).next().unwrap_or("");
        let Some(one) =
            Some(word).filter(|word| !word.is_empty()).and_then(|word| offer_in(word, lexicon))
        else {
            break;
        };
        named.push(one);
        at = start + word.len();
    }
    // 到货 Z9: a code of nothing.
    let next = line.text[at..].trim_start_matches(is_mark).split(is_mark).next().unwrap_or("");
    let is_code = next.len() <= 4
        && next.starts_with(|c: char| c.is_ascii_alphabetic())
        && next.ends_with(|c: char| c.is_ascii_digit());
    if is_code || (named.is_empty() && line.text.contains("arrived")) {
        return None;
    }
    let goods = if named.is_empty() { MeantGoods::Last } else { MeantGoods::Named(named) };
    Some((goods, at))
}

type SpokenSpot = (Option<String>, Option<String>);

/// Where and when, from this byte on; `None` where something else is said.
fn spot(line: &FoldedText<'_, '_>, from: usize) -> Option<SpokenSpot> {
    let clean = |text: &str| {
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(text.trim_matches(is_mark).to_owned()).filter(|text| !text.is_empty())
    };
    let hours = line.first(&HOURS, from).filter(|(_, end)| {
        // 3-5号楼, 12-1802 are places.
        !line.text[*end..].starts_with(|c: char| {
            c.is_ascii_digit() || matches!(c, '号' | '栋' | '幢' | '座' | '单' | '楼')
        })
    });
    let all = line.text.len();
    let said = hours.and_then(|(start, end)| clean(line.written(start, end)));
    let pieces = match hours {
        Some((start, end)) => vec![(from, start), (end, all)],
        None => vec![(from, all)],
    };
    let mut point = None;
    for (start, end) in pieces {
        match place(line, start, end)? {
            Some(place) if point.is_none() => point = Some(place),
            Some(_) => return None,
            None => {}
        }
    }
    Some((point.and_then(|place| clean(&place)), said))
}

/// The place between two bytes: `Some(None)` for nothing but courtesy, `None` for what is no place.
#[expect(clippy::option_option, reason = "nothing said, and something that is no place, differ")]
fn place(line: &FoldedText<'_, '_>, from: usize, to: usize) -> Option<Option<String>> {
    let text = &line.text[from..to];
    let start = from + text.len() - text.trim_start_matches(is_mark).len();
    let text = &line.text[start..to];
    let lead = LEAD.as_ref()?.find(text).map_or(0, |found| found.end());
    let tail = TAIL.as_ref()?.find(&text[lead..]).map_or(text.len(), |found| lead + found.start());
    let core = text[lead..tail].trim_matches(is_mark);
    if core.is_empty() {
        return Some(None);
    }
    let is_place = PLACES.iter().any(|word| core.contains(word));
    let is_told = is_place || (lead > 0 && tail < text.trim_end_matches(is_mark).len());
    if !is_told || core.chars().count() > LONGEST_PLACE {
        return None;
    }
    Some(Some(line.written(start + lead, start + tail).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    /// How many goods are named, the place and the hours; `None` for what is no call.
    fn read(text: &str) -> Option<(MeantGoods, Option<String>, Option<String>)> {
        match arrived(text, &fixture::lexicon("fruit"))? {
            LeaderIntent::Shipping(Lead::Arrived { goods, point, hours }) => {
                Some((goods, point, hours))
            }
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn check(text: &str, goods: Option<usize>, point: Option<&str>, hours: Option<&str>) {
        let Some((said, at, when)) = read(text) else { panic!("{text} is read") };
        let named = match &said {
            MeantGoods::Named(named) => Some(named.len()),
            MeantGoods::Last | MeantGoods::Ago(_) | MeantGoods::OfOrder(_) => None,
        };
        assert_eq!((named, at.as_deref(), when.as_deref()), (goods, point, hours), "{text}");
    }

    #[test]
    fn goods_that_came_are_named_or_are_the_last() {
        check("A1到货", Some(1), None, None);
        check("A1、A2 到货了", Some(2), None, None);
        check("货到了", None, None, None);
        check("大家好，货都到了", None, None, None);
        check("昨天的貨到了", None, None, None);
        assert_eq!(read("昨天的货到了").map(|it| it.0), Some(MeantGoods::Ago(1)));
        check("goods have arrived", None, None, None);
        check("A1 arrived", Some(1), None, None);
        check("yesterday's orders are here", None, None, None);
        check("A1 is ready for pick-up", Some(1), None, None);
    }

    #[test]
    fn where_and_when_are_kept_as_they_were_said() {
        check("A1到货 来3号楼大厅拿", Some(1), Some("3号楼大厅"), None);
        check("昨天的货到了 3号楼 16-20点", None, Some("3号楼"), Some("16-20点"));
        check("到货 A1 A2 南门 16:00-20:00", Some(2), Some("南门"), Some("16:00-20:00"));
        check("A1到货了，16:00-20:00 在南门自提，谢谢", Some(1), Some("南门"), Some("16:00-20:00"));
        check("A1到啦，晚上8点前来拿哦", Some(1), None, Some("晚上8点前"));
        check("A1到貨，來3號樓大廳取", Some(1), Some("3號樓大廳"), None);
        check("A1到了，12栋1802 下午4点到8点", Some(1), Some("12栋1802"), Some("下午4点到8点"));
        check("goods have arrived, lobby till 8", None, Some("lobby"), Some("till 8"));
        check(
            "A1 has arrived. Collect at Block 5 lobby 4pm-8pm please",
            Some(1),
            Some("Block 5 lobby"),
            Some("4pm-8pm"),
        );
    }

    #[test]
    fn what_only_seems_a_call_is_none() {
        for text in [
            "到货了吗",
            "A1到货没",
            "到货再说",
            "货到了再说吧",
            "A1 明天才能到货",
            "A1到货的话通知我",
            "我到了",
            "大家到了",
            "收到货了",
            "我的快递到了",
            "快递到了",
            "地铁到了",
            "A1到了，很甜",
            "车到了楼下",
            "has A1 arrived",
            "if A1 arrived I would know",
            "my order arrived",
            "we have arrived",
            "A1 will arrive soon",
            "到货 Z9",
            "A1到货率很高",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
