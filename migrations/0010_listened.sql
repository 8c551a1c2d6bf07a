-- What is said while nobody listens may be lost for good, and the group is told since when: also when it was we who
-- were closed.

alter table account add column listened_until timestamptz;
comment on column account.listened_until is 'Until when the account was connected, at least: what was said later may not have been heard.';
