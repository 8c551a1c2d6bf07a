//! Placeholder.

use crate::book::desk::{Decided, Desk};
use crate::domain::ids::OrderId;

/// Placeholder.
pub fn points(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn spend(desk: &mut Desk<'_>, points: Option<u32>) -> Decided {
    let _ = desk;
    let _ = points;
    Ok(())
}

/// Placeholder.
pub fn expire(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn give_back(desk: &mut Desk<'_>, order: OrderId) {
    let _ = desk;
    let _ = order;
}
