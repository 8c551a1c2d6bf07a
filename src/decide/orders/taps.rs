//! Buttons (按钮) stand for words that anybody could say: whoever presses one says them, with no more
//! rights than their own. A button may outlive what it was about, so that is compared first.

use crate::book::Shop;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog;
use crate::domain::catalog::Offer;
use crate::domain::event::{Body, Event, TapAbout};
use crate::domain::message::HeardMessage;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;

/// Refuse a button whose offer is over or whose question was answered.
///
/// # Errors
/// The refusal; [`crate::book::Missing`].
pub fn require_current(ctx: &Ctx<'_>, about: &TapAbout) -> Decided {
    match about {
        TapAbout::Words => Ok(()),
        TapAbout::Offer { code, closes_at } => {
            let mut open = ctx.shop.open_offers(ctx.at).filter(|offer| offer.code == *code);
            let is_this =
                |it: &Offer| it.closes_at == *closes_at || was_to_close(ctx.shop, it, *closes_at);
            if open.any(is_this) {
                return Ok(());
            }
            let closed_at = Some(*closes_at).filter(|closes_at| *closes_at <= ctx.at);
            let code = code.clone();
            Err(Refusal::Catalog(catalog::Refusal::OfferClosed {
                name: code.clone(),
                code,
                closed_at,
            })
            .into())
        }
        TapAbout::Request { member, asked_at } => {
            let request = &ctx.member_row(*member)?.request;
            let is_this = request.as_ref().is_some_and(|it| it.at == *asked_at);
            if is_this { Ok(()) } else { Err(Refusal::QuestionOver.into()) }
        }
        TapAbout::Question { asked_at } => {
            let open = chrono::Duration::minutes(ctx.shop.policy.orders.question_minutes.into());
            let pending = &ctx.member_row(ctx.member()?)?.question;
            let is_this = pending.as_ref().is_some_and(|it| it.until == *asked_at + open);
            if is_this { Ok(()) } else { Err(Refusal::QuestionOver.into()) }
        }
    }
}

/// Whether an offer was to close at this instant before a leader moved that: it is moved, was open then, and no
/// other offer bore its code until then.
fn was_to_close(shop: &Shop, offer: &Offer, at: Timestamp) -> bool {
    let is_other = |it: &Offer| it.id != offer.id && it.code == offer.code && it.closes_at == at;
    offer.detail.first_close.is_some() && offer.opens_at < at && !shop.offers.values().any(is_other)
}

/// The same, said in words.
#[must_use]
pub fn as_said(event: &Event) -> Event {
    let body = match &event.body {
        Body::Tapped { from, text, private, .. } => Body::Said {
            from: from.clone(),
            message: HeardMessage::of(text.clone()),
            private: *private,
        },
        other => other.clone(),
    };
    Event { body, ..event.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{Stage, evening, morning};
    use crate::domain::event::Contact;
    use crate::domain::orders;
    use crate::domain::reply::Reply;

    fn taps(stage: &mut Stage, text: &str, about: TapAbout) -> Vec<Reply> {
        let from = Contact { key: "key-小美".to_owned(), name: "小美".to_owned() };
        stage.happens(Body::Tapped { from, text: text.to_owned(), about, private: false })
    }

    fn grapes(closes_at: crate::domain::time::Timestamp) -> TapAbout {
        TapAbout::Offer { code: "A1".to_owned(), closes_at }
    }

    #[test]
    fn a_button_orders_as_its_words_do() {
        let mut stage = Stage::new();
        let said = taps(&mut stage, "A1 x1", grapes(evening()));
        assert!(matches!(said[..], [Reply::Orders(orders::Reply::OrderTaken { .. })]), "{said:?}");
    }

    #[test]
    fn a_button_of_another_days_offer_orders_nothing() {
        let mut stage = Stage::new();
        let said = taps(&mut stage, "A1 x1", grapes(morning()));
        assert!(matches!(
            Stage::refusal(&said),
            Refusal::Catalog(catalog::Refusal::OfferClosed { .. })
        ));
        assert_eq!(stage.shop.orders.len(), 0);
    }

    #[test]
    fn an_answer_to_a_question_that_is_over_answers_no_other() {
        let mut stage = Stage::new();
        let asked = taps(&mut stage, "饺子1箱", TapAbout::Words);
        assert!(matches!(asked[..], [Reply::Asked { .. }]), "{asked:?}");
        let late = TapAbout::Question { asked_at: morning() - chrono::Duration::minutes(1) };
        let said = taps(&mut stage, "1", late);
        assert_eq!(Stage::refusal(&said), Refusal::QuestionOver);
        let said = taps(&mut stage, "猪肉白菜", TapAbout::Question { asked_at: morning() });
        assert!(matches!(said[..], [Reply::Orders(orders::Reply::OrderTaken { .. })]), "{said:?}");
    }
}
