//! Whether a shop is sound once all is settled: nothing left over in the queues, nothing set aside,
//! and books that agree with themselves. Every query names what is wrong, one row a fault.

use sqlx::PgPool;

/// Each yields a row of text for every fault.
const QUESTIONS: &[(&str, &str)] = &[
    (
        "events that nobody handled",
        "select format('lane %s, %s: %s', lane, i.seq, i.key)
         from inbox i join lane l using (lane) where i.seq > l.done_seq",
    ),
    ("events set aside", "select format('lane %s, %s: %s', lane, seq, error) from parked"),
    (
        "messages not sent",
        "select format('lane %s, %s.%s is %s', lane, seq, ordinal, state) from outbox where state <> 'sent'",
    ),
    (
        "timers left behind by what came after them",
        "select format('lane %s, %s at %s', lane, key, due_at) from timer
         where due_at <= (select max(at) from inbox where account_id = 0 and key like 'timer:%')",
    ),
    (
        "balances that differ from the journal",
        "with legs as (
            select community_id, account_no, currency, sum(amount) as amount
            from journal, unnest(accounts, amounts) as leg (account_no, amount) group by 1, 2, 3)
         select format('%s: account %s %s is %s, its legs make %s', community_id, account_no, currency,
                       b.amount, l.amount)
         from legs l full join balance b using (community_id, account_no, currency)
         where coalesce(l.amount, 0) <> coalesce(b.amount, 0)",
    ),
    (
        "offers whose sales differ from their orders",
        "select format('offer %s: sold %s, in orders %s', c.offer_id, c.sold, coalesce(l.qty, 0))
         from offer_count c left join (
            select community_id, offer_id, sum(qty - restocked) as qty
            from order_line join orders using (community_id, order_id)
            where state <> 'cancelled' group by 1, 2) l using (community_id, offer_id)
         where c.sold <> coalesce(l.qty, 0)",
    ),
    (
        "offers whose stock differs from what left it",
        "select format('offer %s: %s of %s left, %s sold', offer_id, units_left, initial, sold)
         from offer_count
         where cardinality(initial) > 0
           and (select sum(i - l) from unnest(initial, units_left) as u (i, l)) <> sold",
    ),
    (
        "commission accounts that differ from the order lines",
        "with earned as (
            select community_id, promoter, sum(amount) as amount from (
                select community_id, promoter1_id as promoter, earned1_minor - reversed1_minor as amount
                from order_line join orders using (community_id, order_id) where paid_at is not null
                union all
                select community_id, promoter2_id, earned2_minor - reversed2_minor
                from order_line join orders using (community_id, order_id) where paid_at is not null) s
            where promoter is not null group by 1, 2),
         kept as (
            select community_id, account_no / 16 as promoter, -sum(amount) as amount from balance
            where account_no >= 16 and account_no % 16 between 1 and 4 group by 1, 2)
         select format('member %s: earned %s, on the accounts %s', promoter, e.amount, k.amount)
         from earned e full join kept k using (community_id, promoter)
         where coalesce(e.amount, 0) <> coalesce(k.amount, 0)",
    ),
    (
        "replies to no cause",
        "select format('lane %s, %s', lane, o.seq) from outbox o
         where not exists (select from inbox i where i.lane = o.lane and i.seq = o.seq)",
    ),
];

/// Every fault found, as lines for a person.
pub(crate) async fn faults(pool: &PgPool) -> Vec<String> {
    let mut faults = Vec::new();
    for (what, question) in QUESTIONS {
        let rows: Vec<String> = sqlx::query_scalar(*question).fetch_all(pool).await.unwrap();
        faults.extend(rows.into_iter().map(|row| format!("{what}: {row}")));
    }
    faults
}

/// Fail unless the shop is sound.
pub(crate) async fn assert_sound(pool: &PgPool) {
    let faults = faults(pool).await;
    assert!(faults.is_empty(), "the books are not sound:\n{}", faults.join("\n"));
}
