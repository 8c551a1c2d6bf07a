//! Names, keys, codes and other words. Text that members will see is bounded and cannot carry
//! control or direction marks; whether a name exists or is taken is checked elsewhere.

use std::net::SocketAddr;

use serde_json::{Value as Json, json};

use super::{Complaint, Raw, Scalar};
use crate::config::PlatformKind;
use crate::config::nearest::did_you_mean;
use crate::domain::money::Currency;
use crate::domain::policy::{Locale, ReceiptPace, SelfPurchase, ShopTopic};

/// One line of text of at most `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextLine<const MAX: usize>(pub(crate) String);

/// The name of a person: what `domain` shows of one.
pub(crate) type PersonName = TextLine<32>;
/// The name of a thing.
pub(crate) type Title = TextLine<60>;
/// An address on a network: as long as programs take them.
pub(crate) type Address = TextLine<2_000>;

impl<const MAX: usize> Scalar for TextLine<MAX> {
    const NAME: &'static str = "text";
    const EXAMPLE: &'static str = "\"…\"";

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1, "maxLength": MAX })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?.trim();
        if typed.contains('\n') {
            return Err(Complaint::with_hint("this is more than one line", "keep it to one line"));
        }
        bounded(typed, MAX).map(Self)
    }
}

/// Text of several lines, of at most `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prose<const MAX: usize>(pub(crate) String);

impl<const MAX: usize> Scalar for Prose<MAX> {
    const NAME: &'static str = "text";
    const EXAMPLE: &'static str = "\"…\"";

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1, "maxLength": MAX })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        bounded(typed.trim(), MAX).map(Self)
    }
}

fn bounded(typed: &str, max: usize) -> Result<String, Complaint> {
    let length = typed.chars().count();
    if length == 0 {
        return Err(Complaint::with_hint("this is empty", "write something, or remove the key"));
    }
    if length > max {
        let message = format!("{length} characters are too many");
        return Err(Complaint::with_hint(message, format!("{max} at most")));
    }
    if typed.chars().any(is_mark) {
        let hint = "type it again: such marks come along when text is copied";
        return Err(Complaint::with_hint("this contains an invisible control mark", hint));
    }
    Ok(typed.to_owned())
}

/// Control characters and the marks that turn the direction of text.
fn is_mark(it: char) -> bool {
    (it.is_control() && it != '\n')
        || matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A key that addresses and commands use: lower-case letters, digits and dashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slug(pub(crate) String);

impl Scalar for Slug {
    const NAME: &'static str = "key";
    const EXAMPLE: &'static str = "\"sunshine\"";

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,39}$" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        let fits = (1..=40).contains(&typed.len()) && !typed.starts_with('-');
        if fits && typed.chars().all(plain) {
            return Ok(Self(typed.to_owned()));
        }
        let hint = "lower-case letters, digits and dashes, 40 at most: \"sunshine-garden\"";
        Err(Complaint::with_hint(format!("`{typed}` cannot be a key"), hint))
    }
}

/// An offer's code in the post: one or two letters and up to three digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Code(pub(crate) String);

impl Scalar for Code {
    const NAME: &'static str = "code";
    const EXAMPLE: &'static str = "\"A1\"";

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[A-Za-z]{1,2}[0-9]{1,3}$" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        let digits_at = typed.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(typed.len());
        let digits = &typed[digits_at..];
        let fits = (1..=2).contains(&digits_at) && (1..=3).contains(&digits.len());
        if fits && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(typed.to_uppercase()));
        }
        let hint = "one or two letters and up to three digits, such as \"A1\"";
        Err(Complaint::with_hint(format!("`{typed}` cannot be a code"), hint))
    }
}

/// By its ISO 4217 code.
impl Scalar for Currency {
    const NAME: &'static str = "currency";
    const EXAMPLE: &'static str = "\"CNY\"";

    fn schema() -> Json {
        json!({ "enum": Self::all().map(Self::code).collect::<Vec<_>>() })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        Self::of(typed).ok_or_else(|| {
            let hint = match typed.to_uppercase().as_str() {
                "RMB" | "CNH" | "人民币" => "did you mean `CNY`?".to_owned(),
                "NTD" | "NT" => "did you mean `TWD`?".to_owned(),
                upper => did_you_mean(upper, &Self::all().map(Self::code).collect::<Vec<_>>()),
            };
            Complaint::with_hint(format!("there is no currency `{typed}` here"), hint)
        })
    }
}

/// One of a few given words.
fn chosen<T: Scalar + Copy>(raw: &Raw<'_>, words: &[(&str, T)]) -> Result<T, Complaint> {
    let typed = raw.text().ok_or_else(|| Complaint::kind::<T>(raw))?;
    let found = words.iter().find(|(word, _)| *word == typed);
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        Complaint::with_hint(format!("`{typed}` is no {}", T::NAME), did_you_mean(typed, &known))
    })
}

impl Scalar for Locale {
    const NAME: &'static str = "language";
    const EXAMPLE: &'static str = "\"zh-Hans\"";

    fn schema() -> Json {
        json!({ "enum": Self::ALL.map(Self::tag) })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let near = match raw.text().unwrap_or_default() {
            "zh" | "zh-CN" | "zh_CN" | "cn" => Some(Self::ZhHans),
            "zh-TW" | "zh-HK" | "zh_TW" | "tw" => Some(Self::ZhHant),
            _ => None,
        };
        chosen(raw, &Self::ALL.map(|locale| (locale.tag(), locale))).map_err(|complaint| match near
        {
            Some(locale) => {
                Complaint::with_hint(complaint.message, format!("did you mean `{}`?", locale.tag()))
            }
            None => complaint,
        })
    }
}

impl Scalar for PlatformKind {
    const NAME: &'static str = "platform";
    const EXAMPLE: &'static str = "\"simulator\"";

    fn schema() -> Json {
        let names: Vec<_> = Self::ALL.iter().map(|platform| platform.name()).collect();
        json!({ "enum": names })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let named: Vec<_> = Self::ALL.iter().map(|platform| (platform.name(), *platform)).collect();
        chosen(raw, &named)
    }
}

impl Scalar for ReceiptPace {
    const NAME: &'static str = "way to give receipts";
    const EXAMPLE: &'static str = "\"minute\"";

    fn schema() -> Json {
        json!({ "enum": ["each", "minute", "private"] })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let all = [("each", Self::Each), ("minute", Self::Minute), ("private", Self::Private)];
        chosen(raw, &all)
    }
}

impl Scalar for SelfPurchase {
    const NAME: &'static str = "rule for own purchases";
    const EXAMPLE: &'static str = "\"none\"";

    fn schema() -> Json {
        json!({ "enum": ["none", "shift"] })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        chosen(raw, &[("none", Self::None), ("shift", Self::Shift)])
    }
}

impl Scalar for ShopTopic {
    const NAME: &'static str = "topic";
    const EXAMPLE: &'static str = "\"fee\"";

    fn schema() -> Json {
        json!({ "enum": Self::ALL.map(|(name, _)| name) })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        chosen(raw, &Self::ALL)
    }
}

impl Scalar for SocketAddr {
    const NAME: &'static str = "address and port";
    const EXAMPLE: &'static str = "\"127.0.0.1:8080\"";

    fn schema() -> Json {
        json!({ "type": "string" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        typed.parse().map_err(|_| {
            let hint = "digits, not a name: \"127.0.0.1:8080\", or \"[::1]:8080\"";
            Complaint::with_hint(format!("`{typed}` is not an address with a port"), hint)
        })
    }
}

/// A picture: a path below the file's folder, or an `https://` address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PicturePath(pub(crate) String);

impl PicturePath {
    /// Whether it is fetched from elsewhere.
    pub(crate) fn is_remote(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl Scalar for PicturePath {
    const NAME: &'static str = "picture";
    const EXAMPLE: &'static str = "\"media/grapes.svg\"";

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?.trim();
        let path = std::path::Path::new(typed);
        let climbs = path.components().any(|it| !matches!(it, std::path::Component::Normal(_)));
        if typed.starts_with("https://") || (!typed.contains("://") && !climbs && !typed.is_empty())
        {
            return Ok(Self(typed.to_owned()));
        }
        let hint = "a path below this file's folder (media/grapes.svg), or an https:// address";
        Err(Complaint::with_hint(format!("`{typed}` cannot be a picture"), hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<T: Scalar>(typed: &str) -> Result<T, Complaint> {
        T::parse(&Raw::Text(typed))
    }

    #[test]
    fn codes_are_capitals_and_digits() {
        assert_eq!(parse::<Code>("a1").unwrap().0, "A1");
        assert_eq!(parse::<Code>("AB123").unwrap().0, "AB123");
        for typed in ["", "A", "1", "ABC1", "A1234", "A-1", "葡1", "1A"] {
            assert!(parse::<Code>(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn keys_are_plain() {
        assert_eq!(parse::<Slug>("sunshine-2").unwrap().0, "sunshine-2");
        for typed in ["", "Sunshine", "-a", "a b", "阳光", "a_b", &"a".repeat(41)] {
            assert!(parse::<Slug>(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn names_are_one_bounded_line_without_marks() {
        assert_eq!(parse::<PersonName>(" 阿明 ").unwrap().0, "阿明");
        for typed in ["", "  ", "a\nb", "a\u{202e}b", "a\u{7}", &"长".repeat(33)] {
            assert!(parse::<PersonName>(typed).is_err(), "{typed:?}");
        }
    }

    #[test]
    fn usual_slips_are_answered_with_what_was_meant() {
        for (complaint, hint) in [
            (parse::<Currency>("RMB").unwrap_err(), "did you mean `CNY`?"),
            (parse::<Currency>("sgd").unwrap_err(), "did you mean `SGD`?"),
            (parse::<Locale>("zh-CN").unwrap_err(), "did you mean `zh-Hans`?"),
            (parse::<Locale>("zh-hant").unwrap_err(), "did you mean `zh-Hant`?"),
            (parse::<PlatformKind>("simulater").unwrap_err(), "did you mean `simulator`?"),
        ] {
            assert_eq!(complaint.hint.as_deref(), Some(hint));
        }
    }

    #[test]
    fn pictures_stay_below_the_folder() {
        for typed in ["media/a.svg", "https://example.org/a.png"] {
            assert!(parse::<PicturePath>(typed).is_ok(), "{typed}");
        }
        for typed in ["/etc/passwd", "../a.svg", "media/../../a.svg", "http://a.org/a.png", ""] {
            assert!(parse::<PicturePath>(typed).is_err(), "{typed}");
        }
    }
}
