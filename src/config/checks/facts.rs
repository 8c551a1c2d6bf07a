//! Questions that the shop answers: where the answers are true, that somebody can ask them, and one answer a topic.

use std::collections::BTreeSet;

use super::Survey;
use crate::config::fault::Faults;
use crate::config::nearest::did_you_mean;
use crate::config::written::Root;

pub(super) fn check(root: &Root, survey: &Survey<'_>, faults: &mut Faults<'_>) {
    let slugs = survey.slugs();
    let mut topics = BTreeSet::new();
    for fact in &root.facts.value {
        let named = fact.value.communities.iter().flat_map(|list| &list.value);
        for slug in named.clone().filter(|slug| !slugs.contains(&slug.value.0.as_str())) {
            let message = format!("there is no community `{}`", slug.value.0);
            faults.error(&slug.place, message, did_you_mean(&slug.value.0, &slugs));
        }
        if fact.value.about.is_none() && fact.value.asks.value.is_empty() {
            let message = "an answer that nobody can ask for";
            faults.error(&fact.place, message, "add `asks` or `about`");
        }
        let named: Vec<&str> = named.map(|slug| slug.value.0.as_str()).collect();
        let here = slugs.iter().filter(|slug| named.is_empty() || named.contains(slug));
        let Some(about) = &fact.value.about else { continue };
        // Of two answers the first would be given.
        let said = here.filter(|slug| !topics.insert((about.value, **slug))).count();
        if said > 0 {
            let message = "there is another answer about this in the same community";
            faults.error(&about.place, message, "remove one, or name its `communities`");
        }
    }
}
