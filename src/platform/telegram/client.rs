//! Calling the Bot API. Answers are told apart by what may have happened: refused, to be tried later, or
//! unknown. The token stands in every address, so no error that leaves here has one.

use std::time::Duration;

use reqwest::multipart::Form;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::platform::http::{self, AWAY, Answered, NoAnswer};

/// How long a call may take, beside the wait of a long poll. A group in slow mode holds a message for
/// some ten seconds before it answers.
const CALL_MAX: Duration = Duration::from_secs(30);

/// How long connecting may take.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// Where the real one is.
pub(super) const HOME: &str = "https://api.telegram.org";

/// A connection to the Bot API. Cheap to clone.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// Refused for good.
    #[error("{code}: {description}")]
    Refused {
        /// As in HTTP.
        code: u16,
        /// In Telegram's words.
        description: String,
        /// The group goes on under this id.
        migrated_to: Option<i64>,
    },
    /// Not done; it may be tried again.
    #[error("not done: {reason}")]
    Later {
        /// When.
        after: Duration,
        /// Why.
        reason: String,
    },
    /// It may have been done.
    #[error("no answer: {reason}")]
    Unknown {
        /// Why.
        reason: String,
    },
}

/// The envelope of every answer.
#[derive(Deserialize)]
struct AnswerEnvelope {
    ok: bool,
    result: Option<Value>,
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    migrate_to_chat_id: Option<i64>,
    retry_after: Option<u64>,
}

impl Client {
    /// A client for one bot.
    ///
    /// # Errors
    /// When the system has no secure connections.
    pub(super) fn new(api_url: &str, token: &str) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_MAX)
            .timeout(CALL_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, base: format!("{}/bot{token}", api_url.trim_end_matches('/')) })
    }

    /// Call a method.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        body: &Value,
    ) -> Result<T, CallError> {
        let request = self.http.post(format!("{}/{method}", self.base)).json(body);
        result(request).await
    }

    /// Call a method that waits on the other side for so long.
    pub(super) async fn poll<T: DeserializeOwned>(
        &self,
        method: &str,
        body: &Value,
        wait: Duration,
    ) -> Result<T, CallError> {
        let request = self.http.post(format!("{}/{method}", self.base)).json(body);
        result(request.timeout(CALL_MAX + wait)).await
    }

    /// Call a method with a file.
    pub(super) async fn upload<T: DeserializeOwned>(
        &self,
        method: &str,
        form: Form,
    ) -> Result<T, CallError> {
        let request = self.http.post(format!("{}/{method}", self.base)).multipart(form);
        result(request).await
    }
}

impl From<NoAnswer> for CallError {
    fn from(none: NoAnswer) -> Self {
        match none {
            NoAnswer::Unsent(reason) => Self::Later { after: AWAY, reason },
            NoAnswer::Unknown(reason) => Self::Unknown { reason },
        }
    }
}

async fn result<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, CallError> {
    let Answered { status, body, .. } = http::call(request).await?;
    let answer: Option<AnswerEnvelope> = serde_json::from_slice(&body).ok();
    match answer {
        Some(AnswerEnvelope { ok: true, result: Some(result), .. }) => {
            serde_json::from_value(result)
                .map_err(|error| CallError::Unknown { reason: format!("an odd answer: {error}") })
        }
        answer => Err(refused(status, answer)),
    }
}

fn refused(status: u16, answer: Option<AnswerEnvelope>) -> CallError {
    let (code, description, parameters) = match answer {
        Some(answer) => {
            (answer.error_code.unwrap_or(status), answer.description, answer.parameters)
        }
        None => (status, String::new(), None),
    };
    let retry = parameters.as_ref().and_then(|it| it.retry_after);
    match code {
        429 => CallError::Later {
            after: Duration::from_secs(retry.unwrap_or(3).clamp(1, 3_600)),
            reason: "too many requests".to_owned(),
        },
        // A gateway that gave up waiting; what is behind it may have gone on.
        504 => CallError::Unknown { reason: "504".to_owned() },
        500.. if code != 501 => {
            CallError::Later { after: AWAY, reason: format!("{code} {description}") }
        }
        // 501 as well: a server that does not know a method will not know it later.
        _ => {
            let migrated_to = parameters.and_then(|it| it.migrate_to_chat_id);
            CallError::Refused { code, description, migrated_to }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> CallError {
        refused(status, serde_json::from_str(body).ok())
    }

    #[test]
    fn answers_are_told_apart_by_what_may_have_happened() {
        let busy = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
        assert!(
            matches!(answered(429, busy), CallError::Later { after, .. } if after.as_secs() == 7)
        );
        let moved = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1005}}"#;
        assert!(matches!(
            answered(400, moved),
            CallError::Refused { migrated_to: Some(-1005), .. }
        ));
        assert!(matches!(answered(502, "<html>"), CallError::Later { .. }));
        assert!(matches!(answered(504, "<html>"), CallError::Unknown { .. }));
        assert!(matches!(answered(501, "<html>"), CallError::Refused { code: 501, .. }));
        let blocked = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
        assert!(matches!(answered(403, blocked), CallError::Refused { code: 403, .. }));
    }

    #[tokio::test]
    async fn an_error_does_not_tell_the_token() {
        let client = Client::new("http://127.0.0.1:1", "123:SECRET").unwrap();
        let error = client.call::<Value>("getMe", &Value::Null).await.unwrap_err();
        assert!(matches!(error, CallError::Later { .. }), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("SECRET"));
    }
}
