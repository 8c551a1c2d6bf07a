//! The program; see [`tuan::cli`].

/// A third of the line's own time went into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    tuan::cli::main()
}
