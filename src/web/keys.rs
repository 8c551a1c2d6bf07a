//! What somebody brings to be let in: the operator's token as a bearer, or the cookie of a session.
//!
//! A cookie is 32 random bytes. The database holds their hash, keyed with the operator's token: so a
//! copy of the database opens nothing, and changing the token signs everybody out.

use axum::http::{HeaderMap, header};
use ring::hmac;

use crate::gate::is_equal;
use crate::store::seal::random_hex;
use crate::store::sessions::Digest;

/// The cookie's name. Behind TLS with the prefix that keeps it from being set by neighbours of the site.
const COOKIE: (&str, &str) = ("tuan_session", "__Host-tuan_session");

/// How long a browser keeps the cookie; the session may end before.
const KEPT_S: u32 = 12 * 3_600;

/// Random bytes of a cookie, written as two digits each.
const BYTES: usize = 32;

/// The longest token that is looked at.
const TOKEN_MAX: usize = 200;

/// What the operator is known by.
pub(super) struct Keys {
    token: String,
    key: hmac::Key,
}

impl Keys {
    /// Keys for this token.
    pub(super) fn new(token: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, format!("session:{token}").as_bytes());
        Self { token: token.to_owned(), key }
    }

    /// Whether this is the token.
    pub(super) fn is_token(&self, presented: &str) -> bool {
        is_equal(self.token.as_bytes(), presented.as_bytes()) && presented.len() <= TOKEN_MAX
    }

    /// A new cookie: its header, and what is stored of it.
    pub(super) fn make(&self, is_secure: bool) -> (String, Digest) {
        let id = random_hex(BYTES);
        (set_cookie(&id, KEPT_S, is_secure), self.digest(&id))
    }

    /// What is stored of the cookie that a request bears.
    pub(super) fn presented(&self, headers: &HeaderMap, is_secure: bool) -> Option<Digest> {
        cookie(headers, is_secure).map(|id| self.digest(id))
    }

    fn digest(&self, id: &str) -> Digest {
        let mut digest = [0; 32];
        digest.copy_from_slice(hmac::sign(&self.key, id.as_bytes()).as_ref());
        digest
    }
}

/// The header that makes a browser forget its cookie.
pub(super) fn forgotten(is_secure: bool) -> String {
    set_cookie("", 0, is_secure)
}

/// The token of a request that bears one.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether a request bears a cookie of ours, good or not.
pub(super) fn has_cookie(headers: &HeaderMap) -> bool {
    pairs(headers).any(|(name, _)| name == COOKIE.0 || name == COOKIE.1)
}

fn cookie(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    let is_id =
        |value: &str| value.len() == BYTES * 2 && value.bytes().all(|it| it.is_ascii_hexdigit());
    let mut pairs = pairs(headers);
    let found = pairs.find(|(name, value)| *name == name_of(is_secure) && is_id(value));
    found.map(|(_, value)| value)
}

fn name_of(is_secure: bool) -> &'static str {
    if is_secure { COOKIE.1 } else { COOKIE.0 }
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

fn set_cookie(value: &str, seconds: u32, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    let name = name_of(is_secure);
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "a-token-of-the-operator";

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_bearer_must_be_the_whole_token() {
        let keys = Keys::new(TOKEN);
        let table = [
            (format!("Bearer {TOKEN}"), Some(true)),
            (format!("bearer {TOKEN} "), Some(true)),
            (format!("Bearer {TOKEN}x"), Some(false)),
            ("Bearer ".to_owned(), Some(false)),
            ("Bearer".to_owned(), Some(false)),
            (format!("Basic {TOKEN}"), None),
            (TOKEN.to_owned(), None),
        ];
        for (value, expected) in table {
            let headers = with(header::AUTHORIZATION, &value);
            assert_eq!(bearer(&headers).map(|it| keys.is_token(it)), expected, "{value}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }

    #[test]
    fn a_cookie_is_known_by_its_digest_under_the_token_that_it_was_made_with() {
        let keys = Keys::new(TOKEN);
        let (set, digest) = keys.make(false);
        assert!(set.ends_with("; HttpOnly; SameSite=Lax") && !set.contains(TOKEN), "{set}");
        let pair = set.split(';').next().unwrap();
        let presented = |keys: &Keys, pair: &str, is_secure| {
            keys.presented(&with(header::COOKIE, pair), is_secure)
        };
        assert_eq!(presented(&keys, &format!("other=1; {pair}"), false), Some(digest));
        assert_eq!(presented(&keys, pair, true), None, "behind TLS it has another name");
        assert_ne!(presented(&Keys::new("another-token-altogether"), pair, false), Some(digest));
        for wrong in ["tuan_session=", "tuan_session=zz", "tuan_session", ""] {
            assert_eq!(presented(&keys, wrong, false), None, "{wrong}");
        }
        let (set, digest) = keys.make(true);
        assert!(set.starts_with("__Host-") && set.contains("; Path=/;"), "{set}");
        assert!(set.ends_with("; Secure") && !set.contains("Domain"), "{set}");
        let pair = set.split(';').next().unwrap();
        assert_eq!(presented(&keys, pair, true), Some(digest));
        assert!(has_cookie(&with(header::COOKIE, pair)));
        assert!(forgotten(true).contains("Max-Age=0"));
    }
}
