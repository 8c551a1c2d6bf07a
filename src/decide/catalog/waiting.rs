//! Told when it is back (补货叫我): whoever asks for something that is sold out hears of it once there is more, in the order
//! in which they asked, as many as there are units.

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Need, Needs, Shop};
use crate::domain::catalog::{self, Offer, OfferState};
use crate::domain::ids::{MemberId, OfferId};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;

use crate::decide::orders::order::apply;
use crate::decide::views;

/// So many wait for one offer.
const MOST_WAITING: usize = 200;

/// The speaker wants to be told when these are back; none named means all that is sold out.
///
/// # Errors
/// `NothingSoldOut`; for one that is named `NotSoldOut`: of that name something is on sale; `TooManyWait`.
pub fn ask(ctx: &mut Ctx<'_>, offers: &[OfferId]) -> Decided {
    let member = ctx.member()?;
    ctx.member_row(member)?;
    let sold_out = |offer: &&Offer| offer.is_sold_out();
    let meant: Vec<OfferId> = match offers {
        [] => ctx.shop.open_offers(ctx.at).filter(sold_out).map(|offer| offer.id).collect(),
        named => named.to_vec(),
    };
    if meant.is_empty() {
        return refused(catalog::Refusal::NothingSoldOut);
    }
    for &id in &meant {
        let row = ctx.offer(id)?;
        // 补货叫我 of what has closed waits until its like is on sale.
        let is_to_be_had = |it: &Offer| it.detail.name == row.detail.name && !it.is_sold_out();
        if let Some(there) = ctx.shop.open_offers(ctx.at).find(|it| is_to_be_had(it)) {
            let (code, name) = (there.code.clone(), there.detail.name.clone());
            return refused(catalog::Refusal::NotSoldOut { code, name });
        }
        if row.detail.waiting.len() >= MOST_WAITING && !row.detail.waiting.contains(&member) {
            return refused(catalog::Refusal::TooManyWait { name: row.detail.name.clone() });
        }
    }
    for &id in &meant {
        let is_new = |row: &Offer| !row.detail.waiting.contains(&member);
        if ctx.shop.offers.get(id).is_some_and(is_new)
            && let Some(row) = ctx.shop.offers.edit(id)
        {
            row.detail.waiting.push(member);
        }
    }
    let rows = meant.iter().filter_map(|&id| ctx.shop.offers.get(id));
    let goods = rows.map(|row| format!("{} {}", row.code, row.detail.name)).collect();
    ctx.record("call_back", None, None);
    ctx.say(Reply::Catalog(catalog::Reply::WillCall { goods }));
    Ok(())
}

/// Whoever waits for something of this name that has closed waits for this offer now.
pub fn carry(ctx: &mut Ctx<'_>, id: OfferId) {
    let Some(name) = ctx.shop.offers.get(id).map(|row| row.detail.name.clone()) else { return };
    let is_left = |it: &&Offer| {
        it.id != id
            && it.state == OfferState::Closed
            && it.detail.name == name
            && !it.detail.waiting.is_empty()
    };
    let left: Vec<OfferId> = ctx.shop.offers.values().filter(is_left).map(|it| it.id).collect();
    for old in left {
        let Some(row) = ctx.shop.offers.edit(old) else { continue };
        let waiting = std::mem::take(&mut row.detail.waiting);
        let Some(row) = ctx.shop.offers.edit(id) else { return };
        for member in waiting {
            if !row.detail.waiting.contains(&member) && row.detail.waiting.len() < MOST_WAITING {
                row.detail.waiting.push(member);
            }
        }
    }
    apply::call_back(ctx, id);
}

fn refused<T>(refusal: catalog::Refusal) -> Decided<T> {
    Err(Refusal::Catalog(refusal).into())
}

/// Who is told now: of each offer as many as it has units.
fn told(shop: &Shop, offer: &Offer) -> Vec<MemberId> {
    let left = offer.left().map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(0));
    let is_here = |id: &&MemberId| shop.members.get(**id).is_none_or(|row| row.present);
    offer.detail.waiting.iter().filter(is_here).take(left).copied().collect()
}

/// The offers that are back and waited for.
fn back(shop: &Shop, at: Timestamp) -> impl Iterator<Item = &Offer> {
    let is_back = |offer: &&Offer| !offer.detail.waiting.is_empty() && !offer.is_sold_out();
    shop.open_offers(at).filter(is_back)
}

/// What [`tell`] needs to know.
#[must_use]
pub fn needs(shop: &Shop, at: Timestamp) -> Needs {
    back(shop, at).flat_map(|offer| told(shop, offer)).map(Need::Member).collect()
}

/// Timer: something is back.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn tell(ctx: &mut Ctx<'_>) -> Decided {
    let due: Vec<(OfferId, Vec<MemberId>)> =
        back(ctx.shop, ctx.at).map(|offer| (offer.id, told(ctx.shop, offer))).collect();
    for &member in due.iter().flat_map(|(_, members)| members) {
        ctx.member_row(member)?;
    }
    for (id, members) in due {
        let Some(row) = ctx.shop.offers.edit(id) else { continue };
        row.detail.waiting.retain(|member| !members.contains(member));
        let offer = views::offer(row);
        for member in members {
            let offer = offer.clone();
            ctx.tell(member, Reply::Catalog(catalog::Reply::BackInStock { offer }));
        }
    }
    ctx.record("tell_back", None, None);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI, want};
    use crate::domain::event::Timer;
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::orders;

    fn asks(stage: &mut Stage, who: MemberId, offers: &[OfferId]) -> Vec<Reply> {
        stage.does(who, Intent::Catalog(catalog::Intent::CallBack(offers.to_vec())))
    }

    fn sold_out() -> Stage {
        let mut stage = Stage::new();
        stage.does(AMING, Intent::Orders(orders::Intent::Order(vec![want(A2, 2)])));
        stage
    }

    /// Who is told in the minute after, and of how many units.
    fn heard(stage: &mut Stage) -> Vec<(Option<String>, Option<i64>)> {
        stage.heard();
        stage.later(1);
        let at = stage.at;
        stage.due(at, Timer::Restocked);
        let back = stage.heard().into_iter().filter_map(|sent| match sent.reply {
            Reply::Catalog(catalog::Reply::BackInStock { offer }) => Some((sent.to, offer.left)),
            _ => None,
        });
        back.collect()
    }

    #[test]
    fn whoever_asked_first_is_told_first() {
        let mut stage = sold_out();
        let said = asks(&mut stage, LAOWANG, &[A2]);
        assert!(matches!(said[..], [Reply::Catalog(catalog::Reply::WillCall { .. })]));
        asks(&mut stage, XIAOMEI, &[]);
        asks(&mut stage, LAOWANG, &[A2]);
        assert_eq!(stage.shop.offers.get(A2).unwrap().detail.waiting, [LAOWANG, XIAOMEI]);
        assert!(heard(&mut stage).is_empty(), "it is sold out still");
        let more = catalog::Lead::Stock { offer: A2, variant: None, by: 1 };
        stage.does(AMING, Intent::Lead(LeaderIntent::Catalog(more)));
        assert!(stage.shop.fresh.timers.iter().any(|(_, timer)| *timer == Timer::Restocked));
        assert_eq!(heard(&mut stage), [(Some("老王".to_owned()), Some(1))]);
        assert_eq!(stage.shop.offers.get(A2).unwrap().detail.waiting, [XIAOMEI], "once");
        stage.does(AMING, Intent::Orders(orders::Intent::Cancel(vec![want(A2, 2)])));
        assert_eq!(heard(&mut stage), [(Some("小美".to_owned()), Some(3))]);
    }

    #[test]
    fn what_keeps_somebody_from_waiting_is_said() {
        let mut stage = Stage::new();
        let refusal = |said: &[Reply]| Stage::refusal(said);
        let said = asks(&mut stage, XIAOMEI, &[]);
        assert_eq!(refusal(&said), Refusal::Catalog(catalog::Refusal::NothingSoldOut));
        let said = asks(&mut stage, XIAOMEI, &[A1]);
        let there = catalog::Refusal::NotSoldOut { code: "A1".into(), name: "阳光玫瑰".into() };
        assert_eq!(refusal(&said), Refusal::Catalog(there));
        let mut stage = sold_out();
        let many = (100..).map(MemberId).take(MOST_WAITING).collect();
        stage.shop.offers.edit(A2).unwrap().detail.waiting = many;
        let said = asks(&mut stage, XIAOMEI, &[A2]);
        let full = catalog::Refusal::TooManyWait { name: "车厘子".into() };
        assert_eq!(refusal(&said), Refusal::Catalog(full));
        let close = catalog::Lead::Close(vec![A2]);
        stage.does(AMING, Intent::Lead(LeaderIntent::Catalog(close)));
        let said = asks(&mut stage, XIAOMEI, &[A2]);
        assert_eq!(
            refusal(&said),
            Refusal::Catalog(catalog::Refusal::TooManyWait { name: "车厘子".into() })
        );
        let will = asks(&mut stage, XIAOMEI, &[A1]);
        assert!(matches!(refusal(&will), Refusal::Catalog(catalog::Refusal::NotSoldOut { .. })));
    }
}
