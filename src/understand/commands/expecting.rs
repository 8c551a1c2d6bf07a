//! What a leader says of goods that will come: 明天到, A1 明天下午4点到, A1 arrives tomorrow 4pm.
//!
//! ```text
//! expected := goods? day time? will come | goods? will come day time?
//! ```
//!
//! As with goods that came, the sentence has to be explained whole; without goods it is about those that closed last,
//! and talk where nobody waits for any.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::super::args::Args;
use super::super::lexicon::Lexicon;
use super::super::normalize::Folded;
use super::arriving::goods_named;
use crate::domain::catalog::SaidArrival;
use crate::domain::intent::LeaderIntent;
use crate::domain::shipping::{Coming, Lead, MeantGoods};

/// Longer messages are none.
const LONGEST: usize = 80;

/// Of whom it is said, or that nobody knows.
const OTHERS: &[&str] = &[
    "吗", "么", "没", "我", "你", "他", "她", "谁", "哪", "如果", "的话", "要是", "不", "快递",
    "?", " if ", "n't", "not ", "my ", "will you", "when ", "i'll", "i will", "we ",
];

static CHINESE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?P<goods>.*?)[\s,:]*(?:预计|估计|大概|应该|大约)*(?P<day>大后天|后天|明天|明日|明早|明晚|今天|今日|今晚|\d{1,2}天后|(?:这|本|下)?(?:周|星期|礼拜)[一二三四五六日天]|\d{1,2}月\d{1,2}[日号])\s?(?P<time>(?:早上|上午|中午|下午|傍晚|晚上|晚)?\d{1,2}(?::\d{2}|点半|点))?(?:左右|前|后|才|会|能|可以|就|大概|预计|送|再)*(?:到货|到店|到)(?:了|哦|哈|呀|啊|的)*[\s。!~.]*$",
    )
    .ok()
});

static ENGLISH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?P<goods>.*?)\s*(?:(?:will|should|are|is|to)\s+)*\b(?:arrive|arrives|arriving|come|comes|coming|expected|be here|due)(?:\s+in)?\s+(?:on\s+)?(?P<day>today|tonight|tomorrow|the day after tomorrow|in \d{1,2} days|(?:next\s+)?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday))\b(?:\s+(?:at |by |around |about )?(?P<time>\d{1,2}(?::\d{2})?\s?(?:am|pm)?))?[\s.!~]*$",
    )
    .ok()
});

/// A1 明天下午4点到.
pub(super) fn expected(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let folded = Folded::new(text.trim());
    if folded.len() > LONGEST {
        return None;
    }
    let line = folded.line();
    if OTHERS.iter().any(|word| format!(" {line}").contains(word)) {
        return None;
    }
    let found = CHINESE.as_ref()?.captures(line).or_else(|| ENGLISH.as_ref()?.captures(line))?;
    let part = |name| found.name(name).map_or("", |it| it.as_str().trim());
    let said = part("goods").trim_start_matches(['预', '计']);
    let goods = match said {
        "" => MeantGoods::Last,
        said => goods_named(said, lexicon).or_else(|| of_order(said))?,
    };
    let day = day(part("day"))?;
    let minute = match part("time") {
        "" => None,
        time => Some(minute(&found, time)?),
    };
    Some(LeaderIntent::Shipping(Lead::Expect { goods, day, minute }))
}

/// #1, 订单 #1.
fn of_order(said: &str) -> Option<MeantGoods> {
    let words = ["订单号", "订单", "单号", "order", "的货", "的"];
    let bare = words.iter().fold(said.to_owned(), |text, word| text.replace(word, " "));
    let args = Args::read_orders(&bare);
    let is_one = args.orders.len() == 1 && args.people.is_empty() && args.rest.is_empty();
    let is_marked = said.contains('#') || bare.len() < said.len();
    args.orders.first().filter(|_| is_one && is_marked).copied().map(MeantGoods::OfOrder)
}

/// 明天下午4点到, arrives tomorrow, and nothing else.
pub(super) fn coming(text: &str) -> Option<SaidArrival> {
    let folded = Folded::new(text.trim());
    let line = folded.line();
    let found = CHINESE.as_ref()?.captures(line).or_else(|| ENGLISH.as_ref()?.captures(line))?;
    let part = |name| found.name(name).map_or("", |it| it.as_str().trim());
    let minute = match part("time") {
        "" => None,
        time => Some(minute(&found, time)?),
    };
    let day = day(part("day")).filter(|_| part("goods").is_empty())?;
    Some(SaidArrival { day, minute })
}

fn day(said: &str) -> Option<Coming> {
    let number = said.chars().filter(char::is_ascii_digit).collect::<String>();
    match said {
        "今天" | "今日" | "今晚" | "today" | "tonight" => return Some(Coming::In(0)),
        "明天" | "明日" | "明早" | "明晚" | "tomorrow" => return Some(Coming::In(1)),
        "后天" | "the day after tomorrow" => return Some(Coming::In(2)),
        "大后天" => return Some(Coming::In(3)),
        _ => {}
    }
    if said.ends_with("天后") || said.starts_with("in ") {
        return number.parse().ok().map(Coming::In);
    }
    if let Some((month, rest)) = said.split_once('月') {
        let day = rest.trim_end_matches(['日', '号']).parse().ok()?;
        return Some(Coming::Date { month: month.parse().ok()?, day });
    }
    let later = said.starts_with('下') || said.starts_with("next");
    let chinese = said
        .chars()
        .next_back()
        .and_then(|c| "一二三四五六日".find(c).or((c == '天').then_some(18)));
    let english = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let english = english.iter().position(|name| said.ends_with(name));
    let day = english.or_else(|| chinese.map(|at| at / 3))?;
    Some(Coming::Weekday { day: u8::try_from(day).ok()?, later })
}

/// The minute of the day: 下午4点 is sixteen o'clock.
fn minute(found: &Captures<'_>, said: &str) -> Option<u16> {
    let start = said.find(|c: char| c.is_ascii_digit())?;
    let (before, clock) = said.split_at(start);
    let hour_end = clock.find(|c: char| !c.is_ascii_digit()).unwrap_or(clock.len());
    let (hour, rest) = clock.split_at(hour_end);
    let hour: u16 = hour.parse().ok()?;
    let minutes: u16 = match rest.strip_prefix(':') {
        Some(rest) => rest.chars().take(2).collect::<String>().parse().ok()?,
        None if rest.starts_with("点半") => 30,
        None => 0,
    };
    let day = found.name("day").map_or("", |it| it.as_str());
    let is_late =
        ["下午", "傍晚", "晚"].iter().any(|word| before.contains(word) || day.contains(word))
            || rest.ends_with("pm")
            || day == "tonight";
    let hour = match hour {
        12 if rest.ends_with("am") => 0,
        1..=11 if is_late => hour + 12,
        _ => hour,
    };
    (hour < 24 && minutes < 60).then_some(hour * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    #[track_caller]
    fn check(text: &str, goods: usize, day: Coming, minute: Option<u16>) {
        let read = expected(text, &fixture::lexicon("fruit"));
        let Some(LeaderIntent::Shipping(Lead::Expect { goods: said, day: on, minute: at })) = read
        else {
            panic!("{text}: {read:?}")
        };
        let named = match said {
            MeantGoods::Named(named) => named.len(),
            _ => 0,
        };
        assert_eq!((named, on, at), (goods, day, minute), "{text}");
    }

    #[test]
    fn a_day_and_perhaps_a_time_are_said() {
        check("明天到", 0, Coming::In(1), None);
        check("货明天到", 0, Coming::In(1), None);
        check("A1 明天下午4点到", 1, Coming::In(1), Some(16 * 60));
        check("A1预计后天到货", 1, Coming::In(2), None);
        check("A1、A2 周六上午10点半到", 2, Coming::Weekday { day: 5, later: false }, Some(630));
        check("A1 下周日到", 1, Coming::Weekday { day: 6, later: true }, None);
        check("A1 12月3日到", 1, Coming::Date { month: 12, day: 3 }, None);
        check("A1 今晚8点到", 1, Coming::In(0), Some(20 * 60));
        check("A1 arrives tomorrow 4pm", 1, Coming::In(1), Some(16 * 60));
        check("goods will arrive on Friday", 0, Coming::Weekday { day: 4, later: false }, None);
        check("arriving in 3 days", 0, Coming::In(3), None);
    }

    #[test]
    fn what_only_seems_so_is_none() {
        for text in [
            "明天到吗",
            "我明天到",
            "快递明天到",
            "奶奶明天到",
            "明天到不了",
            "明天到哪集合",
            "A1 明天25点到",
            "when will A1 arrive tomorrow",
            "grandma arrives tomorrow",
        ] {
            assert_eq!(expected(text, &fixture::lexicon("fruit")), None, "{text}");
        }
    }
}
