//! Connections that come slowly, in great number, or to stay.

use std::time::Duration;

use tokio::time::Instant;
use tuan::gate::HEAD_MAX;

use super::*;

/// How long after its time a connection may be open yet.
const LATE: Duration = Duration::from_secs(8);

/// When a connection is closed by the other side, whatever it says before.
async fn closed_after(mut stream: TcpStream, dribble: bool) -> Duration {
    let begun = Instant::now();
    let mut buffer = [0; 1_024];
    loop {
        let reading = tokio::time::timeout(Duration::from_millis(500), stream.read(&mut buffer));
        match reading.await {
            Ok(Ok(0) | Err(_)) => return begun.elapsed(),
            Ok(Ok(_)) => {}
            Err(_) => {
                assert!(begun.elapsed() < HEAD_MAX + 2 * LATE, "it is never closed");
                if dribble && stream.write_all(b"x").await.is_err() {
                    return begun.elapsed();
                }
            }
        }
    }
}

#[tokio::test]
async fn who_is_slow_is_closed_and_others_are_answered_meanwhile() {
    let shop = shop().await;
    let mut kinds = Vec::new();
    for (begin, dribble) in [
        ("", false),
        ("GET /health HTTP/1.1\r\nx-", true),
        ("GET /login HTTP/1.1\r\nhost: LOCAL\r\n\r\n", false),
    ] {
        for _ in 0..60 {
            let mut stream = connect(&shop, "127.0.0.2").await.unwrap();
            let begin = begin.replace("LOCAL", &shop.address.to_string());
            stream.write_all(begin.as_bytes()).await.unwrap();
            kinds.push(tokio::spawn(closed_after(stream, dribble)));
        }
    }
    for from in ["127.0.0.2", "127.0.0.3"] {
        let begun = Instant::now();
        assert_eq!(ask(&shop, from, ("GET", "/health"), ("", "")).await.status, 200);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
    for closed in futures::future::join_all(kinds).await {
        let after = closed.unwrap();
        assert!(after <= HEAD_MAX + LATE, "{after:?}");
        assert!(after + Duration::from_secs(1) >= HEAD_MAX, "{after:?}");
    }
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let shop = shop().await;
    let mut stream = connect(&shop, "127.0.0.2").await.unwrap();
    let head = format!(
        "POST /login HTTP/1.1\r\nhost: {}\r\n{FORM}content-length: 100\r\nconnection: close\r\n\r\nto",
        shop.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(Duration::from_secs(40), stream.read_to_end(&mut answer));
    let _ = reading.await.expect("an answer comes");
    assert_eq!(Answer::read(answer).status, 408);
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn who_does_not_take_its_answers_is_closed() {
    let shop = shop().await;
    let mut stream = connect(&shop, "127.0.0.2").await.unwrap();
    let request = format!("GET /page/strings.js HTTP/1.1\r\nhost: {}\r\n\r\n", shop.address);
    // More than the system keeps for a connection: some ten megabytes of answers.
    let requests = request.repeat(1_500);
    let asked = stream.write_all(requests.as_bytes());
    let _ = tokio::time::timeout(Duration::from_secs(5), asked).await;
    tokio::time::sleep(Duration::from_secs(36)).await;
    let mut taken = Vec::new();
    let reading = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut taken));
    let _ = reading.await.expect("it was closed meanwhile, not answered on");
    let answers = taken.windows(8).filter(|it| it == b"HTTP/1.1").count();
    assert!(answers < 1_500, "all {answers} answers were kept for it");
    shop.app.engine.shut_down().await;
}

/// How many of these are open yet.
async fn open(streams: &mut [TcpStream]) -> usize {
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut count = 0;
    for stream in streams {
        let read = stream.try_read(&mut [0; 512]);
        let is_open = read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        count += usize::from(is_open);
    }
    count
}

#[tokio::test]
async fn a_thousand_connections_of_one_address_keep_nobody_out() {
    let shop = shop().await;
    let open_before = signed_in(&shop, "127.0.0.2").await;
    let mut streams = Vec::new();
    for _ in 0..1_000 {
        streams.push(connect(&shop, "127.0.0.2").await.unwrap());
    }
    assert!(open(&mut streams).await <= 256, "one address has a share of the connections");
    for from in ["127.0.0.2", "127.0.0.3"] {
        assert_eq!(ask(&shop, from, ("GET", "/health"), ("", "")).await.status, 200);
        assert_eq!(with_cookie(&shop, from, &open_before).await.status, 200);
    }
    for nth in 10..18 {
        for _ in 0..200 {
            streams.push(connect(&shop, &format!("127.0.0.{nth}")).await.unwrap());
        }
    }
    assert!(open(&mut streams).await <= 1_024, "all together have a bound");
    assert_eq!(ask(&shop, "127.0.0.4", ("GET", "/health"), ("", "")).await.status, 200);
    drop(streams);
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn who_is_being_answered_is_not_put_out() {
    let shop = Shop::open(|_| ()).await;
    let mut listener = shop.listen("?after=0", "").await; // from 127.0.0.1
    let seen = listener.next().await.expect("something was said before");
    let mut streams = Vec::new();
    for _ in 0..400 {
        streams.push(connect(&shop, "127.0.0.1").await.unwrap());
    }
    assert!(open(&mut streams).await <= 255);
    let said = serde_json::json!({ "from": "小美", "text": "还在吗" });
    assert_eq!(shop.post("/api/chat/sunshine/messages", &said).await.status, 202);
    let mut last = seen;
    while last["text"] != "还在吗" {
        last = listener.next().await.expect("the listener is not put out");
    }
    drop(streams);
    shop.app.engine.shut_down().await;
}
