//! Placeholder.

use crate::book::desk::{Decided, Desk};
use crate::domain::time::Timestamp;

/// Placeholder.
pub fn policy_loaded(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn fire(desk: &mut Desk<'_>, drop: &str, planned: Timestamp) -> Decided {
    let _ = desk;
    let _ = drop;
    let _ = planned;
    Ok(())
}
