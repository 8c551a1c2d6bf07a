//! One process listens for each account, under a lease, so that a platform which allows one
//! listener only has one, and the order of storing is the order of hearing.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::ids::AccountId;
use crate::store::lanes;

use super::Engine;

/// How often the lease is renewed: often enough to miss two turns.
const TURN: Duration = Duration::from_secs(3);

/// Run `listen` whenever this process holds the account, until the engine stops. `listen` ends when its
/// token is cancelled; when it ends by itself, it is run again.
pub async fn hold<F>(
    engine: Arc<Engine>,
    account: AccountId,
    listen: impl Fn(CancellationToken) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let what = format!("ears:{account}");
    let mut listening: Option<(CancellationToken, tokio::task::JoinHandle<()>)> = None;
    while !engine.stop.is_cancelled() {
        let held = lanes::hold(&engine.db, &what, &engine.owner).await.unwrap_or(false);
        match &listening {
            Some((stop, _)) if !held => {
                stop.cancel();
                listening = None;
            }
            Some((_, task)) if task.is_finished() => listening = None,
            None if held => {
                let stop = engine.stop.child_token();
                listening = Some((stop.clone(), engine.tasks.spawn(listen(stop))));
            }
            _ => {}
        }
        tokio::select! {
            () = tokio::time::sleep(TURN) => {}
            () = engine.stop.cancelled() => {}
        }
    }
}
