//! What readings that change nothing come to: questions, complaints, what is shown.

use super::{CutMessage, Weighed, is_asked};
use crate::domain::intent::{About, Intent, Query, Understood};
use crate::domain::{catalog, groups, loyalty, orders, payments, payouts, referral, service};
use crate::understand::purposes::{Act, Purpose};
use crate::understand::{Scene, claims, query};

impl CutMessage<'_, '_> {
    /// What a reading that changes nothing comes to. Words with a fixed meaning that the strict grammar did not
    /// read so have no certain meaning: they are not acted on.
    pub(super) fn settled(
        &self,
        reading: &Weighed,
        scene: &Scene<'_>,
        rules: Understood,
    ) -> Understood {
        let act = reading.purpose.act();
        let asks = is_asked(&rules);
        // 甜吗？来两箱: the order that the question holds is not lost.
        let is_vague = act == Act::Query && is_unanswered(&rules.intent);
        // Whether it is praise or a complaint the judge tells better.
        let is_vague = is_vague || act == Act::Feedback;
        if (act == crate::understand::act(&rules.intent) && !is_vague)
            || (asks && act != Act::Silent)
        {
            return rules;
        }
        let intent = match act {
            Act::Ask => reading.understood.intent.clone(),
            Act::Feedback => Intent::Service(feedback(reading.purpose)),
            Act::Query => self.asked(reading.purpose),
            Act::MyOrders => Intent::Orders(orders::Intent::MyOrders),
            Act::Menu => Intent::Catalog(catalog::Intent::Menu),
            Act::Help => Intent::Groups(groups::Intent::Help),
            Act::Points => Intent::Loyalty(loyalty::Intent::Points),
            Act::Balance => Intent::Payouts(payouts::Intent::Balance),
            Act::Invite => Intent::Referral(referral::Intent::Invite),
            Act::Silent if scene.question.is_none() => Intent::Silent,
            _ => return rules,
        };
        Understood { intent, for_whom: None, note: None }
    }

    /// What a question is about.
    fn asked(&self, purpose: Purpose) -> Intent {
        match purpose.name() {
            "payments.how" | "payments.total" if claims::is_about_paying(self.heard.text) => {
                return Intent::Payments(payments::Intent::HowToPay);
            }
            "payments.claim" if claims::begins(self.heard.text) => {
                let (orders, amount) = claims::said(self.heard.text, self.heard.lexicon.currency());
                return Intent::Payments(payments::Intent::ClaimPaid { orders, amount });
            }
            _ => {}
        }
        let about = match purpose.name() {
            "catalog.when" => About::Closing,
            "shipping.where" | "shipping.when" => About::Delivery,
            "shipping.fee" => About::Fee,
            "catalog.ask" => query::about(self.heard),
            _ => About::Other,
        };
        Intent::Catalog(catalog::Intent::Query(Query { about, offers: query::offers(self.heard) }))
    }
}

/// A complaint, a wish to return, or praise.
fn feedback(purpose: Purpose) -> service::Intent {
    match purpose.name() {
        "service.complaint" => service::Intent::Complain(service::ComplaintKind::Plain),
        "service.return" => service::Intent::Complain(service::ComplaintKind::Return),
        _ => service::Intent::Feedback,
    }
}

/// A question that the catalogue has no answer to.
fn is_unanswered(intent: &Intent) -> bool {
    let Intent::Catalog(catalog::Intent::Query(query)) = intent else { return false };
    query.about == About::Other
}
