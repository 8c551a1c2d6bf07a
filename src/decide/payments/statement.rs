//! Statements (账单): which order money is for that a bank or a wallet says came in; and booking what is sure, all rows
//! or none, each once.
//!
//! A row is an order's where it has the order's number; or where the amount is what is due and one more sign points
//! to one order alone: last digits that the buyer told, the buyer's name, or that of all whose orders come to that
//! amount only they say to have paid. Signs that point to different orders, and two rows for one order, leave a
//! person to look. Money that came before an order was placed is never for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::Duration;
use regex::Regex;

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need, Shop};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::money::Money;
use crate::domain::name::name_key;
use crate::domain::operate::{DoneItem, MAX_ROWS, Objection, OperatorEffect, Outcome, PaymentRow};
use crate::domain::orders::Order;
use crate::domain::payments;
use crate::domain::payments::statement::{
    IncomingLine, LineVerdict, MatchSign, SaidInstant, StatementRow,
};
use crate::domain::time::Timestamp;

use crate::decide::payments::sheet;

/// Clocks of banks and of people are so far apart.
const SKEW: Duration = Duration::minutes(10);

/// The most orders that one payment names.
const MOST_NAMED: usize = 9;

/// An order that waits for money.
struct DueOrder<'s> {
    order: &'s Order,
    due: Money,
    /// Its buyer's name, as names are compared.
    name: String,
    /// Last digits that its buyer told.
    digits: Vec<String>,
    /// Its buyer says to have paid so much, or does not say how much.
    is_claimed: bool,
}

/// All orders that wait for money, to be looked up.
struct OpenOrders<'s> {
    zone: chrono_tz::Tz,
    by_id: BTreeMap<OrderId, DueOrder<'s>>,
    by_due: BTreeMap<Money, Vec<OrderId>>,
    /// Who bears a name.
    bearers: BTreeMap<String, BTreeSet<MemberId>>,
}

/// What each row of a statement comes to. The shop holds all unpaid orders with their buyers; `known` are rows that
/// were booked before.
#[must_use]
pub fn verdicts(shop: &Shop, lines: &[IncomingLine], known: &BTreeSet<i64>) -> Vec<LineVerdict> {
    let waiting = OpenOrders::of(shop);
    let verdict = |line: &IncomingLine| {
        if known.contains(&line.print) { LineVerdict::Known } else { waiting.verdict(line) }
    };
    let mut verdicts: Vec<_> = lines.iter().map(verdict).collect();
    leave_contested(&mut verdicts);
    verdicts
}

/// Two rows for one order: one of them is meant for something else, or was paid twice. That somebody says to have paid
/// is less than what points to the order itself.
fn leave_contested(verdicts: &mut [LineVerdict]) {
    let (mut firm, mut claimed) = (BTreeMap::new(), BTreeMap::new());
    for verdict in &*verdicts {
        if let LineVerdict::Matched { parts, by } = verdict {
            let rows = if *by == MatchSign::Claim { &mut claimed } else { &mut firm };
            for (order, _) in parts {
                *rows.entry(*order).or_insert(0_usize) += 1;
            }
        }
    }
    for verdict in verdicts {
        let LineVerdict::Matched { parts, by } = verdict else { continue };
        let rows = |order| {
            let count = |rows: &BTreeMap<OrderId, usize>| rows.get(order).copied().unwrap_or(0);
            count(&firm) + if *by == MatchSign::Claim { count(&claimed) } else { 0 }
        };
        if parts.iter().any(|(order, _)| rows(order) > 1) {
            *verdict = LineVerdict::Unsure(parts.iter().map(|(order, _)| *order).collect());
        }
    }
}

impl<'s> OpenOrders<'s> {
    fn of(shop: &'s Shop) -> Self {
        let zone = shop.community.time_zone;
        let (mut by_id, mut by_due) = (BTreeMap::new(), BTreeMap::<Money, Vec<OrderId>>::new());
        let mut bearers = BTreeMap::<String, BTreeSet<MemberId>>::new();
        for order in shop.orders.values().filter(|order| order.is_unpaid()) {
            let due = order.still_due();
            if due <= Money::ZERO {
                continue;
            }
            let name = shop.members.get(order.member).map(|row| name_key(&row.name));
            let name = name.unwrap_or_default();
            let claim = order.private.open_claim();
            let digits = claim.map(|claim| runs(&claim.words, 4..=8)).unwrap_or_default();
            let is_claimed = claim.is_some_and(|it| it.amount.is_none_or(|it| it == due));
            by_due.entry(due).or_default().push(order.id);
            bearers.entry(name.clone()).or_default().insert(order.member);
            by_id.insert(order.id, DueOrder { order, due, name, digits, is_claimed });
        }
        Self { zone, by_id, by_due, bearers }
    }

    fn verdict(&self, line: &IncomingLine) -> LineVerdict {
        let OrderNumbers { marked, bare } = numbers(&line.words);
        if marked.is_empty() {
            return self.by_reference(line, &bare, false).unwrap_or_else(|| self.by_amount(line));
        }
        self.by_reference(line, &marked, true).unwrap_or_else(|| {
            let open = marked.iter().filter(|id| self.by_id.contains_key(id));
            LineVerdict::Unsure(open.copied().collect())
        })
    }

    /// It has the numbers of orders; where they do not say that they are, the amount has to fit.
    fn by_reference(
        &self,
        line: &IncomingLine,
        named: &[OrderId],
        is_marked: bool,
    ) -> Option<LineVerdict> {
        let orders: Vec<_> = named.iter().map(|id| self.by_id.get(id)).collect::<Option<_>>()?;
        let may_be = orders.iter().all(|it| self.is_in_time(line.at, it.order.placed_at));
        let due: Money = orders.iter().map(|it| it.due).sum();
        let parts = match orders[..] {
            [] => return None,
            [only] if is_marked || due == line.amount => vec![(only.order.id, line.amount)],
            _ if due == line.amount => orders.iter().map(|it| (it.order.id, it.due)).collect(),
            _ => return None,
        };
        may_be.then_some(LineVerdict::Matched { parts, by: MatchSign::Reference })
    }

    /// The amount fits, and one more sign that no other order has.
    fn by_amount(&self, line: &IncomingLine) -> LineVerdict {
        let of_amount = self.by_due.get(&line.amount).into_iter().flatten();
        let all = of_amount.filter_map(|id| self.by_id.get(id));
        let fits: Vec<_> = all.filter(|it| self.is_in_time(line.at, it.order.placed_at)).collect();
        if fits.is_empty() {
            return LineVerdict::Nobodys;
        }
        let payer = name_key(&line.payer);
        let is_one = self.bearers.get(&payer).is_some_and(|bearers| bearers.len() == 1);
        let told = runs(&format!("{} {}", line.account, line.words), 4..=40);
        let ends =
            |it: &DueOrder<'_>| it.digits.iter().any(|d| told.iter().any(|t| t.ends_with(d)));
        let mut votes = BTreeMap::<OrderId, MatchSign>::new();
        let mut vote = |sign, has: &dyn Fn(&DueOrder<'_>) -> bool| {
            if let [only] = fits.iter().filter(|it| has(it)).collect::<Vec<_>>()[..] {
                votes.entry(only.order.id).or_insert(sign);
            }
        };
        vote(MatchSign::Digits, &ends);
        vote(MatchSign::Name, &|it| is_one && !payer.is_empty() && it.name == payer);
        vote(MatchSign::Claim, &|it| it.is_claimed);
        let is_dated = line.at.is_some();
        match votes.into_iter().collect::<Vec<_>>()[..] {
            [(order, by)] if is_dated => {
                LineVerdict::Matched { parts: vec![(order, line.amount)], by }
            }
            _ => LineVerdict::Unsure(fits.iter().map(|it| it.order.id).take(MOST_NAMED).collect()),
        }
    }

    /// Whether money of then may be for an order of then.
    fn is_in_time(&self, at: Option<SaidInstant>, placed: Timestamp) -> bool {
        let Some(at) = at else { return true };
        let placed = (placed - SKEW).with_timezone(&self.zone).naive_local();
        match at.time {
            Some(time) => at.day.and_time(time) >= placed,
            None => at.day >= placed.date(),
        }
    }
}

/// Numbers of orders in what a payer wrote.
#[derive(Debug, Default)]
struct OrderNumbers {
    /// Those that say that they are.
    marked: Vec<OrderId>,
    /// Those where nothing else was written.
    bare: Vec<OrderId>,
}

fn numbers(words: &str) -> OrderNumbers {
    static MARKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:#|＃|订单号?|訂單號?|单号|單號|order\s*(?:no\.?)?|no\.)\s*[:：#]?\s*(\d{1,9})|(\d{1,9})\s*(?:号订单|號訂單|号单|號單)").ok()
    });
    let id = |text: &str| text.parse().ok().filter(|it| *it > 0).map(OrderId);
    let Some(marked) = MARKED.as_ref() else { return OrderNumbers::default() };
    let found = marked.captures_iter(words).filter_map(|it| id(it.get(1).or(it.get(2))?.as_str()));
    let mut orders: Vec<_> = found.take(MOST_NAMED).collect();
    orders.sort_unstable();
    orders.dedup();
    let is_apart = |c: char| c.is_whitespace() || matches!(c, '-' | ',' | '，' | '、' | '/' | '+');
    let pieces = words.split(is_apart).filter(|piece| !piece.is_empty());
    let bare: Option<Vec<_>> = pieces.map(|piece| id(piece).filter(|_| piece.len() <= 9)).collect();
    let bare = bare.filter(|it| it.len() <= MOST_NAMED).unwrap_or_default();
    OrderNumbers { marked: orders, bare }
}

/// Runs of digits of so many.
fn runs(text: &str, long: std::ops::RangeInclusive<usize>) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| long.contains(&run.len())).map(str::to_owned).collect()
}

/// Book rows, all of them or none; what was booked from a statement before is passed over.
///
/// # Errors
/// [`Missing`].
pub fn take(ctx: &mut Ctx<'_>, rows: &[StatementRow]) -> Decided<Outcome> {
    if rows.len() > MAX_ROWS {
        return Ok(Outcome::refused(Objection::TooManyRows));
    }
    let known = known(ctx, rows)?;
    let is_new = |row: &&StatementRow| !known.contains(&row.print);
    let fresh: Vec<_> = rows.iter().filter(is_new).collect();
    let same = |row: &StatementRow| DoneItem {
        row: row.row,
        id: row.order.0,
        effect: OperatorEffect::Same,
    };
    let before: Vec<_> = rows.iter().filter(|row| !is_new(row)).map(same).collect();
    if fresh.is_empty() && !rows.is_empty() {
        return Ok(Outcome { done: before, ..Outcome::default() });
    }
    let payment =
        |row: &&StatementRow| PaymentRow { row: row.row, order: row.order, amount: row.amount };
    let payments: Vec<_> = fresh.iter().map(payment).collect();
    let mut outcome = sheet::take(ctx, &payments, &[])?;
    if outcome.is_fine() {
        let booked = fresh.into_iter().cloned();
        ctx.shop.fresh.statement_rows.extend(booked.map(|row| (ctx.event, row)));
        outcome.done.extend(before);
    }
    Ok(outcome)
}

/// Those of the rows that were booked.
fn known(ctx: &Ctx<'_>, rows: &[StatementRow]) -> Decided<BTreeSet<i64>> {
    let facts = &ctx.shop.known.reports.payments.prints;
    let missing = || Missing(need(rows));
    let mut known: BTreeSet<i64> =
        ctx.shop.fresh.statement_rows.iter().map(|(_, row)| row.print).collect();
    for row in rows {
        if *facts.get(&row.print).ok_or_else(missing)? {
            known.insert(row.print);
        }
    }
    Ok(known)
}

/// What that takes.
#[must_use]
pub fn need(rows: &[StatementRow]) -> Need {
    let prints = rows.iter().map(|row| row.print).collect();
    Need::Report(Report::Payments(payments::Need::Prints(prints)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, LAOWANG, Stage, XIAOMEI};
    use crate::decide::testing_orders::placed;
    use crate::domain::operate::OperatorIntent;
    use crate::domain::orders::PaymentClaim;
    use crate::domain::time::local_day;

    fn line(stage: &Stage, payer: &str, words: &str, minor: i64) -> IncomingLine {
        let day = local_day(stage.at, stage.shop.community.time_zone);
        let time = chrono::NaiveTime::from_hms_opt(23, 0, 0);
        IncomingLine {
            row: 2,
            at: Some(SaidInstant { day, time }),
            payer: payer.to_owned(),
            account: String::new(),
            words: words.to_owned(),
            amount: Money::from_minor(minor),
            print: 7,
        }
    }

    fn verdict(stage: &Stage, line: IncomingLine) -> LineVerdict {
        verdicts(&stage.shop, &[line], &BTreeSet::new()).remove(0)
    }

    fn matched(order: OrderId, minor: i64, by: MatchSign) -> LineVerdict {
        LineVerdict::Matched { parts: vec![(order, Money::from_minor(minor))], by }
    }

    /// 小美 and 老王 each owe ¥39.90.
    fn two_alike() -> (Stage, OrderId, OrderId) {
        let mut stage = Stage::new();
        let hers = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let his = placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
        (stage, hers, his)
    }

    fn claims(stage: &mut Stage, order: OrderId, words: &str) {
        let claim = PaymentClaim {
            at: stage.at,
            words: words.to_owned(),
            amount: None,
            has_picture: false,
            held_before: stage.at,
            told_at: None,
            is_denied: false,
        };
        stage.shop.orders.edit(order).unwrap().private.claim = Some(claim);
    }

    #[test]
    fn the_number_of_an_order_is_enough_where_it_says_that_it_is_one() {
        let (stage, hers, his) = two_alike();
        let by = MatchSign::Reference;
        for words in ["#1", "付款方留言:#1", "订单1", "order no. 1", "谢谢 1号单"] {
            let read = verdict(&stage, line(&stage, "谁", words, 2_000));
            assert_eq!(read, matched(hers, 2_000, by), "{words}");
        }
        assert_eq!(verdict(&stage, line(&stage, "谁", "2", 3_990)), matched(his, 3_990, by));
        let both = verdict(&stage, line(&stage, "谁", "1-2", 7_980));
        let each = Money::from_minor(3_990);
        assert_eq!(both, LineVerdict::Matched { parts: vec![(hers, each), (his, each)], by });
        let not_its = verdict(&stage, line(&stage, "谁", "2", 2_000));
        assert_eq!(not_its, LineVerdict::Nobodys, "a bare number with another amount is nothing");
        let gone = verdict(&stage, line(&stage, "小美", "#99", 3_990));
        assert_eq!(gone, LineVerdict::Unsure(Vec::new()), "what it names waits for no money");
    }

    #[test]
    fn an_amount_needs_one_more_sign_that_nobody_else_has() {
        let (mut stage, hers, his) = two_alike();
        let both = LineVerdict::Unsure(vec![hers, his]);
        assert_eq!(verdict(&stage, line(&stage, "谁", "", 3_990)), both, "the amount alone");
        let named = verdict(&stage, line(&stage, "小美", "", 3_990));
        assert_eq!(named, matched(hers, 3_990, MatchSign::Name));
        assert_eq!(verdict(&stage, line(&stage, "小美", "", 3_991)), LineVerdict::Nobodys);
        claims(&mut stage, his, "已转账 末五码 54321");
        let claimed = verdict(&stage, line(&stage, "谁", "", 3_990));
        assert_eq!(claimed, matched(his, 3_990, MatchSign::Claim));
        let account = "008-1-254321".to_owned();
        let digits = IncomingLine { account, ..line(&stage, "谁", "", 3_990) };
        assert_eq!(verdict(&stage, digits.clone()), matched(his, 3_990, MatchSign::Digits));
        let against = IncomingLine { payer: "小美".to_owned(), ..digits };
        assert_eq!(verdict(&stage, against), both, "signs that point to different orders");
        let undated = IncomingLine { at: None, ..line(&stage, "小美", "", 3_990) };
        assert_eq!(verdict(&stage, undated), both, "it may be of any time");
    }

    #[test]
    fn one_member_with_two_orders_alike_and_two_rows_for_one_order_are_left_to_a_person() {
        let (mut stage, hers, _) = two_alike();
        let rows = [
            line(&stage, "小美", "", 3_990),
            IncomingLine { print: 8, ..line(&stage, "小美", "", 3_990) },
        ];
        let twice = verdicts(&stage.shop, &rows, &BTreeSet::new());
        assert_eq!(twice, [LineVerdict::Unsure(vec![hers]), LineVerdict::Unsure(vec![hers])]);
        let known = verdicts(&stage.shop, &rows, &[8].into());
        assert_eq!(known, [matched(hers, 3_990, MatchSign::Name), LineVerdict::Known]);
        let mut again = stage.shop.orders.get(hers).unwrap().clone();
        again.id = OrderId(9);
        stage.shop.orders.add(again.id, again);
        let LineVerdict::Unsure(orders) = verdict(&stage, line(&stage, "小美", "", 3_990)) else {
            panic!("two orders of hers come to that")
        };
        assert!(orders.contains(&hers) && orders.contains(&OrderId(9)));
    }

    #[test]
    fn what_points_to_an_order_is_more_than_a_claim() {
        let (mut stage, _, his) = two_alike();
        claims(&mut stage, his, "已转账 末五码 54321");
        let account = "008-1-254321".to_owned();
        let rows = [
            IncomingLine { account, ..line(&stage, "W", "", 3_990) },
            IncomingLine { print: 8, ..line(&stage, "L", "", 3_990) },
        ];
        let read = verdicts(&stage.shop, &rows, &BTreeSet::new());
        let sure = matched(his, 3_990, MatchSign::Digits);
        assert_eq!(read, [sure, LineVerdict::Unsure(vec![his])]);
    }

    #[test]
    fn money_from_before_an_order_is_not_for_it() {
        let (stage, ..) = two_alike();
        let day = local_day(stage.at, stage.shop.community.time_zone).pred_opt().unwrap();
        let at = Some(SaidInstant { day, time: None });
        let early = IncomingLine { at, ..line(&stage, "小美", "", 3_990) };
        assert_eq!(verdict(&stage, early), LineVerdict::Nobodys);
        let early = IncomingLine { at, ..line(&stage, "小美", "#1", 3_990) };
        assert_eq!(verdict(&stage, early), LineVerdict::Unsure(vec![OrderId(1)]));
    }

    fn books(stage: &mut Stage, rows: &[StatementRow]) -> Outcome {
        stage.orders(OperatorIntent::Statement { rows: rows.to_vec() })
    }

    #[test]
    fn all_rows_are_booked_or_none_and_each_once() {
        let (mut stage, hers, his) = two_alike();
        let cherries = placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        let row = |order, minor, print| StatementRow {
            row: 2,
            order,
            amount: Money::from_minor(minor),
            print,
        };
        let refused = books(&mut stage, &[row(hers, 3_990, 1), row(OrderId(99), 5, 2)]);
        assert!(!refused.is_fine() && stage.shop.fresh.statement_rows.is_empty());
        assert!(stage.shop.orders.get(hers).unwrap().is_unpaid());
        let done = books(&mut stage, &[row(hers, 3_990, 1), row(his, 3_990, 3)]);
        assert!(done.is_fine() && done.done.iter().all(|it| it.effect == OperatorEffect::Paid));
        let again = books(&mut stage, &[row(cherries, 8_000, 1)]);
        assert!(again.done.iter().all(|it| it.effect == OperatorEffect::Same), "{again:?}");
        assert!(stage.shop.orders.get(cherries).unwrap().is_unpaid(), "that money was booked");
        let many = vec![row(hers, 1, 9); MAX_ROWS + 1];
        assert_eq!(books(&mut stage, &many), Outcome::refused(Objection::TooManyRows));
        assert_eq!(books(&mut stage, &[]), Outcome::refused(Objection::Nothing));
    }

    /// 1,000 rows against 1,000 open orders.
    #[test]
    fn a_thousand_rows_are_matched_at_once() {
        let mut stage = Stage::new();
        for _ in 0..1_000 {
            placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        }
        let lines: Vec<_> = (1..=1_000)
            .map(|n| IncomingLine { print: n, ..line(&stage, "小美", &format!("#{n}"), 3_990) })
            .collect();
        let verdicts = verdicts(&stage.shop, &lines, &BTreeSet::new());
        let sure = verdicts.iter().filter(|it| matches!(it, LineVerdict::Matched { .. }));
        assert_eq!(sure.count(), 1_000);
    }
}
