//! Connections kept warm for what the line does all the time: storing, batches, sending.
//!
//! The pool hands its connections out in turn, asks each how it is when it comes back, and so keeps a dozen
//! server processes with plans and caches half warm. Here the last one given back is the first one taken.

use std::sync::{Mutex, PoisonError};

use sqlx::PgPool;
use sqlx::pool::PoolConnection;
use sqlx::postgres::Postgres;

use crate::store::StoreError;

/// The most connections kept; beyond it they go back to the pool.
const KEPT_MAX: usize = 4;

/// Connections that nobody uses at the moment.
#[derive(Debug)]
pub struct ConnectionCache(Mutex<Option<Vec<PoolConnection<Postgres>>>>);

impl Default for ConnectionCache {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl ConnectionCache {
    /// A connection. Give it back if it is as good as it was; else drop it.
    ///
    /// # Errors
    /// [`StoreError`] when there is none.
    pub async fn take(&self, db: &PgPool) -> Result<PoolConnection<Postgres>, StoreError> {
        let kept =
            self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut().and_then(Vec::pop);
        match kept {
            Some(connection) => Ok(connection),
            None => Ok(db.acquire().await?),
        }
    }

    /// Give one back that is not within a transaction.
    pub fn give(&self, connection: PoolConnection<Postgres>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_mut().filter(|kept| kept.len() < KEPT_MAX) {
            kept.push(connection);
        }
    }

    /// Give all of them back to the pool, and keep none from now on: a pool that closes waits for them.
    pub fn close(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
