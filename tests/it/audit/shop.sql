-- A shop of any size whose books are right: $communities$ communities of $members$ members with
-- $orders$ orders each, in every state, with refunds, points, two levels and check-ins. Balances are
-- summed from the journal, as the audit does; everything else is counted forwards, as decisions do.

create function pg_temp.account(member bigint, place text) returns bigint language sql immutable
    return $account$;

insert into policy (version, body, fingerprint, loaded_at) values (1,
    '{"commission": {"cap": 2000}, "attribution": {"founding_bindable": false}, "points": {"share": 20}}', 'made', now())
on conflict do nothing;

insert into community (lane, community_id, slug, name, locale, time_zone, currency, policy_version, account_id)
select n % (select count(*) from lane), n, 'c' || n, '群' || n, 'zh-Hans', 'Asia/Shanghai', 'CNY', 1, 1
from generate_series(1, $communities$) as n;

update lane set done_seq = 1000000000;
update lane_intake set last_seq = 1000000000;

-- Members: m was brought by m / 2, but every ninth was there before the shop.
insert into member (lane, community_id, member_id, account_id, user_key, name, role, present, founding, promoter,
                    joined_at, inviter_id, evidence, bound_at, code, shares_waiting, streak_from, streak_to)
select lane, community_id, m, 1, 'u' || m, '会员' || m, case m when 1 then 'leader' else 'member' end, true,
       m % 9 = 1, true, '2026-01-01', i, case when i is not null then 'join_event' end,
       case when i is not null then timestamptz '2026-01-01' end, 'K' || m, 0,
       case when m % 4 = 0 then date '2026-03-02' end, case when m % 4 = 0 then date '2026-03-03' end
from community cross join generate_series(1, $members$) as m
cross join lateral (select case when m % 9 = 1 then null else m / 2 end) as up (i);
insert into bond (lane, community_id, seq, ordinal, member_id, inviter_id, evidence, refused, at)
select lane, community_id, member_id, 1, member_id, inviter_id, evidence, null, bound_at
from member where inviter_id is not null;

insert into check_in (lane, community_id, member_id, day, seq, points)
select lane, community_id, member_id, date '2026-03-01' + d, 900000000 + member_id * 10 + d, 5
from member cross join (values (-3), (1), (2)) as days (d) where member_id % 4 = 0;
insert into journal (lane, community_id, seq, ordinal, kind, currency, accounts, amounts, at)
select lane, community_id, seq, 1, 'points_granted', 'PTS', array[5, pg_temp.account(member_id, 'points')], array[points, -points], '2026-03-03'
from check_in;

insert into offer (lane, community_id, offer_id, code, state, price_minor, opens_at, closes_at, detail)
select lane, community_id, o, 'A' || o, 'open', 3990 + o * 100, '2026-03-01', '2030-03-01',
       case when o % 3 = 0 then '{"variants": ["黑", "白"]}' else '{"variants": []}' end::jsonb
from community cross join generate_series(1, 10) as o;

-- Orders: one line, some with a second. `part` is what a partial refund takes back.
create temp table made as
select lane, community_id, i as order_id, m as member_id, 1 + i % 10 as offer_id,
       case when (1 + i % 10) % 3 = 0 then (i / 10 % 2)::smallint end as variant,
       1 + i % 3 as qty, 3990 + (1 + i % 10) * 100 as price,
       case when i % 5 = 0 and state <> 'cancelled' then 100 + i % 37 else 0 end as discount,
       state, state not in ('placed', 'cancelled') as is_paid,
       case state when 'refunded' then 1 + i % 3 when 'shipped' then i / 10 % 2 * (i % 3) else 0 end as refunded_qty,
       p1, case when p1 is not null then p2 end as p2
from community cross join generate_series(1, $orders$) as i
cross join lateral (select 1 + (i * 7919) % $members$,
    (array['cancelled', 'placed', 'paid', 'paid', 'shipped', 'received', 'closed', 'closed', 'closed', 'refunded'])[1 + i / 3 % 10]) as o (m, state)
join lateral (select inviter_id from member where member.lane = community.lane
              and member.community_id = community.community_id and member_id = m) as up1 (p1) on true
left join lateral (select inviter_id from member where member.lane = community.lane
              and member.community_id = community.community_id and member_id = p1) as up2 (p2) on true;

create temp table line as
select *, base * 600 / 10000 as earned1, base * 150 / 10000 as earned2,
       case when is_paid then base * 600 / 10000 - base * 600 / 10000 * (base - refunded) / base else 0 end as reversed1,
       case when is_paid then base * 150 / 10000 - base * 150 / 10000 * (base - refunded) / base else 0 end as reversed2,
       case when is_paid then base / 100 else 0 end as granted, discount as spent,
       discount * refunded_qty / qty as spent_back
from (select *, price * qty - discount as base, (price * qty - discount) * refunded_qty / qty as refunded from made) as priced;
drop table made;

insert into orders (lane, community_id, order_id, member_id, state, closes_at, hold_until, placed_at, paid_at,
                    received_minor, points_worth_minor, points_spent, points_granted, shipped_at, received_at, due_at)
select lane, community_id, order_id, member_id, case state when 'closed' then 'received' else state end, '2030-03-01', '2030-03-02', '2026-03-01',
       case when is_paid then timestamptz '2026-03-02' end, case when is_paid then base else 0 end, discount, spent, granted,
       case when state = 'shipped' then timestamptz '2026-03-03' end,
       case when state in ('received', 'closed') then timestamptz '2026-03-04' end,
       case state when 'received' then timestamptz '2026-03-20'
                  when 'closed' then timestamptz '2026-03-12' + order_id % 3 * interval '1 day' end
from line;
insert into order_line (lane, community_id, order_id, line, offer_id, variant, qty, price_minor, discount_minor,
                        refunded_qty, restocked, refunded_minor, promoter1_id, rate1_bps, earned1_minor, reversed1_minor,
                        promoter2_id, rate2_bps, earned2_minor, reversed2_minor)
select lane, community_id, order_id, 1, offer_id, variant, qty, price, discount, refunded_qty, refunded_qty / 2, refunded,
       p1, case when p1 is not null then 600 end, case when p1 is not null then earned1 end, case when p1 is not null then reversed1 end,
       p2, case when p2 is not null then 150 end, case when p2 is not null then earned2 end, case when p2 is not null then reversed2 end
from line;
update orders set points_per_minor = 100, points_times = 10000;
update member m set first_paid_at = '2026-03-02'
where exists (select from orders o where o.lane = m.lane and o.community_id = m.community_id
              and o.member_id = m.member_id and o.paid_at is not null);

insert into offer_count (lane, community_id, offer_id, initial, units_left, sold, sold_out_said)
select o.lane, o.community_id, o.offer_id,
       case when o.offer_id = 1 then '{}' when o.offer_id % 3 = 0 then array[7 + sold0, 7 + sold1] else array[7 + sold0 + sold1] end,
       case when o.offer_id = 1 then '{}' when o.offer_id % 3 = 0 then '{7,7}' else '{7}' end::bigint[],
       sold0 + sold1, false
from offer o left join (
    select community_id, offer_id,
           sum(units) filter (where coalesce(variant, 0) = 0) as first, sum(units) filter (where variant = 1) as second
    from (select community_id, offer_id, variant, qty - refunded_qty / 2 as units from line where state <> 'cancelled') as taken
    group by 1, 2) as s using (community_id, offer_id)
cross join lateral (select coalesce(s.first, 0), coalesce(s.second, 0)) as n (sold0, sold1);

-- The journal: what each order came to, in the order it happened.
insert into journal (lane, community_id, seq, ordinal, kind, currency, order_id, accounts, amounts, at)
select lane, community_id, order_id * 10 + step, 1, kind, 'CNY', order_id, accounts, amounts, '2026-03-02'
from line cross join lateral (
    select coalesce(p1, 0), coalesce(p2, 0), p1 is not null, p2 is not null) as up (q1, q2, has1, has2)
cross join lateral (values
    (1, 'paid', is_paid, array[1, 2]::bigint[], array[base, -base]::bigint[]),
    (2, 'earned', is_paid and has1,
        array[3, pg_temp.account(q1, 'frozen')] || case when has2 then array[pg_temp.account(q2, 'frozen')] else '{}' end,
        array[earned1 + case when has2 then earned2 else 0 end, -earned1] || case when has2 then array[-earned2] else '{}' end),
    (4, 'refunded', refunded > 0, array[2, 1], array[refunded, -refunded]),
    (5, 'reversed', refunded > 0 and has1,
        array[3, pg_temp.account(q1, 'frozen')] || case when has2 then array[pg_temp.account(q2, 'frozen')] else '{}' end,
        array[-reversed1 - case when has2 then reversed2 else 0 end, reversed1] || case when has2 then array[reversed2] else '{}' end)
) as fact (step, kind, happened, accounts, amounts)
where happened;
insert into journal (lane, community_id, seq, ordinal, kind, currency, order_id, accounts, amounts, at)
select lane, community_id, order_id * 10 + step, 2, kind, 'PTS', order_id, array[5, pg_temp.account(member_id, 'points')],
       array[points, -points], '2026-03-02'
from line cross join lateral (values
    (0, 'points_spent', -spent), (1, 'points_granted', granted), (6, 'points_reversed', spent_back),
    (7, 'points_reversed', case when refunded > 0 then granted * (base - refunded) / base - granted else 0 end)
) as fact (step, kind, points)
where points <> 0;

-- What is closed came due on three days, by one event and one entry each.
insert into settlement (lane, community_id, due_at, order_id, seq, at)
select lane, community_id, day, $orders$, 930000000 + nth, day
from community cross join generate_series(0, 2) as nth
cross join lateral (select timestamptz '2026-03-12' + nth * interval '1 day') as d (day);
insert into journal (lane, community_id, seq, ordinal, kind, currency, accounts, amounts, at)
select lane, community_id, 930000000 + nth, 1, 'due', 'CNY',
       array_agg(pg_temp.account(promoter, 'frozen') order by promoter) || array_agg(pg_temp.account(promoter, 'available') order by promoter),
       array_agg(amount order by promoter) || array_agg(-amount order by promoter), '2026-03-12'
from (
    select lane, community_id, order_id % 3 as nth, promoter, sum(amount)::bigint as amount
    from line cross join lateral (values (p1, earned1 - reversed1), (p2, earned2 - reversed2)) as s (promoter, amount)
    where state = 'closed' and promoter is not null
    group by 1, 2, 3, 4) as due
group by 1, 2, 3;
drop table line;

-- Some of what is available is asked for, some of that is sent.
insert into journal (lane, community_id, seq, ordinal, kind, currency, accounts, amounts, at)
select lane, community_id, 950000000 + member_id * 2 + step, 1, kind, 'CNY', accounts, amounts, '2026-03-20'
from member cross join lateral (values
    (0, 'asked', array[pg_temp.account(member_id, 'available'), pg_temp.account(member_id, 'locked')], '{300,-300}'::bigint[]),
    (1, 'sent', array[pg_temp.account(member_id, 'locked'), pg_temp.account(member_id, 'paid_out'), 4], '{200,-180,-20}')
) as fact (step, kind, accounts, amounts)
where member_id <= 3;
insert into withdrawal (lane, community_id, withdrawal_id, member_id, state, currency, amount_minor,
                        withheld_minor, asked_at, decided_at, ended_at, payout_no, batch)
select lane, community_id, (member_id - 1) * 2 + step + 1, member_id, state, 'CNY', amount, withheld, '2026-03-20',
       ended_at, ended_at, payout_no, batch
from member cross join lateral (values
    (0, 'sent', 200, 20, '2026-03-21'::timestamptz, 'P' || member_id, 1), (1, 'asked', 100, 0, null, null, null)
) as fact (step, state, amount, withheld, ended_at, payout_no, batch)
where member_id <= 3;

insert into balance (lane, community_id, account_no, currency, amount)
select lane, community_id, account_no, currency, sum(amount)
from journal cross join lateral unnest(accounts, amounts) as leg (account_no, amount)
group by 1, 2, 3, 4;

-- What was sold day by day.
insert into day_count (lane, community_id, day, orders, units, sold_minor, paid_minor, refunded_minor)
select lane, community_id, day, sum(orders), sum(units), sum(sold), sum(paid), sum(refunded)
from (
    select o.lane, o.community_id, (o.placed_at at time zone c.time_zone)::date as day, (l.line = 1)::int as orders,
           l.qty - l.refunded_qty as units, l.price_minor * l.qty - l.cut_minor - l.discount_minor - l.refunded_minor as sold,
           0 as paid, 0 as refunded
    from orders o join community c using (lane, community_id) join order_line l using (lane, community_id, order_id)
    where o.state <> 'cancelled'
    union all
    select j.lane, j.community_id, (j.at at time zone c.time_zone)::date, 0, 0, 0,
           case when j.kind = 'refunded' then 0 else leg.amount end, case when j.kind = 'refunded' then -leg.amount else 0 end
    from journal j join community c using (lane, community_id)
    cross join lateral unnest(j.accounts, j.amounts) as leg (account_no, amount)
    where leg.account_no = 1 and j.currency = c.currency
) as moved
group by 1, 2, 3;
