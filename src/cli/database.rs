//! Which database a command works on: `DATABASE_URL`, or the embedded one of `--data DIR`.
//!
//! `DATABASE_URL` is the application. The owner, who migrates, is `TUAN_OWNER_URL`; where that is not set,
//! the one address is both.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use crate::store::embedded::{Embedded, ServerOptions, default_root};
use crate::store::reports::story::StoryPlace;
use crate::store::{Seal, data_key, lanes, pool};

/// The embedded database's name.
const NAME: &str = "tuan";

/// Connections of one process.
const CONNECTIONS: u32 = 12;

/// How often to look whether the embedded server is alive.
const LOOK: Duration = Duration::from_millis(300);

/// A database to work on.
#[derive(Debug)]
pub struct Database {
    /// As the owner, who migrates.
    pub owner: PgConnectOptions,
    /// As the application.
    pub app: PgConnectOptions,
    /// Whether the owner has an address of its own: then only `tuan migrate` migrates.
    pub is_split: bool,
    /// The embedded server, where it is one.
    pub embedded: Option<Arc<Embedded>>,
}

/// Whether to start the embedded server or to join one that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenancy {
    /// This process owns the folder.
    Own,
    /// Join the owner, else start the server for a while.
    Join,
}

impl Database {
    /// The database that the environment and `--data` name. Both together is a mistake.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn choose(data: Option<&Path>, tenancy: Tenancy) -> anyhow::Result<Self> {
        let Addresses { app, owner } = Addresses::read();
        match (app, owner, data) {
            (None, None, data) => Self::embedded(&folder(data)?, tenancy).await,
            (Some(app), owner, None) => Self::named(&app, owner.as_deref()),
            (None, Some(_), None) => Err(usage(
                "TUAN_OWNER_URL is set and DATABASE_URL is not: the shop works as the application, whose \
                 address is DATABASE_URL",
            )),
            (Some(_), _, Some(_)) => {
                Err(usage("both DATABASE_URL and --data are given: name one database"))
            }
            (None, Some(_), Some(_)) => {
                Err(usage("both TUAN_OWNER_URL and --data are given: name one database"))
            }
        }
    }

    /// The database that the environment and `--data` name, for the owner's work: its address alone will do.
    ///
    /// # Errors
    /// As [`choose`](Self::choose).
    pub async fn choose_as_owner(data: Option<&Path>, tenancy: Tenancy) -> anyhow::Result<Self> {
        match Addresses::read() {
            Addresses { app: None, owner: Some(owner) } if data.is_none() => {
                Self::named(&owner, None)
            }
            _ => Self::choose(data, tenancy).await,
        }
    }

    fn named(app: &str, owner: Option<&str>) -> anyhow::Result<Self> {
        let read = |name: &str, url: &str| {
            PgConnectOptions::from_str(url)
                .with_context(|| format!("{name} is not a Postgres address"))
        };
        let app = read("DATABASE_URL", app)?;
        let is_split = owner.is_some();
        let owner = owner.map_or_else(|| Ok(app.clone()), |url| read("TUAN_OWNER_URL", url))?;
        Ok(Self { owner, app, is_split, embedded: None })
    }

    /// The shop's database, as it is: to ask it or to tell it something. Makes nothing. Data keys need not be given;
    /// those that are must fit.
    ///
    /// # Errors
    /// With a message for the person who typed the command; where there is no shop, it was called wrongly.
    pub async fn visit(data: Option<&Path>) -> anyhow::Result<(Self, PgPool, Option<Seal>)> {
        let seal = super::keys::given(data)?;
        let (database, db) = Self::open_shop(data).await?;
        if let Some(seal) = &seal {
            data_key::compare(&db, seal).await?;
        }
        Ok((database, db, seal))
    }

    /// The same for whoever looks at the data keys by themselves.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    pub async fn open_shop(data: Option<&Path>) -> anyhow::Result<(Self, PgPool)> {
        let Addresses { app, owner } = Addresses::read();
        if app.is_none() && owner.is_none() {
            let folder = folder(data)?;
            if !Embedded::is_there(&folder)? {
                let folder = folder.display();
                let why = format!(
                    "there is no shop in {folder}: name its folder with --data, or its database with DATABASE_URL"
                );
                return Err(usage(&why));
            }
        }
        let database = Self::choose(data, Tenancy::Join).await?;
        let db = database.connect().await?;
        lanes::count(&db).await.context("the database is not ready: has the shop been started?")?;
        Ok((database, db))
    }

    /// The embedded database of a folder.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn embedded(root: &Path, tenancy: Tenancy) -> anyhow::Result<Self> {
        let path = root.to_owned();
        let start = move || match tenancy {
            Tenancy::Own => Embedded::start(&path, ServerOptions::default()),
            Tenancy::Join => Embedded::join_or_start(&path, ServerOptions::default()),
        };
        let embedded = Arc::new(tokio::task::spawn_blocking(start).await??);
        embedded.ensure_database(NAME).await?;
        Ok(Self {
            owner: embedded.connect_options(NAME),
            app: embedded.app_options(NAME),
            is_split: false,
            embedded: Some(embedded),
        })
    }

    /// Bring it up to date, or see to it that it is where that is another's work, and connect as the
    /// application. An embedded server was started by this process and serves no other.
    ///
    /// # Errors
    /// When migrations are missing; whatever the server says.
    pub async fn ready(&self, count: i16) -> anyhow::Result<PgPool> {
        if self.embedded.is_some() {
            pool::migrate(&self.owner, count).await?;
        } else if self.app_is_owner().await? && !self.is_split {
            pool::migrate(&self.owner, count).await?;
            pool::let_owner_be_app(&self.owner).await?;
        } else {
            pool::check(&self.app).await?;
        }
        let db = self.connect().await?;
        if self.embedded.is_some() {
            lanes::free_all(&db).await?;
        }
        Ok(db)
    }

    /// Whether `DATABASE_URL` could change what is written for good. Warns where it could.
    async fn app_is_owner(&self) -> anyhow::Result<bool> {
        let is_owner = pool::is_owner(&self.app).await.context("the database cannot be reached")?;
        if is_owner {
            tracing::warn!(
                "DATABASE_URL is the owner of the database, who can rewrite the books: give the shop the role \
                 tuan_app there, and `tuan migrate` the owner's address in TUAN_OWNER_URL"
            );
        }
        Ok(is_owner)
    }

    /// Connect as the application.
    ///
    /// # Errors
    /// Whatever the server says.
    pub async fn connect(&self) -> anyhow::Result<PgPool> {
        pool::connect(self.app.clone(), CONNECTIONS).await.context("the database cannot be reached")
    }

    /// Start the embedded server again whenever it dies, until the future is dropped.
    pub async fn watch(embedded: Arc<Embedded>) {
        loop {
            tokio::time::sleep(LOOK).await;
            if !embedded.exited() {
                continue;
            }
            tracing::warn!("the embedded Postgres has ended; starting it again");
            let server = Arc::clone(&embedded);
            match tokio::task::spawn_blocking(move || server.restart()).await {
                Ok(Ok(())) => tracing::info!("the embedded Postgres runs again"),
                Ok(Err(error)) => tracing::error!(%error, "the embedded Postgres does not start"),
                Err(error) => tracing::error!(%error, "starting the embedded Postgres failed"),
            }
        }
    }
}

/// The addresses that the environment names. An empty one is none.
#[derive(Debug)]
pub struct Addresses {
    /// `DATABASE_URL`: the application.
    pub app: Option<String>,
    /// `TUAN_OWNER_URL`: the owner, who migrates.
    pub owner: Option<String>,
}

impl Addresses {
    /// Read them.
    #[must_use]
    pub fn read() -> Self {
        let named = |name| std::env::var(name).ok().filter(|url| !url.is_empty());
        Self { app: named("DATABASE_URL"), owner: named("TUAN_OWNER_URL") }
    }
}

fn usage(why: &str) -> anyhow::Error {
    super::Usage(why.to_owned()).into()
}

/// The data folder named, or the usual one.
///
/// # Errors
/// Where there is no home to put it in.
pub fn folder(data: Option<&Path>) -> anyhow::Result<PathBuf> {
    let usual = || default_root().context("no home folder: say --data DIR");
    data.map_or_else(usual, |data| Ok(std::path::absolute(data)?))
}

/// The community with this slug.
///
/// # Errors
/// With the slugs there are.
pub async fn community(db: &PgPool, slug: &str) -> anyhow::Result<StoryPlace> {
    let all = crate::store::reference::communities(db).await?;
    let slugs: Vec<_> = all.iter().map(|it| it.slug.clone()).collect();
    let found = all.into_iter().find(|it| it.slug == slug);
    let found = found.map(|it| StoryPlace { lane: it.lane, id: it.community });
    found.ok_or_else(|| match slugs.as_slice() {
        [] => anyhow::anyhow!("this database has no communities yet"),
        slugs => anyhow::anyhow!("no community {slug:?}; there are: {}", slugs.join(", ")),
    })
}
