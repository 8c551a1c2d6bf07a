//! The doors that platforms come through, and a shop that does not open with a token that is easy to guess.

use std::process::{Command, Stdio};

use serde_json::json;
use tuan::store::seal::Seal;

use crate::fake_onebot::{self, TOKEN as ONEBOT};
use crate::fake_telegram;
use crate::{ground, onebot_shop, telegram_shop};

/// What an implementation is told when it knocks.
async fn knock(url: &str, token: &str) -> String {
    match fake_onebot::open(url, token, "Universal").await {
        Ok(_) => "101".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Guess at a door of OneBot, then show the right token.
async fn guess_at(url: &str, refusal: &str) {
    for _ in 0..5 {
        let told = knock(url, "a-guess-like-any-other").await;
        assert!(told.contains(refusal), "{told}");
    }
    for token in ["a-guess-like-any-other", ONEBOT] {
        let told = knock(url, token).await;
        assert!(told.contains("429"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_at_onebots_doors_is_slowed() {
    let fake = fake_onebot::Fake::start().await;
    let shop = onebot_shop::Shop::open_with(fake, onebot_shop::Way::Console, 1).await;
    let url = format!("ws://{}/onebot/qq", shop.console.unwrap());
    // Whoever is in stays in.
    shop.fake.connect(&url, "Universal");
    shop.until("it is connected", async || shop.fake.greetings() > 0).await;
    guess_at(&url, "403").await;
    shop.begin().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_keys_of_accounts_or_at_an_address_of_its_own_is_slowed_too() {
    let fake = fake_onebot::Fake::start().await;
    let shop = onebot_shop::Shop::open_with(fake, onebot_shop::Way::Console, 1).await;
    guess_at(&format!("ws://{}/onebot/other", shop.console.unwrap()), "404").await;
    shop.close().await;
    let free = ground::listener().await;
    let address = free.local_addr().unwrap();
    drop(free);
    let (fake, way) = (fake_onebot::Fake::start().await, onebot_shop::Way::Listen(address));
    let shop = onebot_shop::Shop::open_with(fake, way, 1).await;
    let url = format!("ws://{address}/");
    shop.until("it listens", async || knock(&url, "").await.contains("401")).await;
    guess_at(&url, "403").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_at_a_hook_is_slowed_and_the_platform_is_not() {
    let shop = telegram_shop::Shop::open_hooked(fake_telegram::Fake::start().await).await;
    let told = || {
        let set = shop.fake.history().into_iter();
        let mut set = set.filter(|(method, ..)| method.eq_ignore_ascii_case("setWebhook"));
        set.next().map(|(_, body, _)| body)
    };
    shop.until("it says where it is told its news", async || told().is_some()).await;
    let told = told().unwrap();
    let (url, secret) = (told["url"].as_str().unwrap(), told["secret_token"].as_str().unwrap());
    let client = reqwest::Client::new();
    let send = async |url: &str, secret: &str| {
        let header = "x-telegram-bot-api-secret-token";
        let update = json!({ "update_id": 900 });
        client.post(url).header(header, secret).json(&update).send().await.unwrap()
    };
    for (nth, expected) in [401, 401, 401, 404, 404, 429, 429].into_iter().enumerate() {
        let elsewhere = url.rsplit_once('/').unwrap().0.to_owned() + "/0123456789abcdef";
        let url = if nth < 3 { url } else { &elsewhere };
        let answer = send(url, "a-guess").await;
        assert_eq!(answer.status(), expected, "{nth}");
        assert_eq!(answer.headers().contains_key("retry-after"), expected == 429);
    }
    assert_eq!(send(url, secret).await.status(), 200, "its news are heard on");
    shop.close().await;
}

#[tokio::test]
async fn a_shop_does_not_open_with_a_token_that_is_easy_to_guess() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.toml");
    std::fs::write(&file, crate::stage::CORNER).unwrap();
    for (token, part) in [
        ("hunter2", "has 7 characters; it needs 16 or more"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "has only 1 different characters"),
        ("changeme1changeme1", "is a short piece repeated"),
    ] {
        for command in ["serve", "check-config"] {
            let mut run = Command::new(env!("CARGO_BIN_EXE_tuan"));
            match command {
                "serve" => run.args([command, "--config"]).arg(&file),
                _ => run.arg(command).arg(&file),
            };
            let output = run
                .env_remove("DATABASE_URL")
                .env("TUAN_DATA_KEY", Seal::fresh_key())
                .env("TUAN_OPERATOR_TOKEN", token)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said =
                [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
            assert_eq!(output.status.code(), Some(1), "{command} {token}: {said}");
            assert!(said.contains(&format!("TUAN_OPERATOR_TOKEN {part}")), "{command}: {said}");
            assert!(said.contains("openssl rand -hex 24") && !said.contains(token), "{said}");
        }
    }
}
