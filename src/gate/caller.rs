//! Who is calling. The address of a connection is a fact; what its headers say of others is believed only from
//! proxies that the operator named, and read from the right: the leftmost entries are whatever the
//! first client liked to write.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

/// Where proxies say for whom they ask.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// What only a proxy writes. Their presence is enough to know that a request is not from this machine itself.
const BY_PROXIES: [HeaderName; 6] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static(FORWARDED_FOR),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// The most entries that are read of what proxies say.
const HOPS_MAX: usize = 32;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Their address, as far as it is believed.
    pub address: IpAddr,
    /// Whether they are on this machine, and no proxy is between.
    pub is_local: bool,
    /// Whether a proxy that is believed says that they came by TLS.
    pub is_sealed: bool,
}

/// Addresses that count as one when failures and connections are counted: one of IPv4; of IPv6 a /64, which
/// a single subscriber has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(ip) => Self(IpAddr::V4(ip)),
            IpAddr::V6(ip) => Self(IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64))),
        }
    }
}

impl Caller {
    /// Who asks over a connection from `peer` with these headers.
    pub(super) fn of(
        peer: SocketAddr,
        headers: &HeaderMap,
        is_proxy: impl Fn(IpAddr) -> bool,
    ) -> Self {
        let peer = peer.ip().to_canonical();
        let is_direct = !BY_PROXIES.iter().any(|name| headers.contains_key(name));
        let is_local = peer.is_loopback() && is_direct;
        if !is_proxy(peer) {
            return Self { address: peer, is_local, is_sealed: false };
        }
        let is_sealed = last(headers, "x-forwarded-proto").as_deref() == Some("https");
        Self { address: behind(peer, headers, is_proxy), is_local, is_sealed }
    }
}

/// The client for whom a proxy asks: from the right, the first address that is no proxy's.
fn behind(peer: IpAddr, headers: &HeaderMap, is_proxy: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut client = peer;
    let said = headers.get_all(FORWARDED_FOR).iter();
    let lines: Vec<_> = said.filter_map(|line| line.to_str().ok()).collect();
    let entries = lines.iter().rev().flat_map(|line| line.rsplit(','));
    for entry in entries.take(HOPS_MAX) {
        // What is no address was said by nobody who is believed; whoever handed it on is the client then.
        let Some(address) = parse(entry.trim()) else { return client };
        client = address;
        if !is_proxy(address) {
            return client;
        }
    }
    client
}

/// An address, perhaps with a port or in brackets.
fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().ok().or_else(|| Some(entry.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// The last entry of a list that proxies write.
fn last(headers: &HeaderMap, name: &str) -> Option<String> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next().map(|entry| entry.trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(peer: &str, lines: &[(&'static str, &str)]) -> Caller {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let trusted: Vec<ipnet::IpNet> =
            ["127.0.0.1/32", "10.0.0.0/8"].map(|it| it.parse().unwrap()).to_vec();
        let is_proxy = |ip: IpAddr| trusted.iter().any(|it| it.contains(&ip));
        Caller::of(peer.parse().unwrap(), &headers, is_proxy)
    }

    #[test]
    fn only_a_named_proxy_is_believed_and_only_from_the_right() {
        let table = [
            ("8.8.8.8:5", &["1.2.3.4"][..], "8.8.8.8"),
            ("127.0.0.1:5", &[], "127.0.0.1"),
            ("127.0.0.1:5", &["1.2.3.4"], "1.2.3.4"),
            ("[::ffff:127.0.0.1]:5", &["1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1:5", &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1:5", &["6.6.6.6, 1.2.3.4, 10.0.0.7"], "1.2.3.4"),
            ("127.0.0.1:5", &["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1:5", &["1.2.3.4:443"], "1.2.3.4"),
            ("127.0.0.1:5", &["[2001:db8::1]:443"], "2001:db8::1"),
            ("127.0.0.1:5", &["[2001:db8::1]"], "2001:db8::1"),
            ("127.0.0.1:5", &["2001:db8::1"], "2001:db8::1"),
            ("127.0.0.1:5", &["::ffff:1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1:5", &["1.2.3.4, unknown"], "127.0.0.1"),
            ("127.0.0.1:5", &["1.2.3.4, nonsense, 10.0.0.7"], "10.0.0.7"),
            ("127.0.0.1:5", &["10.0.0.8, 10.0.0.7"], "10.0.0.8"),
            ("127.0.0.1:5", &[""], "127.0.0.1"),
        ];
        for (peer, said, expected) in table {
            let lines: Vec<_> = said.iter().map(|it| (FORWARDED_FOR, *it)).collect();
            let found = caller(peer, &lines).address;
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {said:?}");
        }
    }

    #[test]
    fn what_a_proxy_hands_on_is_not_from_this_machine() {
        assert!(caller("127.0.0.1:5", &[]).is_local);
        assert!(caller("[::ffff:127.0.0.1]:5", &[]).is_local);
        assert!(!caller("10.0.0.1:5", &[]).is_local);
        // Neither from a proxy nor from somebody who would like to be one.
        for name in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
            assert!(!caller("127.0.0.1:5", &[(name, "127.0.0.1")]).is_local, "{name}");
        }
    }

    #[test]
    fn tls_is_believed_from_a_named_proxy_alone() {
        let https = [("x-forwarded-proto", "https")];
        assert!(caller("127.0.0.1:5", &https).is_sealed);
        assert!(!caller("8.8.8.8:5", &https).is_sealed);
        assert!(!caller("127.0.0.1:5", &[("x-forwarded-proto", "https, http")]).is_sealed);
        assert!(!caller("127.0.0.1:5", &[]).is_sealed);
    }

    #[test]
    fn a_subscriber_of_ipv6_counts_as_one() {
        let network = |address: &str| Network::of(address.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:1.2.3.4"), network("1.2.3.4"));
        assert_ne!(network("1.2.3.4"), network("1.2.3.5"));
        assert_ne!(network("::1"), network("127.0.0.1"));
    }
}
