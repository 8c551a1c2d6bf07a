//! A cluster that an earlier version made under another user is handed over to the server's own.
//!
//! Only under root, and only from the users whom earlier versions ran the server as. They may be at work
//! in it all the while: so it is closed to them first, nothing is opened through a link, and a file
//! changes hands only when it was theirs.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

use rustix::fs::{CWD, Dir, Mode, OFlags, openat};

use super::error::{Doing, StartError};
use super::folder::Folder;
use super::leftover;
use super::user::ServerUser;

/// See to it that the cluster belongs to the server's user: Postgres refuses another's. The caller
/// holds the lock.
pub(super) fn take_over(
    folder: &Folder,
    cluster: &Path,
    user: &ServerUser,
) -> Result<(), StartError> {
    let look = fs::symlink_metadata(cluster);
    let found = look.doing(|| format!("look at {}", cluster.display()))?.uid();
    if found == user.uid() {
        return Ok(());
    }
    // Ours is one whose handing over was cut short.
    if !user.is_stand_in() || !user.was(found) && found != user.own_uid {
        let why = format!(
            "its database belongs to the user with id {found}, and PostgreSQL would run as {} (id {})",
            user.name(),
            user.uid()
        );
        return Err(StartError::Refused { root: folder.root.clone(), why });
    }
    tracing::info!(user = user.name(), "the database of an earlier version gets its own user");
    // A server that lost its owner still runs as the earlier user.
    leftover::clear(folder, cluster)?;
    hand_over(cluster, user).doing(|| {
        format!("give {} to the user {}; it is as usable as it was", cluster.display(), user.name())
    })
}

fn hand_over(cluster: &Path, user: &ServerUser) -> io::Result<()> {
    let top = open(CWD, cluster, OFlags::DIRECTORY)?;
    fchown(&top, Some(user.own_uid), None)?;
    children(&top, user)?;
    user.give_open(&top)
}

fn children(folder: &File, user: &ServerUser) -> io::Result<()> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        // A pipe does not keep us waiting for whoever would write into it.
        let file = open(folder, name, OFlags::NONBLOCK)?;
        let found = file.metadata()?;
        if found.is_dir() {
            children(&file, user)?;
        }
        if user.was(found.uid()) {
            user.give_open(&file)?;
        } else if found.uid() != user.uid() {
            let why = format!("{name:?} in it belongs to the user with id {}", found.uid());
            return Err(io::Error::other(why));
        }
    }
    Ok(())
}

fn open(
    folder: impl std::os::fd::AsFd,
    name: impl rustix::path::Arg,
    more: OFlags,
) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | more;
    Ok(File::from(openat(folder, name, flags, Mode::empty())?))
}
