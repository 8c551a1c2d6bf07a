//! A lane's worker: takes whatever waits, batch after batch. It never waits to fill one.
//!
//! Failures are of three kinds. Contended: the same batch again, a few times. Away: wait and
//! reconnect; nothing is parked, and the mark read under lock tells whether a lost commit took effect.
//! Poison: halve until one event is left; when it fails alone twice, it is parked and the lane goes on.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::book::Book;
use crate::store::StoreError;
use crate::store::lanes::Held;

use super::batch::{self, Handled};
use super::{Engine, Stats};

/// How often a lane looks for work that nobody woke it for.
const POLL: Duration = Duration::from_millis(500);

/// How long a lane waits when the database is away.
const AWAY_PAUSE: Duration = Duration::from_millis(250);

/// How often a contended batch is tried before its events count as poison.
const CONTENDED_MAX: u32 = 20;

/// The most rows kept in memory from batch to batch.
const ROWS_MAX: usize = 25_000;

/// Work on one lane until told to stop or until the lease is lost.
pub async fn work(engine: Arc<Engine>, held: Held, stop: CancellationToken) {
    let mut worker = Worker { held, book: Book::default(), most: engine.batch_max, strikes: 0 };
    loop {
        if worker.drain(&engine, &stop).await.is_err() {
            return;
        }
        let Some(wake) = engine.wakes.of(held.lane) else { return };
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => return,
        }
    }
}

struct Worker {
    held: Held,
    book: Book,
    /// The most events of the next batch: halved by poison, doubled by success.
    most: usize,
    /// How often the batch at hand has failed.
    strikes: u32,
}

/// The lease is lost.
struct Lost;

impl Worker {
    /// Handle batches until nothing waits.
    async fn drain(&mut self, engine: &Engine, stop: &CancellationToken) -> Result<(), Lost> {
        while !stop.is_cancelled() {
            let Ok(permit) = engine.in_flight.acquire().await else { return Err(Lost) };
            let most = self.most;
            let handled = self.batch(engine, most).await;
            drop(permit);
            match handled {
                Ok(handled) => {
                    self.succeed(engine, handled.events);
                    if handled.events < most {
                        return Ok(());
                    }
                }
                Err(StoreError::LeaseLost) => return Err(Lost),
                Err(error) => self.fail(engine, error, most, stop).await,
            }
        }
        Ok(())
    }

    async fn batch(&mut self, engine: &Engine, most: usize) -> Result<Handled, StoreError> {
        let mut db = engine.warm.take(&engine.db).await?;
        let handled = batch::handle(engine, &mut db, (self.held, &mut self.book), most).await?;
        engine.warm.give(db);
        Ok(handled)
    }

    fn succeed(&mut self, engine: &Engine, events: usize) {
        self.strikes = 0;
        self.most = (self.most * 2).min(engine.batch_max);
        if events > 0 {
            engine.wakes.written(self.held.lane);
            engine.wakes.clockwork.notify_one();
        }
        let rows: usize = self.book.shops.values().map(crate::book::Shop::rows).sum();
        if rows > ROWS_MAX {
            self.book = Book::default();
        }
    }

    async fn fail(
        &mut self,
        engine: &Engine,
        error: StoreError,
        most: usize,
        stop: &CancellationToken,
    ) {
        self.book = Book::default();
        Stats::add(&engine.stats.retries, 1);
        match error {
            StoreError::Away(error) => {
                tracing::warn!(lane = self.held.lane.0, %error, "the database is away, waiting");
                tokio::select! {
                    () = tokio::time::sleep(AWAY_PAUSE) => {}
                    () = stop.cancelled() => {}
                }
            }
            StoreError::Contended(_) if self.strikes < CONTENDED_MAX => {
                self.strikes += 1;
                tokio::time::sleep(Duration::from_millis(u64::from(self.strikes))).await;
            }
            error => self.strike(engine, error, most).await,
        }
    }

    async fn strike(&mut self, engine: &Engine, error: StoreError, most: usize) {
        tracing::warn!(
            lane = self.held.lane.0,
            most,
            error = &error as &dyn std::error::Error,
            "a batch failed"
        );
        if most > 1 {
            self.most = most / 2;
            self.strikes = 0;
            return;
        }
        self.strikes += 1;
        if self.strikes >= 2 {
            self.strikes = 0;
            if let Err(error) = batch::park(engine, self.held, &error).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "an event could not be parked"
                );
                tokio::time::sleep(AWAY_PAUSE).await;
            }
        }
    }
}
