//! Commands about cases: 售后, Q12, Q12 退10元, Q12 replace, Q12 no because it was fine.
//!
//! ```text
//! case   := 'Q' number remedy?
//! remedy := 退 (amount | units | all) | 补发 units? | 换 kind units? | 不退 reason?
//! ```

use std::sync::LazyLock;

use regex::Regex;

use super::super::args;
use super::super::lexicon::Lexicon;
use super::super::normalize::{Folded, folded};
use super::super::numerals;
use super::refunding::{GivenBack, Unclear, given_back};
use super::{Command, Takes, lacking};
use crate::domain::command::CommandId;
use crate::domain::ids::CaseId;
use crate::domain::intent::{LeaderIntent, MAX_QTY, Role, Unread};
use crate::domain::service::{Lead, Remedy};

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "service.cases",
        who: Role::Leader,
        slash: &["cases"],
        words: "售后列表 | 售后单 | 售后 | 待处理售后 | 未处理售后 | 投诉列表 | open cases | cases | after-sales | \
            complaints",
        takes: Takes::Shows(LeaderIntent::Service(Lead::Cases)),
    },
    Command {
        id: "service.answer",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(told),
    },
    Command {
        id: "service.shortage",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(lacking::told),
    },
];

/// Longer messages are stories.
const LONGEST: usize = 240;

type CasePattern = LazyLock<Option<Regex>>;

static CASE: CasePattern = LazyLock::new(|| Regex::new(r"^\s*#?q\s?(\d{1,7})").ok());

static DECLINE: CasePattern = LazyLock::new(|| {
    Regex::new(
        r"^(?:(?:不退(?:货|款|钱)?|不予退款|不补(?:发)?|不换(?:货)?|不赔|不同意|不处理|不行|驳回|拒绝)(?:了|吧)?|(?:no refund|no|nope|reject(?:ed)?|refused?|declined?|deny|denied)\b)",
    )
    .ok()
});

static REASON: CasePattern = LazyLock::new(|| {
    Regex::new(r"^[\s,，:：;；。.(（-]*(?:因为|由于|原因是?|理由是?|because|since|as|cause|cos)?[\s:：,，]*").ok()
});

static REPLACE: CasePattern = LazyLock::new(|| {
    Regex::new(
        r"^(?:(?:补发|重发|再发|补寄|重寄|补送|再送|补货|补)(?:一下|吧|给[他她])?|(?:replace(?:ment)?|re-?send|send (?:again|another|a new one|new)|re-?ship)(?: it| them)?\b)",
    )
    .ok()
});

static EXCHANGE: CasePattern = LazyLock::new(|| {
    Regex::new(
        r"^(?:换成|换货|换个|换一个|换|exchange(?: it| them)?(?: for| to| with)?|swap(?: it| them)?(?: for| to| with)?|change(?: it| them)? to)[\s:：]*",
    )
    .ok()
});

static BACK: CasePattern = LazyLock::new(|| {
    Regex::new(
        r"^(全部|全额|全)?(退款|退钱|退回|退还|退货退款|退|refund(?: all| everything| in full)?)",
    )
    .ok()
});

static COUNT: CasePattern = LazyLock::new(|| {
    Regex::new(
        r"^[x×*]?\s?(\d{1,3}|[一二两三四五六七八九十]{1,2})\s?(?:个|颗|只|盒|箱|包|袋|瓶|斤|串|粒|条|枚|件|份|双|桶|板|提|罐|支|块|套|[a-z]{1,12})?$",
    )
    .ok()
});

fn half() -> LeaderIntent {
    LeaderIntent::HalfSaid(CommandId::of("service.answer"))
}

fn told(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let folded = Folded::new(text.trim());
    if folded.len() > LONGEST || folded.glyphs.iter().any(|glyph| glyph.c == '\n') {
        return None;
    }
    let line = folded.line();
    let found = CASE.as_ref()?.captures(line)?;
    let (all, number) = (found.get(0)?, found.get(1)?.as_str());
    // An offer may have such a code.
    let is_code = |code: &str| code.eq_ignore_ascii_case(&format!("q{number}"));
    if lexicon.offers().iter().any(|words| is_code(&words.code)) {
        return None;
    }
    let case = CaseId(number.parse().ok().filter(|number| *number > 0)?);
    if line[all.end()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-') {
        return None;
    }
    let from = line[..all.end()].chars().count();
    let is_mark = |c: char| c.is_whitespace() || ",，:：;；。.".contains(c);
    let rest = line[all.end()..].trim_matches(is_mark);
    if rest.is_empty() {
        return Some(LeaderIntent::Service(Lead::ShowCase(case)));
    }
    let written = folded.written(from, folded.len()).trim_matches(is_mark);
    remedy(rest, written, lexicon).map(|read| match read {
        Ok(remedy) => LeaderIntent::Service(Lead::AnswerCase { case, remedy }),
        Err(other) => other,
    })
}

/// What is to be done; `None` where something else is said.
fn remedy(rest: &str, written: &str, lexicon: &Lexicon) -> Option<Result<Remedy, LeaderIntent>> {
    if let Some(found) = DECLINE.as_ref()?.find(rest) {
        let behind = behind(written, rest, found.end());
        return Some(Ok(Remedy::Decline(reason(behind))));
    }
    if let Some(found) = REPLACE.as_ref()?.find(rest) {
        let behind = rest[found.end()..].trim();
        let count = if behind.is_empty() { Some(None) } else { count(behind).map(Some) };
        return Some(count.map(Remedy::Replace).ok_or_else(half));
    }
    if let Some(found) = EXCHANGE.as_ref()?.find(rest) {
        return Some(exchange(behind(written, rest, found.end())).ok_or_else(half));
    }
    let found = BACK.as_ref()?.captures(rest)?;
    let (all, verb) = (found.get(0)?, found.get(2)?.as_str());
    let is_bare = verb == "退" && found.get(1).is_none();
    let behind = rest[all.end()..].trim();
    if let Some(units) = count(behind).filter(|_| !is_money(behind)) {
        return Some(Ok(Remedy::Units(Some(units))));
    }
    Some(match given_back(behind, lexicon, is_bare) {
        Ok(GivenBack::Amount(amount, None)) => Ok(Remedy::Amount(amount)),
        Ok(GivenBack::All) => Ok(Remedy::Units(None)),
        Err(Unclear::Fault(said, why)) => {
            Err(LeaderIntent::Unread(Unread { said: args::line(&said), why }))
        }
        Ok(GivenBack::Amount(_, Some(_)) | GivenBack::Units(_)) | Err(Unclear::Half) => Err(half()),
        Err(Unclear::Talk) => return None,
    })
}

/// Whether what stands there is an amount rather than a count: 10元, 5块.
fn is_money(text: &str) -> bool {
    text.ends_with(['元', '块', '角', '毛', '分', '蚊'])
        || text.contains(['¥', '$', '.'])
        || ["yuan", "rmb", "dollars", "dollar", "bucks", "cents", "pounds", "pound", "quid"]
            .iter()
            .any(|unit| text.ends_with(unit))
}

/// What of the written text stands behind so many bytes of the folded one.
fn behind<'t>(written: &'t str, rest: &str, bytes: usize) -> &'t str {
    let skip = rest[..bytes].chars().count();
    let from = written.char_indices().nth(skip).map_or(written.len(), |(at, _)| at);
    written[from..].trim()
}

fn reason(text: &str) -> Option<String> {
    let bare = REASON.as_ref().map_or(text.into(), |lead| lead.replace(text, ""));
    let bare = args::line(bare.trim());
    (!bare.is_empty()).then_some(bare)
}

/// 白色/M, 白色/M 2件.
fn exchange(text: &str) -> Option<Remedy> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 40 {
        return None;
    }
    let (to, qty) = match text.rsplit_once(char::is_whitespace) {
        Some((to, last)) => match count(&folded(last)) {
            Some(qty) => (to.trim(), Some(qty)),
            None => (text, None),
        },
        None => (text, None),
    };
    Some(Remedy::Exchange { to: to.to_owned(), qty })
}

fn count(text: &str) -> Option<u32> {
    let said = COUNT.as_ref()?.captures(text.trim())?.get(1)?.as_str();
    let folded = Folded::new(said);
    let (number, end) = numerals::number(&folded, 0)?;
    let whole = end == folded.len() && !number.vague && number.milli % numerals::ONE == 0;
    let qty = u32::try_from(number.milli / numerals::ONE).ok()?;
    (whole && (1..=MAX_QTY).contains(&qty)).then_some(qty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    /// What is read, in short.
    fn read(text: &str) -> String {
        match told(text, &fixture::lexicon("fruit")) {
            Some(LeaderIntent::Service(Lead::ShowCase(case))) => format!("{case} show"),
            Some(LeaderIntent::Service(Lead::AnswerCase { case, remedy })) => {
                let qty =
                    |qty: Option<u32>| qty.map_or_else(|| "all".to_owned(), |it| it.to_string());
                match remedy {
                    Remedy::Amount(amount) => format!("{case} money {}", amount.minor),
                    Remedy::Units(units) => format!("{case} units {}", qty(units)),
                    Remedy::Replace(units) => format!("{case} again {}", qty(units)),
                    Remedy::Exchange { to, qty: units } => {
                        format!("{case} for {to} {}", qty(units))
                    }
                    Remedy::Decline(reason) => format!("{case} no {}", reason.unwrap_or_default()),
                }
            }
            Some(LeaderIntent::HalfSaid(_)) => "half".to_owned(),
            Some(LeaderIntent::Unread(_)) => "unread".to_owned(),
            Some(other) => panic!("{text}: {other:?}"),
            None => String::new(),
        }
    }

    #[track_caller]
    fn check(texts: &[&str], expected: &str) {
        let wrong = |text: &&&str| read(text) != expected;
        let wrong: Vec<_> = texts.iter().filter(wrong).map(|text| (text, read(text))).collect();
        assert!(wrong.is_empty(), "not {expected:?}: {wrong:?}");
    }

    #[test]
    fn a_case_is_shown_by_its_number() {
        check(&["Q12", "q12", "Ｑ１２", " Q12 。", "#Q12", "Q 12"], "12 show");
    }

    #[test]
    fn a_case_is_answered_with_money() {
        check(
            &[
                "Q12 退10元",
                "Q12退10块",
                "q12 退 10 元",
                "Ｑ１２　退１０元",
                "Q12：退款10元",
                "Q12 退十块",
                "Q12 退 ¥10",
                "Q12 refund ¥10",
                "Q12 refund 10 yuan",
                "Q12 退10块钱",
                "Q12 退10.0",
            ],
            "12 money 1000",
        );
        check(
            &["Q12 退1箱", "Q12退一盒", "Q12 退 1", "Q12 退1份", "Q12 refund 1 box", "Q12 退款1件"],
            "12 units 1",
        );
        check(
            &["Q12 退款", "Q12 全退", "Q12 全额退款", "Q12 refund", "Q12 refund all", "Q12 退全部"],
            "12 units all",
        );
    }

    #[test]
    fn a_case_is_answered_with_goods() {
        check(
            &[
                "Q12 补发",
                "Q12补发",
                "Q12 補發",
                "Q12 重发",
                "Q12 replace",
                "Q12 resend",
                "Q12 补发一下",
            ],
            "12 again all",
        );
        check(
            &["Q12 补发1箱", "Q12 补一盒", "Q12 补发 1", "Q12 resend 1 box", "Q12 replace 1"],
            "12 again 1",
        );
        check(
            &[
                "Q12 换 白色/M",
                "Q12换白色/M",
                "Q12 换成 白色/M",
                "Q12 換 白色/M",
                "Q12 exchange 白色/M",
            ],
            "12 for 白色/M all",
        );
        check(
            &["Q12 exchange white/M", "Q12 swap for white/M", "Q12 exchange for white/M"],
            "12 for white/M all",
        );
        check(&["Q12 换 白色/M 1件", "Q12 换 白色/M 一件"], "12 for 白色/M 1");
    }

    #[test]
    fn a_case_is_answered_with_no() {
        check(
            &["Q12 不退", "Q12不退", "Q12 不退款", "Q12 拒绝", "Q12 no", "Q12 reject", "Q12 不行"],
            "12 no ",
        );
        check(
            &[
                "Q12 不退 因为超时了",
                "Q12 不退，因为超时了",
                "Q12不退因为超时了",
                "Q12 不退 超时了",
                "Q12 驳回：超时了",
            ],
            "12 no 超时了",
        );
        check(
            &[
                "Q12 no because it was fine",
                "Q12 no refund, it was fine",
                "Q12 declined: it was fine",
            ],
            "12 no it was fine",
        );
    }

    #[test]
    fn what_is_no_answer_is_asked_back_or_nothing() {
        check(&["Q12 退", "Q12 换", "Q12 退10元5元", "Q12 补发 老王", "Q12 退A1 5元"], "half");
        check(&["Q12 退 $10"], "unread");
        check(
            &[
                "Q12怎么走",
                "Q12 座位不错",
                "坐Q12公交",
                "Q3财报不错",
                "IQ120",
                "q12 is my seat",
                "Q 怎么样",
                "退 Q12 吧",
                "Q12月",
            ],
            "",
        );
    }
}
