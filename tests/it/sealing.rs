//! Sealed values and data keys: what is sealed opens in its place and with its key only, and keys change while the
//! shop trades.

mod backup;
mod refused;
mod rekey;

use serde_json::Value as Json;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row};
use tuan::store::Seal;
use tuan::store::rekey::{RekeyTally, open_all};
use tuan::store::seal::{COLUMNS, SealedCell, SealedColumn};

use crate::stage::{self, Stage};

/// A sealed value, and where it stands.
pub(crate) struct Value {
    pub(crate) column: &'static SealedColumn,
    key: Vec<i64>,
    numbers: Vec<i64>,
    text: String,
    pub(crate) sealed: Vec<u8>,
}

/// The sealed values of a table, in its order.
pub(crate) async fn values(pool: &PgPool, table: &str) -> Vec<Value> {
    let mut values = Vec::new();
    for column in COLUMNS.iter().filter(|column| column.table == table) {
        let SealedColumn { name, key, numbers, text, .. } = column;
        let array = |names: &[&str]| format!("array[{}]::bigint[]", names.join(", "));
        let sql = format!(
            "select {}, {}, {}, {name} from {table} where {name} is not null and {name} <> ''::bytea order by {}",
            array(key),
            array(numbers),
            text.unwrap_or("''"),
            key.join(", ")
        );
        // Made of the program's own names.
        for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap() {
            let (key, numbers) = (row.get(0), row.get(1));
            values.push(Value { column, key, numbers, text: row.get(2), sealed: row.get(3) });
        }
    }
    values
}

/// All of a database.
pub(crate) async fn all(pool: &PgPool) -> Vec<Value> {
    let mut values = Vec::new();
    for table in tables() {
        values.extend(self::values(pool, table).await);
    }
    values
}

fn tables() -> std::collections::BTreeSet<&'static str> {
    COLUMNS.iter().map(|column| column.table).collect()
}

impl Value {
    fn cell(&self) -> SealedCell<'_> {
        SealedCell::of(self.column, &self.numbers).with_text(&self.text)
    }

    /// What it says.
    #[track_caller]
    pub(crate) fn open(&self, seal: &Seal) -> Json {
        seal.open(&self.cell(), &self.sealed).unwrap()
    }

    /// Put something else in its place.
    async fn put(&self, owner: &mut PgConnection, sealed: &[u8]) {
        let SealedColumn { table, name, key, .. } = self.column;
        let key = key.iter().zip(&self.key).map(|(name, number)| format!("{name} = {number}"));
        let here = key.collect::<Vec<_>>().join(" and ");
        let sql = format!("update {table} set {name} = $1 where {here}");
        let done = sqlx::query(AssertSqlSafe(sql)).bind(sealed).execute(owner).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
    }
}

/// A value as it was sealed before values bore a key's id.
fn as_before(key: &str, value: &Json) -> Vec<u8> {
    use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    let digits = (0..64).step_by(2).map(|at| u8::from_str_radix(&key[at..at + 2], 16).unwrap());
    let key = UnboundKey::new(&AES_256_GCM, &digits.collect::<Vec<_>>()).unwrap();
    let mut nonce = [0; 12];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut nonce).unwrap();
    let mut text = serde_json::to_vec(value).unwrap();
    let nonce_used = Nonce::assume_unique_for_key(nonce);
    let key = LessSafeKey::new(key);
    key.seal_in_place_append_tag(nonce_used, Aad::empty(), &mut text).unwrap();
    [&nonce[..], &text].concat()
}

/// Make a database what it was before keys were written down in it.
async fn age(stage: &Stage, key: &str) {
    let mut owner = stage.owner().await;
    for value in all(&stage.pool).await {
        let before = as_before(key, &value.open(stage.seal()));
        value.put(&mut owner, &before).await;
    }
    sqlx::query("delete from data_key").execute(&mut owner).await.unwrap();
}

/// The corner shop after a morning in which something of every kind was sealed.
async fn morning() -> Stage {
    let stage = Stage::corner().await;
    for (who, what) in [
        ("小美", "A1 两箱 送到 3号楼502"),
        ("阿强", "A1 一箱 备注 要甜的"),
        ("小美", "地址 中山路 1 号"),
        ("阿强", "地址 中山路 2 号"),
        ("小美", "收款 支付宝 13800006789"),
        ("阿强", "收款 支付宝 13800006780"),
    ] {
        stage.says(who, what).await;
    }
    stage
}

async fn tally(pool: &PgPool, seal: &Seal) -> RekeyTally {
    open_all(pool, seal, |_| ()).await.unwrap().0
}

/// Whoever can write to the database cannot make one person's words another's: neither of two values that changed
/// places opens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_change_places_do_not_open() {
    let stage = morning().await;
    let mut owner = stage.owner().await;
    assert_eq!(tally(&stage.pool, stage.seal()).await.shut, 0);
    let mut swapped = 0;
    for table in tables() {
        let values = values(&stage.pool, table).await;
        for column in COLUMNS.iter().filter(|column| column.table == table) {
            let mut of_column = values.iter().filter(|it| std::ptr::eq(it.column, column));
            let (Some(one), Some(other)) = (of_column.next(), of_column.next()) else { continue };
            one.put(&mut owner, &other.sealed).await;
            other.put(&mut owner, &one.sealed).await;
            let tally = tally(&stage.pool, stage.seal()).await;
            assert_eq!(tally.shut, 2, "{}.{}", column.table, column.name);
            one.put(&mut owner, &one.sealed).await;
            other.put(&mut owner, &other.sealed).await;
            swapped += 1;
        }
    }
    assert!(swapped >= 4, "{swapped} columns had two values to change");
    stage.close_sound().await;
}

/// What was said by one is not done as if another had said it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_put_into_anothers_mouth_is_not_taken() {
    let mut stage = Stage::corner().await;
    stage.hold().await;
    let body = |from, text| stage::said(from, text);
    let causes = vec![
        stage.cause("corner", "one", body("小美", "A1 三箱")),
        stage.cause("corner", "other", body("阿强", "谢谢")),
    ];
    stage.hand_in(causes).await;
    let waiting: Vec<_> = values(&stage.pool, "inbox").await;
    let [one, other] = &waiting[waiting.len() - 2..] else { panic!("two wait") };
    let mut owner = stage.owner().await;
    other.put(&mut owner, &one.sealed).await;
    stage.app.start();
    stage.settle().await;
    let question = "select count(*) from orders o join member m using (lane, community_id, member_id) where m.name = ";
    for (name, count) in [("'小美'", 1), ("'阿强'", 0)] {
        let sql = AssertSqlSafe(format!("{question}{name}"));
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&stage.pool).await.unwrap();
        assert_eq!(found, count, "{name}");
    }
    let parked: Vec<String> =
        sqlx::query_scalar("select error from parked").fetch_all(&stage.pool).await.unwrap();
    assert!(matches!(&parked[..], [only] if only.contains("belongs elsewhere")), "{parked:?}");
    stage.close().await;
}

/// No sealed column is left out when keys change: those are all the bytes that the shop keeps.
#[tokio::test]
async fn every_column_of_bytes_is_sealed() {
    let db = stage::database().await;
    let pool = tuan::store::pool::connect(db.app(), 1).await.unwrap();
    let found: Vec<String> = sqlx::query_scalar(
        "select table_name || '.' || column_name from information_schema.columns join information_schema.tables
            using (table_schema, table_name)
         where table_schema = 'public' and data_type = 'bytea' and table_type = 'BASE TABLE'
            and table_name <> '_sqlx_migrations' order by 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut known: Vec<_> =
        COLUMNS.iter().map(|column| format!("{}.{}", column.table, column.name)).collect();
    // A check value, and the keyed hash of what a browser holds.
    known.extend(["data_key.sealed", "session.digest"].map(str::to_owned));
    known.sort();
    assert_eq!(found, known);
}
