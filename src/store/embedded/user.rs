//! Who the server runs as: ourselves, or, since Postgres refuses to run as root, an ordinary
//! user of the machine when we are root.
//!
//! No sudo and no `unsafe`: the child drops its rights between fork and exec.

use std::ffi::OsStr;
use std::os::unix::fs::lchown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs, io};

use super::error::{Doing, StartError};

/// Users to run the server as when we are root, best first.
const STAND_INS: [&str; 2] = ["postgres", "nobody"];

/// The user that owns the cluster and runs the server.
#[derive(Clone, Debug)]
pub(super) struct ServerUser {
    /// Ours.
    pub(super) own_uid: u32,
    stand_in: Option<Account>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

impl ServerUser {
    /// Ourselves, or a stand-in from `/etc/passwd` when we are root.
    pub(super) fn choose() -> Result<Self, StartError> {
        let own_uid = rustix::process::geteuid().as_raw();
        if own_uid != 0 {
            return Ok(Self { own_uid, stand_in: None });
        }
        let passwd = fs::read_to_string("/etc/passwd").doing(|| "read /etc/passwd".to_owned())?;
        let stand_in = STAND_INS.iter().find_map(|name| account(&passwd, name));
        Ok(Self { own_uid, stand_in: Some(stand_in.ok_or(StartError::NoUser)?) })
    }

    /// Whether we are root and the server is not.
    pub(super) fn is_stand_in(&self) -> bool {
        self.stand_in.is_some()
    }

    /// The uid of the server's files.
    pub(super) fn uid(&self) -> u32 {
        self.stand_in.as_ref().map_or(self.own_uid, |account| account.uid)
    }

    /// What to call this user in a message.
    pub(super) fn name(&self) -> String {
        match &self.stand_in {
            Some(account) => account.name.clone(),
            None => format!("number {}", self.own_uid),
        }
    }

    /// A command that will run as this user, deaf to the caller's `PG*` variables and language.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // Our working directory may be closed to the other user.
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if let Some(account) = &self.stand_in {
            command.uid(account.uid).gid(account.gid);
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
}

fn account(passwd: &str, wanted: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| *name == wanted)?;
        let uid = fields.nth(1)?.parse().ok().filter(|uid| *uid != 0)?;
        Some(Account { name: name.to_owned(), uid, gid: fields.next()?.parse().ok()? })
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
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgresql:x:5:5::/:\npostgres:x:103:106:,,,:/:/bin/bash\n";
        check(passwd, "postgres", Some((103, 106)));
        check(passwd, "nobody", None);
        check("postgres:x:abc:1::/:", "postgres", None);
        check("postgres:x:7", "postgres", None);
        // A stand-in that is root again would be refused by Postgres.
        check("postgres:x:0:0::/:", "postgres", None);
    }
}
