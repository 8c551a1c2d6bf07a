//! Checks of what the sections of a file say together: references, doubles, stock, accounts, people, law.
//!
//! Each check reads the file as written, where every value knows its place, and reports all that
//! it finds. A value that could not be read is skipped: it was reported already, and what would
//! follow from its absence is no news.

mod accounts;
mod codes;
mod compliance;
mod facts;
mod names;
mod offers;
mod payment;
mod people;
mod pictures;
mod rules;
mod way;
mod web;
mod windows;

use std::path::Path;

use super::fault::Faults;
use super::meant::present;
use super::reader::At;
use super::written::{Community, Drop, Item, Offer, Root};

/// Report everything that does not go together. Pictures are sought below `folder`, if given.
pub(crate) fn run(root: &Root, folder: Option<&Path>, faults: &mut Faults<'_>) {
    let survey = Survey::of(root);
    rules::check(root, faults);
    compliance::check(root, faults);
    accounts::check(root, faults);
    web::check(root, faults);
    people::check(root, faults);
    names::check(root, &survey, faults);
    offers::check(&survey, faults);
    codes::check(&survey, faults);
    payment::check(root, &survey, faults);
    facts::check(root, &survey, faults);
    if let Some(folder) = folder {
        pictures::check(root, folder, faults);
    }
}

/// The file's parts by the names they have for each other.
struct Survey<'r> {
    communities: Vec<(&'r str, &'r Community)>,
    items: Vec<(&'r str, &'r Item)>,
    drops: Vec<Posting<'r>>,
}

/// A drop, with the communities it is posted in.
struct Posting<'r> {
    drop: &'r Drop,
    communities: Vec<(&'r str, &'r Community)>,
}

impl<'r> Survey<'r> {
    fn of(root: &'r Root) -> Self {
        let communities: Vec<_> = present(root.communities.as_ref())
            .filter_map(|it| Some((it.value.slug.as_ref()?.value.0.as_str(), &it.value)))
            .collect();
        let items = root.items.value.iter();
        let drops = root.drops.value.iter();
        Self {
            items: items
                .filter_map(|it| Some((it.value.key.as_ref()?.value.0.as_str(), &it.value)))
                .collect(),
            drops: drops
                .map(|it| Posting {
                    drop: &it.value,
                    communities: posted_in(&it.value, &communities),
                })
                .collect(),
            communities,
        }
    }

    fn item(&self, key: &str) -> Option<&'r Item> {
        self.items.iter().find(|(known, _)| *known == key).map(|(_, item)| *item)
    }

    fn slugs(&self) -> Vec<&'r str> {
        self.communities.iter().map(|(slug, _)| *slug).collect()
    }
}

impl<'r> Posting<'r> {
    fn offers(&self) -> impl Iterator<Item = &'r At<Offer>> {
        present(self.drop.offers.as_ref())
    }

    /// What to call it in a message.
    fn name(&self) -> &'r str {
        self.drop.key.as_ref().map_or("?", |key| key.value.0.as_str())
    }

    fn is_in(&self, slug: &str) -> bool {
        self.communities.iter().any(|(known, _)| *known == slug)
    }
}

fn posted_in<'r>(
    drop: &Drop,
    communities: &[(&'r str, &'r Community)],
) -> Vec<(&'r str, &'r Community)> {
    let Some(named) = &drop.communities else { return communities.to_vec() };
    let is_named = |slug: &str| named.value.iter().any(|it| it.value.0 == slug);
    communities.iter().filter(|(slug, _)| is_named(slug)).copied().collect()
}
