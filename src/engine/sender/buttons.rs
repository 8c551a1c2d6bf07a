//! Buttons below a message: words that the member could say as well, and what they are about, so that
//! a button which outlives its offer or its question does nothing but say so.
//!
//! A button's data is `kind:…` in at most 64 bytes. It is no secret and proves nothing: whoever presses
//! it has their own rights and no others.

use crate::domain::event::TapAbout;
use crate::domain::ids::MemberId;
use crate::domain::intent::Why;
use crate::domain::payments::ClaimView;
use crate::domain::policy::Locale;
use crate::domain::reply::{Buttons, OfferView};
use crate::domain::shipping::Uncollected;
use crate::domain::time::Timestamp;
use crate::platform::Button;
use crate::store::outbox::UnfinishedMessage;

/// The most offers of a post that get a button; the others are ordered in words.
const OFFERS_MAX: usize = 12;

/// The most orders of a list that are checked off by a button; the others, in words.
const CHECK_OFF_MAX: usize = 12;

/// So much of a name fits on a button.
const CHECK_OFF_NAME: usize = 8;

/// Offers with buttons in one row.
const IN_A_ROW: usize = 3;

/// The buttons of a message.
pub(super) fn of(row: &UnfinishedMessage) -> Vec<Vec<Button>> {
    let locale = row.manner.locale;
    match row.reply.delivery().buttons {
        Buttons::Nothing | Buttons::Choices(_, 0) => Vec::new(),
        Buttons::Offers(offers) => {
            let left = offers.iter().filter(|offer| offer.left != Some(0));
            let offers: Vec<_> = left.take(OFFERS_MAX).map(take_one).collect();
            offers.chunks(IN_A_ROW).map(<[Button]>::to_vec).collect()
        }
        Buttons::Cancel(order) => {
            let label = word(locale, ["取消订单", "取消訂單", "Cancel order"]);
            let data = format!("w:取消 #{order}");
            vec![vec![Button { label: format!("{label} #{order}"), data }]]
        }
        Buttons::Paid(claims) => {
            let label = word(locale, ["收到", "收到", "Received"]);
            let one = |claim: &ClaimView| Button {
                label: format!("{label} #{}", claim.order),
                data: format!("w:收到 #{}", claim.order),
            };
            let buttons: Vec<_> = claims.iter().take(OFFERS_MAX).map(one).collect();
            buttons.chunks(IN_A_ROW).map(<[Button]>::to_vec).collect()
        }
        Buttons::CheckOff(orders) => {
            let orders: Vec<_> = orders.iter().take(CHECK_OFF_MAX).map(check_off).collect();
            orders.chunks(IN_A_ROW).map(<[Button]>::to_vec).collect()
        }
        Buttons::Request(member) => {
            let button = |words, answer| Button {
                label: word(locale, words).to_owned(),
                data: format!("r:{}:{member}:{answer}", row.at.timestamp_micros()),
            };
            let yes = button(["同意", "同意", "Allow"], "y");
            vec![vec![yes, button(["不同意", "不同意", "Decline"], "n")]]
        }
        Buttons::Choices(why, count) => {
            let answer = |n: usize| Button {
                label: match why {
                    Why::Confirm
                    | Why::Repeat
                    | Why::Cancel
                    | Why::Payee
                    | Why::Lapsed
                    | Why::Named
                        if count == 1 =>
                    {
                        word(locale, ["是的", "是的", "Yes"]).to_owned()
                    }
                    _ => n.to_string(),
                },
                data: format!("q:{}:{n}", row.at.timestamp_micros()),
            };
            vec![(1..=count).map(answer).collect()]
        }
    }
}

fn check_off(waiting: &Uncollected) -> Button {
    let name: String = waiting.member.chars().take(CHECK_OFF_NAME).collect();
    let data = format!("w:核销 #{}", waiting.order);
    Button { label: format!("✓ #{} {name}", waiting.order), data }
}

fn take_one(offer: &OfferView) -> Button {
    let data = format!("o:{}:{}", offer.closes_at.timestamp_micros(), offer.code);
    Button { label: format!("{} ×1", offer.code), data }
}

fn word(locale: Locale, [simplified, traditional, english]: [&'static str; 3]) -> &'static str {
    match locale {
        Locale::ZhHans => simplified,
        Locale::ZhHant => traditional,
        Locale::En => english,
    }
}

/// The words a button stands for, and what it was about; `None` for data that no button of ours has.
pub(crate) fn read(data: &str) -> Option<(String, TapAbout)> {
    let (kind, rest) = data.split_once(':')?;
    match kind {
        "w" => Some((rest.to_owned(), TapAbout::Words)),
        "o" => {
            let (closes_at, code) = rest.split_once(':')?;
            let (closes_at, code) = (instant(closes_at)?, code.to_owned());
            Some((format!("{code} x1"), TapAbout::Offer { code, closes_at }))
        }
        "r" => {
            let (asked_at, rest) = rest.split_once(':')?;
            let (number, answer) = rest.split_once(':')?;
            let member = MemberId(number.parse().ok().filter(|number| *number > 0)?);
            let verb = match answer {
                "y" => "同意",
                "n" => "不同意",
                _ => return None,
            };
            let asked_at = instant(asked_at)?;
            Some((format!("{verb} R{member}"), TapAbout::Request { member, asked_at }))
        }
        "q" => {
            let (asked_at, answer) = rest.split_once(':')?;
            let asked_at = instant(asked_at)?;
            Some((answer.to_owned(), TapAbout::Question { asked_at }))
        }
        _ => None,
    }
}

fn instant(micros: &str) -> Option<Timestamp> {
    chrono::DateTime::from_timestamp_micros(micros.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_says_comes_back_as_it_was_meant() {
        let closes_at: Timestamp = "2026-03-04T14:00:00Z".parse().unwrap();
        let about = TapAbout::Offer { code: "A1".to_owned(), closes_at };
        let data = format!("o:{}:A1", closes_at.timestamp_micros());
        assert!(data.len() <= 64);
        assert_eq!(read(&data), Some(("A1 x1".to_owned(), about)));
        let about = TapAbout::Request { member: MemberId(7), asked_at: closes_at };
        let data = format!("r:{}:7:n", closes_at.timestamp_micros());
        assert_eq!(read(&data), Some(("不同意 R7".to_owned(), about)));
        assert_eq!(read("w:取消 #1"), Some(("取消 #1".to_owned(), TapAbout::Words)));
    }

    #[test]
    fn forged_data_means_nothing() {
        for data in [
            "",
            "x",
            "z:1",
            "o:A1",
            "o:now:A1",
            "q:99999999999999999999:1",
            "r:1:0:y",
            "r:1:2:x",
            "r:1:y",
        ] {
            assert_eq!(read(data), None, "{data:?}");
        }
    }
}
