//! Filling in (代填): what a leader says in words of their own, as the command is written: 小美的三十九块九到了 is
//! 收到 @小美 三十九块九.
//!
//! The judge names the command, the pieces of the sentence go into its places, and the strict grammar reads what comes of
//! it as if it had been typed. What is only shown is shown. For all else the leader reads the command as it would be
//! written, and says yes.

use std::sync::LazyLock;

use regex::Regex;

use super::clause::ReadableMessage;
use super::items::{self, AmountSide, JoinWay};
use super::normalize::is_han;
use super::patterns::pattern;
use super::purposes::Purpose;
use super::spans::{Span, SpanKind};
use super::vocabulary::Cue;
use super::{Scene, rules};
use crate::domain::intent::{Intent, LeaderIntent};
use crate::domain::message::is_mark;

/// A command as it is written, in three ways of writing; of several forms between bars the first whose places can all be
/// filled counts.
struct CommandForms {
    purpose: &'static str,
    /// In simplified and in traditional Chinese.
    hans: &'static str,
    hant: &'static str,
    en: &'static str,
}

const fn forms(
    purpose: &'static str,
    hans: &'static str,
    hant: &'static str,
    en: &'static str,
) -> CommandForms {
    CommandForms { purpose, hans, hant, en }
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
        "payments.refund",
        "退款 {orders} {lines} | 退款 {orders} {money?}",
        "退款 {orders} {lines} | 退款 {orders} {money?}",
        "refund {orders} {lines} | refund {orders} {money?}",
    ),
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
        "库存 {offer} {more}{count}",
        "庫存 {offer} {more}{count}",
        "stock {offer} {more}{count}",
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
        "{order} {offer}改成{count}",
        "{order} {offer}改成{count}",
        "change {order} {offer} to {count}",
    ),
    forms(
        "orders.cancel_for",
        "取消 {orders} {goods?} | 取消 {who} {goods?}",
        "取消 {orders} {goods?} | 取消 {who} {goods?}",
        "cancel {orders} {goods?} | cancel {who} {goods?}",
    ),
    forms(
        "orders.discount",
        "{order} {offer?} 便宜{money}",
        "{order} {offer?} 便宜{money}",
        "{order} {offer?} {money} off",
    ),
    forms("orders.short", "{offer}少发{count}", "{offer}少發{count}", "{offer} is {count} short"),
    forms("orders.refund_all", "{offer} 全部退款", "{offer} 全部退款", "refund all {offer}"),
    forms("reports.pick_list", "汇总", "匯總", "pick list"),
    forms("reports.today", "今日数据", "今日數據", "today's numbers"),
    forms("reports.who_ordered", "谁订了{offer}", "誰訂了{offer}", "who ordered {offer}"),
    forms("reports.of_member", "{who}的订单", "{who}的訂單", "{who}'s orders"),
    forms("reports.export", "导出", "匯出", "export"),
    forms("people.block", "拉黑 {who}", "拉黑 {who}", "block {who}"),
    forms("people.unblock", "解除 {who}", "解除 {who}", "unblock {who}"),
    forms("people.promoter", "设推广员 {who}", "設推廣員 {who}", "promoter {who}"),
    forms("people.leader", "设团长 {who}", "設團長 {who}", "add leader {who}"),
    forms(
        "loyalty.give",
        "送 {who} {count}积分",
        "送 {who} {count}積分",
        "give {who} {count} points",
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
        Script::Simplified => row.hans,
        Script::Traditional => row.hant,
        Script::Latin => row.en,
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
    pattern(r"#\s*(\d{1,9})|(?:订单|单号|order|no\.?)\s*(\d{1,9})|(\d{1,9})\s*号(?:订单|单)")
});

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
            match (place.strip_suffix('?'), self.piece(place.trim_end_matches('?'))) {
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
            "who" => joined(self.people()),
            "orders" => joined(self.orders()),
            "order" => only(self.orders()),
            "goods" => joined(self.goods()),
            "offer" => only(self.goods()),
            "lines" => self.lines(),
            "money" => self.money(),
            "count" => self.count(),
            "more" => Some(self.says(Cue::Again).then(|| "+".to_owned()).unwrap_or_default()),
            "time" => self.time(),
            "place" => only(self.written(|what| matches!(what, SpanKind::Place))),
            "all" => self.says(Cue::All).then(|| match self.script() {
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
        pattern.captures_iter(&line).filter_map(number).collect()
    }

    /// The codes of the goods that are named, each once.
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
        Some(words.code.clone())
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

    /// From the first word of a time to the last.
    fn time(&self) -> Option<String> {
        let mut times = self.spans.iter().filter(|span| matches!(span.what, SpanKind::Time));
        let first = times.next()?;
        let last = times.next_back().unwrap_or(first);
        Some(self.heard.text.written(first.from, last.to).trim().to_owned())
    }

    /// An amount of money, or the one number that may be one.
    fn money(&self) -> Option<String> {
        let prices = self.written(|what| matches!(what, SpanKind::Price));
        if !prices.is_empty() {
            return only(prices);
        }
        only(self.written(
            |what| matches!(what, SpanKind::Amount(counted) if counted.amount.measure.is_none()),
        ))
    }

    /// The one number that counts something.
    fn count(&self) -> Option<String> {
        only(self.written(|what| matches!(what, SpanKind::Amount(_))))
    }
}

fn joined(pieces: Vec<String>) -> Option<String> {
    (!pieces.is_empty()).then(|| pieces.join(" "))
}

/// The only one there is.
fn only(pieces: Vec<String>) -> Option<String> {
    match <[String; 1]>::try_from(pieces) {
        Ok([piece]) => Some(piece),
        Err(_) => None,
    }
}
