//! Logs: to standard error, filtered by `TUAN_LOG` (as `RUST_LOG` is written), `info` by default; JSON
//! when `TUAN_LOG_FORMAT=json`. Logs carry ids, never what people wrote.

use tracing_subscriber::EnvFilter;

/// Start logging. Starting twice is starting once.
pub fn start(default: &str) {
    let filter = std::env::var("TUAN_LOG").unwrap_or_else(|_| default.to_owned());
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(default));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let json = std::env::var("TUAN_LOG_FORMAT").is_ok_and(|format| format == "json");
    let _ = if json { logs.json().try_init() } else { logs.compact().try_init() };
}
