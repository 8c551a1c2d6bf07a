//! What an earlier owner may have left: a server that is still shutting down, or the file by
//! which a dead one claims to live.
//!
//! Postgres clears up after itself in most cases. Not when its process id has been given to
//! somebody else since, and not where nobody collects dead processes, as in some containers.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::error::{Doing, StartError};
use super::folder::Folder;
use super::install::Install;
use super::user::ServerUser;

/// How long a server whose owner has died may take to stop before it is told to.
const GRACE: Duration = Duration::from_secs(2);
/// How long it may take then, in seconds.
const STOP_LIMIT_S: &str = "60";
const POLL: Duration = Duration::from_millis(10);

/// See to it that no server works on the cluster and no file says so. The caller holds the lock,
/// so a server found here has lost its owner.
pub(super) fn clear(
    folder: &Folder,
    cluster: &Path,
    install: Option<&Install>,
    user: &ServerUser,
) -> Result<(), StartError> {
    let pid_file = cluster.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&pid_file) else { return Ok(()) };
    if let Some(pid) = text.lines().next().and_then(|line| line.trim().parse().ok())
        && !ends_within(GRACE, pid, cluster)
    {
        if let Some(install) = install {
            stop(install, user, cluster);
        }
        if !ends_within(Duration::ZERO, pid, cluster) {
            return Err(StartError::StillRunning { root: folder.root.clone(), pid });
        }
    }
    match fs::remove_file(&pid_file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).doing(|| format!("remove {}", pid_file.display()))
        }
        _ => Ok(()),
    }
}

/// Ask the server on `cluster` to stop, and wait for it. What comes of it is looked at afterwards.
fn stop(install: &Install, user: &ServerUser, cluster: &Path) {
    let mut command = user.command(install.core_program("pg_ctl"));
    command.args(["stop", "-m", "fast", "-t", STOP_LIMIT_S, "-D"]).arg(cluster);
    let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
}

fn ends_within(limit: Duration, pid: u32, cluster: &Path) -> bool {
    let deadline = Instant::now() + limit;
    while serves(pid, cluster) {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(POLL);
    }
    true
}

/// Whether the process is a living server on this very cluster: only servers that we started
/// have its path among their arguments, and the dead have no arguments.
fn serves(pid: u32, cluster: &Path) -> bool {
    let arguments = if Path::new("/proc/self/cmdline").exists() {
        fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()
    } else {
        let ps = Command::new("ps").args(["-ww", "-o", "args=", "-p", &pid.to_string()]).output();
        ps.map(|it| it.stdout).unwrap_or_default()
    };
    let path = cluster.as_os_str().as_bytes();
    arguments.windows(path.len()).any(|window| window == path)
}
