//! Codes: unique among the offers that can be open at the same time in the same community.
//!
//! Members type a code and nothing else, so a code that means two things is an order for the
//! wrong one. Also closing times, which decide how long a code is taken.

use super::windows::Window;
use super::{Posting, Survey};
use crate::config::fault::Faults;
use crate::config::meant;
use crate::config::reader::At;
use crate::config::written::{DaysWritten, Offer};

/// Shorter windows are probably a slip.
const SHORT_MINUTES: i64 = 5;

pub(super) fn check(survey: &Survey<'_>, faults: &mut Faults<'_>) {
    for (index, posting) in survey.drops.iter().enumerate() {
        check_within(posting, faults);
        check_days(posting, faults);
        let Some(window) = window(posting) else { continue };
        check_closing(posting, &window, faults);
        for earlier in &survey.drops[..index] {
            check_between(earlier, (posting, &window), faults);
        }
    }
}

fn window(posting: &Posting<'_>) -> Option<Window> {
    Some(Window {
        days: meant::days(&posting.drop.days.value),
        at: posting.drop.at.as_ref()?.value,
        closes: posting.drop.closes.as_ref()?.value,
    })
}

fn check_within(posting: &Posting<'_>, faults: &mut Faults<'_>) {
    let offers: Vec<_> = posting.offers().collect();
    for (index, offer) in offers.iter().enumerate() {
        let Some(code) = &offer.value.code else { continue };
        if offers[..index].iter().any(|earlier| code_of(earlier) == Some(&code.value.0)) {
            let message = format!("code `{}` is given twice in this drop", code.value.0);
            faults.error(&code.place, message, "count on: A1, A2, A3");
        }
    }
}

fn check_closing(posting: &Posting<'_>, window: &Window, faults: &mut Faults<'_>) {
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

/// Report the codes that two drops share while both are open somewhere.
fn check_between(
    earlier: &Posting<'_>,
    (later, window): (&Posting<'_>, &Window),
    faults: &mut Faults<'_>,
) {
    let shared = later.communities.iter().find(|(slug, _)| earlier.is_in(slug));
    let Some((community, _)) = shared else { return };
    let same_code: Vec<_> = later
        .offers()
        .filter(|offer| {
            let code = code_of(offer);
            code.is_some() && earlier.offers().any(|it| code_of(it) == code)
        })
        .collect();
    // Days are compared last: it means walking through the calendar.
    let can_meet = || self::window(earlier).is_some_and(|it| it.can_meet(window));
    if same_code.is_empty() || !can_meet() {
        return;
    }
    for code in same_code.iter().filter_map(|offer| offer.value.code.as_ref()) {
        let message = format!(
            "code `{}` can be open in `{community}` at the same time from drop `{}`",
            code.value.0,
            earlier.name(),
        );
        faults.error(&code.place, message, "give each drop a letter of its own: A1, B1, C1");
    }
}

fn code_of(offer: &At<Offer>) -> Option<&String> {
    offer.value.code.as_ref().map(|code| &code.value.0)
}
