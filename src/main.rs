//! The program; see [`tuan::cli`].

fn main() -> std::process::ExitCode {
    tuan::cli::main()
}
