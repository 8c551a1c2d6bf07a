//! Messages as strings: text with codes in it, `[CQ:at,qq=42]`. Some implementations send them so; they
//! are turned into the segments that others send. Never written, only read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::wire::Segment;

/// The parts of a message that is written as a string. What is no code is text.
pub(super) fn segments(text: &str) -> Vec<Segment> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("[CQ:") {
        let Some(length) = rest[at..].find(']') else { break };
        push_text(&rest[..at], &mut found);
        found.push(code(&rest[at + "[CQ:".len()..at + length]));
        rest = &rest[at + length + 1..];
    }
    push_text(rest, &mut found);
    found
}

fn push_text(text: &str, found: &mut Vec<Segment>) {
    if !text.is_empty() {
        let data = BTreeMap::from([("text".to_owned(), Value::from(plain(text)))]);
        found.push(Segment { kind: "text".to_owned(), data: Some(data) });
    }
}

/// `at,qq=42`, without its brackets.
fn code(inner: &str) -> Segment {
    let mut parts = inner.split(',');
    let kind = parts.next().unwrap_or_default().trim().to_owned();
    let fields = parts.filter_map(|part| part.split_once('='));
    let data = fields.map(|(key, value)| (key.trim().to_owned(), Value::from(plain(value))));
    Segment { kind, data: Some(data.collect()) }
}

/// Without the escapes; the ampersand comes last, so that nothing is read twice.
fn plain(text: &str) -> String {
    text.replace("&#91;", "[").replace("&#93;", "]").replace("&#44;", ",").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let field = |segment: &Segment| match segment.kind.as_str() {
            "text" => segment.field("text").unwrap_or_default(),
            kind => format!("<{kind} {:?}>", segment.data.as_ref().unwrap()),
        };
        segments(text).iter().map(field).collect()
    }

    #[test]
    fn codes_become_segments_and_the_rest_is_text() {
        let table: [(&str, &[&str]); 7] = [
            ("A1 x2", &["A1 x2"]),
            ("", &[]),
            ("[CQ:at,qq=42] A1", &["<at {\"qq\": String(\"42\")}>", " A1"]),
            (
                "看[CQ:image,file=a.png,url=https://x/?a=1&amp;b=2]",
                &[
                    "看",
                    "<image {\"file\": String(\"a.png\"), \"url\": String(\"https://x/?a=1&b=2\")}>",
                ],
            ),
            ("&#91;CQ:at&#44;qq=1&#93; &amp;#91;", &["[CQ:at,qq=1] &#91;"]),
            ("[CQ:shake]", &["<shake {}>"]),
            ("A1 [CQ:at,qq=42", &["A1 [CQ:at,qq=42"]),
        ];
        for (text, expected) in table {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
