//! What waits for a leader's word before it is put on sale (上架草稿) is changed: price, stock, name, limit, or one of the
//! offers is left out. The question stays open, with the draft as it is now.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::{self, DraftChange, DraftTerm, Offer, Stock};
use crate::domain::ids::OfferId;
use crate::domain::intent::{Intent, LeaderIntent};
use crate::domain::name::name_key;
use crate::domain::refusal::Refusal;

use super::again::{self, RepeatedDay};
use super::{MAX_NAME_CHARS, check_price, check_stock, open};

/// Change the draft that the speaker is asked about. Without one it is talk.
///
/// # Errors
/// Refusals in this order: `WhichDraft` where several may be meant; what no offer may have, as when one is listed;
/// `NothingThen` where nothing would be left.
pub fn change(ctx: &mut Ctx<'_>, goods: &str, to: &DraftTerm) -> Decided {
    let Some(mut day) = waiting(ctx) else { return Ok(()) };
    let drafts = again::drafted(ctx, &day);
    let offer = meant(&drafts, goods)?;
    check(ctx, &drafts, offer, to)?;
    let is_same = |it: &DraftChange| {
        it.offer == offer && std::mem::discriminant(&it.to) == std::mem::discriminant(to)
    };
    day.changes.retain(|it| !is_same(it));
    day.changes.push(DraftChange { offer, to: to.clone() });
    again::show(ctx, day)
}

/// The draft that waits for the speaker's word.
fn waiting(ctx: &Ctx<'_>) -> Option<RepeatedDay> {
    let row = ctx.shop.members.get(ctx.speaker?)?;
    let pending = row.question.as_ref().filter(|it| ctx.at < it.until)?;
    let Intent::Lead(LeaderIntent::Catalog(catalog::Lead::RepeatDay { days, offers, changes })) =
        pending.question.choices.first()?
    else {
        return None;
    };
    Some(RepeatedDay { days: *days, offers: offers.clone(), changes: changes.clone() })
}

/// The offer of the draft that is meant: by its code or its name, or the only one there is.
fn meant(drafts: &[(OfferId, Offer)], goods: &str) -> Decided<OfferId> {
    let key = name_key(goods);
    let by_code = |it: &&(OfferId, Offer)| it.1.code.eq_ignore_ascii_case(goods.trim());
    let is_unsaid = goods.trim().is_empty(); // the key of nothing is that of somebody without a name
    let by_name = |it: &&(OfferId, Offer)| is_unsaid || name_key(&it.1.detail.name).contains(&key);
    let mut found = drafts.iter().filter(by_code).chain(drafts.iter().filter(by_name));
    let (first, mut rest) = (found.next(), found);
    match first {
        Some((id, _)) if rest.all(|(other, _)| other == id) => Ok(*id),
        _ => {
            let codes = drafts.iter().map(|(_, offer)| offer.code.clone()).collect();
            Err(Refusal::Catalog(catalog::Refusal::WhichDraft { codes }).into())
        }
    }
}

fn check(ctx: &Ctx<'_>, drafts: &[(OfferId, Offer)], offer: OfferId, to: &DraftTerm) -> Decided {
    let bad = |is_bad: bool| {
        let refusal = || Err(Refusal::Catalog(catalog::Refusal::BadOffer).into());
        if is_bad { refusal() } else { Ok(()) }
    };
    match to {
        DraftTerm::Price(price) => check_price(ctx, *price),
        DraftTerm::Stock(count) => {
            bad(*count == 0)?;
            check_stock(i64::from(*count))
        }
        DraftTerm::Limit(count) => bad(*count == 0),
        DraftTerm::Name(name) => {
            let length_fits = (1..=MAX_NAME_CHARS).contains(&name.chars().count());
            let is_other = |it: &Offer| it.detail.name == *name;
            let others = drafts.iter().filter(|(id, _)| *id != offer);
            let is_taken = open(ctx.shop).any(is_other) || others.map(|it| &it.1).any(is_other);
            bad(!length_fits || is_taken)
        }
        DraftTerm::LeftOut if drafts.len() < 2 => {
            Err(Refusal::Catalog(catalog::Refusal::NothingThen).into())
        }
        DraftTerm::LeftOut => Ok(()),
    }
}

/// An offer as it is drafted, with what was changed; `None` where it is left out.
pub(super) fn changed(source: OfferId, mut draft: Offer, changes: &[DraftChange]) -> Option<Offer> {
    for change in changes.iter().filter(|it| it.offer == source) {
        match &change.to {
            DraftTerm::Price(price) => draft.price = *price,
            DraftTerm::Stock(count) => {
                let left = i64::from(*count);
                draft.stock = vec![Stock { initial: left, left }];
            }
            DraftTerm::Limit(count) => draft.detail.limit_per_member = Some(*count),
            DraftTerm::Name(name) => draft.detail.name.clone_from(name),
            DraftTerm::LeftOut => return None,
        }
    }
    Some(draft)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::decide::testing::{AMING, Stage, XIAOMEI, evening};
    use crate::domain::event::Timer;
    use crate::domain::money::Money;
    use crate::domain::reply::{OfferView, Reply};

    fn leads(stage: &mut Stage, lead: catalog::Lead) -> Vec<Reply> {
        stage.does(AMING, Intent::Lead(LeaderIntent::Catalog(lead)))
    }

    fn change(goods: &str, to: DraftTerm) -> catalog::Lead {
        catalog::Lead::ChangeDraft { goods: goods.to_owned(), to }
    }

    /// A leader is asked about three offers of yesterday.
    fn asked() -> Stage {
        let mut stage = Stage::new();
        stage.due(evening(), Timer::Close);
        stage.at = evening() + Duration::hours(12);
        let day = catalog::Lead::RepeatDay { days: 1, offers: Vec::new(), changes: Vec::new() };
        leads(&mut stage, day);
        stage
    }

    fn drafted(said: &[Reply]) -> &[OfferView] {
        let [Reply::Catalog(catalog::Reply::ListingDraft { offers, .. })] = said else {
            panic!("{said:?}")
        };
        offers
    }

    #[test]
    fn a_draft_is_changed_and_shown_again_until_it_goes_up() {
        let mut stage = asked();
        let price = DraftTerm::Price(Money::from_minor(6_500));
        let said = leads(&mut stage, change("A1", price));
        assert_eq!(drafted(&said)[0].price.minor, 6_500);
        let said = leads(&mut stage, change("a1", DraftTerm::Stock(30)));
        assert_eq!((drafted(&said)[0].price.minor, drafted(&said)[0].left), (6_500, Some(30)));
        leads(&mut stage, change("A2", DraftTerm::Limit(2)));
        leads(&mut stage, change("A2", DraftTerm::Name("大车厘子".to_owned())));
        let said = leads(&mut stage, change("S1", DraftTerm::LeftOut));
        assert_eq!(drafted(&said).len(), 2);
        let question = stage.shop.members.get(AMING).unwrap().question.clone().unwrap();
        stage.does(AMING, question.question.choices[0].clone());
        let open: Vec<_> = stage.shop.open_offers(stage.at).collect();
        assert_eq!(open.len(), 2);
        assert_eq!((open[0].price.minor, open[0].stock[0].left), (6_500, 30));
        let other = (open[1].detail.name.as_str(), open[1].detail.limit_per_member);
        assert_eq!(other, ("大车厘子", Some(2)));
        stage.assert_stock_is_conserved();
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_its_order() {
        let mut stage = asked();
        let refused = |stage: &mut Stage, lead| Stage::refusal(&leads(stage, lead));
        let codes = ["A1", "A2", "S1"].map(str::to_owned).to_vec();
        let which = Refusal::Catalog(catalog::Refusal::WhichDraft { codes });
        let free = DraftTerm::Price(Money::ZERO);
        assert_eq!(refused(&mut stage, change("", free.clone())), which);
        assert_eq!(refused(&mut stage, change("Z9", DraftTerm::Stock(1))), which);
        let bad = Refusal::Catalog(catalog::Refusal::BadOffer);
        assert_eq!(refused(&mut stage, change("A1", free)), bad);
        assert_eq!(refused(&mut stage, change("A1", DraftTerm::Stock(0))), bad);
        assert_eq!(refused(&mut stage, change("A1", DraftTerm::Limit(0))), bad);
        let taken = DraftTerm::Name("车厘子".to_owned());
        assert_eq!(refused(&mut stage, change("A1", taken)), bad);
        leads(&mut stage, change("A1", DraftTerm::LeftOut));
        leads(&mut stage, change("A2", DraftTerm::LeftOut));
        let none = Refusal::Catalog(catalog::Refusal::NothingThen);
        assert_eq!(refused(&mut stage, change("", DraftTerm::LeftOut)), none);
        assert_eq!(
            stage.does(
                XIAOMEI,
                Intent::Lead(LeaderIntent::Catalog(change("A1", DraftTerm::Stock(3))))
            ),
            []
        );
    }
}
