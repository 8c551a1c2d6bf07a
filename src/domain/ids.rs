//! Identities. Members, offers and orders count from 1 inside their community, so that an order
//! is `#1024` in the chat and in the database alike; nothing here is made by a database sequence.

use serde::{Deserialize, Serialize};

/// The longest id that a platform gives a chat or a person, in bytes.
const PLATFORM_ID_MAX: usize = 200;

/// Whether a text can be a platform's id of a chat or a person.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=PLATFORM_ID_MAX).contains(&text.len()) && !text.contains(char::is_control)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A lane: communities share a small fixed number of them, and order holds within each.
    Lane,
    i16
);
id!(
    /// A community (社群): one group chat and everything in it. A stable hash of its slug.
    CommunityId,
    i64
);
id!(
    /// A platform account: the bot's login on one platform. [`AccountId::SYSTEM`] is the shop itself.
    AccountId,
    i32
);
id!(
    /// A member (会员) of one community; 0 never occurs, it stands for the shop in the ledger.
    MemberId,
    i64
);
id!(
    /// A party (往来方) that a community's shop deals with: a cause, a partner, a supplier. Counts from 1.
    PartyId,
    i64
);
id!(
    /// An offer (开团) of one community.
    OfferId,
    i64
);
id!(
    /// An order (订单) of one community; its number in the chat.
    OrderId,
    i64
);

id!(
    /// A withdrawal (提现) of one community.
    WithdrawalId,
    i64
);

id!(
    /// An after-sales case (售后单) of one community: `Q12`.
    CaseId,
    i64
);

impl AccountId {
    /// Timers, config loads and operators' commands come in through this account.
    pub const SYSTEM: Self = Self(0);
}

/// 63 bits of FNV-1a: the same on every machine and in every version. For keys, not for secrets.
#[must_use]
pub fn fingerprint(text: &str) -> i64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let hash = text.bytes().fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    // FNV mixes its low bits well and its high bits poorly; fold before dropping the sign.
    ((hash ^ (hash >> 29)) & 0x7fff_ffff_ffff_ffff).cast_signed()
}

impl CommunityId {
    /// The id of the community with this slug.
    #[must_use]
    pub fn of(slug: &str) -> Self {
        Self(fingerprint(slug))
    }

    /// The lane this community belongs to, for good.
    ///
    /// # Panics
    /// Never: a remainder is below its divisor.
    #[must_use]
    pub fn lane(self, lanes: i16) -> Lane {
        let lane = self.0.rem_euclid(i64::from(lanes.max(1)));
        Lane(i16::try_from(lane).expect("a remainder is below its divisor"))
    }
}

/// One event of the inbox: its lane and its place in that lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId {
    /// The lane that handles it.
    pub lane: Lane,
    /// Counts up within the lane, in order of storing; gaps are normal.
    pub seq: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_always_gives_the_same_community() {
        assert_eq!(CommunityId::of("sunshine"), CommunityId::of("sunshine"));
        assert_ne!(CommunityId::of("sunshine"), CommunityId::of("moonshine"));
    }

    #[test]
    fn communities_spread_evenly_over_lanes() {
        let mut counts = [0; 4];
        for n in 0..1_000 {
            let lane = CommunityId::of(&format!("c{n}")).lane(4);
            counts[usize::try_from(lane.0).unwrap()] += 1;
        }
        assert!(counts.iter().all(|&n| (200..300).contains(&n)), "{counts:?}");
    }
}
