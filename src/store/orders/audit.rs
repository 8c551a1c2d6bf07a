//! Orders against their lines and against the journal: paid once, for what they come to; refunded for
//! what their lines say; points for what was spent and granted; in a state that fits all that.

use std::borrow::Cow;

use crate::domain::ledger::{House, POINTS, Purse};
use crate::store::chart;

use crate::store::audit::Check;

pub(in crate::store) const CHECKS: &[Check] =
    &[Check { name: "order lines", sql: || LINES.into() }, Check { name: "orders", sql: orders }];

/// A line by itself: its offer, its variant, and what was refunded of it: what its units come to, to what the
/// currency pays, but for lines from before it did; and the amounts beside them, at most what was paid.
const LINES: &str = "
    with offered as materialized (
        select community_id, offer_id, jsonb_array_length(coalesce(detail -> 'variants', '[]')) as variants
        from offer where lane = $1 and community_id = any($2)
    )
    select l.community_id, bad.kind, l.order_id, null::bigint as member_id, l.offer_id, l.line,
           null::bigint as seq, bad.what, bad.expected::text, bad.found::text
    from (
        select l.*,
               array[1, 1, 1, 0, 0, l.cut_minor, least(l.base, l.by_units + l.refunded_amount_minor)]::numeric[] as wanted,
               array[(o.order_id is not null)::int, (f.offer_id is not null)::int,
                     (coalesce(l.variant, 0) between 0 and greatest(coalesce(f.variants, 0) - 1, 0))::int,
                     case when o.paid_at is null then l.refunded_qty else 0 end,
                     case when o.paid_at is null then l.refunded_amount_minor else 0 end,
                     coalesce((select sum((cut ->> 'amount')::bigint) from jsonb_array_elements(l.cuts) as cut), 0),
                     l.refunded_minor]::numeric[] as written
        from (
            select *, price_minor * qty - cut_minor - discount_minor as base,
                   case when refunded_qty = 0 then 0
                        else div((price_minor * qty - cut_minor - discount_minor)::numeric * refunded_qty, nullif(qty, 0)) end as by_units
            from order_line where lane = $1 and community_id = any($2)
        ) l
        left join orders o on o.lane = l.lane and o.community_id = l.community_id and o.order_id = l.order_id
                          and o.community_id = any($2)
        left join offered f on f.community_id = l.community_id and f.offer_id = l.offer_id
        where l.lane = $1 and l.community_id = any($2)
    ) as l
    cross join lateral unnest(
        array['line_orphan', 'line_offer', 'line_variant', 'line_refund', 'line_refund', 'line_cut', 'line_refund'],
        array['its order', 'its offer', 'a variant of the offer', 'units refunded of an unpaid order', 'amounts refunded of an unpaid order', 'cut, by its rows', 'refunded money'],
        l.wanted, l.written) as bad (kind, what, expected, found)
    where l.wanted <> l.written and bad.expected <> bad.found
      and bad.found is distinct from (
          select least(l.base, l.by_units - l.by_units % {cash_step} + l.refunded_amount_minor) from community c
          where c.lane = $1 and c.community_id = l.community_id
            and bad.what = 'refunded money' and l.refunded_qty < l.qty)";

/// Of an order: its lines in sum, and its facts in the journal. Cumulative targets, as the refund
/// decides them, so a sequence of partial refunds is checked without knowing it.
fn orders() -> Cow<'static, str> {
    let facts = facts();
    let wallet = chart::of("o.member_id", Purse::Wallet);
    format!(
        "
    with line as (
        {SUMS}
    ), fact as (
        {facts}
    ), mark as materialized (
        select distinct on (community_id) community_id, due_at as last_due, order_id as last_order
        from settlement where lane = $1 and community_id = any($2) order by community_id, due_at desc, order_id desc
    ), ordered as (
        select o.*, l.lines, l.last_line, l.discount, coalesce(l.total, 0) as total,
               coalesce(l.refunded, 0) as refunded, l.is_empty, coalesce(l.worth_undone, 0) as worth_undone,
               o.paid_at is not null as is_paid,
               coalesce((o.due_at, o.order_id) <= (last_due, last_order), false) as is_settled
        from orders o left join line l using (community_id, order_id) left join mark using (community_id)
        where o.lane = $1 and o.community_id = any($2)
    )
    select community_id, bad.kind, order_id, o.member_id, null::bigint as offer_id, null::smallint as line,
           o.seq, bad.what, bad.expected::text, bad.found::text
    from (
        select coalesce(o.community_id, f.community_id) as community_id, coalesce(o.order_id, f.order_id) as order_id,
               o.member_id, f.seq,
               array[1, 1, greatest(o.lines, 1), coalesce(o.discount, 0),
                     (o.is_paid and o.total > 0)::int, case when o.is_paid then o.total else 0 end, o.refunded,
                     least(coalesce(f.earned_facts, 0), o.is_paid::int),
                     coalesce(f.received, 0), o.received_minor - case when o.is_paid then o.total else 0 end, 0,
                     o.points_granted,
                     case when o.is_paid and o.points_times is not null
                          then div(o.total * o.points_times, 10000 * o.points_per_minor::numeric) else 0 end,
                     o.points_granted - o.points_spent
                     + case when o.points_worth_minor > 0 and o.worth_undone > 0
                            then div(o.points_spent * o.worth_undone, o.points_worth_minor) else 0 end
                     - case when o.total > 0 and o.refunded > 0
                            then o.points_granted - div(o.points_granted * (o.total - o.refunded), o.total) else 0 end,
                     case when f.points is not null then {wallet} end,
                     case when f.points is not null then {wallet} end,
                     1]::numeric[] as wanted,
               array[(o.order_id is not null)::int, (m.member_id is not null)::int, coalesce(o.last_line, 0), o.points_worth_minor,
                     coalesce(f.paid_facts, 0), coalesce(f.paid, 0), coalesce(f.refunded, 0),
                     coalesce(f.earned_facts, 0), o.received_minor, coalesce(f.deposit, 0),
                     least(o.received_minor - case when o.is_paid then o.total else 0 end, 0),
                     coalesce(f.granted, 0), o.points_granted, coalesce(f.points, 0), f.first_owner, f.last_owner,
                     {STATE_FITS}]::numeric[] as written
        from ordered o
        full join fact f using (community_id, order_id)
        left join member m on m.lane = $1 and m.community_id = any($2)
                           and m.community_id = o.community_id and m.member_id = o.member_id
    ) as o
    cross join lateral unnest(
        array['journal_orphan', 'order_member', 'order_lines', 'order_discount', 'order_paid', 'order_paid', 'order_refunded',
              'order_earned', 'order_received', 'order_deposit', 'order_received', 'order_points', 'order_points', 'order_points',
              'order_points', 'order_points', 'order_state'],
        array['its order', 'its buyer', 'lines numbered from 1', 'what points paid, by its lines', 'times paid', 'money booked',
              'money booked back', 'times commission was booked', 'money taken for it', 'what of that is the buyer''s still', 'missing of its price', 'points granted for it', 'points by its terms', 'points it moved in all',
              'whose points it moved', 'whose points it moved',
              'what is written on it fits its state'],
        o.wanted, o.written) as bad (kind, what, expected, found)
    where o.wanted is distinct from o.written and coalesce(bad.expected, 0) <> coalesce(bad.found, 0)
      and (bad.kind = 'journal_orphan' or o.wanted[1] = o.written[1])"
    )
    .into()
}

/// Whether what is written on an order fits its state.
const STATE_FITS: &str = "
    (case o.state
        when 'placed' then not o.is_paid and o.due_at is null
        when 'cancelled' then not o.is_paid and o.points_spent = 0
        when 'paid' then o.is_paid and not o.is_empty and o.received_at is null
        when 'shipped' then o.is_paid and not o.is_empty and o.shipped_at is not null and o.received_at is null
        when 'received' then o.is_paid and not o.is_empty and o.received_at is not null and o.due_at is not null
        when 'refunded' then o.is_paid and o.is_empty and (o.due_at is null or o.is_settled)
        else false end)::int";

/// What the lines of each order come to.
const SUMS: &str = "
    select community_id, order_id, count(*) as lines, max(line) as last_line,
           sum(discount_minor) as discount, sum(price_minor * qty - cut_minor - discount_minor) as total,
           sum(refunded_minor) as refunded, bool_and(qty = refunded_qty) as is_empty,
           sum(case when refunded_qty > 0 and discount_minor > 0
                    then div(discount_minor::numeric * refunded_qty, qty) else 0 end) as worth_undone
    from order_line where lane = $1 and community_id = any($2) group by 1, 2";

/// What the journal says of each order.
fn facts() -> String {
    let [received, sales, issued, deposits] =
        [House::Received, House::Sales, House::Issued, House::Deposits].map(chart::house);
    format!(
        "select community_id, order_id, max(seq) as seq,
                count(*) filter (where kind = 'paid') - count(*) filter (where kind = 'payment_undone') as paid_facts,
                count(*) filter (where kind = 'earned') - count(*) filter (where kind = 'commission_undone') as earned_facts,
                -sum(amounts[array_position(accounts, {sales}::bigint)]) filter (where kind in ('paid', 'payment_undone')) as paid,
                sum(amounts[array_position(accounts, {received}::bigint)]) filter (where kind in ('paid', 'part_paid', 'given_back', 'payment_undone')) as received,
                -sum(amounts[array_position(accounts, {deposits}::bigint)]) filter (where kind in ('paid', 'part_paid', 'given_back', 'payment_undone')) as deposit,
                -sum(amounts[array_position(accounts, {received}::bigint)]) filter (where kind = 'refunded') as refunded,
                sum(amounts[array_position(accounts, {issued}::bigint)]) filter (where kind in ('points_granted', 'points_undone')) as granted,
                sum(amounts[array_position(accounts, {issued}::bigint)]) filter (where currency = '{POINTS}') as points,
                min(greatest(accounts[1], accounts[2])) filter (where currency = '{POINTS}') as first_owner,
                max(greatest(accounts[1], accounts[2])) filter (where currency = '{POINTS}') as last_owner
         from journal where lane = $1 and community_id = any($2) and order_id is not null group by 1, 2"
    )
}
