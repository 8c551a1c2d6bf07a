//! The built program with a Telegram bot, killed without warning while a group orders, several times: every
//! order counts once, every receipt arrives, what is said twice says so, and the books are sound.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use tuan::engine::Clock;

use crate::fake_telegram::{Fake, TOKEN};
use crate::program::{Home, Program, check_receipts, heard};
use crate::telegram_shop::{AMING, GROUP, file, place, user};

/// How often it is killed, and how long people order between.
const KILLS: u32 = 3;
const SPELL: Duration = Duration::from_millis(900);

static MESSAGES: AtomicI64 = AtomicI64::new(0);

fn says(fake: &Fake, who: i64, text: &str) {
    let now = Clock::system().now().timestamp();
    let id = MESSAGES.fetch_add(1, Ordering::Relaxed) + 1;
    fake.push(
        "message",
        json!({ "message_id": id, "date": now, "chat": place(GROUP), "from": user(who), "text": text }),
    );
}

/// The group is linked, and something is for sale that closes not before tomorrow.
async fn open_for_trade(home: &Home, fake: &Fake) {
    fake.set_admin(AMING);
    says(fake, AMING, &home.offer());
    heard("已绑定", async || fake.said_in(GROUP)).await;
    says(fake, AMING, "上架 草莓 68 5000盒");
    heard("新上架", async || fake.said_in(GROUP)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_killed_loses_nothing_and_counts_nothing_twice() {
    let fake = Fake::start().await;
    let home = Home::new(&file(&fake.address, None, 1), TOKEN);
    let mut tuan = home.start().await;
    open_for_trade(&home, &fake).await;
    accounts_are_shown_to_the_operator_alone(&tuan, &home).await;
    let mut buyers = 0;
    for _ in 0..KILLS {
        let until = Instant::now() + SPELL;
        while Instant::now() < until {
            for _ in 0..8 {
                says(&fake, 1_000 + buyers, "草莓 1盒");
                buyers += 1;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(tuan);
        tuan = home.start().await;
    }
    tuan.settled(async || fake.waiting().is_empty()).await;
    assert!(buyers > 100, "{buyers} orders are no load");
    let orders = tuan.orders().await;
    assert_eq!(orders.len(), usize::try_from(buyers).unwrap());
    let repeated = check_receipts(&orders, &fake.said_in(GROUP));
    println!("{buyers} orders through {KILLS} kills; {repeated} receipts were said again");
    home.audit();
}

/// How the accounts are is on a page of their own, for who has the operator's token.
async fn accounts_are_shown_to_the_operator_alone(tuan: &Program, home: &Home) {
    let page = tuan.get("/accounts").await.text().await.unwrap();
    assert!(page.contains("tg (telegram) · tuan_bot") && page.contains("已连接"), "{page}");
    let list: Value = tuan.get("/api/accounts").await.json().await.unwrap();
    assert_eq!(
        (&list["items"][0]["key"], &list["items"][0]["ready"]),
        (&json!("tg"), &json!(true))
    );
    assert_eq!(tuan.health().await["accounts"], json!({ "tg": true }));
    let stranger = reqwest::get(format!("http://{}/accounts", home.address)).await.unwrap();
    assert!(stranger.url().path() == "/login", "{}", stranger.url());
    let stranger = reqwest::get(format!("http://{}/api/accounts", home.address)).await.unwrap();
    assert_eq!(stranger.status(), 401);
}
