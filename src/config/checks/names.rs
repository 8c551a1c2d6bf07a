//! Names: keys that must differ, keys that must exist, and names that mean two things.
//!
//! Names are compared without case and blanks. How members' words are matched to them is the
//! business of `understand`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Posting, Survey};
use crate::config::fault::Faults;
use crate::config::meant::present;
use crate::config::nearest::did_you_mean;
use crate::config::reader::At;
use crate::config::scalar::names::{Slug, Title};
use crate::config::written::{Item, Root, WrittenVariant};

pub(super) fn check(root: &Root, survey: &Survey<'_>, faults: &mut Faults<'_>) {
    let accounts = present(root.accounts.as_ref()).filter_map(|it| it.value.key.as_ref());
    check_unique("account", accounts, faults);
    let communities = || present(root.communities.as_ref()).map(|it| &it.value);
    check_unique("community", communities().filter_map(|it| it.slug.as_ref()), faults);
    check_unique("item", root.items.value.iter().filter_map(|it| it.value.key.as_ref()), faults);
    check_unique("drop", root.drops.value.iter().filter_map(|it| it.value.key.as_ref()), faults);
    let names = communities().filter_map(|it| it.name.as_ref());
    warn_same("community", names, faults);
    for item in &root.items.value {
        check_variants(&item.value, faults);
        check_units(&item.value, faults);
    }
    for posting in &survey.drops {
        check_references(posting, survey, faults);
    }
    warn_ambiguous(survey, faults);
}

fn check_unique<'r>(kind: &str, keys: impl Iterator<Item = &'r At<Slug>>, faults: &mut Faults<'_>) {
    let mut seen = BTreeSet::new();
    for key in keys {
        if !seen.insert(&key.value.0) {
            let message = format!("there is another {kind} `{}`", key.value.0);
            faults.error(&key.place, message, "give each a key of its own; it never changes later");
        }
    }
}

fn warn_same<'r>(kind: &str, names: impl Iterator<Item = &'r At<Title>>, faults: &mut Faults<'_>) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(&name.value.0) {
            let message = format!("there is another {kind} named `{}`", name.value.0);
            faults.warn(&name.place, message, "people will mix them up");
        }
    }
}

fn check_variants(item: &Item, faults: &mut Faults<'_>) {
    let mut seen = BTreeSet::new();
    let mut with_stock = 0;
    for variant in &item.variants.value {
        let name = match &variant.value {
            WrittenVariant::Name(name) => Some(&name.0),
            WrittenVariant::Table(table) => {
                with_stock += 1;
                table.name.as_ref().map(|name| &name.value.0)
            }
        };
        if let Some(name) = name
            && !seen.insert(folded(name))
        {
            let message = format!("variant `{name}` is listed twice");
            faults.error(&variant.place, message, "remove one of the two");
        }
    }
    if with_stock > 0 && with_stock < item.variants.value.len() {
        let message = "some variants have a stock of their own and some have none";
        faults.error(&item.variants.place, message, "give `stock_each` to all of them or to none");
    }
}

fn check_units(item: &Item, faults: &mut Faults<'_>) {
    let Some(own) = &item.unit else { return };
    for (unit, _) in &item.other_units.value.0 {
        if folded(&unit.value.0) == folded(&own.value.0) {
            let message = format!("`{}` is the item's own unit", unit.value.0);
            faults.error(&unit.place, message, "remove it from `other_units`");
        }
    }
}

fn check_references(posting: &Posting<'_>, survey: &Survey<'_>, faults: &mut Faults<'_>) {
    let slugs = survey.slugs();
    for slug in posting.drop.communities.iter().flat_map(|list| &list.value) {
        if !slugs.contains(&slug.value.0.as_str()) {
            unknown("community", slug, &slugs, faults);
        }
    }
    let items: Vec<_> = survey.items.iter().map(|(key, _)| *key).collect();
    for offer in posting.offers() {
        if let Some(item) =
            offer.value.item.as_ref().filter(|it| survey.item(&it.value.0).is_none())
        {
            unknown("item", item, &items, faults);
        }
        for (slug, _) in &offer.value.stock.value.0 {
            if !slugs.contains(&slug.value.0.as_str()) {
                unknown("community", slug, &slugs, faults);
            } else if !posting.is_in(&slug.value.0) {
                let message = format!("this drop is not posted in `{}`", slug.value.0);
                faults.error(&slug.place, message, "remove it, or add it to `communities`");
            }
        }
    }
}

fn unknown(kind: &str, slug: &At<Slug>, known: &[&str], faults: &mut Faults<'_>) {
    let message = format!("there is no {kind} `{}`", slug.value.0);
    faults.error(&slug.place, message, did_you_mean(&slug.value.0, known));
}

/// Warn of names that would mean two items in one community: members will be asked which.
fn warn_ambiguous(survey: &Survey<'_>, faults: &mut Faults<'_>) {
    for (slug, _) in &survey.communities {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        for (key, item) in survey.items.iter().filter(|(key, _)| is_sold(survey, slug, key)) {
            for name in item.name.iter().chain(&item.aliases.value) {
                let owner = *owners.entry(folded(&name.value.0)).or_insert(key);
                if owner != *key {
                    let message =
                        format!("`{}` also means item `{owner}` in `{slug}`", name.value.0);
                    let hint = "members who use it will be asked which they mean";
                    faults.warn(&name.place, message, hint);
                }
            }
        }
    }
}

fn is_sold(survey: &Survey<'_>, slug: &str, item: &str) -> bool {
    let mut here = survey.drops.iter().filter(|posting| posting.is_in(slug));
    here.any(|posting| {
        let mut offered = posting.offers().filter_map(|offer| offer.value.item.as_ref());
        offered.any(|offered| offered.value.0 == item)
    })
}

fn folded(name: &str) -> String {
    name.split_whitespace().collect::<String>().to_lowercase()
}
