//! Headings of statements, as banks and wallets write them.

use unicode_normalization::UnicodeNormalization;

/// What a column says of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// When, or the day.
    Time,
    /// The time of a day that stands in a column of its own.
    Clock,
    /// How much, whichever way.
    Amount,
    /// How much came.
    In,
    /// How much went.
    Out,
    /// Whether it came or went.
    Direction,
    /// Who paid.
    Payer,
    /// From where.
    Account,
    /// What kind of transaction.
    What,
    /// What it was for.
    Goods,
    /// What the payer wrote.
    Note,
    /// What the bank calls a reference.
    Reference,
    /// What became of it.
    State,
    /// Its number.
    Number,
}

/// Headings as they are written, folded.
const NAMES: &[(Part, &[&str])] = &[
    (
        Part::Time,
        &[
            "交易时间",
            "交易時間",
            "交易日期",
            "记账日期",
            "記帳日期",
            "入账时间",
            "付款时间",
            "交易创建时间",
            "日期",
            "帳務日期",
            "transactiondate",
            "date",
            "time",
            "transactiontime",
            "valuedate",
            "postingdate",
        ],
    ),
    (Part::Clock, &["时间", "時間", "交易时刻"]),
    (
        Part::Amount,
        &[
            "金额",
            "金額",
            "金额元",
            "金額元",
            "交易金额",
            "交易金額",
            "amount",
            "transactionamount",
        ],
    ),
    (
        Part::In,
        &[
            "收入",
            "收入金额",
            "收入金額",
            "贷方发生额",
            "贷方金额",
            "存入",
            "存入金額",
            "存款",
            "credit",
            "creditamount",
            "deposit",
            "deposits",
            "paidin",
            "moneyin",
        ],
    ),
    (
        Part::Out,
        &[
            "支出",
            "支出金额",
            "支出金額",
            "借方发生额",
            "借方金额",
            "提出",
            "提款",
            "debit",
            "debitamount",
            "withdrawal",
            "withdrawals",
            "paidout",
            "moneyout",
        ],
    ),
    (Part::Direction, &["收支", "借贷标志", "收付标志", "direction", "drcr", "type"]),
    (
        Part::Payer,
        &[
            "交易对方",
            "對方",
            "对方户名",
            "對方戶名",
            "对方名称",
            "对方姓名",
            "付款人",
            "付款人姓名",
            "轉出入帳戶名稱",
            "counterparty",
            "payer",
            "payername",
            "from",
            "name",
            "sender",
        ],
    ),
    (
        Part::Account,
        &[
            "对方账号",
            "对方帐号",
            "對方帳號",
            "对方账户",
            "轉出入帳號",
            "轉出帳號",
            "counterpartyaccount",
            "payeraccount",
            "fromaccount",
            "account",
        ],
    ),
    (Part::What, &["交易类型", "交易類型", "类型", "交易分类", "摘要", "transactiontype", "code"]),
    (Part::Goods, &["商品", "商品说明", "商品名称", "description", "details", "particulars"]),
    (
        Part::Note,
        &[
            "备注",
            "備註",
            "附言",
            "用途",
            "留言",
            "note",
            "notes",
            "remarks",
            "memo",
            "clientreference",
            "transactionref2",
        ],
    ),
    (Part::Reference, &["reference", "参考", "transactionref1", "paymentreference"]),
    (Part::State, &["当前状态", "交易状态", "狀態", "状态", "status", "state"]),
    (
        Part::Number,
        &[
            "交易单号",
            "交易订单号",
            "交易号",
            "交易流水号",
            "流水号",
            "交易序號",
            "凭证号",
            "transactionid",
            "transactionno",
            "transactionnumber",
            "id",
        ],
    ),
];

fn of(heading: &str) -> Option<Part> {
    let folded: String =
        heading.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    NAMES.iter().find(|(_, names)| names.contains(&folded.as_str())).map(|(part, _)| *part)
}

/// Where each part stands.
#[derive(Clone, Debug)]
pub(super) struct Headings {
    places: Vec<(Part, usize)>,
}

impl Headings {
    /// The headings of a row, if it is a heading: it has a time, an amount, and who paid or what for.
    pub(super) fn of(cells: &[String]) -> Option<Self> {
        let mut places: Vec<(Part, usize)> = Vec::new();
        for (place, heading) in cells.iter().enumerate() {
            if let Some(part) = of(heading)
                && places.iter().all(|(known, _)| *known != part)
            {
                places.push((part, place));
            }
        }
        let has = |part: Part| places.iter().any(|(known, _)| *known == part);
        let tells = [Part::Payer, Part::Note, Part::Reference, Part::Goods].into_iter().any(has);
        let is_heading = has(Part::Time) && (has(Part::Amount) || has(Part::In)) && tells;
        is_heading.then_some(Self { places })
    }

    /// What a row says there; `None` when it says nothing. Wallets put tabs and accents before numbers, so that a
    /// spreadsheet leaves them alone.
    pub(super) fn cell<'r>(&self, row: &'r [String], part: Part) -> Option<&'r str> {
        let (_, place) = self.places.iter().find(|(known, _)| *known == part)?;
        let blank = |c: char| c.is_whitespace() || c == '`' || c == '\u{feff}';
        row.get(*place).map(|text| text.trim_matches(blank)).filter(|text| !text.is_empty())
    }

    /// Whether a row says what came or went in columns of their own.
    pub(super) fn is_split(&self, row: &[String]) -> bool {
        [Part::In, Part::Out].into_iter().any(|part| self.cell(row, part).is_some())
    }

    /// How many cells a row has at least: up to its amount.
    pub(super) fn least(&self) -> usize {
        let place =
            |part| self.places.iter().find(|(known, _)| *known == part).map(|(_, at)| at + 1);
        let times = [Part::Time, Part::Amount].into_iter().filter_map(place);
        times.max().unwrap_or(0)
    }
}
