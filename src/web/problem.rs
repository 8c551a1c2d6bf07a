//! What goes wrong in a request, as an answer: a status and `{"error": "…"}` in plain words.
//!
//! Internals (SQL, paths, causes) go to the log and never into an answer.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::gate::Refused;
use crate::platform::simulator::room::Unheard;
use crate::store::StoreError;

/// How soon to ask again, in seconds, when the shop is starting or its database is away.
const SOON_S: u64 = 1;

/// An answer that is not the one hoped for.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    error: String,
    /// How long to wait before asking again, in seconds.
    retry_after_s: Option<u64>,
}

/// What a handler answers.
pub(super) type Answer<T> = Result<T, Problem>;

impl Problem {
    /// A problem with this status, in words for the person or program that asked.
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        let retry_after_s = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(SOON_S);
        Self { status, error: error.into(), retry_after_s }
    }

    /// The request is not as it should be.
    pub(super) fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// There is no such thing.
    pub(super) fn missing(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what}"))
    }

    /// Not now, but soon.
    pub(super) fn later(error: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error)
    }

    /// Whether somebody has to say who they are.
    pub(super) fn is_unauthorized(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    fn internal(error: &anyhow::Error) -> Self {
        tracing::error!(error = %format!("{error:#}"), "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something went wrong; the shop's log says what",
        )
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Away(error) => {
                tracing::warn!(%error, "a request found the database away");
                Self::later("the database is away, try again soon")
            }
            StoreError::Contended(_) | StoreError::LeaseLost => {
                Self::later("the shop is busy, try again soon")
            }
            StoreError::Poison { .. } => Self::internal(&error.into()),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Wrong => {
                Self::new(StatusCode::UNAUTHORIZED, "that is not the operator's token")
            }
            Refused::Slowed(wait) => {
                let seconds = Refused::retry_after_s(wait);
                let error = format!("too many wrong tokens; try again in {seconds} s");
                let retry_after_s = Some(seconds);
                Self { status: StatusCode::TOO_MANY_REQUESTS, error, retry_after_s }
            }
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<Unheard> for Problem {
    fn from(error: Unheard) -> Self {
        match error {
            Unheard::Room(error) => error.into(),
            Unheard::Closing(_) => Self::later("the shop is shutting down, try again soon"),
            Unheard::Unsound => Self::bad(error.to_string()),
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<sqlx::Error>() {
            Ok(error) => error.into(),
            Err(error) => match error.downcast::<StoreError>() {
                Ok(error) => error.into(),
                Err(error) => Self::internal(&error),
            },
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut answer = (self.status, Json(json!({ "error": self.error }))).into_response();
        if let Some(seconds) = self.retry_after_s {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let asks = HeaderValue::from_static("Bearer realm=\"tuan\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, asks);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::heard::Closing;

    #[test]
    fn causes_become_the_right_status_and_say_nothing_of_internals() {
        let away = || sqlx::Error::PoolTimedOut;
        let table: [(Problem, StatusCode); 7] = [
            (away().into(), StatusCode::SERVICE_UNAVAILABLE),
            (anyhow::Error::from(away()).into(), StatusCode::SERVICE_UNAVAILABLE),
            (Unheard::from(away()).into(), StatusCode::SERVICE_UNAVAILABLE),
            (Unheard::from(Closing).into(), StatusCode::SERVICE_UNAVAILABLE),
            (Unheard::Unsound.into(), StatusCode::BAD_REQUEST),
            (StoreError::inconsistent("row 7 of member").into(), StatusCode::INTERNAL_SERVER_ERROR),
            (anyhow::anyhow!("/secret/path").into(), StatusCode::INTERNAL_SERVER_ERROR),
        ];
        for (problem, status) in table {
            assert_eq!(problem.status, status, "{problem:?}");
            for internal in ["row 7", "/secret", "pool"] {
                assert!(!problem.error.contains(internal), "{problem:?}");
            }
        }
    }
}
