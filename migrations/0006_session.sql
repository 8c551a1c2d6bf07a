-- Who is signed in at the web side. Shop-wide, few rows, gone when they lapse; timed by the database's clock,
-- as leases are, so that all processes agree and the demo's clock signs nobody out.

create table session (
    digest bytea not null,
    person text not null,
    role text not null,
    communities bigint[] not null default '{}',
    made_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    lapses_at timestamptz not null,
    ends_at timestamptz not null,
    agent text not null default '',
    constraint session_key primary key (digest),
    constraint session_digest check (octet_length(digest) = 32),
    constraint session_role check (role in ('leader', 'operator')),
    constraint session_agent check (char_length(agent) <= 200),
    constraint session_time check (lapses_at <= ends_at)
);
create index session_by_person on session (person, made_at);
comment on table session is 'Who is signed in at the web side, and since when. Deleted when it ends; what a browser holds is not here.';
comment on column session.digest is 'Keyed hash of what the browser holds; the key is the operator''s token, so that changing it signs everybody out.';
comment on column session.person is 'Who it is: operator, or a leader by platform account and user.';
comment on column session.communities is 'What a leader may see; an operator sees all, and has none here.';
comment on column session.seen_at is 'The last request, to within a minute.';
comment on column session.lapses_at is 'Ends then unless it is used before; each use moves it on.';
comment on column session.ends_at is 'Ends then at the latest, however much it is used.';
comment on column session.agent is 'What the browser says it is, cut.';

grant select, insert, update, delete on session to tuan_app;
