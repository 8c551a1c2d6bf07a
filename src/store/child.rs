//! Programs that we start. Our environment holds the data key and the tokens of all accounts, and whoever
//! may look at a child may read its environment: so a child is given a short list of names and
//! nothing else. This is the only place that makes a [`Command`]; a test reads the sources for others.

use std::env;
use std::ffi::OsStr;
use std::process::Command;

/// What a child is told besides the language: where programs and their libraries are, whose home it is
/// at, and what time it is there.
const KEPT: [&str; 5] = ["PATH", "LD_LIBRARY_PATH", "HOME", "TZ", "LANG"];
/// How the variables of the language begin.
const LANGUAGE: &[u8] = b"LC_";

/// A command with a clear environment and the short list.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command.envs(env::vars_os().filter(|(name, _)| is_kept(name)));
    command
}

fn is_kept(name: &OsStr) -> bool {
    KEPT.iter().any(|kept| name == *kept) || name.as_encoded_bytes().starts_with(LANGUAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_told_where_it_is_and_no_secret() {
        for name in ["PATH", "HOME", "TZ", "LANG", "LC_ALL", "LC_CTYPE"] {
            assert!(is_kept(OsStr::new(name)), "{name}");
        }
        for name in ["TUAN_DATA_KEY", "TELEGRAM_TOKEN", "DATABASE_URL", "PGPASSWORD", "PATHS", "L"]
        {
            assert!(!is_kept(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn a_child_has_nothing_that_is_not_on_the_list() {
        let told = command("/usr/bin/env").output().unwrap();
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        // Cargo's own variables stand for the secrets: they are in our environment, and there are many.
        assert!(env::vars_os().any(|(name, _)| name.as_encoded_bytes().starts_with(b"CARGO")));
        for line in told.lines() {
            let name = line.split('=').next().unwrap_or_default();
            assert!(is_kept(OsStr::new(name)) || matches!(name, "PWD" | "SHLVL" | "_"), "{line}");
        }
    }
}
