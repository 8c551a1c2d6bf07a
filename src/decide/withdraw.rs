//! Placeholder.

use crate::book::desk::{Decided, Desk};
use crate::domain::money::Money;

/// Placeholder.
pub fn ask(desk: &mut Desk<'_>, amount: Option<Money>) -> Decided {
    let _ = desk;
    let _ = amount;
    Ok(())
}
