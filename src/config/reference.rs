//! The reference that comes from the declarations: a JSON Schema for editors, and a table of keys
//! in Markdown for people. Both are kept in `deploy/` and compared by a test.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::reader::Written;
use super::shape::{Field, Presence, Spec, ValueShape, paragraph};
use super::written::Root;

/// The JSON Schema of an operator's file.
#[must_use]
pub fn schema() -> Json {
    let mut definitions = serde_json::Map::new();
    let _ = Root::shape().schema(&mut definitions);
    let mut root = definitions.remove("Root").unwrap_or_default();
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("A shop's file for Tuan (团)");
    root["$defs"] = Json::Object(definitions);
    root
}

/// The keys of an operator's file as tables in Markdown, one for each section.
#[must_use]
pub fn table_of_keys() -> String {
    let mut page = String::from(
        "# Keys of a shop's file\n\nMade from the declarations in `src/config/written.rs`; do not \
         edit. `tuan check-config FILE` reports every fault of a file with its line and a hint.\n",
    );
    if let ValueShape::Table(root) = Root::shape() {
        for field in &root.fields {
            write_sections(&mut page, field.key, field.about, &field.shape);
        }
    }
    page
}

/// The sections at or below a key, the outer ones first.
fn write_sections(page: &mut String, path: &str, about: &str, shape: &ValueShape) {
    match shape {
        ValueShape::Table(spec) => write_section(page, &format!("[{path}]"), about, path, spec),
        ValueShape::List(element) => {
            let inner = element.tables();
            for spec in inner {
                write_section(page, &format!("[[{path}]]"), about, path, spec);
            }
        }
        ValueShape::Either(_) => {
            for spec in shape.tables() {
                write_section(page, &format!("[{path}]"), about, path, spec);
            }
        }
        ValueShape::Scalar { .. } | ValueShape::Map(..) => {}
    }
}

fn write_section(page: &mut String, title: &str, about: &str, path: &str, spec: &Spec) {
    let about = paragraph(about);
    let _ = write!(page, "\n## `{title}`\n\n{about}\n\n| key | value | default | meaning |\n");
    page.push_str("|---|---|---|---|\n");
    for field in &spec.fields {
        page.push_str(&row(field));
    }
    for field in &spec.fields {
        write_sections(page, &format!("{path}.{}", field.key), field.about, &field.shape);
    }
}

fn row(field: &Field) -> String {
    let default = match field.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "–".to_owned(),
        Presence::Default(default) => format!("`{default}`"),
    };
    let cells =
        [format!("`{}`", field.key), field.shape.description(), default, paragraph(field.about)];
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compare with the file in `deploy/`, or write it when `UPDATE=1` is set.
    #[track_caller]
    fn check(name: &str, current: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, current).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        // The order of keys in JSON says nothing, and depends on features of the serialiser.
        let json = |text: &str| serde_json::from_str::<Json>(text).ok();
        let same = kept == current || (json(&kept).is_some() && json(&kept) == json(current));
        assert!(same, "deploy/{name} is out of date: UPDATE=1 cargo test reference");
    }

    #[test]
    fn the_kept_schema_is_current() {
        check("shop.schema.json", &format!("{:#}\n", schema()));
    }

    #[test]
    fn the_kept_table_of_keys_is_current() {
        check("CONFIG.md", &table_of_keys());
    }

    #[test]
    fn every_reference_in_the_schema_leads_somewhere() {
        let schema = schema();
        let text = schema.to_string();
        let references: Vec<_> = text.split("\"#/$defs/").skip(1).collect();
        assert!(references.len() > 15, "sections refer to each other");
        for rest in references {
            let name = rest.split('"').next().unwrap();
            assert!(schema["$defs"][name].is_object(), "{name}");
        }
        assert_eq!(schema["properties"]["orders"]["default"], json!({}));
        assert_eq!(schema["$defs"]["Orders"]["properties"]["hold"]["default"], json!("24h"));
    }
}
