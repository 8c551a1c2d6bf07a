//! Placeholder.

use crate::book::desk::{Decided, Desk};
use crate::domain::{ids::OfferId, money::Money};

/// Placeholder.
pub fn close_due(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn list(
    desk: &mut Desk<'_>,
    name: &str,
    price: Money,
    stock: Option<u32>,
    unit: Option<&str>,
) -> Decided {
    let _ = desk;
    let _ = name;
    let _ = price;
    let _ = stock;
    let _ = unit;
    Ok(())
}

/// Placeholder.
pub fn price(desk: &mut Desk<'_>, offer: OfferId, price: Money) -> Decided {
    let _ = desk;
    let _ = offer;
    let _ = price;
    Ok(())
}

/// Placeholder.
pub fn stock(desk: &mut Desk<'_>, offer: OfferId, variant: Option<u16>, by: i32) -> Decided {
    let _ = desk;
    let _ = offer;
    let _ = variant;
    let _ = by;
    Ok(())
}

/// Placeholder.
pub fn stop(desk: &mut Desk<'_>, offers: &[OfferId]) -> Decided {
    let _ = desk;
    let _ = offers;
    Ok(())
}
