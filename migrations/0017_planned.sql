-- Offers that open later: listed in advance, they wait for their time.

alter table offer drop constraint offer_state_known;
alter table offer add constraint offer_state_known check (state in ('open', 'closed', 'planned'));
