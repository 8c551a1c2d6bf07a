//! The operator's file: loaded, checked, and turned into what it means.
//!
//! ```text
//! text → spanned tree → as written → checks → as meant
//!        (toml)         (reader,     (all of   (Config,
//!                        written)     them)     Policy)
//! ```
//!
//! One source of truth: the declarations in `config::written` yield reading, schema, table of
//! keys and defaults. Every fault is reported at once, with its place and a hint; a `Config`
//! exists only when there is no error. This module reads files, but nothing else of the world: no
//! environment, no database, no clock.

mod checks;
mod difference;
mod fault;
#[cfg(test)]
mod fuzz;
mod meant;
mod nearest;
mod reader;
mod reference;
mod refused;
mod report;
mod scalar;
mod shape;
mod written;

use std::net::SocketAddr;
use std::path::Path;

use ipnet::IpNet;
use toml::de::DeTable;

pub use difference::waits_for_restart;
pub use fault::{Fault, Severity};
pub use reference::{schema, table_of_keys};
pub use report::report;

use crate::domain::policy::Policy;
use fault::{Faults, FilePlace};
use reader::{DocumentReader, Written};
use written::Root;

/// An operator's file, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What decisions are made by.
    pub policy: Policy,
    /// Where the shop listens and speaks.
    pub accounts: Vec<AccountConfig>,
    /// The operator's console.
    pub web: WebConfig,
    /// How the machine works.
    pub engine: EngineConfig,
}

/// One account on a chat platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountConfig {
    /// Stable key; messages are stored under it.
    pub key: String,
    /// The platform.
    pub platform: PlatformKind,
    /// The bot's name among members.
    pub bot_name: String,
    /// The most it sends to one chat: so many messages in so many seconds. No limit when absent.
    pub rate_per_chat: Option<(u32, u32)>,
    /// The environment variable that holds its secret.
    pub token_env: Option<String>,
    /// The number or name by which its platform knows the bot.
    pub app_id: Option<String>,
    /// Where its platform's interface is, if not where it usually is.
    pub api_url: Option<String>,
    /// Where the gateway is that holds the account.
    pub endpoint: Option<String>,
    /// Where the platform reaches this shop from outside; it is asked for news when absent.
    pub webhook_url: Option<String>,
    /// Where its implementation waits for our connection; it connects to us when absent.
    pub ws_url: Option<String>,
    /// Where we wait for its connection, beside the console's address.
    pub listen: Option<SocketAddr>,
}

/// A chat platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlatformKind {
    /// The simulated group chat in the browser: no real people, no sign-in.
    Simulator,
    /// Telegram groups, through a bot.
    Telegram,
    /// WeChat groups, through a Wechaty gateway.
    Wechaty,
    /// QQ groups and others, through an implementation of OneBot v11.
    OneBot,
    /// QQ groups, through QQ's official bot.
    Qq,
}

/// The operator's console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebConfig {
    /// Where it listens.
    pub bind: SocketAddr,
    /// What it is called outside.
    pub public_url: Option<PublicUrl>,
    /// Who is believed when it says for whom it asks.
    pub trusted_proxies: Vec<IpNet>,
}

/// A site as people write it: `https://shop.example.org`, with a port if it is an unusual one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Whether it is reached by TLS.
    pub is_https: bool,
    /// Its name in small letters; an address of IPv6 in brackets.
    host: String,
    port: u16,
}

impl PublicUrl {
    /// The site that a text names; `None` when there is more or less than a site.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let (scheme, authority) = text.split_once("://")?;
        let is_https = match scheme {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let (host, port) = host_and_port(authority)?;
        let port = port.unwrap_or(usual_port(is_https));
        Some(Self { is_https, host, port })
    }

    /// Scheme, name, and the port if it is an unusual one: as browsers write it.
    #[must_use]
    pub fn origin(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        let port = Some(self.port).filter(|port| *port != usual_port(self.is_https));
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{}{port}", self.host)
    }

    /// Whether a Host header names it.
    #[must_use]
    pub fn is_named_by(&self, header: &str) -> bool {
        host_and_port(header).is_some_and(|(host, port)| {
            host == self.host && port.unwrap_or(usual_port(self.is_https)) == self.port
        })
    }
}

const fn usual_port(is_https: bool) -> u16 {
    if is_https { 443 } else { 80 }
}

/// A name in small letters, and the port behind it.
fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (authority, None),
    };
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = match inner {
        Some(ip) => ip.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host
                    .chars()
                    .all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '.' | '_'))
        }
    };
    is_host.then(|| (host.to_ascii_lowercase(), port))
}

/// How the machine works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineConfig {
    /// Lanes, as written into a new database.
    pub lanes: i16,
    /// The most events of one batch.
    pub batch_max: usize,
    /// Messages are blanked after so many days.
    pub inbox_days: u32,
}

impl PlatformKind {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Simulator, Self::Telegram, Self::Wechaty, Self::OneBot, Self::Qq];

    /// Whether people choose the secrets of its accounts. Telegram gives its own out.
    #[must_use]
    pub const fn is_secret_chosen(self) -> bool {
        matches!(self, Self::OneBot | Self::Wechaty)
    }

    /// Its name in files and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simulator => "simulator",
            Self::Telegram => "telegram",
            Self::Wechaty => "wechaty",
            Self::OneBot => "onebot",
            Self::Qq => "qq",
        }
    }
}

/// Load a file that is to be used. Warnings are left out: see [`check_file`].
///
/// # Errors
/// Every fault of the file, in its order, when one of them is an error.
pub fn load(path: &Path) -> Result<Config, Vec<Fault>> {
    let (config, faults) = check_file(path);
    config.ok_or(faults)
}

/// Check a file, with the pictures it names; they are sought below its folder.
#[must_use]
pub fn check_file(path: &Path) -> (Option<Config>, Vec<Fault>) {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot read {}: {error}", path.display());
            let hint = "name a file in TOML and UTF-8 that this user may read";
            return (None, vec![Fault::of_file(message, hint)]);
        }
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    examine(&text, Some(folder.unwrap_or(Path::new("."))))
}

/// Check the text of a file, but for the pictures it names. The configuration is there when no
/// fault is an error.
#[must_use]
pub fn check(text: &str) -> (Option<Config>, Vec<Fault>) {
    examine(text, None)
}

fn examine(text: &str, folder: Option<&Path>) -> (Option<Config>, Vec<Fault>) {
    let (document, broken) = DeTable::parse_recoverable(text);
    let document = toml::Spanned::new(0..0, toml::de::DeValue::Table(document.into_inner()));
    let mut reader = DocumentReader::new(Faults::new(text));
    let root = Root::read(&document, &mut reader);
    let mut faults = reader.faults;
    if !broken.is_empty() {
        report_broken(&broken, &mut faults);
        return (None, faults.into_sorted());
    }
    let root = root.expect("the document is a table, so its root is read");
    checks::run(&root, folder, &mut faults);
    let config = meant::config(&root, &mut faults);
    let config = config.filter(|_| !faults.any_error());
    (config, faults.into_sorted())
}

/// Report what is not TOML. What was read around it counts, but for what may follow from it:
/// faults on the same lines, and keys that seem to be missing.
fn report_broken(broken: &[toml::de::Error], faults: &mut Faults<'_>) {
    let mut syntax = faults.empty();
    for error in broken {
        let offset = error.span().map_or(0, |span| span.start);
        let hint = syntax_hint(error.message());
        syntax.error(&FilePlace { offset, path: String::new() }, error.message(), hint);
    }
    let lines = syntax.lines();
    faults.retain(|fault| {
        !lines.contains(&fault.line) && !fault.message.ends_with(reader::IS_MISSING)
    });
    faults.append(syntax);
}

fn syntax_hint(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "remove one of the two"
    } else if message.contains("unquoted key") {
        "keys with other letters stand in quotation marks: \"斤\" = \"1/2\""
    } else {
        "text stands in \"quotation marks\", lists in [ ], one key = value per line"
    }
}

#[cfg(test)]
mod tests;
