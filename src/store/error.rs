//! What can go wrong with the database, by what to do about it.

/// A failed read or write. Refusals are not among these: they come from `decide` alone.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else was faster, or a guard did not match: the same batch again.
    #[error("another transaction got in between")]
    Contended(#[source] sqlx::Error),
    /// The database cannot be reached, is shutting down or is full: wait, reconnect, go on.
    #[error("the database is away")]
    Away(#[source] sqlx::Error),
    /// The lease was lost: another process works on this lane.
    #[error("the lease is lost")]
    LeaseLost,
    /// This event, or the rows it touches, cannot be handled: halve, and park it when it fails alone.
    #[error("{what}")]
    Poison {
        /// What was found, without anybody's words.
        what: String,
        /// The driver's account of it.
        #[source]
        source: Option<sqlx::Error>,
    },
}

impl StoreError {
    /// A row that should not be as it is.
    pub fn inconsistent(what: impl Into<String>) -> Self {
        Self::Poison { what: what.into(), source: None }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let state = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .map(std::borrow::Cow::into_owned);
        match (state.as_deref(), &error) {
            (Some("40001" | "40P01" | "55P03"), _) => Self::Contended(error),
            // Connection, shutdown, resources, I/O, read-only after a fail-over.
            (Some(code), _)
                if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class))
                    || code == "25006" =>
            {
                Self::Away(error)
            }
            (
                None,
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed,
            ) => Self::Away(error),
            (code, _) => {
                let what = match code {
                    Some(code) => format!("the database refused a statement ({code})"),
                    None => "a row could not be read".to_owned(),
                };
                Self::Poison { what, source: Some(error) }
            }
        }
    }
}
