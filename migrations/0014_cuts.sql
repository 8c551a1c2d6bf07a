-- A line may cost less than its price: each cut is a row of it, and what they come to stands beside them.

alter table order_line
    add column cut_minor bigint not null default 0,
    add column cuts jsonb,
    add constraint order_line_cut check (cut_minor >= 0 and (cut_minor > 0) = (cuts is not null)),
    drop constraint order_line_refund,
    drop constraint order_line_shares_within_base,
    add constraint order_line_refund check (refunded_minor between 0 and price_minor * qty - cut_minor - discount_minor),
    add constraint order_line_shares_within_base check (
        coalesce(earned1_minor, 0) + coalesce(earned2_minor, 0) <= price_minor * qty - cut_minor - discount_minor);
comment on column order_line.cut_minor is 'So much less than price times units, as its cuts say.';
comment on column order_line.cuts is 'Its cuts (让价): source, amount, reason, and who bears it. Null: none.';
