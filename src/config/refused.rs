//! Keys that this program has no use for and never will: schemes that the law forbids.
//!
//! They could be reported as unknown, but a person who wrote one should hear why. The list is
//! there to explain, not to protect: what it misses is still an unknown key, and nothing that it
//! names can be expressed. Amounts and rates that are out of bounds are judged in `rules`.
//!
//! Source: 禁止传销条例 (State Council order 444), articles 7 and 10: pay per head recruited,
//! entry fees, and pay by the sales of a team of three or more levels.

/// Why a key is refused, and what to do instead; `None` for any other key.
pub(crate) fn why(key: &str) -> Option<(&'static str, &'static str)> {
    let key: String = key.to_lowercase().replace(['-', '_', ' '], "");
    // A limit "per head" is a misplaced `limit_per_member`, and no scheme.
    let says = |words: &[&str]| !key.contains("limit") && words.iter().any(|it| key.contains(it));
    if says(&DEEP) || key == "levels" || is_deep_level(&key) {
        return Some(TOO_DEEP);
    }
    if says(&FEES) {
        return Some(FEE);
    }
    if says(&CONDITIONS) {
        return Some(CONDITION);
    }
    says(&HEADS).then_some(HEAD)
}

const TOO_DEEP: (&str, &str) = (
    "more than two commission levels, and pay by a team's sales, are refused: from three levels \
     on this is pyramid selling (禁止传销条例 art. 7), whatever the rates",
    "remove the key; `level1` rewards the inviter, `level2` (with `accept_two_level_risk`) theirs",
);
const HEAD: (&str, &str) = (
    "a reward per recruited head is refused, in money or in points: pay for recruiting is what \
     makes a scheme unlawful (禁止传销条例 art. 7 (1))",
    "remove the key; inviters earn `commission.level1` when those they brought buy something",
);
const FEE: (&str, &str) = (
    "commission on membership or entry fees is refused: an entry fee that feeds those above is \
     unlawful (禁止传销条例 art. 7 (2))",
    "remove the key; commission is a share of goods that were bought, paid for and kept",
);
const CONDITION: (&str, &str) = (
    "membership or a purchase as the condition to earn commission is refused: it amounts to an \
     entry fee (禁止传销条例 art. 7 (2))",
    "remove the key; every member who invited a buyer earns alike",
);

const DEEP: [&str; 7] =
    ["teambonus", "teamreward", "teamcommission", "downline", "团队", "團隊", "三级"];
const HEADS: [&str; 18] = [
    "perinvite",
    "perhead",
    "perjoin",
    "pernewmember",
    "recruit",
    "invitereward",
    "invitebonus",
    "invitepoints",
    "inviterreward",
    "referralbonus",
    "referralreward",
    "joinbonus",
    "headbonus",
    "signupbonus",
    "拉新",
    "邀请奖",
    "人头",
    "人頭",
];
const FEES: [&str; 8] = [
    "membershipfee",
    "membershipcommission",
    "onmembership",
    "joiningfee",
    "entryfee",
    "signupfee",
    "会员费",
    "入会费",
];
const CONDITIONS: [&str; 6] = [
    "purchasetoearn",
    "purchaserequired",
    "requirepurchase",
    "requiresmembership",
    "requiremembership",
    "buytoearn",
];

/// `level3`, `level12`, `tier3`.
fn is_deep_level(key: &str) -> bool {
    ["level", "tier"].iter().any(|word| {
        key.strip_prefix(word).and_then(|rest| rest.parse::<u32>().ok()).is_some_and(|at| at > 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unlawful_schemes_are_explained_and_slips_are_not() {
        for (key, expected) in [
            ("level3", Some(TOO_DEEP)),
            ("level_10", Some(TOO_DEEP)),
            ("team_bonus", Some(TOO_DEEP)),
            ("levels", Some(TOO_DEEP)),
            ("per_invite", Some(HEAD)),
            ("recruit_bonus", Some(HEAD)),
            ("拉新奖励", Some(HEAD)),
            ("commission_on_membership_fee", Some(FEE)),
            ("min_purchase_to_earn", Some(CONDITION)),
            ("level1", None),
            ("limit_per_head", None),
            ("limit_per_member", None),
            ("min_purchase", None),
            ("stock_levels", None),
            ("level", None),
            ("check_ins", None),
            ("price_per_box", None),
        ] {
            assert_eq!(why(key), expected, "{key}");
        }
    }
}
