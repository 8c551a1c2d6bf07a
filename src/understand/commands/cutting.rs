//! What a leader says of money that is not asked: #84 便宜5块, #84 A1 便宜5块, take $5 off #84; and of another price for
//! everybody who has not paid: A1 按25.9算, charge A1 at 25.90.
//!
//! ```text
//! cut   := whose goods? (便宜 | 少收 | 减 | less) amount | whose amount (off | discount)
//! price := whose? goods (按 | at) amount 算?
//! ```
//!
//! Where the words are said of units, too (减, less), the amount has to say that it is money.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::super::amount;
use super::super::args;
use super::super::lexicon::Lexicon;
use super::said::offer_of;
use super::serving::{Found, trimmed, whose};
use crate::domain::intent::LeaderIntent;
use crate::domain::money::Money;
use crate::domain::orders::{Lead, OrderedItem, Whose};
use crate::domain::pricing::Lowered;

/// Longer messages tell more than a cut.
const LONGEST: usize = 120;

/// A form of words: `g` are the goods, `a` is the amount.
struct CutForm {
    said: Regex,
    /// The amount has to say that it is money.
    needs_mark: bool,
}

fn forms(patterns: &[(bool, &str)]) -> Vec<CutForm> {
    let form = |(needs_mark, text): &(bool, &str)| {
        let said = Regex::new(&format!("(?i)^(?:{text})$")).ok()?;
        Some(CutForm { said, needs_mark: *needs_mark })
    };
    patterns.iter().filter_map(form).collect()
}

static OFF: LazyLock<Vec<CutForm>> = LazyLock::new(|| {
    forms(&[
        (
            false,
            r"(?:give)?(?P<g>.*?)\s*(?:再|就|可以|先)?(?:便宜|优惠|優惠|少收|少付|少给|少給|减免|減免|减收|減收|让利|讓利|抹掉|抹去|抹零|抹|平)\s*(?:他|她|佢|TA|掉|个|個)?\s*(?P<a>.+?)",
        ),
        (
            true,
            r"(?P<g>.*?)\s*(?:减|減|扣|免|让|讓|少|\bless\b|\bminus\b|\breduce\b(?: by)?|-)\s*(?:他|她|佢|掉|个|個)?\s*(?P<a>.+?)",
        ),
        (false, r"(?:give\s)?\s*(?P<g>.*?)\s*\bdiscount\b(?:\s(?:by|of))?\s*(?P<a>\S+)"),
        (false, r"(?:take|knock|cut|give)?\s*(?P<a>\S+)\s+off\s+(?P<g>.+)"),
        (true, r"(?:take|knock|cut|give)\s+(?P<g>)(?P<a>\S+)(?:\s+off)?"),
        (
            true,
            r"(?:give\s+)?(?P<g>.*?)\s*(?P<a>\S+)\s*(?:\boff\b|\bdiscount\b|\bcheaper\b|折扣|的优惠)",
        ),
    ])
});

static PRICE: LazyLock<Vec<CutForm>> = LazyLock::new(|| {
    forms(&[
        (
            false,
            r"(?:把|将|將)?\s*(?P<g>.+?)\s*(?:都|全部|全|一律|统一|統一|大家|所有人|就|改)*\s*(?:按|照|以)\s*(?P<a>.+?)\s*(?:来|來)?(?:算钱|算錢|算|收钱|收|计价|計價|计算|计|計|结算|結算|收费|收費)",
        ),
        (
            false,
            r"(?:把|将|將)?\s*(?P<g>.+?)\s*(?:都|全部|全|一律|统一|統一|大家|就)*\s*(?:只收|只要|算)\s*(?P<a>.+?)(?:一?(?:个|個|份))?",
        ),
        (
            false,
            r"(?:charge|bill|count)\s+(?P<g>.+?)\s+(?:at|as|only)\s+(?P<a>\S+?)(?:\s+(?:for\s+)?(?:all|everyone|everybody|each))?",
        ),
        (false, r"(?:charge|bill)\s+(?:all|everyone|everybody)\s+(?P<a>\S+)\s+for\s+(?P<g>.+)"),
        (
            false,
            r"(?P<g>.+?)\s+(?:at|charge|charged at|for)\s+(?P<a>\S+)\s+(?:for\s+)?(?:all|everyone|everybody)",
        ),
    ])
});

/// The same of one order, whose words need less.
static OWN_PRICE: LazyLock<Vec<CutForm>> = LazyLock::new(|| {
    forms(&[
        (false, r"(?:charge|bill|count)?\s*(?P<g>.+?)\s+(?:at|charge)\s+(?P<a>\S+)"),
        (false, r"(?:charge|bill)\s+(?P<a>\S+)\s+for\s+(?P<g>.+)"),
    ])
});

/// 给老王便宜5块, 给老王的A1便宜5块.
static FOR_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:给|給|帮|幫)(?P<who>.{1,16}?)(?:的(?P<g>.{1,20}?))?\s*(?:便宜|优惠|優惠|少收|减免|減免)\s*(?P<a>.+)$").ok()
});

/// What makes it a story, a question or a wish.
const TALK: &[&str] = &[
    "吗",
    "嗎",
    "么",
    "呢",
    "能不能",
    "可不可以",
    "便宜了",
    "优惠了",
    "少收了",
    "?",
    "？",
    "要是",
    "如果",
    " if ",
    "can i",
    "could",
];

/// A leader's word about money that is not asked.
pub(super) fn told(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    if text.len() > LONGEST || text.contains('\n') {
        return None;
    }
    let text: String = text.nfkc().collect();
    let lower = text.to_lowercase();
    if TALK.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let text = trimmed(&text);
    match whose(text) {
        Found::One(whose, rest) => {
            let (item, by) = off(&rest, lexicon)
                .or_else(|| alone(text, &rest, lexicon))
                .or_else(|| each(&PRICE, &rest, lexicon))
                .or_else(|| each(&OWN_PRICE, &rest, lexicon))?;
            Some(LeaderIntent::Orders(Lead::Cut { whose, item, by }))
        }
        Found::Nobody => by_name(text, lexicon).or_else(|| everybody(text, lexicon)),
        Found::Several => None,
    }
}

type Wanted = (Option<OrderedItem>, Lowered);

fn off(rest: &str, lexicon: &Lexicon) -> Option<Wanted> {
    OFF.iter().find_map(|form| {
        let found = form.said.captures(rest)?;
        let item = item(found.name("g").map_or("", |it| it.as_str()), lexicon)?;
        Some((item, Lowered::Off(money(&found["a"], form.needs_mark, lexicon)?)))
    })
}

/// $5 off #84: without its number nothing but the amount is left.
fn alone(text: &str, rest: &str, lexicon: &Lexicon) -> Option<Wanted> {
    let says_so = text.to_lowercase().contains(" off ");
    let amount = money(rest, true, lexicon).filter(|_| says_so)?;
    Some((None, Lowered::Off(amount)))
}

fn each(forms: &[CutForm], rest: &str, lexicon: &Lexicon) -> Option<Wanted> {
    forms.iter().find_map(|form| {
        let found = form.said.captures(rest)?;
        let item = item(&found["g"], lexicon)??;
        Some((Some(item), Lowered::Each(money(&found["a"], form.needs_mark, lexicon)?)))
    })
}

fn everybody(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let (item, by) = each(&PRICE, text, lexicon)?;
    let (Some(item), Lowered::Each(price)) = (item, by) else { return None };
    Some(LeaderIntent::Orders(Lead::CutOffer { item, price, agreed: None }))
}

/// The same of somebody who is named in plain words: done where exactly one is called so.
fn by_name(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let found = FOR_NAME.as_ref()?.captures(text)?;
    let item = item(found.name("g").map_or("", |it| it.as_str()), lexicon)?;
    let by = Lowered::Off(money(&found["a"], false, lexicon)?);
    let who = found["who"].trim();
    if offer_of(who, lexicon).is_some() || super::serving::is_nobody(who) {
        return None;
    }
    let whose = Whose::Of(args::person(who)?);
    let act = Box::new(LeaderIntent::Orders(Lead::Cut { whose, item, by }));
    Some(LeaderIntent::ByName { act, plain: false })
}

/// The goods named: nothing where no words stand there, and no reading where the words are no goods.
#[expect(clippy::option_option, reason = "no goods, and goods that cannot be read, are two things")]
fn item(words: &str, lexicon: &Lexicon) -> Option<Option<OrderedItem>> {
    let words = trimmed(words.trim_end_matches(['的', '嘅']));
    if words.is_empty() {
        return Some(None);
    }
    let (offer, variant) = offer_of(words, lexicon)?;
    Some(Some(OrderedItem { offer, variant }))
}

fn money(words: &str, needs_mark: bool, lexicon: &Lexicon) -> Option<Money> {
    let read = amount::price(trimmed(words), lexicon.currency()).ok()?;
    let is_money = read.is_marked || !needs_mark;
    (is_money && read.money > Money::ZERO).then_some(read.money)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrderId;
    use crate::understand::fixture;

    /// Whose, what of it, and by how much (`-`) or to what (`=`).
    fn read(text: &str) -> Option<String> {
        let lexicon = fixture::lexicon("fruit");
        let named = |item: OrderedItem| {
            let words = lexicon.offers().iter().find(|it| it.id == item.offer);
            words.map(|it| it.code.clone()).unwrap_or_default()
        };
        let (lead, sure) = match told(text, &lexicon)? {
            LeaderIntent::ByName { act, .. } => (*act, "?"),
            lead => (lead, ""),
        };
        match lead {
            LeaderIntent::Orders(Lead::Cut { whose, item, by }) => {
                let whose = match whose {
                    Whose::Numbered(OrderId(id)) => format!("#{id}"),
                    Whose::Of(person) => format!("{}{sure}", person.name()),
                };
                let item = item.map(|it| format!(" {}", named(it))).unwrap_or_default();
                Some(match by {
                    Lowered::Off(amount) => format!("{whose}{item} -{}", amount.minor),
                    Lowered::Each(price) => format!("{whose}{item} ={}", price.minor),
                })
            }
            LeaderIntent::Orders(Lead::CutOffer { item, price, .. }) => {
                Some(format!("all {} ={}", named(item), price.minor))
            }
            _ => None,
        }
    }

    #[test]
    fn an_order_costs_so_much_less() {
        for (text, meant) in [
            ("#84 便宜5块", "#84 -500"),
            ("#84便宜5块", "#84 -500"),
            ("＃８４ 便宜５块", "#84 -500"),
            ("#84 便宜五块", "#84 -500"),
            ("#84 便宜 5", "#84 -500"),
            ("#84 便宜5.5元", "#84 -550"),
            ("#84便宜五块钱吧", "#84 -500"),
            ("#84 平5蚊", "#84 -500"),
            ("#84 优惠5元", "#84 -500"),
            ("#84 優惠5元", "#84 -500"),
            ("#84 少收5元", "#84 -500"),
            ("#84 少收他5块", "#84 -500"),
            ("#84 减5块", "#84 -500"),
            ("#84 減¥5", "#84 -500"),
            ("#84 减免5元", "#84 -500"),
            ("#84 扣5块", "#84 -500"),
            ("#84 让利3块", "#84 -300"),
            ("#84 抹掉0.8", "#84 -80"),
            ("给#84便宜5块", "#84 -500"),
            ("便宜5块 #84", "#84 -500"),
            ("麻烦给#84少收5块", "#84 -500"),
            ("take ¥5 off #84", "#84 -500"),
            ("¥5 off #84", "#84 -500"),
            ("#84 ¥5 off", "#84 -500"),
            ("#84 less ¥5", "#84 -500"),
            ("give #84 ¥5 off", "#84 -500"),
            ("give #84 ¥5 discount", "#84 -500"),
            ("discount #84 by ¥5", "#84 -500"),
            ("#84 discount 5", "#84 -500"),
            ("knock ¥5 off #84 please", "#84 -500"),
            ("#84 minus ¥5 lah", "#84 -500"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn so_does_what_it_has_of_one_offer_and_what_somebody_has() {
        for (text, meant) in [
            ("#84 A1 便宜5块", "#84 A1 -500"),
            ("#84的A1便宜5块", "#84 A1 -500"),
            ("#84 葡萄便宜5块", "#84 A1 -500"),
            ("#84 A1 减5元", "#84 A1 -500"),
            ("#84 A1 少收5", "#84 A1 -500"),
            ("take ¥5 off A1 for #84", "#84 A1 -500"),
            ("#84 A1 less ¥5", "#84 A1 -500"),
            ("#84 A1按25.9算", "#84 A1 =2590"),
            ("#84 A1 按 25.9 收", "#84 A1 =2590"),
            ("#84 A1 算25.9", "#84 A1 =2590"),
            ("#84 charge A1 at 25.90", "#84 A1 =2590"),
            ("#84 A1 at 25.90", "#84 A1 =2590"),
            ("@老王 便宜5块", "老王 -500"),
            ("给 @老王 便宜5块", "老王 -500"),
            ("@老王 的A1便宜5块", "老王 A1 -500"),
            ("take ¥5 off for @Grace", "Grace -500"),
            ("给老王便宜5块", "老王? -500"),
            ("给老王的A1便宜5块", "老王? A1 -500"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn another_price_is_for_everybody() {
        for (text, meant) in [
            ("A1按25.9算", "all A1 =2590"),
            ("A1 按25.9算", "all A1 =2590"),
            ("葡萄按25.9算", "all A1 =2590"),
            ("阳光玫瑰按25.9元算", "all A1 =2590"),
            ("葡萄都按25.9算", "all A1 =2590"),
            ("A1一律按25.9收", "all A1 =2590"),
            ("A1统一按 25.9 计", "all A1 =2590"),
            ("葡萄大家都按25.9算吧", "all A1 =2590"),
            ("把葡萄按25块9算", "all A1 =2590"),
            ("葡萄就按25.9一箱算", "all A1 =2590"),
            ("A1全部按25.9結算", "all A1 =2590"),
            ("A1照25.9算", "all A1 =2590"),
            ("A1算25.9", "all A1 =2590"),
            ("葡萄算25.9元", "all A1 =2590"),
            ("A1只收25.9", "all A1 =2590"),
            ("charge A1 at 25.90", "all A1 =2590"),
            ("charge A1 at ¥25.90 for everyone", "all A1 =2590"),
            ("charge everyone 25.90 for A1", "all A1 =2590"),
            ("bill A1 at 25.9", "all A1 =2590"),
            ("count A1 as 25.9", "all A1 =2590"),
            ("A1 at 25.90 for everyone", "all A1 =2590"),
            ("A1 charge 25.9 for all can", "all A1 =2590"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn talk_costs_nobody_anything() {
        for text in [
            "今天便宜5块",
            "葡萄便宜5块",
            "葡萄便宜了5块",
            "#84 便宜了5块",
            "#84 能便宜5块吗",
            "#84 便宜点",
            "#84 便宜",
            "#84 A1减1箱",
            "#84 A1 -1",
            "#84 少1箱",
            "#84 减1",
            "#84 off",
            "#84 和 #85 便宜5块",
            "A1按箱算",
            "A1按斤算",
            "A1按25.9算吗",
            "葡萄算我的",
            "A1算3箱",
            "A1算了",
            "运费按8块算",
            "按25.9算",
            "大家按时取货",
            "A1 at the door",
            "charge my phone at 5",
            "take 5",
            "5 off",
            "day off for everyone",
            "#84 收到25.9",
            "老王便宜5块卖我",
            "给大家便宜5块",
            "A1便宜5块",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
