//! Single values of the file: one type per way of writing, each with its name, an example and its
//! JSON Schema.
//!
//! A value sees the text that was typed, never a float. What it may be in relation to others (a
//! limit above the stock) is not known here.

mod addresses;
pub(crate) mod amounts;
pub(crate) mod names;
pub(crate) mod times;

use serde_json::{Value as Json, json};
use toml::de::DeValue;

use super::fault::FilePlace;
use super::reader::{At, DocumentReader, SpannedKey, SpannedValue, Written, article};
use super::shape::ValueShape;

/// A way of writing a single value.
pub(crate) trait Scalar: Sized {
    /// What a person calls it: `amount`.
    const NAME: &'static str;
    /// One of them, in TOML.
    const EXAMPLE: &'static str;

    /// The JSON Schema.
    fn schema() -> Json;

    /// Read it.
    ///
    /// # Errors
    /// Why it cannot be read, for the operator.
    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint>;
}

/// A value as it was typed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Raw<'v> {
    /// In quotation marks.
    Text(&'v str),
    /// A key of a table.
    Key(&'v str),
    /// Digits, in base ten.
    Integer(&'v str),
    /// Digits with a point.
    Decimal(&'v str),
    /// `true` or `false`.
    Boolean(bool),
    /// `10:00:00`.
    Time(toml::value::Time),
    /// What no scalar is written as: the name of it.
    Other(&'static str),
}

/// Why a value cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// What is wrong.
    pub(crate) message: String,
    /// What to write instead; the example when there is nothing better to say.
    pub(crate) hint: Option<String>,
}

impl Complaint {
    /// A complaint that the example answers.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// A complaint with a hint of its own.
    pub(crate) fn with_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }

    /// It is another kind of value altogether.
    pub(crate) fn kind<T: Scalar>(raw: &Raw<'_>) -> Self {
        Self::new(format!("expected {}, found {}", article(T::NAME), article(raw.name())))
    }
}

impl<'v> Raw<'v> {
    /// The value as it was typed.
    pub(crate) fn of(value: &'v DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text),
            DeValue::Integer(digits) if digits.radix() == 10 => Self::Integer(digits.as_str()),
            DeValue::Float(digits) => Self::Decimal(digits.as_str()),
            DeValue::Boolean(truth) => Self::Boolean(*truth),
            DeValue::Datetime(toml::value::Datetime {
                date: None,
                time: Some(time),
                offset: None,
            }) => Self::Time(*time),
            other => Self::Other(other.type_str()),
        }
    }

    /// The text, where there is one.
    pub(crate) const fn text(&self) -> Option<&'v str> {
        match self {
            Self::Text(text) | Self::Key(text) => Some(text),
            _ => None,
        }
    }

    /// The digits of a whole number.
    pub(crate) const fn integer(&self) -> Option<&'v str> {
        match self {
            Self::Integer(digits) | Self::Key(digits) => Some(digits),
            _ => None,
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Key(_) => "key",
            Self::Integer(_) => "integer",
            Self::Decimal(_) => "decimal number",
            Self::Boolean(_) => "boolean",
            Self::Time(_) => "time",
            Self::Other(name) => name,
        }
    }
}

impl<T: Scalar> Written for T {
    fn shape() -> ValueShape {
        ValueShape::Scalar { name: T::NAME, example: T::EXAMPLE, schema: T::schema() }
    }

    fn read(value: &SpannedValue<'_>, reader: &mut DocumentReader<'_>) -> Option<Self> {
        let place = reader.place(value);
        read_raw(&Raw::of(value.get_ref()), &place, reader)
    }
}

/// Read a key of a table.
pub(crate) fn read_key<T: Scalar>(
    key: &SpannedKey<'_>,
    reader: &mut DocumentReader<'_>,
) -> Option<At<T>> {
    let place = reader.place_of_key(key);
    let value = read_raw(&Raw::Key(key.get_ref()), &place, reader)?;
    Some(At { value, place })
}

fn read_raw<T: Scalar>(
    raw: &Raw<'_>,
    place: &FilePlace,
    reader: &mut DocumentReader<'_>,
) -> Option<T> {
    T::parse(raw)
        .map_err(|complaint| {
            let hint = complaint.hint.unwrap_or_else(|| format!("for example {}", T::EXAMPLE));
            reader.faults.error(place, complaint.message, hint);
        })
        .ok()
}

/// Whole numbers from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Count<const MIN: u32, const MAX: u32>(pub(crate) u32);

impl<const MIN: u32, const MAX: u32> Scalar for Count<MIN, MAX> {
    const NAME: &'static str = "whole number";
    const EXAMPLE: &'static str = "7";

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let digits = raw.integer().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        let number: Option<u32> = digits.parse().ok();
        number.filter(|number| (MIN..=MAX).contains(number)).map(Self).ok_or_else(|| {
            let hint = format!("from {MIN} to {MAX}");
            Complaint::with_hint(format!("{digits} is out of bounds"), hint)
        })
    }
}

impl Scalar for bool {
    const NAME: &'static str = "boolean";
    const EXAMPLE: &'static str = "true";

    fn schema() -> Json {
        json!({ "type": "boolean" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let Raw::Boolean(truth) = raw else {
            let hint = "true or false, without quotation marks";
            return Err(Complaint::with_hint(Complaint::kind::<Self>(raw).message, hint));
        };
        Ok(*truth)
    }
}
