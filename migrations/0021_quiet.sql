-- Members whom a leader lets order nothing more (拉黑), since when.

alter table member add column blocked_at timestamptz;
create index member_blocked on member (lane, community_id) where blocked_at is not null;

-- Messages that wait for their own time: a minute's receipts, and notices in quiet hours.

alter table outbox add column due_at timestamptz;
comment on column outbox.due_at is 'Not before then; null: at once.';
comment on column member.blocked_at is 'Since when a leader lets them order nothing; null: they may order.';
