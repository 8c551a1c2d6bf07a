//! Placeholder.

use crate::book::desk::{Decided, Desk};

/// Placeholder.
pub fn balance(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn statement(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn unpaid(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn pick_list(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn today(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn unattributed(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn promoters(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}
