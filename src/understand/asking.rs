//! What every shop is asked about itself: 包邮吗, 几点能取, 积分怎么用, 佣金多少, 邀请有什么好处, do you deliver, when do I get
//! my commission.
//!
//! ```text
//! question := (topic | what of it | courtesy)*     every word is known, and one of them asks
//! ```
//!
//! Words and their classes stand in `asking.txt`. A word that none of the topic's classes has makes it something else:
//! 运费险赔12 and 积分清零了好气 ask nothing of the shop.

use std::sync::LazyLock;

use super::clause::ReadableMessage;
use super::normalize::{Folded, is_picture};
use super::patterns::Hints;
use super::query;
use super::tokens::Kind;
use super::trie::Trie;
use crate::domain::catalog;
use crate::domain::groups;
use crate::domain::intent::{About, Intent, Query};
use crate::domain::policy::ShopTopic;

/// Longer messages tell more.
const LONGEST: usize = 90;

/// Classes of words, a bit each.
pub(super) type Classes = u32;

macro_rules! classes {
    ($($name:ident = $bit:literal, $word:literal;)*) => {
        $(pub(super) const $name: Classes = 1 << $bit;)*
        /// Their names in the file.
        const NAMES: &[(&str, Classes)] = &[$(($word, $name)),*];
    };
}

classes! {
    COMMON = 0, "common";
    ASK = 1, "ask";
    HOW = 2, "how";
    WHAT = 3, "what";
    WHERE = 4, "where";
    WHEN = 5, "when";
    MUCH = 6, "much";
    RULE = 7, "rule";
    MINE = 8, "mine";
    UNIT = 9, "unit";
    FEE = 10, "fee";
    FREE = 11, "free";
    DELIVER = 12, "deliver";
    PLACE = 13, "place";
    HOURS = 14, "hours";
    HAND = 15, "hand";
    POINTS = 16, "points";
    USE = 17, "use";
    COMMISSION = 18, "commission";
    GAIN = 19, "gain";
    PAYDAY = 20, "payday";
    WITHDRAWAL = 21, "withdrawal";
    INVITING = 22, "inviting";
    PERSON = 23, "person";
    HANDY = 24, "handy";
}

/// What asks, and what says nothing.
const ANY: Classes = COMMON | ASK | HOW | WHAT;

/// How a topic is asked about.
struct TopicWords {
    topic: ShopTopic,
    /// One word of each of these is there …
    needs: &'static [Classes],
    /// … and none but of these, or of [`ANY`].
    takes: Classes,
}

const fn row(topic: ShopTopic, needs: &'static [Classes], takes: Classes) -> TopicWords {
    TopicWords { topic, needs, takes }
}

/// The first that fits counts.
const TOPICS: &[TopicWords] = &[
    row(
        ShopTopic::Payday,
        &[COMMISSION | WITHDRAWAL, WHEN],
        COMMISSION | WITHDRAWAL | WHEN | PAYDAY | MINE,
    ),
    row(
        ShopTopic::Inviting,
        &[INVITING, GAIN | COMMISSION | RULE],
        INVITING | PERSON | GAIN | COMMISSION | MUCH | RULE | UNIT,
    ),
    row(ShopTopic::Points, &[POINTS, USE | RULE], POINTS | USE | RULE | MUCH | WHEN | UNIT | MINE),
    row(
        ShopTopic::Commission,
        &[COMMISSION, MUCH | RULE | GAIN | ASK | HOW | WHAT],
        COMMISSION | MUCH | RULE | GAIN | UNIT,
    ),
    row(ShopTopic::Fee, &[FEE], FEE | FREE | DELIVER | MUCH | UNIT | PLACE | RULE),
    row(ShopTopic::Fee, &[DELIVER, FREE | MUCH], DELIVER | FREE | MUCH | UNIT | PLACE),
    row(ShopTopic::Hours, &[HOURS], HOURS | HAND | HANDY | WHEN | DELIVER),
    row(ShopTopic::Hours, &[HAND, WHEN], HAND | HANDY | WHEN),
    row(ShopTopic::Delivery, &[DELIVER], DELIVER | PLACE | WHERE),
];

/// One of these is in each question.
static HINTS: Hints = Hints::of(
    "邮|运|送|派货|寄|快递|低消|佣|返利|返现|提成|分成|积分|红花|点数|签到|打卡|邀|拉|推荐|推广|介绍|分享|转发|带人|带朋友|请朋友|提现|提款|取现|提领|可提|时间|开门|关门|营业|上班|下班|几点|几时|时候|point|check.?in|commission|invit|refer|recommend|bring|introduc|deliver|ship|postage|courier|withdraw|cash ?out|payout|earnings|hours|time|open|collect|pick",
);

/// The words of the file.
static WORDS: LazyLock<Trie<Classes>> = LazyLock::new(|| {
    let mut trie = Trie::default();
    for line in include_str!("asking.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('|').map(str::trim);
        let Some(class) = cells.next().and_then(class) else { continue };
        for word in cells {
            if let Some(classes) = trie.entry(word, || 0) {
                *classes |= class;
            }
        }
    }
    trie
});

fn class(name: &str) -> Option<Classes> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, class)| *class)
}

/// The longest known word at a place: where it ends, and its classes.
pub(super) fn word_at(text: &Folded<'_>, from: usize) -> Option<(usize, Classes)> {
    WORDS.longest(text, from).map(|found| (found.end, found.what))
}

/// Marks and pictures, which say nothing.
pub(super) fn is_mark(c: char) -> bool {
    c.is_whitespace()
        || is_picture(c)
        || c.is_ascii_punctuation()
        || "，。！、～：；（）".contains(c)
}

/// Whether a message may be one.
pub(super) fn begins(text: &Folded<'_>) -> bool {
    (2..=LONGEST).contains(&text.len()) && HINTS.is_in(text.line()) && is_asked(text)
}

/// What asks by itself in Chinese, wherever it stands.
const ASKING: &str = "吗咩几哪谁怎咋啥乜";

/// Pairs that ask; 能不能 and its like ask, too.
const PAIRS: &[&str] = &[
    "干嘛",
    "什么",
    "如何",
    "点样",
    "点解",
    "点用",
    "点计",
    "点算",
    "点赚",
    "点攞",
    "边度",
    "边个",
    "边啲",
    "好唔",
    "多少",
    "多久",
    "多高",
    "几多",
    "是否",
    "能否",
    "可否",
    "何时",
    "有没",
    "有冇",
    "可不可",
    "系咪",
    "需不需",
    "规则",
    "规定",
    "比例",
    "好处",
    "范围",
    "时间",
];

/// English words that ask at the head of a message.
const HEADS: &[&str] = &[
    "how", "what", "what's", "whats", "when", "when's", "where", "where's", "which", "who", "why",
    "do", "does", "did", "is", "are", "can", "could", "will", "would", "may", "should", "any",
    "anyone", "have", "has",
];

/// English words that ask anywhere.
const INNER: &[&str] = &["how", "what", "when", "where", "which"];

/// Whether a message asks anything.
pub(super) fn is_asked(text: &Folded<'_>) -> bool {
    let line = text.line();
    if line.contains('?') || line.contains(|c| ASKING.contains(c)) {
        return true;
    }
    if text.glyphs.windows(3).any(|it| it[0].c == it[2].c && matches!(it[1].c, '不' | '唔' | '没'))
    {
        return true;
    }
    let ends = line.trim_end_matches(is_mark);
    if ends.ends_with(['呢', '么', '嘛', '未', '没', '不', '否', '冇'])
        || PAIRS.iter().any(|it| line.contains(it))
    {
        return true;
    }
    let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '\'');
    let polite =
        ["", "hi", "hello", "hey", "so", "and", "also", "please", "pls", "ok", "boss", "sorry"];
    let head = words.clone().find(|word| !polite.contains(word));
    head.is_some_and(|word| HEADS.contains(&word)) || words.any(|word| INNER.contains(&word))
}

/// Read a message as a question about the shop. Goods that are named beside it are what it is asked of.
pub(super) fn read(heard: &ReadableMessage<'_, '_>) -> Option<Intent> {
    if !begins(heard.text) {
        return None;
    }
    let (found, all) = classes(heard)?;
    let fits = |row: &&TopicWords| {
        found.iter().all(|classes| classes & (row.takes | ANY) != 0)
            && row.needs.iter().all(|needed| found.iter().any(|classes| classes & needed != 0))
    };
    let topic = TOPICS.iter().find(fits)?.topic;
    let offers = query::offers(heard);
    let about = match topic {
        ShopTopic::Delivery => About::Carriage,
        ShopTopic::Fee => About::Fee,
        ShopTopic::Hours => About::Hours,
        _ if !offers.is_empty() || all & FEE != 0 => return None,
        topic => return Some(Intent::Groups(groups::Intent::AskShop(topic))),
    };
    Some(Intent::Catalog(catalog::Intent::Query(Query { about, offers })))
}

/// The classes of each word beside goods, and of all of them; `None` where a word is of none.
fn classes(heard: &ReadableMessage<'_, '_>) -> Option<(Vec<Classes>, Classes)> {
    let (text, mut at) = (heard.text, 0);
    let (mut found, mut all) = (Vec::with_capacity(8), 0);
    let goods = heard.tokens.iter().filter(|it| matches!(it.kind, Kind::Entry(_) | Kind::Code(_)));
    let goods: Vec<_> = goods.collect();
    while at < text.len() {
        if let Some((end, classes)) = word_at(text, at) {
            found.push(classes);
            all |= classes;
            at = end;
        } else if let Some(token) = goods.iter().find(|token| token.from == at) {
            at = token.to;
        } else if is_mark(text.at(at)) {
            at += 1;
        } else if goods.is_empty() && text.at(at).is_ascii_digit() {
            // 满50包邮吗; with goods it may be how many.
            found.push(UNIT);
            at += 1;
        } else {
            return None;
        }
    }
    Some((found, all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    /// The topic that a message asks about.
    fn topic(said: &str) -> Option<ShopTopic> {
        let (text, lexicon) = (Folded::new(said), fixture::lexicon("fruit"));
        match read(&ReadableMessage::new(&text, &lexicon))? {
            Intent::Groups(groups::Intent::AskShop(topic)) => Some(topic),
            Intent::Catalog(catalog::Intent::Query(query)) => Some(match query.about {
                About::Carriage => ShopTopic::Delivery,
                About::Fee => ShopTopic::Fee,
                About::Hours => ShopTopic::Hours,
                other => panic!("{other:?}"),
            }),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn all(expected: ShopTopic, said: &[&str]) {
        let missed: Vec<_> =
            said.iter().map(|it| (*it, topic(it))).filter(|it| it.1 != Some(expected)).collect();
        assert!(missed.is_empty(), "{expected:?}: {missed:?}");
    }

    #[test]
    fn what_delivery_costs() {
        all(
            ShopTopic::Fee,
            &[
                "运费多少",
                "運費多少錢？",
                "请问包邮吗",
                "包郵嗎",
                "包唔包邮",
                "有没有运费",
                "要运费吗",
                "配送费怎么算",
                "送货要钱吗",
                "送货上门要加钱吗",
                "满多少包邮",
                "滿多少免運",
                "多少钱起送",
                "團長 運費幾多",
                "寄过来要多少钱",
                "送货收费吗",
                "低消多少",
                "how much is delivery?",
                "is delivery free",
                "delivery fee?",
                "any delivery charge",
                "do i have to pay for delivery",
                "how much is the shipping fee",
                "is there free delivery",
                "do you charge for delivery",
                "草莓包邮吗",
                "运费谁出",
            ],
        );
    }

    #[test]
    fn whether_goods_are_brought() {
        all(
            ShopTopic::Delivery,
            &[
                "送货吗",
                "可以送货上门吗",
                "你们送货上门吗？",
                "能送到家吗",
                "送不送货",
                "有送貨嗎",
                "可唔可以送上門",
                "会配送吗",
                "能快递吗",
                "可以寄吗",
                "可以邮寄到外地吗",
                "送到哪些地方",
                "配送范围",
                "有冇送貨",
                "do you deliver",
                "do you deliver to my door?",
                "can you deliver",
                "is home delivery available?",
                "do you ship",
                "hi, do you ship overseas?",
                "where do you deliver",
            ],
        );
    }

    #[test]
    fn when_goods_are_brought_or_given_out() {
        all(
            ShopTopic::Hours,
            &[
                "几点送",
                "几点可以取",
                "取货时间",
                "营业时间是几点",
                "请问你们几点开门",
                "几点关门",
                "什么时候可以去拿",
                "幾點可以攞貨",
                "自提時間？",
                "最晚几点取货",
                "送货时间是什么时候",
                "几点配送",
                "what time can i collect",
                "opening hours?",
                "when are you open",
                "what time do you deliver",
                "what are the pickup hours",
                "when can i pick up",
                "until what time can i collect",
            ],
        );
    }

    #[test]
    fn what_points_are_for() {
        all(
            ShopTopic::Points,
            &[
                "积分怎么用",
                "積分怎麼用？",
                "积分有什么用",
                "积分规则",
                "积分怎么赚",
                "积分怎么来的",
                "积分会过期吗",
                "积分能抵钱吗",
                "积分可以当钱用吗",
                "小红花有什么用",
                "積分點用",
                "积分可以换什么",
                "我的积分怎么用",
                "how do points work",
                "what are points for?",
                "how do i use my points",
                "how can i earn points",
                "do points expire",
                "what can i do with points",
            ],
        );
    }

    #[test]
    fn what_promoters_earn_and_when() {
        all(
            ShopTopic::Commission,
            &[
                "佣金多少",
                "佣金是多少？",
                "佣金怎么算的",
                "佣金比例是多少",
                "有佣金吗",
                "提成几个点",
                "卖一单提成多少",
                "返利百分之几",
                "佣金几多",
                "佣金點計",
                "what's the commission",
                "how much commission do i get",
                "what is the commission rate?",
                "how does commission work",
                "how is commission calculated",
                "how much commission per order",
            ],
        );
        all(
            ShopTopic::Payday,
            &[
                "佣金什么时候到账",
                "佣金几天到账",
                "什么时候能提现",
                "提现多久到账",
                "佣金多久结算",
                "傭金幾時有得攞？",
                "佣金什么时候发",
                "我的佣金什么时候到账",
                "佣金几时可以提",
                "when do i get my commission",
                "when is commission paid out?",
                "when can i withdraw",
                "how long until i get my commission",
                "how long does a withdrawal take",
            ],
        );
        all(
            ShopTopic::Inviting,
            &[
                "邀请有什么好处",
                "邀請朋友有什麼好處",
                "拉人有奖励吗",
                "邀请有奖吗",
                "推荐朋友有钱吗",
                "拉新人有什么奖励",
                "邀请一个人多少钱",
                "介绍朋友来有什么好处",
                "邀请好友能赚多少",
                "what do i get for inviting",
                "what do i get for inviting friends?",
                "is there a reward for inviting people",
                "any bonus for referrals",
                "what's in it for me if i invite someone",
                "do i earn anything for referring friends",
                "do you pay commission for inviting friends",
            ],
        );
    }

    #[test]
    fn talk_asks_nothing_of_the_shop() {
        for said in [
            "佣金多少了",
            "我的佣金多少",
            "我有多少佣金",
            "how much commission do i have",
            "积分多少",
            "how many points do i have",
            "用500积分",
            "邀请码",
            "怎么邀请",
            "how do i invite friends",
            "运费险赔12",
            "积分清零了好气",
            "快递到了吗",
            "我的快递呢",
            "什么时候到",
            "什么时候开始",
            "买一箱送多少",
            "几点开",
            "when does it start",
            "有什么推荐吗",
            "A1 两箱 包邮吗",
            "草莓两盒送到家",
            "送我一盒吗",
            "佣金提现",
            "提现50",
            "怎么提现",
            "运费我出",
            "公司几点下班了你",
            "昨天那家店包邮你知道吗",
            "几点截单",
            "what time does it close",
            "when is the next drop",
            "推荐什么好吃",
            "老王送货上门了吗",
            "come and collect your points",
            "free delivery over 50",
            "包邮",
            "送货上门",
            "we deliver",
            "积分",
            "佣金",
        ] {
            assert_eq!(topic(said), None, "{said}");
        }
    }

    #[test]
    fn every_line_of_the_file_names_a_class() {
        for line in
            include_str!("asking.txt").lines().filter(|it| !it.starts_with('#') && !it.is_empty())
        {
            let name = line.split('|').next().unwrap_or("").trim();
            assert!(class(name).is_some(), "{name:?}");
        }
    }
}
