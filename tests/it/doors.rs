//! The doors of the web side, over real connections from several addresses: who is slow, many, guessing or
//! lying, and what every answer says to a browser. The addresses of 127.0.0.0/8 play the neighbours.

mod connections;
mod guessing;
mod headers;
mod platforms;
mod signed_in;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tuan::app::App;
use tuan::config::PublicUrl;
use tuan::gate::Gate;

use crate::web::{Answer, Shop, TOKEN};

/// A page of a browser sends this.
const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

const JSON: &str = "content-type: application/json\r\n";

/// A shop for real: nobody comes in without the token.
async fn shop() -> Shop {
    Shop::open(|app| app.is_demo = false).await
}

/// One behind a proxy with TLS, whose address is 127.0.0.1.
async fn behind_a_proxy() -> Shop {
    Shop::open(|app| {
        app.is_demo = false;
        trust(app, "127.0.0.1/32");
        app.web.public_url = PublicUrl::parse("https://shop.example");
    })
    .await
}

fn trust(app: &mut App, proxies: &str) {
    app.gate = Arc::new(Gate::new(vec![proxies.parse().unwrap()]));
}

/// A connection from an address of this machine.
async fn connect(shop: &Shop, from: &str) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from.parse().unwrap(), 0))?;
    socket.connect(shop.address).await
}

/// Ask from an address.
async fn ask(shop: &Shop, from: &str, (method, path): (&str, &str), more: (&str, &str)) -> Answer {
    let (headers, body) = more;
    let host = if headers.contains("host:") {
        String::new()
    } else {
        format!("host: {}\r\n", shop.address)
    };
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\n{host}{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let mut stream = connect(shop, from).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    Answer::read(answer)
}

/// Ask the API with a token.
async fn with_token(shop: &Shop, from: &str, token: &str) -> Answer {
    let bearer = format!("authorization: Bearer {token}\r\n");
    ask(shop, from, ("GET", "/api/accounts"), (&bearer, "")).await
}

/// Ask the API with a cookie.
async fn with_cookie(shop: &Shop, from: &str, cookie: &str) -> Answer {
    ask(shop, from, ("GET", "/api/accounts"), (&format!("cookie: {cookie}\r\n"), "")).await
}

/// Try to sign in.
async fn sign_in(shop: &Shop, from: &str, token: &str) -> Answer {
    ask(shop, from, ("POST", "/login"), (FORM, &format!("token={token}"))).await
}

/// The cookie of an answer, as a browser gives it back.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a cookie is set");
    set.split(';').next().unwrap().replace("__host-", "__Host-")
}

/// Sign in with the right token; returns the cookie.
async fn signed_in(shop: &Shop, from: &str) -> String {
    let answer = sign_in(shop, from, TOKEN).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    cookie(&answer)
}
