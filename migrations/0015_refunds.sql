-- Money goes back by amount as well as by units: for bruises, for a price that was wrong.

alter table order_line
    add column refunded_amount_minor bigint not null default 0,
    add constraint order_line_refund_by_amount check (refunded_amount_minor between 0 and refunded_minor);
comment on column order_line.refunded_amount_minor is 'Of what was refunded, the amounts given back without units. The whole is what the units refunded come to and these, at most what was paid.';
