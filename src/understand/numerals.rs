//! Numbers as members write them: `2`, `2.5`, 两, 俩, 十二, 二百五, 一百零五, 贰, 半, 两三.
//!
//! ```text
//! number  := digits ('.' digits)? | fraction | han
//! han     := 半 | 俩 | 仨 | (digit? 千)? (digit? 百)? (零? digit? 十)? digit?
//! ```
//!
//! Values are thousandths, so that halves stay exact without floats. A number that only gives a
//! range (两三, 十几, 几十) is *vague*: it never becomes a quantity. Units are read elsewhere.

use super::normalize::Folded;

/// One, in thousandths.
pub(crate) const ONE: i64 = 1_000;

/// Beyond this a number is only "very many".
const MOST: i64 = 999_999_999 * ONE;

/// A number read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// In thousandths.
    pub(crate) milli: i64,
    /// A range or an approximation.
    pub(crate) vague: bool,
    /// Written in Chinese or English words rather than digits.
    pub(crate) spelled: bool,
    /// How many digits were written, for telling phones from quantities.
    pub(crate) digits: u8,
    /// The first two of them.
    pub(crate) head: u8,
}

impl Number {
    /// A whole number.
    pub(crate) fn whole(value: i64) -> Self {
        Self {
            milli: value.saturating_mul(ONE).min(MOST),
            vague: false,
            spelled: true,
            digits: 0,
            head: 0,
        }
    }

    /// Whether it is written like a mobile number of the mainland: 138 0000 1111.
    pub(crate) fn is_mobile(self) -> bool {
        self.digits == 11 && (13..20).contains(&self.head)
    }

    /// Whether it may be somebody's phone number, of wherever.
    pub(crate) fn is_phone(self) -> bool {
        self.is_mobile() || matches!(self.digits, 7 | 8) || (self.digits >= 9 && self.head < 10)
    }
}

/// Read the number that begins at glyph `from`, and where it ends.
pub(crate) fn number(text: &Folded<'_>, from: usize) -> Option<(Number, usize)> {
    if text.at(from).is_ascii_digit() { Some(arabic(text, from)) } else { han(text, from) }
}

fn arabic(text: &Folded<'_>, from: usize) -> (Number, usize) {
    let (mut milli, mut end) = (0_i64, from);
    while let Some(value) = text.at(end).to_digit(10) {
        milli = (milli * 10 + i64::from(value) * ONE).min(MOST);
        end += 1;
    }
    let digits = u8::try_from(end - from).unwrap_or(u8::MAX);
    let digit = |at: usize| text.at(at).to_digit(10).and_then(|value| u8::try_from(value).ok());
    let head = digit(from).unwrap_or(0) * 10 + digit(from + 1).unwrap_or(0);
    let number = Number { milli, vague: false, spelled: false, digits, head };
    if text.at(end) == '.' && text.at(end + 1).is_ascii_digit() {
        return decimals(text, end + 1, number);
    }
    if text.at(end) == '/' && milli == ONE && text.at(end + 1) == '2' {
        return (Number { milli: ONE / 2, ..number }, end + 2);
    }
    let vague = matches!(text.at(end), '几' | '多' | '来') && !text.at(end + 1).is_ascii_digit();
    let several = vague && (text.at(end) != '来' || milli % (10 * ONE) == 0);
    (Number { vague: several, ..number }, end + usize::from(several))
}

fn decimals(text: &Folded<'_>, from: usize, whole: Number) -> (Number, usize) {
    let (mut milli, mut place, mut end) = (whole.milli, ONE / 10, from);
    while let Some(value) = text.at(end).to_digit(10) {
        milli += i64::from(value) * place;
        place /= 10;
        end += 1;
    }
    (Number { milli, ..whole }, end)
}

/// What one Han numeral stands for; tens, hundreds and so on are [`power`]s.
pub(crate) fn han_digit(c: char) -> Option<i64> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '两' | '贰' | '俩' => 2,
        '三' | '叁' | '仨' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn power(c: char) -> Option<i64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        '万' => 10_000,
        _ => return None,
    })
}

fn han(text: &Folded<'_>, from: usize) -> Option<(Number, usize)> {
    match text.at(from) {
        '半' => {
            let half = Number { milli: ONE / 2, vague: false, spelled: true, digits: 0, head: 0 };
            Some((half, from + 1))
        }
        '廿' => Some(compact(text, from, 20)),
        '卅' => Some(compact(text, from, 30)),
        '俩' | '仨' => Some((Number::whole(han_digit(text.at(from))?), from + 1)),
        _ => places(text, from),
    }
}

/// 廿四: twenty and perhaps a digit.
fn compact(text: &Folded<'_>, from: usize, tens: i64) -> (Number, usize) {
    let last = han_digit(text.at(from + 1)).filter(|&value| value > 0);
    let end = from + 1 + usize::from(last.is_some());
    (Number::whole(tens + last.unwrap_or(0)), end)
}

/// Digits with their powers: 二百五 is 250 and 一百零五 is 105; 两三 and 十几 are vague.
fn places(text: &Folded<'_>, from: usize) -> Option<(Number, usize)> {
    let (mut sum, mut pending, mut last_power, mut end) = (0_i64, None::<i64>, 0_i64, from);
    let (mut vague, mut zero) = (false, false);
    while end - from < 24 {
        let c = text.at(end);
        if let Some(value) = han_digit(c) {
            if matches!(c, '俩' | '仨') {
                break;
            }
            match pending {
                // 二〇二六: digit after digit is positional, 两三 is a range.
                Some(before) if last_power == 0 && before > 0 && value == before + 1 => {
                    (vague, pending) = (true, Some(value));
                }
                Some(before) if !zero || last_power == 0 => {
                    pending = Some((before * 10 + value).min(MOST / ONE));
                }
                _ => pending = Some(value),
            }
            zero = value == 0;
        } else if let Some(by) = power(c) {
            if pending.is_none() && by != 10 && end == from {
                // 百, 千, 万 alone begin words more often than numbers.
                return None;
            }
            sum += pending.take().unwrap_or(i64::from(by == 10)).saturating_mul(by).min(MOST / ONE);
            (last_power, zero) = (by, false);
        } else {
            break;
        }
        end += 1;
    }
    if end == from {
        return None;
    }
    // 二百五: a lone last digit after hundreds counts the next lower power.
    let tail = pending.unwrap_or(0);
    let lower = if last_power >= 100 && !zero_before(text, end) { last_power / 10 } else { 1 };
    let total = sum + if (1..10).contains(&tail) { tail * lower } else { tail };
    // 三五盒: two digits side by side give a range; longer runs spell a number.
    vague |= last_power == 0 && end == from + 2 && (11..100).contains(&tail);
    let more = matches!(text.at(end), '几' | '多')
        || (text.at(end) == '来' && total % 10 == 0 && total > 0);
    let number = Number { vague: vague || more, ..Number::whole(total) };
    Some((number, end + usize::from(more)))
}

fn zero_before(text: &Folded<'_>, end: usize) -> bool {
    end >= 2 && han_digit(text.at(end - 2)) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, milli: i64, rest: &str) {
        let text = Folded::new(written);
        let (got, end) = number(&text, 0).expect("a number");
        let left: String = text.glyphs[end..].iter().map(|g| g.c).collect();
        assert_eq!((got.milli, left.as_str(), got.vague), (milli, rest, false), "{written}");
    }

    #[test]
    fn digits() {
        check("2盒", 2_000, "盒");
        check("２．５斤", 2_500, "斤");
        check("99999", 99_999_000, "");
        check("½", 500, "");
    }

    #[test]
    fn chinese_numerals() {
        check("两盒", 2_000, "盒");
        check("俩西瓜", 2_000, "西瓜");
        check("贰盒", 2_000, "盒");
        check("十二", 12_000, "");
        check("二十", 20_000, "");
        check("二百五", 250_000, "");
        check("一百零五", 105_000, "");
        check("两百五十", 250_000, "");
        check("廿四", 24_000, "");
        check("半公斤", 500, "公斤");
        check("二零二六年", 2_026_000, "年");
    }

    #[test]
    fn ranges_are_vague() {
        for written in ["两三盒", "十几个", "十来盒", "三四", "20多", "5几"] {
            let (got, _) = number(&Folded::new(written), 0).expect("a number");
            assert!(got.vague, "{written}");
        }
    }

    #[test]
    fn words_are_no_numbers() {
        for written in ["百香果", "千层", "盒", "万象"] {
            assert_eq!(number(&Folded::new(written), 0), None, "{written}");
        }
    }
}
