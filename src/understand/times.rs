//! Times and days as people write them: 21:00, 21点, 晚上9点半, 9pm, 明天10点, 周五 20:00, 3月5日21点, 30分钟, +1h.
//!
//! ```text
//! when   := length | day? part? clock | day clock part
//! length := '+'? number (分钟 | 小时 | min | h | …) (number (分钟 | min))?
//! clock  := d{1,2} ':' dd | number 点 (半 | 钟 | 整 | number (刻 | 分)?)? | d{1,2} (am | pm)
//! part   := 早上 | 下午 | 晚上 | …
//! ```
//!
//! An hour up to twelve of which nobody said the half of the day stays open ([`SaidTime::At`]).

use chrono::Weekday;

use super::normalize::Folded;
use super::numerals::{ONE, number};
use crate::domain::time::{SaidDay, SaidTime};

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeOfDay {
    /// Minute of the day as written; `None` where no day has it (25:70), or where only about when was said (9点多).
    minute: Option<u16>,
    /// Which half of the day, where the clock says so itself.
    half: Option<Half>,
    /// Written with a colon: 09:00 is of the morning.
    is_exact: bool,
    /// Where it ends.
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Morning,
    Noon,
    Evening,
    Night,
}

const PARTS: &[(&str, Half)] = &[
    ("凌晨", Half::Morning),
    ("清晨", Half::Morning),
    ("早上", Half::Morning),
    ("早晨", Half::Morning),
    ("上午", Half::Morning),
    ("早", Half::Morning),
    ("中午", Half::Noon),
    ("下午", Half::Evening),
    ("傍晚", Half::Evening),
    ("晚上", Half::Night),
    ("夜里", Half::Night),
    ("晚间", Half::Night),
    ("晚", Half::Night),
];

const DAYS: &[(&str, SaidDay)] = &[
    ("今天", SaidDay::In(0)),
    ("今日", SaidDay::In(0)),
    ("今", SaidDay::In(0)),
    ("明天", SaidDay::In(1)),
    ("明日", SaidDay::In(1)),
    ("听日", SaidDay::In(1)),
    ("明", SaidDay::In(1)),
    ("后天", SaidDay::In(2)),
    ("后日", SaidDay::In(2)),
    ("today", SaidDay::In(0)),
    ("tonight", SaidDay::In(0)),
    ("tomorrow", SaidDay::In(1)),
    ("tmr", SaidDay::In(1)),
    ("monday", SaidDay::On(Weekday::Mon)),
    ("tuesday", SaidDay::On(Weekday::Tue)),
    ("wednesday", SaidDay::On(Weekday::Wed)),
    ("thursday", SaidDay::On(Weekday::Thu)),
    ("friday", SaidDay::On(Weekday::Fri)),
    ("saturday", SaidDay::On(Weekday::Sat)),
    ("sunday", SaidDay::On(Weekday::Sun)),
];

const WEEKDAYS: &[(char, Weekday)] = &[
    ('一', Weekday::Mon),
    ('二', Weekday::Tue),
    ('三', Weekday::Wed),
    ('四', Weekday::Thu),
    ('五', Weekday::Fri),
    ('六', Weekday::Sat),
    ('日', Weekday::Sun),
    ('天', Weekday::Sun),
];

/// What a number of minutes is called, the longest first.
const MINUTES: &[&str] = &["分钟", "minutes", "minute", "mins", "min", "分", "m"];
/// And one of hours.
const HOURS: &[&str] =
    &["个小时", "小时", "个钟头", "个钟", "钟头", "hours", "hour", "hrs", "hr", "h"];

const HALF_DAY: u16 = 12 * 60;
/// A longer length is a slip.
const MOST_MINUTES: i64 = 60 * 24 * 90;

/// The time that a text is, from its first character to its last.
pub(super) fn when(text: &str) -> Option<SaidTime> {
    let folded = Folded::new(text.trim());
    let read = Text(&folded);
    read.length().or_else(|| read.moment())
}

/// The time of day that begins with the number from `at` to `end`, however leniently: whoever only wants to know that
/// a number is no quantity asks this, too.
pub(super) fn clock(text: &Folded<'_>, at: usize, end: usize) -> Option<TimeOfDay> {
    let text = Text(text);
    let (value, _) = number(text.0, at)?;
    let hour = u16::try_from(value.milli / ONE).ok();
    let hour = hour.filter(|hour| value.milli % ONE == 0 && !value.vague && *hour <= 24);
    let of = |minutes: Option<u16>| {
        let sum = hour? * 60 + minutes.filter(|it| *it < 60)?;
        (sum <= 2 * HALF_DAY).then_some(sum)
    };
    let digit = |at: usize| text.0.at(at).to_digit(10).and_then(|it| u16::try_from(it).ok());
    if text.0.at(end) == ':'
        && end - at <= 2
        && let (Some(tens), Some(ones)) = (digit(end + 1), digit(end + 2))
    {
        let minute = of(Some(tens * 10 + ones));
        let half = text.english_half(end + 3);
        let to = half.map_or(end + 3, |(_, to)| to);
        return Some(TimeOfDay {
            minute,
            half: half.map(|(half, _)| half),
            is_exact: true,
            end: to,
        });
    }
    if let Some((half, end)) = text.english_half(end) {
        return Some(TimeOfDay { minute: of(Some(0)), half: Some(half), is_exact: false, end });
    }
    let whole = |end| TimeOfDay { minute: of(Some(0)), half: None, is_exact: false, end };
    if let Some(end) = text.any(end, &["oclock", " o'clock"]) {
        return (!text.0.at(end).is_ascii_alphanumeric()).then(|| whole(end));
    }
    if text.0.at(end) != '点' {
        return None;
    }
    let end = end + 1;
    if let Some(end) = text.any(end, &["半"]) {
        return Some(TimeOfDay { minute: of(Some(30)), ..whole(end) });
    }
    if let Some(end) = text.any(end, &["钟", "整", "前", "之前"]) {
        return Some(whole(end));
    }
    if let Some(end) = text.any(end, &["后", "多", "左右", "以后"]) {
        return Some(TimeOfDay { minute: None, ..whole(end) });
    }
    let Some((minutes, end)) = number(text.0, end).filter(|(value, _)| !value.vague) else {
        return Some(whole(end));
    };
    let count = u16::try_from(minutes.milli / ONE).ok().filter(|_| minutes.milli % ONE == 0);
    let is_quarter = text.0.at(end) == '刻';
    let count = count.map(|count| if is_quarter { count.saturating_mul(15) } else { count });
    let end = end + usize::from(is_quarter || text.0.at(end) == '分');
    Some(TimeOfDay { minute: of(count), ..whole(end) })
}

/// A text that is read as a time.
struct Text<'a, 't>(&'a Folded<'t>);

impl Text<'_, '_> {
    /// Where one of these words ends, if it stands there.
    fn any(&self, at: usize, words: &[&str]) -> Option<usize> {
        let stands = |word: &&&str| word.chars().enumerate().all(|(n, c)| self.0.at(at + n) == c);
        words.iter().find(stands).map(|word| at + word.chars().count())
    }

    fn of<T: Copy>(&self, at: usize, table: &[(&str, T)]) -> Option<(T, usize)> {
        table.iter().find_map(|(word, it)| Some((*it, self.any(at, &[word])?)))
    }

    fn blanks(&self, mut at: usize) -> usize {
        while matches!(self.0.at(at), ' ' | ',' | '、') {
            at += 1;
        }
        at
    }

    fn is_end(&self, at: usize) -> bool {
        let rest = self.0.glyphs.get(at..).unwrap_or_default();
        rest.iter().all(|glyph| matches!(glyph.c, ' ' | '。' | '!' | '.' | '~'))
    }

    /// am or pm behind a clock, and where it ends.
    fn english_half(&self, at: usize) -> Option<(Half, usize)> {
        let words = [
            ("am", Half::Morning),
            ("pm", Half::Evening),
            (" am", Half::Morning),
            (" pm", Half::Evening),
            ("a.m.", Half::Morning),
            ("p.m.", Half::Evening),
        ];
        let (half, end) = self.of(at, &words)?;
        (!self.0.at(end).is_ascii_alphanumeric()).then_some((half, end))
    }

    /// 30分钟, +1h30m, 一个半小时, half an hour.
    fn length(&self) -> Option<SaidTime> {
        let mut at = self.blanks(usize::from(self.0.at(0) == '+'));
        if let Some(end) = self.any(at, &["half an hour", "half hour"]) {
            return self.is_end(end).then_some(SaidTime::Later(30));
        }
        let (mut minutes, mut each) = (0_i64, i64::MAX);
        while !self.is_end(at) {
            let (value, end) = number(self.0, at)?;
            let half = self.any(end, &["个半小时", "个半钟"]);
            let end = if half.is_some() { end } else { self.blanks(end) };
            let (unit, end) = match half {
                Some(end) => (60, end),
                None => match self.any(end, HOURS) {
                    Some(end) => (60, end),
                    None => (1, self.any(end, MINUTES)?),
                },
            };
            // Hours come before minutes, each once.
            if unit >= each || value.vague || self.0.at(end).is_ascii_alphabetic() {
                return None;
            }
            let milli = value.milli + if half.is_some() { ONE / 2 } else { 0 };
            minutes += milli.checked_mul(unit)? / ONE;
            each = unit;
            at = self.blanks(end);
        }
        let is_length = (1..=MOST_MINUTES).contains(&minutes);
        u32::try_from(minutes).ok().filter(|_| is_length).map(SaidTime::Later)
    }

    /// 明晚9点半, tomorrow 9pm, 9pm tomorrow.
    fn moment(&self) -> Option<SaidTime> {
        let (day, at) = self.day(0).unwrap_or((SaidDay::Unsaid, 0));
        let is_tonight = self.any(0, &["tonight"]).is_some();
        let at = self.blanks(at);
        let (part, at) = self.part(at).map_or((None, at), |(part, at)| (Some(part), at));
        let at = self.blanks(self.any(self.blanks(at), &["at "]).unwrap_or(at));
        if let Some(end) = self.any(at, &["半夜12点", "12点半夜", "midnight", "24点", "24:00"])
        {
            let at = SaidTime::At { day, minute: 2 * HALF_DAY, is_open: false };
            return self.is_end(end).then_some(at);
        }
        if let Some(end) = self.any(at, &["noon", "正午"]) {
            let at = SaidTime::At { day, minute: HALF_DAY, is_open: false };
            return self.is_end(end).then_some(at);
        }
        let (_, end) = number(self.0, at)?;
        let clock = clock(self.0, at, end)?;
        let (day, end) = match self.day(self.blanks(clock.end)) {
            Some(behind) if day == SaidDay::Unsaid => behind,
            _ => (day, clock.end),
        };
        let part = clock.half.or(part).or(is_tonight.then_some(Half::Night));
        self.is_end(end).then_some(())?;
        of_day(clock, part).map(|(minute, is_open)| SaidTime::At { day, minute, is_open })
    }

    fn part(&self, at: usize) -> Option<(Half, usize)> {
        let (part, end) = self.of(at, PARTS)?;
        Some((part, self.blanks(end)))
    }

    fn day(&self, at: usize) -> Option<(SaidDay, usize)> {
        if let Some(found) = self.of(at, DAYS) {
            return Some(found);
        }
        if let Some(end) = self.any(at, &["星期", "礼拜", "周"]) {
            let name = self.0.at(end);
            let (_, day) = WEEKDAYS.iter().find(|(c, _)| *c == name)?;
            return Some((SaidDay::On(*day), end + 1));
        }
        let (month, end) = number(self.0, at).filter(|_| self.0.at(at) != ' ')?;
        if self.0.at(end) != '月' {
            return None;
        }
        let (day, end) = number(self.0, end + 1)?;
        let whole = |milli: i64| u32::try_from(milli / ONE).ok().filter(|_| milli % ONE == 0);
        let day = SaidDay::Date { month: whole(month.milli)?, day: whole(day.milli)? };
        Some((day, end + usize::from(matches!(self.0.at(end), '日' | '号'))))
    }
}

/// The minute of the day that a clock and the part of the day name, and whether half a day is open.
fn of_day(clock: TimeOfDay, part: Option<Half>) -> Option<(u16, bool)> {
    let minute = clock.minute?;
    let hour = minute / 60;
    Some(match part {
        Some(Half::Morning) if hour == 12 => (minute - HALF_DAY, false),
        Some(Half::Night) if hour == 12 => {
            // Half past twelve at night is of another day: nobody can tell which is meant.
            (Some(2 * HALF_DAY).filter(|_| minute == HALF_DAY)?, false)
        }
        Some(Half::Noon) if hour < 3 => (minute + HALF_DAY, false),
        Some(Half::Evening | Half::Night) if hour < 12 => (minute + HALF_DAY, false),
        Some(_) => (minute, false),
        // 09:00 and 0点 leave nothing open, 9点 does.
        None => (minute, !clock.is_exact && (1..=12).contains(&hour)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], expected: impl Into<Option<SaidTime>>) {
        let expected = expected.into();
        for text in texts {
            assert_eq!(when(text), expected, "{text}");
        }
    }

    fn at(day: SaidDay, hour: u16, minute: u16) -> SaidTime {
        SaidTime::At { day, minute: hour * 60 + minute, is_open: false }
    }

    #[test]
    fn clocks_of_a_day() {
        let none = SaidDay::Unsaid;
        check(
            &[
                "21:00",
                "21：00",
                "21点",
                "晚上9点",
                "9pm",
                "9 pm",
                "9:00pm",
                "二十一点",
                "２１点整",
            ],
            at(none, 21, 0),
        );
        check(&["晚上9点半", "21点半", "21:30", "21点30分", "9:30 pm"], at(none, 21, 30));
        check(&["9点三刻晚上"], None);
        check(&["早上9点一刻", "9:15", "9:15am"], at(none, 9, 15));
        check(&["中午12点", "12pm", "noon", "12:00"], at(none, 12, 0));
        check(&["24点", "24:00", "晚上12点", "midnight"], at(none, 24, 0));
        check(&["凌晨12点", "0点", "12am"], at(none, 0, 0));
        check(&["中午1点", "下午1点", "1pm"], at(none, 13, 0));
        check(&["9点", "九点钟"], Some(SaidTime::At { day: none, minute: 540, is_open: true }));
        check(&["12点"], Some(SaidTime::At { day: none, minute: 720, is_open: true }));
    }

    #[test]
    fn days_before_and_behind() {
        check(
            &["明天 21:00", "明晚9点", "tomorrow 9pm", "9pm tomorrow", "tomorrow at 9pm"],
            at(SaidDay::In(1), 21, 0),
        );
        check(&["今晚9点", "tonight 9:00", "今天21点", "9pm today"], at(SaidDay::In(0), 21, 0));
        check(&["周五20:00", "星期五 晚上8点", "friday 8pm"], at(SaidDay::On(Weekday::Fri), 20, 0));
        check(&["3月5日21点", "3月5号 21:00"], at(SaidDay::Date { month: 3, day: 5 }, 21, 0));
        let open = SaidTime::At { day: SaidDay::In(1), minute: 600, is_open: true };
        check(&["明天10点"], Some(open));
    }

    #[test]
    fn lengths() {
        check(
            &["30分钟", "+30m", "30 min", "+ 30分钟", "半小时", "half an hour", "半个小时"],
            Some(SaidTime::Later(30)),
        );
        check(&["1小时", "一个小时", "1h", "1 hour", "60 mins"], Some(SaidTime::Later(60)));
        check(&["1h30m", "1小时30分钟", "一个半小时", "1.5小时"], Some(SaidTime::Later(90)));
    }

    #[test]
    fn what_is_no_time() {
        check(
            &[
                "",
                "9",
                "25:00",
                "9:75",
                "25点",
                "9点多",
                "9点后",
                "几点",
                "0分钟",
                "30分钟1小时",
                "明天",
                "21:00 A1",
                "-30m",
                "9点吧谢谢",
                "13月40",
            ],
            None,
        );
    }
}
