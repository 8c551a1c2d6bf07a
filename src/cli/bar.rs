//! How far a long piece of work is: one line on standard error, rewritten now and then where somebody watches.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Work that takes longer says how far it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// The line.
pub(super) struct Bar {
    last: Instant,
    shown: bool,
}

impl Bar {
    /// Nothing is shown yet.
    pub(super) fn new() -> Self {
        Self { last: Instant::now(), shown: false }
    }

    /// Say how far it is, unless that was said just now.
    pub(super) fn show(&mut self, text: impl FnOnce() -> String) {
        if self.last.elapsed() < PATIENCE {
            return;
        }
        self.last = Instant::now();
        let mut err = std::io::stderr();
        let _ = if err.is_terminal() {
            self.shown = true;
            write!(err, "\r\x1b[K{}", text())
        } else {
            writeln!(err, "{}", text())
        };
    }

    /// It is done.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
