//! Items and drops as meant: prices in minor units, variants and units spelled out, a greeting for
//! each language. References are not followed here; an offer names its item by key, as in the
//! file.

use super::{Meaning, lines, slug, text};
use crate::config::reader::At;
use crate::config::scalar::Count;
use crate::config::scalar::amounts::WrittenCommission;
use crate::config::scalar::names::PicturePath;
use crate::config::written::{self, DaysWritten, LocalText, Root, WrittenVariant};
use crate::domain::money::{Money, Rate};
use crate::domain::policy::{
    Arrives, Drop, DropDays, DropOffer, Item, ItemCommission, Locale, UnitRatio, VariantSpec,
};

impl Meaning<'_, '_> {
    pub(super) fn item(&mut self, written: &written::Item) -> Option<Item> {
        Some(Item {
            key: slug(written.key.as_ref())?,
            name: text(written.name.as_ref())?,
            aliases: lines(&written.aliases.value),
            unit: text(written.unit.as_ref())?,
            other_units: other_units(written),
            variants: written.variants.value.iter().filter_map(|it| variant(&it.value)).collect(),
            price: self.money(written.price.as_ref()?),
            image: picture(written.image.as_ref()),
            about: written.about.as_ref().map(|about| about.value.0.clone()),
            commission: match &written.commission {
                Some(cut) => Some(self.item_commission(&cut.value)?),
                None => None,
            },
            limit_per_member: count(written.limit_per_member.as_ref()),
        })
    }

    fn item_commission(&mut self, written: &written::ItemCut) -> Option<ItemCommission> {
        let level1 = written.level1.as_ref()?;
        let level2 = written.level2.as_ref();
        match (&level1.value, level2.map(|it| &it.value)) {
            (WrittenCommission::Share(level1), None) => {
                Some(ItemCommission::Rates(*level1, Rate::default()))
            }
            (WrittenCommission::Share(level1), Some(WrittenCommission::Share(level2))) => {
                Some(ItemCommission::Rates(*level1, *level2))
            }
            (WrittenCommission::Fixed(level1_amount), None) => {
                let level1 = At { value: *level1_amount, place: level1.place.clone() };
                Some(ItemCommission::Fixed(self.money(&level1), Money::ZERO))
            }
            (
                WrittenCommission::Fixed(level1_amount),
                Some(WrittenCommission::Fixed(level2_amount)),
            ) => {
                let level1 = At { value: *level1_amount, place: level1.place.clone() };
                let level2 = At { value: *level2_amount, place: level2?.place.clone() };
                Some(ItemCommission::Fixed(self.money(&level1), self.money(&level2)))
            }
            (WrittenCommission::Share(_), Some(WrittenCommission::Fixed(_)))
            | (WrittenCommission::Fixed(_), Some(WrittenCommission::Share(_))) => {
                let message = "one level is a rate, the other an amount";
                self.faults.error(&level2?.place, message, "write both the same way");
                None
            }
        }
    }

    pub(super) fn drop(&mut self, root: &Root, written: &written::Drop) -> Option<Drop> {
        let offers = written.offers.as_ref()?;
        let arrives = written.arrives.as_ref().map(|it| it.value);
        Some(Drop {
            key: slug(written.key.as_ref())?,
            name: text(written.name.as_ref()),
            at: written.at.as_ref()?.value,
            days: days(&written.days.value),
            closes: written.closes.as_ref()?.value,
            communities: scope(written),
            greeting: greeting(root, written),
            image: picture(written.image.as_ref()),
            offers: offers.value.iter().filter_map(|it| self.offer(&it.value, arrives)).collect(),
            grace_minutes: written.grace.value.0,
        })
    }

    fn offer(&mut self, written: &written::Offer, drop: Option<Arrives>) -> Option<DropOffer> {
        let stock = written.stock.value.0.iter();
        Some(DropOffer {
            item: slug(written.item.as_ref())?,
            code: written.code.as_ref()?.value.0.clone(),
            price: written.price.as_ref().map(|price| self.money(price)),
            stock_each: count(written.stock_each.as_ref()),
            stock: stock.map(|(slug, pieces)| (slug.value.0.clone(), pieces.value.0)).collect(),
            limit_per_member: count(written.limit_per_member.as_ref()),
            minimum: count(written.minimum.as_ref()),
            hold_minutes: written.hold.as_ref().map(|hold| hold.value.0),
            arrives: written.arrives.as_ref().map(|it| it.value).or(drop),
        })
    }
}

/// The slugs a drop names; empty means all.
fn scope(written: &written::Drop) -> Vec<String> {
    let named = written.communities.iter().flat_map(|list| &list.value);
    named.map(|slug| slug.value.0.clone()).collect()
}

fn greeting(root: &Root, written: &written::Drop) -> Vec<(Locale, String)> {
    let greeting = written.greeting.as_ref();
    greeting.map_or_else(Vec::new, |it| by_locale(root, &it.value, &scope(written)))
}

/// A plain text is taken to be in the language of the first community that hears it.
pub(super) fn by_locale(
    root: &Root,
    written: &LocalText,
    named: &[String],
) -> Vec<(Locale, String)> {
    match written {
        LocalText::One(words) => {
            let mut communities = super::present(root.communities.as_ref()).map(|it| &it.value);
            let first = communities.find(|it| {
                named.is_empty() || slug(it.slug.as_ref()).is_some_and(|slug| named.contains(&slug))
            });
            let locale = first.and_then(|it| it.locale.as_ref()).map(|locale| locale.value);
            vec![(locale.unwrap_or(Locale::ZhHans), words.0.clone())]
        }
        LocalText::ByLocale(entries) => {
            let entries = entries.0.iter();
            entries.map(|(locale, words)| (locale.value, words.value.0.clone())).collect()
        }
    }
}

/// The days a drop happens on.
pub(crate) fn days(written: &DaysWritten) -> DropDays {
    match written {
        DaysWritten::Daily => DropDays::Daily,
        DaysWritten::Weekdays(days) => {
            DropDays::Weekdays(days.iter().map(|day| day.value).collect())
        }
        DaysWritten::MonthDays(table) => {
            let days = table.month_days.iter().flat_map(|list| &list.value);
            DropDays::MonthDays(days.filter_map(|day| u8::try_from(day.value.0).ok()).collect())
        }
    }
}

fn variant(written: &WrittenVariant) -> Option<VariantSpec> {
    Some(match written {
        WrittenVariant::Name(name) => VariantSpec { name: name.0.clone(), stock_each: None },
        WrittenVariant::Table(table) => VariantSpec {
            name: text(table.name.as_ref())?,
            stock_each: count(table.stock_each.as_ref()),
        },
    })
}

fn other_units(written: &written::Item) -> Vec<UnitRatio> {
    let units = written.other_units.value.0.iter();
    let ratio = units.map(|(unit, ratio)| UnitRatio {
        unit: unit.value.0.clone(),
        numerator: ratio.value.numerator,
        denominator: ratio.value.denominator,
    });
    ratio.collect()
}

fn picture(written: Option<&At<PicturePath>>) -> Option<String> {
    written.map(|picture| picture.value.0.clone())
}

fn count<const MIN: u32, const MAX: u32>(written: Option<&At<Count<MIN, MAX>>>) -> Option<u32> {
    written.map(|count| count.value.0)
}
