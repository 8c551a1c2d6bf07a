//! Ways to pay: where they are meant, and whether a code can be drawn for them.

use super::Survey;
use crate::config::fault::Faults;
use crate::config::nearest::did_you_mean;
use crate::config::written::{Method, Root};
use crate::domain::payments::paynow::Proxy;

/// The currency that PayNow moves.
const PAYNOW_CURRENCY: &str = "SGD";

pub(super) fn check(root: &Root, survey: &Survey<'_>, faults: &mut Faults<'_>) {
    for method in &root.payment.value.methods.value {
        check_communities(&method.value, survey, faults);
        check_paynow(&method.value, survey, faults);
        let shows = method.value.picture.is_some() || method.value.paynow.is_some();
        if method.value.cash.value && shows {
            let message = "cash has neither a picture nor a code";
            faults.error(&method.value.cash.place, message, "make two methods of it");
        }
    }
}

fn check_communities(method: &Method, survey: &Survey<'_>, faults: &mut Faults<'_>) {
    let slugs = survey.slugs();
    for slug in method.communities.iter().flat_map(|list| &list.value) {
        if !slugs.contains(&slug.value.0.as_str()) {
            let message = format!("there is no community `{}`", slug.value.0);
            faults.error(&slug.place, message, did_you_mean(&slug.value.0, &slugs));
        }
    }
}

fn check_paynow(method: &Method, survey: &Survey<'_>, faults: &mut Faults<'_>) {
    let Some(to) = &method.paynow else {
        if let Some(name) = &method.paynow_name {
            faults.error(&name.place, "a name without `paynow`", "add the number that is paid");
        }
        return;
    };
    if Proxy::read(&to.value.0).is_none() {
        let message = format!("`{}` is neither a mobile number of Singapore nor a UEN", to.value.0);
        faults.error(&to.place, message, "such as \"+6591234567\" or \"201912345K\"");
    }
    if let Some(picture) = &method.picture {
        let message = "a picture beside `paynow`: which of the two codes is shown?";
        faults.error(&picture.place, message, "make two methods of it, or remove one");
    }
    let named: Vec<_> = method
        .communities
        .iter()
        .flat_map(|list| &list.value)
        .map(|slug| slug.value.0.as_str())
        .collect();
    let here =
        survey.communities.iter().filter(|(slug, _)| named.is_empty() || named.contains(slug));
    for (slug, community) in here {
        let currency = community.currency.as_ref().map(|currency| currency.value.code());
        if currency.is_some_and(|code| code != PAYNOW_CURRENCY) {
            let message = format!(
                "PayNow moves {PAYNOW_CURRENCY} only, and `{slug}` trades in another currency"
            );
            faults.error(&to.place, message, "name its communities with `communities`");
        }
    }
}
