//! The chart of accounts in SQL: the fragments by which a statement asks whose an account is and what it is
//! for. Nothing else writes SQL about the numbers of accounts.

use std::fmt::Display;

use crate::domain::ledger::{
    AccountNo, CHART, Counted, FACTS, Floor, House, LAST_PLACE, Owner, PLACE_BITS, Place, Purse,
    TOKENS,
};

/// The numbers that the accounts of an owner are stored under.
pub(crate) fn numbers_of(owner: Owner) -> Vec<i64> {
    AccountNo::all_of(owner).map(AccountNo::number).collect()
}

/// Whose an account is: a member's number, 0 for the shop, less for a party.
pub(super) fn owner(account: impl Display) -> String {
    format!("({account} >> {PLACE_BITS})")
}

/// The number of the member whose an account is; null for anybody else's.
pub(super) fn member(account: impl Display) -> String {
    format!("(case when {} then {} end)", is_members(&account), owner(&account))
}

/// Whether an account is a member's.
pub(super) fn is_members(account: impl Display) -> String {
    format!("({account} > {LAST_PLACE})")
}

/// A member's account, from the member's number.
pub(crate) fn of(member: impl Display, purse: Purse) -> String {
    format!("({member} << {PLACE_BITS} | {})", Place::Member(purse).number())
}

/// One of the shop's accounts.
pub(crate) fn house(house: House) -> i64 {
    AccountNo::house(house).number()
}

/// Whether an account is any of a member's.
pub(super) fn is_of(account: impl Display, member: impl Display) -> String {
    let first = format!("{member} << {PLACE_BITS}");
    format!("({account} between ({first}) and ({first}) + {LAST_PLACE})")
}

/// Whether an account is this one of any member.
pub(crate) fn is(account: impl Display, purse: Purse) -> String {
    let place = Place::Member(purse).number();
    format!("({account} > {LAST_PLACE} and ({account} & {LAST_PLACE}) = {place})")
}

/// What stands for an account and all others of the same place: the account of the first owner of its sort.
pub(super) fn first(account: impl Display) -> String {
    format!(
        "(greatest(-1, least(1, {})) << {PLACE_BITS} | ({account} & {LAST_PLACE}))",
        owner(&account)
    )
}

/// The chart as rows of `(first, name, money, tokens, may_be_below)`; the last is null where the unit says.
pub(super) fn rows() -> String {
    values(CHART.iter().map(|row| {
        let (money, tokens) = match row.counted {
            Counted::Money => (true, false),
            Counted::Tokens => (false, true),
            Counted::Both => (true, true),
        };
        let below = below(row.floor);
        format!("({}, '{}', {money}, {tokens}, {below})", row.place.first().number(), row.name)
    }))
}

/// The tokens as rows of `(code, may_be_below)`.
pub(super) fn tokens() -> String {
    values(TOKENS.iter().map(|token| format!("('{}', {})", token.code, below(token.floor))))
}

/// The kinds of facts as rows of `(kind, debits, credits, is_of_order)`, with places as [`first`] tells them.
pub(super) fn facts() -> String {
    let array = |places: &[Place]| {
        let firsts: Vec<_> = places.iter().map(|it| it.first().number().to_string()).collect();
        format!("'{{{}}}'::bigint[]", firsts.join(","))
    };
    values(FACTS.iter().map(|row| {
        let (debits, credits) = (array(row.debits), array(row.credits));
        format!("('{}', {debits}, {credits}, {})", row.name, row.is_of_order)
    }))
}

/// Whether a unit is a token, by its code: one that comes in many kinds has the kind behind a colon.
pub(super) fn is_token(unit: impl Display) -> String {
    let codes: Vec<_> = TOKENS.iter().map(|token| format!("'{}'", token.code)).collect();
    format!("({} in ({}))", kind_of(unit), codes.join(", "))
}

/// The code of a unit without its kind.
pub(super) fn kind_of(unit: impl Display) -> String {
    format!("split_part({unit}, ':', 1)")
}

const fn below(floor: Floor) -> &'static str {
    match floor {
        Floor::None => "true",
        Floor::Zero => "false",
        Floor::OfUnit => "null::boolean",
    }
}

fn values(rows: impl Iterator<Item = String>) -> String {
    format!("values {}", rows.collect::<Vec<_>>().join(", "))
}
