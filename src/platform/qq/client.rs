//! Calling QQ's interface with a token that is renewed in time. Answers are told apart by what may have
//! happened: refused, to be tried later, or unknown. The bot's secret is only ever told to the place that
//! gives out tokens; no error that leaves here has it, or a token, in it.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::platform::http::{self, AWAY, Answered, NoAnswer};

/// How long a call may take.
const CALL_MAX: Duration = Duration::from_secs(20);

/// How long connecting may take.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// A token is renewed so long before it ends.
const EARLY: Duration = Duration::from_mins(1);

/// Where the real one is.
pub(super) const HOME: &str = "https://api.bot.qq.com";

/// HTTP's number for a token, or a secret, that is not taken.
pub(super) const NO_TOKEN: i64 = 401;

/// Numbers of the platform that mean a token is no longer good.
const TOKEN_CODES: [i64; 3] = [11_242, 11_243, 11_244];

/// Numbers of the platform that mean too much was said.
const BUSY_CODES: [i64; 2] = [22_009, 20_028];

/// A connection to the interface.
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    app_id: String,
    secret: String,
    token: tokio::sync::Mutex<Option<AccessToken>>,
}

struct AccessToken {
    text: String,
    until: Instant,
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// Refused for good.
    #[error("{code}: {words}")]
    Refused {
        /// The platform's number, or HTTP's.
        code: i64,
        /// In the platform's words.
        words: String,
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

/// What is answered when something is refused. Some answers have one of the two numbers, some both.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: i64,
    err_code: i64,
    message: String,
}

impl Client {
    /// A client for one bot.
    ///
    /// # Errors
    /// When the system has no secure connections.
    pub(super) fn new(base: &str, app_id: String, secret: String) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_MAX)
            .timeout(CALL_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let (base, token) = (base.trim_end_matches('/').to_owned(), tokio::sync::Mutex::default());
        Ok(Self { http, base, app_id, secret, token })
    }

    /// Whether calls go by https: then nothing may go in the open.
    pub(super) fn is_sealed(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// What opens doors, as the header and the gateway want it. Who asks while it is renewed waits for it.
    pub(super) async fn authorization(&self) -> Result<String, CallError> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|it| Instant::now() < it.until) {
            return Ok(format!("QQBot {}", token.text));
        }
        let token = self.new_token().await?;
        let text = format!("QQBot {}", token.text);
        *held = Some(token);
        Ok(text)
    }

    /// A token that was refused is not used again.
    pub(super) async fn forget(&self, authorization: &str) {
        let mut held = self.token.lock().await;
        held.take_if(|it| authorization.strip_prefix("QQBot ") == Some(it.text.as_str()));
    }

    /// Failures are told in an answer that is fine by its status.
    async fn new_token(&self) -> Result<AccessToken, CallError> {
        let body = json!({ "appId": self.app_id, "clientSecret": self.secret });
        let asked = Instant::now();
        let request = self.http.post(format!("{}/app/getAppAccessToken", self.base)).json(&body);
        let answer = result(request).await.map_err(|error| match error {
            // Asking for a token changes nothing.
            CallError::Unknown { reason } => CallError::Later { after: AWAY, reason },
            other => other,
        })?;
        let seconds = match answer.get("expires_in") {
            Some(Value::String(text)) => text.parse().ok(),
            other => other.and_then(Value::as_u64),
        };
        match (answer.get("access_token").and_then(Value::as_str), seconds) {
            (Some(text), Some(seconds)) if !text.is_empty() => {
                let lasts = Duration::from_secs(seconds);
                // A token that ends soon is used for the half of its time.
                let until = asked + lasts.saturating_sub(EARLY).max(lasts / 2);
                Ok(AccessToken { text: text.to_owned(), until })
            }
            _ => {
                let refusal = Refusal::deserialize(&answer).unwrap_or_default();
                let (number, words) = (refusal.number(200), refusal.words());
                let words = format!("no token for this app id and secret: {number} {words}");
                Err(CallError::Refused { code: NO_TOKEN, words })
            }
        }
    }

    /// Call the interface. A token that is refused is renewed once.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, CallError> {
        let authorization = self.authorization().await?;
        let called = self.call_with(&authorization, &method, path, body).await;
        let answer = match called {
            Err(CallError::Refused { code, .. })
                if code == NO_TOKEN || TOKEN_CODES.contains(&code) =>
            {
                self.forget(&authorization).await;
                let authorization = self.authorization().await?;
                self.call_with(&authorization, &method, path, body).await?
            }
            other => other?,
        };
        serde_json::from_value(answer)
            .map_err(|_| CallError::Unknown { reason: "an odd answer".to_owned() })
    }

    async fn call_with(
        &self,
        authorization: &str,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .header("authorization", authorization)
            .header("x-union-appid", &self.app_id);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        result(request).await
    }
}

impl Refusal {
    /// The platform's number, else HTTP's.
    fn number(&self, status: i64) -> i64 {
        [self.code, self.err_code, status].into_iter().find(|it| *it != 0).unwrap_or(status)
    }

    fn words(&self) -> String {
        self.message.chars().take(200).collect()
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

async fn result(request: reqwest::RequestBuilder) -> Result<Value, CallError> {
    let Answered { status, retry_after, body } = http::call(request).await?;
    let answer: Option<Value> = serde_json::from_slice(&body).ok();
    match status {
        200..=299 if body.is_empty() => Ok(Value::Null),
        200..=299 => answer.ok_or(CallError::Unknown { reason: "an odd answer".to_owned() }),
        _ => Err(refused(status, retry_after, answer)),
    }
}

fn refused(status: u16, wait_seconds: Option<u64>, answer: Option<Value>) -> CallError {
    let refusal: Refusal =
        answer.and_then(|it| serde_json::from_value(it).ok()).unwrap_or_default();
    let code = refusal.number(i64::from(status));
    if status == 429 || BUSY_CODES.contains(&code) {
        let after = Duration::from_secs(wait_seconds.unwrap_or(3).clamp(1, 3_600));
        return CallError::Later { after, reason: format!("too many requests ({code})") };
    }
    match status {
        // A gateway that gave up waiting; what is behind it may have gone on.
        504 => CallError::Unknown { reason: "504".to_owned() },
        500.. => CallError::Later { after: AWAY, reason: format!("{status} {}", refusal.words()) },
        401 => CallError::Refused { code: NO_TOKEN, words: refusal.words() },
        _ => CallError::Refused { code, words: refusal.words() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_by_what_may_have_happened() {
        let body = |text: &str| serde_json::from_str(text).ok();
        let no = body(r#"{"message":"主动消息失败, 无权限","code":40034102,"err_code":40034102}"#);
        assert!(matches!(
            refused(400, None, no),
            CallError::Refused { code: 40_034_102, words } if words.contains("无权限")
        ));
        let busy = refused(429, Some(7), None);
        assert!(matches!(busy, CallError::Later { after, .. } if after.as_secs() == 7));
        let busy = refused(400, None, body(r#"{"code":22009,"message":"msg limit exceed"}"#));
        assert!(matches!(busy, CallError::Later { .. }));
        assert!(matches!(refused(502, None, None), CallError::Later { .. }));
        assert!(matches!(refused(504, None, None), CallError::Unknown { .. }));
        let ended = refused(401, None, body(r#"{"code":11244,"message":"token expired"}"#));
        assert!(matches!(ended, CallError::Refused { code: 401, .. }));
        assert!(matches!(refused(404, None, None), CallError::Refused { code: 404, .. }));
    }

    #[tokio::test]
    async fn an_error_does_not_tell_the_secret() {
        let client = Client::new("http://127.0.0.1:1", "1".to_owned(), "S3CRET".to_owned());
        let error = client.unwrap().call::<Value>(Method::GET, "/gateway/bot", None).await;
        let error = error.unwrap_err();
        assert!(matches!(error, CallError::Later { .. }), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("S3CRET"));
    }
}
