//! One owner per data folder: an exclusive lock on a file that bears the owner's process id.
//!
//! The kernel lets go of it when its process ends in any way, so there is nothing to clean up.
//! The file itself is never removed: waiting on a removed file would make two owners.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process;

/// Holding this is owning the folder.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// What came of asking for the lock.
pub(super) enum Attempt {
    /// It is ours.
    Taken(Lock),
    /// It is somebody else's, who wrote this process id.
    Held(Option<u32>),
}

/// Ask once, without waiting.
pub(super) fn attempt(path: &Path) -> io::Result<Attempt> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.open(path)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "{}", process::id())?;
            Ok(Attempt::Taken(Lock { _file: file }))
        }
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            file.read_to_string(&mut owner)?;
            Ok(Attempt::Held(owner.trim().parse().ok()))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}
