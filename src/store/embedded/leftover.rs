//! What an earlier owner may have left: a server that is still starting or shutting down, or the
//! file by which a dead one claims to live.
//!
//! Postgres clears up after itself in most cases. Not when its process id has been given to
//! somebody else since, and not where nobody collects dead processes, as in some containers. A
//! server is found by what it was started with, for a young one has not written its file yet.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::error::{Doing, StartError};
use super::folder::Folder;
use crate::store::child;

/// How long a server may take to stop: what it has in memory is written first.
const STOP_LIMIT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(10);

/// See to it that no server works on the cluster and no file says so. The caller holds the lock,
/// so a server found here has lost its owner.
pub(super) fn clear(folder: &Folder, cluster: &Path) -> Result<(), StartError> {
    // Others may have started something with our path in it, too; that is none of ours.
    let Ok(owner) = fs::metadata(cluster).map(|it| it.uid()) else { return Ok(()) };
    let deadline = Instant::now() + STOP_LIMIT;
    loop {
        let found = at_work(cluster, owner);
        let Some(process) = found.first() else { break };
        if Instant::now() >= deadline {
            return Err(StartError::StillRunning { root: folder.root.clone(), pid: process.pid });
        }
        // Again and again: one that has only begun is still deaf. To the shell beside it, which ends
        // when the server has, nothing is said.
        for server in found.iter().filter(|it| it.is_server) {
            if let Some(pid) = i32::try_from(server.pid).ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::INT); // it may have gone just now
            }
        }
        sleep(POLL);
    }
    let pid_file = cluster.join("postmaster.pid");
    match fs::remove_file(&pid_file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).doing(|| format!("remove {}", pid_file.display()))
        }
        _ => Ok(()),
    }
}

/// A process that was started for the cluster.
struct AtWork {
    pid: u32,
    /// The server itself, not the shell that guards it.
    is_server: bool,
}

/// The living among this user's processes that were told to work on this very cluster: the dead have
/// no arguments.
fn at_work(cluster: &Path, owner: u32) -> Vec<AtWork> {
    let path = cluster.as_os_str().as_bytes();
    let Ok(processes) = fs::read_dir("/proc").map(Iterator::flatten) else {
        return at_work_by_ps(cluster, owner);
    };
    let mut found = Vec::new();
    let mut is_proc = false;
    for process in processes {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        is_proc = true;
        if !process.metadata().is_ok_and(|it| it.uid() == owner) {
            continue;
        }
        let told = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let told: Vec<&[u8]> = told.split(|byte| *byte == 0).collect();
        if told.windows(2).any(|pair| pair == [b"-D".as_slice(), path]) {
            let is_server = told.first().is_some_and(|it| it.ends_with(b"postgres"));
            found.push(AtWork { pid, is_server });
        }
    }
    if is_proc { found } else { at_work_by_ps(cluster, owner) }
}

/// The same where there is no `/proc`.
fn at_work_by_ps(cluster: &Path, owner: u32) -> Vec<AtWork> {
    let mut ps = child::command("ps");
    let said = ps.args(["-axww", "-o", "pid=,uid=,args="]).output().map(|it| it.stdout);
    let told = format!(" -D {} ", cluster.display());
    let said = said.unwrap_or_default();
    let lines = String::from_utf8_lossy(&said);
    let of_ours = lines.lines().filter(|line| line.contains(&told));
    let read = |line: &str| {
        let mut fields = line.split_whitespace();
        let pid = fields.next()?.parse().ok()?;
        fields.next().filter(|uid| uid.parse() == Ok(owner))?;
        Some(AtWork { pid, is_server: fields.next()?.ends_with("postgres") })
    };
    of_ours.filter_map(read).collect()
}
