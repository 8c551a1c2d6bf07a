//! Whether a shop is sound once all is settled: nothing left over in the queues, nothing set aside,
//! and books in which the audit finds no difference.

use sqlx::PgPool;
use tuan::store::audit::audit;

/// Each yields a row of text for every fault.
const LEFTOVERS: &[(&str, &str)] = &[
    (
        "not handled",
        "select format('lane %s, %s: %s', lane, i.seq, i.key)
         from inbox i join lane l using (lane) where i.seq > l.done_seq",
    ),
    ("set aside", "select format('lane %s, %s: %s', lane, seq, error) from parked"),
    (
        "not sent",
        // What waits for a time of its own may wait, as long as nothing happened since.
        "select format('lane %s, %s.%s is %s', lane, seq, ordinal, s.state)
         from message_state s join outbox o using (lane, account_id, seq, ordinal)
         where s.state <> 'sent' and (o.due_at is null or o.due_at <= (select max(stored_at) from inbox))",
    ),
    (
        "a reply to no cause",
        "select format('lane %s, %s', lane, o.seq) from outbox o
         where not exists (select from inbox i where i.lane = o.lane and i.seq = o.seq)",
    ),
    (
        "a timer left behind by a later one",
        "select format('lane %s, %s at %s', lane, key, due_at) from timer
         where due_at <= (select max(at) from inbox where account_id = 0 and key like 'timer:%')",
    ),
];

/// Every fault found, as lines for a person.
pub(crate) async fn faults(pool: &PgPool) -> Vec<String> {
    let mut faults = leftovers(pool).await;
    let mut connection = pool.acquire().await.unwrap();
    let differences = audit(&mut connection, None).await.unwrap();
    faults.extend(differences.iter().map(ToString::to_string));
    faults
}

/// What waits in the queues or was set aside.
pub(crate) async fn leftovers(pool: &PgPool) -> Vec<String> {
    let mut faults = Vec::new();
    for (what, question) in LEFTOVERS {
        let rows: Vec<String> = sqlx::query_scalar(*question).fetch_all(pool).await.unwrap();
        faults.extend(rows.into_iter().map(|row| format!("{what}: {row}")));
    }
    faults
}

/// Fail unless the shop is sound.
pub(crate) async fn assert_sound(pool: &PgPool) {
    let faults = faults(pool).await;
    assert!(faults.is_empty(), "the shop is not sound:\n{}", faults.join("\n"));
}
