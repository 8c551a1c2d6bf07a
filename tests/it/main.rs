//! The one integration binary: what only a real Postgres, or a whole process, can show.

#![expect(clippy::unwrap_used, reason = "in helpers too: what fails there fails the test")]

mod audit;
mod browser;
mod chat;
mod closing;
mod corpus_chat;
mod crash;
mod db;
mod doors;
mod doubt;
mod embedded;
mod fake_onebot;
mod fake_telegram;
mod flood;
mod ground;
mod killed;
mod names;
mod neighbors;
mod onebot;
mod onebot_crash;
mod onebot_peers;
mod onebot_shop;
mod outage;
mod owner_url;
mod program;
mod races;
mod reload;
mod sealing;
mod sheets;
mod simulation;
mod sound;
mod stage;
mod telegram;
mod telegram_crash;
mod telegram_emulator;
mod telegram_peers;
mod telegram_shop;
mod tidy;
mod traps;
mod web;
mod wechaty;
mod yen;
