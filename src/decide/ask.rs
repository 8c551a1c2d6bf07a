//! Placeholder.

use crate::book::desk::{Decided, Desk};
use crate::domain::intent::{Question, Understood};

/// Placeholder.
pub fn ask(desk: &mut Desk<'_>, question: &Question, said: &Understood) -> Decided {
    let _ = desk;
    let _ = question;
    let _ = said;
    Ok(())
}

/// Placeholder.
pub fn recalled(desk: &mut Desk<'_>, key: &str) -> Decided {
    let _ = desk;
    let _ = key;
    Ok(())
}
