//! Who the server runs as: ourselves, or, since Postgres refuses to run as root, a user of its own
//! when we are root.
//!
//! Its own, because all processes of one user are at each other's mercy: `postgres` may run other
//! servers of the machine, and `nobody` belongs to everybody. No sudo and no `unsafe`: the child
//! drops its rights between fork and exec.

use std::ffi::OsStr;
use std::os::unix::fs::lchown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

use super::error::{Doing, StartError};
use crate::store::child;

/// The server's user when we are root. `deploy/setup.sh` makes it, or the operator.
pub(super) const OWN_USER: &str = "tuan-db";
/// Whom earlier versions ran it as. What they left is taken over.
const EARLIER: [&str; 2] = ["postgres", "nobody"];
/// The user of whoever has no other.
const NOBODY: &str = "nobody";

/// The user that owns the cluster and runs the server.
#[derive(Clone, Debug)]
pub(super) struct ServerUser {
    /// Ours.
    pub(super) own_uid: u32,
    stand_in: Option<SystemUser>,
    /// Whose clusters are taken over, under root alone.
    earlier: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct SystemUser {
    uid: u32,
    gid: u32,
}

impl ServerUser {
    /// Ourselves, or the server's own user from `/etc/passwd` when we are root.
    pub(super) fn choose() -> Result<Self, StartError> {
        let passwd = fs::read_to_string("/etc/passwd").doing(|| "read /etc/passwd".to_owned())?;
        Self::choose_from(&passwd, rustix::process::geteuid().as_raw())
    }

    fn choose_from(passwd: &str, own_uid: u32) -> Result<Self, StartError> {
        let nobody = account(passwd, NOBODY).map(|it| it.uid);
        if own_uid != 0 {
            if nobody == Some(own_uid) {
                return Err(StartError::Nobody);
            }
            return Ok(Self { own_uid, stand_in: None, earlier: Vec::new() });
        }
        let stand_in = account(passwd, OWN_USER).ok_or(StartError::NoUser)?;
        if nobody == Some(stand_in.uid) {
            return Err(StartError::Nobody);
        }
        let earlier = EARLIER.iter().filter_map(|name| account(passwd, name)).map(|it| it.uid);
        Ok(Self { own_uid, earlier: earlier.collect(), stand_in: Some(stand_in) })
    }

    /// Whether we are root and the server is not.
    pub(super) fn is_stand_in(&self) -> bool {
        self.stand_in.is_some()
    }

    /// The uid of the server's files.
    pub(super) fn uid(&self) -> u32 {
        self.stand_in.as_ref().map_or(self.own_uid, |account| account.uid)
    }

    /// Whether an earlier version ran the server as the user with this id.
    pub(super) fn was(&self, uid: u32) -> bool {
        self.earlier.contains(&uid)
    }

    /// What to call this user in a message.
    pub(super) fn name(&self) -> String {
        match &self.stand_in {
            Some(_) => OWN_USER.to_owned(),
            None => format!("number {}", self.own_uid),
        }
    }

    /// A command that will run as this user, in Postgres' own language.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = child::command(program);
        // Our working directory may be closed to the other user.
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if let Some(account) = &self.stand_in {
            // Our home is none of its business. The groups go with the user id.
            command.env("HOME", "/").uid(account.uid).gid(account.gid);
        }
        command
    }

    /// Hand one file or folder over to this user; a link is never followed.
    pub(super) fn give(&self, path: &Path) -> io::Result<()> {
        match &self.stand_in {
            Some(account) => lchown(path, Some(account.uid), Some(account.gid)),
            None => Ok(()),
        }
    }

    /// Hand over what is open.
    pub(super) fn give_open(&self, file: &fs::File) -> io::Result<()> {
        match &self.stand_in {
            Some(account) => std::os::unix::fs::fchown(file, Some(account.uid), Some(account.gid)),
            None => Ok(()),
        }
    }
}

/// The name by which the kernel's word of us, a number, is looked up by the server: peers are told apart
/// by names.
pub(super) fn own_name() -> Result<String, StartError> {
    // Not from /etc/passwd: a name may come from a directory service.
    let said = child::command("id").args(["-u", "-n"]).output();
    let said = said.doing(|| "ask `id` for the name of our user".to_owned())?;
    let name = String::from_utf8_lossy(&said.stdout).trim_end().to_owned();
    if said.status.success() && !name.is_empty() && !name.contains(char::is_control) {
        return Ok(name);
    }
    Err(StartError::Nameless { uid: rustix::process::geteuid().as_raw() })
}

fn account(passwd: &str, wanted: &str) -> Option<SystemUser> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        fields.next().filter(|name| *name == wanted)?;
        let uid = fields.nth(1)?.parse().ok().filter(|uid| *uid != 0)?;
        Some(SystemUser { uid, gid: fields.next()?.parse().ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(passwd: &str, name: &str, expected: Option<(u32, u32)>) {
        assert_eq!(account(passwd, name).map(|it| (it.uid, it.gid)), expected);
    }

    #[test]
    fn accounts_are_read_from_passwd_lines() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\ntuan-dbs:x:5:5::/:\ntuan-db:x:103:106:,,,:/:/bin/bash\n";
        check(passwd, "tuan-db", Some((103, 106)));
        check(passwd, "nobody", None);
        check("tuan-db:x:abc:1::/:", "tuan-db", None);
        check("tuan-db:x:7", "tuan-db", None);
        // A stand-in that is root again would be refused by Postgres.
        check("tuan-db:x:0:0::/:", "tuan-db", None);
    }

    const BOTH: &str = "postgres:x:101:104::/:\nnobody:x:65534:65534::/:\n";

    #[test]
    fn root_runs_the_server_as_its_own_user_and_as_no_other() {
        let user = ServerUser::choose_from(&format!("{BOTH}tuan-db:x:990:990::/:\n"), 0).unwrap();
        assert_eq!((user.uid(), user.is_stand_in()), (990, true));
        assert!(user.was(101) && user.was(65534) && !user.was(990) && !user.was(0));
        let missing = ServerUser::choose_from(BOTH, 0).unwrap_err().to_string();
        assert!(missing.contains("tuan-db") && missing.contains("deploy/setup.sh"), "{missing}");
    }

    #[test]
    fn nobody_never_runs_a_server_under_any_name() {
        for (passwd, uid) in
            [(BOTH.to_owned(), 65534), (format!("{BOTH}tuan-db:x:65534:1::/:\n"), 0)]
        {
            let refused = ServerUser::choose_from(&passwd, uid).unwrap_err();
            assert!(matches!(refused, StartError::Nobody), "{refused}");
        }
        let user = ServerUser::choose_from(BOTH, 1000).unwrap();
        assert_eq!((user.uid(), user.is_stand_in(), user.was(101)), (1000, false, false));
    }
}
