//! Cases against orders: whoever complains bought what it is about.

use crate::store::audit::Check;

pub(in crate::store) const CHECKS: &[Check] = &[Check { name: "cases", sql: || CASES.into() }];

const CASES: &str = "
    select s.community_id, 'case' as kind, s.order_id, s.member_id, null::bigint as offer_id, s.line,
           null::bigint as seq, 'the line that Q' || s.case_id || ' is about' as what,
           'one of its member''s orders' as expected, coalesce('member ' || o.member_id, 'no order') as found
    from service_case s
    left join orders o on o.lane = $1 and o.community_id = any($2)
                       and o.community_id = s.community_id and o.order_id = s.order_id
    left join order_line l on l.lane = $1 and l.community_id = any($2)
                           and l.community_id = s.community_id and l.order_id = s.order_id and l.line = s.line
    where s.lane = $1 and s.community_id = any($2) and s.order_id is not null
      and (o.member_id is distinct from s.member_id or l.line is null)";
