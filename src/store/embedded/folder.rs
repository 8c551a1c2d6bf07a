//! The data folder: whose it is, what lies where in it, and how it is emptied.
//!
//! A folder is ours when it bears our marker, and it gets one only while it is empty; nothing else
//! is ever written to or deleted. Under root the folder stays root's, so that the user who runs
//! the server cannot swap anything in it for a link.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::error::{Doing, StartError};
use super::user::ServerUser;
use crate::store::seal::random_hex;

/// What the name of a cluster has in it that is not complete.
const DRAFT: &str = ".new";
const DRAFT_PATIENCE: Duration = Duration::from_secs(2);
const DRAFT_POLL: Duration = Duration::from_millis(10);
const MARKER: &str = ".tuan-data";
const LOCK: &str = "lock";
/// The marker's first line, which makes it one.
const MARK: &str = "tuan data folder\n";
const MARK_REMARK: &str = "Everything beside this file is tuan's, and `--fresh` deletes it.\n";
/// What a socket's path may hold, in bytes: 107 on Linux, 103 on macOS.
const LONGEST_SOCKET: usize = 103;
const SOCKET: &str = ".s.PGSQL.5432";

/// A data folder that is ours.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    /// Absolute, without links.
    pub(super) root: PathBuf,
}

impl Folder {
    /// Make the folder ours, or find that it is: created if need be, marked, closed to others.
    pub(super) fn claim(root: &Path, user: &ServerUser) -> Result<Self, StartError> {
        let root = absolute(root)?;
        if user.is_stand_in() {
            refuse_links(&root)?;
        }
        // The stand-in must pass through to its cluster, but not look around.
        let mode = if user.is_stand_in() { 0o711 } else { 0o700 };
        let mut builder = DirBuilder::new();
        let created = builder.recursive(true).mode(mode).create(&root);
        created.doing(|| format!("create {}", root.display()))?;
        refuse_strangers(&root, user)?;
        mark(&root)?;
        fs::set_permissions(&root, Permissions::from_mode(mode))
            .and_then(|()| fs::canonicalize(&root))
            .map(|root| Self { root })
            .doing(|| format!("prepare {}", root.display()))
    }

    /// The folder if it bears our marker; `None` if there is nothing there at all.
    pub(super) fn existing(root: &Path, user: &ServerUser) -> Result<Option<Self>, StartError> {
        let root = absolute(root)?;
        if !fs::exists(&root).doing(|| format!("look at {}", root.display()))? {
            return Ok(None);
        }
        if user.is_stand_in() {
            refuse_links(&root)?;
        }
        refuse_strangers(&root, user)?;
        if is_marked(&root) {
            let root = fs::canonicalize(&root).doing(|| format!("look at {}", root.display()))?;
            return Ok(Some(Self { root }));
        }
        if is_empty(&root).doing(|| format!("read {}", root.display()))? {
            return Ok(None);
        }
        Err(not_ours(&root))
    }

    /// Fail in plain words if the user who will run the server cannot get here.
    pub(super) fn check_reachable(&self, user: &ServerUser) -> Result<(), StartError> {
        let mut command = user.command("/bin/sh");
        command.args(["-c", "cd \"$0\""]).arg(&self.root).stderr(Stdio::null());
        let status = command.status().doing(|| {
            format!("become the user {}; a container may allow only root in it", user.name())
        })?;
        if status.success() {
            return Ok(());
        }
        let why = format!(
            "PostgreSQL does not run as root, and the user {} cannot reach this folder; \
             choose one outside of private folders, such as /var/lib/tuan",
            user.name()
        );
        Err(StartError::Refused { root: self.root.clone(), why })
    }

    /// Delete all that is in the folder, save marker and lock. The caller holds the lock.
    pub(super) fn empty(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            if entry.file_name() == MARKER || entry.file_name() == LOCK {
                continue;
            }
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Where the server's own log lies.
    pub(super) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// The newest major version that has a cluster here.
    pub(super) fn pinned_major(&self) -> Option<u32> {
        let names = fs::read_dir(&self.root).ok()?.filter_map(Result::ok).map(|it| it.file_name());
        names.filter_map(|name| name.to_str()?.strip_prefix("pg")?.parse().ok()).max()
    }

    /// Where the cluster of a major version lies.
    pub(super) fn cluster(&self, major: u32) -> PathBuf {
        self.root.join(format!("pg{major}"))
    }

    /// Where a new cluster is made, under a name of its own, for what made an earlier draft may still be on
    /// its way out.
    pub(super) fn draft(&self, major: u32) -> PathBuf {
        self.root.join(format!("pg{major}{DRAFT}-{}", random_hex(8)))
    }

    /// Delete the drafts of starts that were cut short. The caller holds the lock. A maker that is only
    /// now dying is waited for a little; what it still writes then is left to the next start.
    pub(super) fn clear_drafts(&self) {
        let Ok(entries) = fs::read_dir(&self.root) else { return };
        for entry in entries.flatten() {
            if entry
                .file_name()
                .to_str()
                .is_some_and(|it| it.starts_with("pg") && it.contains(DRAFT))
            {
                let deadline = Instant::now() + DRAFT_PATIENCE;
                while fs::remove_dir_all(entry.path()).is_err() && Instant::now() < deadline {
                    sleep(DRAFT_POLL);
                }
            }
        }
    }

    /// Where the lock lies.
    pub(super) fn lock(&self) -> PathBuf {
        self.root.join(LOCK)
    }

    /// Where the server's socket lies: in the folder, or, where that would be too long for a
    /// socket or unspeakable in a setting, in a folder of the system's, named after this one.
    pub(super) fn socket_dir(&self) -> PathBuf {
        let inside = self.root.join("run");
        let speakable = inside.to_str().is_some_and(|it| !it.contains([',', '"', '\n']));
        if speakable && inside.join(SOCKET).as_os_str().len() <= LONGEST_SOCKET {
            return inside;
        }
        let digest = ring::digest::digest(&ring::digest::SHA256, self.root.as_os_str().as_bytes());
        let short =
            digest.as_ref().iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        Path::new("/tmp").join(format!("tuan-{short:016x}"))
    }

    /// A new, empty socket folder that only the server's user (and root) can enter. The caller
    /// holds the lock, so whatever is in an old one is a left-over.
    pub(super) fn renew_socket_dir(&self, user: &ServerUser) -> Result<PathBuf, StartError> {
        let dir = self.socket_dir();
        if let Ok(found) = fs::symlink_metadata(&dir) {
            if !found.is_dir() || ![user.own_uid, user.uid()].contains(&found.uid()) {
                let why = "it should be a folder of tuan's own".to_owned();
                return Err(StartError::Refused { root: dir, why });
            }
            fs::remove_dir_all(&dir).doing(|| format!("clear {}", dir.display()))?;
        }
        DirBuilder::new()
            .mode(0o700)
            .create(&dir)
            .and_then(|()| user.give(&dir))
            .doing(|| format!("create {}", dir.display()))?;
        Ok(dir)
    }
}

fn absolute(root: &Path) -> Result<PathBuf, StartError> {
    std::path::absolute(root).doing(|| format!("make sense of {}", root.display()))
}

/// Under root a link on the way may have been laid by anybody.
fn refuse_links(root: &Path) -> Result<(), StartError> {
    let is_link = |path: &&Path| fs::symlink_metadata(path).is_ok_and(|it| it.is_symlink());
    match root.ancestors().find(is_link) {
        None => Ok(()),
        Some(link) => {
            let why = format!("as root no link is followed, and {} is one", link.display());
            Err(StartError::Refused { root: root.to_owned(), why })
        }
    }
}

fn refuse_strangers(root: &Path, user: &ServerUser) -> Result<(), StartError> {
    let found = fs::metadata(root).doing(|| format!("look at {}", root.display()))?;
    if found.is_dir() && found.uid() == user.own_uid {
        return Ok(());
    }
    let why = if found.is_dir() {
        format!("it belongs to the user with id {}, and we are {}", found.uid(), user.own_uid)
    } else {
        "it is not a folder".to_owned()
    };
    Err(StartError::Refused { root: root.to_owned(), why })
}

fn mark(root: &Path) -> Result<(), StartError> {
    if is_marked(root) {
        return Ok(());
    }
    let empty = is_empty(root).doing(|| format!("read {}", root.display()))?;
    // Another process may have marked it a moment ago.
    if !empty && !is_marked(root) {
        return Err(not_ours(root));
    }
    fs::write(root.join(MARKER), format!("{MARK}{MARK_REMARK}"))
        .doing(|| format!("mark {}", root.display()))
}

fn is_marked(root: &Path) -> bool {
    let marker = root.join(MARKER);
    fs::symlink_metadata(&marker).is_ok_and(|it| it.is_file())
        && fs::read_to_string(&marker).is_ok_and(|text| text.starts_with(MARK))
}

/// A marker alone, perhaps cut short by a crash, leaves a folder empty.
fn is_empty(root: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(root)? {
        if entry?.file_name() != MARKER {
            return Ok(false);
        }
    }
    Ok(true)
}

fn not_ours(root: &Path) -> StartError {
    let why = format!("there are files in it, but not tuan's marker {MARKER}; it is left as it is");
    StartError::Refused { root: root.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(root: &str) -> Folder {
        Folder { root: PathBuf::from(root) }
    }

    #[test]
    fn the_socket_lies_in_the_folder_unless_its_path_would_be_too_long_or_unspeakable() {
        assert_eq!(folder("/var/lib/tuan").socket_dir(), Path::new("/var/lib/tuan/run"));
        for root in [&*format!("/srv/{}", "x".repeat(100)), "/srv/a,b", "/srv/a\"b"] {
            let dir = folder(root).socket_dir();
            assert!(dir.starts_with("/tmp") && dir.as_os_str().len() < 40, "{}", dir.display());
            assert_eq!(dir, folder(root).socket_dir(), "whoever joins must find it");
        }
        assert_ne!(folder("/srv/a,b").socket_dir(), folder("/srv/a,c").socket_dir());
    }

    #[test]
    fn the_cluster_in_the_folder_pins_the_version() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder { root: dir.path().to_owned() };
        assert_eq!(folder.pinned_major(), None);
        for name in ["pg15", "pg16", "pg17.new", "pgdata", "run"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        assert_eq!(folder.pinned_major(), Some(16));
    }
}
