-- Names are compared and searched by a key that makes look-alikes one; the name itself is for eyes only. Keys are
-- computed by the program (domain/name.rs), which fills in those of members who were there before.

alter table member add column name_key text not null default '';
comment on column member.name_key is 'The key of the name: two that look alike have the same. Empty until the program has filled it in.';
drop index member_by_name;
create index member_by_name on member (lane, community_id, name_key);

alter table account add column bot_name text;
comment on column account.bot_name is 'What the bot is called there, once it was connected: leaders hear of members who call themselves so.';
