-- Rows of statements (账单) that were booked: a row that comes again, in the same file or another, is known.

create table statement_row (
    lane smallint not null,
    community_id bigint not null,
    print bigint not null,
    order_id bigint not null,
    amount_minor bigint not null,
    seq bigint not null,
    constraint statement_row_key primary key (lane, community_id, print, order_id)
);
comment on table statement_row is 'What was booked from statements, by order: one row of a statement may pay several.';
comment on column statement_row.print is 'A fingerprint of the transaction''s number, or of the whole row where it has none.';
grant select, insert on statement_row to tuan_app;
