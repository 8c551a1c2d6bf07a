//! What the command line does, one file per sub-command. Each has a `run` that prints for people
//! and says whether the thing asked about is fine; the exit status is decided in `main`. Nothing
//! here decides anything about a shop.

pub mod audit;
pub mod backup;
mod bar;
pub mod bench;
pub mod bench_understand;
pub mod check_config;
pub mod clock;
pub mod database;
pub mod demo;
pub mod explain;
mod keys;
pub mod link;
pub mod migrate;
pub mod orders;
mod outcome;
pub mod parked;
pub mod payments;
pub mod payouts;
pub mod privacy;
pub mod rebind;
pub mod rekey;
pub mod serve;
pub mod statement;
pub mod telemetry;
pub mod understand;
mod visit;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// The command was called wrongly: exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Tuan (团): a shop that lives inside a group chat.
#[derive(Debug, Parser)]
#[command(name = "tuan", version, about, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: ProgramCommand,
}

/// The sub-commands.
#[derive(Debug, Subcommand)]
pub enum ProgramCommand {
    /// Try it: a demo shop and a simulated group chat in the browser
    ///
    /// Brings its own Postgres and needs nothing prepared. Prints the address to open.
    #[command(
        after_help = "Examples:\n  tuan demo\n  tuan demo --port 9000 --data ./demo-data\n  tuan demo --fresh"
    )]
    Demo(demo::Demo),
    /// Run a shop from its config file
    ///
    /// Uses the Postgres of `DATABASE_URL`, or one of its own. Needs `TUAN_DATA_KEY`, and `TUAN_DATA_KEYS_OLD` beside a
    /// new key until `tuan rekey` has finished. A key that does not fit the database is refused.
    #[command(
        after_help = "Examples:\n  TUAN_DATA_KEY=$(openssl rand -hex 32) tuan serve --config shop.toml\n  DATABASE_URL=postgres://tuan_app@db/tuan tuan serve --config shop.toml\n\nSend SIGHUP after changing the file: a faulty file is refused and the old one stays in force."
    )]
    Serve(serve::Serve),
    /// Check a config file: every fault at once, with line, column and a hint
    #[command(after_help = "Example:\n  tuan check-config shop.toml")]
    CheckConfig {
        /// The file.
        file: PathBuf,
    },
    /// Say what chat messages mean: JSON Lines in, JSON Lines out
    #[command(
        after_help = "Example:\n  echo '{\"id\":\"1\",\"context\":\"fruit\",\"text\":\"A1 两箱\"}' | tuan understand --contexts contexts.json"
    )]
    Understand(understand::UnderstandArgs),
    /// Print the JSON Schema of the config file, for editors
    Schema,
    /// Link a group chat to a community: prints a one-time code to send in the group
    #[command(after_help = "Example:\n  tuan link sunshine")]
    Link(link::Link),
    /// Undo the link of a community to its group chat
    ///
    /// The books stay; the group hears nothing more. Needs `TUAN_DATA_KEY`.
    #[command(after_help = "Example:\n  tuan unlink sunshine")]
    Unlink(link::Link),
    /// Count the books again: ledger, stock, commission, points; exit status 1 if anything differs
    ///
    /// Reads one snapshot while the shop trades. Each difference is printed with its trail.
    #[command(
        after_help = "Examples:\n  tuan audit\n  tuan audit --data ./demo-data --community sunshine\n  DATABASE_URL=postgres://tuan_app@db/tuan tuan audit --json"
    )]
    Audit(audit::AuditArgs),
    /// Tell the story of an order, a member or operators' commands: what was said, decided, booked and answered
    ///
    /// With `TUAN_DATA_KEY` (or the key beside the embedded database) what people wrote is shown as well.
    #[command(
        after_help = "Examples:\n  tuan explain order sunshine 1024\n  tuan explain member sunshine 小美\n  tuan explain commands sunshine\n  tuan explain --data ./demo-data member sunshine '#3'"
    )]
    Explain(explain::ExplainArgs),
    /// Events that failed alone, twice: list them, have one tried again
    #[command(
        after_help = "Examples:\n  tuan parked list\n  tuan parked retry 2/4711\n  tuan parked --data ./demo-data retry 2/4711 --again"
    )]
    Parked(parked::ParkedArgs),
    /// Clocks that leapt while the shop ran: show them, say that the time is right
    ///
    /// Until then (or an hour) what releases or pays waits: orders do not lapse, nothing is settled.
    #[command(after_help = "Examples:\n  tuan clock show\n  tuan clock accept")]
    Clock(clock::ClockArgs),
    /// Bring a database up to date, as its owner
    ///
    /// The owner's address is `TUAN_OWNER_URL`, which no other command works with; where it is not set,
    /// `DATABASE_URL` is both owner and application, and `serve` migrates by itself.
    #[command(
        after_help = "Examples:\n  TUAN_OWNER_URL=postgres://owner@db/tuan tuan migrate\n  tuan migrate --data ./demo-data"
    )]
    Migrate(migrate::Migrate),
    /// Seal everything anew with the newest data key, while the shop trades
    ///
    /// The newest key is `TUAN_DATA_KEY`; older ones, with commas between, `TUAN_DATA_KEYS_OLD` (beside an embedded
    /// database that keeps its own: the file data-key, one key a line, the newest first). Interrupted, it goes on when it
    /// is run again. When it has finished, the older keys are needed for old backups only.
    #[command(
        after_help = "To change the key:\n  1. stop the shop and start it with\n     TUAN_DATA_KEY=<new> TUAN_DATA_KEYS_OLD=<old>\n  2. with both as well: tuan rekey\n  3. leave TUAN_DATA_KEYS_OLD out from the next start on; keep the old key with the old backups"
    )]
    Rekey(rekey::Rekey),
    /// Backups: whether the data keys and a dump fit
    Backup(backup::Backup),
    /// Measure it: real orders through the real engine, beside pgbench on the same server
    ///
    /// Works in a database of its own, which it drops: on the server of `DATABASE_URL`, in --data DIR, or
    /// on an embedded one in a temporary folder. The last line is one JSON object.
    #[command(
        after_help = "Examples:\n  tuan bench orders --hot\n  tuan bench orders --spread 1000\n  tuan bench orders --alone\n  tuan bench settle"
    )]
    Bench(bench::Bench),
    /// Withdrawals: list, approve, refuse, hand to the bank, take its results
    #[command(
        after_help = "Examples:\n  tuan payouts list\n  tuan payouts approve sunshine 12 13\n  tuan payouts export --out batch.xlsx\n  tuan payouts import result.xlsx --apply"
    )]
    Payouts(payouts::Payouts),
    /// Orders as a sheet; payments and tracking numbers from one
    #[command(
        after_help = "Examples:\n  tuan orders export --community sunshine --day 2026-03-04 --out orders.xlsx\n  tuan orders import orders.xlsx --community sunshine\n  tuan orders import orders.xlsx --community sunshine --apply"
    )]
    Orders(orders::OrdersArgs),
    /// Money that came, from a statement of WeChat Pay, Alipay or a bank
    #[command(
        after_help = "Examples:\n  tuan payments import bill.csv --community sunshine\n  tuan payments import bill.xlsx --community sunshine --book"
    )]
    Payments(payments::PaymentsArgs),
    /// Every entry on a member's accounts, each with its why
    #[command(
        after_help = "Examples:\n  tuan statement sunshine 小美\n  tuan statement sunshine shop --limit 20"
    )]
    Statement(statement::StatementArgs),
    /// Bind a member to another inviter; placed orders keep theirs
    #[command(
        after_help = "Examples:\n  tuan rebind sunshine 小美 --to 老王 --reason \"came by a wrong link\"\n  tuan rebind sunshine 7 --to none --reason \"fake account\""
    )]
    Rebind(rebind::Rebind),
    /// What is kept about a person, and forgetting it
    #[command(
        after_help = "Examples:\n  tuan privacy export sunshine 小美 --out mei.json\n  tuan privacy erase sunshine 7\n  tuan privacy erase sunshine 7 --yes"
    )]
    Privacy(privacy::Privacy),
}

/// Which database a command works on.
#[derive(Clone, Debug, Args)]
pub struct Data {
    /// Folder of the embedded database; `DATABASE_URL` names another one
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// The program: parses its arguments, runs the command, and turns the outcome into an exit status: 0 fine,
/// 1 the thing asked about is not fine, 2 called wrongly.
///
/// It starts the runtime here and not in `main.rs`, so that the library is where everything is compiled.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run(cli)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "tuan: {error:#}");
    if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

/// Run a command; says whether the thing asked about is fine.
///
/// # Errors
/// [`Usage`] when it was called wrongly; otherwise what went wrong.
async fn run(cli: Cli) -> anyhow::Result<bool> {
    match cli.command {
        ProgramCommand::Demo(demo) => demo.run().await.map(|()| true),
        ProgramCommand::Serve(serve) => serve.run().await,
        ProgramCommand::CheckConfig { file } => check_config::run(&file),
        ProgramCommand::Understand(command) => command.run().map(|()| true),
        ProgramCommand::Schema => {
            writeln!(std::io::stdout(), "{:#}", crate::config::schema())?;
            Ok(true)
        }
        ProgramCommand::Link(link) => link.link().await,
        ProgramCommand::Unlink(link) => link.unlink().await,
        ProgramCommand::Audit(audit) => audit.run().await,
        ProgramCommand::Explain(explain) => explain.run().await,
        ProgramCommand::Parked(parked) => parked.run().await,
        ProgramCommand::Clock(clock) => clock.run().await,
        ProgramCommand::Migrate(migrate) => migrate.run().await.map(|()| true),
        ProgramCommand::Bench(bench) => bench.run().await,
        ProgramCommand::Payouts(payouts) => payouts.run().await,
        ProgramCommand::Orders(orders) => orders.run().await,
        ProgramCommand::Payments(payments) => payments.run().await,
        ProgramCommand::Statement(statement) => statement.run().await,
        ProgramCommand::Rekey(rekey) => rekey.run().await,
        ProgramCommand::Backup(backup) => backup.run().await,
        ProgramCommand::Rebind(rebind) => rebind.run().await,
        ProgramCommand::Privacy(privacy) => privacy.run().await,
    }
}
