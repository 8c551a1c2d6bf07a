//! "Did you mean": the known word nearest to a mistyped one.
//!
//! Small lists only (keys, slugs, time zones). Ties go to the first in the list.

/// The candidate nearest to `word`, if it is near enough to be worth mentioning: a third of the
/// letters may differ, capitals and dashes aside.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let wanted = folded(word);
    let near = candidates.into_iter().filter_map(|candidate| {
        let known = folded(candidate);
        let longer = wanted.len().max(known.len());
        let apart = distance(&wanted, &known);
        (apart <= (longer / 3).max(1) && apart < longer).then_some((apart, candidate))
    });
    near.min_by_key(|(apart, _)| *apart).map(|(_, candidate)| candidate)
}

/// A hint: did you mean one of these, or else what they are.
pub(crate) fn did_you_mean(word: &str, candidates: &[&str]) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if candidates.is_empty() => "there is none yet".to_owned(),
        None => format!("known here: {}", candidates.join(", ")),
    }
}

fn folded(word: &str) -> Vec<char> {
    word.chars().filter(|it| !matches!(it, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Edits (insert, delete, replace, swap neighbours) that turn one word into the other.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let replaced = last[j] + usize::from(a != b);
            let mut fewest = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                fewest = fewest.min(before[j - 1] + 1);
            }
            row.push(fewest);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_recognised() {
        let keys = ["limit_per_member", "price", "aliases", "unit"];
        for (word, expected) in [
            ("limit-per-member", Some("limit_per_member")),
            ("limitPerMember", Some("limit_per_member")),
            ("pirce", Some("price")),
            ("Price", Some("price")),
            ("alias", Some("aliases")),
            ("units", Some("unit")),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, keys), expected, "{word}");
        }
    }

    #[test]
    fn a_hint_lists_what_is_known_when_nothing_is_near() {
        assert_eq!(did_you_mean("tapei", &["taipei", "sunshine"]), "did you mean `taipei`?");
        assert_eq!(did_you_mean("oslo", &["taipei", "sunshine"]), "known here: taipei, sunshine");
        assert_eq!(did_you_mean("oslo", &[]), "there is none yet");
    }
}
