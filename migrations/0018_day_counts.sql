-- What a community sold day by day, kept as balances are: how much did we sell yesterday, this week, this month.

create table day_count (
    lane smallint not null,
    community_id bigint not null,
    day date not null,
    orders bigint not null,
    units bigint not null,
    sold_minor bigint not null,
    paid_minor bigint not null,
    refunded_minor bigint not null,
    constraint day_count_key primary key (lane, community_id, day)
) with (fillfactor = 30);
comment on table day_count is 'Sums by day of the community''s calendar, moved by the batch that moves what they count; the audit counts them again.';
comment on column day_count.orders is 'Orders placed that day that were not cancelled.';
comment on column day_count.units is 'Their units, less those refunded.';
comment on column day_count.sold_minor is 'What they come to in money, less what was refunded.';
comment on column day_count.paid_minor is 'What was taken that day for whatever order, less what was given back unpaid.';
comment on column day_count.refunded_minor is 'What of paid orders was refunded that day.';
grant select, insert, update, delete on day_count to tuan_app;

insert into day_count (lane, community_id, day, orders, units, sold_minor, paid_minor, refunded_minor)
select lane, community_id, day, sum(orders), sum(units), sum(sold), sum(paid), sum(refunded)
from (
    select o.lane, o.community_id, (o.placed_at at time zone c.time_zone)::date as day,
           1 as orders, coalesce(l.units, 0) as units, coalesce(l.sold, 0) as sold, 0 as paid, 0 as refunded
    from orders o
    join community c using (lane, community_id)
    left join (
        select lane, community_id, order_id, sum(qty - refunded_qty) as units,
               sum(price_minor * qty - cut_minor - discount_minor - refunded_minor) as sold
        from order_line group by 1, 2, 3) l using (lane, community_id, order_id)
    where o.state <> 'cancelled'
    union all
    select j.lane, j.community_id, (j.at at time zone c.time_zone)::date, 0, 0, 0,
           case when j.kind = 'refunded' then 0 else j.amounts[array_position(j.accounts, 1::bigint)] end,
           case when j.kind = 'refunded' then -j.amounts[array_position(j.accounts, 1::bigint)] else 0 end
    from journal j
    join community c using (lane, community_id)
    where j.currency = c.currency and array_position(j.accounts, 1::bigint) is not null
) counted
group by 1, 2, 3;
