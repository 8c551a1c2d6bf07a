//! The web side: the simulated chat and its page, reading for operators, health and metrics.
//!
//! Shows and hands in; decides nothing about a shop and holds no SQL. Every request passes the guard,
//! and every change goes through the inbox like any message.

mod accounts;
mod asked;
mod chat;
mod events;
mod guard;
mod health;
#[cfg(feature = "telegram")]
mod hooks;
mod keys;
mod page;
mod problem;
mod read;
mod routes;
mod sessions;
mod sign_in;
#[cfg(feature = "qq")]
mod signed;
mod sockets;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::gate;
use health::Probe;
use keys::Keys;
use problem::Problem;

pub use routes::{Access, Route, routes};

/// How long requests that are under way may take once the shop stops.
const GRACE: Duration = Duration::from_secs(5);

/// How long an answer may take to begin: longer than anything here waits for.
const ANSWER_MAX: Duration = Duration::from_secs(150);

/// What the handlers share.
#[derive(Clone)]
pub struct Site {
    app: Arc<App>,
    keys: Arc<Keys>,
    /// Where the server listens.
    address: SocketAddr,
    /// Steps of the clock are taken one after another.
    advancing: Arc<Mutex<()>>,
    /// One for each listener.
    seats: Arc<Semaphore>,
    /// Whether the database takes writes.
    probe: Arc<Probe>,
}

impl Site {
    /// A site for a shop, and the operator's token for it.
    #[must_use]
    pub fn new(app: Arc<App>, token: &str) -> Self {
        Self {
            app,
            keys: Arc::new(Keys::new(token)),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            advancing: Arc::new(Mutex::new(())),
            seats: Arc::new(Semaphore::new(events::LISTENERS_MAX)),
            probe: Arc::default(),
        }
    }
}

/// A server that listens.
pub struct WebServer {
    listener: TcpListener,
    site: Site,
}

/// Listen; answering comes later, with [`WebServer::new`]. `remedy` is what to do about a taken port.
///
/// # Errors
/// When the address is taken, or is none of this machine.
pub async fn listen(address: SocketAddr, remedy: &str) -> anyhow::Result<TcpListener> {
    let port = address.port();
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!("port {port} is taken: {remedy}"),
        std::io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("port {port} may not be used by this user: {remedy}")
        }
        _ => anyhow::Error::from(error).context(format!("{address} cannot be listened on")),
    })
}

impl WebServer {
    /// A server for a site.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn new(listener: TcpListener, site: Site) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self { listener, site: Site { address, ..site } })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.site.address
    }

    /// Answer until told to stop; then finish what is under way, for a few seconds at most.
    pub async fn run(self, stop: CancellationToken) {
        let gate = Arc::clone(&self.site.app.gate);
        let serving = gate::serve(self.listener, router(self.site), gate, stop.clone());
        let too_long = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            () = serving => {}
            () = too_long => {}
        }
    }
}

/// The table of addresses as what answers them.
fn router(site: Site) -> Router {
    let (doors, pages): (Vec<_>, Vec<_>) =
        routes().into_iter().partition(|route| route.access == Access::Platform);
    let pages = pages.into_iter().fold(Router::new(), |router, route| {
        router.route(route.path, guarded(route.access, route.handler, &site))
    });
    let doors = doors
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, route.handler));
    let router = pages
        .method_not_allowed_fallback(wrong_method)
        .fallback(async || Problem::missing("such address"))
        .layer(DefaultBodyLimit::max(asked::BODY_MAX))
        .layer(from_fn_with_state(site.clone(), guard::door))
        // These come through a proxy under its name, and bring a secret instead.
        .merge(doors)
        .layer(from_fn_with_state(site.clone(), guard::identify))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_MAX));
    let is_https = site.app.web.public_url.as_ref().is_some_and(|url| url.is_https);
    let headers = guard::HEADERS.into_iter().chain(is_https.then_some(guard::BY_TLS_ALONE));
    let router = headers.fold(router, |router, (name, value)| {
        let value = HeaderValue::from_static(value);
        router.layer(SetResponseHeaderLayer::if_not_present(name, value))
    });
    router.with_state(site)
}

/// What answers an address, behind what it takes to ask there.
fn guarded(access: Access, handler: MethodRouter<Site>, site: &Site) -> MethodRouter<Site> {
    match access {
        Access::Anybody | Access::Platform => handler,
        Access::Operator => handler.route_layer(from_fn_with_state(site.clone(), guard::operator)),
        Access::LocalOrOperator => {
            handler.route_layer(from_fn_with_state(site.clone(), guard::local_or_operator))
        }
    }
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address is asked in another way")
}

/// A door that somebody has knocked at too often.
#[cfg(any(feature = "telegram", feature = "qq"))]
fn slowed(seconds: u64) -> axum::response::Response {
    use axum::http::header::RETRY_AFTER;
    use axum::response::IntoResponse as _;

    (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())]).into_response()
}
