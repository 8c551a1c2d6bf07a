//! Statements (账单): what a bank, WeChat Pay or Alipay says came in, from the file that they give out. Preface and
//! footer are found and counted; rows that are no money for us are named with the reason and left out.
//!
//! Nothing is guessed: a file of which a row is missing, or with a cell that is counted by the spreadsheet itself,
//! is refused in words.

mod headings;
mod times;

use crate::domain::ids::fingerprint;
use crate::domain::money::{Currency, Money};
use crate::domain::payments::statement::IncomingLine;

use super::table::RawRows;
use super::{RowFault, amount};
use headings::{Headings, Part};

/// Whose statement it is, as far as that can be told from its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// 微信支付账单.
    WeChatPay,
    /// 支付宝交易明细.
    Alipay,
    /// A bank's.
    Bank,
}

/// Why a row is no money for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// Money that went out.
    Outgoing,
    /// Between one's own accounts: withdrawn, topped up.
    Own,
    /// It went back to whoever paid.
    Refunded,
    /// Not done, or closed.
    NotDone,
    /// A sum of others, or words.
    Sum,
}

/// A statement as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whose.
    pub kind: StatementKind,
    /// Rows before the heading.
    pub preface: usize,
    /// Rows behind the last payment that are no payments.
    pub footer: usize,
    /// Money that came in.
    pub lines: Vec<IncomingLine>,
    /// Rows that are no money for us.
    pub left_out: Vec<(u32, LeftOut)>,
}

/// The most rows before the heading.
const PREFACE_MAX: usize = 60;

/// Read a statement in this currency.
///
/// # Errors
/// Every row that cannot be read; that there is no heading; that rows are missing.
pub fn read(rows: &RawRows, currency: Currency) -> Result<Statement, Vec<RowFault>> {
    let head = rows.iter().take(PREFACE_MAX).position(|(_, cells)| Headings::of(cells).is_some());
    let Some(at) = head else {
        let what =
            "no heading was found: a statement has columns for a time, an amount and who paid";
        return Err(vec![RowFault { row: 1, what: what.to_owned() }]);
    };
    let (preface, body) = rows.split_at(at);
    let Some(((_, head), body)) = body.split_first() else { return Err(Vec::new()) };
    let Some(headings) = Headings::of(head) else { return Err(Vec::new()) };
    let kind = kind(preface, head);
    // Behind the last row that has an amount there is nothing but words.
    let is_row =
        |cells: &[String]| headings.cell(cells, Part::Amount).is_some() || headings.is_split(cells);
    let last = body.iter().rposition(|(_, cells)| is_row(cells)).map_or(0, |last| last + 1);
    let (body, footer) = body.split_at(last);
    let mut read = Statement {
        kind,
        preface: preface.len(),
        footer: footer.len(),
        lines: Vec::new(),
        left_out: Vec::new(),
    };
    let mut faults = Vec::new();
    for (row, cells) in body {
        match line(&headings, cells, currency) {
            Ok(Ok(line)) => read.lines.push(IncomingLine { row: *row, ..line }),
            Ok(Err(why)) => read.left_out.push((*row, why)),
            Err(what) => faults.push(RowFault { row: *row, what }),
        }
    }
    let told = preface.iter().chain(footer).find_map(|(_, cells)| count_told(cells));
    let there = body.iter().filter(|(_, cells)| is_dated(&headings, cells)).count();
    if let Some(told) = told.filter(|told| *told != there) {
        let what = format!(
            "the file says that it has {told} rows, and {there} are there: it is not whole"
        );
        faults.push(RowFault { row: rows.last().map_or(1, |(row, _)| *row), what });
    }
    tell_apart(&mut read.lines);
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

/// Rows without a number of their own that say the same are one and another: the second is the second.
fn tell_apart(lines: &mut [IncomingLine]) {
    let mut seen = std::collections::BTreeMap::<i64, i64>::new();
    for line in lines {
        let nth = seen.entry(line.print).or_default();
        if *nth > 0 {
            line.print = fingerprint(&format!("{} {nth}", line.print));
        }
        *nth += 1;
    }
}

fn kind(preface: &[(u32, Vec<String>)], head: &[String]) -> StatementKind {
    let says = |words: &[&str]| {
        let in_row =
            |cells: &[String]| cells.iter().any(|cell| words.iter().any(|it| cell.contains(it)));
        preface.iter().any(|(_, cells)| in_row(cells)) || in_row(head)
    };
    if says(&["支付宝", "支付寶", "Alipay", "交易分类", "资金状态"]) {
        StatementKind::Alipay
    } else if says(&["微信", "WeChat", "当前状态"]) {
        StatementKind::WeChatPay
    } else {
        StatementKind::Bank
    }
}

/// 共16笔记录: how many rows a file says it has.
fn count_told(cells: &[String]) -> Option<usize> {
    cells.iter().find_map(|cell| {
        let rest = cell.trim().strip_prefix('共')?.trim_start();
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let rest = rest.strip_prefix(digits.as_str())?.trim_start();
        rest.starts_with("笔记录").then(|| digits.parse().ok())?
    })
}

/// Whether a row is of some time: all but sums are.
fn is_dated(headings: &Headings, cells: &[String]) -> bool {
    headings.cell(cells, Part::Time).is_some_and(|text| text.contains(|c: char| c.is_ascii_digit()))
}

/// One row, as money that came in or as what it is instead.
fn line(
    headings: &Headings,
    cells: &[String],
    currency: Currency,
) -> Result<Result<IncomingLine, LeftOut>, String> {
    let cell = |part| headings.cell(cells, part).unwrap_or_default();
    if cells.len() < headings.least() {
        return Err("the row ends in the middle: the file is not whole".to_owned());
    }
    if !is_dated(headings, cells) {
        return Ok(Err(LeftOut::Sum));
    }
    let (direction, what, state) = (cell(Part::Direction), cell(Part::What), cell(Part::State));
    let has = |text: &str, words: &[&str]| words.iter().any(|it| text.to_lowercase().contains(it));
    let Some(amount) = amount_of(headings, cells, currency)? else {
        return Ok(Err(LeftOut::Outgoing));
    };
    if has(what, &["提现", "提現", "充值", "转入零钱通", "转出", "withdraw"])
        || has(direction, &["不计收支"])
    {
        return Ok(Err(LeftOut::Own));
    }
    if has(what, &["退款", "refund"]) || has(state, &["退款", "refund"]) {
        return Ok(Err(LeftOut::Refunded));
    }
    if has(direction, &["支出", "out", "debit"])
        || has(direction, &["支"]) && !has(direction, &["收"])
    {
        return Ok(Err(LeftOut::Outgoing));
    }
    if matches!(direction, "/" | "其他" | "-") {
        return Ok(Err(LeftOut::Own));
    }
    if has(state, &["关闭", "失败", "失敗", "等待", "closed", "failed", "pending"]) {
        return Ok(Err(LeftOut::NotDone));
    }
    if amount <= Money::ZERO {
        return Ok(Err(LeftOut::Outgoing));
    }
    let said = [Part::Goods, Part::Note, Part::Reference].map(cell);
    let words = said
        .iter()
        .filter(|it| !matches!(**it, "" | "/" | "-"))
        .copied()
        .collect::<Vec<_>>()
        .join(" ");
    let (payer, account, time, clock) =
        (cell(Part::Payer), cell(Part::Account), cell(Part::Time), cell(Part::Clock));
    let time = format!("{time} {clock}");
    let number = cell(Part::Number);
    let print = match number {
        "" | "/" | "-" => {
            fingerprint(&format!("{time}|{}|{payer}|{account}|{words}", amount.minor))
        }
        number => fingerprint(number),
    };
    Ok(Ok(IncomingLine {
        row: 0,
        at: times::read(&time),
        payer: payer.to_owned(),
        account: account.to_owned(),
        words,
        amount,
        print,
    }))
}

/// What a row says of money that came; below zero where it says that it went. `None`: it only says what went.
fn amount_of(
    headings: &Headings,
    cells: &[String],
    currency: Currency,
) -> Result<Option<Money>, String> {
    let read = |text: &str| {
        let plain = text.trim_start_matches('+').trim();
        amount::parse(plain, currency).ok_or_else(|| format!("{text:?} is no amount in {currency}"))
    };
    if let Some(text) = headings.cell(cells, Part::Amount) {
        return read(text).map(Some);
    }
    let came = headings.cell(cells, Part::In).map(read).transpose()?.filter(|it| !it.is_zero());
    let went = headings.cell(cells, Part::Out).map(read).transpose()?.filter(|it| !it.is_zero());
    match (came, went) {
        (Some(came), None) => Ok(Some(came)),
        (None, Some(_)) => Ok(None),
        (Some(_), Some(_)) => Err("money came and went in one row".to_owned()),
        (None, None) => Err("the row says no amount".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::table;

    fn fixture(name: &str) -> RawRows {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/statements");
        table::rows(&path.join(name)).unwrap()
    }

    fn read_of(name: &str, currency: &str) -> Statement {
        read(&fixture(name), Currency::of(currency).unwrap()).unwrap()
    }

    fn told(read: &Statement) -> Vec<(&str, i64, &str)> {
        read.lines
            .iter()
            .map(|it| (it.payer.as_str(), it.amount.minor, it.words.as_str()))
            .collect()
    }

    fn raw(rows: &[&[&str]]) -> RawRows {
        let owned = |row: &[&str]| row.iter().map(|it| (*it).to_owned()).collect();
        (1..).zip(rows).map(|(number, row)| (number, owned(row))).collect()
    }

    #[test]
    fn a_bill_of_wechat_pay_has_a_preface_and_much_that_is_no_money_for_us() {
        let read = read_of("wechat.csv", "CNY");
        assert_eq!((read.kind, read.preface), (StatementKind::WeChatPay, 14));
        let payers: Vec<_> = told(&read).iter().map(|it| (it.0, it.1)).collect();
        assert_eq!(payers, [("林小树", 3_600), ("白帆", 3_990), ("阿强", 7_980), ("青柠", 3_990)]);
        let why: Vec<_> = read.left_out.iter().map(|it| it.1).collect();
        assert_eq!(why, [LeftOut::Own, LeftOut::Outgoing, LeftOut::Refunded, LeftOut::Own]);
    }

    #[test]
    fn a_bill_of_alipay_is_in_gbk_and_has_a_footer() {
        let read = read_of("alipay.csv", "CNY");
        assert_eq!((read.kind, read.footer), (StatementKind::Alipay, 2));
        assert_eq!(told(&read), [("小美", 3_990, "订单1"), ("陈阿婆", 1_200, "买菜钱")]);
        assert_eq!(read.left_out.len(), 2);
        assert!(read.lines.iter().all(|line| line.at.is_some_and(|at| at.time.is_some())));
    }

    #[test]
    fn a_bank_has_money_in_and_out_in_columns_of_their_own() {
        let read = read_of("bank.csv", "SGD");
        assert_eq!((read.kind, read.lines.len()), (StatementKind::Bank, 2));
        assert_eq!(read.lines[0].account, "008-1-254321");
        let why: Vec<_> = read.left_out.iter().map(|it| it.1).collect();
        assert_eq!(why, [LeftOut::Outgoing, LeftOut::Sum]);
    }

    #[test]
    fn what_is_not_whole_or_makes_no_sense_is_refused_in_words() {
        let mut half = fixture("wechat.csv");
        half.truncate(half.len() - 2);
        let faults = read(&half, Currency::CNY).unwrap_err();
        assert!(faults[0].what.contains("says that it has 8 rows, and 6 are there"), "{faults:?}");
        let head: &[&str] = &["Date", "Payer", "Amount", "Reference"];
        let none = read(&raw(&[&["a", "b"], &["1", "2"]]), Currency::CNY).unwrap_err();
        assert!(none[0].what.contains("no heading"), "{none:?}");
        let rows = raw(&[head, &["2026-03-01", "Amy"], &["2026-03-01", "Amy", "12,5", ""]]);
        let faults = read(&rows, Currency::CNY).unwrap_err();
        let told: Vec<_> = faults.iter().map(|it| (it.row, it.what.as_str())).collect();
        assert!(told.iter().any(|it| it.0 == 3 && it.1.contains("no amount in CNY")), "{told:?}");
    }

    #[test]
    fn rows_that_say_the_same_are_told_apart_by_their_order() {
        let head: &[&str] = &["Date", "Payer", "Amount"];
        let row: &[&str] = &["2026-03-01", "Amy", "5.00"];
        let once = read(&raw(&[head, row, row]), Currency::CNY).unwrap();
        assert_ne!(once.lines[0].print, once.lines[1].print);
        assert_eq!(once, read(&raw(&[head, row, row]), Currency::CNY).unwrap());
    }
}
