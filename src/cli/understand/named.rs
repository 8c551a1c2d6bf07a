//! What a reading is called in the table of commands, what it says beside, and how sure the judge is.

use serde_json::{Map, Value, json};

use super::lines;
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::intent::{
    About, Intent, LeaderCommand, LeaderIntent, Question, Selection, Understood, Why,
};
use crate::domain::name::name_key;
use crate::domain::person::Person;
use crate::understand::purposes::Purpose;
use crate::understand::weights::{self, Weights};
use crate::understand::{Lexicon, Scene, judge, rules};

/// Somebody of the group.
#[derive(Clone, Debug, serde::Deserialize)]
pub(super) struct Member {
    id: Value,
    name: String,
}

/// What a message is read against, and who is there.
pub(super) struct Told<'t> {
    pub(super) text: &'t str,
    pub(super) scene: &'t Scene<'t>,
    pub(super) names: &'t [Member],
    pub(super) weights: &'t Weights,
}

impl Told<'_> {
    /// Add `intent`, `args`, `p` and `confirm` to an answer.
    pub(super) fn name(&self, understood: &Understood, answer: &mut Value) {
        let (meant, confirm) = match &understood.intent {
            Intent::Ask(Question { why: Why::Confirm, choices, .. }) if choices.len() == 1 => {
                (&choices[0], true)
            }
            Intent::Lead(LeaderIntent::HalfSaid(_) | LeaderIntent::ByName { .. }) => {
                (&understood.intent, true)
            }
            other => (other, false),
        };
        let (intent, p) = self.judged(meant).unwrap_or((name(meant), 1.0));
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
            Intent::CancelOrders(orders) | Intent::Received(orders) if !orders.is_empty() => {
                put("orders", numbers(orders));
            }
            Intent::Withdraw { amount: Some(amount) } => put("amount_minor", amount.minor.into()),
            Intent::SetPayee(text) | Intent::SetAddress(text) | Intent::SetPickup(text) => {
                put("text", text.as_str().into());
            }
            Intent::UseInvite { code } => put("text", code.as_str().into()),
            Intent::ClaimInviter { name } => put("persons", json!([self.person(name)])),
            Intent::SpendPoints { points } => put("qty", (*points).into()),
            Intent::Query(query) if !query.offers.is_empty() => {
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
            LeaderIntent::ByName { act, .. } => self.lead(act, put),
            LeaderIntent::Paid { of: whose, amount } => {
                of(whose);
                put("amount_minor", amount.map(|it| it.minor).into());
            }
            LeaderIntent::PaidNumber { orders, amount, .. } => {
                put("orders", numbers(orders));
                put("amount_minor", amount.minor.into());
            }
            LeaderIntent::Ship { of: which, carrier, tracking } => {
                of(which);
                put("channel", carrier.as_deref().into());
                put("text", tracking.as_deref().into());
            }
            LeaderIntent::Delivered(which) | LeaderIntent::CancelOf(which) => of(which),
            LeaderIntent::Refund { order, lines: wanted } => {
                put("orders", numbers(&[*order]));
                if !wanted.is_empty() {
                    put("lines", lines(wanted, self.scene.lexicon).into());
                }
            }
            LeaderIntent::List { name, price, stock, unit } => {
                put("text", name.as_str().into());
                put("amount_minor", price.minor.into());
                put("qty", (*stock).into());
                put("unit", unit.as_deref().into());
            }
            LeaderIntent::Price { offer, price } => {
                put("offers", self.codes(&[*offer]));
                put("amount_minor", price.minor.into());
            }
            LeaderIntent::Stock { offer, variant, by } => {
                put("offers", self.codes(&[*offer]));
                put("variant", self.variant(*offer, *variant));
                put("qty", by.unsigned_abs().into());
                put("op", if *by < 0 { "remove" } else { "add" }.into());
            }
            LeaderIntent::SetStock { offer, variant, left } => {
                put("offers", self.codes(&[*offer]));
                put("variant", self.variant(*offer, *variant));
                put("qty", (*left).into());
                put("op", "set".into());
            }
            LeaderIntent::Close(offers) if offers.is_empty() => put("all", true.into()),
            LeaderIntent::Close(offers) => put("offers", self.codes(offers)),
            LeaderIntent::ApproveShare(name)
            | LeaderIntent::Leader { name, .. }
            | LeaderIntent::Promoter { name, .. } => put("persons", json!([self.person(name)])),
            _ => {}
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

/// What an intent is called.
fn name(intent: &Intent) -> &'static str {
    match intent {
        Intent::Silent => "none",
        Intent::Order(_) => "orders.place",
        Intent::Amend(_) => "orders.change",
        Intent::Cancel(_) | Intent::CancelOrders(_) => "orders.cancel",
        Intent::JoinList(_) => "orders.chain",
        Intent::Ask(_) | Intent::Unread(_) => "ask",
        Intent::CheckIn => "loyalty.check_in",
        Intent::Balance => "payouts.balance",
        Intent::Statement => "payouts.statement",
        Intent::MyOrders => "orders.mine",
        Intent::Invite => "referral.invite",
        Intent::UseInvite { .. } => "referral.code",
        Intent::ClaimInviter { .. } => "referral.claim",
        Intent::AnswerClaim { .. } => "referral.answer",
        Intent::Points => "loyalty.points",
        Intent::Menu => "catalog.menu",
        Intent::Help => "groups.help",
        Intent::Share => "loyalty.show",
        Intent::Feedback => "service.complaint",
        Intent::Withdraw { .. } => "payouts.withdraw",
        Intent::SetPayee(_) | Intent::AgreePayee(_) => "payouts.payee",
        Intent::SetAddress(_) => "shipping.address",
        Intent::SetPickup(_) => "shipping.pickup",
        Intent::SpendPoints { .. } => "loyalty.use",
        Intent::Received(_) => "shipping.collected",
        Intent::Query(query) => match query.about {
            About::Closing => "catalog.when",
            About::Delivery => "shipping.where",
            _ => "catalog.ask",
        },
        Intent::Undo(_) => "groups.undo",
        Intent::Lead(lead) => leaders(lead),
        Intent::Operate(_) => "operate",
        Intent::Link { .. } => "groups.link",
    }
}

fn leaders(lead: &LeaderIntent) -> &'static str {
    match lead {
        LeaderIntent::Paid { .. } | LeaderIntent::PaidNumber { .. } => "payments.paid",
        LeaderIntent::Ship { .. } => "shipping.shipped",
        LeaderIntent::Delivered(_) => "shipping.collected",
        LeaderIntent::Refund { .. } => "payments.refund",
        LeaderIntent::CancelOf(_) => "orders.cancel_for",
        LeaderIntent::List { .. } => "catalog.put_on_sale",
        LeaderIntent::Price { .. } => "catalog.price",
        LeaderIntent::Stock { .. } | LeaderIntent::SetStock { .. } => "catalog.stock",
        LeaderIntent::Close(_) => "catalog.close",
        LeaderIntent::Unpaid => "payments.unpaid",
        LeaderIntent::PickList => "reports.pick_list",
        LeaderIntent::Today => "reports.today",
        LeaderIntent::Unattributed => "reports.unattributed",
        LeaderIntent::Promoters => "reports.promoters",
        LeaderIntent::Review { .. } => "orders.accept_chain",
        LeaderIntent::Request { .. } => "orders.request",
        LeaderIntent::ApproveShare(_) => "loyalty.approve",
        LeaderIntent::Leader { .. } => "people.leader",
        LeaderIntent::Promoter { .. } => "people.promoter",
        LeaderIntent::ByName { act, .. } => leaders(act),
        LeaderIntent::Unread(_) => "ask",
        LeaderIntent::HalfSaid(command) => match command {
            LeaderCommand::Refund => "payments.refund",
            LeaderCommand::Price => "catalog.price",
            LeaderCommand::Stock => "catalog.stock",
            LeaderCommand::Close => "catalog.close",
            LeaderCommand::List => "catalog.put_on_sale",
            LeaderCommand::Paid => "payments.paid",
            LeaderCommand::Ship => "shipping.shipped",
            LeaderCommand::Cancel => "orders.cancel_for",
        },
    }
}
