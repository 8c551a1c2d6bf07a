//! Placeholder.

use crate::book::desk::{Decided, Desk};
use crate::domain::{ids::OrderId, intent::Selection, money::Money};

/// Placeholder.
pub fn paid(desk: &mut Desk<'_>, of: &Selection, amount: Option<Money>) -> Decided {
    let _ = desk;
    let _ = of;
    let _ = amount;
    Ok(())
}

/// Placeholder.
pub fn ship(
    desk: &mut Desk<'_>,
    of: &Selection,
    carrier: Option<&str>,
    tracking: Option<&str>,
) -> Decided {
    let _ = desk;
    let _ = of;
    let _ = carrier;
    let _ = tracking;
    Ok(())
}

/// Placeholder.
pub fn delivered(desk: &mut Desk<'_>, of: &Selection) -> Decided {
    let _ = desk;
    let _ = of;
    Ok(())
}

/// Placeholder.
pub fn received(desk: &mut Desk<'_>, orders: &[OrderId]) -> Decided {
    let _ = desk;
    let _ = orders;
    Ok(())
}

/// Placeholder.
pub fn receive_due(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}
