//! The operator's token: as a bearer, or as a cookie that signing in gives.
//!
//! The cookie is not the token but `until.signature`, made with the token, so that it lapses by itself
//! and ends when the token is changed. Comparisons take the same time whatever is wrong.

use axum::http::{HeaderMap, header};
use chrono::Duration;
use ring::hmac;

use crate::domain::time::Timestamp;
use crate::store::seal::to_hex;

/// The cookie's name.
const COOKIE: &str = "tuan_operator";

/// How long one sign-in lasts.
const SIGNED_IN: Duration = Duration::hours(12);

/// What the operator is known by.
pub(super) struct Keys {
    key: hmac::Key,
    token: hmac::Tag,
}

impl Keys {
    /// Keys for this token.
    pub(super) fn new(token: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let token = hmac::sign(&key, &labelled("token", token));
        Self { key, token }
    }

    /// Whether this is the token.
    pub(super) fn is_token(&self, presented: &str) -> bool {
        hmac::verify(&self.key, &labelled("token", presented), self.token.as_ref()).is_ok()
    }

    /// Whether a request bears the token, or a cookie of somebody who signed in.
    pub(super) fn admits(&self, headers: &HeaderMap, now: Timestamp) -> bool {
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let is_bearer = bearer.is_some_and(|(_, token)| self.is_token(token.trim()));
        is_bearer || cookies(headers).any(|cookie| self.is_signed(cookie, now))
    }

    /// The `set-cookie` header of a sign-in.
    pub(super) fn sign_in(&self, now: Timestamp, is_secure: bool) -> String {
        let until = (now + SIGNED_IN).timestamp().to_string();
        let tag = hmac::sign(&self.key, &labelled("until", &until));
        let signature = to_hex(tag.as_ref());
        let secure = if is_secure { "; Secure" } else { "" };
        let seconds = SIGNED_IN.num_seconds();
        format!(
            "{COOKIE}={until}.{signature}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
        )
    }

    fn is_signed(&self, cookie: &str, now: Timestamp) -> bool {
        let Some((until, signature)) = cookie.split_once('.') else { return false };
        let is_live = until.parse::<i64>().is_ok_and(|until| now.timestamp() < until);
        let Some(signature) = from_hex(signature) else { return false };
        hmac::verify(&self.key, &labelled("until", until), &signature).is_ok() && is_live
    }
}

fn labelled(label: &str, text: &str) -> Vec<u8> {
    format!("{label}:{text}").into_bytes()
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs =
        all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|it| u8::try_from(it).ok()))
        .collect::<Option<_>>()?;
    (digits.len().is_multiple_of(2))
        .then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
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

    fn now() -> Timestamp {
        "2031-03-01T01:59:00Z".parse().unwrap()
    }

    #[test]
    fn a_bearer_must_be_the_whole_token() {
        let keys = Keys::new(TOKEN);
        let table = [
            (format!("Bearer {TOKEN}"), true),
            (format!("bearer {TOKEN} "), true),
            (format!("Basic {TOKEN}"), false),
            (format!("Bearer {TOKEN}x"), false),
            ("Bearer ".to_owned(), false),
            ("Bearer".to_owned(), false),
            (TOKEN.to_owned(), false),
        ];
        for (value, expected) in table {
            assert_eq!(
                keys.admits(&with(header::AUTHORIZATION, &value), now()),
                expected,
                "{value}"
            );
        }
        assert!(!keys.admits(&HeaderMap::new(), now()));
    }

    #[test]
    fn a_cookie_lapses_and_cannot_be_made_longer() {
        let keys = Keys::new(TOKEN);
        let set = keys.sign_in(now(), false);
        assert!(set.ends_with("; HttpOnly; SameSite=Strict") && !set.contains(TOKEN));
        assert!(keys.sign_in(now(), true).ends_with("; Secure"));
        let cookie = set.split(';').next().unwrap();
        let admits = |cookie: &str, at| keys.admits(&with(header::COOKIE, cookie), at);
        assert!(admits(&format!("other=1; {cookie}"), now()));
        assert!(!admits(cookie, now() + SIGNED_IN));
        let (name, rest) = cookie.split_once('=').unwrap();
        let (until, signature) = rest.split_once('.').unwrap();
        assert!(!admits(&format!("{name}={until}9.{signature}"), now()));
        assert!(!admits(&format!("{name}={until}."), now()));
        assert!(!admits(&format!("{name}={TOKEN}"), now()));
        assert!(
            !Keys::new("another-token-altogether").admits(&with(header::COOKIE, cookie), now())
        );
    }
}
