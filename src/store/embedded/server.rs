//! The server as our child, on a [lifeline].

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::cluster::tail;
use super::error::{Doing, StartError};
use super::folder::Folder;
use super::user::ServerUser;
use super::{leftover, lifeline};

/// A server that was killed amid work reads its log first; that can take a while.
const READY_LIMIT: Duration = Duration::from_mins(2);
/// How long to wait for the children of a killed server to notice and go.
const ORPHANS_LIMIT: Duration = Duration::from_secs(10);
/// What a server says that finds another one at work, or its children: that one is on its way out.
const BUSY: [&str; 3] = ["is still in use", "already exists", "is empty"];
const STOP_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(5);

/// A running server.
#[derive(Debug)]
pub(super) struct DatabaseServer {
    child: Child,
    lifeline: Option<ChildStdin>,
}

/// Where a server is told to work, and how.
#[derive(Debug)]
pub(super) struct Launch<'a> {
    /// Program and arguments.
    pub(super) command: &'a [OsString],
    /// The folder around its data.
    pub(super) folder: &'a Folder,
    /// Its data.
    pub(super) cluster: &'a Path,
    /// Where its words go.
    pub(super) log: PathBuf,
}

impl DatabaseServer {
    /// Start a server and wait until it takes connections.
    pub(super) fn start(launch: &Launch<'_>, user: &ServerUser) -> Result<Self, StartError> {
        // What the last server said before it died stays readable. There may be no last one.
        let _ = fs::rename(&launch.log, launch.log.with_extension("log.1"));
        let deadline = Instant::now() + ORPHANS_LIMIT;
        loop {
            match Self::spawn(launch, user)?.ready(launch) {
                Err(StartError::Failed { said, .. })
                    if BUSY.iter().any(|words| said.contains(words))
                        && Instant::now() < deadline =>
                {
                    sleep(20 * POLL);
                    leftover::clear(launch.folder, launch.cluster)?;
                }
                result => return result,
            }
        }
    }

    fn spawn(launch: &Launch<'_>, user: &ServerUser) -> Result<Self, StartError> {
        let mut child = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&launch.log)
            .and_then(|log| {
                let mut command = lifeline::server(user, launch.command);
                command.stdout(log.try_clone()?).stderr(log).spawn()
            })
            .doing(|| "start PostgreSQL".to_owned())?;
        let lifeline = child.stdin.take();
        Ok(Self { child, lifeline })
    }

    fn ready(mut self, launch: &Launch<'_>) -> Result<Self, StartError> {
        let deadline = Instant::now() + READY_LIMIT;
        let said = || tail(&String::from_utf8_lossy(&fs::read(&launch.log).unwrap_or_default()));
        while !is_ready(launch.cluster) {
            if self.has_ended() {
                return Err(StartError::Failed { program: "PostgreSQL".to_owned(), said: said() });
            }
            if Instant::now() >= deadline {
                return Err(StartError::Slow { seconds: READY_LIMIT.as_secs(), said: said() });
            }
            sleep(POLL);
        }
        Ok(self)
    }

    /// Whether the server, or the shell that guards it, has ended.
    pub(super) fn has_ended(&mut self) -> bool {
        // An error means that there is no such child any more.
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for DatabaseServer {
    /// Let go of the lifeline and wait for the clean stop that follows.
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let deadline = Instant::now() + STOP_LIMIT;
        while !self.has_ended() && Instant::now() < deadline {
            sleep(POLL);
        }
    }
}

/// Whether the server on a cluster takes connections, by its own word: the eighth line of its
/// pid file, which `pg_ctl` goes by too.
pub(super) fn is_ready(cluster: &Path) -> bool {
    fs::read_to_string(cluster.join("postmaster.pid"))
        .is_ok_and(|text| text.lines().nth(7).is_some_and(|line| line.trim() == "ready"))
}
