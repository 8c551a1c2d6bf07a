//! What a request asks, read with care: bodies are bounded JSON that arrives in time, queries are
//! typed, lengths of steps are words like `1h30m`. Whatever is wrong is said in plain words.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The longest body of a request, in bytes.
pub(super) const BODY_MAX: usize = 128 * 1024;

/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(20);

/// A body of JSON. Other types of content are refused: a page of another site cannot send this one
/// without asking first, and is never answered.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body must be JSON, with content-type: application/json",
            ));
        }
        let bytes = bytes_in(request, state, BODY_MAX).await?;
        let wrong = |error: serde_json::Error| {
            Problem::bad(format!("the body is not what is wanted here: {error}"))
        };
        serde_json::from_slice(&bytes).map(Self).map_err(wrong)
    }
}

/// A form as a page of ours sends it.
pub(super) struct PostedForm<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for PostedForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let reading = axum::Form::<T>::from_request(request, state);
        let read = tokio::time::timeout(BODY_PATIENCE, reading).await.map_err(|_| late())?;
        let unread = |_| Problem::bad("the form could not be read");
        read.map(|axum::Form(form)| Self(form)).map_err(unread)
    }
}

/// A body of at most so many bytes, which arrives in time.
#[cfg(feature = "telegram")]
pub(super) async fn bytes(request: Request, most: usize) -> Result<Bytes, Problem> {
    bytes_in(request, &(), most).await
}

async fn bytes_in<S: Send + Sync>(
    request: Request,
    state: &S,
    most: usize,
) -> Result<Bytes, Problem> {
    let reading = tokio::time::timeout(BODY_PATIENCE, Bytes::from_request(request, state));
    reading.await.map_err(|_| late())?.map_err(|refused| {
        let words = match refused.status() {
            StatusCode::PAYLOAD_TOO_LARGE => format!("the body is over {most} bytes"),
            _ => "the body could not be read".to_owned(),
        };
        Problem::new(refused.status(), words)
    })
}

fn late() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive")
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The query of the address.
pub(super) struct AddressQuery<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for AddressQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(asked)| Self(asked))
            .map_err(|refused| Problem::bad(refused.body_text().to_lowercase()))
    }
}

/// A step of the clock: `3h`, `90m`, `1d`, `30s`, or parts of it from large to small: `1h30m`.
pub(super) fn span(text: &str) -> Option<chrono::Duration> {
    let mut seconds = 0_i64;
    let mut rest = text.trim();
    let mut smaller_than = i64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: i64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let each = match unit {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        if each >= smaller_than {
            return None;
        }
        smaller_than = each;
        seconds = seconds.checked_add(count.checked_mul(each)?)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    if smaller_than == i64::MAX { None } else { chrono::Duration::try_seconds(seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counts_of_units_from_large_to_small() {
        let table = [
            ("3h", Some(10_800)),
            ("90m", Some(5_400)),
            ("1d", Some(86_400)),
            ("30s", Some(30)),
            ("1h30m", Some(5_400)),
            (" 2d12h ", Some(216_000)),
            ("0s", Some(0)),
            ("", None),
            ("h", None),
            ("3", None),
            ("3x", None),
            ("3小", None),
            ("-3h", None),
            ("1.5h", None),
            ("30m1h", None),
            ("1h1h", None),
            ("99999999999999999999h", None),
            ("9223372036854775807d", None),
        ];
        for (text, seconds) in table {
            assert_eq!(span(text).map(|it| it.num_seconds()), seconds, "{text:?}");
        }
    }

    #[test]
    fn only_json_is_json() {
        let table = [
            (Some("application/json"), true),
            (Some("Application/JSON; charset=utf-8"), true),
            (Some("text/plain"), false),
            (Some("application/jsonp"), false),
            (Some("text/plain;application/json"), false),
            (None, false),
        ];
        for (kind, expected) in table {
            let mut headers = HeaderMap::new();
            if let Some(kind) = kind {
                headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            }
            assert_eq!(is_json(&headers), expected, "{kind:?}");
        }
    }
}
