//! A lane's worker: takes whatever waits, batch after batch. It never waits to fill one.
//!
//! Failures are of three kinds. Contended: the same batch again, a few times. Away: wait and
//! reconnect; nothing is parked, and the mark, which only moves on, tells whether a lost commit took effect.
//! Poison: halve until one event is left; when it fails alone twice, it is parked and the lane goes on.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::store::StoreError;
use crate::store::lanes::HeldLane;

use super::batch::{self, LanePipeline};
use super::{Engine, EngineStats};

/// How often a lane looks for work that nobody woke it for, beside other processes.
const POLL: Duration = Duration::from_millis(500);

/// How long a lane waits when the database is away.
const AWAY_PAUSE: Duration = Duration::from_millis(250);

/// How often a contended batch is tried before its events count as poison.
const CONTENDED_MAX: u32 = 20;

/// The most rows kept in memory from batch to batch, for each event that a batch may have.
const ROWS_FOR_EACH: usize = 240;

/// Work on one lane until told to stop or until the lease is lost.
pub async fn work(engine: Arc<Engine>, held: HeldLane, stop: CancellationToken) {
    let Some(wake) = engine.wakes.of(held.lane) else { return };
    let (course, most) = (LanePipeline::new(held), engine.batch_max);
    engine.stored.open(held.lane);
    let mut worker = Worker { course, news: true, most, strikes: 0 };
    while worker.drain(&engine, wake, &stop).await.is_ok() && !stop.is_cancelled() {
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(engine.poll(POLL)) => engine.stored.look(held.lane),
            () = stop.cancelled() => {}
        }
        worker.news = true;
    }
    engine.stored.close(held.lane);
    let _ = worker.course.written().await; // what fails now is handled by whoever comes next
}

struct Worker {
    course: LanePipeline,
    /// More may wait in the inbox.
    news: bool,
    /// The most events of the next batch: halved by poison, doubled by success.
    most: usize,
    /// How often the batch at hand has failed.
    strikes: u32,
}

/// The lease is lost.
struct Lost;

impl Worker {
    /// Handle batches until nothing waits.
    async fn drain(
        &mut self,
        engine: &Arc<Engine>,
        wake: &Notify,
        stop: &CancellationToken,
    ) -> Result<(), Lost> {
        while !stop.is_cancelled() {
            let most = self.most;
            match self.step(engine, wake).await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => {
                    // When the batch before fails too, it is the one to deal with.
                    let error = self.course.written().await.err().unwrap_or(error);
                    if matches!(error, StoreError::LeaseLost) {
                        return Err(Lost);
                    }
                    self.fail(engine, error, most, stop).await;
                }
            }
        }
        Ok(())
    }

    /// Decide what waits, as long as a batch has room for it; write what is decided, as soon as nothing else
    /// is being written; `false` when nothing is left to do.
    async fn step(&mut self, engine: &Arc<Engine>, wake: &Notify) -> Result<bool, StoreError> {
        let room = self.course.room(self.most);
        if self.news && room > 0 {
            let _permit = engine.in_flight.acquire().await;
            self.news = self.course.decide(engine, room).await?;
        } else if self.course.is_writing() {
            tokio::select! {
                biased;
                written = self.written(engine) => written?,
                () = wake.notified() => self.news = true,
            }
        } else if self.course.has_decided() {
            self.write(engine).await?;
        } else {
            return Ok(self.news);
        }
        Ok(true)
    }

    async fn write(&mut self, engine: &Arc<Engine>) -> Result<(), StoreError> {
        let permit = Arc::clone(&engine.in_flight).acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::LeaseLost)?; // the engine is gone
        let alone = self.course.write(Arc::clone(engine), permit);
        let rows_max = ROWS_FOR_EACH * engine.batch_max;
        let full = self.course.rows() > rows_max;
        if full || alone {
            self.written(engine).await?;
        }
        if full {
            self.course.shed();
            if self.course.rows() > rows_max / 4 * 3 {
                self.forget(engine);
            }
        }
        Ok(())
    }

    /// What was handed on may be forgotten too, and is in the database.
    fn forget(&mut self, engine: &Engine) {
        self.course.forget();
        engine.stored.look(self.course.held.lane);
        self.news = true;
    }

    /// Wait until nothing is being written.
    async fn written(&mut self, engine: &Engine) -> Result<(), StoreError> {
        self.course.written().await?;
        self.strikes = 0;
        self.most = (self.most * 2).min(engine.batch_max);
        Ok(())
    }

    async fn fail(
        &mut self,
        engine: &Engine,
        error: StoreError,
        most: usize,
        stop: &CancellationToken,
    ) {
        self.forget(engine);
        EngineStats::add(&engine.stats.retries, 1);
        match error {
            StoreError::Away(error) => {
                tracing::warn!(lane = self.course.held.lane.0, %error, "the database is away, waiting");
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
            lane = self.course.held.lane.0,
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
            if let Err(error) = batch::park(engine, self.course.held, &error).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "an event could not be parked"
                );
                tokio::time::sleep(AWAY_PAUSE).await;
            }
        }
    }
}
