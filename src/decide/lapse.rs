//! Placeholder.

use crate::book::desk::{Decided, Desk};

/// Placeholder.
pub fn warn(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn release(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}
