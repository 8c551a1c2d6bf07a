//! Orders against their lines and against the journal: paid once, for what they come to; refunded for
//! what their lines say; points for what was spent and granted; in a state that fits all that.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check { name: "order lines", sql: LINES },
    Check { name: "orders", sql: ORDERS },
    Check { name: "points of orders", sql: POINTS_OWNER },
];

/// A line by itself: its offer, its variant, and what was refunded of it.
const LINES: &str = "
    with offered as materialized (
        select community_id, offer_id, jsonb_array_length(coalesce(detail -> 'variants', '[]')) as variants
        from offer where lane = $1 and community_id = any($2)
    )
    select l.community_id, bad.kind, l.order_id, null::bigint as member_id, l.offer_id, l.line,
           null::bigint as seq, bad.what, bad.expected::text, bad.found::text
    from order_line l
    left join orders o on o.lane = l.lane and o.community_id = l.community_id and o.order_id = l.order_id
    left join offered f on f.community_id = l.community_id and f.offer_id = l.offer_id
    cross join lateral (values
        ('line_orphan', 'its order', 1::numeric, (o.order_id is not null)::int::numeric),
        ('line_offer', 'its offer', 1, (f.offer_id is not null)::int),
        ('line_variant', 'a variant of the offer', 1, (coalesce(l.variant, 0) between 0 and greatest(f.variants - 1, 0))::int),
        ('line_refund', 'units refunded of an unpaid order', 0, case when o.paid_at is null then l.refunded_qty else 0 end),
        ('line_refund', 'refunded money',
            case when l.refunded_qty = 0 then 0
                 else div((l.price_minor * l.qty - l.discount_minor)::numeric * l.refunded_qty, nullif(l.qty, 0)) end,
            l.refunded_minor)
    ) as bad (kind, what, expected, found)
    where l.lane = $1 and l.community_id = any($2) and bad.expected <> bad.found";

/// Of an order: its lines in sum, and its facts in the journal. Cumulative targets, as the refund
/// decides them, so a sequence of partial refunds is checked without knowing it.
const ORDERS: &str = "
    with line as (
        select community_id, order_id, count(*) as lines, max(line) as last_line,
               sum(discount_minor) as discount, sum(price_minor * qty - discount_minor) as total,
               sum(refunded_minor) as refunded, bool_and(qty = refunded_qty) as is_empty,
               sum(case when refunded_qty > 0 and discount_minor > 0
                        then div(discount_minor::numeric * refunded_qty, qty) else 0 end) as worth_undone
        from order_line where lane = $1 and community_id = any($2) group by 1, 2
    ), fact as (
        select community_id, order_id, max(seq) as seq,
               count(*) filter (where kind = 'paid') as paid_facts,
               count(*) filter (where kind = 'earned') as earned_facts,
               count(*) filter (where kind = 'due') as due_facts,
               sum(amounts[array_position(accounts, 1::bigint)]) filter (where kind = 'paid') as paid,
               -sum(amounts[array_position(accounts, 1::bigint)]) filter (where kind = 'refunded') as refunded,
               sum(amounts[array_position(accounts, 5::bigint)]) filter (where kind = 'points_granted') as granted,
               sum(amounts[array_position(accounts, 5::bigint)]) filter (where currency = 'PTS') as points
        from journal where lane = $1 and community_id = any($2) and order_id is not null group by 1, 2
    ), ordered as (
        select o.*, l.lines, l.last_line, l.discount, coalesce(l.total, 0) as total,
               coalesce(l.refunded, 0) as refunded, l.is_empty, coalesce(l.worth_undone, 0) as worth_undone,
               o.paid_at is not null as is_paid
        from orders o left join line l using (community_id, order_id)
        where o.lane = $1 and o.community_id = any($2)
    )
    select o.community_id, bad.kind, o.order_id, o.member_id, null::bigint as offer_id, null::smallint as line,
           f.seq, bad.what, bad.expected::text, bad.found::text
    from ordered o
    left join fact f using (community_id, order_id)
    left join member m on m.lane = $1 and m.community_id = o.community_id and m.member_id = o.member_id
    cross join lateral (values
        ('order_member', 'its buyer', 1::numeric, (m.member_id is not null)::int::numeric),
        ('order_lines', 'lines numbered from 1', greatest(o.lines, 1), coalesce(o.last_line, 0)),
        ('order_discount', 'what points paid, by its lines', coalesce(o.discount, 0), o.points_worth_minor),
        ('order_paid', 'times paid', (o.is_paid and o.total > 0)::int, coalesce(f.paid_facts, 0)),
        ('order_paid', 'money booked', case when o.is_paid then o.total else 0 end, coalesce(f.paid, 0)),
        ('order_refunded', 'money booked back', o.refunded, coalesce(f.refunded, 0)),
        ('order_earned', 'times commission was booked', least(f.earned_facts, o.is_paid::int), coalesce(f.earned_facts, 0)),
        ('order_due', 'times commission came due', least(f.due_facts, (o.received_at is not null)::int), coalesce(f.due_facts, 0)),
        ('order_received', 'money taken for it, at least',
            case when o.is_paid then greatest(o.total, o.received_minor) else o.received_minor end, o.received_minor),
        ('order_points', 'points granted for it', o.points_granted, coalesce(f.granted, 0)),
        ('order_points', 'points it moved in all',
            o.points_granted - o.points_spent
            + case when o.points_worth_minor > 0
                   then div(o.points_spent * o.worth_undone, o.points_worth_minor) else 0 end
            - case when o.total > 0 and o.refunded > 0
                   then o.points_granted - div(o.points_granted * (o.total - o.refunded), o.total) else 0 end,
            coalesce(f.points, 0)),
        ('order_state', o.state || ': does what is written on it fit', 1,
            (case o.state
                when 'placed' then not o.is_paid and o.due_at is null
                when 'cancelled' then not o.is_paid and o.points_spent = 0
                when 'paid' then o.is_paid and not o.is_empty and o.received_at is null
                when 'shipped' then o.is_paid and not o.is_empty and o.shipped_at is not null and o.received_at is null
                when 'received' then o.is_paid and not o.is_empty and o.received_at is not null and o.due_at is not null
                when 'closed' then o.is_paid and not o.is_empty and o.received_at is not null and o.due_at is null
                when 'refunded' then o.is_paid and o.is_empty and o.due_at is null
                else false end)::int)
    ) as bad (kind, what, expected, found)
    where bad.expected <> bad.found";

/// Points of an order are its buyer's.
const POINTS_OWNER: &str = "
    select j.community_id, 'order_points' as kind, j.order_id, o.member_id, null::bigint as offer_id,
           null::smallint as line, j.seq, 'whose points ' || j.kind as what,
           (o.member_id * 16 + 5)::text as expected, j.accounts::text as found
    from journal j join orders o using (lane, community_id, order_id)
    where j.lane = $1 and j.community_id = any($2) and j.currency = 'PTS'
      and not o.member_id * 16 + 5 = any(j.accounts)";
