//! Commission and points in the journal against what they were booked for: shares of orders by promoter
//! and state; check-ins and approved shares.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check { name: "commission by order and promoter", sql: COMMISSION },
    Check { name: "points beside orders", sql: POINTS },
];

/// Where a promoter's share of an order stands follows from the order's state alone.
const COMMISSION: &str = "
    with owed as (
        select l.community_id, l.order_id, s.promoter as member_id, sum(s.earned) as earned, sum(s.reversed) as reversed
        from order_line l
        cross join lateral (values (l.promoter1_id, l.earned1_minor, l.reversed1_minor),
                                   (l.promoter2_id, l.earned2_minor, l.reversed2_minor)) as s (promoter, earned, reversed)
        where l.lane = $1 and l.community_id = any($2) and s.promoter is not null
        group by 1, 2, 3
    ), wanted as (
        select w.community_id, w.order_id, w.member_id,
               case when o.paid_at is null then 0 else w.earned end as earned,
               case when o.paid_at is null then 0 else w.reversed end as reversed,
               case when o.state in ('paid', 'shipped', 'received') then w.earned - w.reversed else 0 end as frozen,
               case when o.state = 'closed' then w.earned - w.reversed else 0 end as available
        from owed w join orders o on o.lane = $1 and o.community_id = w.community_id and o.order_id = w.order_id
    ), booked as (
        select j.community_id, j.order_id, leg.account_no / 16 as member_id, max(j.seq) as seq,
               coalesce(-sum(leg.amount) filter (where j.kind = 'earned'), 0) as earned,
               coalesce(sum(leg.amount) filter (where j.kind = 'reversed'), 0) as reversed,
               coalesce(-sum(leg.amount) filter (where leg.account_no % 16 = 1), 0) as frozen,
               coalesce(-sum(leg.amount) filter (where leg.account_no % 16 = 2), 0) as available
        from journal j cross join lateral unnest(j.accounts, j.amounts) as leg (account_no, amount)
        where j.lane = $1 and j.community_id = any($2) and j.order_id is not null
          and j.kind in ('earned', 'due', 'reversed') and leg.account_no >= 16
        group by 1, 2, 3
    )
    select community_id, 'commission' as kind, order_id, member_id, null::bigint as offer_id, null::smallint as line,
           booked.seq, bad.what, bad.expected::text, bad.found::text
    from wanted full join booked using (community_id, order_id, member_id)
    cross join lateral (values
        ('earned', coalesce(wanted.earned, 0), coalesce(booked.earned, 0)),
        ('taken back', coalesce(wanted.reversed, 0), coalesce(booked.reversed, 0)),
        ('frozen', coalesce(wanted.frozen, 0), coalesce(booked.frozen, 0)),
        ('made available', coalesce(wanted.available, 0), coalesce(booked.available, 0))
    ) as bad (what, expected, found)
    where (wanted.earned, wanted.reversed, wanted.frozen, wanted.available)
            is distinct from (booked.earned, booked.reversed, booked.frozen, booked.available)
      and bad.expected <> bad.found";

/// Points granted without an order are a check-in's, to the same member in the same event, or those of
/// a share that a leader approved, as many as some policy gave.
const POINTS: &str = "
    with granted as (
        select j.community_id, j.seq, leg.account_no / 16 as member_id, -sum(leg.amount) as points
        from journal j cross join lateral unnest(j.accounts, j.amounts) as leg (account_no, amount)
        where j.lane = $1 and j.community_id = any($2) and j.kind = 'points_granted' and j.order_id is null
          and leg.account_no >= 16
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
               and granted.points in (select (body #>> '{points,share}')::bigint from policy))";
