//! Leaders and seed members: they are names, so they must be findable and unlike each other.
//!
//! Of use in the simulator only: on real platforms people are known by their ids there, and no file
//! names them.

use std::collections::BTreeSet;

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
