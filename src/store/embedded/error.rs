//! Why the embedded server could not be started, in words that say what to do about it.

use std::io;
use std::path::PathBuf;

use super::user::OWN_USER;

/// The embedded server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No usable Postgres is installed.
    #[error("no PostgreSQL {at_least} or later found on this machine.\n{hint}")]
    NotFound {
        /// The oldest major version that will do.
        at_least: u32,
        /// What to install, for this machine.
        hint: String,
    },
    /// The data was made with a major version that is not installed any more.
    #[error(
        "the data in {} was made with PostgreSQL {major}, which is not installed.\n{hint}",
        root.display()
    )]
    Pinned {
        /// The data folder.
        root: PathBuf,
        /// The major version it needs.
        major: u32,
        /// What to install, for this machine.
        hint: String,
    },
    /// Another process owns the folder.
    #[error("{} is in use by another tuan{}: stop it, or choose another --data", root.display(), owner(*pid))]
    Held {
        /// The data folder.
        root: PathBuf,
        /// The owner, if it wrote its name.
        pid: Option<u32>,
    },
    /// A server that is not our child works on the folder and does not stop.
    #[error("a PostgreSQL server (process {pid}) still works on {} and does not stop", root.display())]
    StillRunning {
        /// The data folder.
        root: PathBuf,
        /// That server.
        pid: u32,
    },
    /// The folder cannot be used, or must not be touched.
    #[error("{} cannot be used: {why}", root.display())]
    Refused {
        /// The data folder.
        root: PathBuf,
        /// The reason, and where there is one the way out.
        why: String,
    },
    /// Started as root, and the server's own user is missing.
    #[error(
        "PostgreSQL does not run as root, and the user {OWN_USER} that it would run as is missing. \
         Make it with deploy/setup.sh or with\n  \
         useradd --system --user-group --no-create-home --shell /usr/sbin/nologin {OWN_USER}\n\
         or start tuan as an ordinary user"
    )]
    NoUser,
    /// The server would run as `nobody`.
    #[error(
        "the database is not run as `nobody`: every program that has no user of its own runs as that \
         one, too, and could read it. Start tuan as a user of its own"
    )]
    Nobody,
    /// Our user has no name.
    #[error(
        "the user with id {uid} has no name on this machine, and PostgreSQL tells users apart by name: \
         add it to /etc/passwd, or start tuan as another user"
    )]
    Nameless {
        /// Ours.
        uid: u32,
    },
    /// A program of Postgres failed.
    #[error("{program} failed:\n{said}")]
    Failed {
        /// Which program.
        program: String,
        /// The end of what it said.
        said: String,
    },
    /// The server does not answer in time.
    #[error("PostgreSQL was not ready after {seconds} s:\n{said}")]
    Slow {
        /// How long we waited.
        seconds: u64,
        /// The end of its log.
        said: String,
    },
    /// The operating system refused something.
    #[error("could not {doing}")]
    Io {
        /// What was being attempted.
        doing: String,
        /// Its answer.
        #[source]
        source: io::Error,
    },
}

/// Says what was being attempted when the operating system refused.
pub(super) trait Doing<T> {
    /// Name the attempt; evaluated only when it failed.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, StartError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, StartError> {
        self.map_err(|source| StartError::Io { doing: what(), source })
    }
}

fn owner(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}
