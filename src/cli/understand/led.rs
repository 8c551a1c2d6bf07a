//! What leaders' commands say beside their names, room by room.

use serde_json::{Value, json};

use super::lines;
use super::named::{NamedScene, numbers};
use crate::domain::intent::{LeaderIntent, Selection};
use crate::domain::person::Person;
use crate::domain::{
    catalog, loyalty, orders, payments, people, pricing, reports, service, shipping,
};

/// Takes what is said under a name.
type Put<'p> = &'p mut dyn FnMut(&str, Value);

impl NamedScene<'_> {
    pub(super) fn lead(&self, lead: &LeaderIntent, put: Put<'_>) {
        match lead {
            LeaderIntent::ByName { act, .. } | LeaderIntent::Meant { act, .. } => {
                self.lead(act, put);
            }
            LeaderIntent::Payments(lead) => self.payments(lead, put),
            LeaderIntent::Shipping(lead) => self.shipping(lead, put),
            LeaderIntent::Orders(lead) => self.orders(lead, put),
            LeaderIntent::Catalog(lead) => self.catalog(lead, put),
            LeaderIntent::Reports(lead) => self.reports(lead, put),
            LeaderIntent::Service(service::Lead::Shortage(lack)) => {
                let offers: Vec<_> = lack.goods.iter().map(|it| it.offer).collect();
                put("offers", self.codes(&offers));
            }
            LeaderIntent::Loyalty(loyalty::Lead::GivePoints { person, points, .. }) => {
                self.of_one(person, put);
                put("qty", (*points).into());
            }
            LeaderIntent::Loyalty(loyalty::Lead::ApproveShare(person))
            | LeaderIntent::People(
                people::Lead::Leader { name: person, .. }
                | people::Lead::Promoter { name: person, .. }
                | people::Lead::Block { who: Some(person), .. },
            ) => self.of_one(person, put),
            _ => {}
        }
    }

    fn payments(&self, lead: &payments::Lead, put: Put<'_>) {
        match lead {
            payments::Lead::Paid { of, amount } => {
                self.selected(of, put);
                put("amount_minor", amount.map(|it| it.minor).into());
            }
            payments::Lead::PaidNumber { orders, amount, .. } => {
                put("orders", numbers(orders));
                put("amount_minor", amount.minor.into());
            }
            payments::Lead::DenyClaim(of) | payments::Lead::Chase(of) => self.selected(of, put),
            payments::Lead::Refund { order, lines: wanted } => {
                put("orders", numbers(&[*order]));
                if !wanted.is_empty() {
                    put("lines", lines(wanted, self.scene.lexicon).into());
                }
            }
            payments::Lead::RefundAmount { order, amount, .. } => {
                put("orders", numbers(&[*order]));
                put("amount_minor", amount.minor.into());
            }
            payments::Lead::Claims => {}
        }
    }

    fn shipping(&self, lead: &shipping::Lead, put: Put<'_>) {
        match lead {
            shipping::Lead::Ship { of, carrier, tracking } => {
                self.selected(of, put);
                put("channel", carrier.as_deref().into());
                put("text", tracking.as_deref().into());
            }
            shipping::Lead::Delivered(of) | shipping::Lead::Collected { of, .. } => {
                self.selected(of, put);
            }
            shipping::Lead::Arrived { goods: shipping::MeantGoods::Named(goods), .. }
            | shipping::Lead::Expect { goods: shipping::MeantGoods::Named(goods), .. } => {
                let offers: Vec<_> = goods.iter().map(|it| it.offer).collect();
                put("offers", self.codes(&offers));
            }
            _ => {}
        }
    }

    fn orders(&self, lead: &orders::Lead, put: Put<'_>) {
        match lead {
            orders::Lead::CancelOf(of) => self.selected(of, put),
            orders::Lead::OrderFor { whose, lines: wanted } => {
                self.whose(whose, put);
                put("lines", lines(wanted, self.scene.lexicon).into());
            }
            orders::Lead::Cut { whose, item, by } => {
                self.whose(whose, put);
                if let Some(item) = item {
                    put("offers", self.codes(&[item.offer]));
                }
                let (pricing::Lowered::Off(by) | pricing::Lowered::Each(by)) = by;
                put("amount_minor", by.minor.into());
            }
            _ => {}
        }
    }

    fn catalog(&self, lead: &catalog::Lead, put: Put<'_>) {
        match lead {
            catalog::Lead::List { name, price, stock, unit, .. } => {
                put("text", name.as_str().into());
                put("amount_minor", price.minor.into());
                put("qty", (*stock).into());
                put("unit", unit.as_deref().into());
            }
            catalog::Lead::Price { offer, price } => {
                put("offers", self.codes(&[*offer]));
                put("amount_minor", price.minor.into());
            }
            catalog::Lead::Stock { offer, variant, by } => {
                put("offers", self.codes(&[*offer]));
                put("variant", self.variant(*offer, *variant));
                put("qty", by.unsigned_abs().into());
                put("op", if *by < 0 { "remove" } else { "add" }.into());
            }
            catalog::Lead::SetStock { offer, variant, left } => {
                put("offers", self.codes(&[*offer]));
                put("variant", self.variant(*offer, *variant));
                put("qty", (*left).into());
                put("op", "set".into());
            }
            catalog::Lead::Close(offers) if offers.is_empty() => put("all", true.into()),
            catalog::Lead::Close(offers)
            | catalog::Lead::MoveClosing { offers, .. }
            | catalog::Lead::Reopen { offers, .. }
            | catalog::Lead::CopyOffers { offers, .. } => put("offers", self.codes(offers)),
            _ => {}
        }
    }

    fn reports(&self, lead: &reports::Lead, put: Put<'_>) {
        match lead {
            reports::Lead::OfMembers(people) => {
                put("persons", people.iter().map(|it| self.person(it)).collect());
            }
            reports::Lead::Orders(orders) => put("orders", numbers(orders)),
            reports::Lead::WhoOrdered { offer, variant, .. } => {
                put("offers", self.codes(&[*offer]));
                put("variant", self.variant(*offer, *variant));
            }
            _ => {}
        }
    }

    fn of_one(&self, person: &Person, put: Put<'_>) {
        put("persons", json!([self.person(person)]));
    }

    fn selected(&self, of: &Selection, put: Put<'_>) {
        match of {
            Selection::Orders(orders) => put("orders", numbers(orders)),
            Selection::Members(members) => {
                put("persons", members.iter().map(|it| self.person(it)).collect());
            }
            Selection::All => put("all", true.into()),
        }
    }

    /// Whose order it is, by its number or by them.
    fn whose(&self, whose: &orders::Whose, put: Put<'_>) {
        match whose {
            orders::Whose::Numbered(order) => put("orders", numbers(&[*order])),
            orders::Whose::Of(person) => put("for", self.person(person)),
        }
    }
}
