//! Payouts as a sheet: a batch for the bank, and what the bank says of it.

use std::collections::BTreeMap;

use crate::domain::operate::PayoutRow;
use crate::domain::payouts::parse_payout;
use crate::store::operator::ListedWithdrawal;

use super::RowFault;
use super::columns::{Column, Layout};
use super::table::{Cell, SheetTable};

/// The heading. The last two columns are for the bank's word.
pub const HEAD: [&str; 11] = [
    "打款单号",
    "社群",
    "批次",
    "会员号",
    "会员",
    "收款账户",
    "提现金额",
    "代扣税",
    "实付金额",
    "结果",
    "原因",
];

/// Payouts as rows.
#[must_use]
pub fn rows(payouts: &[ListedWithdrawal]) -> Vec<Vec<Cell>> {
    payouts
        .iter()
        .map(|it| {
            let money = |amount| Cell::Money(amount, it.currency);
            vec![
                Cell::text(it.payout.as_deref()),
                Cell::text(Some(&it.community)),
                Cell::Whole(it.batch.unwrap_or_default()),
                Cell::Whole(it.member.0),
                Cell::text(Some(&it.name)),
                Cell::text(it.private.payee.as_deref()),
                money(it.amount),
                money(it.withheld),
                money(it.amount - it.withheld),
                Cell::text(None),
                Cell::text(None),
            ]
        })
        .collect()
}

/// Read what the bank says, by community. Rows without a result are not known yet, and stay so.
///
/// # Errors
/// Every row that cannot be read.
pub fn read(table: &SheetTable) -> Result<BTreeMap<String, Vec<PayoutRow>>, Vec<RowFault>> {
    let layout = Layout::of(&table.head);
    if !layout.has(Column::Payout) || !layout.has(Column::Result) {
        let what =
            "columns are to be headed 打款单号 or \"payout\", and 结果 or \"result\"".to_owned();
        return Err(vec![RowFault { row: 1, what }]);
    }
    let (mut results, mut faults) = (BTreeMap::<String, Vec<PayoutRow>>::new(), Vec::new());
    for (row, cells) in &table.rows {
        match result(&layout, *row, cells) {
            Ok(Some((slug, result))) => results.entry(slug).or_default().push(result),
            Ok(None) => {}
            Err(what) => faults.push(RowFault { row: *row, what }),
        }
    }
    if faults.is_empty() { Ok(results) } else { Err(faults) }
}

fn result(
    layout: &Layout,
    row: u32,
    cells: &[String],
) -> Result<Option<(String, PayoutRow)>, String> {
    let Some(said) = layout.cell(cells, Column::Result) else { return Ok(None) };
    let number = layout.cell(cells, Column::Payout).unwrap_or_default();
    let parsed = parse_payout(number).ok_or_else(|| format!("{number:?} is no payout number"))?;
    let sent = match said.to_lowercase().as_str() {
        "成功" | "已打款" | "已付款" | "sent" | "paid" | "ok" | "success" => true,
        "失败" | "失敗" | "退回" | "failed" | "returned" => false,
        _ => return Err(format!("{said:?} is neither sent (成功) nor failed (失败)")),
    };
    let reason = layout.cell(cells, Column::Reason).map(str::to_owned);
    let (slug, withdrawal) = parsed;
    Ok(Some((slug.to_owned(), PayoutRow { row, withdrawal, sent, reason })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::WithdrawalId;

    fn table(rows: &[[&str; 3]]) -> SheetTable {
        let head = ["打款单号", "结果", "原因"].map(str::to_owned).to_vec();
        let rows = (2..).zip(rows).map(|(row, cells)| (row, cells.map(str::to_owned).to_vec()));
        SheetTable { head, rows: rows.collect() }
    }

    #[test]
    fn the_banks_word_is_read_and_silence_is_left_alone() {
        let rows = [["sun-W1", "成功", ""], ["sun-W2", "", ""], ["moon-W1", "Failed", "无此账号"]];
        let read = read(&table(&rows)).unwrap();
        assert_eq!(read["sun"].len(), 1);
        let failed = &read["moon"][0];
        assert_eq!((failed.withdrawal, failed.sent), (WithdrawalId(1), false));
        assert_eq!(failed.reason.as_deref(), Some("无此账号"));
    }

    #[test]
    fn a_word_that_is_not_plain_is_refused() {
        let rows = [["sun-W1", "maybe", ""], ["W1", "成功", ""], ["sun-W1", "成功", ""]];
        let faults = read(&table(&rows)).unwrap_err();
        assert_eq!(faults.iter().map(|it| it.row).collect::<Vec<_>>(), [2, 3]);
        let head = vec!["a".to_owned()];
        assert_eq!(read(&SheetTable { head, rows: Vec::new() }).unwrap_err()[0].row, 1);
    }

    #[test]
    fn the_heading_is_understood() {
        let layout = Layout::of(&HEAD.map(str::to_owned));
        for column in [Column::Payout, Column::Result, Column::Reason] {
            assert!(layout.has(column));
        }
    }
}
