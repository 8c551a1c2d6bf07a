//! Which data keys a database is sealed with (`data_key`): one row a key, with a value that only this key opens.
//! The keys given are compared with it before anything is stored, so that a wrong one is refused in words instead
//! of sealing what nobody opens later.
//!
//! A key is written down when the shop first starts with it, and taken off when `tuan rekey` has been through
//! everything. Nobody but the newest key seals: so a new one begins while no other process works.

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool, Row};

use crate::store::rekey::{self, RekeyTally};
use crate::store::seal::{KeyId, SealedCell};
use crate::store::{Seal, StoreError};

/// Why data keys do not do for a database.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// None of them is one of its keys.
    #[error(
        "the data key does not fit this database: {} sealed with the key {}, and {} was given. Nothing was changed. \
         Give the key it was made with; a new key comes first, and the old one into TUAN_DATA_KEYS_OLD",
        if needed.contains(',') { "its values are" } else { "it is" }, needed, given
    )]
    Wrong {
        /// What the database is sealed with.
        needed: String,
        /// The newest of those given.
        given: KeyId,
    },
    /// Some of its keys were not given.
    #[error(
        "values of this database are still sealed with the data key {0}: give it, too, in TUAN_DATA_KEYS_OLD, until \
         `tuan rekey` has finished"
    )]
    Missing(KeyId),
    /// The newest of those given has been replaced in this database.
    #[error(
        "the data key {given} of this database was replaced by {newest}: give {newest} first, in TUAN_DATA_KEY, and \
         the older one in TUAN_DATA_KEYS_OLD"
    )]
    Replaced {
        /// The newest of those given.
        given: KeyId,
        /// The database's.
        newest: KeyId,
    },
    /// A new key, and whoever gave it may not begin one.
    #[error(
        "the data key {0} is new to this database: the shop begins it (`tuan serve`, `tuan migrate` or `tuan rekey`, \
         with the older key in TUAN_DATA_KEYS_OLD)"
    )]
    New(KeyId),
    /// A new key, while others still seal with the old one.
    #[error(
        "the data key {0} is new to this database, and another process works on it without: stop that one first. \
         After a crash its lease takes ten seconds to run out"
    )]
    InUse(KeyId),
    /// What is sealed in a database without a key written down does not open.
    #[error(
        "the data key does not fit this database: of {looked_at} sealed values looked at, {shut} do not open with it. \
         Nothing was changed. Give the key it was made with"
    )]
    Unproven {
        /// How many were tried.
        looked_at: u64,
        /// How many of them did not open.
        shut: u64,
    },
    /// No key is written down.
    #[error(
        "no data key is written down in this database: start the shop with its key first, or run `tuan migrate` with it"
    )]
    Unwritten,
    /// A check value is not what was written.
    #[error(
        "the check value of the data key {0} was altered: restore the table data_key from a backup"
    )]
    Altered(KeyId),
    /// The table of keys is not there.
    #[error("this database is older than the program: run `tuan migrate`")]
    Unmigrated,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a check value says.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Check {
    /// Values without a key's id may be left.
    opens_old: bool,
}

/// What keys and database say to each other.
enum KeyVerdict {
    /// These keys are the database's.
    Fits(Check),
    /// These are, and one more comes before them.
    New(Check),
    /// Nothing is written down.
    Unwritten,
}

/// Compare the keys with the database's; afterwards the seal opens what this database may hold. Writes nothing.
///
/// # Errors
/// [`Misfit`].
pub async fn compare(db: &PgPool, seal: &Seal) -> Result<(), Misfit> {
    let mut db = db.acquire().await.map_err(StoreError::from)?;
    match judge(&mut db, seal).await? {
        KeyVerdict::Fits(check) => {
            seal.set_opens_old(check.opens_old);
            Ok(())
        }
        KeyVerdict::New(_) => Err(Misfit::New(seal.newest())),
        KeyVerdict::Unwritten => Err(Misfit::Unwritten),
    }
}

/// The same for whoever opens the shop: the first key of a database is written down, and so is one that is to
/// replace others.
///
/// # Errors
/// [`Misfit`]; nothing is written down then.
pub async fn admit(db: &PgPool, seal: &Seal) -> Result<(), Misfit> {
    match compare(db, seal).await {
        Err(Misfit::New(_) | Misfit::Unwritten) => {}
        compared => return compared,
    }
    let mut tx = db.begin().await.map_err(StoreError::from)?;
    lock(&mut tx).await?;
    let check = match judge(&mut tx, seal).await? {
        KeyVerdict::Fits(check) => check, // somebody else was faster
        KeyVerdict::New(check) => {
            only_we_work(&mut tx, seal).await?;
            write(&mut tx, seal, seal.newest(), check).await?;
            check
        }
        KeyVerdict::Unwritten => {
            let check = first(&mut tx, seal).await?;
            // Any of them may be needed until all has been gone through.
            let ids: Vec<_> = seal.ids().collect();
            let ids = if check.opens_old { &ids[..] } else { &ids[..1] };
            for &id in ids.iter().rev() {
                write(&mut tx, seal, id, check).await?;
            }
            check
        }
    };
    tx.commit().await.map_err(StoreError::from)?;
    seal.set_opens_old(check.opens_old);
    Ok(())
}

/// All is sealed with the newest key: the others are needed no more, and values without a key's id open no more.
///
/// # Errors
/// [`Misfit`] when a newer key has begun meanwhile.
pub async fn settle(db: &PgPool, seal: &Seal) -> Result<(), Misfit> {
    let mut tx = db.begin().await.map_err(StoreError::from)?;
    lock(&mut tx).await?;
    match judge(&mut tx, seal).await? {
        KeyVerdict::Fits(_) => {}
        KeyVerdict::New(_) => return Err(Misfit::New(seal.newest())),
        KeyVerdict::Unwritten => return Err(Misfit::Unwritten),
    }
    let check = Check { opens_old: false };
    sqlx::query("delete from data_key where key_id <> $1")
        .bind(i64::from(seal.newest().number()))
        .execute(&mut *tx)
        .await
        .map_err(StoreError::from)?;
    sqlx::query("update data_key set sealed = $1 where key_id = $2")
        .bind(seal.close_check(seal.newest(), &check))
        .bind(i64::from(seal.newest().number()))
        .execute(&mut *tx)
        .await
        .map_err(StoreError::from)?;
    tx.commit().await.map_err(StoreError::from)?;
    seal.set_opens_old(false);
    Ok(())
}

/// What a row of the table says: whether values without a key's id open; `None` if the check value does not open.
pub(crate) fn read_check(seal: &Seal, id: KeyId, sealed: &[u8]) -> Option<bool> {
    seal.open::<Check>(&SealedCell::check(id), sealed).ok().map(|check| check.opens_old)
}

/// The keys written down, as they came, and what the check value of each says: whether values without a key's id may
/// be left. `None`: it does not open, or its key was not given.
///
/// # Errors
/// [`Misfit`] when the table cannot be read.
pub(crate) async fn written(
    db: &PgPool,
    seal: &Seal,
) -> Result<Vec<(KeyId, Option<bool>)>, Misfit> {
    let mut db = db.acquire().await.map_err(StoreError::from)?;
    let rows = rows(&mut db).await?;
    Ok(rows.iter().map(|(id, sealed)| (*id, read_check(seal, *id, sealed))).collect())
}

/// Compare with what is written down.
async fn judge(db: &mut PgConnection, seal: &Seal) -> Result<KeyVerdict, Misfit> {
    let mut written = Vec::new();
    for (id, sealed) in rows(db).await? {
        if !seal.ids().any(|given| given == id) {
            written.push((id, None));
            continue;
        }
        let check = seal.open::<Check>(&SealedCell::check(id), &sealed);
        written.push((id, Some(check.map_err(|_| Misfit::Altered(id))?)));
    }
    let Some(&(newest, check)) = written.last() else { return Ok(KeyVerdict::Unwritten) };
    let given = seal.newest();
    if written.iter().all(|(_, check)| check.is_none()) {
        let needed: Vec<_> = written.iter().map(|(id, _)| id.to_string()).collect();
        return Err(Misfit::Wrong { needed: needed.join(", "), given });
    }
    if let Some((missing, _)) = written.iter().find(|(_, check)| check.is_none()) {
        return Err(Misfit::Missing(*missing));
    }
    let Some(check) = check else { return Err(Misfit::Missing(newest)) };
    if newest == given {
        Ok(KeyVerdict::Fits(check))
    } else if written.iter().any(|(id, _)| *id == given) {
        Err(Misfit::Replaced { given, newest })
    } else {
        Ok(KeyVerdict::New(check))
    }
}

/// The keys written down, as they came.
async fn rows(db: &mut PgConnection) -> Result<Vec<(KeyId, Vec<u8>)>, Misfit> {
    let rows = sqlx::query("select key_id, sealed from data_key order by number")
        .fetch_all(db)
        .await
        .map_err(|error| {
            let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
            let is_absent = code.as_deref() == Some("42P01");
            if is_absent { Misfit::Unmigrated } else { StoreError::from(error).into() }
        })?;
    let read = |row: &sqlx::postgres::PgRow| {
        let id = KeyId::from_number(row.try_get(0).map_err(StoreError::from)?);
        let id = id.ok_or_else(|| StoreError::inconsistent("a data key's id is absurd"))?;
        Ok((id, row.try_get(1).map_err(StoreError::from)?))
    };
    rows.iter().map(read).collect()
}

/// A database in which no key is written down is new, or from before keys were: then what is sealed in it must open.
/// One key or another may have sealed a few values by mistake; most of them tell the right ones.
async fn first(tx: &mut PgConnection, seal: &Seal) -> Result<Check, Misfit> {
    seal.set_opens_old(true);
    let sample = rekey::sample(tx, seal).await;
    seal.set_opens_old(false);
    let RekeyTally { open, shut } = sample?;
    if open == 0 && shut == 0 {
        return Ok(Check { opens_old: false });
    }
    if open <= shut {
        return Err(Misfit::Unproven { looked_at: open + shut, shut });
    }
    only_we_work(tx, seal).await?;
    Ok(Check { opens_old: true })
}

/// Whoever works on the database seals with a key of before.
async fn only_we_work(tx: &mut PgConnection, seal: &Seal) -> Result<(), Misfit> {
    let others: bool = sqlx::query_scalar(
        "select exists (select from lease where what like 'process:%' and until >= now())",
    )
    .fetch_one(tx)
    .await
    .map_err(StoreError::from)?;
    if others { Err(Misfit::InUse(seal.newest())) } else { Ok(()) }
}

/// Others read, and wait before they write.
async fn lock(tx: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query("lock table data_key in share row exclusive mode").execute(tx).await?;
    Ok(())
}

async fn write(
    tx: &mut PgConnection,
    seal: &Seal,
    id: KeyId,
    check: Check,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into data_key (number, key_id, sealed)
         select coalesce(max(number), 0) + 1, $1, $2 from data_key",
    )
    .bind(i64::from(id.number()))
    .bind(seal.close_check(id, &check))
    .execute(tx)
    .await?;
    Ok(())
}
