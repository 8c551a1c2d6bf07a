//! Placeholder.

use crate::book::desk::{Decided, Desk};
use crate::domain::intent::Query;

/// Placeholder.
pub fn menu(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn help(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn feedback(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn my_orders(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn query(desk: &mut Desk<'_>, query: &Query) -> Decided {
    let _ = desk;
    let _ = query;
    Ok(())
}
