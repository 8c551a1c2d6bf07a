//! Properties that hold for every message, and hostile ones: no input panics, time is linear, blanks,
//! width, case and politeness change nothing, noise joined to noise stays silent.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Lexicon, Scene, fixture, may_concern, understand};
use crate::domain::intent::{Intent, Role, Understood};
use crate::domain::orders;

const CONTEXTS: [&str; 5] = ["fruit", "single", "bento", "dumpling", "clothes"];

const VOCABULARY: &[&str] = &[
    "草莓",
    "A1",
    "a2",
    "#1",
    "1号",
    "两",
    "2",
    "半",
    "盒",
    "箱",
    "斤",
    "+",
    "x",
    "*",
    "-",
    "各",
    "一共",
    "不要",
    "不要了",
    "取消",
    "改成",
    "再",
    "加",
    "少",
    "给",
    "帮我",
    "小美",
    "要",
    "来",
    "吗",
    "多少",
    "谢谢",
    "，",
    "、",
    "。",
    "\n",
    " ",
    "?",
    "「",
    "」",
    "@",
    "#接龙",
    "1. ",
    "2、",
    "🍓",
    "👍🏻",
    "\u{200b}",
    "\u{fe0f}",
    "[强]",
    "[图片]",
    "①",
    "ＡＩ",
    "鷄",
    "黑色",
    "L",
    "/",
    "38",
    "打",
    "俩",
    "十",
    "百",
    "万",
    "dozen",
    "of",
    "for",
    "please",
    "the",
    "instead of",
    "cancel",
    "swap",
    "with",
    "备注",
    "放门口",
    "3栋2单元",
    "13:30",
    "¥",
    "元",
    "第",
    "接龙",
    "收到",
    "#1024",
    "\u{202e}",
    "\u{0}",
    "\r",
    "\t",
    "é",
    "ß",
    "ﷺ",
    "𠮷",
    "١",
    "½",
    "㈱",
    "-----\n",
    "例",
    "=",
    "~",
    "(",
    ")",
];

const NOISE: &[&str] = &[
    "哈哈哈哈",
    "今天天气也太好",
    "电梯又坏了",
    "晚上吃火锅去",
    "孩子在写作业",
    "堵车堵了一路",
    "周末去爬山",
    "谢谢大家",
    "早上好",
    "see you soon",
    "that movie was great",
    "好热啊",
    "快递到了",
    "停水通知看到了",
    "小区门口修路",
    "lol",
];

fn read(text: &str, lexicon: &Lexicon) -> Understood {
    understand(
        text,
        &Scene {
            lexicon,
            question: None,
            mine: &[],
            mentions: &[],
            lately: &[],
            role: Role::Member,
        },
    )
}

/// Orders that the corpus reads, each with no remark.
const PLAIN: &[&str] = &[
    "A1+2",
    "草莓2盒",
    "要两盒草莓",
    "A1*2 B3*1",
    "葡萄1箱、橙子2箱",
    "再来一盒车厘子",
    "草莓改成3盒",
    "A1不要了",
    "A1 B1 各两份",
    "2箱红富士3盒草莓",
    "西瓜只要1个",
    "blueberry 2盒",
    "草莓少一盒",
    "A2 x 3",
    "帮王姐带两盒草莓",
];

fn wide(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
            ' ' => '\u{3000}',
            other => other,
        })
        .collect()
}

#[test]
fn width_case_blanks_and_politeness_change_no_order() {
    let lexicon = fixture::lexicon("fruit");
    for text in PLAIN {
        let plain = read(text, &lexicon);
        assert!(!matches!(plain.intent, Intent::Silent | Intent::Ask(_)), "{text}: {plain:?}");
        let variants = [
            wide(text),
            text.to_uppercase(),
            text.to_lowercase(),
            format!("  {text}  "),
            text.replace(' ', "   "),
            format!("{text}，谢谢团长"),
            format!("麻烦团长{text}"),
            format!("{text}🙏🙏"),
            format!("{text}\u{200b}"),
            text.chars()
                .map(|c| if c.is_ascii() { c.to_string() } else { format!("{c}\u{fe0f}") })
                .collect(),
        ];
        for variant in variants {
            assert_eq!(read(&variant, &lexicon).intent, plain.intent, "{text} as {variant}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_panics(text in "\\PC{0,80}", context in 0..CONTEXTS.len()) {
        let lexicon = fixture::lexicon(CONTEXTS[context]);
        let read = read(&text, &lexicon);
        prop_assert!(read.intent == Intent::Silent || may_concern(&text, &lexicon, Role::Member), "{text}: {read:?}");
    }

    #[test]
    fn no_jumble_of_words_panics(
        words in proptest::collection::vec(proptest::sample::select(VOCABULARY), 0..24),
        context in 0..CONTEXTS.len(),
        leads in any::<bool>(),
    ) {
        let text = words.concat();
        let lexicon = fixture::lexicon(CONTEXTS[context]);
        let role = if leads { Role::Leader } else { Role::Member };
        let scene = Scene { lexicon: &lexicon, question: None, mine: &[], mentions: &[], lately: &[], role };
        let read = understand(&text, &scene);
        prop_assert!(read.intent == Intent::Silent || may_concern(&text, &lexicon, role), "{text}: {read:?}");
        if let Intent::Orders(orders::Intent::Order(lines)) = &read.intent {
            prop_assert!(lines.iter().all(|line| line.qty.is_some_and(|qty| (1..=999).contains(&qty))));
        }
    }

    #[test]
    fn noise_joined_to_noise_stays_silent(
        words in proptest::collection::vec(proptest::sample::select(NOISE), 1..6),
        joint in proptest::sample::select(&["，", " ", "。", "\n"][..]),
    ) {
        let lexicon = fixture::lexicon("fruit");
        prop_assert_eq!(read(&words.join(joint), &lexicon).intent, Intent::Silent);
    }
}

/// Texts of 64 KiB that repeat one awkward thing.
fn hostile() -> Vec<String> {
    let pieces = [
        "草莓",
        "A1+2 ",
        "不要",
        "A1，",
        "🍓",
        "1. 小美 2盒\n",
        "接龙",
        "#接龙\n",
        "「",
        "- - -\n",
        "草梅2",
        "一",
        "零一",
        "各",
        "改成",
        "1-",
        "3栋",
        "x",
        "a ",
        "[",
        "[强",
        "黑色/",
        "第",
        "2.5.",
        "@",
        "给小",
        "换A1",
        "\n",
        "1.\n",
        "instead of ",
        "?",
        "还有",
        "例",
        "小",
    ];
    pieces.iter().map(|piece| piece.repeat(64 * 1024 / piece.len())).collect()
}

#[test]
fn sixty_four_kilobytes_of_anything_are_read_in_time() {
    let lexicon = fixture::lexicon("fruit");
    for text in hostile() {
        let once = || {
            let start = Instant::now();
            let _ = read(&text, &lexicon);
            let _ = may_concern(&text, &lexicon, Role::Member);
            start.elapsed()
        };
        let head: String = text.chars().take(12).collect();
        // Unoptimised and on a busy machine, the best of three; quadratic time would take minutes.
        let most = Duration::from_secs(5);
        let in_time = (0..3).any(|_| once() < most);
        assert!(in_time, "{head}… takes longer than {most:?}");
    }
}

/// Words that are said of everything, as names of goods.
const COMMON: [&str; 12] =
    ["好的", "可以", "今天", "大家", "谢谢", "东西", "时候", "奶", "蛋", "can", "all", "day"];

/// A shop whose goods are called by common words does something where nothing is asked for at most twice as often, by
/// the messages of the older corpora that may record nothing.
#[test]
fn goods_with_common_names_double_false_acts_at_most() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"));
    let common = |n: usize, mut words: super::OfferWords| {
        words.name = COMMON[n % COMMON.len()].to_owned();
        words.aliases.clear();
        words
    };
    let plain = fixture::lexicon("grocery");
    let offers = plain.offers().iter().cloned().enumerate().take(COMMON.len());
    let renamed =
        Lexicon::new(offers.map(|(n, words)| common(n, words)).collect(), plain.currency());
    let (mut idle, mut acts) = (0, [0, 0]);
    for corpus in ["cases", "more", "fresh", "blind"] {
        let text = std::fs::read_to_string(folder.join(format!("{corpus}.jsonl"))).unwrap();
        for line in text.lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let accepts = case["accept"].as_array().unwrap();
            let records = ["order", "amend", "cancel", "join_list"];
            if accepts.iter().any(|act| records.contains(&act.as_str().unwrap())) {
                continue;
            }
            idle += 1;
            for (count, lexicon) in acts.iter_mut().zip([&plain, &renamed]) {
                let said = read(case["text"].as_str().unwrap(), lexicon);
                *count += usize::from(super::act(&said.intent).records());
            }
        }
    }
    assert!(idle > 1_000, "{idle} messages");
    // Of few acts twice is chance: at most eight.
    assert!(acts[1] <= 2 * acts[0].max(4), "{acts:?} of {idle}");
}
