//! The inverse of lines of a chain that a leader took: their goods go back, and they wait for the leader again.

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Missing, Need};
use crate::decide::orders::order::undo;
use crate::domain::ids::MemberId;
use crate::domain::refusal::Refusal;
use crate::domain::undo::OrderEffect;

use super::snapshot::units_of;
use super::{tell_waiting, text};

/// Let the lines wait again.
///
/// # Errors
/// [`Refusal::ChangedSince`] where a line is not as it was taken; those of [`undo::check`]; [`Missing`].
pub fn take_back(ctx: &mut Ctx<'_>, orders: &[OrderEffect], lines: &[(i64, i16)]) -> Decided {
    if !ctx.shop.known.review {
        return Err(Missing(Need::Review).into());
    }
    for &key in lines {
        let row = ctx.shop.review.get(key).ok_or(Refusal::CannotUndo)?;
        ctx.member_row(row.poster)?;
        if row.settled != Some(true) {
            return Err(Refusal::ChangedSince { what: row.who.clone() }.into());
        }
    }
    undo::check(ctx, orders)?;
    undo::restore(ctx, orders);
    let mut waiting: BTreeMap<MemberId, Vec<String>> = BTreeMap::new();
    for &key in lines {
        let Some(row) = ctx.shop.review.edit(key) else { continue };
        (row.settled, row.owner) = (None, None);
        let (poster, who, units) = (row.poster, row.who.clone(), units_of(&row.lines));
        waiting.entry(poster).or_default().push(text(ctx.shop, &who, &units));
    }
    undo::tell(ctx, orders);
    for (poster, lines) in waiting {
        tell_waiting(ctx, poster, lines);
    }
    Ok(())
}
