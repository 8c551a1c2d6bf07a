-- Bounds on what time and people may do. First: processes that doubt their clock, so that an operator can see it
-- and say that it is right.

create table clock_doubt (
    owner text not null,
    by_seconds bigint not null,
    seen_at timestamptz not null,
    accepted boolean not null default false,
    constraint clock_doubt_key primary key (owner)
);
comment on table clock_doubt is 'Processes whose wall clock leapt while they ran: what releases or pays waits there. A row goes when its doubt is over.';
comment on column clock_doubt.owner is 'The process, as leases name it.';
comment on column clock_doubt.by_seconds is 'How far it leapt, forward or back.';
comment on column clock_doubt.seen_at is 'When the process last said so, by the database''s clock.';
comment on column clock_doubt.accepted is 'An operator said that the new time is right; the process looks every second.';

grant select, insert, update, delete on clock_doubt to tuan_app;

-- Restraint: what a member wants beyond what they may hold unpaid waits for a leader's word.

alter table member add column request bytea;
comment on column member.request is 'An order beyond the bounds of the file that waits for a leader''s word; sealed.';

alter table orders
    add column changed_from timestamptz,
    add column changes smallint,
    add constraint orders_changes_whole check (num_nulls(changed_from, changes) in (0, 2) and changes > 0);
comment on column orders.changes is 'How often it was changed in the minute that began at changed_from, the last in which it was.';

create or replace view orders_now as
    select o.lane, o.community_id, o.order_id, o.member_id,
           case when o.state = 'received' and s.seq is not null then 'closed' else o.state end as state,
           o.closes_at, o.hold_until, o.warned, o.prolonged, o.placed_at, o.paid_at, o.received_minor,
           o.points_worth_minor, o.points_spent, o.points_per_minor, o.points_times, o.points_granted,
           o.shipped_at, o.received_at, o.due_at, s.seq as settled_seq,
           o.said_print, o.said_at, o.private, o.changed_from, o.changes
    from orders o left join lateral (
        select seq from settlement s
        where o.due_at is not null and s.lane = o.lane and s.community_id = o.community_id
          and (s.due_at, s.order_id) >= (o.due_at, o.order_id)
        order by s.due_at, s.order_id limit 1) s on true;

-- Erasing is whole: operators' reasons may name people.

grant update (reason) on bond to tuan_app;
