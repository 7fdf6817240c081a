//! A request says which host it is for, once.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestApp, both};

/// The status of a request with this version and these headers.
async fn status(app: &TestApp, version: &str, headers: &str) -> String {
    let url = app.url("");
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let request = format!("GET /graphql?query=%7B__typename%7D {version}\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let refused = answer.contains("BAD_REQUEST");
    let status = answer.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(refused, status == "400", "{answer}");
    status
}

both!(
    async fn a_request_names_one_host(app: &TestApp) {
        for (version, headers, expected) in [
            ("HTTP/1.1", "Host: a\r\n", "200"),
            ("HTTP/1.1", "", "400"),
            ("HTTP/1.1", "Host: a\r\nHost: b\r\n", "400"),
            ("HTTP/1.1", "Host: a\r\nhost: a\r\n", "400"),
            ("HTTP/1.0", "", "200"),
            ("HTTP/1.0", "Host: a\r\nHost: b\r\n", "400"),
        ] {
            assert_eq!(status(app, version, headers).await, expected, "{version} {headers}");
        }
    }
);
