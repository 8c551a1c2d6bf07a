//! For tests: what all long runs share. Input is made from samples that are cut, joined, repeated and
//! sprinkled with odd things; each case is made from a seed of its own, which is in the failure's message.
//!
//! A few cases run with the other tests. `make fuzz` runs as many as it can in `FUZZ_SECONDS` for each
//! target, from `FUZZ_SEED` on: a failure says which seed to begin with to see it again at once.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

/// What is sprinkled in: signs, digits of all kinds, marks without width, pictures, rare planes.
pub(crate) const ODD: &[&str] = &[
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

/// The longest text that is made: as long as a message can be.
pub(crate) const LONG: usize = 64 * 1024;

/// Values that a document does not expect.
const ODD_NUMBERS: [i64; 8] = [0, -1, 1, 42, i64::MAX, i64::MIN, 1 << 53, -1_001_234_567_890];

/// splitmix64: numbers that follow from one another, the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap() % end.max(1)
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &'a [&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// A part of a text, between characters.
    pub(crate) fn part<'t>(&mut self, text: &'t str) -> &'t str {
        let (a, b) = (self.below(text.len() + 1), self.below(text.len() + 1));
        let (a, b) = (text.floor_char_boundary(a.min(b)), text.floor_char_boundary(a.max(b)));
        &text[a..b]
    }

    /// A text made of others.
    pub(crate) fn text(&mut self, samples: &[&str]) -> String {
        let mut text = self.pick(samples).to_owned();
        for _ in 0..self.below(6) {
            text = self.changed(text, samples);
        }
        // Now and then one that is as long as a message can be, of one thing over and over.
        if self.once_in(200) && !text.is_empty() {
            text = text.repeat(LONG / text.len() + 1);
            text.truncate(text.floor_char_boundary(LONG));
        }
        text
    }

    fn changed(&mut self, mut text: String, samples: &[&str]) -> String {
        let at = text.floor_char_boundary(self.below(text.len() + 1));
        match self.below(8) {
            0 => text = self.part(&text).to_owned(),
            1 => {
                let other = self.pick(samples);
                text.insert_str(at, self.part(other));
            }
            2 | 3 => text.insert_str(at, self.pick(ODD)),
            4 => text.push_str(self.pick(samples)),
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
        text
    }

    /// Bytes with a few of them changed, left out, doubled or cut off.
    pub(crate) fn bytes(&mut self, of: &[u8]) -> Vec<u8> {
        let mut bytes = of.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len().max(1));
            let until = (at + 1 + self.below(16)).min(bytes.len());
            match self.below(6) {
                _ if bytes.is_empty() => bytes.push(0),
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = u8::try_from(self.below(256)).unwrap(),
                2 => bytes[at..until].fill(0xff),
                3 => drop(bytes.drain(at..until)),
                4 => {
                    let again = bytes[at..until].to_vec();
                    bytes.splice(at..at, again);
                }
                _ => bytes.truncate(at),
            }
        }
        bytes
    }

    /// One of these documents with a few of its values changed.
    pub(crate) fn json(&mut self, of: &[Value], words: &[&str]) -> Value {
        let mut document = of[self.below(of.len())].clone();
        for _ in 0..self.below(5) {
            self.change(&mut document, words);
        }
        document
    }

    /// Change something at or below a value.
    fn change(&mut self, value: &mut Value, words: &[&str]) {
        let below = match value {
            Value::Array(list) if !list.is_empty() => {
                let at = self.below(list.len());
                list.get_mut(at)
            }
            Value::Object(map) if !map.is_empty() => {
                let at = self.below(map.len());
                map.values_mut().nth(at)
            }
            _ => None,
        };
        match below {
            Some(below) if !self.once_in(4) => self.change(below, words),
            _ => *value = self.changed_value(value.take(), words),
        }
    }

    fn changed_value(&mut self, value: Value, words: &[&str]) -> Value {
        match (self.below(10), value) {
            (0, _) => Value::Null,
            (1, _) => json!(ODD_NUMBERS[self.below(ODD_NUMBERS.len())]),
            (2, _) => json!(self.pick(ODD)),
            (3, _) => [json!(true), json!(""), json!([]), json!({}), json!(0.5), json!(u64::MAX)]
                [self.below(6)]
            .clone(),
            (4, value) => Value::Array(vec![value; self.below(130)]),
            (5, value) => (0..self.below(20)).fold(value, |value, _| json!([value])),
            (_, Value::String(text)) => {
                let other = self.pick(words);
                json!(self.text(&[&text, other]))
            }
            (_, Value::Number(number)) => {
                let near = number.as_i64().unwrap_or_default();
                json!(near.wrapping_add(i64::try_from(self.below(9)).unwrap() - 4))
            }
            (_, Value::Array(list)) => Value::Array(self.changed_list(list)),
            (_, Value::Object(map)) => Value::Object(self.changed_map(map)),
            (_, other) => other,
        }
    }

    fn changed_list(&mut self, mut list: Vec<Value>) -> Vec<Value> {
        let at = self.below(list.len().max(1));
        match self.below(4) {
            _ if list.is_empty() => {}
            0 => drop(list.remove(at)),
            1 => list.reverse(),
            2 => list.extend_from_within(at..),
            _ => {
                let again = list[at].clone();
                list.extend(vec![again; self.below(150)]);
            }
        }
        list
    }

    fn changed_map(&mut self, mut map: Map<String, Value>) -> Map<String, Value> {
        let key = |dice: &mut Self, map: &Map<String, Value>| {
            map.keys().nth(dice.below(map.len().max(1))).cloned()
        };
        let (Some(one), Some(other)) = (key(self, &map), key(self, &map)) else { return map };
        let value = map.remove(&one).unwrap_or_default();
        match self.below(3) {
            0 => {}
            1 => drop(map.insert(other, value)),
            _ => {
                let moved = map.insert(other, value).unwrap_or_default();
                map.insert(one, moved);
            }
        }
        map
    }
}

/// Try so many cases, each from its own seed, from this one on.
pub(crate) fn few(count: u64, seed: u64, mut case: impl FnMut(&mut Dice)) {
    (0..count).for_each(|nth| one(seed.wrapping_add(nth), &mut case));
}

/// Try cases for `FUZZ_SECONDS`, from `FUZZ_SEED` on.
pub(crate) fn long(what: &str, mut case: impl FnMut(&mut Dice)) {
    let (seconds, seed) = (asked_for("FUZZ_SECONDS", 60), asked_for("FUZZ_SEED", 1_000_000));
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut count = 0_u64;
    while Instant::now() < until {
        one(seed.wrapping_add(count), &mut case);
        count += 1;
    }
    println!("{count} {what} from FUZZ_SEED={seed}");
}

/// One case. Whatever it fails by, its seed is told.
fn one(seed: u64, case: &mut impl FnMut(&mut Dice)) {
    let tried = catch_unwind(AssertUnwindSafe(|| case(&mut Dice::new(seed))));
    if let Err(failure) = tried {
        let words = failure.downcast_ref::<String>().cloned();
        match words.or_else(|| failure.downcast_ref::<&str>().map(|&it| it.to_owned())) {
            Some(words) => panic!("FUZZ_SEED={seed}: {words}"),
            None => resume_unwind(failure),
        }
    }
}

fn asked_for(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// What `work` gives, which took no longer than is fit for an input of so many bytes: 30 µs a byte, generous
/// for an unoptimised build, and far below anything quadratic in the longest ones. What leaders say may be read a few times:
/// as it is written, and as the commands that it may be.
#[track_caller]
pub(crate) fn in_time<T>(bytes: usize, work: impl FnMut() -> T) -> T {
    let each = Duration::from_micros(30) * u32::try_from(bytes).unwrap();
    within(Duration::from_millis(40) + each, work)
}

/// What `work` gives, which took no longer than this. What counts is this thread's own processor time, the
/// best of three: the machine may be busy.
#[track_caller]
pub(crate) fn within<T>(most: Duration, mut work: impl FnMut() -> T) -> T {
    let mut took = Vec::new();
    for _ in 0..3 {
        let start = worked();
        let done = work();
        let time = worked().saturating_sub(start);
        if time <= most {
            return done;
        }
        took.push(time);
    }
    panic!("took {took:?} instead of {most:?}");
}

/// The processor time of this thread, where the system tells it; else the time that passed.
fn worked() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

#[test]
#[should_panic(expected = "FUZZ_SEED=7: too much")]
fn a_failure_names_its_seed() {
    few(9, 1, |dice| assert!(dice.0 != 7, "too much"));
}

#[test]
#[should_panic(expected = "instead of 40ms")]
fn who_takes_too_long_is_told() {
    in_time(0, || {
        let begun = worked();
        while worked() < begun + Duration::from_millis(60) {}
    });
}
