//! What QQ refuses, and what becomes of it: sends that go wrong in each way, buttons and addresses that it does not
//! take, words that nobody asked for.

use tuan::platform::qq::Qq;
use tuan::platform::{Button, Outgoing, Platform, SendError};

use crate::fake_qq::{Fake, Fault};
use crate::qq::{options, words};
use crate::qq_shop::{AMING, Shop, group};

#[tokio::test(flavor = "multi_thread")]
async fn each_receipt_is_said_once_whatever_goes_wrong_with_its_send() {
    let shop = Shop::open().await;
    shop.begin().await;
    let faults = [
        Some(Fault::Status(429)),
        Some(Fault::Status(500)),
        Some(Fault::Status(503)),
        Some(Fault::Status(504)), // may have been sent, and counts once
        Some(Fault::Lost),        // was sent
        None,                     // the token has ended
    ];
    for (who, fault) in (1_000..).zip(faults) {
        shop.fake.put(&group(0), who, "member");
        match fault {
            Some(fault) => shop.fake.fail(&group(0), fault),
            None => shop.fake.end_tokens(),
        }
        shop.says(who, "A1 x1");
        shop.heard(&format!("@路人{who} ")).await;
    }
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 6);
    let said = shop.fake.said_in(&group(0)).join("\n");
    for who in 1_000..1_006 {
        assert_eq!(said.matches(&format!("@路人{who} ")).count(), 1, "{said}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_does_not_take_of_a_message_is_left_out() {
    let fake = Fake::start().await;
    fake.put(&group(0), AMING, "owner");
    let qq = Qq::new(options(&fake)).unwrap();
    let button = Button { label: "来一箱".to_owned(), data: "o:1:A1".to_owned() };
    let post = Outgoing { buttons: vec![vec![button]], ..words("早", 8, "", 0) };
    for code in [304_036, 40_034_105, 304_003] {
        fake.fail(&group(0), Fault::Code(code));
    }
    assert!(qq.send(std::slice::from_ref(&post)).await[0].is_err(), "neither buttons nor words");
    assert_eq!(fake.calls("messages"), 2, "it was tried without buttons");
    // Nobody may be spoken to unasked, whatever the group's state says: it is not tried again.
    for _ in 0..3 {
        let sent = qq.send(std::slice::from_ref(&post)).await;
        assert!(matches!(sent[0], Err(SendError::AwaitsPerson { .. })), "{sent:?}");
    }
    assert_eq!(fake.calls("messages"), 2);
    let other = Qq::new(options(&fake)).unwrap();
    let link = words("快递 https://example.org/1 已发", 8, "", 0);
    assert!(other.send(&[link]).await[0].is_ok());
    assert!(other.send(&[post]).await[0].is_ok());
    assert_eq!(fake.said_in(&group(0)), ["快递 … 已发", "早"]);
    assert_eq!(
        fake.sent()[1].buttons,
        ["o:1:A1"],
        "and who was never refused goes on with buttons"
    );
}
