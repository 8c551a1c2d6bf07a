//! Where the console is from outside, and whose word about addresses is taken.

use ipnet::IpNet;
use serde_json::{Value as Json, json};

use super::{Complaint, Raw, Scalar};
use crate::config::PublicUrl;

impl Scalar for PublicUrl {
    const NAME: &'static str = "address";
    const EXAMPLE: &'static str = "\"https://shop.example.org\"";

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^https?://[^/?#@ ]+/?$" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?.trim();
        Self::parse(typed).ok_or_else(|| {
            let hint = "https:// and a name, with a port if it is an unusual one, and nothing behind: \
                        \"https://shop.example.org\"";
            Complaint::with_hint(format!("`{typed}` is not the address of a site"), hint)
        })
    }
}

impl Scalar for IpNet {
    const NAME: &'static str = "address or network";
    const EXAMPLE: &'static str = "\"127.0.0.1\"";

    fn schema() -> Json {
        json!({ "type": "string" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?.trim();
        let one = typed.parse().map(|ip: std::net::IpAddr| Self::from(ip.to_canonical()));
        let network = one.or_else(|_| typed.parse());
        let network = network.map_err(|_| {
            let hint = "digits, not a name: \"127.0.0.1\", \"10.0.0.0/8\" or \"::1\"";
            Complaint::with_hint(format!("`{typed}` is neither an address nor a network"), hint)
        })?;
        if network.prefix_len() == 0 {
            let hint = "name the proxies alone: whoever is named may claim any address";
            return Err(Complaint::with_hint("this would believe everybody", hint));
        }
        Ok(network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<T: Scalar>(typed: &str) -> Result<T, Complaint> {
        T::parse(&Raw::Text(typed))
    }

    #[test]
    fn a_public_address_is_a_scheme_and_a_name() {
        for (typed, origin) in [
            ("https://shop.example.org", Some("https://shop.example.org")),
            ("https://Shop.Example.org/", Some("https://shop.example.org")),
            ("https://shop.example.org:8443", Some("https://shop.example.org:8443")),
            ("https://shop.example.org:443", Some("https://shop.example.org")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("https://[2001:db8::1]:8443", Some("https://[2001:db8::1]:8443")),
            ("shop.example.org", None),
            ("ftp://shop.example.org", None),
            ("https://", None),
            ("https://:443", None),
            ("https://shop.example.org/console", None),
            ("https://user@shop.example.org", None),
            ("https://shop.example.org?x", None),
            ("https://shop example", None),
            ("https://shop.example.org:x", None),
            ("https://2001:db8::1", None),
        ] {
            let parsed = parse::<PublicUrl>(typed).ok();
            assert_eq!(parsed.map(|it| it.origin()).as_deref(), origin, "{typed}");
        }
    }

    #[test]
    fn a_host_names_the_site_by_its_name_and_port() {
        for (site, host, expected) in [
            ("https://shop.example.org", "shop.example.org", true),
            ("https://shop.example.org", "SHOP.example.org:443", true),
            ("https://shop.example.org", "shop.example.org:80", false),
            ("https://shop.example.org", "shop.example.org:8080", false),
            ("https://shop.example.org", "shop.example.org.evil.example", false),
            ("https://shop.example.org", "", false),
            ("https://shop.example.org:8443", "shop.example.org:8443", true),
            ("https://shop.example.org:8443", "shop.example.org", false),
            ("http://shop.example.org", "shop.example.org:80", true),
            ("https://[2001:db8::1]", "[2001:db8::1]", true),
        ] {
            let site = parse::<PublicUrl>(site).unwrap();
            assert_eq!(site.is_named_by(host), expected, "{host}");
        }
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        for (typed, contained, expected) in [
            ("127.0.0.1", "127.0.0.1", Some(true)),
            ("127.0.0.1", "127.0.0.2", Some(false)),
            ("::ffff:127.0.0.1", "127.0.0.1", Some(true)),
            ("10.0.0.0/8", "10.9.8.7", Some(true)),
            ("fd00::/8", "fd12::1", Some(true)),
            ("localhost", "127.0.0.1", None),
            ("0.0.0.0/0", "127.0.0.1", None),
            ("::/0", "127.0.0.1", None),
            ("10.0.0.0/33", "10.0.0.1", None),
        ] {
            let network = parse::<IpNet>(typed).ok();
            let contains =
                network.map(|it| it.contains(&contained.parse::<std::net::IpAddr>().unwrap()));
            assert_eq!(contains, expected, "{typed}");
        }
    }
}
