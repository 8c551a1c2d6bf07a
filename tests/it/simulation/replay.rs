//! Replay: the stored causes of one shop, handled again in a fresh database, give the same facts,
//! whatever the boundaries of the batches. Compared by a dump without sealed columns and places.

use sqlx::{AssertSqlSafe, PgPool, Row};
use tuan::config::Config;
use tuan::domain::ids::{AccountId, CommunityId, Lane};
use tuan::store::inbox::{self, Incoming};
use tuan::store::seal::SealedCell;

use crate::stage::{Stage, morning};

/// Every table of facts, with what puts its rows in order.
const TABLES: [(&str, &str); 12] = [
    ("community", "community_id"),
    ("member", "community_id, member_id"),
    ("bond", "community_id, seq, ordinal"),
    ("offer", "community_id, offer_id"),
    ("offer_count", "community_id, offer_id"),
    ("orders", "community_id, order_id"),
    ("order_line", "community_id, order_id, line"),
    ("settlement", "community_id, due_at, order_id"),
    ("check_in", "community_id, member_id, day"),
    ("journal", "community_id, seq, ordinal"),
    ("balance", "community_id, account_no, currency"),
    ("decision", "community_id, seq, ordinal"),
];

/// The facts of a shop, one line each. Places in the inbox may differ, where a cause came twice.
pub(super) async fn dump(pool: &PgPool) -> Vec<String> {
    let mut lines = Vec::new();
    for (table, order) in TABLES {
        let question = format!(
            "select (to_jsonb(t) - array['seq', 'private', 'question']
                     #- '{{detail,posted_by,seq}}')::text from {table} t order by {order}"
        );
        // Made of the names above.
        let rows = sqlx::query_scalar(AssertSqlSafe(question)).fetch_all(pool).await.unwrap();
        lines.extend(rows.into_iter().map(|row: String| format!("{table} {row}")));
    }
    lines
}

/// The inbox, in the order of handling.
pub(super) async fn recording(stage: &Stage) -> Vec<Incoming> {
    let rows = sqlx::query(
        "select lane, account_id, key, community_id, at, stored_at, body from inbox order by lane, seq",
    );
    let rows = rows.fetch_all(&stage.pool).await.unwrap();
    let incoming = |row: &sqlx::postgres::PgRow| {
        let (account, community) = (AccountId(row.get(1)), CommunityId(row.get(3)));
        let key: String = row.get(2);
        let body = stage.seal().open(&SealedCell::inbox_body(community, account, &key), row.get(6));
        Incoming {
            lane: Lane(row.get(0)),
            account,
            key,
            community,
            at: row.get(4),
            stored_at: row.get(5),
            body: body.unwrap(),
        }
    };
    rows.iter().map(incoming).collect()
}

/// The facts that come of a recording, handled in batches of at most so many.
pub(super) async fn replay(
    config: &Config,
    recording: &[Incoming],
    batch_max: usize,
) -> Vec<String> {
    let mut config = config.clone();
    config.engine.batch_max = batch_max;
    // At this hour no timer is due by itself: those that fell due are part of the recording.
    let stage = Stage::closed(config, morning()).await;
    sqlx::query("delete from inbox").execute(&mut stage.owner().await).await.unwrap();
    for part in recording.chunks(500) {
        inbox::store(&stage.pool, stage.seal(), part).await.unwrap();
    }
    stage.start().await;
    let facts = dump(&stage.pool).await;
    stage.close_sound().await;
    facts
}
