//! What the law of the trade forbids, refused with the reason.
//!
//! Keys for unlawful schemes are explained by [`refused`](crate::config::refused); here are the
//! amounts and rates that are out of bounds, and commission on fees dressed up as items.
//!
//! Source: 禁止传销条例 (State Council order 444), article 7; 消费者权益保护法, article 25 (seven
//! days to return what was bought at a distance).

use crate::config::fault::{Faults, FilePlace};
use crate::config::meant;
use crate::config::reader::At;
use crate::config::report::percent;
use crate::config::scalar::amounts::{WrittenCommission, WrittenDecimal};
use crate::config::written::{Commission, Item, ItemCut, Root};
use crate::domain::money::{Currency, Money, Rate};

/// Goods bought at a distance can be returned within so many days.
const LEAST_RETURN_DAYS: u32 = 7;
/// A cap above this is hardly a commission any more.
const GENEROUS_CAP_BPS: u16 = 5_000;

pub(super) fn check(root: &Root, faults: &mut Faults<'_>) {
    let shop = &root.commission.value;
    check_shop(shop, faults);
    let currency = meant::currency(root);
    for item in &root.items.value {
        check_fee(&item.value, shop, faults);
        if let Some(cut) = &item.value.commission {
            check_cut(&item.value, &cut.value, shop, currency, faults);
        }
    }
}

fn check_shop(shop: &Commission, faults: &mut Faults<'_>) {
    if shop.level2.value > Rate::default() && !shop.accept_two_level_risk.value {
        refuse_second_level(&shop.level2, faults);
    }
    let days = &shop.return_window_days;
    if days.value.0 < LEAST_RETURN_DAYS {
        let message = format!(
            "{} days are fewer than the seven in which goods can be returned: commission would be \
             paid out on purchases that may still be undone",
            days.value.0,
        );
        faults.error(&days.place, message, "7 or more; they count from the day after receipt");
    }
    if shop.cap.value.bps > GENEROUS_CAP_BPS {
        let message = "more than half of what a buyer pays may go to promoters";
        let hint = "so much is paid for recruiting, not for selling, in the eyes of an authority";
        faults.warn(&shop.cap.place, message, hint);
    }
    let sum = shop.level1.value.bps + shop.level2.value.bps;
    if sum > shop.cap.value.bps {
        over_cap(&shop.level1.place, &percent(Rate { bps: sum }), shop, faults);
    }
}

fn check_cut(
    item: &Item,
    cut: &ItemCut,
    shop: &Commission,
    currency: Currency,
    faults: &mut Faults<'_>,
) {
    if let Some(level2) = cut.level2.as_ref().filter(|it| is_something(&it.value))
        && !shop.accept_two_level_risk.value
    {
        refuse_second_level(level2, faults);
    }
    let Some(level1) = &cut.level1 else { return };
    let both = [Some(level1.value), cut.level2.as_ref().map(|it| it.value)];
    let rates: u16 = both.iter().flatten().filter_map(share).map(|rate| rate.bps).sum();
    if rates > shop.cap.value.bps {
        over_cap(&level1.place, &percent(Rate { bps: rates }), shop, faults);
    }
    let fixed: Option<Money> =
        both.iter().flatten().filter_map(fixed).map(|it| it.to_money(currency)).sum();
    let price = item.price.as_ref().and_then(|price| price.value.to_money(currency));
    if let Some((fixed, price)) = fixed.zip(price)
        && fixed > price.share(shop.cap.value)
    {
        over_cap(&level1.place, "this amount per unit", shop, faults);
    }
}

/// A fee that carries commission. The goods' names are all there is to go by, so this catches
/// the honest mistake only.
fn check_fee(item: &Item, shop: &Commission, faults: &mut Faults<'_>) {
    let Some(name) = item.name.as_ref().filter(|name| is_fee(&name.value.0)) else { return };
    let level1 = item.commission.as_ref().map(|cut| cut.value.level1.as_ref());
    let earns = match level1 {
        Some(level1) => level1.is_some_and(|level1| is_something(&level1.value)),
        None => shop.level1.value > Rate::default(),
    };
    if earns {
        let message = format!(
            "`{}` looks like a membership or entry fee, and commission on such fees is refused: an \
             entry fee that feeds those above is unlawful (禁止传销条例 art. 7 (2))",
            name.value.0,
        );
        faults.error(&name.place, message, "give this item `commission = { level1 = \"0%\" }`");
    }
}

fn is_fee(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = ["会员费", "會員費", "入会费", "入會費", "加盟费", "加盟費", "代理费", "入门费"];
    let english = ["membership fee", "joining fee", "entry fee", "membership card"];
    words.iter().chain(&english).any(|word| name.contains(word))
}

fn refuse_second_level<T>(level2: &At<T>, faults: &mut Faults<'_>) {
    let message = "a second commission level is refused unless its risk is accepted: authorities \
                   have fined shops for configuring two levels, and from three levels and thirty \
                   people on it is a crime (禁止传销条例 art. 7)";
    let hint = "set level2 to \"0%\"; or, after asking a lawyer, `accept_two_level_risk = true` in \
                [commission]";
    faults.error(&level2.place, message, hint);
}

fn over_cap(place: &FilePlace, what: &str, shop: &Commission, faults: &mut Faults<'_>) {
    let cap = percent(shop.cap.value);
    let message = format!("{what} for all levels together is over the cap of {cap}");
    faults.error(place, message, "lower the levels, or raise `commission.cap`");
}

const fn share(cut: &WrittenCommission) -> Option<Rate> {
    match cut {
        WrittenCommission::Share(rate) => Some(*rate),
        WrittenCommission::Fixed(_) => None,
    }
}

const fn fixed(cut: &WrittenCommission) -> Option<WrittenDecimal> {
    match cut {
        WrittenCommission::Fixed(amount) => Some(*amount),
        WrittenCommission::Share(_) => None,
    }
}

fn is_something(cut: &WrittenCommission) -> bool {
    match cut {
        WrittenCommission::Share(rate) => rate.bps > 0,
        WrittenCommission::Fixed(amount) => !amount.is_zero(),
    }
}
