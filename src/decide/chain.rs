//! Placeholder.

use crate::book::desk::{Decided, Desk};
use crate::domain::intent::ChainEntry;

/// Placeholder.
pub fn join_list(desk: &mut Desk<'_>, entries: &[ChainEntry]) -> Decided {
    let _ = desk;
    let _ = entries;
    Ok(())
}

/// Placeholder.
pub fn review(desk: &mut Desk<'_>, accept: bool) -> Decided {
    let _ = desk;
    let _ = accept;
    Ok(())
}
