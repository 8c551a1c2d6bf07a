//! The ledger against itself: rows that balance, facts that move between the accounts they may, and
//! balances that are the sum of the journal.

use std::borrow::Cow;

use crate::store::chart;

use crate::store::audit::Check;

pub(super) const CHECKS: &[Check] = &[
    Check { name: "journal rows", sql: rows },
    Check { name: "balances", sql: balances },
    Check { name: "overdrawn accounts", sql: overdrawn },
];

/// The database refuses rows that do not balance; a check could have been dropped.
fn rows() -> Cow<'static, str> {
    let facts = chart::facts();
    format!(
        "
    with fact (kind, debits, credits, is_of_order) as ({facts})
    select j.community_id, bad.kind, j.order_id, null::bigint as member_id, null::bigint as offer_id,
           null::smallint as line, j.seq, bad.what, bad.expected, bad.found
    from (
        select j.*, lane.done_seq, array[
            case cardinality(j.amounts)
                when 2 then j.amounts[1] + j.amounts[2] <> 0
                when 3 then j.amounts[1] + j.amounts[2] + j.amounts[3] <> 0
                else (select coalesce(sum(amount), 0) <> 0 from unnest(j.amounts) as leg (amount)) end,
            cardinality(j.accounts) <> cardinality(j.amounts) or cardinality(j.accounts) < 2,
            j.order_id is null and j.kind = any(array(select kind from fact where is_of_order)),
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
    where true = any(j.faults) and j.faults[bad.place]"
    )
    .into()
}

/// One pass over all legs: what each account has by kind of fact and side, from which both the shape of the
/// facts and the balances follow. (Unnested side by side in the list of columns: half the work of a function
/// in the list of tables.) A place stands here as the account that the first of its owners has.
fn balances() -> Cow<'static, str> {
    let (chart, facts, token) = (chart::rows(), chart::facts(), chart::is_token("n.currency"));
    let (first, is_members) = (chart::first("account_no"), chart::is_members("n.account_no"));
    let (member, of_named) = (chart::member("account_no"), chart::member("n.account_no"));
    format!(
        "
    with leg as materialized (
        select community_id, currency, kind, account_no, amount > 0 as is_debit, sum(amount) as amount, max(seq) as seq
        from (select community_id, currency, kind, seq, unnest(accounts) as account_no, unnest(amounts) as amount
              from journal where lane = $1 and community_id = any($2)) as leg
        group by 1, 2, 3, 4, 5
    ), fact (kind, debits, credits, is_of_order) as ({facts}
    ), chart (place, name, money, tokens, may_be_below) as ({chart}
    ), named as (
        select leg.*, chart.place, chart.money, chart.tokens, coalesce(chart.name, 'account ' || account_no) as name
        from leg left join chart on chart.place = {first}
        where account_no is not null
    ), booked as (
        select community_id, account_no, currency, sum(amount) as amount, max(seq) as seq from leg group by 1, 2, 3
    ), kept as (
        select community_id, account_no, currency, amount from balance
        where lane = $1 and community_id = any($2)
    )
    select n.community_id, 'journal_account' as kind, null::bigint as order_id,
           {of_named} as member_id, null::bigint as offer_id, null::smallint as line, n.seq,
           n.name as what, 'an account of the chart, and its owner'::text as expected, n.account_no::text as found
    from named n
    left join member m on m.lane = $1 and m.community_id = any($2)
                       and m.community_id = n.community_id and m.member_id = {of_named}
    where n.place is null or ({is_members} and m.member_id is null)
    union all
    select n.community_id, 'journal_shape', null, {of_named}, null, null, n.seq,
           n.kind || ' ' || n.name || ' ' || n.currency,
           coalesce('debits of ' || (select string_agg(name, ', ') from chart where place = any(f.debits))
                    || '; credits of ' || (select string_agg(name, ', ') from chart where place = any(f.credits)),
                    'a known kind of fact'),
           case when n.is_debit then 'a debit of ' else 'a credit of ' end || n.name
    from named n left join fact f using (kind)
    where f.kind is null or n.place is null
       or not n.place = any(case when n.is_debit then f.debits else f.credits end)
    union all
    select n.community_id, 'journal_currency', null, {of_named}, null, null, n.seq,
           n.kind || ' ' || n.name, case when n.tokens then 'tokens' else 'money' end, n.currency
    from named n
    where not case when {token} then n.tokens else n.money end
    union all
    select community_id, 'balance', null, {member}, null, null, booked.seq,
           coalesce((select n.name from named n where n.community_id = coalesce(booked.community_id, kept.community_id)
                     and n.account_no = coalesce(booked.account_no, kept.account_no) limit 1), 'account ' || account_no)
               || ' ' || currency,
           coalesce(booked.amount::text, 'no row'), coalesce(kept.amount::text, 'no row')
    from booked full join kept using (community_id, account_no, currency)
    where booked.amount is distinct from kept.amount"
    )
    .into()
}

/// Who owns something owns no less of it than nothing, where the chart or the token says so.
fn overdrawn() -> Cow<'static, str> {
    let (chart, tokens) = (chart::rows(), chart::tokens());
    let (first, member) = (chart::first("b.account_no"), chart::member("b.account_no"));
    let kind = chart::kind_of("b.currency");
    format!(
        "
    with chart (place, name, money, tokens, may_be_below) as ({chart}
    ), token (code, may_be_below) as ({tokens})
    select b.community_id, 'overdrawn' as kind, null::bigint as order_id, {member} as member_id,
           null::bigint as offer_id, null::smallint as line, null::bigint as seq,
           chart.name || ' ' || b.currency as what, 'not below 0'::text as expected, (-b.amount)::text as found
    from balance b
    join chart on chart.place = {first}
    left join token on token.code = {kind}
    where b.lane = $1 and b.community_id = any($2) and b.amount > 0
      and not coalesce(chart.may_be_below, token.may_be_below, true)"
    )
    .into()
}
