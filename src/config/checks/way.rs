//! Ways to other machines: sealed or not, near or far.

use std::net::IpAddr;

/// Whether the way to this address can be read by others: it is not sealed, and leads out of this machine, its
/// private network and its containers.
pub(super) fn is_open(url: &str) -> bool {
    let plain = ["http://", "ws://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    plain.is_some_and(|rest| !is_near(host(rest)))
}

/// The host of what stands behind a scheme.
fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is this machine or on a private network. Names without a dot are.
fn is_near(host: &str) -> bool {
    match host.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        Err(_) => !host.contains('.'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_out_that_is_not_sealed_is_open() {
        for (url, expected) in [
            ("ws://127.0.0.1:3001", false),
            ("ws://localhost:3001", false),
            ("ws://napcat:3001/path", false),
            ("ws://192.168.1.5:3001", false),
            ("ws://[::1]:3001", false),
            ("ws://[fd00::1]", false),
            ("wss://bot.example.org", false),
            ("https://bot.example.org", false),
            ("ws://bot.example.org", true),
            ("ws://bot.example.org:3001/x", true),
            ("http://api.example.org/x", true),
            ("http://8.8.8.8:8081", true),
            ("http://[2001:db8::1]:80", true),
            ("http://127.0.0.1@api.example.org", true),
        ] {
            assert_eq!(is_open(url), expected, "{url}");
        }
    }
}
