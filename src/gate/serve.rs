//! Answering connections of a listener by a router, within bounds: a request's head has to arrive in time,
//! a connection that asks nothing is closed, and there are only so many.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::Gate;
use super::caller::Network;
use super::seats::{Busy, Marker, Seat};
use super::stall::Guarded;

/// How long the head of a request may take, from connecting or from the answer before it. So it is
/// also how long a connection may ask nothing.
pub const HEAD_MAX: Duration = Duration::from_secs(15);

/// How long to wait when the system has no more connections to give.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(500);

/// What is said where there is no seat.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Open files that this needs and the database's connections and adapters beside it.
const FILES_MIN: u64 = 4_096;

/// Ask the system for more open files than it gives at first, where it gives more: a connection is one.
fn make_room() {
    let mut limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.map_or(FILES_MIN, |maximum| maximum.min(FILES_MIN));
    if limit.current.is_some_and(|current| current < most) {
        limit.current = Some(most);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the limit of open files stays");
        }
    }
}

/// Answer until told to stop, then finish what is under way.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    gate: Arc<Gate>,
    stop: CancellationToken,
) {
    make_room();
    let connections = TaskTracker::new();
    let mut was_full = false;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                pause(&error).await;
                continue;
            }
        };
        let network = Network::of(peer.ip());
        let seat =
            gate.seats.take(network, gate.is_proxy(peer.ip().to_canonical()), Instant::now());
        let Some(seat) = seat else {
            if !std::mem::replace(&mut was_full, true) {
                tracing::warn!(address = %peer.ip(), "too many connections; more are refused");
            }
            let _ = stream.try_write(FULL); // whoever it is will see the connection closed
            continue;
        };
        was_full = false;
        let _ = stream.set_nodelay(true); // only slower without it
        connections.spawn(attend(stream, peer, seat, router.clone(), stop.clone()));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// A connection that was gone before it was taken is no trouble; anything else passes with time.
async fn pause(error: &io::Error) {
    let is_gone = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    );
    if !is_gone {
        tracing::error!(%error, "no connection can be taken");
        tokio::time::sleep(EXHAUSTED_PAUSE).await;
    }
}

/// Answer the requests of one connection.
async fn attend(
    stream: TcpStream,
    peer: SocketAddr,
    seat: Seat,
    router: Router,
    stop: CancellationToken,
) {
    let (marker, gives_way) = (seat.marker(), seat.gives_way.clone());
    let stream = TokioIo::new(Guarded::new(stream, seat));
    let service = service_fn(move |request| answer(router.clone(), marker.clone(), peer, request));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_MAX);
    let mut connection = pin!(builder.serve_connection(stream, service).with_upgrades());
    tokio::select! {
        _ = connection.as_mut() => return, // however it ended, there is nobody to tell
        () = gives_way.cancelled() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn answer(
    router: Router,
    marker: Marker,
    peer: SocketAddr,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let busy = marker.begin();
    request.extensions_mut().insert(ConnectInfo(peer));
    let answer = router.oneshot(request.map(Body::new)).await?;
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        busy.keep();
        return Ok(answer);
    }
    Ok(answer.map(|body| Body::new(SeatedBody { body, _busy: busy })))
}

/// An answer's body: its connection is busy until it is sent.
struct SeatedBody {
    body: Body,
    _busy: Busy,
}

impl HttpBody for SeatedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
