//! A long run, by hand and now and then: `make fuzz`. Messages of the corpora are cut, joined, repeated and
//! sprinkled with odd characters; whatever comes of it must be read in time and without a panic, and what
//! is read must be within bounds. Beside it: what changes nothing for a person changes no order.
//!
//! `FUZZ_SECONDS` says how long, `FUZZ_SEED` where to begin: the seed of a failure is in its message.

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::{Lexicon, Scene, fixture, may_concern, understand};
use crate::domain::intent::{
    HeldLine, Intent, MAX_CHOICES, MAX_QTY, MAX_UNLISTED, Question, Role, Understood, WantedLine,
};

const CORPORA: [&str; 4] = [
    include_str!("../../tests/corpus/cases.jsonl"),
    include_str!("../../tests/corpus/more.jsonl"),
    include_str!("../../tests/corpus/blind.jsonl"),
    include_str!("../../tests/corpus/fresh.jsonl"),
];

const CONTEXTS: [&str; 8] =
    ["single", "fruit", "bento", "dumpling", "numbered", "clothes", "grocery", "weigh"];

/// What is sprinkled in: signs, digits of all kinds, marks without width, pictures, rare planes.
const ODD: &[&str] = &[
    " ",
    "\n",
    "\t",
    "\r\n",
    "\0",
    "　",
    "\u{200b}",
    "\u{202e}",
    "\u{fe0f}",
    "\u{301}",
    "，",
    "、",
    "。",
    "?",
    "？",
    "!",
    ":",
    "：",
    "+",
    "＋",
    "-",
    "x",
    "×",
    "*",
    "/",
    "=",
    "~",
    "(",
    "）",
    "[",
    "]",
    "「",
    "」",
    "\"",
    "@",
    "#",
    "¥",
    "0",
    "1",
    "2",
    "10",
    "½",
    "①",
    "🔟",
    "2️⃣",
    "二",
    "两",
    "俩",
    "十",
    "百",
    "万",
    "亿",
    "半",
    "各",
    "再",
    "不要",
    "不",
    "了",
    "吗",
    "几",
    "要",
    "改成",
    "共",
    "盒",
    "箱",
    "斤",
    "打",
    "个",
    "A1",
    "a",
    "A",
    "1号",
    "#接龙",
    "1. ",
    "例 ",
    "\n- - - - -\n",
    "for ",
    "please ",
    "no ",
    "the ",
    "dozen ",
    "instead of ",
    "🍓",
    "👨‍👩‍👧",
    "𠮷",
    "ﷺ",
    "㈱",
    "é",
    "ß",
    "\u{10ffff}",
    "1/2",
    "99999999999999999999",
    "13:30",
    "3栋",
    "[强]",
    "[图片]",
    "https://a.b/A1x2",
];

#[derive(Deserialize)]
struct Case {
    context: String,
    text: String,
    accept: Vec<String>,
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap() % end.max(1)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// A part of a text, between characters.
    fn part<'t>(&mut self, text: &'t str) -> &'t str {
        let (a, b) = (self.below(text.len() + 1), self.below(text.len() + 1));
        let (a, b) = (text.floor_char_boundary(a.min(b)), text.floor_char_boundary(a.max(b)));
        &text[a..b]
    }

    /// A text made of others.
    fn text(&mut self, cases: &[Case]) -> String {
        let mut text = self.pick(cases).text.clone();
        for _ in 0..self.below(6) {
            let at = text.floor_char_boundary(self.below(text.len() + 1));
            match self.below(8) {
                0 => text = self.part(&text).to_owned(),
                1 => {
                    let other = &self.pick(cases).text;
                    text.insert_str(at, self.part(other));
                }
                2 | 3 => text.insert_str(at, self.pick::<&str>(ODD)),
                4 => text.push_str(&self.pick(cases).text),
                5 => text = text.chars().rev().collect(),
                6 => {
                    let twice = self.part(&text).repeat(2);
                    text.insert_str(at, &twice);
                }
                _ => {
                    let odd = char::from_u32(u32::try_from(self.below(0x11_0000)).unwrap());
                    text.insert(at, odd.unwrap_or('\u{fffd}'));
                }
            }
        }
        // Now and then one that is as long as a message can be, of one thing over and over.
        if self.below(200) == 0 && !text.is_empty() {
            text = text.repeat(64 * 1024 / text.len() + 1);
            text.truncate(text.floor_char_boundary(64 * 1024));
        }
        text
    }
}

struct Fuzz {
    cases: Vec<Case>,
    lexicons: Vec<Lexicon>,
    random: Random,
    seed: u64,
    /// Of each context: a question asked back lately, and lines somebody holds.
    question: Vec<Option<Question>>,
    mine: Vec<Vec<HeldLine>>,
}

impl Fuzz {
    fn one(&mut self) {
        self.seed = self.seed.wrapping_add(1);
        self.random = Random(self.seed);
        let text = self.random.text(&self.cases);
        let place = self.random.below(self.lexicons.len());
        let lexicon = &self.lexicons[place];
        let role = if self.random.below(4) == 0 { Role::Leader } else { Role::Member };
        let question = self.question[place].as_ref().filter(|_| self.random.below(3) == 0);
        let scene = Scene { lexicon, question, mine: &self.mine[place], mentions: &[], role };
        let read = self.in_time(&text, &scene);
        bounded(&read, lexicon).unwrap_or_else(|why| {
            panic!("FUZZ_SEED={}: {why}: {text:?} as {read:?}", self.seed);
        });
        // With a question open everything is read.
        let concerns =
            read.intent == Intent::Silent || question.is_some() || may_concern(&text, lexicon);
        assert!(concerns, "FUZZ_SEED={}: overlooked {text:?} as {read:?}", self.seed);
        match read.intent {
            Intent::Ask(asked) => self.question[place] = Some(asked),
            Intent::Order(lines) => {
                let held = |line: &WantedLine| HeldLine {
                    offer: line.offer,
                    variant: line.variant,
                    qty: line.qty.unwrap_or(1),
                };
                self.mine[place] = lines.iter().map(held).collect();
            }
            _ => {}
        }
    }

    /// Read it. What counts is this thread's own processor time, the best of three: the machine may be busy.
    fn in_time(&self, text: &str, scene: &Scene<'_>) -> Understood {
        // 30 µs a byte: generous for an unoptimised build, and far below anything quadratic.
        let most = Duration::from_millis(20)
            + Duration::from_micros(30) * u32::try_from(text.len()).unwrap();
        let mut took = Vec::new();
        for _ in 0..3 {
            let start = worked();
            let read = understand(text, scene);
            let time = worked().saturating_sub(start);
            if time <= most {
                return read;
            }
            took.push(time);
        }
        let head: String = text.chars().take(200).collect();
        panic!("FUZZ_SEED={}: {took:?} for {} bytes: {head:?}", self.seed, text.len());
    }

    /// Blanks, width, politeness: a person reads the same order.
    fn same_order(&self, case: &Case) -> Result<(), String> {
        let lexicon = &self.lexicons[place(&case.context)];
        let read = |text: &str| {
            understand(
                text,
                &Scene { lexicon, question: None, mine: &[], mentions: &[], role: Role::Member },
            )
            .intent
        };
        let plain = read(&case.text);
        if !records(&plain) || matches!(plain, Intent::JoinList(_)) || case.text.contains('\n') {
            return Ok(());
        }
        let text = &case.text;
        for (what, variant) in [
            ("blanks around", format!("  {text} ")),
            ("more blanks", text.replace(' ', "  ")),
            ("zero width", text.chars().flat_map(|c| [c, '\u{200b}']).collect()),
            ("thanks", format!("{text}，谢谢")),
            ("sorry to trouble you", format!("麻烦了，{text}")),
            ("a smile", format!("{text}😊")),
            ("wide digits", wide(text)),
        ] {
            let got = read(&variant);
            if got != plain {
                return Err(format!("{what} changes {text:?} from {plain:?} to {got:?}"));
            }
        }
        Ok(())
    }
}

fn place(context: &str) -> usize {
    CONTEXTS.iter().position(|it| *it == context).unwrap_or(0)
}

/// Digits and signs of arithmetic in full width.
fn wide(text: &str) -> String {
    let wide = |c: char| match c {
        '0'..='9' | '+' | '*' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        other => other,
    };
    text.chars().map(wide).collect()
}

fn records(intent: &Intent) -> bool {
    matches!(intent, Intent::Order(_) | Intent::Amend(_) | Intent::Cancel(_) | Intent::JoinList(_))
}

/// Whether what was read is something the shop can carry out.
fn bounded(read: &Understood, lexicon: &Lexicon) -> Result<(), String> {
    let long = |text: &Option<String>, most: usize| {
        text.as_ref().is_some_and(|text| text.chars().count() > most)
    };
    let whom = read.for_whom.as_ref().map(|person| person.name().to_owned());
    if long(&read.note, 200) || long(&whom, 32) {
        return Err("a remark or name is too long".to_owned());
    }
    sound(&read.intent, lexicon)
}

fn too_many(question: &Question) -> bool {
    question.choices.len() > MAX_CHOICES || question.unlisted.len() > MAX_UNLISTED
}

fn sound(intent: &Intent, lexicon: &Lexicon) -> Result<(), String> {
    let offered = |line: &WantedLine| {
        let words = lexicon.offers().iter().find(|words| words.id == line.offer);
        let Some(words) = words else { return Err(format!("no such offer: {line:?}")) };
        let varied = line.variant.is_none_or(|v| usize::from(v) < words.variants.len());
        let counted = line.qty.is_none_or(|qty| (1..=MAX_QTY).contains(&qty));
        if varied && counted { Ok(()) } else { Err(format!("no such line: {line:?}")) }
    };
    match intent {
        Intent::Order(lines) => {
            let empty = lines.is_empty() || lines.iter().any(|line| line.qty.is_none());
            if empty {
                Err("an order of nothing".to_owned())
            } else {
                lines.iter().try_for_each(offered)
            }
        }
        Intent::Amend(lines) | Intent::Cancel(lines) => lines.iter().try_for_each(offered),
        Intent::JoinList(entries) => entries.iter().flat_map(|it| &it.lines).try_for_each(offered),
        Intent::Ask(question) if too_many(question) => Err("too many choices".to_owned()),
        Intent::Ask(question) => {
            question.options().try_for_each(|option| sound(option, lexicon))?;
            question.partial.iter().try_for_each(offered)
        }
        _ => Ok(()),
    }
}

fn cases() -> Vec<Case> {
    let lines = CORPORA.iter().flat_map(|corpus| corpus.lines());
    lines.filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn fuzz(seed: u64) -> Fuzz {
    let lexicons: Vec<_> = CONTEXTS.iter().map(|context| fixture::lexicon(context)).collect();
    let (question, mine) = (vec![None; CONTEXTS.len()], vec![Vec::new(); CONTEXTS.len()]);
    Fuzz { cases: cases(), lexicons, random: Random(seed), seed, question, mine }
}

fn asked_for(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The processor time of this thread, where the system tells it; else the time that passed.
fn worked() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

#[test]
fn two_thousand_mutated_messages() {
    let mut fuzz = fuzz(1);
    (0..2_000).for_each(|_| fuzz.one());
}

#[test]
fn what_changes_nothing_for_a_person_changes_no_order() {
    let fuzz = fuzz(0);
    let wrong: Vec<_> = fuzz.cases.iter().filter_map(|case| fuzz.same_order(case).err()).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is said after a chain or a quotation would belong to it.
fn is_talk(case: &Case) -> bool {
    case.accept == ["silent"] && !case.text.contains('\n')
}

/// Idle talk of the corpora, two at a time: nothing is ever recorded.
#[test]
fn talk_joined_to_talk_orders_nothing() {
    let mut fuzz = fuzz(7);
    let quiet: Vec<usize> = (0..fuzz.cases.len()).filter(|&n| is_talk(&fuzz.cases[n])).collect();
    for _ in 0..4_000 {
        let one = *fuzz.random.pick(&quiet);
        let same = |n: &&usize| fuzz.cases[**n].context == fuzz.cases[one].context;
        let others: Vec<usize> = quiet.iter().filter(same).copied().collect();
        let two = *fuzz.random.pick(&others);
        let joint = *fuzz.random.pick(&["，", "。", "\n", "！"]);
        let text = format!("{}{joint}{}", fuzz.cases[one].text, fuzz.cases[two].text);
        let lexicon = &fuzz.lexicons[place(&fuzz.cases[one].context)];
        let scene = Scene { lexicon, question: None, mine: &[], mentions: &[], role: Role::Member };
        let read = understand(&text, &scene);
        assert!(!records(&read.intent), "{text:?} orders {read:?}");
    }
}

#[test]
#[ignore = "a long run, by hand: make fuzz"]
fn for_as_long_as_asked() {
    let (seconds, seed) = (asked_for("FUZZ_SECONDS", 180), asked_for("FUZZ_SEED", 1_000_000));
    let mut fuzz = fuzz(seed.wrapping_sub(1));
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut count = 0_u64;
    while Instant::now() < until {
        (0..100).for_each(|_| fuzz.one());
        count += 100;
    }
    println!("{count} messages from FUZZ_SEED={seed}");
}
