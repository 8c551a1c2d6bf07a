//! The built program with a QQ bot, killed without warning while a group orders, several times. A new process
//! begins a new session: what was told meanwhile is lost, and what was stored counts once. A receipt that was
//! on its way is sent again as an answer, and the platform takes it once.

use std::time::Duration;

use tokio::time::Instant;
use tuan::engine::Clock;

use crate::fake_qq::{APP_ID, Fake, SECRET};
use crate::ground;
use crate::program::{Home, check_receipts, heard};
use crate::qq_shop::{AMING, group};

/// How often it is killed, and how long people order between.
const KILLS: u32 = 3;
const SPELL: Duration = Duration::from_millis(700);

fn says(fake: &Fake, who: i64, text: &str) {
    let time = Clock::system().now().timestamp();
    fake.say("GROUP_MESSAGE_CREATE", &fake.message(&group(0), who, time, text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_killed_counts_nothing_twice_and_says_no_receipt_twice() {
    let fake = Fake::start().await;
    fake.put(&group(0), AMING, "owner");
    let account = format!(
        "key = \"qq\"\nplatform = \"qq\"\napp_id = \"{APP_ID}\"\napi_url = \"{}\"",
        fake.url()
    );
    let home = Home::new(&ground::file(&account, 1), SECRET);
    let mut tuan = home.start().await;
    tuan.settled(async || fake.is_heard()).await;
    says(&fake, AMING, &home.offer());
    heard("已绑定", async || fake.said_in(&group(0))).await;
    says(&fake, AMING, "上架 草莓 68 5000盒");
    heard("新上架", async || fake.said_in(&group(0))).await;
    let mut next = 1_000;
    for _ in 0..KILLS {
        let until = Instant::now() + SPELL;
        while Instant::now() < until {
            for _ in 0..8 {
                fake.put(&group(0), next, "member");
                says(&fake, next, "草莓 1盒");
                next += 1;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(tuan);
        let before = fake.greetings().0;
        tuan = home.start().await;
        tuan.settled(async || fake.greetings().0 > before).await;
    }
    fake.put(&group(0), 9_999, "member");
    says(&fake, 9_999, "草莓 1盒");
    tuan.settled(async || tuan.orders().await.contains_key("路人9999")).await;
    let orders = tuan.orders().await;
    let repeated = check_receipts(&orders, &fake.said_in(&group(0)));
    println!(
        "{} of {} orders were heard through {KILLS} kills; {repeated} receipts were said again",
        orders.len() - 1,
        next - 1_000
    );
    assert!(orders.len() > 100, "{} orders are no load", orders.len());
    home.audit();
}
