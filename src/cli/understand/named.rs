//! What a reading is called in the table of commands, what it says beside, and how sure the judge is.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::{Map, Value, json};

use super::lines;
use crate::domain::event::Contact;
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, Question, Role, Selection, Understood, Why};
use crate::domain::message::{HeardMessage, Mention, Mentioned};
use crate::domain::name::name_key;
use crate::domain::person::Person;
use crate::domain::{
    catalog, loyalty, orders, payments, payouts, people, pricing, referral, reports, service,
    shipping,
};
use crate::understand::purposes::Purpose;
use crate::understand::weights::{self, Weights};
use crate::understand::{Lexicon, Scene, judge, naming, rules, understand_by};

/// Somebody of the group.
#[derive(Clone, Debug, serde::Deserialize)]
pub(super) struct NamedMember {
    id: Value,
    name: String,
}

/// A message as it is read.
pub(super) struct ReadMessage {
    /// With marks for people.
    pub(super) text: String,
    /// Whom they stand for.
    pub(super) mentions: Vec<Mention>,
    /// What it means.
    pub(super) understood: Understood,
}

/// Read a message as a shop does with these members: what leaders do not say otherwise may name some.
pub(super) fn read(
    text: &str,
    scene: &Scene<'_>,
    names: &[NamedMember],
    weights: &Weights,
) -> ReadMessage {
    let understood = understand_by(weights, text, scene);
    if scene.role >= Role::Leader && naming::is_open(&understood) {
        let (marked, mentions) = with_names(text, scene.lexicon, names);
        let named = understand_by(weights, &marked, &Scene { mentions: &mentions, ..*scene });
        let asked = naming::asked_by_name(named, text).filter(|_| !mentions.is_empty());
        if let Some(understood) = asked {
            return ReadMessage { text: marked, mentions, understood };
        }
    }
    ReadMessage { text: text.to_owned(), mentions: Vec::new(), understood }
}

/// A text with marks for the people who are named in it.
pub(super) fn with_names(
    text: &str,
    lexicon: &Lexicon,
    names: &[NamedMember],
) -> (String, Vec<Mention>) {
    let keys: HashSet<String> = names.iter().map(|member| name_key(&member.name)).collect();
    let is_name = |piece: &str| keys.contains(&name_key(piece));
    let called: Vec<_> = HeardMessage::of(text).typed_calls().into_iter().flatten().collect();
    let mut pieces = naming::name_pieces(text, lexicon);
    pieces.extend(called);
    pieces.sort_by_key(|piece| (piece.start, std::cmp::Reverse(piece.end)));
    let places =
        naming::names(text, pieces, |piece| is_name(piece.trim_start_matches(['@', '＠'])));
    let mention = |place: Range<usize>| {
        let name = text[place.clone()].trim_start_matches(['@', '＠']).to_owned();
        Mention::at(place, Mentioned::Person(Contact { key: name.clone(), name }))
    };
    let message = HeardMessage::of(text).mentioning(places.into_iter().map(mention).collect());
    (message.marked().into_owned(), message.mentions)
}

/// What a message is read against, and who is there.
pub(super) struct NamedScene<'t> {
    pub(super) text: &'t str,
    pub(super) scene: &'t Scene<'t>,
    pub(super) names: &'t [NamedMember],
    pub(super) weights: &'t Weights,
}

impl NamedScene<'_> {
    /// Add `intent`, `args`, `p` and `confirm` to an answer.
    pub(super) fn name(&self, understood: &Understood, answer: &mut Value) {
        let (meant, confirm) = match &understood.intent {
            Intent::Ask(Question { why: Why::Confirm, choices, .. }) if choices.len() == 1 => {
                (&choices[0], true)
            }
            Intent::Lead(
                LeaderIntent::HalfSaid(_)
                | LeaderIntent::ByName { .. }
                | LeaderIntent::Meant { .. },
            ) => (&understood.intent, true),
            other => (other, false),
        };
        let (intent, p) = self.judged(meant).unwrap_or((meant.name(), 1.0));
        answer["intent"] = match (&understood.for_whom, intent) {
            (Some(_), "orders.place") if self.leads() => "orders.for_member",
            (Some(_), "orders.change") if self.leads() => "orders.change_for",
            (Some(_), "orders.cancel") if self.leads() => "orders.cancel_for",
            (_, intent) => intent,
        }
        .into();
        answer["args"] = self.args(meant, understood);
        answer["p"] = json!((p * 100.0).round() / 100.0);
        answer["confirm"] = confirm.into();
    }

    fn leads(&self) -> bool {
        self.scene.role >= crate::domain::intent::Role::Leader
    }

    /// The purpose that the judge sees, and how likely it is; `None` where the strict grammar decides.
    #[expect(clippy::cast_precision_loss, reason = "scores are small")]
    fn judged(&self, meant: &Intent) -> Option<(&'static str, f64)> {
        let rules = rules(self.text, self.scene);
        let studied = judge::opinion(self.text, self.scene, &rules)?;
        let weighed = judge::weighings(&studied, self.weights);
        let top = weighed.first()?.0;
        let share = |score: i64| ((score - top) as f64 / weights::FINENESS as f64).exp();
        let all: f64 = weighed.iter().map(|(score, _)| share(*score)).sum();
        let acts = crate::understand::act(meant).records();
        let purpose: Purpose = if acts {
            weighed.iter().find(|(_, it)| it.understood.intent == *meant)?.1.purpose
        } else if matches!(meant, Intent::Ask(_)) {
            Purpose::ASK
        } else {
            weighed.iter().find(|(_, it)| !it.purpose.act().records())?.1.purpose
        };
        let same = |it: &judge::Weighed| {
            it.purpose == purpose && (!acts || it.understood.intent == *meant)
        };
        let own: f64 =
            weighed.iter().filter(|(_, it)| same(it)).map(|(score, _)| share(*score)).sum();
        Some((purpose.name(), own / all))
    }

    fn args(&self, meant: &Intent, understood: &Understood) -> Value {
        let mut args = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                args.insert(name.to_owned(), value);
            }
        };
        put("for", understood.for_whom.as_ref().map(|it| self.person(it)).into());
        match meant {
            Intent::Orders(orders::Intent::CancelOrders(orders))
            | Intent::Shipping(shipping::Intent::Received(orders))
                if !orders.is_empty() =>
            {
                put("orders", numbers(orders));
            }
            Intent::Payouts(payouts::Intent::Withdraw { amount: Some(amount) }) => {
                put("amount_minor", amount.minor.into());
            }
            Intent::Payouts(payouts::Intent::SetPayee(text))
            | Intent::Shipping(
                shipping::Intent::SetAddress(text) | shipping::Intent::SetPickup(text),
            ) => {
                put("text", text.as_str().into());
            }
            Intent::Referral(referral::Intent::UseInvite { code }) => {
                put("text", code.as_str().into());
            }
            Intent::Referral(referral::Intent::ClaimInviter { name }) => {
                put("persons", json!([self.person(name)]));
            }
            Intent::Loyalty(loyalty::Intent::SpendPoints { points }) => {
                put("qty", (*points).into());
            }
            Intent::Catalog(catalog::Intent::Query(query)) if !query.offers.is_empty() => {
                put("offers", self.codes(&query.offers));
            }
            Intent::Lead(lead) => self.lead(lead, &mut put),
            _ => {}
        }
        Value::Object(args)
    }

    fn lead(&self, lead: &LeaderIntent, put: &mut impl FnMut(&str, Value)) {
        let mut of = |of: &Selection| match of {
            Selection::Orders(orders) => put("orders", numbers(orders)),
            Selection::Members(members) => {
                put("persons", members.iter().map(|it| self.person(it)).collect());
            }
            Selection::All => put("all", true.into()),
        };
        match lead {
            LeaderIntent::ByName { act, .. } | LeaderIntent::Meant { act, .. } => {
                self.lead(act, put);
            }
            LeaderIntent::Payments(payments::Lead::Paid { of: whose, amount }) => {
                of(whose);
                put("amount_minor", amount.map(|it| it.minor).into());
            }
            LeaderIntent::Payments(payments::Lead::PaidNumber { orders, amount, .. }) => {
                put("orders", numbers(orders));
                put("amount_minor", amount.minor.into());
            }
            LeaderIntent::Shipping(shipping::Lead::Ship { of: which, carrier, tracking }) => {
                of(which);
                put("channel", carrier.as_deref().into());
                put("text", tracking.as_deref().into());
            }
            LeaderIntent::Shipping(
                shipping::Lead::Delivered(which) | shipping::Lead::Collected { of: which, .. },
            )
            | LeaderIntent::Orders(orders::Lead::CancelOf(which))
            | LeaderIntent::Payments(
                payments::Lead::DenyClaim(which) | payments::Lead::Chase(which),
            ) => of(which),
            LeaderIntent::Payments(payments::Lead::RefundAmount { order, amount, .. }) => {
                put("orders", numbers(&[*order]));
                put("amount_minor", amount.minor.into());
            }
            LeaderIntent::Orders(orders::Lead::OrderFor { whose, lines: wanted }) => {
                self.whose(whose, put);
                put("lines", lines(wanted, self.scene.lexicon).into());
            }
            LeaderIntent::Orders(orders::Lead::Cut { whose, item, by }) => {
                self.whose(whose, put);
                put("offers", self.codes(&item.map(|it| it.offer).into_iter().collect::<Vec<_>>()));
                let (pricing::Lowered::Off(by) | pricing::Lowered::Each(by)) = by;
                put("amount_minor", by.minor.into());
            }
            LeaderIntent::Shipping(
                shipping::Lead::Arrived { goods, .. } | shipping::Lead::Expect { goods, .. },
            ) => {
                if let shipping::MeantGoods::Named(goods) = goods {
                    let offers: Vec<_> = goods.iter().map(|it| it.offer).collect();
                    put("offers", self.codes(&offers));
                }
            }
            LeaderIntent::Reports(reports::Lead::OfMembers(people)) => {
                put("persons", people.iter().map(|it| self.person(it)).collect());
            }
            LeaderIntent::Reports(reports::Lead::Orders(orders)) => put("orders", numbers(orders)),
            LeaderIntent::Reports(reports::Lead::WhoOrdered { offer, variant, .. }) => {
                put("offers", self.codes(&[*offer]));
                put("variant", self.variant(*offer, *variant));
            }
            LeaderIntent::Service(service::Lead::Shortage(lack)) => {
                let offers: Vec<_> = lack.goods.iter().map(|it| it.offer).collect();
                put("offers", self.codes(&offers));
            }
            LeaderIntent::People(people::Lead::Block { who: Some(who), .. }) => {
                put("persons", json!([self.person(who)]));
            }
            LeaderIntent::Loyalty(loyalty::Lead::GivePoints { person, points, .. }) => {
                put("persons", json!([self.person(person)]));
                put("qty", (*points).into());
            }
            LeaderIntent::Payments(payments::Lead::Refund { order, lines: wanted }) => {
                put("orders", numbers(&[*order]));
                if !wanted.is_empty() {
                    put("lines", lines(wanted, self.scene.lexicon).into());
                }
            }
            LeaderIntent::Catalog(catalog::Lead::List { name, price, stock, unit, .. }) => {
                put("text", name.as_str().into());
                put("amount_minor", price.minor.into());
                put("qty", (*stock).into());
                put("unit", unit.as_deref().into());
            }
            LeaderIntent::Catalog(catalog::Lead::Price { offer, price }) => {
                put("offers", self.codes(&[*offer]));
                put("amount_minor", price.minor.into());
            }
            LeaderIntent::Catalog(catalog::Lead::Stock { offer, variant, by }) => {
                put("offers", self.codes(&[*offer]));
                put("variant", self.variant(*offer, *variant));
                put("qty", by.unsigned_abs().into());
                put("op", if *by < 0 { "remove" } else { "add" }.into());
            }
            LeaderIntent::Catalog(catalog::Lead::SetStock { offer, variant, left }) => {
                put("offers", self.codes(&[*offer]));
                put("variant", self.variant(*offer, *variant));
                put("qty", (*left).into());
                put("op", "set".into());
            }
            LeaderIntent::Catalog(catalog::Lead::Close(offers)) if offers.is_empty() => {
                put("all", true.into());
            }
            LeaderIntent::Catalog(
                catalog::Lead::Close(offers)
                | catalog::Lead::MoveClosing { offers, .. }
                | catalog::Lead::Reopen { offers, .. }
                | catalog::Lead::CopyOffers { offers, .. },
            ) => {
                put("offers", self.codes(offers));
            }
            LeaderIntent::Loyalty(loyalty::Lead::ApproveShare(name))
            | LeaderIntent::People(
                people::Lead::Leader { name, .. } | people::Lead::Promoter { name, .. },
            ) => {
                put("persons", json!([self.person(name)]));
            }
            _ => {}
        }
    }

    /// Whose order it is, by its number or by them.
    fn whose(&self, whose: &orders::Whose, put: &mut impl FnMut(&str, Value)) {
        match whose {
            orders::Whose::Numbered(order) => put("orders", numbers(&[*order])),
            orders::Whose::Of(person) => put("for", self.person(person)),
        }
    }

    /// The id of somebody, or what they are called where nobody, or several, are called so.
    fn person(&self, person: &Person) -> Value {
        let key = name_key(person.name());
        let mut named = self.names.iter().filter(|member| name_key(&member.name) == key);
        match (named.next(), named.next()) {
            (Some(one), None) => one.id.clone(),
            _ => person.name().into(),
        }
    }

    fn codes(&self, offers: &[OfferId]) -> Value {
        let code = |id: &OfferId| {
            let offer = self.scene.lexicon.offers().iter().find(|offer| offer.id == *id);
            offer.map(|offer| Value::from(offer.code.as_str()))
        };
        offers.iter().filter_map(code).collect()
    }

    fn variant(&self, offer: OfferId, variant: Option<u16>) -> Value {
        let lexicon: &Lexicon = self.scene.lexicon;
        let words = lexicon.offers().iter().find(|words| words.id == offer);
        let name = words.and_then(|words| words.variants.get(usize::from(variant?)));
        name.map(String::as_str).into()
    }
}

fn numbers(orders: &[OrderId]) -> Value {
    orders.iter().map(|order| Value::from(order.0)).collect()
}
