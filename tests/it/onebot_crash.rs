//! The built program with a OneBot account, killed without warning while a group orders, several times. What
//! was told and not stored is not told again by itself: it is asked for, and where the implementation cannot
//! say, what was stored counts once, and the rest is lost.

use std::time::Duration;

use tokio::time::Instant;
use tuan::engine::Clock;

use crate::fake_onebot::{BOT, Fake, TOKEN, message, words};
use crate::onebot_shop::{AMING, GROUP, Way, file};
use crate::program::{Home, Program, check_receipts, heard};

/// How often it is killed, and how long people order between, before and after the end.
const KILLS: u32 = 3;
const SPELL: Duration = Duration::from_millis(700);
const AWAY: Duration = Duration::from_millis(200);

fn says(fake: &Fake, who: i64, text: &str) {
    let at = (fake.next_message(), Clock::system().now().timestamp());
    fake.push(message(GROUP, who, at, words(text)));
}

/// A shop that is connected, its group linked, and something for sale that closes not before tomorrow.
async fn open_for_trade(fake: &Fake) -> (Home, Program) {
    fake.put(GROUP, BOT, "member");
    fake.put(GROUP, AMING, "owner");
    let home = Home::new(&file(&Way::Forward(fake.address.clone()), 1), TOKEN);
    let tuan = home.start().await;
    tuan.settled(async || fake.greetings() > 0).await;
    says(fake, AMING, &home.offer());
    heard("已绑定", async || fake.said_in(GROUP)).await;
    says(fake, AMING, "上架 草莓 68 5000盒");
    heard("新上架", async || fake.said_in(GROUP)).await;
    (home, tuan)
}

/// People order for a while, each once; returns who comes next.
async fn spell(fake: &Fake, mut next: i64, long: Duration) -> i64 {
    let until = Instant::now() + long;
    while Instant::now() < until {
        for _ in 0..8 {
            says(fake, next, "草莓 1盒");
            next += 1;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    next
}

/// Kill it under the people, who go on while it is away; returns how many ordered.
async fn kills(fake: &Fake, home: &Home, mut tuan: Program) -> (i64, Program) {
    let mut next = 1_000;
    for _ in 0..KILLS {
        next = spell(fake, next, SPELL).await;
        drop(tuan);
        next = spell(fake, next, AWAY).await;
        let before = fake.greetings();
        tuan = home.start().await;
        tuan.settled(async || fake.greetings() > before).await;
    }
    (next - 1_000, tuan)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_killed_asks_what_was_said_and_counts_nothing_twice() {
    let fake = Fake::start().await;
    let (home, tuan) = open_for_trade(&fake).await;
    let (buyers, tuan) = kills(&fake, &home, tuan).await;
    let all = usize::try_from(buyers).unwrap();
    tuan.settled(async || tuan.orders().await.len() >= all).await;
    assert!(buyers > 100, "{buyers} orders are no load");
    let orders = tuan.orders().await;
    assert_eq!(orders.len(), all);
    let repeated = check_receipts(&orders, &fake.said_in(GROUP));
    println!("{buyers} orders through {KILLS} kills; {repeated} receipts were said again");
    home.audit();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_be_asked_what_was_stored_counts_once() {
    let fake = Fake::start().await;
    fake.forget();
    let (home, tuan) = open_for_trade(&fake).await;
    let (buyers, tuan) = kills(&fake, &home, tuan).await;
    // Who comes last is heard again; so all is in that was going to be.
    says(&fake, 9_999, "草莓 1盒");
    tuan.settled(async || tuan.orders().await.contains_key("路人9999")).await;
    let orders = tuan.orders().await;
    let repeated = check_receipts(&orders, &fake.said_in(GROUP));
    println!(
        "{} of {buyers} orders were heard through {KILLS} kills; {repeated} receipts were said again",
        orders.len() - 1
    );
    assert!(orders.len() > 100, "{} orders are no load", orders.len());
    home.audit();
}
