//! What a leader says to keep somebody from ordering, or to let them order again: 拉黑 @小美, 别让 @小美 下单, block @Amy,
//! 解除 @小美, let @Amy order again. In a reply to somebody's message nobody need be named: 拉黑, block him.
//!
//! ```text
//! block := act person | person act | (把 | 别让 | don't let) person act      nothing else but courtesy
//! ```
//!
//! Who is named stands anywhere; what is left has to be the act. A building is no member: Block 12 is talk.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::super::args;
use super::super::lexicon::Lexicon;
use super::super::patterns::{Hints, pattern};
use super::serving::{Found, is_nobody, trimmed, whose};
use crate::domain::command::CommandId;
use crate::domain::intent::LeaderIntent;
use crate::domain::orders::Whose;
use crate::domain::people::Lead;

/// Longer messages tell more.
const LONGEST: usize = 120;

/// One of these is in everything that is read here.
static HINTS: Hints =
    Hints::of("拉黑|黑名|屏蔽|封|解除|解禁|单|單|购买|購買|拦|攔|(?i:block|ban|blacklist|order)");

/// That somebody is not to order, without who.
const BLOCK: &str = r"(?:拉黑|(?:不|唔)(?:再)?接|(?:拉|加|放|关|列|踢)(?:入|进|進|到|去)?(?:小)?黑名[单單](?:里|裡)?|黑名[单單]|屏蔽(?:掉)?|封(?:锁|鎖|杀|殺|禁|号|號|掉|咗|了)?|(?:别|別|不要|不准|不許|不许|不让|不讓|禁止|停止|唔准|唔好|唔俾|唔畀)(?:再)?(?:让|讓|给|給|俾|畀|接)?\s*(?:的)?(?:再)?(?:下[单單]|落[单單]|订[单單购購]|訂[单單]|接龙|接龍|购买|購買)|(?:blacklist|ban|block)(?: from (?:ordering|buying))?|(?:put|add) (?:on|to|into) (?:the |our )?(?:black|block) ?list|(?:do not|don'?t|never|stop)(?: let| allow| letting| allowing)?(?: from| to)? ?(?:place|placing|take|taking|accept|accepting)?(?: any)?(?: more)? ?(?:order|orders|ordering)(?: from)?(?: any ?more| again)?|no more orders(?: from)?)";

/// That somebody may order again, without who.
const UNBLOCK: &str = r"(?:解除\s*(?:对|對)?\s*(?:拉黑|黑名[单單]|屏蔽|封锁|封鎖|封禁|限制)?|取消\s*(?:拉黑|黑名[单單]|屏蔽|封锁|封鎖|封禁)|解封|解禁|(?:移出|移除|拿出|拉出|放出|删出|剔出|踢出)\s*(?:黑名[单單])|(?:从|從)?\s*黑名[单單](?:里|裡|中)?(?:移出|移除|放出|拿出|拉出|去掉|删掉|刪掉|删除|刪除)(?:来|來|去)?|(?:恢复|恢復|允许|允許|准许|准許|重新允许)\s*(?:再)?(?:下[单單]|落[单單])|(?:unblock|unban|un-?blacklist)|(?:remove|take) (?:from|off) (?:the |our )?(?:black|block) ?list|lift the (?:block|ban)(?: on| for| from)?|(?:let|allow) (?:to )?order again|allow to order)";

/// The same where nobody is named, in words that are no talk to everybody: 别下单了 is.
const BARE_BLOCK: &str =
    r"(?:拉黑|(?:拉|加|放|列)(?:入|进|進|到)黑名[单單]|屏蔽|封锁|封鎖|封禁|block|ban)";
const BARE_UNBLOCK: &str = r"(?:解除(?:拉黑|黑名[单單]|屏蔽|封锁|封鎖)?|取消(?:拉黑|黑名[单單]|屏蔽)|解封|移出黑名[单單]|unblock|unban)";

/// Words behind an act that add nothing.
const END: &str = r"(?:了|吧|掉|啦|喇|先|now|already)*";

/// Whoever wrote the message that this one replies to.
const THIS_ONE: &str = r"(?:他|她|佢|ta|这个人|這個人|这人|這人|呢個人|him|her|them|this (?:guy|person|one|member|user|buyer))";

static BLOCKS: LazyLock<Option<Regex>> = LazyLock::new(|| whole(BLOCK));
static UNBLOCKS: LazyLock<Option<Regex>> = LazyLock::new(|| whole(UNBLOCK));
static BARE_BLOCKS: LazyLock<Option<Regex>> = LazyLock::new(|| whole(BARE_BLOCK));
static BARE_UNBLOCKS: LazyLock<Option<Regex>> = LazyLock::new(|| whole(BARE_UNBLOCK));

/// Said of whoever is replied to, or of somebody in plain words; what can be nothing else is answered where nobody is
/// called so.
static NAMED: LazyLock<Vec<NamedForm>> = LazyLock::new(|| {
    let forms: [(bool, bool, &str); 12] = [
        (
            false,
            true,
            r"(?:解除|取消)(?:对|對)?\s*{who}\s*(?:的)?(?:拉黑|黑名[单單]|屏蔽|封锁|封鎖)",
        ),
        (false, false, r"(?:解除(?:拉黑|屏蔽|封锁|封鎖)?|取消拉黑|解封|unblock|unban)\s*{who}"),
        (
            false,
            true,
            r"(?:把|将|將)?\s*{who}\s*(?:(?:从|從)?黑名[单單](?:里|裡|中)?(?:移出|移除|放出|拿出|拉出|去掉|删掉|刪掉)(?:来|來|去)?|(?:移出|移除|放出|拿出|拉出)黑名[单單])",
        ),
        (
            false,
            true,
            r"(?:let|allow)\s+{who}\s+(?:to )?order again|(?:remove|take)\s+{who2}\s+(?:from|off) the (?:black|block) ?list",
        ),
        (
            true,
            true,
            r"(?:把|将|將)\s*{who}\s*(?:拉黑|(?:拉|加|放|关|列)(?:入|进|進|到|去)?黑名[单單](?:里|裡)?|屏蔽|封(?:锁|鎖|禁|号|號|掉|了))",
        ),
        (true, false, r"(?:拉黑|屏蔽|封禁|封锁|封鎖)\s*{who}"),
        (true, false, r"{who}\s*(?:拉黑)"),
        (
            true,
            false,
            r"(?:别|別|不要|不准|不许|不許|不让|不讓|唔好|唔准)(?:再)?(?:让|讓|给|給|俾|畀)?\s*{who}\s*(?:再)?(?:下[单單]|落[单單])",
        ),
        (true, false, r"禁止\s*{who}\s*(?:再)?(?:下[单單]|落[单單])"),
        (true, false, r"(?:block|ban|blacklist)\s+{who}(?:\s+from ordering)?"),
        (
            true,
            true,
            r"(?:do not|don'?t) (?:let|allow)\s+{who}\s+(?:to )?(?:place |make )?(?:any )?(?:more )?orders?(?: any ?more| again)?",
        ),
        (true, true, r"(?:put|add)\s+{who}\s+(?:on|to) the (?:black|block) ?list"),
    ];
    let form = |&(block, plain, text): &(bool, bool, &str)| {
        let text =
            text.replace("{who}", "(?P<who>.{1,24}?)").replace("{who2}", "(?P<other>.{1,24}?)");
        whole(&text).map(|said| NamedForm { said, block, plain })
    };
    forms.iter().filter_map(form).collect()
});

/// A form in which somebody is named in plain words.
struct NamedForm {
    said: Regex,
    block: bool,
    /// It can be nothing but a command.
    plain: bool,
}

static REPLIED: LazyLock<Option<Regex>> = LazyLock::new(|| whole(THIS_ONE));

/// All of a text, with what adds nothing.
fn whole(text: &str) -> Option<Regex> {
    pattern(&format!(r"(?i)^(?:{text})\s*{END}$"))
}

fn is(form: Option<&Regex>, text: &str) -> bool {
    form.is_some_and(|it| it.is_match(text))
}

/// Whether an act stands there: block, or not any more.
fn act(text: &str) -> Option<bool> {
    if is(UNBLOCKS.as_ref(), text) {
        return Some(false);
    }
    is(BLOCKS.as_ref(), text).then_some(true)
}

/// A leader's word about who may order.
pub(super) fn told(text: &str, _lexicon: &Lexicon) -> Option<LeaderIntent> {
    if text.len() > LONGEST || text.contains('\n') || !HINTS.is_in(text) {
        return None;
    }
    let text: String = text.nfkc().collect();
    let text = trimmed(text.trim());
    match whose(text) {
        Found::One(Whose::Of(person), rest) => Some(block(act(&joined(&rest))?, Some(person))),
        Found::One(Whose::Numbered(_), _) => None,
        // 拉黑 @小美 @老王: one at a time, so that each is told.
        Found::Several => {
            let without: String = text.split_whitespace().filter(|word| !is_called(word)).collect();
            act(&without).map(half)
        }
        Found::Nobody if is(BARE_BLOCKS.as_ref(), text) => Some(block(true, None)),
        Found::Nobody if is(BARE_UNBLOCKS.as_ref(), text) => Some(block(false, None)),
        Found::Nobody => named(text),
    }
}

/// What is left of a sentence, its words apart by one blank.
fn joined(rest: &str) -> String {
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_called(word: &str) -> bool {
    word.starts_with('@') || word.chars().all(crate::domain::message::is_mark)
}

fn named(text: &str) -> Option<LeaderIntent> {
    NAMED.iter().find_map(|form| {
        let found = form.said.captures(text)?;
        let who = found.name("who").or_else(|| found.name("other"))?.as_str().trim();
        if is(REPLIED.as_ref(), who) {
            return Some(block(form.block, None));
        }
        let person = args::person(who).filter(|_| !is_nobody(who) && !is_building(who))?;
        let act = Box::new(block(form.block, Some(person)));
        Some(LeaderIntent::ByName { act, plain: form.plain })
    })
}

/// Block 12, block 5A.
fn is_building(who: &str) -> bool {
    who.starts_with(|c: char| c.is_ascii_digit())
}

fn block(block: bool, who: Option<crate::domain::person::Person>) -> LeaderIntent {
    LeaderIntent::People(Lead::Block { who, block })
}

fn half(block: bool) -> LeaderIntent {
    LeaderIntent::HalfSaid(CommandId::of(Lead::Block { who: None, block }.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    fn read(text: &str) -> Option<String> {
        let (lead, sure) = match told(text, &fixture::lexicon("fruit"))? {
            LeaderIntent::ByName { act, plain } => (*act, if plain { "!" } else { "?" }),
            LeaderIntent::HalfSaid(command) => return Some(command.as_str().to_owned()),
            lead => (lead, ""),
        };
        let LeaderIntent::People(Lead::Block { who, block }) = lead else { return None };
        let who = who.map_or_else(|| "it".to_owned(), |who| who.name().to_owned());
        Some(format!("{}{who}{sure}", if block { "-" } else { "+" }))
    }

    #[test]
    fn somebody_is_blocked_in_everyday_words() {
        for (text, meant) in [
            ("拉黑 @小美", "-小美"),
            ("拉黑@小美", "-小美"),
            ("把 @小美 拉黑", "-小美"),
            ("把@小美 拉黑吧", "-小美"),
            ("@小美 拉黑", "-小美"),
            ("@小美 加入黑名单", "-小美"),
            ("把 @小美 拉进黑名单", "-小美"),
            ("将 @小美 加入黑名單", "-小美"),
            ("屏蔽 @小美", "-小美"),
            ("封鎖 @小美", "-小美"),
            ("别让 @小美 下单", "-小美"),
            ("別讓 @小美 再下單了", "-小美"),
            ("唔好俾 @小美 落單", "-小美"),
            ("禁止 @小美 下单", "-小美"),
            ("不接 @小美 的订单了", "-小美"),
            ("block @Amy", "-Amy"),
            ("please block @Amy", "-Amy"),
            ("ban @Amy", "-Amy"),
            ("ban @Amy from ordering", "-Amy"),
            ("blacklist @Amy", "-Amy"),
            ("put @Amy on the blacklist", "-Amy"),
            ("add @Amy to the block list", "-Amy"),
            ("don't let @Amy order any more", "-Amy"),
            ("no more orders from @Amy", "-Amy"),
            ("stop @Amy from ordering", "-Amy"),
            ("拉黑", "-it"),
            ("拉黑他", "-it"),
            ("把她拉黑", "-it"),
            ("别让他下单了", "-it"),
            ("block him", "-it"),
            ("ban this guy", "-it"),
            ("block", "-it"),
            ("拉黑小美", "-小美?"),
            ("把小美拉黑", "-小美!"),
            ("block Amy", "-Amy?"),
            ("don't let Mary Ann order again", "-Mary Ann!"),
            ("拉黑 @小美 @老王", "people.block"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn somebody_may_order_again() {
        for (text, meant) in [
            ("解除 @小美", "+小美"),
            ("解除拉黑 @小美", "+小美"),
            ("解除 @小美 的拉黑", "+小美"),
            ("取消拉黑 @小美", "+小美"),
            ("@小美 解除黑名单", "+小美"),
            ("把 @小美 移出黑名单", "+小美"),
            ("把 @小美 从黑名单里放出来", "+小美"),
            ("解封 @小美", "+小美"),
            ("恢复 @小美 下单", "+小美"),
            ("允許 @小美 落單", "+小美"),
            ("unblock @Amy", "+Amy"),
            ("unban @Amy", "+Amy"),
            ("remove @Amy from the blacklist", "+Amy"),
            ("take @Amy off the block list", "+Amy"),
            ("let @Amy order again", "+Amy"),
            ("lift the ban on @Amy", "+Amy"),
            ("解除", "+it"),
            ("解除拉黑", "+it"),
            ("unblock her", "+it"),
            ("解除小美", "+小美?"),
            ("解除小美的拉黑", "+小美!"),
            ("解除对 @小美 的屏蔽", "+小美"),
            ("allow @Amy to order", "+Amy"),
            ("把小美移出黑名单", "+小美!"),
            ("let Amy order again", "+Amy!"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn talk_of_blocks_and_orders_blocks_nobody() {
        for text in [
            "Block 12",
            "block 5A lobby at 8",
            "block 12 orders are here",
            "@小美 下单了吗",
            "@小美 你下单了没",
            "大家快下单",
            "@Amy order more",
            "@Amy please order by 8",
            "别忘了下单",
            "别下单了",
            "不要下单",
            "stop ordering",
            "don't order any more",
            "封了",
            "不要下单太多",
            "黑名单",
            "blacklist",
            "A1 封箱了",
            "解除限购 A1",
            "拉黑了谁",
            "谁被拉黑了",
            "banana 2 boxes",
            "#12 不要了",
            "把葡萄下单",
            "@小美 把我拉黑了吗",
        ] {
            let read = read(text);
            let is_talk = read.as_deref().is_none_or(|it| it.ends_with('?'));
            assert!(is_talk, "{text}: {read:?}");
        }
    }
}
