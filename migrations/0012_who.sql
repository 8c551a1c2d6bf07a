-- Who did it, for good: what an operator's command says of that is in the body of its event, which is blanked in time.

alter table decision add column operator text;
comment on column decision.operator is 'The operator who ordered it, or had a failed event tried again; beside a member, whose event it was. Null: no operator had a hand in it. Decisions from before it was kept have none.';
create index decision_ordered on decision (lane, community_id, seq) where operator is not null;
