-- After-sales: what a member complains of or wants to return waits for a leader under a number.

create table service_case (
    lane smallint not null,
    community_id bigint not null,
    case_id bigint not null,
    member_id bigint not null,
    order_id bigint,
    line smallint,
    state text not null,
    opened_at timestamptz not null,
    ended_at timestamptz,
    private bytea,
    constraint service_case_key primary key (lane, community_id, case_id),
    constraint service_case_state_known check (state in ('open', 'refunded', 'replaced', 'exchanged', 'declined', 'withdrawn')),
    constraint service_case_ended check ((state = 'open') = (ended_at is null)),
    constraint service_case_about check (num_nulls(order_id, line) in (0, 2))
) with (fillfactor = 80);
create index service_case_open on service_case (lane, community_id) where state = 'open';
create index service_case_opened on service_case (lane, community_id, opened_at);
comment on table service_case is 'After-sales cases (售后), numbered from 1 in their community: open until a leader answers or the member lets it go.';
comment on column service_case.order_id is 'The order it is about, with its line; null: the member has not said which.';
comment on column service_case.private is 'What was said, ids of pictures, and why a leader said no; sealed.';
grant select, insert, update on service_case to tuan_app;
