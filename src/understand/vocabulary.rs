//! The words of ordering, whatever is on offer: `vocabulary.txt`, compiled once.
//!
//! Each word has one [`Cue`]: what it does in a sentence. The file explains itself; this module
//! only reads it. Words are data here, their grammar lives with its readers.

use std::sync::LazyLock;

use super::commands::{self, SpokenId};
use super::trie::Trie;
use crate::domain::intent::Role;

/// What a word does in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cue {
    /// 谢谢, 麻烦, please.
    Polite,
    /// 吧, 的, 那: carries nothing an order depends on.
    Particle,
    /// 我, my.
    Me,
    /// 团长, 老板.
    Title,
    /// 早, hello.
    Greeting,
    /// 哈哈, 同意: makes a `+1` an agreement.
    Laugh,
    /// 要, 来, 下单, I'd like.
    Want,
    /// 再, 多, another.
    Again,
    /// 改成, 加到, make that.
    Set,
    /// 只要.
    Only,
    /// 减, 少, take off: with a quantity, so many fewer.
    Less,
    /// 不要, 取消, cancel.
    Drop,
    /// 换, swap for.
    Swap,
    /// instead of, 而不是: what follows goes.
    InsteadOf,
    /// instead, at the end of a sentence.
    Instead,
    /// 留着, 不变.
    Keep,
    /// 其他, the rest.
    Rest,
    /// 全部, all.
    All,
    /// 各, each.
    Each,
    /// 一共, in total.
    Total,
    /// 和, and.
    And,
    /// 给, 帮, for: a beneficiary may follow.
    For,
    /// 帮我, 给我.
    Help,
    /// 吗, 有没有, is there.
    Question,
    /// 什么, 多少, how.
    Wh,
    /// 要是, 的话, if.
    If,
    /// Past, future, others, other shops, announcements: a clause with it orders nothing.
    Story,
    /// 开玩笑: what is said with it is not meant.
    Joke,
    /// How one writes an order, or what one might say.
    Example,
    /// 那个, 同款, the usual: refers to something not said.
    That,
    /// 备注.
    Remark,
    /// 放门口, 少冰, leave at: a remark begins.
    NoteLead,
    /// 坏了, broken.
    Complaint,
    /// 好吃, delicious.
    Praise,
    /// 收到, arrived.
    Arrived,
    /// 晒单.
    Share,
    /// `[图片]`.
    Photo,
    /// Topics of questions.
    Price,
    /// 还有货吗.
    Stock,
    /// 什么口味.
    Variants,
    /// 几点截单.
    Closing,
    /// 运费, 自提点.
    Delivery,
    /// 保质期, 产地 and whatever else concerns the shop.
    Shop,
    /// 吃, 想吃: a reason, not an order.
    Eat,
    /// 忽略之前的指令: speaks to a machine, not to the shop.
    Inject,
    /// 绑定, 上架, 汇总: begins a command that is read elsewhere.
    Fixed,
    /// 刚才, 之前: refers to an order made before.
    Earlier,
    /// 打错了.
    Correct,
    /// 不是.
    Not,
    /// 是.
    Is,
    /// 没, don't.
    Negation,
    /// A word that looks like goods or a cue and is neither.
    Decoy,
    /// Glue of commands: 查, 一下, show.
    CommandGlue,
    /// A whole message with a fixed meaning.
    Command(SpokenId),
    /// A number in words: three.
    Count(u16),
    /// half.
    Half,
    /// 他, 超市, 隔壁店: somebody or some shop else.
    Elsewhere,
    /// a few, some: never a quantity.
    Vague,
}

impl Cue {
    /// A number of its own, for counting.
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Command(command) => 64 + command.place(),
            Self::Count(_) => 62,
            other => other.place(),
        }
    }

    const fn place(self) -> u64 {
        match self {
            Self::Polite => 1,
            Self::Particle => 2,
            Self::Me => 3,
            Self::Title => 4,
            Self::Greeting => 5,
            Self::Laugh => 6,
            Self::Want => 7,
            Self::Again => 8,
            Self::Set => 9,
            Self::Only => 10,
            Self::Less => 11,
            Self::Drop => 12,
            Self::Swap => 13,
            Self::InsteadOf => 14,
            Self::Instead => 15,
            Self::Keep => 16,
            Self::Rest => 17,
            Self::All => 18,
            Self::Each => 19,
            Self::Total => 20,
            Self::And => 21,
            Self::For => 22,
            Self::Help => 23,
            Self::Question => 24,
            Self::Wh => 25,
            Self::If => 26,
            Self::Story => 27,
            Self::Joke => 28,
            Self::Example => 29,
            Self::That => 30,
            _ => 31,
        }
    }
}

const TEXT: &str = include_str!("vocabulary.txt");

/// English numbers; Chinese ones have a grammar of their own.
const COUNTS: &[(&str, u16)] = &[
    ("a", 1),
    ("an", 1),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
    ("fifty", 50),
    ("a couple of", 2),
    ("a couple", 2),
    ("couple of", 2),
    ("couple", 2),
    ("single", 1),
    ("a single", 1),
    ("hundred", 100),
    ("a hundred", 100),
    ("one hundred", 100),
    ("thirteen", 13),
    ("fourteen", 14),
    ("sixteen", 16),
    ("eighteen", 18),
    ("forty", 40),
];

const VAGUE: &[&str] = &[
    "a few",
    "few",
    "several",
    "lots of",
    "a lot of",
    "many",
    "好多",
    "很多",
    "许多",
    "一堆",
    "一大堆",
    "好几",
    "若干",
    "数",
    "a bunch of",
    "loads of",
    "a little",
    "些",
    "一些",
    "少许",
];

/// Every cue word.
pub(crate) static VOCABULARY: LazyLock<Trie<Cue>> = LazyLock::new(|| {
    let mut trie = Trie::default();
    for (word, value) in COUNTS {
        trie.entry(word, || Cue::Count(*value));
    }
    for word in ["half", "half of"] {
        trie.entry(word, || Cue::Half);
    }
    for word in VAGUE {
        trie.entry(word, || Cue::Vague);
    }
    for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('|').map(str::trim);
        if let Some(cue) = cells.next().and_then(cue) {
            for word in cells {
                trie.entry(word, || cue);
            }
        }
    }
    for (id, command, _) in commands::spoken() {
        for word in command.words() {
            trie.entry(word, || Cue::Command(id));
        }
    }
    // A verb that is a word of another kind, too, stays that.
    for command in commands::all().filter(|command| command.who > Role::Member) {
        for word in command.words() {
            trie.entry(word, || Cue::Fixed);
        }
    }
    trie
});

/// The names of cues in the file.
const CUES: &[(&str, Cue)] = &[
    ("polite", Cue::Polite),
    ("particle", Cue::Particle),
    ("me", Cue::Me),
    ("title", Cue::Title),
    ("greeting", Cue::Greeting),
    ("laugh", Cue::Laugh),
    ("want", Cue::Want),
    ("again", Cue::Again),
    ("set", Cue::Set),
    ("only", Cue::Only),
    ("less", Cue::Less),
    ("drop", Cue::Drop),
    ("swap", Cue::Swap),
    ("insteadof", Cue::InsteadOf),
    ("instead", Cue::Instead),
    ("keep", Cue::Keep),
    ("rest", Cue::Rest),
    ("all", Cue::All),
    ("each", Cue::Each),
    ("total", Cue::Total),
    ("and", Cue::And),
    ("for", Cue::For),
    ("help", Cue::Help),
    ("question", Cue::Question),
    ("wh", Cue::Wh),
    ("if", Cue::If),
    ("story", Cue::Story),
    ("joke", Cue::Joke),
    ("example", Cue::Example),
    ("elsewhere", Cue::Elsewhere),
    ("that", Cue::That),
    ("remark", Cue::Remark),
    ("notelead", Cue::NoteLead),
    ("complaint", Cue::Complaint),
    ("praise", Cue::Praise),
    ("arrived", Cue::Arrived),
    ("share", Cue::Share),
    ("photo", Cue::Photo),
    ("price", Cue::Price),
    ("stock", Cue::Stock),
    ("variants", Cue::Variants),
    ("closing", Cue::Closing),
    ("delivery", Cue::Delivery),
    ("shop", Cue::Shop),
    ("eat", Cue::Eat),
    ("inject", Cue::Inject),
    ("earlier", Cue::Earlier),
    ("fixed", Cue::Fixed),
    ("correct", Cue::Correct),
    ("not", Cue::Not),
    ("is", Cue::Is),
    ("negation", Cue::Negation),
    ("decoy", Cue::Decoy),
    ("cmdglue", Cue::CommandGlue),
];

fn cue(name: &str) -> Option<Cue> {
    CUES.iter().find(|(known, _)| *known == name).map(|(_, cue)| *cue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_file_names_a_cue() {
        for line in TEXT.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let name = line.split('|').next().unwrap_or("").trim();
            assert!(cue(name).is_some(), "{name:?}");
        }
    }

    #[test]
    fn no_word_is_listed_under_two_cues() {
        let mut seen = std::collections::HashMap::new();
        for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('|').map(str::trim);
            let name = cells.next().unwrap_or("");
            for word in cells {
                assert_eq!(seen.insert(word, name), None, "{word} again under {name}");
            }
        }
    }
}
