-- Goods arrive, and are collected. That they did is a fact of the offer: calling them costs one row.

alter table offer
    add column expected_at timestamptz,
    add column expected_day boolean not null default false,
    add column arrived_at timestamptz,
    add column pickup_point text,
    add column pickup_hours text,
    add constraint offer_called_somewhere check (arrived_at is not null or (pickup_point is null and pickup_hours is null));
comment on column offer.expected_at is 'When its goods are expected; with expected_day, some time on that day.';
comment on column offer.arrived_at is 'When a leader said that its goods are there. Null: nobody has.';
comment on column offer.pickup_point is 'Where they are to be collected, as the leader said to the group.';
comment on column offer.pickup_hours is 'When, as the leader said it.';

alter table order_line add column collected_at timestamptz;
comment on column order_line.collected_at is 'When its goods were handed over, where that was said of single lines; an order of which all are is received.';

alter table member drop constraint member_role_known;
alter table member add constraint member_role_known check (role in ('member', 'helper', 'leader', 'operator'));
