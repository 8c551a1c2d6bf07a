//! Commission and points in the journal against what they were booked for: shares of orders by promoter
//! and state; check-ins and approved shares.

use std::borrow::Cow;

use crate::domain::ledger::Purse;
use crate::store::chart;

use crate::store::audit::Check;

pub(in crate::store) const CHECKS: &[Check] = &[
    Check { name: "commission by order and promoter", sql: commission },
    Check { name: "points beside orders", sql: points },
];

/// What lines earn is booked by order. What becomes available is booked by event, in one sum for each
/// promoter, and every order names the event that settled it: the sum is what those orders had frozen. A
/// refund takes from frozen before that event and from available after it; were it the wrong way round,
/// the sums would not agree.
fn commission() -> Cow<'static, str> {
    let (member, is_members) = (chart::member("account_no"), chart::is_members("account_no"));
    let [frozen, available] =
        [Purse::Frozen, Purse::Available].map(|purse| chart::is("account_no", purse));
    format!(
        "
    with leg as materialized (
        select community_id, order_id, seq, kind, {member} as member_id, {frozen} as is_frozen, {available} as is_available, amount
        from (select community_id, order_id, seq, kind, unnest(accounts) as account_no, unnest(amounts) as amount
              from journal where lane = $1 and community_id = any($2) and kind in ('earned', 'commission_undone', 'due', 'reversed')) as legs
        where {is_members}
    ), wanted as (
        select l.community_id, l.order_id, s.promoter as member_id, o.settled_seq,
               case when o.paid_at is null then 0 else sum(s.earned) end as earned,
               case when o.paid_at is null then 0 else sum(s.reversed) end as reversed
        from order_line l
        join orders_now o using (lane, community_id, order_id)
        cross join lateral (values (l.promoter1_id, l.earned1_minor, l.reversed1_minor),
                                   (l.promoter2_id, l.earned2_minor, l.reversed2_minor)) as s (promoter, earned, reversed)
        where l.lane = $1 and l.community_id = any($2) and o.community_id = any($2) and s.promoter is not null
        group by 1, 2, 3, 4, o.paid_at
    ), booked as (
        select community_id, order_id, member_id, max(seq) as seq,
               coalesce(-sum(amount) filter (where kind in ('earned', 'commission_undone')), 0) as earned,
               coalesce(sum(amount) filter (where kind = 'reversed' and is_frozen), 0) as from_frozen,
               coalesce(sum(amount) filter (where kind = 'reversed' and is_available), 0) as from_available
        from leg where order_id is not null and kind <> 'due' group by 1, 2, 3
    ), both_books as materialized (
        select community_id, order_id, member_id, booked.seq, wanted.settled_seq,
               coalesce(wanted.earned, 0) as earned, coalesce(wanted.reversed, 0) as reversed,
               coalesce(booked.earned, 0) as booked, coalesce(booked.from_frozen, 0) as from_frozen,
               coalesce(booked.from_available, 0) as from_available
        from wanted full join booked using (community_id, order_id, member_id)
    ), settled as (
        select community_id, settled_seq as seq, member_id, sum(booked - from_frozen) as amount
        from both_books where settled_seq is not null group by 1, 2, 3 having sum(booked - from_frozen) <> 0
    ), due as (
        select community_id, seq, member_id,
               coalesce(sum(amount) filter (where is_frozen), 0) as amount,
               coalesce(-sum(amount) filter (where is_available), 0) as available
        from leg where kind = 'due' group by 1, 2, 3
    )
    select community_id, 'commission' as kind, order_id, member_id, null::bigint as offer_id, null::smallint as line,
           seq, bad.what, bad.expected::text, bad.found::text
    from both_books
    cross join lateral (values
        ('earned', earned, booked),
        ('taken back', reversed, from_frozen + from_available),
        ('taken back from available', case when settled_seq is null then 0 else from_available end, from_available)
    ) as bad (what, expected, found)
    where (earned <> booked or reversed <> from_frozen + from_available or settled_seq is null and from_available <> 0)
      and bad.expected <> bad.found
    union all
    select community_id, 'commission', null, member_id, null, null, seq, bad.what, bad.expected::text, bad.found::text
    from settled full join due using (community_id, seq, member_id)
    cross join lateral (values
        ('no longer frozen', coalesce(settled.amount, 0), coalesce(due.amount, 0)),
        ('made available', coalesce(settled.amount, 0), coalesce(due.available, 0))
    ) as bad (what, expected, found)
    where bad.expected <> bad.found"
    )
    .into()
}

/// Points granted without an order are a check-in's, to the same member in the same event, or those of
/// a share that a leader approved, as many as some policy gave.
fn points() -> Cow<'static, str> {
    let (member, is_members) =
        (chart::member("leg.account_no"), chart::is_members("leg.account_no"));
    format!(
        "
    with granted as (
        select j.community_id, j.seq, {member} as member_id, -sum(leg.amount) as points
        from journal j cross join lateral unnest(j.accounts, j.amounts) as leg (account_no, amount)
        where j.lane = $1 and j.community_id = any($2) and j.kind = 'points_granted' and j.order_id is null
          and {is_members}
        group by 1, 2, 3
    ), checked_in as (
        select community_id, seq, member_id, sum(points) as points from check_in
        where lane = $1 and community_id = any($2) and points <> 0 group by 1, 2, 3
    ), approved as (
        select distinct seq from decision
        where lane = $1 and community_id = any($2) and what = 'approve_share' and refused is null
    )
    select community_id, 'points' as kind, null::bigint as order_id, member_id, null::bigint as offer_id,
           null::smallint as line, seq, 'granted for a check-in or a share'::text as what,
           coalesce(checked_in.points, 0)::text as expected, coalesce(granted.points, 0)::text as found
    from granted full join checked_in using (community_id, seq, member_id)
    where granted.points is distinct from checked_in.points
      and not (checked_in.points is null and seq in (select seq from approved)
               and granted.points in (select (body #>> '{{points,share}}')::bigint from policy))"
    )
    .into()
}
