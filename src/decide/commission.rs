//! Commission (佣金): who earns what on a line.

use crate::book::desk::{Decided, Desk};
use crate::domain::ids::MemberId;
use crate::domain::offer::Offer;
use crate::domain::order::{Line, Share, Terms};

/// Placeholder.
pub fn snapshot(
    desk: &Desk<'_>,
    buyer: MemberId,
    offer: &Offer,
) -> Decided<[Option<(MemberId, Terms)>; 2]> {
    let _ = offer;
    let inviter = desk.member_row(buyer)?.bond.map(|bond| bond.inviter);
    let rate = desk.shop.policy.commission.level1;
    Ok([inviter.map(|inviter| (inviter, Terms::Rate(rate))), None])
}

/// Placeholder.
pub fn reprice(line: &mut Line) {
    let (base, qty) = (line.base(), line.qty);
    for share in line.shares.iter_mut().flatten() {
        share.amount = Share::earned(share.terms, base, qty);
    }
}

/// Placeholder.
pub fn settle(desk: &mut Desk<'_>) -> Decided {
    let _ = desk;
    Ok(())
}
