//! A real Postgres as our own child, on a private Unix socket: no port, no password, no set-up.
//!
//! Takes the Postgres that is installed and never downloads one. One process owns a data folder at
//! a time, under a lock; the server stops when its owner ends, however that happens, and whatever
//! an earlier owner left behind is cleared up before the next start. Blocking code: call
//! it from `spawn_blocking`. Unix only.

mod adopt;
mod cluster;
mod error;
mod folder;
mod install;
mod leftover;
mod lifeline;
mod lock;
mod server;
mod user;

use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions};

pub use error::StartError;

use error::Doing;
use folder::Folder;
use install::Install;
use lock::{Attempt, Lock};
use server::{DatabaseServer, Launch};
use user::ServerUser;

/// Owns the databases and migrates them.
const OWNER: &str = "tuan_owner";
/// What the running shop works as.
const APPLICATION: &str = "tuan_app";
/// Postgres' own bound on names, in bytes.
const LONGEST_NAME: usize = 63;
const LOCK_POLL: Duration = Duration::from_millis(50);

/// How to start a server.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Whether a committed transaction survives a crash of the machine. Off for tests only.
    pub durable: bool,
    /// How long to wait for another owner of the folder to end.
    pub patience: Duration,
    /// Settings of Postgres, which win over ours.
    pub settings: Vec<(String, String)>,
    /// The folder of the server's programs; if given, nowhere else is looked.
    pub programs: Option<PathBuf>,
}

impl Default for ServerOptions {
    /// Durable, with just enough patience for a predecessor that is shutting down.
    fn default() -> Self {
        let patience = Duration::from_secs(3);
        Self { durable: true, patience, settings: Vec::new(), programs: None }
    }
}

/// A running server on a data folder, ours or joined. Dropping an own one stops it, which blocks
/// for a moment.
#[derive(Debug)]
pub struct Embedded {
    folder: Folder,
    install: Install,
    user: ServerUser,
    options: ServerOptions,
    own: Option<Own>,
}

/// What the owner of a folder has. Dropped in this order: the lock goes last.
#[derive(Debug)]
struct Own {
    server: Mutex<Option<DatabaseServer>>,
    _lock: Lock,
}

/// The path of one of Postgres' programs, such as `pg_restore`: of the newest Postgres that is installed.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    Install::find(&ServerUser::choose().ok()?, None, None)?.program(name)
}

/// The data folder for those who name none: the system's for root, else the user's own.
/// `None` where the user has no home.
#[must_use]
pub fn default_root() -> Option<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Some(PathBuf::from("/var/lib/tuan"));
    }
    let named = env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|it| it.is_absolute());
    let data = named.or_else(|| Some(env::home_dir()?.join(".local/share")))?;
    Some(data.join("tuan"))
}

impl Embedded {
    /// Make a folder ours without starting anything: created, marked, closed to others. Whoever
    /// wants to keep files beside the database calls this before writing them.
    ///
    /// # Errors
    /// [`StartError::Refused`] if the folder holds files and no marker, or is somebody else's.
    pub fn claim(root: &Path) -> Result<PathBuf, StartError> {
        Ok(Folder::claim(root, &ServerUser::choose()?)?.root)
    }

    /// Delete everything in a folder that bears our marker. A folder that is empty or absent is
    /// fine as it is.
    ///
    /// # Errors
    /// [`StartError::Refused`] without a marker, [`StartError::Held`] while its server runs.
    pub fn wipe(root: &Path) -> Result<(), StartError> {
        let user = ServerUser::choose()?;
        let Some(folder) = Folder::existing(root, &user)? else { return Ok(()) };
        let _lock = take(&folder, ServerOptions::default().patience)?;
        if let Some(major) = folder.pinned_major() {
            leftover::clear(&folder, &folder.cluster(major))?;
        }
        folder.empty().doing(|| format!("empty {}", folder.root.display()))
    }

    /// Whether a folder of ours has a database in it.
    ///
    /// # Errors
    /// [`StartError::Refused`] if the folder is somebody else's.
    pub fn is_there(root: &Path) -> Result<bool, StartError> {
        let folder = Folder::existing(root, &ServerUser::choose()?)?;
        Ok(folder.is_some_and(|folder| folder.pinned_major().is_some()))
    }

    /// Own the folder and run its server; on first use, make the folder and the cluster.
    ///
    /// # Errors
    /// [`StartError`], each with its way out; the folder is then as usable as it was.
    pub fn start(root: &Path, options: ServerOptions) -> Result<Self, StartError> {
        let (folder, install, user) = prepare(root, &options)?;
        let lock = take(&folder, options.patience)?;
        Self::run(folder, install, user, options, lock)
    }

    /// Join the server that another process of ours runs on the folder, or start it.
    ///
    /// # Errors
    /// As [`start`](Self::start); [`StartError::Held`] only if the other's server does not get
    /// ready.
    pub fn join_or_start(root: &Path, options: ServerOptions) -> Result<Self, StartError> {
        let (folder, install, user) = prepare(root, &options)?;
        let deadline = Instant::now() + options.patience;
        loop {
            match attempt(&folder)? {
                Attempt::Taken(lock) => return Self::run(folder, install, user, options, lock),
                // Our predecessor may have made the cluster just now.
                Attempt::Held(_) if server::is_ready(&folder.cluster(install.major)) => {
                    return Ok(Self { folder, install, user, options, own: None });
                }
                Attempt::Held(pid) if Instant::now() >= deadline => {
                    return Err(StartError::Held { root: folder.root, pid });
                }
                Attempt::Held(_) => sleep(LOCK_POLL),
            }
        }
    }

    fn run(
        folder: Folder,
        install: Install,
        user: ServerUser,
        options: ServerOptions,
        lock: Lock,
    ) -> Result<Self, StartError> {
        cluster::prepare(&folder, &install, &user, options.durable)?;
        let own = Own { server: Mutex::new(None), _lock: lock };
        let embedded = Self { folder, install, user, options, own: Some(own) };
        embedded.restart()?;
        Ok(embedded)
    }

    /// Stop the server if it still runs, and start it again. Does nothing to a joined one.
    ///
    /// # Errors
    /// As [`start`](Self::start); the folder stays ours and this may be called again.
    pub fn restart(&self) -> Result<(), StartError> {
        let Some(own) = &self.own else { return Ok(()) };
        let mut server = own.lock();
        drop(server.take());
        let cluster = self.folder.cluster(self.install.major);
        leftover::clear(&self.folder, &cluster)?;
        let socket_dir = self.folder.renew_socket_dir(&self.user)?;
        let lz4 = cluster::has_lz4(&self.install, &self.user, &cluster);
        let command =
            cluster::command(&self.folder, &self.install, &socket_dir, &self.options.with(lz4))?;
        let (folder, log) = (&self.folder, self.folder.log());
        let launch = Launch { command: &command, folder, cluster: &cluster, log };
        *server = Some(DatabaseServer::start(&launch, &self.user)?);
        Ok(())
    }

    /// Whether the server has died under us; [`restart`](Self::restart) brings it back. Asks the
    /// kernel only, so it may be asked often.
    #[must_use]
    pub fn exited(&self) -> bool {
        match &self.own {
            Some(own) => own.lock().as_mut().is_none_or(DatabaseServer::has_ended),
            None => !server::is_ready(&self.folder.cluster(self.install.major)),
        }
    }

    /// Whether another process owns the server, so that it may go at any time.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.own.is_none()
    }

    /// The data folder, absolute and without links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.folder.root
    }

    /// The path of one of Postgres' programs, such as `pgbench`, if it is installed.
    #[must_use]
    pub fn bin(&self, program: &str) -> Option<PathBuf> {
        self.install.program(program)
    }

    /// How to connect as the role that owns the databases and migrates them.
    #[must_use]
    pub fn connect_options(&self, database: &str) -> PgConnectOptions {
        self.options_for(OWNER, database)
    }

    /// How to connect as the role of the running shop, which may do what the migrations grant it.
    #[must_use]
    pub fn app_options(&self, database: &str) -> PgConnectOptions {
        self.options_for(APPLICATION, database)
    }

    fn options_for(&self, role: &str, database: &str) -> PgConnectOptions {
        // Every field that the environment could set is set here.
        PgConnectOptions::new_without_pgpass()
            .socket(self.folder.socket_dir())
            .port(5432)
            .ssl_mode(PgSslMode::Disable)
            .username(role)
            .password("")
            .database(database)
            .application_name("tuan")
    }

    /// Create a database that belongs to the owning role, unless it is there: UTF-8, in the order
    /// of code points.
    ///
    /// # Errors
    /// The database's; [`sqlx::Error::Configuration`] if the name is not of `a-z`, `0-9` and `_`.
    pub async fn ensure_database(&self, name: &str) -> Result<(), sqlx::Error> {
        let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(plain) {
            return Err(sqlx::Error::Configuration(format!("database name {name:?}").into()));
        }
        let mut connection = self.connect_options("postgres").connect().await?;
        let exists = sqlx::query("select from pg_database where datname = $1").bind(name);
        if exists.fetch_optional(&mut connection).await?.is_some() {
            return Ok(());
        }
        // The name was checked above.
        let create = format!("create database \"{name}\" template template0");
        match sqlx::query(AssertSqlSafe(create)).execute(&mut connection).await {
            // Somebody else did, between the two statements.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(()),
            result => result.map(drop),
        }
    }
}

impl ServerOptions {
    /// With what this build of the server can do besides; the caller's settings still win.
    fn with(&self, lz4: bool) -> Self {
        let mut options = self.clone();
        if lz4 {
            options.settings.insert(0, ("wal_compression".to_owned(), "lz4".to_owned()));
        }
        options
    }
}

impl Own {
    fn lock(&self) -> MutexGuard<'_, Option<DatabaseServer>> {
        // A panic in a holder leaves at worst no server, which `exited` tells.
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is looked at before the lock: a machine without Postgres leaves no trace of us.
fn prepare(
    root: &Path,
    options: &ServerOptions,
) -> Result<(Folder, Install, ServerUser), StartError> {
    let user = ServerUser::choose()?;
    let pinned = Folder::existing(root, &user)?.and_then(|it| it.pinned_major());
    let install = Install::find(&user, options.programs.as_deref(), pinned)
        .ok_or_else(|| install::not_found(root, pinned))?;
    let folder = Folder::claim(root, &user)?;
    if user.is_stand_in() {
        folder.check_reachable(&user)?;
    }
    Ok((folder, install, user))
}

fn attempt(folder: &Folder) -> Result<Attempt, StartError> {
    lock::attempt(&folder.lock()).doing(|| format!("lock {}", folder.root.display()))
}

fn take(folder: &Folder, patience: Duration) -> Result<Lock, StartError> {
    let deadline = Instant::now() + patience;
    loop {
        match attempt(folder)? {
            Attempt::Taken(lock) => return Ok(lock),
            Attempt::Held(pid) if Instant::now() >= deadline => {
                return Err(StartError::Held { root: folder.root.clone(), pid });
            }
            Attempt::Held(_) => sleep(LOCK_POLL),
        }
    }
}
