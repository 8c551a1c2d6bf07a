//! What adapters that call by HTTP share: one call, whatever its answer says, and why there was no answer.
//! Addresses may hold a token, so no error that leaves here has one.

use std::time::Duration;

use reqwest::RequestBuilder;

/// How long to leave a platform alone that says nothing better.
pub(super) const AWAY: Duration = Duration::from_secs(3);

/// An answer, good or bad.
pub(super) struct Answered {
    /// HTTP's number.
    pub(super) status: u16,
    /// How many seconds to wait, where that is said.
    pub(super) retry_after: Option<u64>,
    /// What it says.
    pub(super) body: Vec<u8>,
}

/// Why there was no answer, in words.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// The call never left.
    Unsent(String),
    /// It may have been heard.
    Unknown(String),
}

/// Call, and take all of the answer.
pub(super) async fn call(request: RequestBuilder) -> Result<Answered, NoAnswer> {
    let response = request.send().await.map_err(unsent)?;
    let status = response.status().as_u16();
    let wait = response.headers().get("retry-after");
    let retry_after = wait.and_then(|it| it.to_str().ok()?.parse().ok());
    let body = response.bytes().await.map_err(|error| NoAnswer::Unknown(said(error)))?.into();
    Ok(Answered { status, retry_after, body })
}

fn unsent(error: reqwest::Error) -> NoAnswer {
    if error.is_connect() || error.is_builder() {
        NoAnswer::Unsent(said(error))
    } else {
        NoAnswer::Unknown(said(error))
    }
}

/// An error in words, without the address.
fn said(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
