//! The ledger against itself: rows that balance, facts that move between the accounts they may, and
//! balances that are the sum of the journal.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check { name: "journal rows", sql: ROWS },
    Check { name: "balances", sql: BALANCES },
    Check { name: "overdrawn accounts", sql: OVERDRAWN },
];

/// The database refuses rows that do not balance; a check could have been dropped.
const ROWS: &str = "
    select j.community_id, bad.kind, j.order_id, null::bigint as member_id, null::bigint as offer_id,
           null::smallint as line, j.seq, bad.what, bad.expected, bad.found
    from (
        select j.*, lane.done_seq, array[
            case cardinality(j.amounts)
                when 2 then j.amounts[1] + j.amounts[2] <> 0
                when 3 then j.amounts[1] + j.amounts[2] + j.amounts[3] <> 0
                else (select coalesce(sum(amount), 0) <> 0 from unnest(j.amounts) as leg (amount)) end,
            cardinality(j.accounts) <> cardinality(j.amounts) or cardinality(j.accounts) < 2,
            j.order_id is null and j.kind in ('paid', 'part_paid', 'given_back', 'earned', 'refunded', 'reversed', 'points_spent'),
            j.seq > lane.done_seq] as faults
        from journal j
        join lane on lane.lane = j.lane
        where j.lane = $1 and j.community_id = any($2)
    ) as j
    cross join lateral (values
        (1, 'journal_unbalanced', j.kind || ' ' || j.ordinal, '0',
            (select sum(amount)::text from unnest(j.amounts) as leg (amount))),
        (2, 'journal_legs', j.kind || ' ' || j.ordinal, 'as many accounts as amounts, two or more',
            cardinality(j.accounts) || ' and ' || cardinality(j.amounts)),
        (3, 'journal_order', j.kind || ' ' || j.ordinal, 'about an order', 'about none'),
        (4, 'journal_ahead', 'done up to', 'no facts beyond ' || j.done_seq, j.seq::text)
    ) as bad (place, kind, what, expected, found)
    where true = any(j.faults) and j.faults[bad.place]";

/// (Unnested side by side in the list of columns: half the work of a function in the list of tables.)
/// One pass over all legs: what each account has by kind of fact and side, from which both the shape of
/// the facts and the balances follow. `debit` and `credit` are the accounts that a fact may move, houses
/// negative.
const BALANCES: &str = "
    with leg as materialized (
        select community_id, currency, kind, account_no, amount > 0 as is_debit, sum(amount) as amount, max(seq) as seq
        from (select community_id, currency, kind, seq, unnest(accounts) as account_no, unnest(amounts) as amount
              from journal where lane = $1 and community_id = any($2)) as leg
        group by 1, 2, 3, 4, 5
    ), fact (kind, debit, credit) as (values
        ('paid', '{-1,-6}'::bigint[], '{-2,-6}'::bigint[]), ('refunded', '{-2}', '{-1}'),
        ('part_paid', '{-1}', '{-6}'), ('given_back', '{-6}', '{-1}'),
        ('earned', '{-3}', '{1}'), ('reversed', '{1,2}', '{-3}'), ('due', '{1}', '{2}'),
        ('asked', '{2}', '{3}'), ('returned', '{3}', '{2}'), ('sent', '{3}', '{4,-4}'),
        ('points_granted', '{-5}', '{5}'), ('points_spent', '{5}', '{-5}'),
        ('points_expired', '{5}', '{-5}'), ('points_reversed', '{5,-5}', '{5,-5}')
    ), named as (
        select leg.*, case when account_no >= 16 then account_no % 16 else -account_no end as place,
               case when account_no >= 16
                    then coalesce((array['frozen', 'available', 'locked', 'paid_out', 'points'])[account_no % 16], 'account ' || account_no)
                    else coalesce((array['received', 'sales', 'commission_cost', 'tax_withheld', 'points_issued', 'deposits'])[account_no], 'account ' || account_no)
               end as name
        from leg
    ), booked as (
        select community_id, account_no, currency, sum(amount) as amount, max(seq) as seq from leg group by 1, 2, 3
    ), kept as (
        select community_id, account_no, currency, amount from balance
        where lane = $1 and community_id = any($2)
    )
    select n.community_id, 'journal_account' as kind, null::bigint as order_id,
           nullif(n.account_no / 16, 0) as member_id, null::bigint as offer_id, null::smallint as line, n.seq,
           n.name as what, 'an account of the shop or of a member'::text as expected, n.account_no::text as found
    from named n
    left join member m on m.lane = $1 and m.community_id = any($2)
                       and m.community_id = n.community_id and m.member_id = n.account_no / 16
    where n.place not between -6 and 5 or n.place = 0 or (n.account_no >= 16 and m.member_id is null)
    union all
    select n.community_id, 'journal_shape', null, nullif(n.account_no / 16, 0), null, null, n.seq,
           n.kind || ' ' || n.name || ' ' || n.currency,
           coalesce('debits of ' || f.debit::text || ', credits of ' || f.credit::text, 'a known kind of fact'),
           case when n.is_debit then 'a debit of ' else 'a credit of ' end || n.place
    from named n left join fact f using (kind)
    where f.kind is null or not n.place = any(case when n.is_debit then f.debit else f.credit end)
    union all
    select n.community_id, 'journal_currency', null, nullif(n.account_no / 16, 0), null, null, n.seq,
           n.kind || ' ' || n.name, case when abs(n.place) = 5 then 'PTS' else 'money' end, n.currency
    from named n
    where (abs(n.place) = 5) <> (n.currency = 'PTS')
    union all
    select community_id, 'balance', null, nullif(account_no / 16, 0), null, null, booked.seq,
           coalesce((select n.name from named n where n.community_id = coalesce(booked.community_id, kept.community_id)
                     and n.account_no = coalesce(booked.account_no, kept.account_no) limit 1), 'account ' || account_no)
               || ' ' || currency,
           coalesce(booked.amount::text, 'no row'), coalesce(kept.amount::text, 'no row')
    from booked full join kept using (community_id, account_no, currency)
    where booked.amount is distinct from kept.amount";

/// What a member is owed on these accounts is never less than nothing. Available may be: a refund after
/// settling takes back what may have been paid out.
const OVERDRAWN: &str = "
    select community_id, 'overdrawn' as kind, null::bigint as order_id, account_no / 16 as member_id,
           null::bigint as offer_id, null::smallint as line, null::bigint as seq,
           (array['frozen', 'available', 'locked', 'paid_out'])[account_no % 16] || ' ' || currency as what,
           'not below 0'::text as expected, (-amount)::text as found
    from balance
    where lane = $1 and community_id = any($2) and account_no >= 16 and account_no % 16 in (1, 3, 4) and amount > 0";
