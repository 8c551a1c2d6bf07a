//! Labels of the graded corpora: what a reading is worth, by the rules of `tests/corpus/grade.py`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

/// What an answer to a labelled message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    /// As the label allows.
    Exact,
    /// Something recorded where nothing may be.
    False,
    /// Something recorded, but otherwise than meant.
    Wrong,
    /// Asked where the message was clear.
    Asked,
    /// An order not seen.
    Missed,
    /// The rest.
    Other,
}

/// Lines as a multiset: code, variant, operation, quantity.
type Bag = BTreeMap<(String, String, String, String), i64>;

/// Whether an act records something.
#[must_use]
pub(super) fn records(act: &str) -> bool {
    matches!(act, "order" | "amend" | "cancel" | "join_list")
}

/// Whether some accepted reading records something.
#[must_use]
pub(super) fn may_record(label: &Value) -> bool {
    let acts: Vec<&str> = all(&label["accept"]).filter_map(Value::as_str).collect();
    let has = |name: &str| all(&label[name]).next().is_some();
    acts.contains(&"cancel")
        || (acts.iter().any(|it| records(it)) && (has("lines") || has("entries")))
}

/// What `answer` is by `label`.
#[must_use]
pub(super) fn grade(label: &Value, answer: &Value) -> Grade {
    let act = answer["act"].as_str().unwrap_or("");
    if all(&label["accept"]).any(|it| it == act) && agrees(label, act, answer) {
        return Grade::Exact;
    }
    if has_effect(act, answer) {
        return if may_record(label) { Grade::Wrong } else { Grade::False };
    }
    match (act, records(label["act"].as_str().unwrap_or(""))) {
        ("ask", _) => Grade::Asked,
        (_, true) => Grade::Missed,
        _ => Grade::Other,
    }
}

fn agrees(label: &Value, act: &str, answer: &Value) -> bool {
    match act {
        "join_list" => entries_agree(label, answer),
        "order" | "amend" | "cancel" => {
            lines_agree(label, act, answer) && for_agrees(label, answer)
        }
        _ => true,
    }
}

fn has_effect(act: &str, answer: &Value) -> bool {
    match act {
        "cancel" => true,
        "order" | "amend" => all(&answer["lines"]).next().is_some(),
        "join_list" => all(&answer["entries"]).any(|entry| all(&entry["lines"]).next().is_some()),
        _ => false,
    }
}

fn all(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn lines_agree(label: &Value, act: &str, answer: &Value) -> bool {
    let op = if act == "cancel" { "remove" } else { "add" };
    let got = bag(&answer["lines"], op);
    std::iter::once(&label["lines"]).chain(all(&label["lines_any"])).any(|it| bag(it, op) == got)
}

/// Equal additions are summed; set to zero and take off zero are both all of it.
fn bag(lines: &Value, default: &str) -> Bag {
    let (mut added, mut bag) = (BTreeMap::new(), Bag::new());
    for line in all(lines) {
        let word = |name: &str| line[name].as_str().unwrap_or("").to_owned();
        let (mut op, mut qty) = (line["op"].as_str().unwrap_or(default), line["qty"].as_i64());
        if qty == Some(0) && matches!(op, "set" | "remove") {
            (op, qty) = ("remove", None);
        }
        if let Some(qty) = qty.filter(|_| op == "add") {
            *added.entry((word("code"), word("variant"))).or_insert(0) += qty;
        } else {
            let key = (word("code"), word("variant"), op.to_owned(), format!("{qty:?}"));
            *bag.entry(key).or_insert(0) += 1;
        }
    }
    for ((code, variant), qty) in added {
        *bag.entry((code, variant, "add".to_owned(), format!("{:?}", Some(qty)))).or_insert(0) += 1;
    }
    bag
}

fn entries_agree(label: &Value, answer: &Value) -> bool {
    std::iter::once(&label["entries"]).chain(all(&label["entries_any"])).any(|meant| {
        let mut names = BTreeMap::new();
        for entry in all(meant) {
            let who = name(&entry["who"]);
            names.extend(all(&entry["who_any"]).map(|other| (name(other), who.clone())));
        }
        people(&answer["entries"], &names) == people(meant, &names)
    })
}

/// Who takes what. Entries of one person are summed, those without lines left out.
fn people(entries: &Value, names: &BTreeMap<String, String>) -> BTreeMap<String, Bag> {
    let mut by: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for entry in all(entries) {
        let who = name(&entry["who"]);
        let who = names.get(&who).cloned().unwrap_or(who);
        by.entry(who).or_default().extend(all(&entry["lines"]).cloned());
    }
    by.retain(|_, lines| !lines.is_empty());
    by.into_iter().map(|(who, lines)| (who, bag(&Value::Array(lines), "add"))).collect()
}

fn for_agrees(label: &Value, answer: &Value) -> bool {
    let own = std::iter::once(&label["for"]).chain(all(&label["for_any"]));
    let meant: BTreeSet<Option<String>> = own.map(beneficiary).collect();
    meant.contains(&beneficiary(&answer["for"]))
}

fn beneficiary(written: &Value) -> Option<String> {
    let whole = written.as_str().map(|_| name(written))?;
    let leads = ["我的", "我", "my", "the", "our"];
    let bare = leads.iter().find_map(|lead| whole.strip_prefix(lead).filter(|it| !it.is_empty()));
    Some(bare.map_or_else(|| whole.clone(), str::to_owned))
}

/// Names compare by letters and digits only.
fn name(written: &Value) -> String {
    let folded: String =
        written.as_str().unwrap_or("").nfkc().flat_map(char::to_lowercase).collect();
    let kept: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    if kept.is_empty() { folded.trim().to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(answer: &Value, expected: Grade) {
        let line = json!({"code": "A1", "variant": null, "qty": 2, "op": "add"});
        let label = json!({"act": "order", "accept": ["order"], "lines": [line], "for": "妈"});
        assert_eq!(grade(&label, answer), expected, "{answer}");
    }

    #[test]
    fn an_answer_is_graded_as_the_grader_does() {
        let line = |qty: u32| json!({"code": "A1", "variant": null, "qty": qty, "op": "add"});
        let order = |lines: Value, who: &str| json!({"act": "order", "lines": lines, "for": who});
        check(&order(json!([line(2)]), "我妈"), Grade::Exact);
        check(&order(json!([line(1), line(1)]), "妈"), Grade::Exact);
        check(&order(json!([line(3)]), "妈"), Grade::Wrong);
        check(&order(json!([line(2)]), "爸"), Grade::Wrong);
        check(&json!({"act": "ask", "lines": []}), Grade::Asked);
        check(&json!({"act": "silent", "lines": []}), Grade::Missed);
    }
}
