//! Members (会员) and who brought them (归属).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::event::Evidence;
use crate::domain::ids::{AccountId, MemberId};
use crate::domain::intent::{Question, Role, Understood};
use crate::domain::person::Person;
use crate::domain::policy::Locale;
use crate::domain::time::Timestamp;

/// One person in one community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Number in the community.
    pub id: MemberId,
    /// The platform account that knows them.
    pub account: AccountId,
    /// The platform's own id of them.
    pub key: String,
    /// Display name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// In the group now.
    pub present: bool,
    /// Present at linking, or first seen speaking without a join (老成员).
    pub founding: bool,
    /// May earn as a promoter.
    pub promoter: bool,
    /// When they joined or were first seen.
    pub joined_at: Timestamp,
    /// Who brought them; first bind wins.
    pub bond: Option<Bond>,
    /// A claim that waits for the named inviter's word.
    pub claim: Option<MemberId>,
    /// The newcomer whose claim this member was last asked about.
    pub asked_by: Option<MemberId>,
    /// Their own invite code.
    pub code: String,
    /// When an order of theirs was first paid.
    pub first_paid_at: Option<Timestamp>,
    /// Days of check-in in a row: the first and the last of the current run.
    pub streak: Option<Streak>,
    /// The question they have not answered.
    pub question: Option<Pending>,
    /// What they want beyond what they may hold unpaid, until a leader answers.
    pub request: Option<Request>,
    /// Since when a leader lets them order nothing (拉黑).
    pub blocked_at: Option<Timestamp>,
    /// Shares (晒单) that wait for a leader's approval.
    pub shares_waiting: i16,
    /// Address, pick-up and payee; sealed in the database.
    pub private: Private,
}

/// A binding to an inviter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bond {
    /// Who brought them.
    pub inviter: MemberId,
    /// How that is known.
    pub evidence: Evidence,
    /// Since when.
    pub since: Timestamp,
}

/// A run of days with a check-in each, derived from the dates alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streak {
    /// The first day of the run.
    pub from: NaiveDate,
    /// The last day of the run.
    pub to: NaiveDate,
}

/// A question to a member and what it was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The question.
    pub question: Question,
    /// Whom the order was for.
    pub for_whom: Option<Person>,
    /// The remark it carried.
    pub note: Option<String>,
    /// After this an answer is ordinary talk again.
    pub until: Timestamp,
}

/// An order that waits for a leader's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// As it was said.
    pub said: Understood,
    /// When.
    pub at: Timestamp,
    /// When the first of its offers closes: silence has lapsed it then.
    pub until: Timestamp,
    /// How often it was changed at once after leaders were asked.
    #[serde(default)]
    pub changed: u8,
}

/// What only the member and the leader may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Private {
    /// Where parcels go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Pick-up name, phone tail, point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup: Option<String>,
    /// Where withdrawals go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee: Option<String>,
    /// What they announced last, as a leader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announcement: Option<Announcement>,
}

/// What a leader announced (公告): whoever joins on that day reads it, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// As written.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// When it was taken down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl Private {
    /// Whether there is nothing to seal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Streak {
    /// How many days in a row.
    #[must_use]
    pub fn days(self) -> u32 {
        u32::try_from((self.to - self.from).num_days() + 1).unwrap_or(1)
    }
}

/// The invite code of a member: short, unmistakable when read aloud, the same on every replay.
/// Six letters and digits without 0, O, 1, I; unique by construction within a community, because it is a
/// permutation of the member's number.
#[must_use]
pub fn invite_code(community: i64, member: MemberId) -> String {
    const MASK: u64 = (1 << 30) - 1;
    // An odd multiplier and an added constant permute the numbers below 2^30.
    let mixed =
        member.0.cast_unsigned().wrapping_mul(0x2f0b_4c47).wrapping_add(community.cast_unsigned())
            & MASK;
    (0..CODE_LENGTH)
        .rev()
        .map(|place| {
            char::from(CODE_LETTERS[usize::try_from(mixed >> (5 * place) & 31).unwrap_or(0)])
        })
        .collect()
}

/// Whether this could be an invite code.
#[must_use]
pub fn is_code(text: &str) -> bool {
    text.len() == CODE_LENGTH && text.bytes().all(|byte| CODE_LETTERS.contains(&byte))
}

/// What invite codes are made of, and how long they are.
const CODE_LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CODE_LENGTH: usize = 6;

/// The platform id of a member who was erased: no platform has one like it.
#[must_use]
pub fn erased_key(member: MemberId) -> String {
    format!("{ERASED}{member}")
}

/// Their name, in the language of their community.
#[must_use]
pub fn erased_name(locale: Locale, member: MemberId) -> String {
    let word = match locale {
        Locale::ZhHans => "已注销",
        Locale::ZhHant => "已註銷",
        Locale::En => "Deleted",
    };
    format!("{word} #{member}")
}

/// Whether this is the platform id of a member who was erased.
#[must_use]
pub fn is_erased(key: &str) -> bool {
    key.starts_with(ERASED)
}

const ERASED: &str = "erased:";

/// A name for other people's eyes: its first character and a star for the rest.
#[must_use]
pub fn short_name(name: &str) -> String {
    let mut rest = name.chars();
    match (rest.next(), rest.next()) {
        (Some(first), Some(_)) => format!("{first}*"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_one_community_never_repeat() {
        let codes: std::collections::HashSet<_> =
            (1..=20_000).map(|n| invite_code(7, MemberId(n))).collect();
        assert_eq!(codes.len(), 20_000);
    }

    #[test]
    fn a_short_name_tells_the_first_character_only() {
        assert_eq!(short_name("小美"), "小*");
        assert_eq!(short_name("A"), "A");
        assert_eq!(short_name(""), "");
    }
}
