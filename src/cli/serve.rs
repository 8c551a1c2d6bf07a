//! `tuan serve`: a shop from its config file, for real.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::{App, Opening, Reloaded};
use crate::config::{self, Config};
use crate::engine::Clock;
use crate::gate;
use crate::store::embedded::Embedded;
use crate::store::seal::random_hex;
use crate::web;

use super::database::{Database, Tenancy};
use super::keys;

/// The variable that holds what the operator signs in with.
pub(super) const OPERATOR_TOKEN: &str = "TUAN_OPERATOR_TOKEN";

/// A shop from its config file.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// The shop's config file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    #[command(flatten)]
    data: super::Data,
}

impl Serve {
    /// Run it until told to stop; `false` when the config has faults.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        super::telemetry::start("info");
        let Some(config) = self.read() else { return Ok(false) };
        let seal = Arc::new(keys::in_environment()?.context(keys::NEEDED)?);
        let token = operator_token()?;
        let listener = web::listen(config.web.bind, "name another in `bind` under [web]").await?;
        let database = Database::choose(self.data.data.as_deref(), Tenancy::Own).await?;
        let db = database.ready(config.engine.lanes).await?;
        let mut app = App::open(Opening { db, seal, clock: Clock::system(), config }).await?;
        app.media = self.config.parent().map(std::path::Path::to_owned);
        app.start();
        let app = Arc::new(app);
        let server = web::WebServer::new(listener, web::Site::new(Arc::clone(&app), &token))?;
        tracing::info!(address = %server.address(), "the shop is open");
        app.engine.spawn(reload_on_hangup(Arc::clone(&app), self.config.clone()));
        until_stopped(&app, server, database.embedded, std::future::ready(Ok(()))).await?;
        Ok(true)
    }

    fn read(&self) -> Option<Config> {
        let (config, faults) = config::check_file(&self.config);
        for fault in &faults {
            tracing::warn!("{}:{fault}", self.config.display());
        }
        config
    }
}

/// The operator's token; one that nobody knows where none is set.
fn operator_token() -> anyhow::Result<String> {
    let set = std::env::var(OPERATOR_TOKEN).unwrap_or_default();
    if set.is_empty() {
        tracing::warn!("{OPERATOR_TOKEN} is not set: nobody can sign in ({})", gate::REMEDY);
        return Ok(random_hex(24));
    }
    match gate::weakness(&set) {
        Some(weakness) => anyhow::bail!("{OPERATOR_TOKEN} {weakness}: {}", gate::REMEDY),
        None => Ok(set),
    }
}

/// Take a changed file when told to; a faulty one is refused, and the old one stays in force.
async fn reload_on_hangup(app: Arc<App>, path: PathBuf) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    loop {
        tokio::select! {
            heard = hangup.recv() => if heard.is_none() { return },
            () = app.engine.stop.cancelled() => return,
        }
        match config::load(&path) {
            Err(faults) => {
                for fault in faults {
                    tracing::error!("{}:{fault}", path.display());
                }
                tracing::error!("the changed config is refused; the old one stays in force");
            }
            Ok(config) => match app.reload(config).await {
                Ok(reloaded) => tell(&reloaded),
                Err(error) => {
                    tracing::error!(error = %format!("{error:#}"), "the changed config was not taken");
                }
            },
        }
    }
}

/// Say what of a changed file is in force, and what is not.
fn tell(reloaded: &Reloaded) {
    let version = reloaded.version;
    if reloaded.waiting.is_empty() {
        tracing::info!(policy.version = version, "the config is in force");
    } else {
        tracing::warn!(
            policy.version = version,
            waiting = reloaded.waiting.join(", "),
            "the config is in force but for these keys, which wait for a restart"
        );
    }
}

/// Serve until a signal asks to stop; then finish what is under way.
pub(super) async fn until_stopped(
    app: &Arc<App>,
    server: web::WebServer,
    embedded: Option<Arc<Embedded>>,
    beside: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let watch = async {
        match embedded.clone() {
            Some(embedded) => Database::watch(embedded).await,
            None => std::future::pending().await,
        }
    };
    let stop = app.engine.stop.clone();
    let mut serving = tokio::spawn(server.run(stop.clone()));
    let work = async {
        beside.await?;
        (&mut serving).await?;
        Ok(())
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = heard(&mut interrupt) => Ok(()),
        () = heard(&mut terminate) => Ok(()),
        () = watch => Ok(()),
    };
    stop.cancel();
    if !serving.is_finished() {
        // Requests under way are answered; the server bounds how long that may take.
        let _ = serving.await;
    }
    app.engine.shut_down().await;
    app.engine.db.close().await;
    let gave_up = app.engine.gave_up.get().cloned();
    // Stopping Postgres blocks for a moment.
    tokio::task::spawn_blocking(move || drop(embedded)).await?;
    gave_up.map_or(outcome, |why| Err(anyhow::anyhow!(why)))
}

async fn heard(signal: &mut Signal) {
    signal.recv().await;
}
