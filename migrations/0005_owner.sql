-- What was migrated is for the owner to write. The first migration granted the application every table there
-- was, and the list of migrations was one of them.

revoke all on _sqlx_migrations from tuan_app;
grant select on _sqlx_migrations to tuan_app;
comment on table _sqlx_migrations is 'What was migrated, by the owner alone; the application reads whether anything is missing.';
