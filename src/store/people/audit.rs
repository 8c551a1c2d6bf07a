//! People: bonds and their records, first payments, runs of check-ins; and numbers without a
//! gap, and events that wait for an operator.

use crate::store::audit::Check;

pub(in crate::store) const CHECKS: &[Check] = &[
    Check { name: "bonds", sql: || BONDS.into() },
    Check { name: "loops of bonds", sql: || LOOPS.into() },
    Check { name: "first payments", sql: || FIRST_PAID.into() },
    Check { name: "runs of check-ins", sql: || STREAKS.into() },
    Check { name: "numbers", sql: || NUMBERS.into() },
    Check { name: "parked events", sql: || PARKED.into() },
];

/// A bond is on the member and in the record of attempts, the same in both; whoever is bound to
/// somebody is bound to a member; old members only where some policy allowed it,
/// or an operator said so.
const BONDS: &str = "
    with accepted as (
        select distinct on (community_id, member_id) community_id, member_id, inviter_id, at, seq
        from bond where lane = $1 and community_id = any($2) and refused is null
        order by community_id, member_id, seq desc, ordinal desc
    ), allowed as (
        select coalesce(bool_or((body #>> '{attribution,founding_bindable}')::bool), false) as founding from policy
    )
    select coalesce(m.community_id, a.community_id) as community_id, bad.kind, null::bigint as order_id,
           coalesce(m.member_id, a.member_id) as member_id, null::bigint as offer_id, null::smallint as line,
           a.seq, bad.what, bad.expected, bad.found
    from (select * from member where lane = $1 and community_id = any($2)) m
    full join accepted a on a.community_id = m.community_id and a.member_id = m.member_id
    left join member i on i.lane = $1 and i.community_id = any($2)
                       and i.community_id = m.community_id and i.member_id = m.inviter_id
    cross join allowed
    cross join lateral (values
        ('bond', 'inviter', coalesce(a.inviter_id::text, 'nobody'), coalesce(m.inviter_id::text, 'nobody'),
            a.inviter_id is distinct from m.inviter_id or (a.member_id is not null and m.member_id is null)),
        ('bond', 'bound since', a.at::text, m.bound_at::text,
            a.inviter_id = m.inviter_id and a.at <> m.bound_at),
        ('bond_inviter', 'inviter', 'a member', 'no member ' || m.inviter_id,
            m.inviter_id is not null and i.member_id is null),
        ('bond_self', 'inviter', 'somebody else', 'the member', m.inviter_id = m.member_id),
        ('bond_founding', 'inviter of an old member', 'nobody', m.inviter_id::text,
            m.founding and m.inviter_id is not null and m.evidence <> 'operator' and not allowed.founding)
    ) as bad (kind, what, expected, found, is_bad)
    where bad.is_bad";

/// Going down from everybody without an inviter reaches each member once; whoever is not reached is in
/// a loop or below one.
const LOOPS: &str = "
    with recursive reached as (
        select m.community_id, m.member_id from member m
        left join member i on i.lane = $1 and i.community_id = m.community_id and i.member_id = m.inviter_id
        where m.lane = $1 and m.community_id = any($2) and i.member_id is null
        union all
        select m.community_id, m.member_id from reached r
        join member m on m.lane = $1 and m.community_id = r.community_id and m.inviter_id = r.member_id
    )
    select m.community_id, 'bond_loop' as kind, null::bigint as order_id, m.member_id, null::bigint as offer_id,
           null::smallint as line, null::bigint as seq, 'inviter'::text as what,
           'nobody from below'::text as expected, m.inviter_id::text as found
    from member m left join reached r on r.community_id = m.community_id and r.member_id = m.member_id
    where m.lane = $1 and m.community_id = any($2) and r.member_id is null";

/// Whether somebody has ever paid decides who may be bound, so it must be right.
const FIRST_PAID: &str = "
    with paid as (
        select community_id, member_id, array_agg(distinct paid_at) as paid_at from orders
        where lane = $1 and community_id = any($2) and paid_at is not null group by 1, 2
    )
    select m.community_id, 'first_paid' as kind, null::bigint as order_id, m.member_id, null::bigint as offer_id,
           null::smallint as line, null::bigint as seq, 'first payment'::text as what,
           coalesce('when an order was paid: ' || p.paid_at[1]::text, 'no payment') as expected,
           coalesce(m.first_paid_at::text, 'no payment') as found
    from member m left join paid p using (community_id, member_id)
    where m.lane = $1 and m.community_id = any($2)
      and case when m.first_paid_at is null then p.member_id is not null
               else p.member_id is null or not m.first_paid_at = any(p.paid_at) end";

/// A run is told from the days alone: the last days in a row up to the last check-in.
const STREAKS: &str = "
    with days as (
        select community_id, member_id, day,
               day - (row_number() over (partition by community_id, member_id order by day))::int as run
        from check_in where lane = $1 and community_id = any($2)
    ), run as (
        select distinct on (community_id, member_id) community_id, member_id, min(day) as first_day, max(day) as last_day
        from days group by community_id, member_id, run order by community_id, member_id, max(day) desc
    )
    select community_id, 'streak' as kind, null::bigint as order_id, member_id, null::bigint as offer_id,
           null::smallint as line, null::bigint as seq, 'run of check-ins'::text as what,
           coalesce(r.first_day || ' to ' || r.last_day, 'none') as expected,
           coalesce(m.streak_from || ' to ' || m.streak_to, 'none') as found
    from (select * from member where lane = $1 and community_id = any($2)) m
    full join run r using (community_id, member_id)
    where (r.first_day, r.last_day) is distinct from (m.streak_from, m.streak_to)";

/// What a community numbers, it numbers from 1 without a gap: a row that is gone would be missed. And no place
/// in the lane is beyond the last one given out.
const NUMBERS: &str = "
    select c.community_id, 'number' as kind, null::bigint as order_id, null::bigint as member_id,
           null::bigint as offer_id, null::smallint as line, null::bigint as seq, bad.what,
           bad.highest::text as expected, bad.found::text
    from community c
    join lane on lane.lane = c.lane
    join lane_intake on lane_intake.lane = c.lane
    cross join lateral (
        select 'members' as what, count(*) as found, max(member_id) as highest
        from member m where m.lane = $1 and m.community_id = c.community_id
        union all
        select 'offers', count(*), max(offer_id) from offer o where o.lane = $1 and o.community_id = c.community_id
        union all
        select 'orders', count(*), max(order_id) from orders o where o.lane = $1 and o.community_id = c.community_id
        union all
        select 'withdrawals', count(*), max(withdrawal_id)
        from withdrawal w where w.lane = $1 and w.community_id = c.community_id
        union all
        select 'cases', count(*), max(case_id)
        from service_case s where s.lane = $1 and s.community_id = c.community_id
        union all
        select 'last place given out in the lane', lane_intake.last_seq,
               greatest(lane.done_seq, (select max(seq) from inbox i where i.lane = $1))
    ) as bad
    where c.lane = $1 and c.community_id = any($2) and bad.found < bad.highest";

/// An event that nobody has looked at is a promise not kept.
const PARKED: &str = "
    select community_id, 'parked' as kind, null::bigint as order_id, null::bigint as member_id,
           null::bigint as offer_id, null::smallint as line, seq, error as what,
           'handled, or tried again'::text as expected, 'waiting since ' || parked_at as found
    from parked where lane = $1 and community_id = any($2) and not retried";
