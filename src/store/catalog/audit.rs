//! Goods: what was put on sale is what is left and what live orders have.

use crate::store::audit::Check;

pub(in crate::store) const CHECKS: &[Check] = &[Check { name: "stock", sql: || STOCK.into() }];

/// A refunded unit counts as sold unless it went back on sale; a cancelled order holds nothing.
const STOCK: &str = "
    with taken as materialized (
        select l.community_id, l.offer_id, coalesce(l.variant, 0) as variant, sum(l.qty - l.restocked) as units,
               max(l.order_id) as order_id
        from order_line l join orders o using (lane, community_id, order_id)
        where l.lane = $1 and l.community_id = any($2) and o.community_id = any($2) and o.state <> 'cancelled'
        group by 1, 2, 3
    ), sold as (
        select community_id, offer_id, sum(units) as units, max(order_id) as order_id from taken group by 1, 2
    ), counted as (
        select community_id, offer_id, initial, units_left, sold from offer_count
        where lane = $1 and community_id = any($2)
    ), offered as (
        select community_id, offer_id from offer where lane = $1 and community_id = any($2)
    ), stocked as (
        select c.community_id, c.offer_id, s.place, s.initial, s.units_left,
               coalesce((select sum(t.units) from taken t
                         where t.community_id = c.community_id and t.offer_id = c.offer_id
                           and (cardinality(c.initial) = 1 or t.variant = s.place - 1)), 0) as units
        from counted c cross join lateral unnest(c.initial, c.units_left) with ordinality as s (initial, units_left, place)
    )
    select community_id, 'offer_count' as kind, null::bigint as order_id, null::bigint as member_id, offer_id,
           null::smallint as line, null::bigint as seq, 'its words and its counts' as what, 'both'::text as expected,
           case when c.offer_id is null then 'no counts' else 'no words' end as found
    from offered o full join counted c using (community_id, offer_id)
    where o.offer_id is null or c.offer_id is null
    union all
    select c.community_id, 'sold', s.order_id, null, c.offer_id, null, null, 'sold',
           coalesce(s.units, 0)::text, c.sold::text
    from counted c left join sold s using (community_id, offer_id)
    where coalesce(s.units, 0) <> c.sold
    union all
    select community_id, 'stock', null, null, offer_id, null, null, 'put on sale, stock ' || place,
           (units_left + units)::text, initial::text
    from stocked where initial is distinct from units_left + units
    union all
    select community_id, 'oversold', null, null, offer_id, null, null, 'left of stock ' || place,
           'not below 0', units_left::text
    from stocked where units_left < 0 or units_left is null";
