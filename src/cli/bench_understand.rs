//! `tuan bench understand`: how many messages a second one core reads, and what a lexicon weighs.
//!
//! Fifty open offers, made up but of realistic length, and four mixes of messages: orders, idle
//! talk, both with commands and questions as a busy group has them, and what only the judge can read. Reports only; no
//! database.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::domain::ids::OfferId;
use crate::domain::intent::{Intent, Role};
use crate::domain::money::Currency;
use crate::domain::money::Money;
use crate::understand::{Lexicon, OfferWords, Scene, understand};

const OFFERS: i64 = 50;
const ITEMS: i64 = 1_000;
/// What the strict grammar does not wholly explain: the judge weighs each.
const JUDGED: &[&str] = &[
    "昨天的米酒真好喝，今天青岗鸡蛋给我家来两份吧，老人爱吃",
    "电梯又坏了爬上来的，A3帮我留两箱",
    "羊排还有吗？有的话要一份，没有就算了",
    "能不能给我妈那边也带一箱柚子，她不会用手机",
    "A7 two please, and thanks for last week, kids loved it",
    "A1改两箱吧，婆婆说一箱不够，B3先不要",
    "孩子说想吃馒头，那就来三袋，明天下班去拿",
    "记一下：老马 A1两箱；小翠 A2一箱；门卫老张 A3三袋",
    "上次那个香菇不错，这次再来两袋，放驿站",
    "could I get one more of B6 if it's not too late?",
];
const SPAN: Duration = Duration::from_secs(2);

const ORDERS: &[&str] = &[
    "A1+2",
    "a3*1 b6*2",
    "青岗鸡蛋12号两份",
    "要三份白玉羊排7号",
    "A7 x 3 谢谢团长",
    "B2再加一份",
    "A1 B3 各两份，6号楼1203",
    "A12改成3份",
    "B9不要了",
    "给我妈订一份A4",
    "two of A6 please",
    "B2来两份放门口",
    "A1、A2各一",
    "再来一份B8",
    "Ａ３＋２",
];
const NOISE: &[&str] = &[
    "哈哈哈哈笑死我了",
    "今天天气真好",
    "晚上吃什么",
    "好的收到",
    "谢谢大家",
    "早上好呀",
    "有人拼车去机场吗",
    "lol that is so funny",
    "电梯又停了烦死",
    "孩子今天发烧了",
    "周末去爬山",
    "see you tomorrow",
    "物业什么时候来修",
    "这个视频太好看了",
    "在路上堵着呢",
    "😂😂😂",
];
const OTHERS: &[&str] = &[
    "打卡",
    "余额",
    "我的订单",
    "A1多少钱",
    "几点截单",
    "邀请码",
    "积分多少",
    "草莓坏了怎么办",
    "what's on today?",
    "昨天买的真甜",
];

/// Measure and report as one JSON object.
#[must_use]
pub fn run() -> Value {
    let lexicon = lexicon(OFFERS);
    let big = self::lexicon(ITEMS);
    let mixed: Vec<&str> = NOISE.iter().chain(NOISE).chain(ORDERS).chain(OTHERS).copied().collect();
    let read = |texts: &[&str]| {
        let scene = Scene {
            lexicon: &lexicon,
            question: None,
            mine: &[],
            mentions: &[],
            lately: &[],
            role: Role::Member,
        };
        texts.iter().filter(|text| understand(text, &scene).intent != Intent::Silent).count()
    };
    json!({
        "bench": "understand",
        "offers": OFFERS,
        "orders_read": format!("{} of {}", read(ORDERS), ORDERS.len()),
        "noise_read": format!("{} of {}", read(NOISE), NOISE.len()),
        "orders_per_s": rate(&lexicon, ORDERS),
        "noise_per_s": rate(&lexicon, NOISE),
        "mixed_per_s": rate(&lexicon, &mixed),
        "judged_per_s": rate(&lexicon, JUDGED),
        "lexicon_items": ITEMS,
        "lexicon_bytes": big.bytes(),
    })
}

/// Messages a second, on this core.
fn rate(lexicon: &Lexicon, texts: &[&str]) -> u128 {
    let scene = Scene {
        lexicon,
        question: None,
        mine: &[],
        mentions: &[],
        lately: &[],
        role: Role::Member,
    };
    // The static vocabulary is compiled by the first message.
    let mut told = usize::from(understand("A1", &scene).intent == Intent::Silent);
    let start = Instant::now();
    let mut count: u128 = 0;
    while start.elapsed() < SPAN {
        for _ in 0..50 {
            for text in texts {
                told += usize::from(understand(text, &scene).intent != Intent::Silent);
                count += 1;
            }
        }
    }
    std::hint::black_box(told);
    count * 1_000_000 / start.elapsed().as_micros().max(1)
}

/// So many offers with names, aliases, units and some variants.
fn lexicon(count: i64) -> Lexicon {
    const FIRST: [&str; 10] =
        ["白玉", "青岗", "丹霞", "云岭", "海盐", "高山", "老街", "石磨", "散养", "有机"];
    const SECOND: [&str; 10] =
        ["枇杷", "柚子", "鸡蛋", "挂面", "豆干", "米酒", "香菇", "羊排", "馒头", "酸奶"];
    const UNITS: [&str; 5] = ["箱", "盒", "袋", "份", "瓶"];
    let pick = |list: &[&'static str], n: i64| {
        let len = i64::try_from(list.len()).unwrap_or(1);
        list[usize::try_from(n % len).unwrap_or(0)]
    };
    let words = |n: i64| OfferWords {
        id: OfferId(n),
        code: format!(
            "{}{}",
            char::from(b'A' + u8::try_from(n / 40 % 26).unwrap_or(0)),
            n % 40 + 1
        ),
        name: format!("{}{}{n}号", pick(&FIRST, n / 10), pick(&SECOND, n)),
        aliases: vec![format!("{}{n}", pick(&SECOND, n)), format!("item {n}")],
        unit: pick(&UNITS, n).to_owned(),
        other_units: vec![("件".to_owned(), 6, 1)],
        variants: if n % 5 == 4 {
            vec!["原味".to_owned(), "微辣".to_owned()]
        } else {
            Vec::new()
        },
        price: Money::from_minor(1_990 + n),
    };
    Lexicon::new((0..count).map(words).collect(), Currency::CNY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_items_weigh_at_most_two_megabytes() {
        assert!(lexicon(ITEMS).bytes() <= 2_000_000);
    }

    #[test]
    fn the_bench_reads_every_order_and_no_noise() {
        let lexicon = lexicon(OFFERS);
        let scene = Scene {
            lexicon: &lexicon,
            question: None,
            mine: &[],
            mentions: &[],
            lately: &[],
            role: Role::Member,
        };
        for text in ORDERS {
            let intent = understand(text, &scene).intent;
            assert!(!matches!(intent, Intent::Silent), "{text}: {intent:?}");
        }
        for text in NOISE {
            assert_eq!(understand(text, &scene).intent, Intent::Silent, "{text}");
        }
    }
}
