//! Accounts: each has what its platform needs and nothing that it has no use for, and a simulator
//! stands alone.
//!
//! Whether a secret is there, and whether anybody answers at an address, is found out when the shop
//! opens: a file is checked without looking at the world.

use crate::config::PlatformKind;
use crate::config::fault::{Faults, FilePlace};
use crate::config::meant::present;
use crate::config::reader::At;
use crate::config::written::{Account, Root};

use super::way::is_open;
use super::web::check_listening;

/// What an account on a platform needs and knows, beside the keys that every account has.
struct Wants {
    platform: PlatformKind,
    /// Keys it cannot do without, each with what to write.
    needs: &'static [(&'static str, &'static str)],
    /// Keys it may have.
    knows: &'static [&'static str],
}

const WANTS: &[Wants] = &[
    Wants { platform: PlatformKind::Simulator, needs: &[], knows: &[] },
    Wants {
        platform: PlatformKind::Telegram,
        needs: &[(
            "token_env",
            "token_env = \"TELEGRAM_TOKEN\", and the token from @BotFather in that variable",
        )],
        knows: &["token_env", "api_url", "webhook_url"],
    },
    Wants {
        platform: PlatformKind::Wechaty,
        needs: &[
            (
                "token_env",
                "token_env = \"WECHATY_TOKEN\", and the gateway's token in that variable",
            ),
            ("endpoint", "endpoint = \"http://127.0.0.1:8788\": where the gateway listens"),
        ],
        knows: &["token_env", "endpoint"],
    },
    Wants {
        platform: PlatformKind::OneBot,
        needs: &[(
            "token_env",
            "token_env = \"ONEBOT_TOKEN\", and in that variable the access token that the \
             implementation is set up with",
        )],
        knows: &["token_env", "ws_url", "listen"],
    },
    Wants {
        platform: PlatformKind::Qq,
        needs: &[
            ("app_id", "app_id = \"102000000\": the AppID of the bot, from q.qq.com"),
            ("token_env", "token_env = \"QQ_SECRET\", and the bot's AppSecret in that variable"),
        ],
        knows: &["app_id", "token_env", "api_url", "webhook_url"],
    },
];

pub(super) fn check(root: &Root, faults: &mut Faults<'_>) {
    for account in present(root.accounts.as_ref()) {
        check_keys(account, faults);
        check_secret(&account.value, faults);
        check_endpoint(&account.value, faults);
        check_socket(&account.value, faults);
        check_ways(&account.value, faults);
    }
    check_together(root, faults);
}

/// The simulator has no sign-in, so it must never stand beside people's real accounts.
fn check_together(root: &Root, faults: &mut Faults<'_>) {
    let Some(accounts) = &root.accounts else { return };
    if accounts.value.is_empty() {
        let hint = "add [[accounts]] with key and platform";
        faults.error(&accounts.place, "no account: the shop could not speak", hint);
    }
    let is_simulator = |it: &&At<Account>| platform_of(&it.value) == Some(PlatformKind::Simulator);
    if accounts.value.len() > 1
        && let Some(simulator) = accounts.value.iter().find(is_simulator)
    {
        let message = "a simulator stands alone: it has no sign-in, so nothing it says may reach a \
                       shop with other accounts";
        faults.error(&simulator.place, message, "use a file of its own for the simulator");
    }
}

fn check_keys(account: &At<Account>, faults: &mut Faults<'_>) {
    let Some(platform) = platform_of(&account.value) else { return };
    let Some(wants) = WANTS.iter().find(|it| it.platform == platform) else { return };
    let name = platform.name();
    let written = special_keys(&account.value);
    for (key, hint) in wants.needs {
        if !written.iter().any(|(known, place)| known == key && place.is_some()) {
            faults.error(&account.place, format!("a {name} account needs `{key}`"), *hint);
        }
    }
    for (key, place) in written {
        let Some(place) = place.filter(|_| !wants.knows.contains(&key)) else { continue };
        let message = format!("a {name} account has no use for `{key}`");
        let hint = match wants.knows {
            [] => "remove it".to_owned(),
            known => {
                format!("remove it; beside what every account has, it knows {}", listed(known))
            }
        };
        faults.error(place, message, hint);
    }
}

fn listed(keys: &[&str]) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}

/// The keys that not every platform knows, and where they stand.
fn special_keys(account: &Account) -> [(&'static str, Option<&FilePlace>); 7] {
    [
        ("token_env", account.token_env.as_ref().map(|it| &it.place)),
        ("app_id", account.app_id.as_ref().map(|it| &it.place)),
        ("api_url", account.api_url.as_ref().map(|it| &it.place)),
        ("endpoint", account.endpoint.as_ref().map(|it| &it.place)),
        ("webhook_url", account.webhook_url.as_ref().map(|it| &it.place)),
        ("ws_url", account.ws_url.as_ref().map(|it| &it.place)),
        ("listen", account.listen.as_ref().map(|it| &it.place)),
    ]
}

/// A secret is given by the name of an environment variable.
fn check_secret(account: &Account, faults: &mut Faults<'_>) {
    if let Some(name) = &account.token_env
        && !name.value.0.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    {
        let hint =
            "the name of a variable, such as TELEGRAM_TOKEN; the secret itself stays out of files";
        faults.error(&name.place, "this is no name of an environment variable", hint);
    }
}

/// A gateway is an address with a port; the way to one of another machine should be sealed.
fn check_endpoint(account: &Account, faults: &mut Faults<'_>) {
    let Some(endpoint) = &account.endpoint else { return };
    let hint = "such as http://127.0.0.1:8788";
    let sealed = endpoint.value.0.strip_prefix("https://");
    let Some(rest) = sealed.or_else(|| endpoint.value.0.strip_prefix("http://")) else {
        faults.error(&endpoint.place, "a gateway's address begins with http:// or https://", hint);
        return;
    };
    let (host, port) = rest.trim_end_matches('/').rsplit_once(':').unwrap_or((rest, ""));
    let is_host = !host.is_empty() && !host.contains(['/', '@', ' ', '?', '#']);
    if !is_host || !port.parse::<u16>().is_ok_and(|port| port > 0) {
        faults.error(&endpoint.place, "this is no address with a port", hint);
    } else if is_open(&endpoint.value.0) {
        let message =
            "the way to this gateway is not sealed: its token and all messages can be read";
        let hint = "give the gateway a certificate and write https://, run it beside the shop, or bring it \
                    near by a tunnel or a private network";
        faults.warn(&endpoint.place, message, hint);
    }
}

/// The other ways to and from a platform should be sealed as well.
fn check_ways(account: &Account, faults: &mut Faults<'_>) {
    let ways = [
        (&account.ws_url, "this implementation", "wss://"),
        (&account.api_url, "this server", "https://"),
        (&account.webhook_url, "this shop", "https://"),
    ];
    for (url, whose, scheme) in ways {
        let Some(url) = url.as_ref().filter(|url| is_open(&url.value.0)) else { continue };
        let message =
            format!("the way to {whose} is not sealed: its token and all messages can be read");
        let hint = format!("write {scheme}, or bring it near by a tunnel or a private network");
        faults.warn(&url.place, message, hint);
    }
    if let Some(listen) = &account.listen {
        check_listening(listen, faults);
    }
}

/// One side opens the connection, and its address is one of a WebSocket without secrets in it.
fn check_socket(account: &Account, faults: &mut Faults<'_>) {
    let Some(url) = &account.ws_url else { return };
    let host = ["ws://", "wss://"].iter().find_map(|scheme| url.value.0.strip_prefix(scheme));
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
        let hint = "for example ws_url = \"ws://127.0.0.1:3001\"";
        faults.error(&url.place, "this is no address of a WebSocket", hint);
    }
    if url.value.0.contains(['?', '@']) {
        let hint = "keep the address; the token goes into the variable that `token_env` names";
        faults.error(&url.place, "an address carries no secrets here", hint);
    }
    if let Some(listen) = &account.listen {
        let hint = "keep `ws_url` to connect to the implementation, or `listen` to let it connect";
        faults.error(&listen.place, "`ws_url` is there already: only one side connects", hint);
    }
}

fn platform_of(account: &Account) -> Option<PlatformKind> {
    account.platform.as_ref().map(|platform| platform.value)
}
