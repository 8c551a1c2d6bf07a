//! The format of a transcript: what a line of a `.chat` file means.
//!
//! ```text
//! shop   deploy/demo.toml                  the operator's file; this one when left out
//! community sunshine                       the room; the file's first when left out
//! clock  2026-03-01 09:58 Asia/Shanghai    where the clock starts
//! seed                                     the file's first members join
//! clock  09:59 | +3h | +1d 20:00           the clock moves on
//! clock  +8d 09:00 hushed                  … and only what is said to somebody is written down
//! away   +30m                              the shop is down for so long
//! 阿强 joins by 小美 | 阿强 joins | 阿强 leaves
//! 小美   两箱葡萄                            somebody says something; two blanks or more after the name
//!      | 再来一盒鸡蛋                         … on a second line
//! 老王 chain   #接龙 草莓                    … as a native chain: on its further lines, `<小美> 1. 两盒` is
//!      | <小美> 1. 葡萄妈妈 两盒               a line whose author is 小美
//! 小美 key=k1   A1 x2                      … under this key
//! 小美 recalls k1                          … and takes it back
//! 阿明 replies=k1   拉黑                     … and somebody replies to it
//! operator  "today"                        an operator's intent, as JSON
//! in     taipei                            the talk goes on in another room
//! bot    @小美 …    bot>小美 …              expected: to all, to one, to one alone
//! books  小美 frozen 2.39 points 5         expected balances; also `books shop received 79.80`
//! stock  A1 48                             expected stock; one number for each variant that has its own
//! orders 小美 #1 paid 79.80                expected orders
//! # a comment
//! ```

use std::collections::VecDeque;

use tuan::domain::orders::chain::{Snapshot, SnapshotLine, Utf16Range};

/// A transcript, as written.
pub(super) struct Script {
    pub(super) shop: Option<String>,
    pub(super) community: Option<String>,
    pub(super) start: String,
    pub(super) header: Vec<String>,
    pub(super) steps: Vec<Step>,
}

/// One entry with the lines it was read from.
pub(super) struct Step {
    pub(super) number: usize,
    pub(super) raw: Vec<String>,
    pub(super) kind: Kind,
}

/// What an entry does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A comment or an empty line.
    Note,
    /// What the bot is expected to have said; written anew by the player.
    Bot,
    Clock {
        to: String,
        hushed: bool,
    },
    Away(String),
    Seed,
    In(String),
    Says {
        from: String,
        key: Option<String>,
        /// The key of the message that it replies to.
        replies: Option<String>,
        text: String,
    },
    Posts {
        from: String,
        key: Option<String>,
        chain: Snapshot,
    },
    Joins {
        who: String,
        by: Option<String>,
    },
    Leaves(String),
    Recalls {
        who: String,
        key: String,
    },
    Operator(String),
    Check {
        what: Check,
        words: Vec<String>,
    },
}

/// Which of the books is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Books,
    Stock,
    Orders,
}

impl Script {
    /// Read a transcript.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut lines: VecDeque<(usize, &str)> = (1..).zip(text.lines()).collect();
        let mut script = Self {
            shop: None,
            community: None,
            start: String::new(),
            header: Vec::new(),
            steps: Vec::new(),
        };
        while script.start.is_empty() {
            let (number, line) = lines.pop_front().ok_or("no `clock` line begins it")?;
            script.header.push(line.to_owned());
            script.heading(line).map_err(|why| format!("line {number}: {why}"))?;
        }
        while let Some((number, line)) = lines.pop_front() {
            let mut raw = vec![line.to_owned()];
            let mut block = Vec::new();
            while let Some((_, more)) = lines.front()
                && let Some(text) = continued(more)
            {
                block.push(text.to_owned());
                raw.push((*more).to_owned());
                lines.pop_front();
            }
            let kind = kind(line, &block).map_err(|why| format!("line {number}: {why}"))?;
            script.steps.push(Step { number, raw, kind });
        }
        Ok(script)
    }

    fn heading(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "shop" => self.shop = Some(rest.to_owned()),
            "community" => self.community = Some(rest.to_owned()),
            "clock" => rest.clone_into(&mut self.start),
            word if word.is_empty() || word.starts_with('#') => {}
            word => return Err(format!("`{word}` before the clock is set")),
        }
        Ok(())
    }
}

/// The text of a `     | …` line.
fn continued(line: &str) -> Option<&str> {
    let text = line.trim_start().strip_prefix('|')?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

fn kind(line: &str, block: &[String]) -> Result<Kind, String> {
    if line.trim().is_empty() || line.starts_with('#') {
        return Ok(Kind::Note);
    }
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let words = || rest.split_whitespace().map(str::to_owned).collect();
    Ok(match word {
        "bot" => Kind::Bot,
        word if word.starts_with("bot>") => Kind::Bot,
        "clock" => {
            let hushed = rest.strip_suffix(" hushed");
            Kind::Clock { to: hushed.unwrap_or(rest).to_owned(), hushed: hushed.is_some() }
        }
        "away" => Kind::Away(rest.to_owned()),
        "seed" => Kind::Seed,
        "in" => Kind::In(rest.to_owned()),
        "operator" => Kind::Operator(rest.to_owned()),
        "books" => Kind::Check { what: Check::Books, words: words() },
        "stock" => Kind::Check { what: Check::Stock, words: words() },
        "orders" => Kind::Check { what: Check::Orders, words: words() },
        _ => return spoken(line, block),
    })
}

/// Something a person does. A name may hold single blanks; two end it.
fn spoken(line: &str, block: &[String]) -> Result<Kind, String> {
    if let Some((name, text)) = line.split_once("  ") {
        let text = std::iter::once(text.trim()).chain(block.iter().map(String::as_str));
        let text = text.collect::<Vec<_>>().join("\n");
        let (from, key) = match name.split_once(" key=") {
            Some((name, key)) => (name, Some(key.to_owned())),
            None => (name, None),
        };
        let (from, replies) = match from.split_once(" replies=") {
            Some((name, key)) => (name, Some(key.to_owned())),
            None => (from, None),
        };
        if let Some(from) = from.strip_suffix(" chain") {
            return Ok(Kind::Posts { from: from.to_owned(), key, chain: chain(&text) });
        }
        return Ok(Kind::Says { from: from.to_owned(), key, replies, text });
    }
    if let Some((who, by)) = line.split_once(" joins") {
        let by = by.strip_prefix(" by ").map(str::to_owned);
        return Ok(Kind::Joins { who: who.to_owned(), by });
    }
    if let Some(who) = line.strip_suffix(" leaves") {
        return Ok(Kind::Leaves(who.to_owned()));
    }
    if let Some((who, key)) = line.split_once(" recalls ") {
        return Ok(Kind::Recalls { who: who.to_owned(), key: key.to_owned() });
    }
    Err(format!("not a line of a transcript: {line}"))
}

/// A native chain as it comes from a platform: the text, and ranges of it in UTF-16 code units.
fn chain(written: &str) -> Snapshot {
    let (mut text, mut lines) = (String::new(), Vec::new());
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    for row in written.lines() {
        let authored = row.strip_prefix('<').and_then(|rest| rest.split_once("> "));
        let (start, row) = (units(&text), authored.map_or(row, |(_, row)| row));
        if let Some((author, _)) = authored {
            let range = Utf16Range { start, length: units(row) };
            lines.push(SnapshotLine { author: Some(author.to_owned()), range });
        }
        text.push_str(row);
        text.push('\n');
    }
    Snapshot { text, title: None, example: None, lines }
}

#[test]
fn a_chain_has_an_author_for_each_line() {
    let chain = chain("#接龙 🍓\n<小美> 1. 🦌 2盒\n<老王> 2. 1盒");
    assert_eq!(chain.text, "#接龙 🍓\n1. 🦌 2盒\n2. 1盒\n");
    let (title, lines) = chain.cut();
    assert_eq!(title, "#接龙 🍓");
    let lines: Vec<_> = lines.iter().map(|it| (it.author.as_deref(), it.text.as_str())).collect();
    assert_eq!(lines, [(Some("小美"), "1. 🦌 2盒"), (Some("老王"), "2. 1盒")]);
}

#[test]
fn a_line_means_what_the_format_says() {
    let says = |from: &str, key: Option<&str>, text: &str| Kind::Says {
        from: from.to_owned(),
        key: key.map(str::to_owned),
        replies: None,
        text: text.to_owned(),
    };
    let replies = |key: &str| Kind::Says {
        from: "阿明".to_owned(),
        key: None,
        replies: Some(key.to_owned()),
        text: "拉黑\n两箱".to_owned(),
    };
    for (line, expected) in [
        ("", Kind::Note),
        ("# small talk", Kind::Note),
        ("bot    @小美 好", Kind::Bot),
        ("bot>小美 好", Kind::Bot),
        ("小美   A1 x2", says("小美", None, "A1 x2\n两箱")),
        ("Wei Ling key=k1   A1", says("Wei Ling", Some("k1"), "A1\n两箱")),
        ("阿明 replies=k1   拉黑", replies("k1")),
        ("阿强 joins", Kind::Joins { who: "阿强".into(), by: None }),
        ("阿强 joins by 小美", Kind::Joins { who: "阿强".into(), by: Some("小美".into()) }),
        ("阿强 recalls k1", Kind::Recalls { who: "阿强".into(), key: "k1".into() }),
    ] {
        assert_eq!(kind(line, &["两箱".to_owned()]).unwrap(), expected, "{line}");
    }
    assert!(kind("阿强 dances", &[]).is_err());
    assert_eq!(continued("     | 两箱"), Some("两箱"));
    assert_eq!(continued("     |"), Some(""));
}
