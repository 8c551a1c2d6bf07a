//! Orders as a sheet: one row a line of an order, in the columns that leaders work with; and what comes back
//! in such a sheet, or in one of their own: payments and parcels.
//!
//! The last three columns are for filling in: carrier, tracking number, money received. What is about the
//! order as a whole stands in its first row only.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::book::Shop;
use crate::domain::ids::OrderId;
use crate::domain::money::Currency;
use crate::domain::operate::{ParcelRow, PaymentRow};
use crate::domain::orders::{Line, Order, OrderState};
use crate::domain::policy::Locale;
use crate::domain::time::Timestamp;

use super::columns::{Column, Layout};
use super::table::{Cell, SheetTable};
use super::{RowFault, amount, parcel};

const COLUMNS: usize = 20;

/// The most characters of a cell that go into an event.
const MAX_WORDS: usize = 200;

const HEADS: [[&str; COLUMNS]; 3] = [
    [
        "订单号",
        "下单人",
        "收货人",
        "电话",
        "地址",
        "自提",
        "商品",
        "规格",
        "单价",
        "数量",
        "金额",
        "已退款",
        "状态",
        "下单时间",
        "付款时间",
        "备注",
        "邀请人",
        "快递公司",
        "快递单号",
        "本次收款",
    ],
    [
        "訂單號",
        "下單人",
        "收貨人",
        "電話",
        "地址",
        "自取",
        "商品",
        "規格",
        "單價",
        "數量",
        "金額",
        "已退款",
        "狀態",
        "下單時間",
        "付款時間",
        "備註",
        "邀請人",
        "快遞公司",
        "快遞單號",
        "本次收款",
    ],
    [
        "Order",
        "Buyer",
        "Receiver",
        "Phone",
        "Address",
        "Pick-up",
        "Item",
        "Variant",
        "Unit price",
        "Quantity",
        "Amount",
        "Refunded",
        "State",
        "Placed at",
        "Paid at",
        "Remarks",
        "Inviter",
        "Carrier",
        "Tracking",
        "Received",
    ],
];

/// The heading in a community's language.
#[must_use]
pub fn head(locale: Locale) -> &'static [&'static str] {
    match locale {
        Locale::ZhHans => &HEADS[0],
        Locale::ZhHant => &HEADS[1],
        Locale::En => &HEADS[2],
    }
}

/// These orders as rows. The shop holds their buyers, inviters and offers.
#[must_use]
pub fn rows(shop: &Shop, orders: &[OrderId]) -> Vec<Vec<Cell>> {
    let orders = orders.iter().filter_map(|&id| shop.orders.get(id));
    orders.flat_map(|order| order_rows(shop, order)).collect()
}

fn order_rows(shop: &Shop, order: &Order) -> Vec<Vec<Cell>> {
    let wanted = order.lines.iter().filter(|line| line.qty > 0);
    wanted.enumerate().map(|(nth, line)| row(shop, order, line, nth == 0)).collect()
}

fn row(shop: &Shop, order: &Order, line: &Line, is_first: bool) -> Vec<Cell> {
    let member = shop.members.get(order.member);
    let inviter = member.and_then(|row| row.bond).and_then(|bond| shop.members.get(bond.inviter));
    let offer = shop.offers.get(line.offer);
    let variant = offer.zip(line.variant).and_then(|(offer, variant)| {
        offer.detail.variants.get(usize::from(variant)).map(String::as_str)
    });
    let private = &order.private;
    let (pickup, address) = whither(shop, order);
    let place = parcel::parse(address.or(pickup).unwrap_or_default());
    let receiver = private.for_whom.clone().or(place.receiver);
    let address = address.map_or_else(String::new, |_| place.address);
    let time = |at: Option<Timestamp>| Cell::text(at.map(|at| written(shop, at)).as_deref());
    let money = |amount| Cell::Money(amount, shop.community.currency);
    let once = |text: Option<&str>| Cell::text(text.filter(|_| is_first));
    vec![
        Cell::Whole(order.id.0),
        Cell::text(member.map(|row| row.name.as_str())),
        Cell::text(receiver.as_deref()),
        Cell::text(place.phone.as_deref()),
        Cell::Text(address),
        Cell::text(pickup),
        Cell::text(offer.map(|offer| offer.detail.name.as_str())),
        Cell::text(variant),
        money(line.price),
        Cell::Whole(i64::from(line.live_qty())),
        money(line.base()),
        money(line.refunded),
        Cell::text(Some(state(order.state, shop.community.locale))),
        time(Some(order.placed_at)),
        time(order.paid_at),
        once(Some(&private.notes.join("; "))),
        Cell::text(inviter.map(|row| row.name.as_str())),
        once(private.carrier.as_deref()),
        once(private.tracking.as_deref()),
        Cell::text(None),
    ]
}

/// Where an order goes: a pick-up, as its buyer wrote it, or an address.
fn whither<'s>(shop: &'s Shop, order: &'s Order) -> (Option<&'s str>, Option<&'s str>) {
    let noted = shop.members.get(order.member).map(|row| &row.private);
    let pickup = noted.and_then(|it| it.pickup.as_deref());
    let Some(fixed) = order.private.delivery.as_deref() else {
        // It is fixed when the order is paid.
        let address = noted.and_then(|it| it.address.as_deref());
        return if address.is_some() { (None, address) } else { (pickup, None) };
    };
    let points = shop.policy.community(&shop.community.slug).map(|it| it.pickup_points.as_slice());
    let is_point = points.unwrap_or_default().iter().any(|point| fixed.contains(point.as_str()));
    let is_pickup = pickup == Some(fixed) || is_point;
    if is_pickup { (Some(fixed), None) } else { (None, Some(fixed)) }
}

/// A time as it is read where the community is.
fn written(shop: &Shop, at: Timestamp) -> String {
    at.with_timezone(&shop.community.time_zone).format("%Y-%m-%d %H:%M").to_string()
}

fn state(state: OrderState, locale: Locale) -> &'static str {
    let words = match state {
        OrderState::Placed => ["待付款", "待付款", "unpaid"],
        OrderState::Paid => ["待发货", "待出貨", "to ship"],
        OrderState::Shipped => ["已发货", "已出貨", "shipped"],
        OrderState::Received => ["已收货", "已收貨", "received"],
        OrderState::Closed => ["已完成", "已完成", "closed"],
        OrderState::Cancelled => ["已取消", "已取消", "cancelled"],
        OrderState::Refunded => ["已退款", "已退款", "refunded"],
    };
    match locale {
        Locale::ZhHans => words[0],
        Locale::ZhHant => words[1],
        Locale::En => words[2],
    }
}

/// What a sheet says about the orders of one community.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Money that arrived.
    pub payments: Vec<PaymentRow>,
    /// Parcels that left.
    pub parcels: Vec<ParcelRow>,
}

/// Read payments and parcels. `currency` knows the communities there are; `usual` is the one meant where
/// a sheet does not say. Rows that say nothing new about their order are passed over.
///
/// # Errors
/// Every row that cannot be read.
pub fn read(
    table: &SheetTable,
    usual: Option<&str>,
    currency: impl Fn(&str) -> Option<Currency>,
) -> Result<BTreeMap<String, Filled>, Vec<RowFault>> {
    let layout = Layout::of(&table.head);
    if let Some(what) = lacking(&layout, usual) {
        return Err(vec![RowFault { row: 1, what: what.to_owned() }]);
    }
    let (mut filled, mut faults) = (BTreeMap::<String, Filled>::new(), Vec::new());
    for (row, cells) in &table.rows {
        let slug = layout.cell(cells, Column::Community).or(usual).unwrap_or_default();
        let read = match currency(slug) {
            Some(currency) => take(&layout, *row, cells, currency, filled.entry(slug.to_owned())),
            None => Err(format!("there is no community {slug:?}")),
        };
        faults.extend(read.err().map(|what| RowFault { row: *row, what }));
    }
    filled.retain(|_, it| *it != Filled::default());
    if faults.is_empty() { Ok(filled) } else { Err(faults) }
}

fn lacking(layout: &Layout, usual: Option<&str>) -> Option<&'static str> {
    if !layout.has(Column::Order) {
        return Some("no column is headed 订单号 or \"order\"");
    }
    if usual.is_none() && !layout.has(Column::Community) {
        return Some("name the community, or head a column 社群 or \"community\"");
    }
    let says = [Column::Tracking].into_iter().chain(money_column(layout));
    if says.into_iter().any(|column| layout.has(column)) {
        return None;
    }
    Some("no column is headed 收款金额 or \"received\", 快递单号 or \"tracking\"")
}

/// An amount is money that arrived only where the row is not about a line of goods.
fn money_column(layout: &Layout) -> Option<Column> {
    if layout.has(Column::Received) {
        return Some(Column::Received);
    }
    let plain = layout.has(Column::Amount) && !layout.has(Column::Item);
    plain.then_some(Column::Amount)
}

fn take(
    layout: &Layout,
    row: u32,
    cells: &[String],
    currency: Currency,
    filled: std::collections::btree_map::Entry<'_, String, Filled>,
) -> Result<(), String> {
    let money = money_column(layout).and_then(|column| layout.cell(cells, column));
    let words = |text: &str| text.chars().take(MAX_WORDS).collect::<String>();
    let [carrier, tracking] =
        [Column::Carrier, Column::Tracking].map(|column| layout.cell(cells, column).map(words));
    if money.is_none() && tracking.is_none() && carrier.is_none() {
        return Ok(());
    }
    let number = layout.cell(cells, Column::Order).unwrap_or_default();
    let order = order_number(number).ok_or_else(|| format!("{number:?} is no order number"))?;
    let read = |text| {
        amount::parse(text, currency).ok_or_else(|| format!("{text:?} is no amount in {currency}"))
    };
    let amount = money.map(read).transpose()?;
    if let Some(lost) = tracking.as_deref().filter(|text| is_rounded(text)) {
        return Err(format!(
            "{lost:?} is no tracking number: a spreadsheet made a number of it, and its last digits are \
             lost; format the column as text and write it again"
        ));
    }
    let filled = filled.or_default();
    filled.payments.extend(amount.map(|amount| PaymentRow { row, order, amount }));
    if carrier.is_some() || tracking.is_some() {
        filled.parcels.push(ParcelRow { row, order, carrier, tracking });
    }
    Ok(())
}

/// Whether a spreadsheet shows a long number so: `7.31235E+14`.
fn is_rounded(text: &str) -> bool {
    static ROUNDED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}$").expect("a fixed pattern")
    });
    ROUNDED.is_match(text.trim())
}

/// `#1024`, `1024`.
fn order_number(text: &str) -> Option<OrderId> {
    let digits = text.trim().trim_start_matches(['#', '＃']);
    digits.parse().ok().filter(|number| *number > 0).map(OrderId)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Money;

    fn table(head: &[&str], rows: &[&[&str]]) -> SheetTable {
        let owned = |row: &[&str]| row.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        let rows = (2..).zip(rows).map(|(number, row)| (number, owned(row))).collect();
        SheetTable { head: owned(head), rows }
    }

    fn read_for(
        head: &[&str],
        rows: &[&[&str]],
    ) -> Result<BTreeMap<String, Filled>, Vec<RowFault>> {
        let currency = |slug: &str| ["sun", "moon"].contains(&slug).then_some(Currency::CNY);
        read(&table(head, rows), Some("sun"), currency)
    }

    fn payment(row: u32, order: i64, minor: i64) -> PaymentRow {
        PaymentRow { row, order: OrderId(order), amount: Money::from_minor(minor) }
    }

    #[test]
    fn a_short_list_of_payments_is_read() {
        let filled = read_for(&["订单号", "金额"], &[&["#7", "39.9"], &["8", ""]]).unwrap();
        assert_eq!(filled["sun"].payments, [payment(2, 7, 3_990)]);
        assert_eq!(filled["sun"].parcels, []);
    }

    #[test]
    fn the_amount_of_a_line_is_no_payment() {
        let head = ["Order", "Item", "Amount", "Carrier", "Tracking", "Received"];
        let rows: [&[&str]; 2] =
            [&["7", "grapes", "79.80", "DHL", "D1", "5"], &["7", "figs", "1.00", "", "", ""]];
        let filled = read_for(&head, &rows).unwrap();
        assert_eq!(filled["sun"].payments, [payment(2, 7, 500)]);
        assert_eq!(filled["sun"].parcels.len(), 1);
        let faults = read_for(&head[..3], &rows).unwrap_err();
        assert_eq!(faults[0].row, 1);
    }

    #[test]
    fn a_sheet_may_be_about_several_communities() {
        let head = ["社群", "订单号", "快递单号"];
        let filled = read_for(&head, &[&["moon", "1", "SF1"], &["", "2", "SF2"]]).unwrap();
        assert_eq!(filled.keys().collect::<Vec<_>>(), ["moon", "sun"]);
        assert_eq!(filled["moon"].parcels[0].tracking.as_deref(), Some("SF1"));
    }

    #[test]
    fn a_number_that_a_spreadsheet_rounded_is_no_tracking_number() {
        let head = ["订单号", "快递单号"];
        for text in ["7.31235E+14", "7.31235e+14", "7E+14", "7,31235E+14", "1.2E15"] {
            let faults = read_for(&head, &[&["1", "SF1"], &["2", text]]).unwrap_err();
            assert_eq!(faults.iter().map(|it| it.row).collect::<Vec<_>>(), [3], "{text}");
            assert!(faults[0].what.contains("a spreadsheet made a number of it"), "{faults:?}");
        }
        for text in ["731234567890123", "SF1E14", "E14", "1E", "12E5X", "71.2E+14"] {
            assert!(read_for(&head, &[&["2", text]]).is_ok(), "{text}");
        }
    }

    #[test]
    fn every_row_that_cannot_be_read_is_named() {
        let head = ["社群", "订单号", "收款", "快递公司", "快递单号"];
        let rows: [&[&str]; 5] = [
            &["mars", "1", "1", "", ""],
            &["sun", "x", "1", "", ""],
            &["sun", "1", "12,5", "", ""],
            &["sun", "", "", "顺丰", ""],
            &["sun", "1", "2", "", ""],
        ];
        let faults = read_for(&head, &rows).unwrap_err();
        assert_eq!(faults.iter().map(|it| it.row).collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert!(faults[2].what.contains("12,5"));
    }

    #[test]
    fn headings_that_are_written_are_read() {
        for head in HEADS {
            let head: Vec<String> = head.iter().map(|&it| it.to_owned()).collect();
            let layout = Layout::of(&head);
            for column in
                [Column::Order, Column::Item, Column::Carrier, Column::Tracking, Column::Received]
            {
                assert!(layout.has(column), "{column:?} in {head:?}");
            }
        }
    }
}
