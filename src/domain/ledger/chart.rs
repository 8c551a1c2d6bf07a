//! The chart of accounts (科目表): who holds accounts, which places each sort of owner has, in what they are
//! counted, and which may stand below nothing.
//!
//! The place of an account says why something is there, the unit of an entry says what it is: one place of a
//! member serves points, and whatever else is counted one day. A new account is a new row here. This file and
//! `store::chart`, which writes the same for SQL, are the only ones that know how accounts are numbered.

use crate::domain::ids::{MemberId, PartyId};

/// The currency code of points (积分).
pub const POINTS: &str = "PTS";

/// An owner's number stands above this many bits of an account's number, the place within them. Stored rows
/// depend on it.
pub const PLACE_BITS: u32 = 4;

/// The highest place of an owner; 0 is none.
pub const LAST_PLACE: i64 = (1 << PLACE_BITS) - 1;

/// An account's number within its community: an owner and a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNo(i64);

/// Who holds accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The community's shop.
    Shop,
    /// A member.
    Member(MemberId),
    /// Somebody outside: a cause, a partner, a supplier.
    Party(PartyId),
}

/// A place that one sort of owner has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The shop's.
    Shop(House),
    /// A member's.
    Member(Purse),
    /// A party's.
    Party(Dealing),
}

/// The shop's places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum House {
    /// Paid money, in the leader's hands.
    Received = 1,
    /// What was sold.
    Sales = 2,
    /// Commission as a cost.
    CommissionCost = 3,
    /// Tax kept back from withdrawals.
    TaxWithheld = 4,
    /// What was issued and is still out, as points are.
    Issued = 5,
    /// Money taken that is still the buyers': for orders not paid in full, or beyond what they come to.
    Deposits = 6,
}

/// A member's places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purse {
    /// 冻结: commission of paid orders inside the return window.
    Frozen = 1,
    /// 可提现: may be withdrawn; negative after a claw-back.
    Available = 2,
    /// 提现中: asked for.
    Locked = 3,
    /// 已提现: paid out.
    PaidOut = 4,
    /// What the shop issued to the member and the member may use, as points (积分) are.
    Wallet = 5,
}

/// A party's places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dealing {
    /// What the shop is to hand on to them.
    Owed = 1,
    /// What passes between them and members, and is nothing at the end of the day.
    Clearing = 2,
}

/// In what a place is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Money of the community's currency.
    Money,
    /// Tokens: what the shop issues itself.
    Tokens,
    /// Either.
    Both,
}

/// Whether what an owner has at a place may be less than nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    /// It may.
    None,
    /// It may not.
    Zero,
    /// The unit says.
    OfUnit,
}

/// A row of the chart.
#[derive(Clone, Copy, Debug)]
pub struct ChartRow {
    /// The place.
    pub place: Place,
    /// Its name for programs and operators; never changed.
    pub name: &'static str,
    /// In what it is counted.
    pub counted: Counted,
    /// How low it may stand.
    pub floor: Floor,
}

/// What the shop issues and counts in accounts beside money.
#[derive(Clone, Copy, Debug)]
pub struct AccountToken {
    /// Its code; a kind that comes in many has it before a colon.
    pub code: &'static str,
    /// How low an owner's may stand.
    pub floor: Floor,
}

/// Every account there is.
pub const CHART: [ChartRow; 13] = {
    use Counted::{Both, Money, Tokens};
    use Dealing::{Clearing, Owed};
    use Floor::{None, OfUnit, Zero};
    use House::{CommissionCost, Deposits, Issued, Received, Sales, TaxWithheld};
    use Place::{Member, Party, Shop};
    use Purse::{Available, Frozen, Locked, PaidOut, Wallet};
    [
        row(Shop(Received), "received", Money, None),
        row(Shop(Sales), "sales", Money, None),
        row(Shop(CommissionCost), "commission_cost", Money, None),
        row(Shop(TaxWithheld), "tax_withheld", Money, None),
        row(Shop(Issued), "points_issued", Tokens, None),
        row(Shop(Deposits), "deposits", Money, None),
        row(Member(Frozen), "frozen", Money, Zero),
        // A refund after settling takes back what may have been paid out.
        row(Member(Available), "available", Money, None),
        row(Member(Locked), "locked", Money, Zero),
        row(Member(PaidOut), "paid_out", Money, Zero),
        row(Member(Wallet), "points", Tokens, OfUnit),
        row(Party(Owed), "owed", Money, Zero),
        row(Party(Clearing), "clearing", Both, None),
    ]
};

/// Every token there is.
pub const TOKENS: [AccountToken; 1] = [
    // Points of an order that is refunded may have been spent already.
    AccountToken { code: POINTS, floor: Floor::None },
];

const fn row(place: Place, name: &'static str, counted: Counted, floor: Floor) -> ChartRow {
    ChartRow { place, name, counted, floor }
}

impl Owner {
    /// The number that accounts are numbered by: the shop is 0, parties count downwards.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Shop => 0,
            Self::Member(member) => member.0,
            Self::Party(party) => -party.0,
        }
    }

    const fn numbered(number: i64) -> Self {
        match number {
            0 => Self::Shop,
            1.. => Self::Member(MemberId(number)),
            _ => Self::Party(PartyId(-number)),
        }
    }

    /// Whether owners of this sort have this place.
    const fn has(self, place: Place) -> bool {
        matches!(
            (self, place),
            (Self::Shop, Place::Shop(_))
                | (Self::Member(_), Place::Member(_))
                | (Self::Party(_), Place::Party(_))
        )
    }
}

impl Place {
    /// Its number among the places of its owner.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Shop(place) => place as i64,
            Self::Member(place) => place as i64,
            Self::Party(place) => place as i64,
        }
    }

    /// The account that the first owner of its sort has here: it stands for all of them.
    #[must_use]
    pub const fn first(self) -> AccountNo {
        let owner = match self {
            Self::Shop(_) => Owner::Shop,
            Self::Member(_) => Owner::Member(MemberId(1)),
            Self::Party(_) => Owner::Party(PartyId(1)),
        };
        AccountNo::at(owner, self.number())
    }

    /// Its name for programs and operators.
    #[must_use]
    pub fn name(self) -> &'static str {
        CHART.iter().find(|row| row.place == self).map_or("unknown", |row| row.name)
    }
}

impl AccountNo {
    const fn at(owner: Owner, place: i64) -> Self {
        Self(owner.number() << PLACE_BITS | place)
    }

    /// A member's account.
    #[must_use]
    pub const fn of(member: MemberId, purse: Purse) -> Self {
        Self::at(Owner::Member(member), purse as i64)
    }

    /// One of the shop's accounts.
    #[must_use]
    pub const fn house(house: House) -> Self {
        Self::at(Owner::Shop, house as i64)
    }

    /// A party's account.
    #[must_use]
    pub const fn party(party: PartyId, dealing: Dealing) -> Self {
        Self::at(Owner::Party(party), dealing as i64)
    }

    /// All accounts that the chart gives an owner.
    pub fn all_of(owner: Owner) -> impl Iterator<Item = Self> {
        let places = CHART.iter().map(|row| row.place).filter(move |it| owner.has(*it));
        places.map(move |place| Self::at(owner, place.number()))
    }

    /// As it is stored.
    #[must_use]
    pub const fn stored(number: i64) -> Self {
        Self(number)
    }

    /// The number to store.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Whose it is.
    #[must_use]
    pub const fn owner(self) -> Owner {
        Owner::numbered(self.0 >> PLACE_BITS)
    }

    /// The member whose it is.
    #[must_use]
    pub const fn member(self) -> Option<MemberId> {
        match self.owner() {
            Owner::Member(member) => Some(member),
            Owner::Shop | Owner::Party(_) => None,
        }
    }

    /// Its place; nothing where the chart has no such account.
    #[must_use]
    pub fn place(self) -> Option<Place> {
        CHART.iter().map(|row| row.place).find(|place| self.is(*place))
    }

    /// Whether it is at this place of its owner.
    #[must_use]
    pub const fn is(self, place: Place) -> bool {
        self.owner().has(place) && self.0 & LAST_PLACE == place.number()
    }

    /// Its name for programs and operators.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.place().map_or("unknown", Place::name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stored_numbers_keep_their_meaning() {
        let table = [
            (1, Owner::Shop, "received"),
            (2, Owner::Shop, "sales"),
            (3, Owner::Shop, "commission_cost"),
            (4, Owner::Shop, "tax_withheld"),
            (5, Owner::Shop, "points_issued"),
            (6, Owner::Shop, "deposits"),
            (17, Owner::Member(MemberId(1)), "frozen"),
            (18, Owner::Member(MemberId(1)), "available"),
            (115, Owner::Member(MemberId(7)), "locked"),
            (116, Owner::Member(MemberId(7)), "paid_out"),
            (117, Owner::Member(MemberId(7)), "points"),
            (-15, Owner::Party(PartyId(1)), "owed"),
            (-30, Owner::Party(PartyId(2)), "clearing"),
            // What nobody has is nobody else's.
            (15, Owner::Shop, "unknown"),
            (16, Owner::Member(MemberId(1)), "unknown"),
            (121, Owner::Member(MemberId(7)), "unknown"),
            (-1, Owner::Party(PartyId(1)), "unknown"),
        ];
        for (number, owner, name) in table {
            let account = AccountNo::stored(number);
            assert_eq!((account.owner(), account.name()), (owner, name), "{number}");
        }
    }

    #[test]
    fn rows_have_one_name_and_one_number_each() {
        let mut firsts = CHART.map(|row| row.place.first().number());
        let mut names = CHART.map(|row| row.name);
        firsts.sort_unstable();
        names.sort_unstable();
        assert!(firsts.windows(2).all(|pair| pair[0] != pair[1]), "{firsts:?}");
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        for row in CHART {
            assert!((1..=LAST_PLACE).contains(&row.place.number()), "{}", row.name);
            assert_eq!(row.place.first().place(), Some(row.place));
        }
    }

    proptest! {
        #[test]
        fn an_account_tells_whose_it_is_and_where(owner in -1_000_i64..1_000, place in 1..=LAST_PLACE) {
            let owner = Owner::numbered(owner);
            let account = AccountNo::at(owner, place);
            prop_assert_eq!(account.owner(), owner);
            prop_assert_eq!(account.place().map_or(place, Place::number), place);
            prop_assert_eq!(AccountNo::all_of(owner).any(|it| it == account), account.place().is_some());
        }
    }
}
