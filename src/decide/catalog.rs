//! The catalog (商品, 上新, 开团): what is on sale, for how long, at which price.

pub mod drops;
pub mod moving;
pub mod offers;
pub mod planned;
pub mod waiting;
pub mod window;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::domain::catalog::{CatalogEffect, Intent, Lead, ListingTerms};
use crate::domain::event::Body;
use crate::domain::message::Attachment;

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Menu => window::menu(ctx),
        Intent::Query(query) => window::query(ctx, query),
        Intent::CallBack(offers) => waiting::ask(ctx, offers),
    }
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, intent: &Intent) -> Needs {
    match intent {
        Intent::Query(query) if query.about.is_of_delivery() => ahead.mine(Need::OrdersOf),
        Intent::Menu | Intent::Query(_) | Intent::CallBack(_) => Needs::new(),
    }
}

/// Carry out what a leader says, as `body` has it.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(ctx: &mut Ctx<'_>, lead: &Lead, body: &Body) -> Decided {
    match lead {
        Lead::List { name, price, stock, unit, terms } => {
            let plain = ListingTerms::default();
            let pictures = match body {
                Body::Said { message, .. } => message.attachments.as_slice(),
                _ => &[],
            };
            let listing = offers::ListedOffer {
                name,
                price: *price,
                stock: *stock,
                unit: unit.as_deref(),
                terms: terms.as_deref().unwrap_or(&plain),
                image: pictures.iter().find_map(Attachment::picture),
            };
            offers::list(ctx, &listing)
        }
        Lead::CancelPlan { said } => planned::cancel(ctx, said),
        Lead::TellPlans => planned::tell(ctx),
        Lead::Price { offer, price } => offers::price(ctx, *offer, *price),
        Lead::Stock { offer, variant, by } => offers::stock(ctx, *offer, *variant, *by),
        Lead::SetStock { offer, variant, left } => offers::set_stock(ctx, *offer, *variant, *left),
        Lead::Close(list) => offers::stop(ctx, list),
        Lead::MoveClosing { offers, to } => moving::move_closing(ctx, offers, *to),
        Lead::Reopen { offers, until } => offers::reopening::reopen(ctx, offers, *until),
        Lead::CopyOffers { offers, price, stock } => {
            let terms = offers::again::OtherTerms { price: *price, stock: *stock };
            offers::again::copy(ctx, offers, terms)
        }
        Lead::RepeatDay { days, offers, changes } => {
            offers::again::repeat(ctx, *days, offers, changes)
        }
        Lead::ChangeDraft { goods, to } => offers::drafted::change(ctx, goods, to),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::Close(list) => offers::stop_needs(ahead.shop, list),
        Lead::MoveClosing { offers, .. } => moving::needs(ahead.shop, offers),
        Lead::List { .. }
        | Lead::Price { .. }
        | Lead::Stock { .. }
        | Lead::SetStock { .. }
        | Lead::Reopen { .. }
        | Lead::CopyOffers { .. }
        | Lead::CancelPlan { .. }
        | Lead::TellPlans
        | Lead::RepeatDay { .. }
        | Lead::ChangeDraft { .. } => Needs::new(),
    }
}

/// Take back what a leader did.
///
/// # Errors
/// Missing facts and refusals: those of the inverse.
pub fn take_back(ctx: &mut Ctx<'_>, effect: &CatalogEffect) -> Decided {
    match effect {
        CatalogEffect::Price { offer, from, to, sold } => {
            offers::undo::price(ctx, *offer, *from, *to, *sold)
        }
        CatalogEffect::Stock { offer, variant, by } => {
            offers::undo::stock(ctx, *offer, *variant, *by)
        }
        CatalogEffect::Close(offers) => offers::undo::reopen(ctx, offers),
        CatalogEffect::MoveClosing(moved) => moving::move_back(ctx, moved),
        CatalogEffect::Plan(offer) => planned::take_back(ctx, *offer),
        CatalogEffect::Reopen(moved) => offers::reopening::close_again(ctx, moved),
    }
}
