//! An HTTP/1.1 client as light as possible: writes fixed bytes, reads one answer by its Content-Length.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A kept connection.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A GraphQL request as the bytes that are sent.
pub fn request(host: &str, token: Option<&str>, query: &str, variables: Value) -> Vec<u8> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nAccept: application/json\r\n\
         {bearer}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl Client {
    pub async fn open(host: &str) -> Client {
        let stream = TcpStream::connect(host).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Client { stream, buffer: Vec::with_capacity(64 << 10) }
    }

    /// Sends the request and answers the body, which stays until the next one.
    pub async fn ask(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
            assert!(read > 0, "the server hung up: {}", String::from_utf8_lossy(&self.buffer));
            if let Some((begin, end)) = frame(&self.buffer)
                && self.buffer.len() >= end
            {
                let ok = self.buffer.starts_with(b"HTTP/1.1 200");
                assert!(ok, "{}", String::from_utf8_lossy(&self.buffer));
                return &self.buffer[begin..end];
            }
        }
    }

    /// The data of an answer that has no errors.
    pub async fn data(&mut self, request: &[u8]) -> Value {
        let mut answer: Value = serde_json::from_slice(self.ask(request).await).unwrap();
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"].take()
    }
}

/// Where the body begins and ends, once its headers are there.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let begin = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..begin]).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    Some((begin, begin + length))
}
