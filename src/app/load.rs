//! Loading a policy: a new version when it differs from the newest, communities made and linked, and an
//! event for each community, so that what a config changes is decided and replayed like all else.

use std::sync::Arc;

use anyhow::Context;

use crate::domain::event::Body;
use crate::domain::ids::AccountId;
use crate::domain::policy::Policy;
use crate::engine::Engine;
use crate::engine::intake::Cause;
use crate::platform::simulator::Simulator;
use crate::store::reference;

use super::State;

/// What the books cannot follow: amounts in them are of one currency.
fn check(policy: &Policy, trading: &[(String, String)]) -> anyhow::Result<()> {
    for (slug, currency) in trading {
        let Some(meant) = policy.community(slug) else {
            tracing::warn!(
                community = slug,
                "in the books and not in the file: it goes on as it was"
            );
            continue;
        };
        anyhow::ensure!(
            meant.currency.code() == currency,
            "the community {slug} trades in {currency}, and its books cannot turn into {}: a new currency needs a community of its own",
            meant.currency
        );
    }
    Ok(())
}

/// Bring a policy into force.
pub(super) async fn load(
    engine: &Arc<Engine>,
    simulator: Option<&Simulator>,
    policy: Arc<Policy>,
) -> anyhow::Result<State> {
    check(&policy, &reference::currencies(&engine.db).await?)?;
    let now = engine.clock.now();
    let (version, _) = reference::put_policy(&engine.db, &policy, now).await?;
    let chats = simulator.map(Simulator::account);
    reference::put_communities(&engine.db, &policy, version, engine.lanes, chats).await?;
    let communities = reference::communities(&engine.db).await?;
    for linked in communities.iter().filter(|linked| policy.community(&linked.slug).is_some()) {
        if let (Some(simulator), Some(chat)) = (simulator, &linked.chat) {
            simulator.open(chat).await?;
        }
        let cause = Cause {
            account: AccountId::SYSTEM,
            community: linked.community,
            key: format!("policy:{version}:{}", linked.community),
            sent_at: None,
            body: Body::PolicyLoaded { version },
        };
        engine.intake.store(cause).await.context("the policy was not stored")?;
    }
    Ok(State { policy, version, communities: Arc::new(communities) })
}
