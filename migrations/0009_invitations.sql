-- Some platforms name who invited somebody only when that person asks to come in, and say nothing when they come.

create table invitation (
    account_id integer not null,
    chat_key text not null,
    user_key text not null,
    inviter_key text not null,
    at timestamptz not null,
    constraint invitation_key primary key (account_id, chat_key, user_key)
);
comment on table invitation is 'Who asked to come into a linked group by whose invitation. Used up by the join; what is older than thirty days goes.';
comment on column invitation.at is 'When the request was heard.';
grant select, insert, update, delete on invitation to tuan_app;
