//! For the tests of the simulator: a small tenant, and a way to ask it over HTTP without a client library.
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::sim::Sim;
use crate::sim::ask::encode;

/// An answer off the wire.
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
    pub(crate) text: String,
}

/// Sends one request with a good token over a connection of its own.
pub(crate) async fn ask(sim: &Sim, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Heard {
    let token = sim.access_token();
    let auth = format!("Bearer {token}");
    let mut all = vec![("authorization", auth.as_str())];
    all.extend_from_slice(headers);
    raw(sim, method, path, &all, body).await
}

/// The same without a token.
pub(crate) async fn raw(sim: &Sim, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Heard {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let kind = if body.is_empty() { "" } else { "application/json" };
    send(sim, method, path, headers, kind, &body).await
}

/// Posts a form.
pub(crate) async fn form(sim: &Sim, path: &str, fields: &[(&str, &str)]) -> Heard {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    send(sim, "POST", path, &[], "application/x-www-form-urlencoded", &fields.join("&")).await
}

async fn send(sim: &Sim, method: &str, path: &str, headers: &[(&str, &str)], kind: &str, body: &str) -> Heard {
    let address = sim.address;
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    if !kind.is_empty() {
        request.extend(["content-type: ", kind, "\r\n"]);
    }
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    let request = format!("{request}content-length: {}\r\n\r\n{body}", body.len());
    let reply = exchange(sim, &request).await;
    let (head, text) = reply.split_once("\r\n\r\n").unwrap();
    Heard {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: serde_json::from_str(text).unwrap_or_default(),
        text: text.to_owned(),
    }
}

/// Sends bytes as they are and reads until the connection ends.
pub(crate) async fn exchange(sim: &Sim, request: &str) -> String {
    let mut stream = TcpStream::connect(sim.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}
