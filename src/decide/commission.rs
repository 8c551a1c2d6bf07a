//! Placeholder.

use crate::book::desk::{Decided, Desk};

/// Placeholder.
pub fn settle(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}
