//! Buildings and rooms (楼栋): where in a compound goods go, as people write it: 5栋1802, 3号楼2单元501, 12-1802, Block 5 #08-12.

use std::sync::LazyLock;

use regex::Regex;

use super::normalize::Folded;

/// Longer texts are cut.
const LONGEST: usize = 400;

/// Where goods go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doorstep {
    /// The building as it is compared: `5`, `a`.
    pub key: String,
    /// The building as it was written.
    pub building: String,
    /// The room, where one was written.
    pub room: Option<String>,
}

static CHINESE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?P<b>\d{1,3}|[a-z]|[一二三四五六七八九十]{1,3})(?P<word>号楼|栋|幢|座|号院)\s?(?:(?P<u>\d{1,2}|[一二三四五六七八九十])单元)?\s?-?(?P<r>\d{3,4}[a-z]?)?",
    )
    .ok()
});

static NUMBERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?:^|[^\d#-])(?P<all>(?P<b>\d{1,2})-(?:(?P<u>\d{1,2})-)?(?P<r>\d{3,4}))(?:$|[^\d-])",
    )
    .ok()
});

static ENGLISH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:block|blk|tower|building|bldg)\s?(?P<b>\d{1,4}[a-z]?|[a-z])\b(?:[\s,]*(?:unit|apt|flat|room)?[\s,]*(?P<r>#?\d{1,3}-\d{1,4}|\d{2,5}[a-z]?\b))?",
    )
    .ok()
});

/// The first building that a text names.
#[must_use]
pub fn door(text: &str) -> Option<Doorstep> {
    let folded = Folded::new(text);
    let line: String = folded.glyphs.iter().map(|glyph| glyph.c).take(LONGEST).collect();
    let written = |from: usize, to: usize| {
        let place = |byte: usize| line[..byte].chars().count();
        folded.written(place(from), place(to)).trim().to_owned()
    };
    let room = |unit: Option<&str>, room: Option<&str>| {
        let room = room?.trim_start_matches('#').to_owned();
        Some(unit.map_or_else(|| room.clone(), |unit| format!("{}-{room}", digits(unit))))
    };
    if let Some(found) = CHINESE.as_ref()?.captures(&line) {
        let (number, word) = (found.name("b")?, found.name("word")?);
        return Some(Doorstep {
            key: digits(number.as_str()),
            building: written(number.start(), word.end()),
            room: room(
                found.name("u").map(|it| it.as_str()),
                found.name("r").map(|it| it.as_str()),
            ),
        });
    }
    if let Some(found) = ENGLISH.as_ref()?.captures(&line) {
        let (number, whole) = (found.name("b")?, found.get(0)?);
        return Some(Doorstep {
            key: digits(number.as_str()),
            building: written(whole.start(), number.end()),
            room: room(None, found.name("r").map(|it| it.as_str())),
        });
    }
    let found = NUMBERS.as_ref()?.captures(&line)?;
    let number = found.name("b")?;
    Some(Doorstep {
        key: digits(number.as_str()),
        building: number.as_str().to_owned(),
        room: room(found.name("u").map(|it| it.as_str()), found.name("r").map(|it| it.as_str())),
    })
}

/// 十二 as `12`; what is no numeral, as it is.
fn digits(said: &str) -> String {
    let value = |c: char| "一二三四五六七八九".chars().position(|it| it == c).map(|at| at + 1);
    let chars: Vec<char> = said.chars().collect();
    let number = match chars[..] {
        ['十'] => Some(10),
        ['十', ones] => value(ones).map(|ones| 10 + ones),
        [tens, '十'] => value(tens).map(|tens| 10 * tens),
        [tens, '十', ones] => value(tens).zip(value(ones)).map(|(tens, ones)| 10 * tens + ones),
        [one] => value(one),
        _ => None,
    };
    let plain = said.trim_start_matches('0');
    number.map_or_else(|| plain.to_owned(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buildings_and_rooms_are_read_as_people_write_them() {
        for (text, key, building, room) in [
            ("阳光花园5栋1802 王建国 13800000000", "5", "5栋", Some("1802")),
            ("3號樓2單元501", "3", "3號樓", Some("2-501")),
            ("十二栋 302室", "12", "十二栋", Some("302")),
            ("A座1203", "a", "A座", Some("1203")),
            ("12-1802", "12", "12", Some("1802")),
            ("送到5栋", "5", "5栋", None),
            ("Block 5 #08-12, Mary", "5", "Block 5", Some("08-12")),
            ("Blk 12A", "12a", "Blk 12A", None),
            ("Tower B, flat 1203", "b", "Tower B", Some("1203")),
        ] {
            let room = room.map(str::to_owned);
            let door = Doorstep { key: key.to_owned(), building: building.to_owned(), room };
            assert_eq!(super::door(text), Some(door), "{text}");
        }
        for text in ["南门驿站 王芳 6789", "2026-03-01", "138-0000-0000", "lobby", ""] {
            assert_eq!(door(text), None, "{text}");
        }
    }
}
