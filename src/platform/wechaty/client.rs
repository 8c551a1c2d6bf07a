//! Calling the puppet service over gRPC. Answers are told apart by what may have happened: refused, not
//! done, or unknown. The token travels in a header and stands in no error.

use std::error::Error;
use std::time::Duration;

use http::uri::PathAndQuery;
use tonic::client::Grpc;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Request, Status, Streaming};
use tonic_prost::ProstCodec;

use super::wire::{Empty, Event, EventResponse, Method};
use crate::platform::SendError;

/// How long connecting may take.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// How often a silent connection is tried …
const ALIVE_EVERY: Duration = Duration::from_secs(20);

/// … and how long its answer may take.
const ALIVE_WITHIN: Duration = Duration::from_secs(10);

/// How long asking may take.
pub(super) const ASK_MAX: Duration = Duration::from_secs(15);

/// How long sending may take: a picture is uploaded to WeChat meanwhile.
pub(super) const SEND_MAX: Duration = Duration::from_secs(45);

/// How long to leave a gateway alone that is not there.
pub(super) const AWAY: Duration = Duration::from_secs(3);

/// How long to leave it alone when somebody has to mend something.
const TO_BE_MENDED: Duration = Duration::from_mins(1);

/// A connection to a gateway. Cheap to clone; it connects when it is used, and again when it broke.
#[derive(Clone)]
pub(super) struct Client {
    channel: Channel,
    token: MetadataValue<Ascii>,
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// The gateway said no.
    #[error("refused: {reason}")]
    Refused {
        /// In the gateway's words.
        reason: String,
    },
    /// Another program listens to the gateway, or it has not noticed yet that we were cut off.
    #[error("the gateway has one event stream only, and it is taken")]
    Taken,
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

impl Client {
    /// A client for one gateway. Must be called inside the runtime.
    ///
    /// # Errors
    /// When the endpoint is no address, or the token no header.
    pub(super) fn new(endpoint: &str, token: &str) -> anyhow::Result<Self> {
        let endpoint = sealed(Endpoint::from_shared(endpoint.to_owned())?)?
            .connect_timeout(CONNECT_MAX)
            .http2_keep_alive_interval(ALIVE_EVERY)
            .keep_alive_timeout(ALIVE_WITHIN)
            .keep_alive_while_idle(true);
        let mut token: MetadataValue<Ascii> = format!("Wechaty {token}").parse()?;
        token.set_sensitive(true);
        Ok(Self { channel: endpoint.connect_lazy(), token })
    }

    /// Call a method.
    pub(super) async fn call<M: Method>(
        &self,
        ask: M::Ask,
        within: Duration,
    ) -> Result<M::Answer, CallError> {
        let call = async {
            let mut grpc = Grpc::new(self.channel.clone());
            grpc.ready().await.map_err(|error| told(&Status::from_error(error.into())))?;
            let (path, codec) = (PathAndQuery::from_static(M::PATH), ProstCodec::default());
            let answer: Result<tonic::Response<M::Answer>, _> =
                grpc.unary(self.request(ask), path, codec).await;
            answer.map(tonic::Response::into_inner).map_err(|status| told(&status))
        };
        in_time(within, call).await
    }

    /// What happens, from now on. Waits as long as the gateway does.
    pub(super) async fn events(&self) -> Result<Streaming<EventResponse>, CallError> {
        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.map_err(|error| told(&Status::from_error(error.into())))?;
        let (path, codec) = (PathAndQuery::from_static(Event::PATH), ProstCodec::default());
        let answer: Result<tonic::Response<Streaming<EventResponse>>, _> =
            grpc.server_streaming(self.request(Empty {}), path, codec).await;
        answer.map(tonic::Response::into_inner).map_err(|status| told(&status))
    }

    fn request<T>(&self, ask: T) -> Request<T> {
        let mut request = Request::new(ask);
        request.metadata_mut().insert("authorization", self.token.clone());
        request
    }
}

/// The endpoint with the authorities that may vouch for it, should its address begin with `https://`: those
/// that everybody trusts, and those of the system, where it has any (little containers have none).
fn sealed(endpoint: Endpoint) -> Result<Endpoint, tonic::transport::Error> {
    let public = ClientTlsConfig::new().with_webpki_roots();
    let own = endpoint.clone().tls_config(public.clone().with_native_roots());
    own.or_else(|_| endpoint.tls_config(public))
}

async fn in_time<T>(
    within: Duration,
    call: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    let late = || CallError::Unknown { reason: format!("nothing within {within:?}") };
    tokio::time::timeout(within, call).await.unwrap_or_else(|_| Err(late()))
}

/// What a failed call means. A status without a source was written by the gateway; with one, it tells of
/// the connection.
pub(super) fn told(status: &Status) -> CallError {
    let reason = said(status);
    if let Some(mut cause) = status.source() {
        loop {
            if cause.is::<tonic::ConnectError>() {
                return CallError::Later { after: AWAY, reason };
            }
            match cause.source() {
                Some(inner) => cause = inner,
                None => return CallError::Unknown { reason },
            }
        }
    }
    match status.code() {
        Code::AlreadyExists => CallError::Taken,
        // The gateway quotes the token that it was offered.
        Code::Unauthenticated => CallError::Later {
            after: TO_BE_MENDED,
            reason: "the gateway does not accept the token".to_owned(),
        },
        Code::Unavailable | Code::ResourceExhausted => CallError::Later { after: AWAY, reason },
        Code::DeadlineExceeded | Code::Cancelled => CallError::Unknown { reason },
        // The puppet is there, WeChat is not.
        _ if status.message().to_lowercase().contains("not logged in") => {
            CallError::Later { after: AWAY, reason }
        }
        _ => CallError::Refused { reason },
    }
}

/// A status in one short line, with the errors below it.
fn said(status: &Status) -> String {
    let mut text = format!("{:?}: {}", status.code(), status.message());
    let mut cause = status.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.chars().take(200).collect()
}

/// What a failed call means for the outbox.
pub(super) fn unsent(error: CallError) -> SendError {
    match error {
        CallError::Later { after, reason } => {
            SendError::Later { after, source: Some(reason.into()) }
        }
        CallError::Taken => SendError::Later { after: AWAY, source: Some(error.into()) },
        CallError::Unknown { reason } => SendError::Unknown(reason.into()),
        CallError::Refused { reason } => SendError::Never { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::{Id, MessagePayload};
    use super::*;

    #[test]
    fn answers_are_told_apart_by_what_may_have_happened() {
        let told = |code, text: &str| told(&Status::new(code, text));
        assert!(matches!(told(Code::AlreadyExists, "can not call twice"), CallError::Taken));
        assert!(matches!(told(Code::DeadlineExceeded, ""), CallError::Unknown { .. }));
        assert!(matches!(told(Code::ResourceExhausted, ""), CallError::Later { .. }));
        assert!(matches!(told(Code::Unavailable, ""), CallError::Later { .. }));
        assert!(matches!(told(Code::Unknown, "Error: not logged in"), CallError::Later { .. }));
        assert!(matches!(told(Code::Unknown, "no such room"), CallError::Refused { .. }));
        let quoted = told(Code::Unauthenticated, "Invalid Wechaty TOKEN \"SECRET\"");
        assert!(!format!("{quoted:?} {quoted}").contains("SECRET"));
    }

    #[tokio::test]
    async fn where_nobody_listens_nothing_was_done_and_the_token_is_not_told() {
        for endpoint in ["http://127.0.0.1:1", "https://127.0.0.1:1"] {
            let client = Client::new(endpoint, "SECRET").unwrap();
            let error =
                client.call::<MessagePayload>(Id { id: "m".into() }, ASK_MAX).await.unwrap_err();
            assert!(matches!(error, CallError::Later { .. }), "{error:?}");
            assert!(!format!("{error:?} {error}").contains("SECRET"));
            assert!(matches!(client.events().await, Err(CallError::Later { .. })));
        }
    }
}
