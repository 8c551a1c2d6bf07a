//! What the operator's file says in words: what its drops are called, and the questions that it answers, asked in its words or in near ones.
//!
//! Questions are compared by what is left of them without politeness and particles: folded characters of Chinese words,
//! stems of Latin ones, and what is asked for (when, how much, where). Two are near where one says all that the other
//! says, and little more. Whatever fits two answers fits none.

use super::asking::{self, Classes};
use super::normalize::{Folded, folded, is_han};

/// Longer messages tell more.
const LONGEST: usize = 60;

/// Names of drops, and the shop's own questions in one community, ready for matching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactWords {
    asked: Vec<KnownQuestion>,
    /// What drops are called, folded, each with its place in the file.
    drops: Vec<(String, u16)>,
}

/// One way to ask for a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
struct KnownQuestion {
    /// Its place in the file.
    fact: u16,
    content: SaidContent,
    /// In words that ask, so that a message in the same words without them is none.
    asks: bool,
}

/// What a question says, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct SaidContent {
    words: Vec<String>,
    /// What it asks for.
    wanted: Classes,
}

/// How near a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nearness {
    /// It says so much of the other, in hundredths.
    Near(usize),
    /// It says the same.
    Same,
}

impl FactWords {
    /// Compile the questions of some facts, each with its place in the file.
    #[must_use]
    pub fn new<'f>(facts: impl Iterator<Item = (u16, &'f [String])>) -> Self {
        let asked = facts.flat_map(|(fact, asks)| {
            asks.iter().map(move |ask| {
                let text = Folded::new(ask);
                let asks = asking::is_asked(&text);
                KnownQuestion { fact, content: SaidContent::of(&text), asks }
            })
        });
        let asked = asked.filter(|it| it.content.weight() > 0).collect();
        Self { asked, drops: Vec::new() }
    }

    /// The same with what drops are called.
    #[must_use]
    pub fn with_drops<'d>(self, names: impl Iterator<Item = (&'d str, u16)>) -> Self {
        let drops = names.map(|(name, place)| (plain_drop(name), place));
        Self { drops: drops.filter(|(name, _)| !name.is_empty()).collect(), ..self }
    }

    /// The drop that is called so: 早市, the morning drop.
    pub(super) fn drop_named(&self, said: &str) -> Option<u16> {
        if self.drops.is_empty() {
            return None;
        }
        let said = plain_drop(said);
        self.drops.iter().find(|(name, _)| *name == said).map(|(_, place)| *place)
    }

    /// Whether nothing is asked.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// The fact that a message asks for, where it asks for one alone.
    pub(super) fn find(&self, text: &Folded<'_>) -> Option<(u16, Nearness)> {
        if self.asked.is_empty() || text.len() > LONGEST || text.line().contains('\n') {
            return None;
        }
        let content = SaidContent::of(text);
        let asks = asking::is_asked(text);
        let near = |known: &KnownQuestion| {
            let nearness = content.near(&known.content)?;
            let is_meant = asks || (nearness == Nearness::Same && !known.asks);
            is_meant.then_some((nearness, known.fact))
        };
        let mut found: Vec<_> = self.asked.iter().filter_map(near).collect();
        found.sort_unstable_by_key(|&(nearness, _)| std::cmp::Reverse(nearness));
        let &(nearness, fact) = found.first()?;
        let is_alone = |&(other, of): &(Nearness, u16)| of == fact || other < nearness;
        found.iter().all(is_alone).then_some((fact, nearness))
    }
}

/// A name of a drop without what every drop is.
fn plain_drop(name: &str) -> String {
    let folded = folded(name).replace(['-', '_'], " ");
    let mut name = folded.trim();
    name = name.strip_prefix("the ").unwrap_or(name);
    for kind in [
        "'s",
        "s'",
        " drop",
        " round",
        " sale",
        " group buy",
        "的团",
        "那团",
        "团购",
        "的",
        "这场",
        "那场",
    ] {
        name = name.strip_suffix(kind).unwrap_or(name).trim_end();
    }
    name.to_owned()
}

/// What asks for one thing and not for another.
const WANTED: Classes = asking::WHEN | asking::MUCH;

impl SaidContent {
    fn of(text: &Folded<'_>) -> Self {
        let (mut content, mut at) = (Self::default(), 0);
        while at < text.len() {
            let c = text.at(at);
            if let Some((end, classes)) = asking::word_at(text, at)
                && (classes & (asking::COMMON | asking::ASK | ASKS) != 0)
            {
                content.wanted |= classes & WANTED;
                at = end;
            } else if asking::is_mark(c) {
                at += 1;
            } else if c.is_ascii_alphanumeric() {
                let end = (at..text.len()).find(|&n| !text.at(n).is_ascii_alphanumeric());
                let end = end.unwrap_or(text.len());
                let word: String = text.glyphs[at..end].iter().map(|glyph| glyph.c).collect();
                content.words.push(stem(&word).to_owned());
                at = end;
            } else {
                content.words.push(c.to_string());
                at += 1;
            }
        }
        content.words.sort_unstable();
        content
    }

    /// A Latin word says as much as two Chinese characters.
    fn weight(&self) -> usize {
        self.words.iter().map(|word| weight(word)).sum()
    }

    /// How near this message is to a question of the file: the same, or one says all of the other and not much more.
    fn near(&self, known: &Self) -> Option<Nearness> {
        if self.wanted != known.wanted {
            return None;
        }
        if self.words == known.words {
            return Some(Nearness::Same);
        }
        let (mine, theirs) = (self.weight(), known.weight());
        let shared = self.shared(known);
        let (least, most) = (mine.min(theirs), mine.max(theirs));
        // A message may say a little more than the question does, and hardly less.
        let enough = if mine < theirs { 60 } else { 50 };
        let part = least * 100 / most.max(1);
        (shared == least && least >= 2 && part >= enough).then_some(Nearness::Near(part))
    }

    /// How much both say.
    fn shared(&self, other: &Self) -> usize {
        let (mut n, mut sum) = (0, 0);
        for word in &self.words {
            while other.words.get(n).is_some_and(|theirs| theirs < word) {
                n += 1;
            }
            if other.words.get(n) == Some(word) {
                sum += weight(word);
                n += 1;
            }
        }
        sum
    }
}

/// Words of asking, whatever else they are.
const ASKS: Classes = asking::HOW | asking::WHAT | asking::WHERE | asking::WHEN | asking::MUCH;

fn weight(word: &str) -> usize {
    if word.chars().all(is_han) { 1 } else { 2 }
}

/// An English word without its ending, as far as that is regular.
fn stem(word: &str) -> &str {
    let long = |rest: &&str| rest.len() >= 3;
    let ends = ["ing", "ers", "er", "ies", "es", "ed", "s"];
    ends.iter().find_map(|end| word.strip_suffix(end).filter(long)).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fact that is found: 停车 0, 发票 1, 无线密码 2, Johor 3, 开门 4.
    fn fact(said: &str) -> Option<u16> {
        let asks: [&[&str]; 6] = [
            &["停车方便吗", "where can I park?"],
            &["可以开发票吗"],
            &["wifi密码"],
            &["do you deliver to Johor"],
            &["周末几点开门"],
            &["你们用什么冷链"],
        ];
        let owned: Vec<Vec<String>> =
            asks.iter().map(|it| it.iter().map(|ask| (*ask).to_owned()).collect()).collect();
        let words = FactWords::new((0..).zip(owned.iter().map(Vec::as_slice)));
        words.find(&Folded::new(said)).map(|(fact, _)| fact)
    }

    #[track_caller]
    fn all(expected: Option<u16>, said: &[&str]) {
        let missed: Vec<_> =
            said.iter().map(|it| (*it, fact(it))).filter(|it| it.1 != expected).collect();
        assert!(missed.is_empty(), "{expected:?}: {missed:?}");
    }

    #[test]
    fn questions_are_known_in_near_words() {
        all(
            Some(0),
            &[
                "停车方便吗",
                "停車方便嗎？",
                "请问可以停车吗",
                "團長，你們那邊能不能停車呀",
                "停车方不方便",
                "停车位有吗",
                "哪里可以停车",
                "where can i park",
                "Hi, is there any parking?",
                "can I park there please?",
                "有得停车吗",
            ],
        );
        all(
            Some(1),
            &[
                "可以开发票吗",
                "能开票吗",
                "开不开发票？",
                "可以開發票嗎 謝謝",
                "发票能开不",
                "有发票吗",
            ],
        );
        all(Some(2), &["wifi密码", "WiFi密碼", "请问wifi密码是什么", "wifi 密码？"]);
        all(
            Some(3),
            &[
                "do you deliver to johor?",
                "can you deliver to Johor",
                "Hi do you deliver to johor pls",
            ],
        );
        all(Some(4), &["周末几点开门", "週末幾點開門呀", "周末什么时候开门"]);
        all(Some(5), &["你们用什么冷链", "用的什么冷链呀"]);
    }

    #[test]
    fn talk_and_other_questions_find_nothing() {
        all(
            None,
            &[
                "可以停车",
                "今天停车好难",
                "停车",
                "昨天老公问能不能停车我说可以",
                "停车多少钱",
                "几点可以停车",
                "发票开好了",
                "我停车在这边",
                "有点难停车",
                "这么多停车位",
                "你这边停车",
                "你开发票给我了",
                "周末几点关门",
                "周末可以开门吗",
                "密码是多少",
                "do you deliver",
                "deliver to johor",
                "we deliver to johor",
                "parking was hard today",
                "吗？",
                "可以吗",
                "好吗",
                "where",
                "can you?",
            ],
        );
    }

    #[test]
    fn drops_are_known_by_their_names() {
        let words = FactWords::default().with_drops([("早市", 0), ("member-day", 1)].into_iter());
        for (said, place) in
            [("早市", 0), ("早市那场", 0), ("member day", 1), ("the member-day drop", 1)]
        {
            assert_eq!(words.drop_named(said), Some(place), "{said}");
        }
        assert_eq!(words.drop_named("夜市"), None);
    }

    #[test]
    fn what_fits_two_answers_fits_none() {
        let asks: [Vec<String>; 2] = [vec!["草莓退吗".to_owned()], vec!["葡萄退吗".to_owned()]];
        let words = FactWords::new((0..).zip(asks.iter().map(Vec::as_slice)));
        assert_eq!(words.find(&Folded::new("葡萄草莓退吗")), None);
        assert_eq!(words.find(&Folded::new("葡萄退吗")).map(|it| it.0), Some(1));
    }
}
