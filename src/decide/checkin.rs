//! Placeholder.

use crate::book::desk::{Decided, Desk};

/// Placeholder.
pub fn check_in(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn share(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn approve_share(desk: &mut Desk<'_>, name: &str) -> Decided {
    let _ = desk;
    let _ = name;
    Ok(())
}
