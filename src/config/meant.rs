//! From the file as written to the file as meant: sections become `Policy` and `Config`.
//!
//! Amounts become minor units of the shop's currencies here. A section that lacks a required key
//! was reported when it was read and is left out; whether values go together is for
//! [`checks`](super::checks).

mod catalogue;
mod rules;

pub(crate) use catalogue::days;

use super::fault::Faults;
use super::reader::{At, SpannedList};
use super::scalar::amounts::WrittenDecimal;
use super::scalar::names::{Slug, TextLine};
use super::written::{self, Root};
use super::{AccountConfig, Config, EngineConfig, WebConfig};
use crate::domain::money::{Currency, Money};
use crate::domain::policy::{CommunityPolicy, Policy, SeedMember, ShopFact};

/// The configuration, as far as it could be read: complete when no fault is an error.
pub(crate) fn config(root: &Root, faults: &mut Faults<'_>) -> Option<Config> {
    let mut meaning = Meaning { currency: currency(root), faults };
    let engine = &root.engine.value;
    Some(Config {
        policy: meaning.policy(root)?,
        accounts: present(root.accounts.as_ref()).filter_map(|it| account(&it.value)).collect(),
        web: web(&root.web.value),
        engine: EngineConfig {
            lanes: i16::try_from(engine.lanes.value.0).ok()?,
            batch_max: usize::try_from(engine.batch_max.value.0).ok()?,
            inbox_days: engine.inbox_days.value.0,
        },
    })
}

/// Which currency amounts are counted in: the first community's. That the others are as exact is checked.
pub(crate) fn currency(root: &Root) -> Currency {
    let mut communities = present(root.communities.as_ref());
    communities.find_map(|it| it.value.currency.as_ref()).map_or(Currency::CNY, |it| it.value)
}

/// The elements of a list that may have been unreadable as a whole.
pub(crate) fn present<T>(list: Option<&At<SpannedList<T>>>) -> impl Iterator<Item = &At<T>> {
    list.into_iter().flat_map(|list| &list.value)
}

/// What turns written into meant.
struct Meaning<'a, 't> {
    currency: Currency,
    faults: &'a mut Faults<'t>,
}

impl Meaning<'_, '_> {
    fn policy(&mut self, root: &Root) -> Option<Policy> {
        Some(Policy {
            shop_name: text(root.shop.as_ref()?.value.name.as_ref())?,
            communities: present(root.communities.as_ref())
                .filter_map(|it| community(&it.value))
                .collect(),
            items: root.items.value.iter().filter_map(|it| self.item(&it.value)).collect(),
            drops: root.drops.value.iter().filter_map(|it| self.drop(root, &it.value)).collect(),
            commission: rules::commission(&root.commission.value),
            attribution: rules::attribution(&root.attribution.value),
            points: self.points(&root.points.value),
            orders: rules::orders(&root.orders.value),
            withdrawal: self.withdrawal(&root.withdrawal.value),
            payment: rules::payment(&root.payment.value),
            facts: root.facts.value.iter().filter_map(|it| fact(root, &it.value)).collect(),
        })
    }

    /// An amount in minor units; reported when the currency has too few decimals for it.
    fn money(&mut self, amount: &At<WrittenDecimal>) -> Money {
        amount.value.to_money(self.currency).unwrap_or_else(|| {
            let message =
                format!("more than {} decimals, which the currency has", self.currency.decimals());
            self.faults.error(&amount.place, message, "round it yourself");
            Money::ZERO
        })
    }
}

fn web(written: &written::Web) -> WebConfig {
    WebConfig {
        bind: written.bind.value,
        public_url: written.public_url.as_ref().map(|url| url.value.clone()),
        trusted_proxies: written.trusted_proxies.value.iter().map(|it| it.value).collect(),
    }
}

fn account(written: &written::Account) -> Option<AccountConfig> {
    let limit = written.rate_per_chat.as_ref().map(|limit| &limit.value);
    Some(AccountConfig {
        key: slug(written.key.as_ref())?,
        platform: written.platform.as_ref()?.value,
        bot_name: written.bot_name.value.0.clone(),
        rate_per_chat: match limit {
            Some(limit) => {
                Some((limit.messages.as_ref()?.value.0, limit.seconds.as_ref()?.value.0))
            }
            None => None,
        },
        token_env: text(written.token_env.as_ref()),
        app_id: text(written.app_id.as_ref()),
        api_url: text(written.api_url.as_ref()),
        endpoint: text(written.endpoint.as_ref()),
        webhook_url: text(written.webhook_url.as_ref()),
        ws_url: text(written.ws_url.as_ref()),
        listen: written.listen.as_ref().map(|listen| listen.value),
    })
}

fn community(written: &written::Community) -> Option<CommunityPolicy> {
    Some(CommunityPolicy {
        slug: slug(written.slug.as_ref())?,
        name: text(written.name.as_ref())?,
        locale: written.locale.as_ref()?.value,
        time_zone: written.time_zone.as_ref()?.value,
        currency: written.currency.as_ref()?.value,
        leaders: lines(&written.leaders.value),
        seed: written.seed.value.iter().filter_map(|it| seed(&it.value)).collect(),
        pickup_points: lines(&written.pickup_points.value),
        receipts: written.receipts.as_ref().map(|it| it.value),
        quiet: written.quiet.as_ref().map(|it| it.value),
        morning_brief: written.morning_brief.as_ref().map(|it| it.value),
        evening_summary: written.evening_summary.as_ref().map(|it| it.value),
    })
}

fn fact(root: &Root, written: &written::Fact) -> Option<ShopFact> {
    let named = written.communities.iter().flat_map(|list| &list.value);
    let communities: Vec<_> = named.map(|slug| slug.value.0.clone()).collect();
    Some(ShopFact {
        about: written.about.as_ref().map(|it| it.value),
        asks: lines(&written.asks.value),
        answer: catalogue::by_locale(root, &written.answer.as_ref()?.value, &communities),
        communities,
    })
}

fn seed(written: &written::Seed) -> Option<SeedMember> {
    Some(SeedMember {
        name: text(written.name.as_ref())?,
        invited_by: text(written.invited_by.as_ref()),
    })
}

fn text<const MAX: usize>(line: Option<&At<TextLine<MAX>>>) -> Option<String> {
    line.map(|line| line.value.0.clone())
}

fn slug(slug: Option<&At<Slug>>) -> Option<String> {
    slug.map(|slug| slug.value.0.clone())
}

fn lines<const MAX: usize>(list: &SpannedList<TextLine<MAX>>) -> Vec<String> {
    list.iter().map(|line| line.value.0.clone()).collect()
}
