//! Where sealed values stand. A value is bound to its place: put anywhere else, it does not open.
//!
//! A place is made of what never changes in a row's life: table, column, community and the row's own numbers;
//! for what comes and goes through a platform the account, too, and the key under which it counts. Never the
//! lane, for that says where a row is kept and not what it is.

use crate::domain::ids::{
    AccountId, CaseId, CommunityId, EventId, MemberId, OrderId, WithdrawalId,
};

use super::KeyId;

/// A sealed column.
#[derive(Debug)]
pub struct SealedColumn {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The columns of a unique index, whole numbers, the lane first: the order in which the table is walked.
    pub key: &'static [&'static str],
    /// The columns of whole numbers that a value is bound to.
    pub numbers: &'static [&'static str],
    /// The column of text that it is bound to besides.
    pub text: Option<&'static str>,
    /// What stands in the column when there is nothing to be sealed, as SQL; without it a row goes whole.
    pub empty: Option<&'static str>,
}

/// Every sealed column.
pub static COLUMNS: [SealedColumn; 11] = [
    INBOX_BODY,
    OUTBOX_BODY,
    SENDING,
    QUESTION,
    REQUEST,
    MEMBER_PRIVATE,
    ORDER_PRIVATE,
    WITHDRAWAL_PRIVATE,
    CASE_PRIVATE,
    ERASED_PERSON,
    REVIEW_BODY,
];

pub(crate) const INBOX_BODY: SealedColumn = SealedColumn {
    table: "inbox",
    name: "body",
    key: &["lane", "seq"],
    numbers: &["community_id", "account_id"],
    text: Some("key"),
    empty: Some("null"),
};

pub(crate) const OUTBOX_BODY: SealedColumn = SealedColumn {
    table: "outbox",
    name: "body",
    key: &["lane", "account_id", "seq", "ordinal"],
    numbers: &["community_id", "account_id", "seq", "ordinal"],
    text: None,
    empty: Some("''::bytea"),
};

const SENDING: SealedColumn = SealedColumn {
    table: "outbox_mark",
    name: "sending",
    key: &["lane", "account_id"],
    numbers: &["account_id"],
    text: None,
    empty: Some("null"),
};

pub(crate) const QUESTION: SealedColumn = SealedColumn {
    table: "member",
    name: "question",
    key: &["lane", "community_id", "member_id"],
    numbers: &["community_id", "member_id"],
    text: None,
    empty: Some("null"),
};

pub(crate) const REQUEST: SealedColumn = SealedColumn { name: "request", ..QUESTION };

const MEMBER_PRIVATE: SealedColumn = SealedColumn { name: "private", ..QUESTION };

pub(crate) const ORDER_PRIVATE: SealedColumn = SealedColumn {
    table: "orders",
    name: "private",
    key: &["lane", "community_id", "order_id"],
    numbers: &["community_id", "order_id"],
    text: None,
    empty: Some("null"),
};

const WITHDRAWAL_PRIVATE: SealedColumn = SealedColumn {
    table: "withdrawal",
    name: "private",
    key: &["lane", "community_id", "withdrawal_id"],
    numbers: &["community_id", "withdrawal_id"],
    text: None,
    empty: Some("null"),
};

const CASE_PRIVATE: SealedColumn = SealedColumn {
    table: "service_case",
    name: "private",
    key: &["lane", "community_id", "case_id"],
    numbers: &["community_id", "case_id"],
    text: None,
    empty: Some("null"),
};

const ERASED_PERSON: SealedColumn = SealedColumn { table: "erasure", name: "person", ..QUESTION };

const REVIEW_BODY: SealedColumn = SealedColumn {
    table: "review",
    name: "body",
    key: &["lane", "community_id", "seq", "ordinal"],
    numbers: &["community_id", "seq", "ordinal"],
    text: None,
    empty: None,
};

/// The place of one sealed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedCell<'a> {
    table: &'static str,
    column: &'static str,
    numbers: [i64; NUMBERS_MAX],
    text: &'a str,
}

/// The most numbers that make a place.
const NUMBERS_MAX: usize = 4;

impl<'a> SealedCell<'a> {
    /// What happened.
    #[must_use]
    pub fn inbox_body(community: CommunityId, account: AccountId, key: &'a str) -> Self {
        let account = i64::from(account.0);
        Self { text: key, ..Self::of(&INBOX_BODY, &[community.0, account]) }
    }

    /// What is to be said.
    #[must_use]
    pub fn outbox_body(
        community: CommunityId,
        account: AccountId,
        event: EventId,
        ordinal: i16,
    ) -> Self {
        let row = [community.0, i64::from(account.0), event.seq, i64::from(ordinal)];
        Self::of(&OUTBOX_BODY, &row)
    }

    /// What is being sent.
    #[must_use]
    pub fn sending(account: AccountId) -> Self {
        Self::of(&SENDING, &[i64::from(account.0)])
    }

    /// What a member was asked.
    #[must_use]
    pub fn question(community: CommunityId, member: MemberId) -> Self {
        Self::of(&QUESTION, &[community.0, member.0])
    }

    /// What a member asked of the leader.
    #[must_use]
    pub fn request(community: CommunityId, member: MemberId) -> Self {
        Self::of(&REQUEST, &[community.0, member.0])
    }

    /// A member's address, pick-up and payee.
    #[must_use]
    pub fn member_private(community: CommunityId, member: MemberId) -> Self {
        Self::of(&MEMBER_PRIVATE, &[community.0, member.0])
    }

    /// Beneficiary, remarks and delivery of an order.
    #[must_use]
    pub fn order_private(community: CommunityId, order: OrderId) -> Self {
        Self::of(&ORDER_PRIVATE, &[community.0, order.0])
    }

    /// Payee and reason of a withdrawal.
    #[must_use]
    pub fn withdrawal_private(community: CommunityId, withdrawal: WithdrawalId) -> Self {
        Self::of(&WITHDRAWAL_PRIVATE, &[community.0, withdrawal.0])
    }

    /// What was said in a case.
    #[must_use]
    pub fn case_private(community: CommunityId, case: CaseId) -> Self {
        Self::of(&CASE_PRIVATE, &[community.0, case.0])
    }

    /// Who is to be forgotten.
    #[must_use]
    pub fn erased_person(community: CommunityId, member: MemberId) -> Self {
        Self::of(&ERASED_PERSON, &[community.0, member.0])
    }

    /// A line of a chain.
    #[must_use]
    pub fn review_body(community: CommunityId, seq: i64, ordinal: i16) -> Self {
        Self::of(&REVIEW_BODY, &[community.0, seq, i64::from(ordinal)])
    }

    /// The check value of a data key.
    #[must_use]
    pub(crate) fn check(key: KeyId) -> Self {
        let mut numbers = [0; NUMBERS_MAX];
        numbers[0] = i64::from(key.number());
        Self { table: "data_key", column: "sealed", numbers, text: "" }
    }

    /// A value of this column, by what it is bound to, in the column's order.
    #[must_use]
    pub fn of(column: &SealedColumn, row: &[i64]) -> Self {
        let mut numbers = [0; NUMBERS_MAX];
        for (number, &of_row) in numbers.iter_mut().zip(row) {
            *number = of_row;
        }
        Self { table: column.table, column: column.name, numbers, text: "" }
    }

    /// The same with the text of its row.
    #[must_use]
    pub fn with_text(self, text: &'a str) -> Self {
        Self { text, ..self }
    }

    /// The place as bytes. No two places have the same: names hold no zero, numbers have a fixed length, and the
    /// text is the rest.
    pub(super) fn bound(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96);
        bytes.extend_from_slice(self.table.as_bytes());
        bytes.push(b'.');
        bytes.extend_from_slice(self.column.as_bytes());
        bytes.push(0);
        for number in self.numbers {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(self.text.as_bytes());
        bytes
    }
}
