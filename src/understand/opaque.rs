//! Numbers that are no quantities: times, dates, house numbers, phones, prices, ordinals.
//!
//! ```text
//! time    := as `times` reads it
//! address := [alnum] (栋|座|单元|室|…) …, as long as such pieces follow one another
//! price   := ('¥'|'$'|…) number | number (元|块|蚊|rmb|…) | number '/' unit
//! ```
//!
//! 3号 is a code where an offer has the code 3, a house in 3号楼, and else a date.

use super::lexicon::Lexicon;
use super::normalize::{Folded, is_han};
use super::numerals::{ONE, number};
use super::times;
use crate::domain::money::currency::SIGNS;

/// A number that is no quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opaque {
    /// 13:30, 3点半.
    Time,
    /// 8月4日, 4号.
    Date,
    /// 3栋2单元501.
    Address,
    /// 138….
    Phone,
    /// An amount of money, in thousandths of the main unit.
    Price(i64),
    /// 第12天, 3天, 2个人, 20%: counts of other things.
    Other,
}

const HOUSE: &str = "栋幢座楼室层弄巷院厦苑";

/// Read a number that is no quantity at glyph `at`.
pub(super) fn opaque(text: &Folded<'_>, at: usize, lexicon: &Lexicon) -> Option<(Opaque, usize)> {
    if let Some(found) = price_before(text, at) {
        return Some(found);
    }
    if let Some(end) = address(text, at, lexicon) {
        return Some((Opaque::Address, end));
    }
    if text.at(at) == '第' {
        let (_, end) = number(text, at + 1)?;
        let counted = usize::from(is_han(text.at(end)));
        return Some((Opaque::Other, end + counted));
    }
    let (value, end) = number(text, at)?;
    if value.digits == 3 && text.at(end) == '*' && text.at(end + 1) == '*' {
        let mut end = end;
        while matches!(text.at(end), '*' | '0'..='9') {
            end += 1;
        }
        return Some((Opaque::Phone, end));
    }
    if value.digits >= 7 {
        return Some((Opaque::Phone, end));
    }
    if let Some(clock) = times::clock(text, at, end) {
        return Some((Opaque::Time, clock.end));
    }
    if let Some(end) = date(text, end, lexicon, value.milli) {
        return Some((Opaque::Date, end));
    }
    if let Some(end) = price_after(text, end, lexicon, value.milli)
        .or_else(|| price_of_one(text, end, lexicon, value.milli))
    {
        return Some((Opaque::Price(value.milli), end));
    }
    count_of_others(text, end).map(|end| (Opaque::Other, end))
}

fn starts(text: &Folded<'_>, at: usize, word: &str) -> bool {
    word.chars().enumerate().all(|(n, c)| text.at(at + n) == c)
}

fn starts_any(text: &Folded<'_>, at: usize, words: &[&str]) -> Option<usize> {
    words.iter().find(|word| starts(text, at, word)).map(|word| at + word.chars().count())
}

fn price_before(text: &Folded<'_>, at: usize) -> Option<(Opaque, usize)> {
    let mut from = starts_any(text, at, SIGNS)?;
    from += usize::from(text.at(from) == ' ');
    if !text.at(from).is_ascii_digit() {
        return None;
    }
    let (value, end) = number(text, from)?;
    Some((Opaque::Price(value.milli), end))
}

fn price_after(text: &Folded<'_>, end: usize, lexicon: &Lexicon, milli: i64) -> Option<usize> {
    let next = end + usize::from(text.at(end) == ' ');
    if let Some(end) = starts_any(
        text,
        next,
        &["块钱", "元", "圆", "蚊", "rmb", "usd", "sgd", "港币", "美金", "刀", "毛钱", "文"],
    ) {
        return Some(per_unit(text, end, lexicon).unwrap_or(end));
    }
    let bucks = text.at(end) == '块' && (!lexicon.has_unit("块") || milli % ONE != 0);
    if bucks {
        let end = end + 1;
        let (_, more) = number(text, end)
            .filter(|(n, _)| n.milli < 10 * ONE)
            .unwrap_or((super::numerals::Number::whole(0), end));
        // 5块5 is a price, 5块3斤 a price and a weight.
        let cents = if lexicon.unit_at(text, more).is_none() { more } else { end };
        return Some(per_unit(text, cents, lexicon).unwrap_or(cents));
    }
    per_unit(text, end, lexicon)
}

/// 29.8/板: the unit after a stroke.
fn per_unit(text: &Folded<'_>, end: usize, lexicon: &Lexicon) -> Option<usize> {
    if text.at(end) != '/' {
        return None;
    }
    let from = end + 1 + usize::from(text.at(end + 1) == ' ');
    lexicon.unit_at(text, from).map(|(end, _)| end)
}

/// 59一盒的: the price of something on offer, then 一 and a unit.
fn price_of_one(text: &Folded<'_>, end: usize, lexicon: &Lexicon, milli: i64) -> Option<usize> {
    if text.at(end) != '一' || !lexicon.is_any_price(milli) {
        return None;
    }
    lexicon.unit_at(text, end + 1).map(|(end, _)| end)
}

fn date(text: &Folded<'_>, end: usize, lexicon: &Lexicon, milli: i64) -> Option<usize> {
    if text.at(end) == '月' {
        let day = number(text, end + 1).map_or(end + 1, |(_, end)| end);
        return Some(day + usize::from(matches!(text.at(day), '日' | '号' | '份')));
    }
    if text.at(end) == '年' {
        return Some(end + 1);
    }
    if text.at(end) != '号' {
        return None;
    }
    let code = u32::try_from(milli / ONE).ok().and_then(|code| lexicon.by_number(code));
    (code.is_none()).then_some(end + 1)
}

/// A code of digits: `#3`, 3号, 编号3, no.3.
pub(super) fn numbered_code(
    text: &Folded<'_>,
    at: usize,
    lexicon: &Lexicon,
) -> Option<(u16, usize)> {
    let before = starts_any(text, at, &["#", "编号", "编码", "品号", "no.", "no ", "第"]);
    let from = before.map_or(at, |end| end + usize::from(text.at(end) == ' '));
    let (value, mut end) = number(text, from)?;
    if value.milli % ONE != 0 || value.vague {
        return None;
    }
    let marked = matches!(text.at(end), '号' | '款');
    if before.is_none() && !marked {
        return None;
    }
    end += usize::from(marked);
    let offer = lexicon.by_number(u32::try_from(value.milli / ONE).ok()?)?;
    Some((offer, end))
}

/// House numbers, as long as pieces follow one another: 3栋2单元501, 6号楼1203, 12-3-501.
fn address(text: &Folded<'_>, at: usize, lexicon: &Lexicon) -> Option<usize> {
    if let Some(end) = dashed(text, at) {
        return Some(end);
    }
    let mut end = house_piece(text, at)?;
    while end - at < 40 {
        if let Some(next) = house_piece(text, end) {
            end = next;
            continue;
        }
        // A room number stands right behind the house.
        let mut to = end + usize::from(text.at(end) == '-' && text.at(end + 1).is_ascii_digit());
        while text.at(to).is_ascii_alphanumeric() {
            to += 1;
        }
        if to == end || lexicon.unit_at(text, to).is_some() {
            break;
        }
        end = to + usize::from(matches!(text.at(to), '室' | '号' | '房'));
    }
    Some(end)
}

/// 5-2-301: house, stair and room.
fn dashed(text: &Folded<'_>, at: usize) -> Option<usize> {
    let (mut end, mut dashes) = (at, 0);
    loop {
        let from = end;
        while text.at(end).is_ascii_digit() && end - from < 5 {
            end += 1;
        }
        if end == from {
            return None;
        }
        if text.at(end) != '-' || dashes == 3 {
            return (dashes >= 2).then_some(end);
        }
        (dashes, end) = (dashes + 1, end + 1);
    }
}

fn house_piece(text: &Folded<'_>, at: usize) -> Option<usize> {
    let mut end = at;
    while text.at(end).is_ascii_alphanumeric() && end - at < 6 {
        end += 1;
    }
    if end == at {
        end = number(text, at).filter(|(value, _)| value.spelled).map(|(_, end)| end)?;
    }
    let words = [
        "号楼",
        "号院",
        "号店",
        "单元",
        "号房",
        "号室",
        "号门",
        "期",
        "#楼",
        "号公馆",
        "大厦",
        "号线",
        "路",
        "街",
    ];
    if let Some(end) = starts_any(text, end, &words) {
        return text.at(at).is_ascii_alphanumeric().then_some(end);
    }
    HOUSE.contains(text.at(end)).then_some(end + 1)
}

/// 3天, 2个人, 5岁, 20%: other things counted.
fn count_of_others(text: &Folded<'_>, end: usize) -> Option<usize> {
    let words = [
        "个人",
        "个小时",
        "小时",
        "分钟",
        "个月",
        "个孩子",
        "个小孩",
        "个娃",
        "个朋友",
        "口人",
        "个星期",
        "个礼拜",
        "天",
        "岁",
        "年",
        "周",
        "秒",
        "公里",
        "里地",
        "米",
        "厘米",
        "cm",
        "度",
        "折",
        "次",
        "倍",
        "位",
        "人",
        "缺",
        "楼",
        "%",
        "级",
        "路",
        "月",
        "日",
        "名",
        "群",
        "期",
        "mm",
        "days",
        " days",
        " day",
        " people",
        " hours",
        " hour",
        " mins",
        " minutes",
        " weeks",
        " kids",
        " months",
        " years",
        "hrs",
        "mins",
        "gb",
        "km",
        "st",
        "nd",
        "rd",
        "th",
        "分",
    ];
    let end = starts_any(text, end, &words)?;
    let whole = !text.at(end - 1).is_ascii_alphabetic() || !text.at(end).is_ascii_alphabetic();
    whole.then_some(end)
}
