-- What may still be made good. First: money that comes for an order which lapsed a short time ago.

alter table orders
    add column lapsed_at timestamptz,
    add constraint orders_lapsed_is_over check (lapsed_at is null or state = 'cancelled');
comment on column orders.lapsed_at is 'When it lapsed: its time was over, or its group buy failed. Null: it did not, or is on again. Orders from before it was kept have none.';

create or replace view orders_now as
    select o.lane, o.community_id, o.order_id, o.member_id,
           case when o.state = 'received' and s.seq is not null then 'closed' else o.state end as state,
           o.closes_at, o.hold_until, o.warned, o.prolonged, o.placed_at, o.paid_at, o.received_minor,
           o.points_worth_minor, o.points_spent, o.points_per_minor, o.points_times, o.points_granted,
           o.shipped_at, o.received_at, o.due_at, s.seq as settled_seq,
           o.said_print, o.said_at, o.private, o.changed_from, o.changes, o.lapsed_at
    from orders o left join lateral (
        select seq from settlement s
        where o.due_at is not null and s.lane = o.lane and s.community_id = o.community_id
          and (s.due_at, s.order_id) >= (o.due_at, o.order_id)
        order by s.due_at, s.order_id limit 1) s on true;

-- Second: what somebody did a moment ago, which they may take back.

alter table decision add column before jsonb;
comment on column decision.before is 'What was there before, and what came of it, so that its maker can take it back: numbers, nobody''s words.';
create index decision_undoable on decision (lane, community_id, member_id, seq, ordinal) where before is not null;
