-- A statement that writes a batch counts what it wrote, and refuses itself when a guard did not match: so most
-- batches are one statement, which needs no transaction around it.

create function require(fine boolean) returns void
    language plpgsql
    as $$
begin
    if fine is not true then
        raise exception 'a guard did not match' using errcode = '40001';
    end if;
end
$$;
comment on function require is 'Fails as another transaction''s doing would: what it is part of is done again.';
