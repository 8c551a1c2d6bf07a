//! `tuan demo`: an embedded Postgres, the demo shop, and a simulated group chat in the browser.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::app::{App, Opening, clock};
use crate::config::{self, Config};
use crate::engine::idle;
use crate::store::embedded::Embedded;
use crate::store::seal::random_hex;
use crate::web;

use super::database::{Database, Tenancy, folder};
use super::keys;

/// The demo shop, part of the program.
const SHOP: &str = include_str!("../../deploy/demo.toml");

/// How long the first drop may take to be delivered.
const SEED_PATIENCE: Duration = Duration::from_mins(1);

/// A demo shop in the browser.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Port of the page, on this machine only
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Folder that keeps the demo's data
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Start over: delete what the folder holds (only if the demo made it)
    #[arg(long)]
    fresh: bool,
    /// Another shop than the built-in one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Demo {
    /// Run it until interrupted.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<()> {
        super::telemetry::start("warn");
        let config = self.config()?;
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port);
        let next = self.port.checked_add(1).unwrap_or(8080);
        let listener = web::listen(address, &format!("try --port {next}")).await?;
        let root = folder(self.data.as_deref())?;
        if self.fresh {
            Embedded::wipe(&root)?;
        }
        let root = Embedded::claim(&root)?;
        let seal = Arc::new(keys::kept(&root)?);
        let database = Database::embedded(&root, Tenancy::Own).await?;
        let db = database.ready(config.engine.lanes).await?;
        let token = kept(&root, "operator-token", || random_hex(24))?;
        let clock = clock::restore(&db, &config.policy).await?;
        let mut app = App::open(Opening { db, seal, clock, config }).await?;
        app.is_demo = true;
        app.media = self.config.as_deref().and_then(Path::parent).map(Path::to_owned);
        app.set_ready(false);
        let app = Arc::new(app);
        app.engine.spawn(clock::keep(Arc::clone(&app.engine)));
        let server = web::WebServer::new(listener, web::Site::new(Arc::clone(&app), &token))?;
        greet(server.address(), &token, &root)?;
        let seeding = seed(Arc::clone(&app));
        super::serve::until_stopped(&app, server, database.embedded, seeding).await
    }

    fn config(&self) -> anyhow::Result<Config> {
        let (config, faults) = match &self.config {
            Some(path) => config::check_file(path),
            None => config::check(SHOP),
        };
        config.with_context(|| {
            let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
            format!("the shop's config has faults:\n{}", faults.join("\n"))
        })
    }
}

/// A secret that is made once and kept in the data folder, readable by its owner alone.
fn kept(root: &Path, name: &str, make: impl Fn() -> String) -> anyhow::Result<String> {
    let path = root.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", path.display()));
        }
    }
    let secret = make();
    keys::keep(&path, &secret)?;
    Ok(secret)
}

fn greet(address: SocketAddr, token: &str, root: &Path) -> std::io::Result<()> {
    writeln!(
        std::io::stdout(),
        "团 Tuan demo\n\n  open     http://{address}/\n  operator token  {token}\n  data     {}\n\nCtrl-C stops it; start it again to go on.",
        root.display()
    )
}

/// The demo's first day: its members join, and the morning's drop is posted. Then people may come in.
async fn seed(app: Arc<App>) -> anyhow::Result<()> {
    let policy = app.policy().await;
    for community in &policy.communities {
        let Some(room) = app.room(&community.slug).await else { continue };
        for member in &community.seed {
            room.join(&member.name, member.invited_by.as_deref()).await?;
        }
    }
    app.start();
    anyhow::ensure!(
        idle::wait(&app.engine, SEED_PATIENCE).await?,
        "the first drop is not delivered"
    );
    app.set_ready(true);
    Ok(())
}
