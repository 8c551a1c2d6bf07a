//! Codes: unique among the offers that can be open at the same time in the same community.
//!
//! Members type a code and nothing else, so a code that means two things is an order for the
//! wrong one; an item on offer twice is only a question more. Also closing times, which decide
//! how long a code is taken.

use super::windows::OfferWindow;
use super::{Posting, Survey};
use crate::config::fault::Faults;
use crate::config::meant;
use crate::config::reader::At;
use crate::config::scalar::names::{Code, Slug};
use crate::config::written::{DaysWritten, Offer};

/// Shorter windows are probably a slip.
const SHORT_MINUTES: i64 = 5;
const ASKED: &str = "members who name it without the code will be asked which offer they mean";

pub(super) fn check(survey: &Survey<'_>, faults: &mut Faults<'_>) {
    for (index, posting) in survey.drops.iter().enumerate() {
        check_within(posting, faults);
        check_days(posting, faults);
        let Some(window) = window(posting) else { continue };
        check_closing(posting, &window, faults);
        for earlier in &survey.drops[..index] {
            check_between(earlier, posting, &window, faults);
        }
    }
}

fn window(posting: &Posting<'_>) -> Option<OfferWindow> {
    Some(OfferWindow {
        days: meant::days(&posting.drop.days.value),
        at: posting.drop.at.as_ref()?.value,
        closes: posting.drop.closes.as_ref()?.value,
    })
}

fn check_within(posting: &Posting<'_>, faults: &mut Faults<'_>) {
    let offers: Vec<_> = posting.offers().collect();
    for (index, offer) in offers.iter().enumerate() {
        let earlier = || offers[..index].iter().copied();
        if let Some(code) = shared_code(offer, earlier()) {
            let message = format!("code `{}` is given twice in this drop", code.value.0);
            faults.error(&code.place, message, "count on: A1, A2, A3");
        }
        if let Some(code) = offer.value.code.as_ref().filter(|code| is_of_cases(&code.value.0)) {
            let message =
                format!("`{}` looks like the number of an after-sales case", code.value.0);
            faults.warn(
                &code.place,
                message,
                "use another letter: while it is open, no case can be answered by that number",
            );
        }
        if let Some(item) = shared_item(offer, earlier()) {
            let message = format!("item `{}` is offered twice in this drop", item.value.0);
            faults.warn(&item.place, message, ASKED);
        }
    }
}

/// Q12: cases are numbered so.
fn is_of_cases(code: &str) -> bool {
    let number = code.strip_prefix(['Q', 'q']);
    number.is_some_and(|it| !it.is_empty() && it.chars().all(|c| c.is_ascii_digit()))
}

fn check_closing(posting: &Posting<'_>, window: &OfferWindow, faults: &mut Faults<'_>) {
    let Some(closes) = &posting.drop.closes else { return };
    if window.meets_itself() {
        let message = "its offers are still open when it is posted again";
        let hint = "close at least ten minutes before `at`, or post on fewer days";
        faults.error(&closes.place, message, hint);
    } else if window.length_minutes() <= SHORT_MINUTES {
        let message = format!("its offers are open for {} minutes", window.length_minutes());
        faults.warn(&closes.place, message, "members need time to read a post");
    }
}

fn check_days(posting: &Posting<'_>, faults: &mut Faults<'_>) {
    let days = &posting.drop.days;
    match &days.value {
        DaysWritten::Weekdays(list) if list.is_empty() => never(days, faults),
        DaysWritten::Daily | DaysWritten::Weekdays(_) => {}
        DaysWritten::MonthDays(table) => {
            let listed = table.month_days.as_ref().map(|list| list.value.as_slice());
            if listed.is_some_and(<[_]>::is_empty) {
                never(days, faults);
            }
            for day in listed.unwrap_or_default().iter().filter(|day| day.value.0 > 28) {
                let message = format!("not every month has a day {}", day.value.0);
                faults.warn(&day.place, message, "shorter months are skipped");
            }
        }
    }
}

fn never(days: &At<DaysWritten>, faults: &mut Faults<'_>) {
    faults.error(&days.place, "no days: it would never be posted", "write \"daily\", or days");
}

/// Report what two drops share while both are open somewhere.
fn check_between(
    earlier: &Posting<'_>,
    later: &Posting<'_>,
    window: &OfferWindow,
    faults: &mut Faults<'_>,
) {
    let shared = later.communities.iter().find(|(slug, _)| earlier.is_in(slug));
    let Some((community, _)) = shared else { return };
    let codes: Vec<_> = later.offers().filter_map(|it| shared_code(it, earlier.offers())).collect();
    let items: Vec<_> = later.offers().filter_map(|it| shared_item(it, earlier.offers())).collect();
    // Days are compared last: it means walking through the calendar.
    let can_meet = || self::window(earlier).is_some_and(|it| it.can_meet(window));
    if (codes.is_empty() && items.is_empty()) || !can_meet() {
        return;
    }
    let from = format!("in `{community}` at the same time from drop `{}`", earlier.name());
    for code in codes {
        let message = format!("code `{}` can be open {from}", code.value.0);
        faults.error(&code.place, message, "give each drop a letter of its own: A1, B1, C1");
    }
    for item in items {
        let message = format!("item `{}` can be on offer {from}", item.value.0);
        faults.warn(&item.place, message, ASKED);
    }
}

/// The offer's code, if one of the others has it too.
fn shared_code<'r>(
    offer: &'r At<Offer>,
    mut others: impl Iterator<Item = &'r At<Offer>>,
) -> Option<&'r At<Code>> {
    let code = offer.value.code.as_ref()?;
    let same = |other: &At<Code>| other.value == code.value;
    others.any(|other| other.value.code.as_ref().is_some_and(same)).then_some(code)
}

/// The offer's item, if one of the others has it too.
fn shared_item<'r>(
    offer: &'r At<Offer>,
    mut others: impl Iterator<Item = &'r At<Offer>>,
) -> Option<&'r At<Slug>> {
    let item = offer.value.item.as_ref()?;
    let same = |other: &At<Slug>| other.value == item.value;
    others.any(|other| other.value.item.as_ref().is_some_and(same)).then_some(item)
}
