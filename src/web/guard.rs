//! Who may ask at all: requests for this server by its own name, and none made by other sites' pages.
//! For the API of a real shop, the operator's token or session as well.
//!
//! There is no CORS: another origin gets no answer that it could read.

use std::net::{IpAddr, SocketAddr};

use axum::Extension;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::problem::{Answer, Problem};
use super::{Site, keys};
use crate::config::PublicUrl;
use crate::domain::intent::Role;
use crate::gate::{Caller, GuardedAccount, Knock};
use crate::store::sessions::{self, Digest};

/// Whose token and sessions these are.
pub(super) const OPERATOR: &str = "operator";

/// The operator's account, where failures are counted.
pub(super) const ACCOUNT: GuardedAccount<'static> = ("web", OPERATOR);

/// Headers of every answer that does not bring its own. What says nothing else is nobody's to keep.
pub(super) const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), \
         magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
    ),
];

/// Where the site has TLS in front, browsers are told never to come without: for a year.
pub(super) const BY_TLS_ALONE: (HeaderName, &str) =
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");

/// How somebody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// They are on this machine, and that is enough here.
    Local,
    /// They showed the operator's token.
    Token,
    /// They are signed in, by the session of this digest.
    Session(Digest),
}

/// Who asks, for everything behind.
pub(super) async fn identify(
    State(site): State<Site>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = site.app.gate.caller(peer, request.headers());
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Every request of people and programs passes here.
pub(super) async fn door(
    State(site): State<Site>,
    request: Request,
    next: Next,
) -> Answer<Response> {
    let (method, headers) = (request.method(), request.headers());
    check_host(&site, request.uri(), headers)?;
    check_origin(&site, method, request.uri(), headers)?;
    Ok(next.run(request).await)
}

fn check_host(site: &Site, uri: &Uri, headers: &HeaderMap) -> Answer<()> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    let named = uri.authority().map_or(host, axum::http::uri::Authority::as_str);
    if hosts.next().is_none() && is_own(site, host) && is_own(site, named) {
        return Ok(());
    }
    let public = site.app.web.public_url.as_ref();
    let own = public.map_or_else(|| format!("http://{}", site.address), PublicUrl::origin);
    Err(Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        format!("this server is {own}/; the Host header names another"),
    ))
}

fn is_own(site: &Site, host: &str) -> bool {
    let public = site.app.web.public_url.as_ref();
    is_own_host(host, site.address) || public.is_some_and(|url| url.is_named_by(host))
}

/// Pages of other sites may not read the API, and may not change anything: every browser says where a request
/// that changes something comes from, in one of two headers. Who says it in neither is a program, and a program
/// brings no cookie.
fn check_origin(site: &Site, method: &Method, uri: &Uri, headers: &HeaderMap) -> Answer<()> {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let is_own = match (said("sec-fetch-site"), said("origin")) {
        (Some(from), _) => matches!(from, "same-origin" | "none"),
        (None, Some(origin)) => is_own_origin(site, origin),
        (None, None) => !keys::has_cookie(headers),
    };
    let changes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let is_read = said("sec-fetch-site").is_some() && uri.path().starts_with("/api/");
    if is_own || !(changes || is_read) {
        return Ok(());
    }
    let words = "pages of other sites may not use this server";
    Err(Problem::new(StatusCode::FORBIDDEN, words))
}

fn is_own_origin(site: &Site, origin: &str) -> bool {
    let public = site.app.web.public_url.as_ref();
    public.is_some_and(|url| url.origin() == origin)
        || origin.strip_prefix("http://").is_some_and(|host| is_own_host(host, site.address))
}

/// Whether a request came by TLS, as far as it is believed: a cookie is made for that alone then.
pub(super) fn is_secure(site: &Site, caller: &Caller, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let public = site.app.web.public_url.as_ref();
    caller.is_sealed || public.is_some_and(|url| url.is_https && url.is_named_by(host))
}

/// Whether a Host header names this server: the address it is bound to, or this machine, with the port.
/// Bound to all addresses, it is any of them; a name is never taken, for a name can be made to
/// point here by others.
fn is_own_host(host: &str, bound: SocketAddr) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
        _ => (host, Some(80)),
    };
    if port != Some(bound.port()) {
        return false;
    }
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    let Ok(ip) = bare.parse::<IpAddr>() else { return false };
    // An IPv6 address is written in brackets, else its last part would pass for a port.
    ip.is_ipv6() == (bare.len() != name.len())
        && (ip == bound.ip()
            || ip == IpAddr::from([127, 0, 0, 1])
            || ip == IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])
            || bound.ip().is_unspecified())
}

/// The API of a demo is open on this machine; elsewhere it takes the operator's token or session.
pub(super) async fn operator(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    mut request: Request,
    next: Next,
) -> Answer<Response> {
    let is_open = site.app.is_demo && caller.is_local;
    let pass = if is_open { Pass::Local } else { admit(&site, &caller, request.headers()).await? };
    request.extensions_mut().insert(pass);
    Ok(next.run(request).await)
}

/// Figures are open on this machine; elsewhere they take the operator's token or session.
pub(super) async fn local_or_operator(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Answer<Response> {
    if !caller.is_local {
        admit(&site, &caller, request.headers()).await?;
    }
    Ok(next.run(request).await)
}

/// Let in who is signed in as the operator or shows the token. A session goes on while tokens are slowed; a
/// cookie that is no session's counts as nothing, because it cannot be guessed and is soon an old one.
pub(super) async fn admit(site: &Site, caller: &Caller, headers: &HeaderMap) -> Answer<Pass> {
    if let Some(digest) = site.keys.presented(headers, is_secure(site, caller, headers))
        && is_operators(site, &digest).await?
    {
        return Ok(Pass::Session(digest));
    }
    let Some(token) = keys::bearer(headers) else {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "the operator's token is wanted: authorization: Bearer …, or sign in at /login",
        ));
    };
    let knock = Knock { door: "bearer", account: Some(ACCOUNT), caller };
    site.app.gate.judge(knock, || site.keys.is_token(token))?;
    Ok(Pass::Token)
}

/// Whether this is a session of the operator, now.
async fn is_operators(site: &Site, digest: &Digest) -> Answer<bool> {
    let session = sessions::find(&site.app.engine.db, digest).await?;
    Ok(session.is_some_and(|session| session.role == Role::Operator))
}

/// Whether somebody who was let in still may: sessions end and are revoked.
pub(super) async fn still_holds(site: &Site, pass: Pass) -> bool {
    match pass {
        Pass::Local | Pass::Token => true,
        Pass::Session(digest) => is_operators(site, &digest).await.unwrap_or(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_bound_address_or_this_machine() {
        let table = [
            ("127.0.0.1:8080", "127.0.0.1:8080", true),
            ("localhost:8080", "127.0.0.1:8080", true),
            ("LOCALHOST:8080", "127.0.0.1:8080", true),
            ("[::1]:8080", "127.0.0.1:8080", true),
            ("192.168.1.5:8080", "192.168.1.5:8080", true),
            ("192.168.1.5:8080", "0.0.0.0:8080", true),
            ("[fe80::1]:8080", "[::]:8080", true),
            ("localhost", "127.0.0.1:80", true),
            ("[::1]", "127.0.0.1:80", true),
            ("localhost", "127.0.0.1:8080", false),
            ("localhost:8081", "127.0.0.1:8080", false),
            ("192.168.1.5:8080", "127.0.0.1:8080", false),
            ("evil.example:8080", "127.0.0.1:8080", false),
            ("evil.example:8080", "0.0.0.0:8080", false),
            ("localhost.evil.example:8080", "127.0.0.1:8080", false),
            ("127.0.0.1.evil.example:8080", "127.0.0.1:8080", false),
            ("user@localhost:8080", "127.0.0.1:8080", false),
            ("::1:8080", "127.0.0.1:8080", false),
            ("[127.0.0.1]:8080", "127.0.0.1:8080", false),
            ("localhost:", "127.0.0.1:80", false),
            ("localhost:x", "127.0.0.1:8080", false),
            ("", "127.0.0.1:80", false),
        ];
        for (host, bound, expected) in table {
            assert_eq!(is_own_host(host, bound.parse().unwrap()), expected, "{host} at {bound}");
        }
    }
}
