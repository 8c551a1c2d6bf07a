//! The reader: from a parsed TOML document to the types of [`written`](super::written).
//!
//! It works on `toml`'s spanned tree, not through serde: serde stops at the first error and
//! forgets where a value stood, and a number would pass through a float. Here a value that cannot
//! be read is reported and left out, and reading goes on; numbers stay the digits that were typed.
//!
//! A section of the file is declared once, with [`section!`]: its type, its reading, its JSON
//! Schema and its line in the table of keys come from the same declaration, defaults included.
//! What the values mean together is none of this module's business.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::fault::{Faults, FilePlace};
use super::nearest::did_you_mean;
use super::refused;
use super::scalar::{self, Scalar};
use super::shape::{Spec, ValueShape};

/// How the message about a missing key ends.
pub(crate) const IS_MISSING: &str = "is missing";

/// A value of the document, with its span.
pub(crate) type SpannedValue<'i> = Spanned<DeValue<'i>>;

/// A key of the document, with its span.
pub(crate) type SpannedKey<'i> = Spanned<DeString<'i>>;

/// Something that was read, and where it stood.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    /// What was read.
    pub(crate) value: T,
    /// Where.
    pub(crate) place: FilePlace,
}

/// A list of the file.
pub(crate) type SpannedList<T> = Vec<At<T>>;

/// A table whose keys the operator chooses, in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Entries<K, V>(pub(crate) Vec<(At<K>, At<V>)>);

/// What can be read from a value of the file.
pub(crate) trait Written: Sized {
    /// How it is written: the source of schema and table of keys.
    fn shape() -> ValueShape;
    /// Read it, or report why not.
    fn read(value: &SpannedValue<'_>, reader: &mut DocumentReader<'_>) -> Option<Self>;
}

/// A walk over the document.
#[derive(Debug)]
pub(crate) struct DocumentReader<'t> {
    /// Where faults are reported.
    pub(crate) faults: Faults<'t>,
    path: String,
}

impl<'t> DocumentReader<'t> {
    /// A reader at the root of the document.
    pub(crate) const fn new(faults: Faults<'t>) -> Self {
        Self { faults, path: String::new() }
    }

    /// Where a value stands.
    pub(crate) fn place(&self, value: &SpannedValue<'_>) -> FilePlace {
        FilePlace { offset: value.span().start, path: self.path.clone() }
    }

    /// Where a key stands.
    pub(crate) fn place_of_key(&self, key: &SpannedKey<'_>) -> FilePlace {
        FilePlace { offset: key.span().start, path: self.path.clone() }
    }

    /// Report that a value is not what it should be.
    pub(crate) fn reject(
        &mut self,
        value: &SpannedValue<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let place = self.place(value);
        self.faults.error(&place, message, hint);
    }

    /// Read a value and remember where it stood.
    pub(crate) fn at<T: Written>(&mut self, value: &SpannedValue<'_>) -> Option<At<T>> {
        let place = self.place(value);
        Some(At { value: T::read(value, self)?, place })
    }

    /// Do something one step further down the path.
    pub(crate) fn below<T>(&mut self, step: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if !step.starts_with('[') && length > 0 {
            self.path.push('.');
        }
        self.path.push_str(step);
        let done = work(self);
        self.path.truncate(length);
        done
    }

    /// The table that a section is read from; unknown keys in it are reported.
    pub(crate) fn table<'v, 'i>(
        &mut self,
        value: &'v SpannedValue<'i>,
        spec: &Spec,
    ) -> Option<&'v DeTable<'i>> {
        let DeValue::Table(table) = value.get_ref() else {
            let found = value.get_ref().type_str();
            let keys = spec.keys().join(", ");
            self.reject(
                value,
                format!("expected a table, found {}", article(found)),
                format!("its keys are {keys}"),
            );
            return None;
        };
        self.report_unknown_keys(table, &spec.keys());
        Some(table)
    }

    /// The value of a key that may be absent.
    pub(crate) fn optional<T: Written>(&mut self, table: &DeTable<'_>, key: &str) -> Option<At<T>> {
        let value = table.get(key)?;
        self.below(key, |reader| reader.at(value))
    }

    /// The value of a key that must be there.
    pub(crate) fn required<T: Written>(
        &mut self,
        section: &SpannedValue<'_>,
        table: &DeTable<'_>,
        key: &str,
    ) -> Option<At<T>> {
        if !table.contains_key(key) {
            let hint = format!("write `{key} = {}`", T::shape().example());
            self.reject(section, format!("`{key}` {IS_MISSING}"), hint);
        }
        self.optional(table, key)
    }

    /// The value of a key, or what the file would have to say to mean the default.
    pub(crate) fn defaulted<T: Written>(
        &mut self,
        section: &SpannedValue<'_>,
        table: &DeTable<'_>,
        key: &str,
        default: &'static str,
    ) -> At<T> {
        let found = self.optional(table, key);
        found.unwrap_or_else(|| {
            let place = self.below(key, |reader| reader.place(section));
            At { value: read_default(default), place }
        })
    }

    fn report_unknown_keys(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for (key, _) in in_order(table) {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let (message, hint) = refused::why(name).map_or_else(
                || (format!("unknown key `{name}`"), did_you_mean(name, known)),
                |(message, hint)| (message.to_owned(), hint.to_owned()),
            );
            let place = self.below(name, |reader| reader.place_of_key(key));
            self.faults.error(&place, message, hint);
        }
    }
}

/// The entries of a table as they stand in the file; the tree itself sorts by key.
fn in_order<'v, 'i>(table: &'v DeTable<'i>) -> Vec<(&'v SpannedKey<'i>, &'v SpannedValue<'i>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// The value that a declared default stands for.
fn read_default<T: Written>(default: &'static str) -> T {
    let value = DeValue::parse(default).ok();
    let mut reader = DocumentReader::new(Faults::new(default));
    value
        .and_then(|value| T::read(&value, &mut reader))
        .expect("a declared default is a value of its own key: a test reads each of them")
}

/// `a string`, `an integer`.
pub(crate) fn article(noun: &str) -> String {
    let an = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if an { "an" } else { "a" })
}

impl<T: Written> Written for SpannedList<T> {
    fn shape() -> ValueShape {
        ValueShape::List(Box::new(T::shape()))
    }

    fn read(value: &SpannedValue<'_>, reader: &mut DocumentReader<'_>) -> Option<Self> {
        let DeValue::Array(array) = value.get_ref() else {
            let found = article(value.get_ref().type_str());
            let hint = format!("write [{}]", T::shape().example());
            reader.reject(value, format!("expected a list, found {found}"), hint);
            return None;
        };
        let elements = array.iter().enumerate();
        let read = elements.filter_map(|(index, element)| {
            reader.below(&format!("[{index}]"), |reader| reader.at(element))
        });
        Some(read.collect())
    }
}

impl<K: Scalar, V: Written> Written for Entries<K, V> {
    fn shape() -> ValueShape {
        ValueShape::Map(Box::new(K::shape()), Box::new(V::shape()))
    }

    fn read(value: &SpannedValue<'_>, reader: &mut DocumentReader<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            let found = article(value.get_ref().type_str());
            let hint = format!("write {}", Self::shape().example());
            reader.reject(value, format!("expected a table, found {found}"), hint);
            return None;
        };
        let mut entries = Vec::new();
        for (key, value) in in_order(table) {
            reader.below(key.get_ref(), |reader| {
                let (key, value) = (scalar::read_key(key, reader), reader.at(value));
                entries.extend(key.zip(value));
            });
        }
        Some(Self(entries))
    }
}

/// Declares a section of the file: a struct whose fields are keys, each with its documentation
/// and one of `required`, `optional` or `default(…)`.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        $name:ident {
            $( $(#[doc = $doc:literal])* $field:ident: $kind:ty => $mode:ident $(($default:tt))?; )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug)]
        pub(crate) struct $name {
            $( $(#[doc = $doc])* pub(crate) $field: section!(@type $mode $kind), )*
        }

        impl $name {
            fn spec() -> $crate::config::shape::Spec {
                use $crate::config::reader::Written;
                $crate::config::shape::Spec {
                    name: stringify!($name),
                    about: concat!($($about, "\n"),*),
                    fields: vec![$( $crate::config::shape::Field {
                        key: stringify!($field),
                        about: concat!($($doc, "\n"),*),
                        shape: <$kind>::shape(),
                        presence: section!(@presence $mode $($default)?),
                    }, )*],
                }
            }
        }

        impl $crate::config::reader::Written for $name {
            fn shape() -> $crate::config::shape::ValueShape {
                $crate::config::shape::ValueShape::Table(Self::spec())
            }

            fn read(
                value: &$crate::config::reader::SpannedValue<'_>,
                reader: &mut $crate::config::reader::DocumentReader<'_>,
            ) -> Option<Self> {
                let table = reader.table(value, &Self::spec())?;
                Some(Self {
                    $( $field: section!(
                        @read $mode $($default)?; reader, value, table, stringify!($field)
                    ), )*
                })
            }
        }
    };

    (@type required $kind:ty) => { Option<$crate::config::reader::At<$kind>> };
    (@type optional $kind:ty) => { Option<$crate::config::reader::At<$kind>> };
    (@type default $kind:ty) => { $crate::config::reader::At<$kind> };

    (@presence required) => { $crate::config::shape::Presence::Required };
    (@presence optional) => { $crate::config::shape::Presence::Optional };
    (@presence default $default:tt) => {
        $crate::config::shape::Presence::Default(stringify!($default))
    };

    (@read required; $reader:ident, $value:ident, $table:ident, $key:expr) => {
        $reader.required($value, $table, $key)
    };
    (@read optional; $reader:ident, $value:ident, $table:ident, $key:expr) => {
        $reader.optional($table, $key)
    };
    (@read default $default:tt; $reader:ident, $value:ident, $table:ident, $key:expr) => {
        $reader.defaulted($value, $table, $key, stringify!($default))
    };
}

pub(crate) use section;
