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
mod sign_in;
mod sockets;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use keys::Keys;
use problem::Problem;

/// How long requests that are under way may take once the shop stops.
const GRACE: Duration = Duration::from_secs(5);

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
        }
    }
}

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    site: Site,
}

/// Listen; answering comes later, with [`Server::new`]. `remedy` is what to do about a taken port.
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

impl Server {
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
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let service = router(self.site).into_make_service_with_connect_info::<SocketAddr>();
        let told = stop.clone();
        let serving = axum::serve(self.listener, service)
            .with_graceful_shutdown(async move { told.cancelled().await });
        let too_long = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            served = serving => Ok(served?),
            () = too_long => Ok(()),
        }
    }
}

/// Every address there is, one a line.
fn router(site: Site) -> Router {
    let api = Router::new()
        .route("/api/chat/communities", get(chat::communities))
        .route("/api/chat/{community}/messages", get(chat::messages).post(chat::say))
        .route("/api/chat/{community}/joins", post(chat::join))
        .route("/api/chat/{community}/clock", post(chat::advance))
        .route("/api/chat/{community}/settled", post(chat::settle))
        .route("/api/chat/{community}/events", get(events::listen))
        .route("/api/accounts", get(accounts::list))
        .route("/api/communities/{community}/members", get(read::members))
        .route("/api/communities/{community}/orders", get(read::orders))
        .route("/api/communities/{community}/ledger", get(read::ledger))
        .route("/api/communities/{community}/offers", get(read::offers))
        .route("/api/communities/{community}/stats", get(read::stats))
        .method_not_allowed_fallback(wrong_method)
        .route_layer(from_fn_with_state(site.clone(), guard::operator));
    let metrics = Router::new()
        .route("/metrics", get(health::metrics))
        .route_layer(from_fn_with_state(site.clone(), guard::local_or_operator));
    Router::new()
        .route("/", get(page::index))
        .route("/accounts", get(accounts::page))
        .route("/page/{file}", get(page::file))
        .route("/media/{*path}", get(page::picture))
        .route("/login", get(sign_in::form).post(sign_in::sign_in))
        .route("/health", get(health::health))
        .method_not_allowed_fallback(wrong_method)
        .merge(api)
        .merge(metrics)
        .fallback(async || Problem::missing("such address"))
        .layer(DefaultBodyLimit::max(asked::BODY_MAX))
        .layer(from_fn_with_state(site.clone(), guard::door))
        // These come through a proxy under its name, and bring a secret instead.
        .merge(doors())
        .with_state(site)
}

/// Ways in for platforms that come to us.
fn doors() -> Router<Site> {
    let doors = Router::new().route("/onebot/{key}", get(sockets::enter));
    #[cfg(feature = "telegram")]
    let doors = doors.merge(hooks::routes());
    doors
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address is asked in another way")
}
