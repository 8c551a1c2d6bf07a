-- Processes that doubt their clock, so that an operator can see it and say that it is right.

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
