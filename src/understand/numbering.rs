//! Numbers at the head of a line: `1. `, `2、`, `③`, `(4)`, `5️⃣`, `6)`, `7 `, 八、
//!
//! A number with a unit behind it (2盒草莓) numbers nothing, nor does a time or a decimal.

use super::normalize::{Folded, is_han};
use super::numerals::{ONE, number};

/// The number of a line and where its text begins, in glyphs.
pub(super) fn numbered(line: &Folded<'_>) -> Option<(u32, usize)> {
    let open = usize::from(line.at(0) == '(');
    let from = open + usize::from(line.at(open) == '#' || line.at(open) == '.');
    let (value, end) = number(line, from)?;
    if value.milli % ONE != 0 || value.vague || value.milli <= 0 || value.digits > 3 {
        return None;
    }
    let n = u32::try_from(value.milli / ONE).ok()?;
    let capped = line.written(from, end + 1).contains('\u{20e3}');
    if capped || (line.is_circled(from) && !value.spelled) {
        let skip = usize::from(matches!(line.at(end), '.' | '、' | ' ' | ','));
        return Some((n, end + skip));
    }
    let next = line.at(end);
    let marked = matches!(next, '.' | '、' | ',' | ':' | ')' | '。' | '|' | '-');
    if marked {
        // 13:30, 2.5 and 3-4 are no numbering.
        let digit = line.at(end + 1).is_ascii_digit();
        let dash = next == '-' && !is_han(line.at(end + 1)) && line.at(end + 1) != ' ';
        let time = digit && matches!(next, '.' | ':' | '-');
        return (!time && !dash).then_some((n, end + 1));
    }
    // "1 小美 2盒": a number, a blank, and no unit.
    let blank = next == ' ' && !value.spelled && end - from <= 3;
    let sign = matches!(line.at(end + 1), '*' | '+' | 'x');
    (blank && !sign).then_some((n, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(u32, &str)>) {
        let folded = Folded::new(line);
        let got = numbered(&folded)
            .map(|(n, from)| (n, folded.written(from, folded.len()).trim().to_owned()));
        assert_eq!(got, expected.map(|(n, rest)| (n, rest.to_owned())), "{line}");
    }

    #[test]
    fn every_style_of_numbering() {
        check("1. 小美 2盒", Some((1, "小美 2盒")));
        check("2、李树 2斤", Some((2, "李树 2斤")));
        check("３．赵帆　３斤", Some((3, "赵帆　３斤")));
        check("④阿芬 1", Some((4, "阿芬 1")));
        check("5️⃣ 阿Sam 2杯", Some((5, "阿Sam 2杯")));
        check("(6) Amy", Some((6, "Amy")));
        check("7) Ben", Some((7, "Ben")));
        check("八、小美", Some((8, "小美")));
        check("9 小美 2盒", Some((9, "小美 2盒")));
        check("2. ", Some((2, "")));
    }

    #[test]
    fn quantities_and_times_number_nothing() {
        check("2盒草莓", None);
        check("13:30开会", None);
        check("2.5斤", None);
        check("草莓2盒", None);
    }
}
