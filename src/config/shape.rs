//! The shape of the file as data: what keys there are, how each is written, what it means.
//!
//! The declarations of [`written`](super::written) yield it; the JSON Schema and the table of
//! keys are two ways of printing it. It says nothing about how values depend on each other.

use serde_json::{Value as Json, json};

/// How a value is written.
#[derive(Debug)]
pub(crate) enum ValueShape {
    /// A single value.
    Scalar {
        /// What a person calls it: `amount`.
        name: &'static str,
        /// One of them, in TOML.
        example: &'static str,
        /// Its JSON Schema.
        schema: Json,
    },
    /// A list.
    List(Box<Self>),
    /// A table whose keys the operator chooses.
    Map(Box<Self>, Box<Self>),
    /// A table with given keys.
    Table(Spec),
    /// One of several ways.
    Either(Vec<Self>),
}

/// A table with given keys.
#[derive(Debug)]
pub(crate) struct Spec {
    /// Its name in the schema.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) about: &'static str,
    /// Its keys, in the order of their declaration.
    pub(crate) fields: Vec<Field>,
}

/// One key.
#[derive(Debug)]
pub(crate) struct Field {
    /// The key.
    pub(crate) key: &'static str,
    /// What it means, with its unit.
    pub(crate) about: &'static str,
    /// How its value is written.
    pub(crate) shape: ValueShape,
    /// Whether it may be absent.
    pub(crate) presence: Presence,
}

/// Whether a key may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It may not.
    Required,
    /// It may, and then means nothing.
    Optional,
    /// It may, and then means this TOML value.
    Default(&'static str),
}

impl Spec {
    /// The keys' names.
    pub(crate) fn keys(&self) -> Vec<&'static str> {
        self.fields.iter().map(|field| field.key).collect()
    }
}

impl ValueShape {
    /// How to write one, in TOML.
    pub(crate) fn example(&self) -> String {
        match self {
            Self::Scalar { example, .. } => (*example).to_owned(),
            Self::List(element) => format!("[{}]", element.example()),
            Self::Map(key, value) => format!("{{ {} = {} }}", key.example(), value.example()),
            Self::Table(spec) => spec.example(),
            Self::Either(ways) => ways.first().map_or_else(String::new, Self::example),
        }
    }

    /// What a person may write: `whole number, 1 to 64`.
    pub(crate) fn description(&self) -> String {
        match self {
            Self::Scalar { name, example, schema } => {
                let bounds = bounds(schema).unwrap_or_else(|| format!("`{example}`"));
                format!("{name}: {bounds}")
            }
            Self::Table(_) => self.name(),
            Self::List(_) | Self::Map(..) | Self::Either(_) => {
                format!("{}: `{}`", self.name(), self.example())
            }
        }
    }

    /// The tables with given keys that this is, or may be.
    pub(crate) fn tables(&self) -> Vec<&Spec> {
        match self {
            Self::Table(spec) => vec![spec],
            Self::Either(ways) => ways.iter().flat_map(Self::tables).collect(),
            Self::Scalar { .. } | Self::List(_) | Self::Map(..) => Vec::new(),
        }
    }

    /// What a person calls it: `list of amount`.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Scalar { name, .. } => (*name).to_owned(),
            Self::List(element) => format!("list of {}", element.name()),
            Self::Map(key, value) => format!("table of {} = {}", key.name(), value.name()),
            Self::Table(_) => "table".to_owned(),
            Self::Either(ways) => ways.iter().map(Self::name).collect::<Vec<_>>().join(", or "),
        }
    }

    /// The JSON Schema; sections go to `definitions` and are referred to.
    pub(crate) fn schema(&self, definitions: &mut serde_json::Map<String, Json>) -> Json {
        match self {
            Self::Scalar { schema, .. } => schema.clone(),
            Self::List(element) => {
                json!({ "type": "array", "items": element.schema(definitions) })
            }
            Self::Map(_, value) => {
                json!({ "type": "object", "additionalProperties": value.schema(definitions) })
            }
            Self::Table(spec) => {
                let schema = spec.schema(definitions);
                definitions.insert(spec.name.to_owned(), schema);
                json!({ "$ref": format!("#/$defs/{}", spec.name) })
            }
            Self::Either(ways) => {
                let ways: Vec<_> = ways.iter().map(|way| way.schema(definitions)).collect();
                json!({ "anyOf": ways })
            }
        }
    }
}

impl Spec {
    /// The JSON Schema of the table itself.
    pub(crate) fn schema(&self, definitions: &mut serde_json::Map<String, Json>) -> Json {
        let mut properties = serde_json::Map::new();
        for field in &self.fields {
            properties.insert(field.key.to_owned(), field.schema(definitions));
        }
        let required = self.fields.iter().filter(|field| field.presence == Presence::Required);
        json!({
            "type": "object",
            "description": paragraph(self.about),
            "properties": properties,
            "required": required.map(|field| field.key).collect::<Vec<_>>(),
            "additionalProperties": false,
        })
    }

    fn example(&self) -> String {
        let required = self.fields.iter().filter(|field| field.presence == Presence::Required);
        let pairs: Vec<_> =
            required.map(|field| format!("{} = {}", field.key, field.shape.example())).collect();
        format!("{{ {} }}", pairs.join(", "))
    }
}

impl Field {
    fn schema(&self, definitions: &mut serde_json::Map<String, Json>) -> Json {
        let mut schema = self.shape.schema(definitions);
        schema["description"] = Json::String(paragraph(self.about));
        if let Presence::Default(default) = self.presence {
            // Every default is also valid JSON, but for the odd one, which editors can do without.
            if let Ok(default) = serde_json::from_str::<Json>(default) {
                schema["default"] = default;
            }
        }
        schema
    }
}

/// What a schema says about the values of a scalar, where that is more telling than an example.
fn bounds(schema: &Json) -> Option<String> {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        return Some(words.join(", "));
    }
    if let Some(longest) = schema["maxLength"].as_u64() {
        return Some(format!("up to {longest} characters"));
    }
    let (least, most) = (schema["minimum"].as_u64()?, schema["maximum"].as_u64()?);
    Some(format!("{least} to {most}"))
}

/// A doc comment as one paragraph.
pub(crate) fn paragraph(about: &str) -> String {
    about.split_whitespace().collect::<Vec<_>>().join(" ")
}
