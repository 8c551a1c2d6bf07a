//! On sale again (恢复): an offer that was stopped, or whose time was over, takes orders again: until it would have closed,
//! until the time that is said, or else until tonight. What was ordered before stays as it is.

use chrono::Duration;

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::{self, CatalogEffect, MovedClosing, OfferState};
use crate::domain::event::Timer;
use crate::domain::ids::OfferId;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::{SaidTime, Timestamp};
use crate::domain::undo::Effect;

use crate::decide::orders::order::apply;
use crate::decide::views;

use super::{MOST_DAYS, listed_close, open};

/// Let these take orders again.
///
/// # Errors
/// For the first that fails, in this order: it is on sale, or its code is another's now (`OnSaleAlready`); `ClosingFar`;
/// `ClosingPast`.
pub fn reopen(ctx: &mut Ctx<'_>, offers: &[OfferId], until: Option<SaidTime>) -> Decided {
    let mut moved = Vec::with_capacity(offers.len());
    for &id in offers {
        let row = ctx.offer(id)?;
        let same_code = |it: &&catalog::Offer| it.code.eq_ignore_ascii_case(&row.code);
        if let Some(other) = open(ctx.shop).find(same_code) {
            let (code, name) = (other.code.clone(), other.detail.name.clone());
            return refused(catalog::Refusal::OnSaleAlready { code, name });
        }
        let to = closing(ctx, row.closes_at, until)?;
        moved.push(MovedClosing { offer: id, from: row.closes_at, to });
    }
    for it in &moved {
        let Some(row) = ctx.shop.offers.edit(it.offer) else { continue };
        row.state = OfferState::Open;
        if it.from != it.to {
            row.detail.first_close = Some(row.baskets_of());
            row.closes_at = it.to;
        }
        ctx.wake(it.to, Timer::Close);
        apply::call_back(ctx, it.offer);
    }
    let rows = offers.iter().filter_map(|&id| ctx.shop.offers.get(id));
    let offers = views::offers(rows);
    ctx.keep(Effect::Catalog(CatalogEffect::Reopen(moved)));
    ctx.record("reopen_offers", None, None);
    ctx.announce(Reply::Catalog(catalog::Reply::OffersReopened { offers }));
    Ok(())
}

fn closing(ctx: &Ctx<'_>, was: Timestamp, until: Option<SaidTime>) -> Decided<Timestamp> {
    let Some(said) = until else {
        return Ok(if was > ctx.at { was } else { listed_close(ctx) });
    };
    let zone = ctx.shop.community.time_zone;
    let latest = ctx.at + Duration::days(MOST_DAYS);
    let at = said.instant(ctx.at, was.max(ctx.at), zone).filter(|at| *at <= latest);
    match at {
        None => refused(catalog::Refusal::ClosingFar { most: MOST_DAYS }),
        Some(at) if at <= ctx.at => refused(catalog::Refusal::ClosingPast { at }),
        Some(at) => Ok(at),
    }
}

/// They are closed as before.
///
/// # Errors
/// [`Refusal::ChangedSince`] for the first that closes at yet another time, or is closed.
pub fn close_again(ctx: &mut Ctx<'_>, moved: &[MovedClosing]) -> Decided {
    for it in moved {
        let row = ctx.offer(it.offer)?;
        if row.state != OfferState::Open || row.closes_at != it.to {
            return Err(Refusal::ChangedSince { what: row.code.clone() }.into());
        }
    }
    let mut codes = Vec::new();
    for it in moved {
        let Some(row) = ctx.shop.offers.edit(it.offer) else { continue };
        row.state = OfferState::Closed;
        row.closes_at = it.from;
        codes.push(row.code.clone());
    }
    ctx.announce(Reply::Catalog(catalog::Reply::OffersStopped { codes }));
    Ok(())
}

fn refused<T>(refusal: catalog::Refusal) -> Decided<T> {
    Err(Refusal::Catalog(refusal).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, Stage, XIAOMEI, evening, offer, want};
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::orders;
    use crate::domain::time::SaidDay;
    use crate::domain::undo::UndoAbout;

    fn leads(stage: &mut Stage, lead: catalog::Lead) -> Vec<Reply> {
        stage.does(AMING, Intent::Lead(LeaderIntent::Catalog(lead)))
    }

    fn again(offers: &[OfferId], until: Option<SaidTime>) -> catalog::Lead {
        catalog::Lead::Reopen { offers: offers.to_vec(), until }
    }

    fn at(days: u32, hour: u16) -> SaidTime {
        SaidTime::At { day: SaidDay::In(days), minute: hour * 60, is_open: false }
    }

    #[test]
    fn what_was_stopped_takes_orders_until_it_would_have_closed() {
        let mut stage = Stage::new();
        leads(&mut stage, catalog::Lead::Close(vec![A1]));
        let said = leads(&mut stage, again(&[A1], None));
        assert!(
            matches!(&said[..], [Reply::Catalog(catalog::Reply::OffersReopened { offers })] if offers[0].closes_at == evening()),
            "{said:?}"
        );
        let order = Intent::Orders(orders::Intent::Order(vec![want(A1, 1)]));
        let said = stage.does(XIAOMEI, order);
        assert!(matches!(said[..], [Reply::Orders(orders::Reply::OrderTaken { .. })]));
        stage.does(AMING, Intent::Undo(UndoAbout::Last));
        assert_eq!(stage.shop.offers.get(A1).unwrap().state, OfferState::Closed);
        assert_eq!(stage.order(1).lines[0].qty, 1, "the order stays");
    }

    #[test]
    fn what_is_over_takes_orders_until_tonight_or_the_time_said() {
        let mut stage = Stage::new();
        stage.due(evening(), Timer::Close);
        stage.at = evening() + Duration::hours(12);
        leads(&mut stage, again(&[A1], None));
        let row = stage.shop.offers.get(A1).unwrap();
        assert_eq!(row.closes_at, evening() + Duration::days(1));
        assert_eq!(row.baskets_of(), evening(), "its orders are found as before");
        assert!(stage.shop.fresh.timers.contains(&(row.closes_at, Timer::Close)));
        leads(&mut stage, again(&[A2], Some(at(2, 21))));
        let row = stage.shop.offers.get(A2).unwrap();
        assert_eq!(row.closes_at, evening() + Duration::hours(71));
    }

    #[test]
    fn refusals_are_said_in_order() {
        let mut stage = Stage::new();
        let on_sale = |name: &str| {
            Refusal::Catalog(catalog::Refusal::OnSaleAlready {
                code: "A1".into(),
                name: name.into(),
            })
        };
        let said = leads(&mut stage, again(&[A1], None));
        assert_eq!(Stage::refusal(&said), on_sale("阳光玫瑰"));
        leads(&mut stage, catalog::Lead::Close(vec![A1]));
        let said = leads(&mut stage, again(&[A1], Some(at(31, 9))));
        let far = catalog::Refusal::ClosingFar { most: MOST_DAYS };
        assert_eq!(Stage::refusal(&said), Refusal::Catalog(far));
        let said = leads(&mut stage, again(&[A1], Some(at(0, 9))));
        assert!(matches!(
            Stage::refusal(&said),
            Refusal::Catalog(catalog::Refusal::ClosingPast { .. })
        ));
        let today = OfferId(7);
        stage.shop.offers.load(today, offer(today, "A1", "草莓", 2_000, &[10]));
        let said = leads(&mut stage, again(&[A1], None));
        assert_eq!(Stage::refusal(&said), on_sale("草莓"));
    }
}
