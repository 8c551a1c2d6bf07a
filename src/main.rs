//! The `tuan` program.

use std::io::{self, BufWriter};
use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read messages (JSON Lines on standard input) and say what they mean.
    Understand {
        /// The offers open in each context.
        #[arg(long)]
        contexts: PathBuf,
    },
    /// Measure something; prints one JSON object as its last line.
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
}

#[derive(Subcommand)]
enum Bench {
    /// Messages read per second on one core.
    Understand,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Bench { what: Bench::Understand } => {
            println!("{}", tuan::cli::bench_understand::run());
            Ok(())
        }
        Command::Understand { contexts } => tuan::cli::understand::run(
            &contexts,
            io::stdin().lock(),
            BufWriter::new(io::stdout().lock()),
        ),
    }
}
