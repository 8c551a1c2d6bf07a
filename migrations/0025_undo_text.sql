-- Each order keeps what was there before; nobody asks the database what it holds, and taking it apart cost every order.

alter table decision alter column before type text using before::text;
