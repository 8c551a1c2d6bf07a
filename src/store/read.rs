//! Reading for people: lists by page and figures, outside of any batch and without locks.
//!
//! Nothing here is decided upon; what a batch needs is read by `load`. A page costs a fixed number of
//! queries and begins after a key of the index it follows, so that page 1,000 costs what page 1 does.

pub mod ledger;
pub mod vitals;

use chrono::{DateTime, FixedOffset};
use chrono_tz::Tz;
use sqlx::{PgPool, Row};

use crate::domain::ids::{CommunityId, Lane};
use crate::domain::time::Timestamp;

use crate::store::StoreError;

/// An instant as people of a community write it.
pub type Local = DateTime<FixedOffset>;

/// A community to read from.
#[derive(Clone, Debug)]
pub struct CommunityPlace {
    /// Its lane.
    pub lane: Lane,
    /// Its id.
    pub community: CommunityId,
    /// ISO 4217 code of its amounts.
    pub currency: String,
    /// Whose days and hours are shown.
    pub zone: Tz,
}

impl CommunityPlace {
    pub(in crate::store) fn local(&self, at: Timestamp) -> Local {
        at.with_timezone(&self.zone).fixed_offset()
    }
}

/// Find a community's currency and zone.
///
/// # Errors
/// [`StoreError`].
pub async fn place(
    db: &PgPool,
    lane: Lane,
    community: CommunityId,
) -> Result<CommunityPlace, StoreError> {
    let row = sqlx::query(
        "select currency, time_zone from community where lane = $1 and community_id = $2",
    )
    .bind(lane.0)
    .bind(community.0)
    .fetch_one(db)
    .await?;
    let zone: &str = row.try_get(1)?;
    let unknown = |_| StoreError::inconsistent(format!("unknown time zone {zone:?}"));
    Ok(CommunityPlace {
        lane,
        community,
        currency: row.try_get(0)?,
        zone: zone.parse().map_err(unknown)?,
    })
}

/// Part of a list.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The last item of the part before.
    pub after: Option<Cursor>,
    /// The most items.
    pub limit: u32,
}

impl Page {
    /// One more than wanted is read, to know whether there is a next page.
    pub(in crate::store) fn fetch(self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// The key of the last item of a page: a number, and one more for lists that need two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub(in crate::store) i64, pub(in crate::store) i16);

impl Cursor {
    /// The cursor behind `12` or `12.3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.len() <= 25 && text.chars().all(|c| c.is_ascii_digit() || c == '.');
        let (number, ordinal) = text.split_once('.').unwrap_or((text, "0"));
        is_plain.then_some(())?;
        Some(Self(number.parse().ok()?, ordinal.parse().ok()?))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.1 {
            0 => write!(f, "{}", self.0),
            ordinal => write!(f, "{}.{ordinal}", self.0),
        }
    }
}

/// The items of a page of which one more was read, and where the next page begins.
pub(in crate::store) fn paged<T>(
    mut items: Vec<T>,
    page: Page,
    key: fn(&T) -> Cursor,
) -> (Vec<T>, Option<Cursor>) {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let has_next = items.len() > limit;
    items.truncate(limit);
    let next = items.last().map(key).filter(|_| has_next);
    (items, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_what_it_writes_and_nothing_else() {
        for cursor in [Cursor(0, 0), Cursor(1024, 0), Cursor(7, 3), Cursor(i64::MAX, i16::MAX)] {
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }
        for text in
            ["", ".", "-1", "+1", "1.", ".1", "1.2.3", "x", "1 ", "9223372036854775808", "1.99999"]
        {
            assert_eq!(Cursor::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_next_page_is_named_only_when_there_is_one() {
        let page = |limit| Page { after: None, limit };
        let key = |n: &i64| Cursor(*n, 0);
        assert_eq!(paged(vec![1, 2, 3], page(2), key), (vec![1, 2], Some(Cursor(2, 0))));
        assert_eq!(paged(vec![1, 2], page(2), key), (vec![1, 2], None));
        assert_eq!(paged(Vec::new(), page(2), key), (Vec::new(), None));
    }
}
