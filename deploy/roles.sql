-- The application's role, as which the shop connects: it may do what the migrations grant it, and cannot change
-- what is written for good. The owner, who migrates, runs this. May be run again; it sets the password anew.
--
--   TUAN_APP_PASSWORD=… psql "$TUAN_OWNER_URL" -f deploy/roles.sql

\set ON_ERROR_STOP on
\getenv app_password TUAN_APP_PASSWORD
\if :{?app_password}
\else
    \warn 'TUAN_APP_PASSWORD is not set'
    do $$ begin raise exception 'no password'; end $$;
\endif

select 'create role tuan_app nologin' where to_regrole('tuan_app') is null
\gexec
alter role tuan_app login password :'app_password';
