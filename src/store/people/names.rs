//! Keys of names that were stored before there were keys. The owner fills them in while it migrates, a
//! portion at a time, so that it may be stopped and begun again.

use sqlx::{PgConnection, Row};

use crate::domain::name::name_key;

/// Members of one portion.
const PORTION: i64 = 2_000;

/// Fill in what is missing.
///
/// # Errors
/// Whatever the server says.
pub(in crate::store) async fn fill_in(owner: &mut PgConnection) -> Result<(), sqlx::Error> {
    loop {
        let rows = sqlx::query(
            "select lane, community_id, member_id, name from member where name_key = '' limit $1",
        )
        .bind(PORTION)
        .fetch_all(&mut *owner)
        .await?;
        if rows.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = rows.iter().map(|row| row.try_get(3)).collect::<Result<_, _>>()?;
        let keys: Vec<String> = names.iter().map(|name| name_key(name)).collect();
        sqlx::query(
            "update member m set name_key = n.name_key
             from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::text[])
                as n (lane, community_id, member_id, name_key)
             where m.lane = n.lane and m.community_id = n.community_id and m.member_id = n.member_id",
        )
        .bind(rows.iter().map(|row| row.try_get::<i16, _>(0)).collect::<Result<Vec<_>, _>>()?)
        .bind(rows.iter().map(|row| row.try_get::<i64, _>(1)).collect::<Result<Vec<_>, _>>()?)
        .bind(rows.iter().map(|row| row.try_get::<i64, _>(2)).collect::<Result<Vec<_>, _>>()?)
        .bind(keys)
        .execute(&mut *owner)
        .await?;
    }
}
