//! `tuan payments`: money that came, from the statement of a bank, of WeChat Pay or of Alipay.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::book::Shop;
use crate::decide::payments::statement::verdicts;
use crate::domain::ids::OrderId;
use crate::domain::money::{Currency, Money};
use crate::domain::operate::OperatorIntent;
use crate::domain::payments::statement::{IncomingLine, LineVerdict, MatchSign, StatementRow};
use crate::sheets::statement::{self, LeftOut, Statement, StatementKind};
use crate::sheets::table;
use crate::store::operator;
use crate::store::reference::Linked;

use super::visit::PageVisit;
use super::{Data, Usage, outcome};

/// The most rows of one kind that are printed.
const SHOWN: usize = 200;

/// Payments.
#[derive(Debug, clap::Args)]
pub struct PaymentsArgs {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    what: PaymentsAction,
}

#[derive(Debug, clap::Subcommand)]
enum PaymentsAction {
    /// Say which orders the money of a statement is for; books what is sure only if --book is given
    ///
    /// A row is an order's if it has the order's number, or the amount that is due and one more sign that no other
    /// order has. All that is sure is booked, or nothing. Rows are remembered: the same file changes nothing.
    Import {
        /// The statement, .csv or .xlsx, as the bank or the wallet gave it out
        file: PathBuf,
        /// The community; needed where there are several
        #[arg(long, value_name = "SLUG")]
        community: Option<String>,
        /// Book what is sure
        #[arg(long)]
        book: bool,
    },
}

impl PaymentsArgs {
    /// Run it; says whether all is fine.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        let visit = PageVisit::open(&self.data).await?;
        let PaymentsAction::Import { file, community, book } = self.what;
        let done = import(&visit, &file, community.as_deref(), book).await;
        visit.close().await?;
        done
    }
}

async fn import(
    visit: &PageVisit,
    file: &Path,
    slug: Option<&str>,
    book: bool,
) -> anyhow::Result<bool> {
    let linked = meant(visit, slug)?;
    let rows = table::rows(file)?;
    let (currency, _) = operator::manner(&visit.engine.db, linked).await?;
    let mut out = std::io::stdout();
    let read = match statement::read(&rows, currency) {
        Ok(read) => read,
        Err(faults) => {
            outcome::print_faults(&mut out, &faults)?;
            return Ok(false);
        }
    };
    let prints: Vec<_> = read.lines.iter().map(|line| line.print).collect();
    let (db, seal, now) = (&visit.engine.db, &visit.engine.seal, visit.engine.clock.now());
    let (shop, known) = operator::unpaid_orders(db, seal, linked, &prints, now).await?;
    let verdicts = verdicts(&shop, &read.lines, &known);
    let sure = preview(&mut out, &shop, currency, &read, &verdicts)?;
    if sure.is_empty() {
        writeln!(out, "nothing to book")?;
        return Ok(true);
    }
    let total: Money = sure.iter().map(|row| row.amount).sum();
    let intent = OperatorIntent::Statement { rows: sure };
    let rehearsed = visit.service.rehearse(linked, intent.clone()).await?;
    if !rehearsed.is_fine() {
        return Ok(outcome::print(&mut out, "order", &rehearsed, false)?);
    }
    if !book {
        let total = currency.show(total);
        writeln!(out, "nothing was booked yet: say --book to book what is sure, {total}")?;
        return Ok(true);
    }
    let submitted = visit.service.submit(linked, intent).await?;
    let done = visit.service.outcome(&submitted).await?;
    Ok(outcome::print(&mut out, "order", &done, true)?)
}

fn meant<'v>(visit: &'v PageVisit, slug: Option<&str>) -> anyhow::Result<&'v Linked> {
    match (slug, visit.communities()) {
        (Some(slug), _) => visit.community(slug),
        (None, [only]) => Ok(only),
        (None, _) => Err(Usage("name the community: --community SLUG".to_owned()).into()),
    }
}

/// Say what each row comes to; returns what is sure.
fn preview(
    out: &mut impl Write,
    shop: &Shop,
    currency: Currency,
    read: &Statement,
    verdicts: &[LineVerdict],
) -> std::io::Result<Vec<StatementRow>> {
    let kind = match read.kind {
        StatementKind::WeChatPay => "a statement of WeChat Pay",
        StatementKind::Alipay => "a statement of Alipay",
        StatementKind::Bank => "a statement of a bank",
    };
    let (preface, footer) = (read.preface, read.footer);
    writeln!(
        out,
        "{kind}: {preface} rows before the heading and {footer} behind the last one passed over"
    )?;
    let (mut sure, mut counts) = (Vec::new(), [0usize; 4]);
    for (line, verdict) in read.lines.iter().zip(verdicts) {
        let (place, said) = match verdict {
            LineVerdict::Matched { parts, by } => {
                sure.extend(parts.iter().map(|(order, amount)| StatementRow {
                    row: line.row,
                    order: *order,
                    amount: *amount,
                    print: line.print,
                }));
                let orders: Vec<_> = parts.iter().map(|(order, _)| *order).collect();
                (0, format!("for {} ({})", orders_said(shop, &orders), sign(*by)))
            }
            LineVerdict::Unsure(orders) if orders.is_empty() => {
                (1, "not sure: it names an order that waits for no money".to_owned())
            }
            LineVerdict::Unsure(orders) => {
                (1, format!("not sure: it may be for {}", orders_said(shop, orders)))
            }
            LineVerdict::Nobodys => (2, "for no order that waits for money".to_owned()),
            LineVerdict::Known => (3, "booked before".to_owned()),
        };
        counts[place] += 1;
        if counts[place] <= SHOWN {
            writeln!(out, "row {}: {}, {said}", line.row, came(line, currency))?;
        }
    }
    let [matched, unsure, others, known] = counts;
    writeln!(
        out,
        "{matched} sure, {unsure} not sure, {others} other money, {known} booked before"
    )?;
    left_out(out, read)?;
    Ok(sure)
}

fn came(line: &IncomingLine, currency: Currency) -> String {
    let from = if line.payer.is_empty() { String::new() } else { format!(" from {}", line.payer) };
    format!("{}{from}", currency.show(line.amount))
}

fn orders_said(shop: &Shop, orders: &[OrderId]) -> String {
    let said = orders.iter().map(|id| {
        let member = shop.orders.get(*id).and_then(|order| shop.members.get(order.member));
        member.map_or_else(|| format!("#{id}"), |member| format!("#{id} of {}", member.name))
    });
    said.collect::<Vec<_>>().join(", ")
}

const fn sign(by: MatchSign) -> &'static str {
    match by {
        MatchSign::Reference => "its number",
        MatchSign::Digits => "amount and last digits",
        MatchSign::Name => "amount and name",
        MatchSign::Claim => "amount, and its buyer says to have paid",
    }
}

/// Rows that are no money for us, counted by why.
fn left_out(out: &mut impl Write, read: &Statement) -> std::io::Result<()> {
    let mut counts = std::collections::BTreeMap::<LeftOut, usize>::new();
    read.left_out.iter().for_each(|(_, why)| *counts.entry(*why).or_default() += 1);
    let said = counts.iter().map(|(why, count)| {
        let why = match why {
            LeftOut::Outgoing => "went out",
            LeftOut::Own => "between own accounts",
            LeftOut::Refunded => "refunded",
            LeftOut::NotDone => "not done",
            LeftOut::Sum => "sums",
        };
        format!("{count} {why}")
    });
    let said: Vec<_> = said.collect();
    if said.is_empty() { Ok(()) } else { writeln!(out, "left out: {}", said.join(", ")) }
}
