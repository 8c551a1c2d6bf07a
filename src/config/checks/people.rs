//! Leaders and seed members: they are names, so they must be findable and unlike each other.
//!
//! Of use in the simulator only, and therefore also here: a simulator stands alone. On real
//! platforms people are known by their ids there, and no file names them.

use std::collections::BTreeSet;

use crate::config::Platform;
use crate::config::fault::Faults;
use crate::config::meant::present;
use crate::config::reader::At;
use crate::config::scalar::names::PersonName;
use crate::config::written::{Community, Root};

pub(super) fn check(root: &Root, faults: &mut Faults<'_>) {
    for community in present(root.communities.as_ref()) {
        check_seed(&community.value, faults);
        check_leaders(&community.value, faults);
    }
    check_accounts(root, faults);
}

/// Inviters come before those they invited, so a loop cannot be written.
fn check_seed(community: &Community, faults: &mut Faults<'_>) {
    let mut earlier: BTreeSet<&str> = BTreeSet::new();
    for member in &community.seed.value {
        let inviter = member.value.invited_by.as_ref();
        if let Some(inviter) = inviter.filter(|it| !earlier.contains(it.value.0.as_str())) {
            let name = &inviter.value.0;
            let message = format!("`{name}` is not further up in the list");
            faults.error(&inviter.place, message, "list inviters before those they brought");
        }
        if let Some(name) = &member.value.name
            && !earlier.insert(&name.value.0)
        {
            let message = format!("`{}` is in the list already", name.value.0);
            faults.error(&name.place, message, "the simulator tells people apart by name only");
        }
    }
}

fn check_leaders(community: &Community, faults: &mut Faults<'_>) {
    let seeded = |leader: &At<PersonName>| {
        let mut names = community.seed.value.iter().filter_map(|it| it.value.name.as_ref());
        names.any(|name| name.value == leader.value)
    };
    if community.seed.value.is_empty() {
        return;
    }
    for leader in community.leaders.value.iter().filter(|leader| !seeded(leader)) {
        let message = format!("leader `{}` is not in the seed", leader.value.0);
        faults.error(&leader.place, message, "add them to `seed`, which has the others");
    }
}

/// The simulator has no sign-in, so it must never stand beside people's real accounts.
fn check_accounts(root: &Root, faults: &mut Faults<'_>) {
    let Some(accounts) = &root.accounts else { return };
    accounts.value.iter().for_each(|account| check_secrets(account, faults));
    let platform = |account: &At<_>| platform_of(account) == Some(Platform::Simulator);
    if accounts.value.is_empty() {
        let hint = "add [[accounts]] with key and platform";
        faults.error(&accounts.place, "no account: the shop could not speak", hint);
    }
    if accounts.value.len() > 1
        && let Some(simulator) = accounts.value.iter().find(|account| platform(account))
    {
        let message = "a simulator stands alone: it has no sign-in, so nothing it says may reach a \
                       shop with other accounts";
        faults.error(&simulator.place, message, "use a file of its own for the simulator");
    }
}

/// A real account needs its secret, by the name of an environment variable.
fn check_secrets(account: &At<crate::config::written::Account>, faults: &mut Faults<'_>) {
    if platform_of(account) == Some(Platform::Telegram) && account.value.token_env.is_none() {
        let message = "a Telegram account needs `token_env`";
        let hint = "token_env = \"TELEGRAM_TOKEN\", and the token from @BotFather in that variable";
        faults.error(&account.place, message, hint);
    }
    if let Some(name) = &account.value.token_env
        && !name.value.0.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    {
        let hint =
            "the name of a variable, such as TELEGRAM_TOKEN; the secret itself stays out of files";
        faults.error(&name.place, "this is no name of an environment variable", hint);
    }
}

fn platform_of(account: &At<crate::config::written::Account>) -> Option<Platform> {
    account.value.platform.as_ref().map(|platform| platform.value)
}
