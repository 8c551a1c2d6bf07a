-- Which data keys sealed values need. A wrong key is found out before anything is stored with it.

create table data_key (
    number integer not null,
    key_id bigint not null,
    sealed bytea not null,
    constraint data_key_key primary key (number),
    constraint data_key_once unique (key_id)
);
comment on table data_key is 'The data keys that sealed values of this database need, numbered as they came; the newest seals. Older ones go when tuan rekey has finished.';
comment on column data_key.key_id is 'Names the key and tells nothing of it; sealed values begin with it.';
comment on column data_key.sealed is 'A value that only this key opens: whether values without a key''s id are left.';

grant select, insert, update, delete on data_key to tuan_app;
