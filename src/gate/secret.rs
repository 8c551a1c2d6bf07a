//! Secrets: compared without telling anything by the time it takes, and refused when they are easy to guess.

use std::collections::BTreeSet;

use subtle::ConstantTimeEq;

/// The fewest characters of a token that a person chose.
const LENGTH_MIN: usize = 16;

/// The fewest different characters in it.
const VARIETY_MIN: usize = 8;

/// Whether two secrets are the same. Compared by their hashes, so that not even their length is told.
#[must_use]
pub fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let hash = |bytes| ring::digest::digest(&ring::digest::SHA256, bytes);
    hash(one).as_ref().ct_eq(hash(other).as_ref()).into()
}

/// Why a token is too easy to guess, in words that follow its name; `None` when it is not. The token itself
/// is not repeated.
#[must_use]
pub fn weakness(token: &str) -> Option<String> {
    let length = token.chars().count();
    if length < LENGTH_MIN {
        return Some(format!("has {length} characters; it needs {LENGTH_MIN} or more"));
    }
    let different = token.chars().collect::<BTreeSet<_>>().len();
    if different < VARIETY_MIN {
        return Some(format!(
            "has only {different} different characters; it needs {VARIETY_MIN} or more"
        ));
    }
    repeats(token).then(|| "is a short piece repeated".to_owned())
}

/// What to do about a weak token.
pub const REMEDY: &str = "make one with `openssl rand -hex 24`";

/// Whether a text is one piece of at most half its length, again and again.
fn repeats(text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    (1..=text.len() / 2).any(|piece| text.iter().zip(&text[piece..]).all(|(one, two)| one == two))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_is_equal() {
        for (one, other, expected) in
            [("s3cret", "s3cret", true), ("s3cret", "s3cre", false), ("", "s", false)]
        {
            assert_eq!(is_equal(one.as_bytes(), other.as_bytes()), expected, "{one} {other}");
        }
    }

    #[test]
    fn what_is_easy_to_guess_is_weak() {
        for (token, expected) in [
            ("", Some("has 0 characters")),
            ("hunter2", Some("has 7 characters")),
            ("fifteen-letters", Some("has 15 characters")),
            ("口令口令口令口令口令口令口令口令", Some("only 2 different")),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", Some("only 1 different")),
            ("passwordpasswordpassword", Some("only 7 different")),
            ("changeme1changeme1", Some("repeated")),
            ("changeme1changeme1chang", Some("repeated")),
            ("S3CRET-of-onebot", None),
            ("the-operator-of-these-tests", None),
            ("9f86d081884c7d659a2feaa0c55ad015", None),
        ] {
            let weakness = weakness(token);
            let is_so = match (&weakness, expected) {
                (Some(words), Some(part)) => words.contains(part),
                (None, None) => true,
                _ => false,
            };
            assert!(is_so, "{token}: {weakness:?}");
        }
    }
}
