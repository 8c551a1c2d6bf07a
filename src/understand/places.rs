//! Places (门牌): 5-1202, #07-324, blk 105, flat A3 604, A1栋903. What stands in them is no goods.
//!
//! ```text
//! place := '#'? d+ '-' d{2,5} ('-' d+)*        a dash between house and room
//!        | word [a-z]? d+ …                    blk, flat, tower, room
//!        | [a-z]? d* 栋 …                       a house, then its room
//! ```

use super::normalize::{Folded, is_han};
use super::spans::{Span, SpanKind};

const WORDS: &[&str] = &[
    "blk",
    "block",
    "flat",
    "unit",
    "tower",
    "apt",
    "apartment",
    "room",
    "rm",
    "floor",
    "level",
    "lvl",
    "suite",
    "lot",
    "house",
    "bldg",
    "building",
    "house no",
    "flat no",
    "wing",
    "gate",
    "taman",
    "jalan",
    "jln",
];
/// What stands behind the number of a house or a room.
const HOUSES: &str = "栋幢座楼室层弄巷苑";

/// The end of the place that begins at glyph `at`.
pub(super) fn place(text: &Folded<'_>, at: usize) -> Option<usize> {
    if at > 0 && text.at(at - 1).is_ascii_alphanumeric() && text.at(at).is_ascii_alphanumeric() {
        return None;
    }
    dashed(text, at).or_else(|| worded(text, at)).or_else(|| housed(text, at))
}

/// Longer messages are left whole, in bytes.
const LONGEST: usize = 400;

/// A message without the one place that it tells, and the place; `None` where there is none, or several: then it
/// may be a list of people.
pub(super) fn apart(text: &Folded<'_>, spans: &[Span]) -> Option<(String, String)> {
    // Addresses of other forms (8号楼302) the strict grammar takes for remarks itself.
    let told = |span: &&Span| {
        matches!(span.what, SpanKind::Place) && place(text, span.from) == Some(span.to)
    };
    let mut places = spans.iter().filter(told);
    let (found, other) = (places.next()?, places.next());
    if other.is_some() || text.source.len() > LONGEST {
        return None;
    }
    let rest = [text.written(0, found.from), text.written(found.to, text.len())].join(" ");
    Some((rest, text.written(found.from, found.to).trim().to_owned()))
}

/// 5-1202, #07-324, 12-3-501: but no range with a unit behind it (2-3盒).
fn dashed(text: &Folded<'_>, at: usize) -> Option<usize> {
    let marked = text.at(at) == '#';
    let from = at + usize::from(marked);
    let house = digits(text, from + usize::from(text.at(from).is_ascii_alphabetic()))?;
    if text.at(house) != '-' {
        return None;
    }
    let mut end = digits(text, house + 1)?;
    let room = end - house - 1;
    // A house, a stair, a floor and a room.
    for _ in 0..2 {
        let more = digits(text, end + 1).filter(|_| text.at(end) == '-');
        end = more.unwrap_or(end);
    }
    (marked || (3..=5).contains(&room)).then(|| {
        end + usize::from(
            text.at(end).is_ascii_alphabetic() && !text.at(end + 1).is_ascii_alphanumeric(),
        )
    })
}

/// flat A3 604, tower B2.
fn worded(text: &Folded<'_>, at: usize) -> Option<usize> {
    let word = WORDS.iter().find(|word| {
        word.chars().enumerate().all(|(n, c)| text.at(at + n) == c)
            && !text.at(at + word.len()).is_ascii_alphabetic()
    })?;
    let mut end = numbered(text, at + word.len())?;
    // A room behind the house: three digits or more.
    if let Some(room) = numbered(text, end)
        && (end..room).filter(|&i| text.at(i).is_ascii_digit()).count() >= 3
    {
        end = room;
    }
    Some(end)
}

/// A blank or a sign, a letter, digits.
fn numbered(text: &Folded<'_>, at: usize) -> Option<usize> {
    let mut from = at;
    while matches!(text.at(from), ' ' | '#' | '.' | ',' | '-') && from < at + 3 {
        from += 1;
    }
    let lettered = usize::from(text.at(from).is_ascii_alphabetic());
    let end = digits(text, from + lettered).or_else(|| {
        (lettered == 1 && !text.at(from + 1).is_ascii_alphanumeric()).then_some(from + 1)
    })?;
    Some(
        end + usize::from(
            text.at(end).is_ascii_alphabetic() && !text.at(end + 1).is_ascii_alphanumeric(),
        ),
    )
}

/// A1栋903, B座, 9楼之1.
fn housed(text: &Folded<'_>, at: usize) -> Option<usize> {
    let mut end = at;
    while text.at(end).is_ascii_alphanumeric() && end - at < 6 {
        end += 1;
    }
    if end == at || !HOUSES.contains(text.at(end)) || !text.at(at).is_ascii_alphanumeric() {
        return None;
    }
    end += 1;
    if text.at(end) == '之' {
        end = digits(text, end + 1).unwrap_or(end);
    }
    if let Some(room) = digits(text, end)
        && room - end >= 3
    {
        end = room + usize::from(matches!(text.at(room), '室' | '号' | '房'));
    }
    Some(end)
}

/// The end of a run of digits.
fn digits(text: &Folded<'_>, at: usize) -> Option<usize> {
    let mut end = at;
    while text.at(end).is_ascii_digit() {
        end += 1;
    }
    (end > at && end - at <= 6 && !is_han_unit(text, end)).then_some(end)
}

/// Whether a measure word stands here: 2-3盒 is no place.
fn is_han_unit(text: &Folded<'_>, at: usize) -> bool {
    is_han(text.at(at)) && super::units::UNITS.longest(text, at).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::clause::ReadableMessage;
    use crate::understand::spans;

    #[track_caller]
    fn check(said: &str, rest: Option<&str>) {
        let text = Folded::new(said);
        let got = place(&text, 0).map(|end| text.written(end, text.len()));
        assert_eq!(got, rest, "{said}");
    }

    #[test]
    fn one_place_is_taken_out() {
        let lexicon = crate::understand::fixture::lexicon("fruit");
        let apart = |said| {
            let text = Folded::new(said);
            let spans = spans::spans(&ReadableMessage::new(&text, &lexicon));
            apart(&text, &spans).map(|(rest, place)| (rest.trim().to_owned(), place))
        };
        let taken = |rest: &str, place: &str| Some((rest.to_owned(), place.to_owned()));
        assert_eq!(apart("A1 x1 12-1802"), taken("A1 x1", "12-1802"));
        assert_eq!(apart("3栋502 鸡蛋一盒"), taken("鸡蛋一盒", "3栋502"));
        assert_eq!(apart("5-1202 两盒\n5-1203 一盒"), None);
        assert_eq!(apart("A1 两盒"), None);
    }

    #[test]
    fn houses_and_rooms() {
        check("5-1202 葡萄", Some(" 葡萄"));
        check("#07-324", Some(""));
        check("flat a3 604: two", Some(": two"));
        check("tower b2", Some(""));
        check("a1栋903", Some(""));
        check("9楼之1 草莓", Some(" 草莓"));
        check("2-3盒", None);
        check("a1 x2", None);
        check("blue 3", None);
    }
}
