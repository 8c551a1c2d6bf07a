-- Members whom a leader lets order nothing more (拉黑), since when.

alter table member add column blocked_at timestamptz;
create index member_blocked on member (lane, community_id) where blocked_at is not null;
