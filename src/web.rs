//! The web side: the simulated chat and its page, reading for operators, health and metrics.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// What the handlers share.
#[derive(Clone)]
pub struct Site {
    /// The shop.
    pub app: Arc<App>,
    /// The operator's token.
    pub token: Arc<str>,
}

impl Site {
    /// A site for a shop.
    #[must_use]
    pub fn new(app: Arc<App>, token: String) -> Self {
        Self { app, token: token.into() }
    }
}

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    site: Site,
}

/// Listen.
///
/// # Errors
/// When the address is taken.
pub async fn bind(address: SocketAddr, site: Site) -> anyhow::Result<Server> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok(Server { listener, address, site })
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answer until told to stop.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let _ = self.site;
        let router: axum::Router = axum::Router::new();
        axum::serve(self.listener, router)
            .with_graceful_shutdown(async move { stop.cancelled().await })
            .await?;
        Ok(())
    }
}
