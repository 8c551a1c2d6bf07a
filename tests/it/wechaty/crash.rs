//! The built program with a WeChat account, killed without warning while a group orders, several times. A
//! gateway repeats nothing and cannot be asked, so what was announced and not stored is lost; what was stored
//! counts once.

use std::ops::Range;

use serde_json::json;

use super::gateway::{BOT, Gateway, TOKEN};
use super::{GROUP, file};
use crate::program::{Home, Program, check_receipts, heard};

/// How often it is killed, and how many order before and after the end.
const KILLS: u32 = 3;
const BEFORE: u32 = 200;
const AFTER: u32 = 40;

fn name(nth: u32) -> String {
    format!("住户{nth}")
}

/// A gateway whose account is in a group.
async fn gateway() -> Gateway {
    let mut gateway = Gateway::start().await;
    gateway.contact("ming", "阿明", false).await;
    let people = 1_000..=1_000 + KILLS * (BEFORE + AFTER);
    for nth in people.clone() {
        gateway.contact(&nth.to_string(), &name(nth), false).await;
    }
    let people: Vec<_> = people.map(|nth| nth.to_string()).collect();
    let ids: Vec<_> = [BOT, "ming"].into_iter().chain(people.iter().map(String::as_str)).collect();
    gateway.room(GROUP, "ming", &ids).await;
    gateway.login().await;
    gateway
}

/// These people order, each once, as fast as they can be told.
async fn order(gateway: &Gateway, people: Range<u32>) {
    let said = |nth: u32| [nth.to_string(), GROUP.to_owned(), "草莓 1盒".to_owned()];
    gateway.tell("flood", json!({ "said": people.map(said).collect::<Vec<_>>() })).await;
}

/// Whether the account listens.
async fn listens(tuan: &Program) -> bool {
    tuan.health().await["accounts"] == json!({ "wx": true })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the gateway: tests/peers/wechaty/run"]
async fn a_bot_that_is_killed_counts_once_what_it_stored() {
    let gateway = gateway().await;
    let home = Home::new(&file(gateway.port, 1), TOKEN);
    let mut tuan = home.start().await;
    tuan.settled(async || listens(&tuan).await).await;
    gateway.says(GROUP, "ming", &home.offer()).await;
    heard("已绑定", async || gateway.said_in(GROUP).await).await;
    gateway.says(GROUP, "ming", "上架 草莓 68 5000盒").await;
    heard("新上架", async || gateway.said_in(GROUP).await).await;
    let mut next = 1_000;
    for _ in 0..KILLS {
        order(&gateway, next..next + BEFORE).await;
        heard(&name(next), async || gateway.said_in(GROUP).await).await; // the first is answered
        drop(tuan);
        order(&gateway, next + BEFORE..next + BEFORE + AFTER).await; // nobody hears them
        next += BEFORE + AFTER;
        tuan = home.start().await;
        tuan.settled(async || listens(&tuan).await).await;
    }
    // Who comes last is heard again; so all is in that was going to be.
    order(&gateway, next..next + 1).await;
    tuan.settled(async || tuan.orders().await.contains_key(&name(next))).await;
    let orders = tuan.orders().await;
    let repeated = check_receipts(&orders, &gateway.said_in(GROUP).await);
    println!(
        "{} of {} orders were heard through {KILLS} kills, {} came while it was away; {repeated} receipts \
         were said again",
        orders.len() - 1,
        next - 1_000,
        KILLS * AFTER
    );
    home.audit();
}
