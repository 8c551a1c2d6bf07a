//! Who may ask at all: requests for this server by its own name, and none made by other sites' pages.
//! For the API of a real shop, the operator's token as well.
//!
//! There is no CORS: another origin gets no answer that it could read.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::Site;
use super::problem::{Answer, Problem};

/// Headers of every answer that does not bring its own.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' data:; style-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
];

/// Every request passes here first.
pub(super) async fn door(State(site): State<Site>, request: Request, next: Next) -> Response {
    let refused = refusal(&site, request.uri(), request.headers());
    let mut answer = match refused {
        Some(problem) => axum::response::IntoResponse::into_response(problem),
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

fn refusal(site: &Site, uri: &Uri, headers: &HeaderMap) -> Option<Problem> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    let named = uri.authority().map_or(host, axum::http::uri::Authority::as_str);
    if hosts.next().is_some()
        || !is_own_host(host, site.address)
        || !is_own_host(named, site.address)
    {
        return Some(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            format!("this server is http://{}/; the Host header names another", site.address),
        ));
    }
    let from = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let is_foreign = matches!(from, Some("cross-site" | "same-site"));
    let is_api = uri.path().starts_with("/api/");
    (is_foreign && is_api).then(|| {
        Problem::new(StatusCode::FORBIDDEN, "pages of other sites may not use this server")
    })
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

/// The API of a demo is open on this machine; elsewhere it takes the operator's token.
pub(super) async fn operator(
    State(site): State<Site>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Answer<Response> {
    let is_open = site.app.is_demo && is_local(peer, request.headers());
    require(&site, is_open, request.headers())?;
    Ok(next.run(request).await)
}

/// Figures are open on this machine; elsewhere they take the operator's token.
pub(super) async fn local_or_operator(
    State(site): State<Site>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Answer<Response> {
    require(&site, is_local(peer, request.headers()), request.headers())?;
    Ok(next.run(request).await)
}

fn require(site: &Site, is_open: bool, headers: &HeaderMap) -> Answer<()> {
    let is_operator = || site.keys.admits(headers, site.app.engine.clock.now());
    if is_open || is_operator() {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNAUTHORIZED,
        "the operator's token is wanted: authorization: Bearer …, or sign in at /login",
    ))
}

/// Whether a request comes from this machine itself, and not through a proxy on it.
fn is_local(peer: SocketAddr, headers: &HeaderMap) -> bool {
    let forwarded = [header::FORWARDED, HeaderName::from_static("x-forwarded-for")];
    peer.ip().to_canonical().is_loopback() && !forwarded.iter().any(|it| headers.contains_key(it))
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

    #[test]
    fn what_a_proxy_hands_on_is_not_from_this_machine() {
        let mut headers = HeaderMap::new();
        assert!(is_local("127.0.0.1:5".parse().unwrap(), &headers));
        assert!(is_local("[::ffff:127.0.0.1]:5".parse().unwrap(), &headers));
        assert!(!is_local("10.0.0.1:5".parse().unwrap(), &headers));
        headers.insert("x-forwarded-for", HeaderValue::from_static("8.8.8.8"));
        assert!(!is_local("127.0.0.1:5".parse().unwrap(), &headers));
    }
}
