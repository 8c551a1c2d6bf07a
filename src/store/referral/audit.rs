//! Shares on order lines against their own terms: amounts, what refunds took back, the cap, and who may
//! earn at all.

use crate::store::audit::Check;

pub(in crate::store) const CHECKS: &[Check] = &[
    Check { name: "shares of lines", sql: || AMOUNTS.into() },
    Check { name: "caps", sql: || CAPS.into() },
    Check { name: "attribution", sql: || ATTRIBUTION.into() },
];

/// What a share comes to on its terms: a rate of the base, or a fixed amount for each unit that shrinks
/// with what was paid in money; and what is taken back: the amount less the cumulative target. Where only whole
/// steps are paid, what a promoter has on a level of an order is rounded once, over its lines; lines from before
/// that were rounded each on its own, or to cents.
const AMOUNTS: &str = "
    with share as (
        select l.community_id, l.order_id, l.line, l.qty, l.refunded_minor as refunded, o.paid_at is not null as is_paid,
               l.price_minor * l.qty as gross, l.price_minor * l.qty - l.cut_minor - l.discount_minor as base, s.*
        from order_line l
        left join orders o on o.lane = l.lane and o.community_id = l.community_id and o.order_id = l.order_id
                          and o.community_id = any($2)
        cross join lateral (values
            (1, l.promoter1_id, l.rate1_bps, l.fixed1_minor, l.earned1_minor, l.reversed1_minor),
            (2, l.promoter2_id, l.rate2_bps, l.fixed2_minor, l.earned2_minor, l.reversed2_minor)
        ) as s (level, promoter, rate, fixed, earned, reversed)
        where l.lane = $1 and l.community_id = any($2) and s.promoter is not null
    )
    select s.community_id, bad.kind, s.order_id, s.promoter as member_id, null::bigint as offer_id, s.line,
           null::bigint as seq, 'level ' || s.level || ': ' || bad.what as what, bad.expected::text, bad.found::text
    from (
        select s.*,
               array[1,
                     case when s.rate is not null then s.base / 10000 * s.rate + s.base % 10000 * s.rate / 10000
                          else least(s.fixed::numeric * s.qty, s.base,
                                     coalesce(div(s.fixed::numeric * s.qty * s.base, nullif(s.gross, 0)), 0)) end,
                     case when not s.is_paid or s.refunded = 0 then 0
                          else s.earned - coalesce(div(s.earned::numeric * (s.base - s.refunded), nullif(s.base, 0)), 0) end
               ]::numeric[] as wanted,
               array[(m.member_id is not null)::int, s.earned, s.reversed]::numeric[] as written
        from share s
        left join member m on m.lane = $1 and m.community_id = any($2)
                           and m.community_id = s.community_id and m.member_id = s.promoter
    ) as s
    cross join lateral unnest(
        array['share_member', 'share_amount', 'share_reversed'], array['its promoter', 'earned', 'taken back'],
        s.wanted, s.written) as bad (kind, what, expected, found)
    where s.wanted is distinct from s.written and bad.expected is distinct from bad.found
      and bad.found is distinct from (
          select case bad.kind when 'share_amount' then bad.expected - bad.expected % {cash_step}
                               when 'share_reversed' then bad.expected + (s.earned - bad.expected) % {cash_step} end
          from community c where c.lane = $1 and c.community_id = s.community_id)
      and not exists (
          select 1
          from (select {cash_step} as step from community c where c.lane = $1 and c.community_id = s.community_id) as c
          cross join lateral (
              select div(sum(case when o.rate is not null then o.base * o.rate::numeric
                                  else least(o.base * 10000::numeric,
                                             coalesce(div(o.fixed::numeric * o.qty * o.base * 10000, nullif(o.gross, 0)), 0)) end), 10000) as exact,
                     sum(o.earned) as earned,
                     div(sum(div(o.earned::numeric * (o.base - o.refunded) * 10000, greatest(o.base, 1)))
                         filter (where o.refunded > 0), 10000) as stays,
                     sum(o.earned - o.reversed) filter (where o.refunded > 0) as kept
              from (select l.qty, l.refunded_minor as refunded, l.price_minor * l.qty as gross,
                           l.price_minor * l.qty - l.cut_minor - l.discount_minor as base, of_line.*
                    from order_line l cross join lateral (values
                        (1, l.promoter1_id, l.rate1_bps, l.fixed1_minor, l.earned1_minor, l.reversed1_minor),
                        (2, l.promoter2_id, l.rate2_bps, l.fixed2_minor, l.earned2_minor, l.reversed2_minor)
                    ) as of_line (level, promoter, rate, fixed, earned, reversed)
                    where l.lane = $1 and l.community_id = s.community_id and l.order_id = s.order_id) as o
              where o.level = s.level and o.promoter = s.promoter) as whole
          where c.step > 1 and bad.found % c.step = 0
            and case bad.kind
                when 'share_amount' then whole.earned = whole.exact - whole.exact % c.step
                                         and abs(bad.found - bad.expected) < 3 * c.step
                when 'share_reversed' then whole.kept = whole.stays - whole.stays % c.step end)";

/// Both levels together stay within the base, and within the cap. A line's terms are those of a policy that
/// was in force while its order took lines: from the first until it was paid, or its offers closed. What is
/// within the narrowest cap of all need not be looked at closely. A new policy reaches a community some time
/// after it is loaded, so each counts for an hour longer.
const CAPS: &str = "
    with version as (
        select (body #>> '{commission,cap}')::int as bps,
               case when lag(loaded_at) over w is null then '-infinity'::timestamptz else loaded_at end as since,
               coalesce(lead(loaded_at) over w + interval '1 hour', 'infinity') as until
        from policy window w as (order by version)
    ), narrow as (select coalesce(min(bps), 10000) as bps from version
    ), suspect as materialized (
        select l.* from order_line l cross join narrow
        where l.lane = $1 and l.community_id = any($2) and coalesce(l.promoter1_id, l.promoter2_id) is not null
          and (coalesce(l.rate1_bps, 0) + coalesce(l.rate2_bps, 0) > narrow.bps
               or coalesce(l.fixed1_minor, 0) + coalesce(l.fixed2_minor, 0)
                  > l.price_minor / 10000 * narrow.bps + l.price_minor % 10000 * narrow.bps / 10000
               or coalesce(l.earned1_minor, 0) + coalesce(l.earned2_minor, 0) > l.price_minor * l.qty - l.cut_minor - l.discount_minor)
    )
    select l.community_id, 'share_cap' as kind, l.order_id, null::bigint as member_id, l.offer_id, l.line,
           null::bigint as seq, bad.what, bad.expected::text, bad.found::text
    from suspect l
    left join orders o on o.lane = l.lane and o.community_id = l.community_id and o.order_id = l.order_id
    cross join lateral (
        select coalesce(max(bps), 10000) as bps from version
        where since <= coalesce(o.paid_at, greatest(o.closes_at, o.hold_until)) and until >= o.placed_at) as cap
    cross join lateral (values
        ('both levels, at most (basis points)', cap.bps::bigint, coalesce(l.rate1_bps, 0) + coalesce(l.rate2_bps, 0)::bigint),
        ('both levels a unit, at most', l.price_minor / 10000 * cap.bps + l.price_minor % 10000 * cap.bps / 10000,
            coalesce(l.fixed1_minor, 0) + coalesce(l.fixed2_minor, 0)),
        ('both levels, at most', l.price_minor * l.qty - l.cut_minor - l.discount_minor,
            coalesce(l.earned1_minor, 0) + coalesce(l.earned2_minor, 0))
    ) as bad (what, expected, found)
    where bad.found > bad.expected";

/// Level 1 is whoever brought the buyer, or the buyer; level 2 whoever brought level 1. Told from the
/// accepted bonds, which are never changed, so that a later bond does not matter.
const ATTRIBUTION: &str = "
    with earner as (
        select l.community_id, o.member_id as buyer, l.promoter1_id as first, l.promoter2_id as second,
               max(l.order_id) as order_id
        from order_line l join orders o using (lane, community_id, order_id)
        where l.lane = $1 and l.community_id = any($2) and o.community_id = any($2)
          and coalesce(l.promoter1_id, l.promoter2_id) is not null
        group by 1, 2, 3, 4
    ), brought as materialized (
        select distinct community_id, member_id, inviter_id from bond
        where lane = $1 and community_id = any($2) and refused is null
    ), above as (
        select e.*, b1.inviter_id as inviter, b2.inviter_id as inviters_inviter
        from earner e
        left join brought b1 on b1.community_id = e.community_id and b1.member_id = e.buyer
        left join brought b2 on b2.community_id = e.community_id and b2.member_id = b1.inviter_id
    ), judged as (
        select community_id, buyer, first, second, order_id,
               bool_or(first is null or first in (buyer, inviter)) as first_fits,
               bool_or(second is null or second in (inviter, inviters_inviter)) as second_fits
        from above group by 1, 2, 3, 4, 5
    )
    select community_id, 'share_attribution' as kind, order_id, buyer as member_id, null::bigint as offer_id,
           null::smallint as line, null::bigint as seq, 'level ' || level as what,
           'whoever brought the buyer'::text as expected, 'member ' || promoter as found
    from judged cross join lateral (values (1, first, first_fits), (2, second, second_fits)) as l (level, promoter, fits)
    where fits is not true or (level = 2 and first = second)";
