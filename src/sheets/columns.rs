//! Headings: what a column is, whatever its heading is called in Chinese or English.

use unicode_normalization::UnicodeNormalization;

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The community's slug.
    Community,
    /// The order's number.
    Order,
    /// Money that arrived now.
    Received,
    /// An amount of whatever the row is about.
    Amount,
    /// What was bought: the row is about a line of an order.
    Item,
    /// Who carries the parcel.
    Carrier,
    /// Its tracking number.
    Tracking,
    /// A payout's number.
    Payout,
    /// What the bank says.
    Result,
    /// Why it says so.
    Reason,
}

/// Headings as they are written, folded.
const NAMES: &[(Column, &[&str])] = &[
    (Column::Community, &["社群", "社区", "community"]),
    (
        Column::Order,
        &[
            "订单号",
            "訂單號",
            "订单编号",
            "訂單編號",
            "订单",
            "訂單",
            "order",
            "orderno",
            "ordernumber",
            "orderid",
        ],
    ),
    (
        Column::Received,
        &[
            "本次收款",
            "收款金额",
            "收款金額",
            "收款",
            "实收",
            "實收",
            "received",
            "receivednow",
            "payment",
            "paidamount",
        ],
    ),
    (Column::Amount, &["金额", "金額", "amount", "total"]),
    (Column::Item, &["商品", "item", "product"]),
    (
        Column::Carrier,
        &["快递公司", "快遞公司", "快递", "快遞", "物流公司", "承运商", "carrier", "courier"],
    ),
    (
        Column::Tracking,
        &[
            "快递单号",
            "快遞單號",
            "运单号",
            "運單號",
            "物流单号",
            "物流單號",
            "tracking",
            "trackingno",
            "trackingnumber",
        ],
    ),
    (Column::Payout, &["打款单号", "打款單號", "付款單號", "payout", "payoutno", "payoutnumber"]),
    (Column::Result, &["结果", "結果", "打款结果", "result", "status"]),
    (Column::Reason, &["原因", "失败原因", "失敗原因", "reason"]),
];

/// Which column a heading names.
#[must_use]
pub fn of(heading: &str) -> Option<Column> {
    let folded: String =
        heading.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    NAMES.iter().find(|(_, names)| names.contains(&folded.as_str())).map(|(column, _)| *column)
}

/// Where each column stands.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    places: Vec<(Column, usize)>,
}

impl Layout {
    /// The layout of a heading; the first of two columns that mean the same is the one that counts.
    #[must_use]
    pub fn of(head: &[String]) -> Self {
        let mut places: Vec<(Column, usize)> = Vec::new();
        for (place, heading) in head.iter().enumerate() {
            if let Some(column) = of(heading)
                && places.iter().all(|(known, _)| *known != column)
            {
                places.push((column, place));
            }
        }
        Self { places }
    }

    /// Whether there is such a column.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.places.iter().any(|(known, _)| *known == column)
    }

    /// What a row says there; `None` when it says nothing.
    #[must_use]
    pub fn cell<'r>(&self, row: &'r [String], column: Column) -> Option<&'r str> {
        let (_, place) = self.places.iter().find(|(known, _)| *known == column)?;
        row.get(*place).map(|text| text.trim()).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_in_chinese_and_english() {
        for (heading, expected) in [
            ("订单号", Some(Column::Order)),
            (" Order No. ", Some(Column::Order)),
            ("ORDER_ID", Some(Column::Order)),
            ("快遞單號", Some(Column::Tracking)),
            ("Tracking number", Some(Column::Tracking)),
            ("本次收款（元）", None),
            ("收款金额", Some(Column::Received)),
            ("备注", None),
            ("", None),
        ] {
            assert_eq!(of(heading), expected, "{heading}");
        }
    }

    #[test]
    fn no_heading_means_two_things() {
        let all: Vec<_> = NAMES.iter().flat_map(|(_, names)| names.iter()).collect();
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(all.len(), unique.len());
    }
}
