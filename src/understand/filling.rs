//! Filling in (代填): what a leader says in words of their own, as the command is written: 小美的三十九块九到了 is
//! 收到 @小美 三十九块九.
//!
//! The judge names the command, the pieces of the sentence go into its places, and the strict grammar reads what comes of
//! it as if it had been typed. What is only shown is shown. For all else the leader reads the command as it would be
//! written, and says yes.

use std::sync::LazyLock;

use regex::Regex;

use super::clause::ReadableMessage;
use super::goods::Amount;
use super::items::{self, AmountSide, JoinWay};
use super::normalize::is_han;
use super::numerals::ONE;
use super::patterns::pattern;
use super::purposes::Purpose;
use super::spans::{Span, SpanKind};
use super::vocabulary::Cue;
use super::{Scene, rules, units};
use crate::domain::intent::{Intent, LeaderIntent};
use crate::domain::message::is_mark;

/// A command as it is written, in three ways of writing; of several forms between bars the first whose places can all be
/// filled counts.
struct CommandForms {
    purpose: &'static str,
    /// In simplified and in traditional Chinese.
    simplified: &'static str,
    traditional: &'static str,
    english: &'static str,
}

const fn forms(
    purpose: &'static str,
    simplified: &'static str,
    traditional: &'static str,
    english: &'static str,
) -> CommandForms {
    CommandForms { purpose, simplified, traditional, english }
}

/// What can be filled in. Places stand in braces; `{x?}` is filled where the sentence has one.
const FORMS: &[CommandForms] = &[
    forms(
        "payments.paid",
        "收到 {orders} {money?} | 收到 {who} {money?} | 收到 {all}",
        "收到 {orders} {money?} | 收到 {who} {money?} | 收到 {all}",
        "paid {orders} {money?} | paid {who} {money?} | paid {all}",
    ),
    forms(
        "payments.deny",
        "没收到 {orders} | 没收到 {who}",
        "沒收到 {orders} | 沒收到 {who}",
        "not received {orders} | not received {who}",
    ),
    forms("payments.unpaid", "未付", "未付", "unpaid"),
    forms("payments.remind", "催 {who} | 催款", "催 {who} | 催款", "chase {who} | chase unpaid"),
    forms(
        "shipping.shipped",
        "发货 {orders} | 发货 {who}",
        "發貨 {orders} | 發貨 {who}",
        "ship {orders} | ship {who}",
    ),
    forms("shipping.arrived", "{goods}到货", "{goods}到貨", "{goods} arrived"),
    forms(
        "shipping.collected",
        "核销 {orders} | {who}取了",
        "核銷 {orders} | {who}取了",
        "collected {orders} | {who} collected",
    ),
    forms("shipping.not_collected", "{goods}未取 | 未取", "{goods}未取 | 未取", "uncollected"),
    forms("shipping.expected", "{goods} {time}到", "{goods} {time}到", "{goods} arrive {time}"),
    forms("shipping.delivered_to", "送到了 {place}", "送到了 {place}", "delivered to {place}"),
    forms("shipping.round", "送货单", "送貨單", "delivery list"),
    forms("catalog.price", "改价 {offer} {money}", "改價 {offer} {money}", "price {offer} {money}"),
    forms(
        "catalog.stock",
        "库存 {offer} {more}{number}",
        "庫存 {offer} {more}{number}",
        "stock {offer} {more}{number}",
    ),
    forms("catalog.close", "截单 {goods}", "截單 {goods}", "close {goods}"),
    forms("catalog.reopen", "恢复 {goods}", "恢復 {goods}", "reopen {goods}"),
    forms(
        "catalog.extend",
        "延长 {goods} 到 {time} | 延长到 {time}",
        "延長 {goods} 到 {time} | 延長到 {time}",
        "extend {goods} to {time} | extend closing to {time}",
    ),
    forms("orders.for_member", "补单 {who} {lines}", "補單 {who} {lines}", "add for {who} {lines}"),
    forms(
        "orders.change_for",
        "{order} {offer}改成{count} | {who} {offer}改成{count}",
        "{order} {offer}改成{count} | {who} {offer}改成{count}",
        "change {order} {offer} to {count} | change {who} {offer} to {count}",
    ),
    forms(
        "orders.cancel_for",
        "取消 {orders} {goods?} | 取消 {who} {goods?}",
        "取消 {orders} {goods?} | 取消 {who} {goods?}",
        "cancel {orders} {goods?} | cancel {who} {goods?}",
    ),
    forms(
        "orders.discount",
        "{order} {offer?} 便宜{money} | {who} {offer?} 便宜{money}",
        "{order} {offer?} 便宜{money} | {who} {offer?} 便宜{money}",
        "take {money} off {order} {offer?} | take {money} off for {who} {offer?}",
    ),
    forms(
        "orders.short",
        "{offer}{lack}",
        "{offer}{lack}",
        "{offer} is {lack} | {lack} of {offer} came",
    ),
    forms("orders.refund_all", "{offer} 全部退款", "{offer} 全部退款", "refund all {offer}"),
    forms("reports.pick_list", "汇总", "匯總", "pick list"),
    forms("reports.today", "今日数据", "今日數據", "today's numbers"),
    forms("reports.who_ordered", "谁订了{offer}", "誰訂了{offer}", "who ordered {offer}"),
    forms("reports.of_member", "{who}的订单", "{who}的訂單", "{who}'s orders"),
    forms("people.block", "拉黑 {who}", "拉黑 {who}", "block {who}"),
    forms("people.unblock", "解除 {who}", "解除 {who}", "unblock {who}"),
    forms("loyalty.approve", "通过晒单 {who}", "通過曬單 {who}", "approve share {who}"),
    forms("people.leader", "设团长 {who}", "設團長 {who}", "add leader {who}"),
    forms(
        "loyalty.give",
        "送 {who} {number}积分",
        "送 {who} {number}積分",
        "give {who} {number} points",
    ),
];

/// What a sentence of this purpose says, as the command that is written so.
pub(super) fn filled(
    purpose: Purpose,
    heard: &ReadableMessage<'_, '_>,
    spans: &[Span],
    scene: &Scene<'_>,
) -> Option<LeaderIntent> {
    let row = FORMS.iter().find(|row| row.purpose == purpose.name())?;
    let pieces = SentencePieces { heard, spans };
    let forms = match pieces.script() {
        Script::Simplified => row.simplified,
        Script::Traditional => row.traditional,
        Script::Latin => row.english,
    };
    forms.split('|').find_map(|form| {
        let said = pieces.fill(form.trim())?;
        let scene = Scene { question: None, mine: &[], lately: &[], ..*scene };
        match rules(&said, &scene).intent {
            Intent::Lead(LeaderIntent::HalfSaid(_) | LeaderIntent::Unread(_)) => None,
            Intent::Lead(act) => Some(act.asked_first(|| said)),
            _ => None,
        }
    })
}

/// How a message is written.
#[derive(Clone, Copy)]
enum Script {
    Simplified,
    Traditional,
    Latin,
}

/// A message from which the places of a command are filled.
struct SentencePieces<'m, 'a, 't> {
    heard: &'m ReadableMessage<'a, 't>,
    spans: &'m [Span],
}

/// Numbers of orders.
static ORDERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"#\s*(\d{1,9})|(?:订单|单号|\border|\bno\.?)\s*(\d{1,9})|(\d{1,9})\s*(?:号|那|这|嗰)?张?(?:订单|单)",
    )
});

/// What means everybody: 都 alone says too much else.
static EVERYBODY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"全部|所有|大家|每个|人人|全都|都(?:已经|已)?[付给转交收到汇打齐清]|\b(?:all|everyone|everybody)\b",
    )
});

/// What says that some are lacking, rather than how many came.
static LACKING: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"[少欠差缺争短]|short|missing|fewer|less|lack"));

impl SentencePieces<'_, '_, '_> {
    fn script(&self) -> Script {
        let source = self.heard.text.source;
        if !source.chars().any(is_han) {
            return Script::Latin;
        }
        let folded = self.heard.text.line();
        let is_other = |c: char| is_han(c) && !folded.contains(c);
        if source.chars().any(is_other) { Script::Traditional } else { Script::Simplified }
    }

    /// A form with its places filled; `None` where one of them cannot be.
    fn fill(&self, form: &str) -> Option<String> {
        let mut said = String::new();
        let mut rest = form;
        while let Some((before, place)) = rest.split_once('{') {
            let (place, behind) = place.split_once('}')?;
            said.push_str(before);
            let piece = match place.trim_end_matches('?') {
                "money" => self.money(form.contains("{order")),
                place => self.piece(place),
            };
            match (place.strip_suffix('?'), piece) {
                (_, Some(piece)) => said.push_str(&piece),
                (Some(_), None) => {}
                (None, None) => return None,
            }
            rest = behind;
        }
        said.push_str(rest);
        Some(said.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn piece(&self, place: &str) -> Option<String> {
        match place {
            "who" => joined(&self.people()),
            "orders" => joined(&self.orders()),
            "order" => only(self.orders()),
            "goods" => joined(&self.goods()),
            "offer" => only(self.goods()),
            "lines" => self.lines(),
            "count" => self.count(),
            "number" => self.number(),
            "more" => Some(self.sign().to_owned()),
            "lack" => self.lack(),
            "time" => self.time(),
            "place" => only(self.written(|what| matches!(what, SpanKind::Place))),
            "all" => self.means_all().then(|| match self.script() {
                Script::Latin => "all".to_owned(),
                _ => "全部".to_owned(),
            }),
            _ => None,
        }
    }

    fn written(&self, is_meant: impl Fn(&SpanKind) -> bool) -> Vec<String> {
        let meant = self.spans.iter().filter(|span| is_meant(&span.what));
        meant.map(|span| self.heard.text.written(span.from, span.to).trim().to_owned()).collect()
    }

    fn says(&self, cue: Cue) -> bool {
        self.spans.iter().any(|span| matches!(&span.what, SpanKind::Cue(it) if *it == cue))
    }

    fn means_all(&self) -> bool {
        EVERYBODY.as_ref().is_some_and(|all| all.is_match(self.heard.text.line()))
    }

    /// Whoever is mentioned, each by their mark.
    fn people(&self) -> Vec<String> {
        let mut people: Vec<String> =
            self.heard.text.source.chars().filter(|&c| is_mark(c)).map(String::from).collect();
        people.dedup();
        people
    }

    fn orders(&self) -> Vec<String> {
        let line = self.heard.text.line();
        let Some(pattern) = ORDERS.as_ref() else { return Vec::new() };
        let number = |found: regex::Captures<'_>| {
            found.iter().skip(1).flatten().next().map(|number| format!("#{}", number.as_str()))
        };
        let numbered: Vec<String> = pattern.captures_iter(line).filter_map(number).collect();
        if numbered.is_empty() { self.bare_orders() } else { numbered }
    }

    /// 103 106 都付了: numbers that count nothing, where nobody is named whose money they could be.
    fn bare_orders(&self) -> Vec<String> {
        if !self.people().is_empty() {
            return Vec::new();
        }
        let bare = self.written(|what| {
            matches!(what, SpanKind::Amount(it) if it.amount.measure.is_none() && it.code.is_none())
        });
        let is_number = |said: &String| said.chars().all(|c| c.is_ascii_digit());
        bare.into_iter().filter(is_number).map(|number| format!("#{number}")).collect()
    }

    /// The goods that are named, each once: by their codes, or by their names where a code could be a number.
    fn goods(&self) -> Vec<String> {
        let mut goods = Vec::new();
        for span in self.spans {
            let SpanKind::Named(named) = &span.what else { continue };
            if let ([offer], false) = (named.offers.as_slice(), named.how.is_weak())
                && let Some(code) = self.code(*offer)
                && !goods.contains(&code)
            {
                goods.push(code);
            }
        }
        goods
    }

    fn code(&self, offer: u16) -> Option<String> {
        let words = self.heard.lexicon.offers().get(usize::from(offer))?;
        let is_number = words.code.chars().all(|c| c.is_ascii_digit());
        Some(if is_number { words.name.clone() } else { words.code.clone() })
    }

    /// Goods with their amounts, as they are written.
    fn lines(&self) -> Option<String> {
        let listed = [AmountSide::After, AmountSide::Before].into_iter().map(|order| {
            let way = JoinWay { order, halves: true, sizes: true };
            items::list(self.spans, self.heard.lexicon, way)
        });
        let is_whole = |it: &items::SaidList| {
            !it.items.is_empty() && it.items.iter().all(|item| item.amount_at.is_some())
        };
        let listed = listed.into_iter().find(is_whole)?;
        let lines = listed.items.iter().map(|item| {
            let [offer] = item.offers.as_slice() else { return None };
            let amount = self.spans.get(item.amount_at?)?;
            let variant = match item.variants.as_slice() {
                [] => String::new(),
                [(_, variant)] => self.variant(*offer, *variant)?,
                _ => return None,
            };
            let amount = self.heard.text.written(amount.from, amount.to).trim();
            Some(format!("{} {variant} {amount}", self.code(*offer)?))
        });
        lines.collect::<Option<Vec<_>>>().map(|lines| lines.join(" "))
    }

    fn variant(&self, offer: u16, variant: u16) -> Option<String> {
        let words = self.heard.lexicon.offers().get(usize::from(offer))?;
        words.variants.get(usize::from(variant)).cloned()
    }

    /// Whether stock is added, taken off, or counted.
    fn sign(&self) -> &'static str {
        match () {
            () if self.says(Cue::Less) || self.says(Cue::Drop) => "-",
            () if self.says(Cue::Again) => "+",
            () => "",
        }
    }

    /// So many are lacking, or so many came.
    fn lack(&self) -> Option<String> {
        let count = self.count()?;
        let is_lacking = LACKING.as_ref()?.is_match(self.heard.text.line());
        Some(match (self.script(), is_lacking) {
            (Script::Latin, true) => format!("{count} short"),
            (Script::Latin, false) => format!("only {count}"),
            (Script::Simplified, true) => format!("少发{count}"),
            (Script::Traditional, true) => format!("少發{count}"),
            (_, false) => format!("只到{count}"),
        })
    }

    /// From the first word of a time to the last.
    fn time(&self) -> Option<String> {
        let mut times = self.spans.iter().filter(|span| matches!(span.what, SpanKind::Time));
        let first = times.next()?;
        let last = times.next_back().unwrap_or(first);
        Some(self.heard.text.written(first.from, last.to).trim().to_owned())
    }

    /// An amount of money, or the one number that may be one and is none of the orders that are named beside it.
    fn money(&self, beside_orders: bool) -> Option<String> {
        let prices = self.written(|what| matches!(what, SpanKind::Price));
        if !prices.is_empty() {
            return only(prices);
        }
        let orders = if beside_orders { self.bare_orders() } else { Vec::new() };
        let mut bare = self.written(
            |what| matches!(what, SpanKind::Amount(counted) if counted.amount.measure.is_none()),
        );
        bare.retain(|said| !orders.contains(&format!("#{said}")));
        only(bare)
    }

    /// The one number that counts points, or goods in their own unit.
    fn number(&self) -> Option<String> {
        let counted = self.spans.iter().filter_map(|span| match &span.what {
            SpanKind::Amount(counted) => Some(counted.amount),
            _ => None,
        });
        let counted: Vec<Amount> = counted.collect();
        let [amount] = counted.as_slice() else { return None };
        let own = |offer: &u16| self.heard.lexicon.compiled(*offer).map(|it| &it.units);
        let offers = self.spans.iter().filter_map(|span| match &span.what {
            SpanKind::Named(named) => named.offers.first(),
            _ => None,
        });
        let fits = |offer: &u16| {
            own(offer).is_some_and(|it| units::factor(it, amount.measure) == Some((1, 1)))
        };
        let is_whole = amount.milli > 0 && amount.milli % ONE == 0 && !amount.vague;
        let is_own = offers.into_iter().all(fits);
        (is_whole && is_own).then(|| (amount.milli / ONE).to_string())
    }

    /// The one number that counts something.
    fn count(&self) -> Option<String> {
        only(self.written(|what| matches!(what, SpanKind::Amount(_))))
    }
}

fn joined(pieces: &[String]) -> Option<String> {
    (!pieces.is_empty()).then(|| pieces.join(" "))
}

/// The only one there is.
fn only(pieces: Vec<String>) -> Option<String> {
    match <[String; 1]>::try_from(pieces) {
        Ok([piece]) => Some(piece),
        Err(_) => None,
    }
}
