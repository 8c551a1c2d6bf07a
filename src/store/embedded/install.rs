//! Finding the Postgres that is installed on this machine. Nothing is ever downloaded.
//!
//! Looked at: the caller's setting alone, or else `PATH` and the places where distributions put
//! their servers. The newest that will do is taken; a data folder pins the version it was made with.

use std::path::{Path, PathBuf};
use std::{env, fs};

use super::error::StartError;
use super::user::ServerUser;

/// The oldest major version that will do.
const OLDEST_MAJOR: u32 = 15;

/// Where servers are found; `*` stands for any one name that fits.
const PLACES: [&str; 9] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/libexec/postgresql*",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/local/pgsql/bin",
];

/// One installed Postgres.
#[derive(Clone, Debug)]
pub(super) struct Install {
    bin: PathBuf,
    /// Its major version.
    pub(super) major: u32,
}

impl Install {
    /// The Postgres to use: `setting` if given, else the newest; of version `pinned` if given.
    pub(super) fn find(
        user: &ServerUser,
        setting: Option<&Path>,
        pinned: Option<u32>,
    ) -> Option<Self> {
        let mut folders = setting.map_or_else(usual_folders, |only| vec![only.to_owned()]);
        folders.dedup();
        let found = folders.iter().filter_map(|folder| probe(user, folder));
        let fits = |it: &Self| pinned.map_or(it.major >= OLDEST_MAJOR, |major| it.major == major);
        // Of equals the first wins, as in PATH.
        found.filter(fits).reduce(|best, next| if next.major > best.major { next } else { best })
    }

    /// The path of one of its programs; those a distribution packs separately may be in `PATH`.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        let beside = self.bin.join(name);
        if beside.is_file() {
            return Some(beside);
        }
        path_folders().map(|folder| folder.join(name)).find(|path| path.is_file())
    }

    /// The path of a program that every server has beside it.
    pub(super) fn core_program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }
}

/// The error for a machine without a fitting Postgres.
pub(super) fn not_found(root: &Path, pinned: Option<u32>) -> StartError {
    let hint = hint(pinned);
    match pinned {
        Some(major) => StartError::Pinned { root: root.to_owned(), major, hint },
        None => StartError::NotFound { at_least: OLDEST_MAJOR, hint },
    }
}

fn hint(pinned: Option<u32>) -> String {
    let version = |prefix: &str| pinned.map(|it| format!("{prefix}{it}")).unwrap_or_default();
    let dash = version("-");
    format!(
        "Install the server and its programs, for instance with one of\n\
         \x20 apt-get install postgresql{dash}                            (Debian, Ubuntu)\n\
         \x20 dnf install postgresql{0}-server postgresql{0}-contrib      (Fedora, RHEL)\n\
         \x20 brew install postgresql@{1}                           (macOS)\n\
         or name a server of your own in DATABASE_URL. It need not run: tuan starts its own.",
        version(""),
        pinned.unwrap_or(17),
    )
}

fn usual_folders() -> Vec<PathBuf> {
    path_folders().chain(PLACES.iter().flat_map(|place| expand(Path::new(place)))).collect()
}

fn path_folders() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // An empty or relative entry would let the working directory choose the server.
    env::split_paths(&path).filter(|it| it.is_absolute()).collect::<Vec<_>>().into_iter()
}

/// The folders that a pattern with `*` inside its names stands for, in order of name.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in pattern {
        let part = part.to_string_lossy();
        found = match part.split_once('*') {
            None => found.into_iter().map(|base| base.join(&*part)).collect(),
            Some((head, tail)) => {
                found.iter().flat_map(|base| children(base, head, tail)).collect()
            }
        };
    }
    found
}

fn children(base: &Path, head: &str, tail: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(base) else { return Vec::new() };
    let fits = |name: &str| {
        name.strip_prefix(head).is_some_and(|rest| rest.len() >= tail.len() && rest.ends_with(tail))
    };
    let mut found: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(fits))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Ask the server in `folder` for its version, as the user who will run it: an installation
/// that this user cannot reach does not count.
fn probe(user: &ServerUser, folder: &Path) -> Option<Install> {
    // A link in /usr/bin must lead to the folder where the other programs are.
    let bin = fs::canonicalize(folder.join("postgres")).ok()?.parent()?.to_owned();
    if !bin.join("initdb").is_file() {
        return None;
    }
    let answer = user.command(bin.join("postgres")).arg("--version").output().ok()?;
    let major = major(std::str::from_utf8(&answer.stdout).ok()?)?;
    Some(Install { bin, major })
}

fn major(version: &str) -> Option<u32> {
    let number = version.trim().strip_prefix("postgres (PostgreSQL) ")?;
    number.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<u32>) {
        assert_eq!(major(line), expected, "{line:?}");
    }

    #[test]
    fn the_major_version_is_read_from_what_servers_say() {
        check("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15));
        check("postgres (PostgreSQL) 19beta2", Some(19));
        check("postgres (PostgreSQL) 9.6.24", Some(9));
        check("postgres (EnterpriseDB) 15.1", None);
        check("", None);
    }

    #[test]
    fn patterns_are_expanded_in_order_and_only_where_they_fit() {
        let base = tempfile::tempdir().unwrap();
        for folder in ["pg-17/bin", "pg-15/bin", "other/bin"] {
            fs::create_dir_all(base.path().join(folder)).unwrap();
        }
        let found = expand(&base.path().join("pg-*").join("bin"));
        assert_eq!(found, [base.path().join("pg-15/bin"), base.path().join("pg-17/bin")]);
        assert!(expand(Path::new("/nowhere/at/all-*/bin")).is_empty());
    }

    #[test]
    fn a_machine_without_the_pinned_version_is_told_which_to_install() {
        let said = not_found(Path::new("/data"), Some(16)).to_string();
        assert!(said.contains("PostgreSQL 16") && said.contains("postgresql-16"), "{said}");
        let said = not_found(Path::new("/data"), None).to_string();
        assert!(
            said.contains("apt-get") && said.contains("dnf") && said.contains("brew"),
            "{said}"
        );
    }
}
