//! Whoever guesses is slowed, by address and by account, and told for how long; who is signed in goes on.

use super::*;

/// Guess until it is not answered any more; returns how many guesses were, and the answer that was none.
async fn guess(shop: &Shop, from: &str, headers: impl Fn(usize) -> String) -> (usize, Answer) {
    for nth in 0..50 {
        let headers = format!("authorization: Bearer guess-{nth}\r\n{}", headers(nth));
        let answer = ask(shop, from, ("GET", "/api/accounts"), (&headers, "")).await;
        if answer.status != 401 {
            return (nth, answer);
        }
    }
    panic!("fifty guesses were answered");
}

#[tokio::test]
async fn one_address_may_guess_five_times() {
    let shop = shop().await;
    let open = signed_in(&shop, "127.0.0.2").await;
    for _ in 0..5 {
        assert_eq!(sign_in(&shop, "127.0.0.2", "a-guess-like-any-other").await.status, 401);
    }
    for token in ["a-guess-like-any-other", TOKEN] {
        let answer = sign_in(&shop, "127.0.0.2", token).await;
        assert_eq!(answer.status, 429, "a right one is not looked at");
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((30..=60).contains(&seconds), "{seconds}");
        assert!(answer.json()["error"].as_str().unwrap().contains("try again in"));
        assert_eq!(with_token(&shop, "127.0.0.2", token).await.status, 429);
    }
    assert_eq!(with_cookie(&shop, "127.0.0.2", &open).await.status, 200, "a session goes on");
    assert_eq!(with_token(&shop, "127.0.0.3", TOKEN).await.status, 200, "and a neighbour");
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn many_guesses_at_once_are_no_way_around() {
    let shop = shop().await;
    let guesses = (0..40).map(|_| with_token(&shop, "127.0.0.2", "guess"));
    let answers = futures::future::join_all(guesses).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 35);
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn many_addresses_against_one_account_are_slowed_together() {
    let shop = shop().await;
    let open = signed_in(&shop, "127.0.0.2").await;
    for nth in 10..30 {
        assert_eq!(with_token(&shop, &format!("127.0.0.{nth}"), "guess").await.status, 401);
    }
    let stranger = with_token(&shop, "127.0.0.99", TOKEN).await;
    assert_eq!(stranger.status, 429);
    assert!(stranger.header("retry-after").is_some());
    // Who was signed in is, and who showed the token from there may show it again.
    assert_eq!(with_cookie(&shop, "127.0.0.99", &open).await.status, 200);
    assert_eq!(with_token(&shop, "127.0.0.2", TOKEN).await.status, 200);
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn what_a_stranger_says_of_its_address_is_not_believed() {
    let shop = shop().await;
    let forged = |nth: usize| format!("x-forwarded-for: 203.0.113.{nth}\r\n");
    let (answered, answer) = guess(&shop, "127.0.0.2", forged).await;
    assert_eq!((answered, answer.status), (5, 429));
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn behind_a_proxy_the_rightmost_address_counts() {
    let shop = behind_a_proxy().await;
    // The client writes the left ones, the proxy the last.
    let forged = |nth: usize| format!("x-forwarded-for: 203.0.113.{nth}, 198.51.100.7\r\n");
    let (answered, answer) = guess(&shop, "127.0.0.1", forged).await;
    assert_eq!((answered, answer.status), (5, 429));
    let other = format!("authorization: Bearer {TOKEN}\r\nx-forwarded-for: 198.51.100.8\r\n");
    let answer = ask(&shop, "127.0.0.1", ("GET", "/api/accounts"), (&other, "")).await;
    assert_eq!(answer.status, 200, "another client of the proxy is another");
    // Somebody beside the proxy is believed nothing.
    let (answered, _) =
        guess(&shop, "127.0.0.9", |nth| format!("x-forwarded-for: 192.0.2.{nth}\r\n")).await;
    assert_eq!(answered, 5);
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn a_subscriber_of_ipv6_is_one() {
    let shop = behind_a_proxy().await;
    let roaming = |nth: usize| format!("x-forwarded-for: 2001:db8:1:2::{nth}\r\n");
    let (answered, answer) = guess(&shop, "127.0.0.1", roaming).await;
    assert_eq!((answered, answer.status), (5, 429));
    let other = format!("authorization: Bearer {TOKEN}\r\nx-forwarded-for: 2001:db8:1:3::1\r\n");
    let answer = ask(&shop, "127.0.0.1", ("GET", "/api/accounts"), (&other, "")).await;
    assert_eq!(answer.status, 200, "the next /64 is another subscriber");
    shop.app.engine.shut_down().await;
}
