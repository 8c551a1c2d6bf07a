//! Every address there is, one a line, with how it may be asked and by whom. The router is made of this table,
//! and tests walk it: an address that is not in it does not exist.

use axum::routing::{MethodRouter, get, post};

use super::{Site, accounts, chat, events, health, page, read, sessions, sign_in, sockets};

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody. Some answer with the sign-in.
    Anybody,
    /// Who is on this machine, or may do what an operator may.
    LocalOrOperator,
    /// Who may do what an operator may; on this machine, in a demo, everybody.
    Operator,
    /// A platform, which comes under any name and shows a secret of its own.
    Platform,
}

/// An address of the web side.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its path; parts in braces are filled in.
    pub path: &'static str,
    /// How it may be asked.
    pub methods: &'static [&'static str],
    /// By whom.
    pub access: Access,
    pub(super) handler: MethodRouter<Site>,
}

const GET: &[&str] = &["GET"];
const POST: &[&str] = &["POST"];
const BOTH: &[&str] = &["GET", "POST"];

fn route(
    access: Access,
    methods: &'static [&'static str],
    path: &'static str,
    handler: MethodRouter<Site>,
) -> Route {
    Route { path, methods, access, handler }
}

/// All of them.
#[must_use]
pub fn routes() -> Vec<Route> {
    use Access::{Anybody, LocalOrOperator, Operator, Platform};
    vec![
        route(Anybody, GET, "/", get(page::index)),
        route(Anybody, GET, "/accounts", get(accounts::page)),
        route(Anybody, GET, "/sessions", get(sessions::page)),
        route(Anybody, GET, "/page/{file}", get(page::file)),
        route(Anybody, GET, "/media/{*path}", get(page::picture)),
        route(Anybody, BOTH, "/login", get(sign_in::form).post(sign_in::sign_in)),
        route(Anybody, POST, "/logout", post(sign_in::sign_out)),
        route(Anybody, GET, "/health", get(health::health)),
        route(LocalOrOperator, GET, "/metrics", get(health::metrics)),
        route(Operator, POST, "/sessions/revoke", post(sessions::revoke_by_page)),
        route(Operator, GET, "/api/sessions", get(sessions::list)),
        route(Operator, POST, "/api/sessions/revoke", post(sessions::revoke)),
        route(Operator, GET, "/api/accounts", get(accounts::list)),
        route(Operator, GET, "/api/chat/communities", get(chat::communities)),
        route(
            Operator,
            BOTH,
            "/api/chat/{community}/messages",
            get(chat::messages).post(chat::say),
        ),
        route(Operator, POST, "/api/chat/{community}/joins", post(chat::join)),
        route(Operator, POST, "/api/chat/{community}/clock", post(chat::advance)),
        route(Operator, POST, "/api/chat/{community}/settled", post(chat::settle)),
        route(Operator, GET, "/api/chat/{community}/events", get(events::listen)),
        route(Operator, GET, "/api/communities/{community}/members", get(read::members)),
        route(Operator, GET, "/api/communities/{community}/orders", get(read::orders)),
        route(Operator, GET, "/api/communities/{community}/ledger", get(read::ledger)),
        route(Operator, GET, "/api/communities/{community}/offers", get(read::offers)),
        route(Operator, GET, "/api/communities/{community}/stats", get(read::stats)),
        route(Platform, GET, "/onebot/{key}", get(sockets::enter)),
        #[cfg(feature = "telegram")]
        route(Platform, POST, "/hooks/{path}", super::hooks::handler()),
        #[cfg(feature = "qq")]
        route(Platform, POST, "/hooks/qq/{key}", super::signed::handler()),
    ]
}
