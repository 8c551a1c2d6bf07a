//! Placeholder.

use crate::book::desk::{Decided, Desk};
use crate::domain::event::{Evidence, Person};

/// Placeholder.
pub fn meet(desk: &mut Desk<'_>, person: &Person) -> Decided {
    let _ = desk;
    let _ = person;
    Ok(())
}

/// Placeholder.
pub fn joined(
    desk: &mut Desk<'_>,
    members: &[Person],
    inviter: Option<&Person>,
    evidence: Evidence,
) -> Decided {
    let _ = desk;
    let _ = members;
    let _ = inviter;
    let _ = evidence;
    Ok(())
}

/// Placeholder.
pub fn left(desk: &mut Desk<'_>, person: &Person) -> Decided {
    let _ = desk;
    let _ = person;
    Ok(())
}

/// Placeholder.
pub fn invite(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}

/// Placeholder.
pub fn use_invite(desk: &mut Desk<'_>, code: &str) -> Decided {
    let _ = desk;
    let _ = code;
    Ok(())
}

/// Placeholder.
pub fn claim_inviter(desk: &mut Desk<'_>, name: &str) -> Decided {
    let _ = desk;
    let _ = name;
    Ok(())
}

/// Placeholder.
pub fn answer_claim(desk: &mut Desk<'_>, name: Option<&str>, agreed: bool) -> Decided {
    let _ = desk;
    let _ = name;
    let _ = agreed;
    Ok(())
}

/// Placeholder.
pub fn set_payee(desk: &mut Desk<'_>, text: &str) -> Decided {
    let _ = desk;
    let _ = text;
    Ok(())
}

/// Placeholder.
pub fn set_address(desk: &mut Desk<'_>, text: &str) -> Decided {
    let _ = desk;
    let _ = text;
    Ok(())
}

/// Placeholder.
pub fn set_pickup(desk: &mut Desk<'_>, text: &str) -> Decided {
    let _ = desk;
    let _ = text;
    Ok(())
}

/// Placeholder.
pub fn set_leader(desk: &mut Desk<'_>, name: &str, add: bool) -> Decided {
    let _ = desk;
    let _ = name;
    let _ = add;
    Ok(())
}

/// Placeholder.
pub fn set_promoter(desk: &mut Desk<'_>, name: &str, enabled: bool) -> Decided {
    let _ = desk;
    let _ = name;
    let _ = enabled;
    Ok(())
}
