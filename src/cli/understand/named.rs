//! What a reading is called in the table of commands, what it says beside, and how sure the judge is.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::domain::event::Contact;
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, Question, Role, Understood, Why};
use crate::domain::message::{HeardMessage, Mention};
use crate::domain::name::name_key;
use crate::domain::person::Person;
use crate::domain::{catalog, loyalty, orders, payouts, referral, shipping};
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
        let meant = understand_by(weights, &marked, &Scene { mentions: &mentions, ..*scene });
        let asked = naming::asked_by_name(meant, text).filter(|_| !mentions.is_empty());
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
    let bearer = |name: &str| {
        let who = || Contact { key: name.to_owned(), name: name.to_owned() };
        keys.contains(&name_key(name)).then(who)
    };
    let message = HeardMessage::of(text);
    let mut pieces = naming::name_pieces(text, lexicon);
    pieces.extend(message.typed_calls().into_iter().flatten());
    pieces.sort_by_key(|piece| (piece.start, std::cmp::Reverse(piece.end)));
    let message = message.mentioning(naming::people(&message, pieces, bearer));
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

    /// The id of somebody, or what they are called where nobody, or several, are called so.
    pub(super) fn person(&self, person: &Person) -> Value {
        let key = name_key(person.name());
        let mut named = self.names.iter().filter(|member| name_key(&member.name) == key);
        match (named.next(), named.next()) {
            (Some(one), None) => one.id.clone(),
            _ => person.name().into(),
        }
    }

    pub(super) fn codes(&self, offers: &[OfferId]) -> Value {
        let code = |id: &OfferId| {
            let offer = self.scene.lexicon.offers().iter().find(|offer| offer.id == *id);
            offer.map(|offer| Value::from(offer.code.as_str()))
        };
        offers.iter().filter_map(code).collect()
    }

    pub(super) fn variant(&self, offer: OfferId, variant: Option<u16>) -> Value {
        let lexicon: &Lexicon = self.scene.lexicon;
        let words = lexicon.offers().iter().find(|words| words.id == offer);
        let name = words.and_then(|words| words.variants.get(usize::from(variant?)));
        name.map(String::as_str).into()
    }
}

pub(super) fn numbers(orders: &[OrderId]) -> Value {
    orders.iter().map(|order| Value::from(order.0)).collect()
}
