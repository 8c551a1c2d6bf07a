//! The content of a bank's QR code (EMVCo, merchant presented): PayNow of Singapore. Tags with two digits, lengths
//! with two digits, a checksum at the end; other schemes differ in the account's template and the two codes.

use crate::domain::money::{Currency, Money};

/// The longest reference that banks show.
const REFERENCE_MAX: usize = 25;

/// Who is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy<'a> {
    /// A phone number, as `+6591234567`.
    Mobile(&'a str),
    /// A business number (UEN).
    Uen(&'a str),
}

impl<'a> Proxy<'a> {
    /// A phone number of Singapore with its country, or a UEN of 9 or 10 letters and digits; `None` for what is neither.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        if let Some(number) = text.strip_prefix("+65") {
            let fits = number.len() == 8 && number.starts_with(['8', '9']);
            return (fits && number.bytes().all(|b| b.is_ascii_digit()))
                .then_some(Self::Mobile(text));
        }
        let fits = (9..=13).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && text.bytes().filter(u8::is_ascii_digit).count() >= 7;
        fits.then_some(Self::Uen(text))
    }
}

/// What a code asks for.
#[derive(Clone, Copy, Debug)]
pub struct Bill<'a> {
    /// Who is paid.
    pub to: Proxy<'a>,
    /// The name that is shown, in Latin letters.
    pub name: &'a str,
    /// How much; `None`: the payer writes it.
    pub amount: Option<Money>,
    /// Of this currency, the one that PayNow moves.
    pub currency: Currency,
    /// What the payment is for: the order's number.
    pub reference: &'a str,
}

/// The text of the code.
#[must_use]
pub fn code(bill: &Bill<'_>) -> String {
    let (kind, proxy) = match bill.to {
        Proxy::Mobile(number) => ("0", number),
        Proxy::Uen(number) => ("2", number),
    };
    // The amount may be changed only where none is given.
    let is_open = if bill.amount.is_some() { "0" } else { "1" };
    let account = [tag(0, "SG.PAYNOW"), tag(1, kind), tag(2, proxy), tag(3, is_open)].concat();
    let mut text = [
        tag(0, "01"),
        tag(1, if bill.amount.is_some() { "12" } else { "11" }),
        tag(26, &account),
        tag(52, "0000"),
        tag(53, "702"),
    ]
    .concat();
    if let Some(amount) = bill.amount {
        text += &tag(54, &bill.currency.plain(amount));
    }
    let (name, reference) = (plain(bill.name, 25), plain(bill.reference, REFERENCE_MAX));
    let name = if name.is_empty() { "NA" } else { &name };
    text += &[tag(58, "SG"), tag(59, name), tag(60, "Singapore")].concat();
    if !reference.is_empty() {
        text += &tag(62, &tag(1, &reference));
    }
    text += "6304";
    let sum = checksum(text.as_bytes());
    text + &format!("{sum:04X}")
}

/// A tag, its length, its value.
fn tag(number: u8, value: &str) -> String {
    format!("{number:02}{:02}{value}", value.len())
}

/// What banks take: printable ASCII, so long.
fn plain(text: &str, most: usize) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(most).collect()
}

/// CRC-16 with the polynomial 0x1021, from 0xFFFF, as the standard has it.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum: u16, &byte| {
        (0..8).fold(sum ^ (u16::from(byte) << 8), |sum, _| {
            if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_standards() {
        assert_eq!(checksum(b"123456789"), 0x29B1);
    }

    #[test]
    fn a_code_names_payee_amount_and_reference() {
        let to = Proxy::read("+6591234567").unwrap();
        let currency = Currency::of("SGD").unwrap();
        let amount = Some(Money::from_minor(3_840));
        let text =
            code(&Bill { to, name: "Corner 小店 Shop", amount, currency, reference: "84" });
        let start = "00020101021226380009SG.PAYNOW010100211+659123456703010520400005303702540538.405802SG5912Corner  Shop6009Singapore62060102846304";
        assert_eq!(&text[..text.len() - 4], start);
        assert_eq!(
            checksum(start.as_bytes()),
            u16::from_str_radix(&text[text.len() - 4..], 16).unwrap()
        );
        let open = code(&Bill {
            to: Proxy::Uen("201912345K"),
            name: "",
            amount: None,
            currency,
            reference: "",
        });
        assert!(
            open.starts_with("00020101021126370009SG.PAYNOW010120210201912345K0301152040000"),
            "{open}"
        );
    }

    #[test]
    fn who_is_paid_is_a_phone_number_or_a_business_number() {
        assert_eq!(Proxy::read("201912345K"), Some(Proxy::Uen("201912345K")));
        for text in [
            "+6561234567",
            "91234567",
            "+65912345678",
            "abc",
            "201912345k",
            "TOOLONGFORAUEN1234567",
        ] {
            assert_eq!(Proxy::read(text), None, "{text}");
        }
    }
}
