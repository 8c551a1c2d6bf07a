//! The words of the shop as types: no async, no SQL, no network, no clock, no randomness.
//!
//! Names follow the trade: a community (社群) has members (会员), a leader (团长) and promoters
//! (推广人); a drop (上新) opens offers (开团); members place orders (订单) made of lines (明细).

pub mod catalog;
pub mod command;
pub mod event;
pub mod forget;
pub mod groups;
pub mod ids;
pub mod intent;
pub mod ledger;
pub mod loyalty;
pub mod message;
pub mod money;
pub mod name;
pub mod operate;
pub mod orders;
pub mod payments;
pub mod payouts;
pub mod people;
pub mod person;
pub mod policy;
pub mod pricing;
pub mod referral;
pub mod refusal;
pub mod reply;
pub mod reports;
#[cfg(test)]
pub(crate) mod samples;
pub mod service;
pub mod shipping;
pub mod time;
pub mod undo;
