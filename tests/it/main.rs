//! The one integration binary: what only a real Postgres, or a whole process, can show.

mod db;
mod embedded;
