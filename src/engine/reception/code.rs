//! One-time link codes: 80 random bits in letters and digits that are not mistaken for each other. Only
//! their hashes are kept, and no log ever has them.

use ring::rand::{SecureRandom, SystemRandom};

/// Letters and digits without I, L, O and U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Letters of a code.
const LENGTH: usize = 16;

/// What stands before a code.
const WORDS: [&str; 4] = ["/link", "link", "绑定", "綁定"];

/// A new code, as it is shown: `XXXX-XXXX-XXXX-XXXX`.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn make() -> String {
    let mut random = [0_u8; LENGTH];
    SystemRandom::new().fill(&mut random).expect("the system gives randomness");
    let letters: Vec<char> =
        random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// What is kept of a code.
#[must_use]
pub fn hash(code: &str) -> String {
    let code = plain(code);
    let digest = ring::digest::digest(&ring::digest::SHA256, code.as_bytes());
    hex::encode(digest.as_ref())
}

/// The code that a message offers, as far as it could be one.
#[must_use]
pub fn offered(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = WORDS.iter().find_map(|word| {
        let (head, rest) = text.split_at_checked(word.len())?;
        head.eq_ignore_ascii_case(word).then_some(rest)
    })?;
    let code = plain(rest.trim_start_matches([' ', '　', ':', '：']));
    let is_code = code.len() >= LENGTH / 2
        && code.len() <= 2 * LENGTH
        && code.bytes().all(|byte| LETTERS.contains(&byte));
    is_code.then_some(code)
}

/// Upper case, without dashes and blanks, look-alikes made one.
fn plain(code: &str) -> String {
    let letters = code.trim().chars().filter(|c| !matches!(c, '-' | ' ' | '－' | '–' | '—'));
    letters
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let code = make();
        assert_eq!(code.len(), LENGTH + 3);
        assert_ne!(code, make());
        for text in
            [format!("绑定 {code}"), format!("/link {}", code.to_lowercase().replace('-', " "))]
        {
            assert_eq!(hash(&offered(&text).unwrap()), hash(&code));
        }
    }

    #[test]
    fn talk_is_no_code() {
        for text in
            ["绑定手机号怎么弄", "link https://example.com/abc", "绑定", "绑定 1234", "A1 x2"]
        {
            assert_eq!(offered(text), None, "{text}");
        }
    }
}
