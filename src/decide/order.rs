//! Placeholder.

use crate::book::desk::{Decided, Desk};
use crate::domain::{
    ids::OrderId,
    intent::{Selection, Understood, WantedLine},
};

/// Placeholder.
pub fn place(desk: &mut Desk<'_>, lines: &[WantedLine], said: &Understood, text: &str) -> Decided {
    let _ = desk;
    let _ = lines;
    let _ = said;
    let _ = text;
    Ok(())
}

/// Placeholder.
pub fn amend(desk: &mut Desk<'_>, lines: &[WantedLine], said: &Understood) -> Decided {
    let _ = desk;
    let _ = lines;
    let _ = said;
    Ok(())
}

/// Placeholder.
pub fn cancel(desk: &mut Desk<'_>, lines: &[WantedLine]) -> Decided {
    let _ = desk;
    let _ = lines;
    Ok(())
}

/// Placeholder.
pub fn cancel_orders(desk: &mut Desk<'_>, orders: &[OrderId]) -> Decided {
    let _ = desk;
    let _ = orders;
    Ok(())
}

/// Placeholder.
pub fn cancel_of(desk: &mut Desk<'_>, of: &Selection) -> Decided {
    let _ = desk;
    let _ = of;
    Ok(())
}
