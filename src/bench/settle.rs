//! `tuan bench settle`: commissions that fall due all at once, and how long a message waits meanwhile.

use serde_json::{Value, json};

use super::Yard;

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Commissions that fall due.
    pub commissions: u32,
    /// Communities they are spread over.
    pub communities: u32,
    /// Seconds of pgbench.
    pub seconds: u64,
}

/// Measure; returns the report.
///
/// # Errors
/// Whatever the server or pgbench says.
pub async fn measure(yard: &Yard, plan: &Plan) -> anyhow::Result<Value> {
    let _ = (yard, plan);
    Ok(json!({}))
}
