//! What a changed file changes that a running shop cannot take: it is named, and waits for a restart.
//!
//! The whole file is compared as it is meant, defaults filled in. Secrets stand in the environment, which a
//! running program does not see change; the names of their variables are compared like all else. No value
//! is named.

use super::{AccountConfig, Config, EngineConfig, WebConfig};

/// The keys that wait for a restart, as they stand in the file; none where everything can be taken.
#[must_use]
pub fn waits_for_restart(running: &Config, changed: &Config) -> Vec<String> {
    // The policy is what a reload takes. A new section has to be named here to compile.
    let Config { policy: _, accounts, web, engine } = changed;
    let mut keys = account_keys(&running.accounts, accounts);
    keys.extend(web_keys(&running.web, web));
    keys.extend(engine_keys(running.engine, *engine));
    keys
}

fn account_keys(running: &[AccountConfig], changed: &[AccountConfig]) -> Vec<String> {
    let gone = running.iter().filter(|old| changed.iter().all(|new| new.key != old.key));
    let mut keys: Vec<_> = gone.map(|old| format!("[[accounts]] {} (gone)", old.key)).collect();
    for new in changed {
        match running.iter().find(|old| old.key == new.key) {
            None => keys.push(format!("[[accounts]] {} (new)", new.key)),
            Some(old) => keys.extend(
                changed_of_account(old, new)
                    .map(|name| format!("[[accounts]] {}: {name}", new.key)),
            ),
        }
    }
    keys
}

fn changed_of_account(
    old: &AccountConfig,
    new: &AccountConfig,
) -> impl Iterator<Item = &'static str> {
    let AccountConfig {
        key: _,
        platform,
        bot_name,
        rate_per_chat,
        token_env,
        app_id,
        api_url,
        endpoint,
        webhook_url,
        ws_url,
        listen,
    } = new;
    only_changed([
        ("platform", *platform != old.platform),
        ("bot_name", *bot_name != old.bot_name),
        ("rate_per_chat", *rate_per_chat != old.rate_per_chat),
        ("token_env", *token_env != old.token_env),
        ("app_id", *app_id != old.app_id),
        ("api_url", *api_url != old.api_url),
        ("endpoint", *endpoint != old.endpoint),
        ("webhook_url", *webhook_url != old.webhook_url),
        ("ws_url", *ws_url != old.ws_url),
        ("listen", *listen != old.listen),
    ])
}

fn web_keys(old: &WebConfig, new: &WebConfig) -> impl Iterator<Item = String> {
    let WebConfig { bind, public_url, trusted_proxies } = new;
    let keys = only_changed([
        ("bind", *bind != old.bind),
        ("public_url", *public_url != old.public_url),
        ("trusted_proxies", *trusted_proxies != old.trusted_proxies),
    ]);
    keys.map(|name| format!("[web] {name}"))
}

fn engine_keys(old: EngineConfig, new: EngineConfig) -> impl Iterator<Item = String> {
    let EngineConfig { lanes, batch_max, inbox_days } = new;
    let keys = only_changed([
        ("lanes (as the database was made with, for good)", lanes != old.lanes),
        ("batch_max", batch_max != old.batch_max),
        ("inbox_days", inbox_days != old.inbox_days),
    ]);
    keys.map(|name| format!("[engine] {name}"))
}

fn only_changed<const N: usize>(
    keys: [(&'static str, bool); N],
) -> impl Iterator<Item = &'static str> {
    keys.into_iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| name)
}
