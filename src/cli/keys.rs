//! Where the data keys come from: the environment, or the file beside an embedded database.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::store::Seal;
use crate::store::embedded::Embedded;

use super::Usage;
use super::database::{Addresses, folder};

/// The newest key.
const NEWEST: &str = "TUAN_DATA_KEY";

/// Keys that open and do not seal, from the newest to the oldest, with commas or blanks between.
const OLDER: &str = "TUAN_DATA_KEYS_OLD";

/// The keys of an embedded database that keeps its own: one a line, the newest first.
const FILE: &str = "data-key";

/// What is said where a key is needed and none is given.
pub(super) const NEEDED: &str = "TUAN_DATA_KEY is not set: personal data is sealed with it \
    (make one with `openssl rand -hex 32` and keep it)";

/// The keys in the environment.
///
/// # Errors
/// With a message for the person who set them.
pub(super) fn in_environment() -> anyhow::Result<Option<Seal>> {
    let value = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    match (value(NEWEST), value(OLDER)) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Usage(format!("{OLDER} is set, and {NEWEST} is not")).into()),
        (Some(newest), older) => {
            let seal = of(&newest, older.as_deref().unwrap_or_default());
            Ok(Some(seal.with_context(|| format!("{NEWEST} and {OLDER}"))?))
        }
    }
}

/// The keys for the database that the environment and `--data` name, where there are any.
///
/// # Errors
/// With a message for the person who typed the command.
pub(super) fn given(data: Option<&Path>) -> anyhow::Result<Option<Seal>> {
    if let Some(seal) = in_environment()? {
        return Ok(Some(seal));
    }
    let Addresses { app, owner } = Addresses::read();
    if app.is_some() || owner.is_some() {
        return Ok(None);
    }
    read(&folder(data)?.join(FILE))
}

/// The keys that a demo keeps in its folder. One is made before the database is, and never beside one: what is sealed
/// there would not open with it.
///
/// # Errors
/// With a message for the person who typed the command.
pub(super) fn kept(root: &Path) -> anyhow::Result<Seal> {
    let path = root.join(FILE);
    if let Some(seal) = read(&path)? {
        return Ok(seal);
    }
    ensure!(
        !Embedded::is_there(root)?,
        "{} is missing or empty, and what the database beside it holds is sealed with the key that was in it: put \
         the file back from a copy, or start over with --fresh, which deletes that database",
        path.display()
    );
    let key = Seal::fresh_key();
    keep(&path, &key)?;
    Ok(Seal::new(&key)?)
}

/// Write a secret that its owner alone can read, for good.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn keep(path: &Path, secret: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let write = || {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(secret.as_bytes())?;
        file.sync_all()?;
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        std::fs::File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// The keys of a file; `None` where there is none, or nothing in it.
fn read(path: &Path) -> anyhow::Result<Option<Seal>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", path.display()));
        }
    };
    let text = text.trim();
    let (newest, older) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if newest.is_empty() {
        return Ok(None);
    }
    Ok(Some(of(newest, older).with_context(|| path.display().to_string())?))
}

fn of(newest: &str, older: &str) -> anyhow::Result<Seal> {
    let older = older.split(|c: char| c == ',' || c.is_whitespace());
    let older: Vec<_> = older.filter(|key| !key.is_empty()).collect();
    Ok(Seal::of(newest, &older)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_one_key_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        assert!(read(&path).unwrap().is_none());
        std::fs::write(&path, "\n").unwrap();
        assert!(read(&path).unwrap().is_none());
        let (new, old) = (Seal::fresh_key(), Seal::fresh_key());
        std::fs::write(&path, format!("{new}\n{old}\n")).unwrap();
        let ids: Vec<_> = read(&path).unwrap().unwrap().ids().collect();
        let id = |key: &str| Seal::new(key).unwrap().newest();
        assert_eq!(ids, [id(&new), id(&old)]);
        std::fs::write(&path, "abc").unwrap();
        let why = format!("{:#}", read(&path).unwrap_err());
        assert!(why.contains("data-key") && why.contains("64 hexadecimal digits"), "{why}");
    }

    #[test]
    fn older_keys_are_split_at_commas_and_blanks() {
        let keys: Vec<_> = (0..3).map(|_| Seal::fresh_key()).collect();
        let seal = of(&keys[0], &format!("{}, {}", keys[1], keys[2])).unwrap();
        assert_eq!(seal.ids().count(), 3);
        assert!(of(&keys[0], "abc").is_err());
    }
}
