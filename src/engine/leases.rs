//! Leases of lanes: shares them evenly among the processes alive, renews what this one holds, and
//! runs a worker for each lane it has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio_util::sync::CancellationToken;

use crate::domain::ids::Lane;
use crate::store::StoreError;
use crate::store::data_key::{self, Misfit};
use crate::store::lanes::{self, HeldLane};

use super::Engine;

/// How often leases are renewed: often enough to miss two turns.
const TURN: Duration = Duration::from_secs(3);

/// How soon to try again after a failed turn.
const RETRY: Duration = Duration::from_millis(300);

struct Working {
    held: HeldLane,
    stop: CancellationToken,
    done: CancellationToken,
}

pub(super) async fn run(engine: Arc<Engine>) {
    let mut working: BTreeMap<Lane, Working> = BTreeMap::new();
    while !engine.stop.is_cancelled() {
        let pause = match turn(&engine, &mut working).await {
            Ok(()) => TURN,
            Err(error) => {
                tracing::warn!(%error, "leases could not be renewed");
                RETRY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = engine.stop.cancelled() => {}
        }
    }
    for worker in working.values() {
        worker.done.cancelled().await;
    }
    let held: Vec<_> = working.keys().copied().collect();
    let _ = lanes::release(&engine.db, &engine.owner, &held).await;
}

async fn turn(
    engine: &Arc<Engine>,
    working: &mut BTreeMap<Lane, Working>,
) -> Result<(), StoreError> {
    let alive = lanes::heartbeat(&engine.db, &engine.owner).await?.max(1);
    match data_key::compare(&engine.db, &engine.seal).await {
        Ok(()) => {}
        Err(Misfit::Store(error)) => return Err(error),
        // What is sealed by now with a newer key would be set aside here, one event after another.
        Err(misfit) => {
            engine.give_up(misfit.to_string());
            return Ok(());
        }
    }
    let others = u64::try_from(alive - 1).unwrap_or(0);
    if engine.stats.others.swap(others, std::sync::atomic::Ordering::Relaxed) != others {
        engine.wakes.all(); // they look as often as there are others
    }
    let fair = (i64::from(engine.lanes) + alive - 1) / alive;
    give_back(engine, working, fair).await?;
    let held = lanes::claim(&engine.db, &engine.owner, fair).await?;
    working.retain(|_, worker| {
        let kept = held.contains(&worker.held) && !worker.done.is_cancelled();
        if !kept {
            worker.stop.cancel();
        }
        kept
    });
    for held in held {
        working.entry(held.lane).or_insert_with(|| employ(engine, held));
    }
    Ok(())
}

/// Lanes beyond the fair share go back, once the batch under way in them is done.
async fn give_back(
    engine: &Engine,
    working: &mut BTreeMap<Lane, Working>,
    fair: i64,
) -> Result<(), StoreError> {
    let fair = usize::try_from(fair).unwrap_or(usize::MAX);
    let extra: Vec<_> = working.keys().copied().skip(fair).collect();
    for lane in &extra {
        if let Some(worker) = working.remove(lane) {
            worker.stop.cancel();
            worker.done.cancelled().await;
        }
    }
    if extra.is_empty() { Ok(()) } else { lanes::release(&engine.db, &engine.owner, &extra).await }
}

fn employ(engine: &Arc<Engine>, held: HeldLane) -> Working {
    let (stop, done) = (engine.stop.child_token(), CancellationToken::new());
    let worker = Working { held, stop: stop.clone(), done: done.clone() };
    let shared = Arc::clone(engine);
    engine.spawn(async move {
        let _done = done.drop_guard();
        super::lane::work(shared, held, stop).await;
    });
    worker
}

/// Wake lanes for which other processes stored something. Lanes look by themselves as well, less often.
pub(super) async fn listen(engine: Arc<Engine>) {
    while !engine.stop.is_cancelled() {
        tokio::select! {
            () = engine.stop.cancelled() => return,
            heard = hear(&engine) => {
                if let Err(error) = heard {
                    tracing::debug!(%error, "listening was interrupted");
                }
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

async fn hear(engine: &Engine) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(&engine.db).await?;
    listener.listen("tuan_lane").await?;
    for lane in (0..engine.lanes).map(Lane) {
        engine.stored.look(lane); // what was said before nobody heard
        engine.wakes.lane(lane);
    }
    loop {
        let heard = listener.recv().await?;
        let (lane, owner) = heard.payload().split_once(':').unwrap_or((heard.payload(), ""));
        if owner == engine.owner {
            continue; // what this process stored was handed on
        }
        if let Ok(lane) = lane.parse() {
            engine.stored.look(Lane(lane));
            engine.wakes.lane(Lane(lane));
        }
    }
}
