//! What idle subscribers cost, and how long a change takes to reach all of them.
//!
//! `cargo bench --bench subscribers -- [NUMBER]` starts `banyan demo` in a process of its own and reads its memory and CPU time
//! from /proc. BANYAN_BENCH_DATABASE names an empty database to use instead of a new SQLite file.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends there")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An admin sets targets below his own unit.
const QUESTION: &str =
    "{ viewer { grants { unit { children(first: 1) { nodes { code } } } } } programmes(first: 1) { nodes { code } } }";

const IDLE: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() {
    let number: usize = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000);
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready.json");
    let url = std::env::var("BANYAN_BENCH_DATABASE")
        .unwrap_or_else(|_| format!("sqlite://{}", folder.path().join("bench.db").display()));
    // Loading the data leaves memory behind that no subscriber needs: the server that is measured finds them there.
    drop(start(&url, &ready).await);
    std::fs::remove_file(&ready).unwrap();
    let server = start(&url, &ready).await;
    let told: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
    let address = told["url"].as_str().unwrap().trim_end_matches('/').to_owned();
    let address = if address.ends_with("/graphql") { address } else { format!("{address}/graphql") };
    let token = find_token(&told).unwrap();

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = async |query: &str, variables: Value| -> Value {
        let body = json!({ "query": query, "variables": variables });
        http.post(&address).bearer_auth(&token).json(&body).send().await.unwrap().json().await.unwrap()
    };
    let data = ask(QUESTION, Value::Null).await;
    let unit = data["data"]["viewer"]["grants"][0]["unit"]["children"]["nodes"][0]["code"].as_str().unwrap().to_owned();
    let programme = data["data"]["programmes"]["nodes"][0]["code"].as_str().unwrap().to_owned();
    let subscription = format!(
        "subscription {{ rollupChanged(unit: \"{unit}\", programme: \"{programme}\") {{ approved target(kind: PLANNED) }} }}"
    );

    let before = server.memory();
    let cpu = server.cpu_over(IDLE).await;
    println!("no subscribers: {before} KiB, {cpu:.2} % of a core");
    let mut sockets: Vec<Socket> = Vec::with_capacity(number);
    for _ in 0..number {
        sockets.push(subscribe(&address, &token, &subscription).await);
    }
    let after = server.memory();
    let cpu = server.cpu_over(IDLE).await;
    let each = (after.saturating_sub(before)) as f64 / number as f64;
    println!("{number} idle subscribers, a connection each: {after} KiB ({each:.1} KiB each), {cpu:.2} % of a core");

    let begun = Instant::now();
    let input = json!({ "input": { "unit": unit, "programme": programme, "kind": "PLANNED", "value": 4_321_987 } });
    let set =
        ask("mutation($input: TargetSetInput!) { targetSet(input: $input) { userErrors { code message } } }", input)
            .await;
    assert_eq!(set["data"]["targetSet"]["userErrors"], json!([]), "{set}");
    let mut times: Vec<Duration> = join_all(sockets.iter_mut().map(async |socket| {
        while !next(socket).await.contains("4321987") {}
        begun.elapsed()
    }))
    .await;
    times.sort();
    println!(
        "one change reached the first after {:?}, half after {:?}, all after {:?}",
        times[0],
        times[number / 2],
        times[number - 1]
    );
}

async fn start(database: &str, ready: &Path) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
    command.args(["demo", "--listen", "127.0.0.1:0", "--database-url", database, "--ready-file"]).arg(ready);
    let server = Server(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    while !ready.exists() {
        sleep(Duration::from_millis(100)).await;
    }
    server
}

struct Server(Child);

impl Server {
    /// Resident memory in KiB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// CPU time, user's and system's, in ticks of 10 ms.
    fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    async fn cpu_over(&self, time: Duration) -> f64 {
        let before = self.ticks();
        sleep(time).await;
        (self.ticks() - before) as f64 / time.as_secs_f64()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An admin's token, wherever it stands in the ready file.
fn find_token(told: &Value) -> Option<String> {
    match told {
        Value::String(text) if text.starts_with("byn_") => Some(text.clone()),
        Value::Object(object) => {
            let operator = object.iter().filter(|(name, _)| name.contains("admin"));
            operator.chain(object.iter()).find_map(|(_, value)| find_token(value))
        }
        Value::Array(items) => items.iter().find_map(find_token),
        _ => None,
    }
}

async fn subscribe(address: &str, token: &str, query: &str) -> Socket {
    let mut request = address.replace("http://", "ws://").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    let init = json!({ "type": "connection_init", "payload": { "token": token } });
    socket.send(Message::text(init.to_string())).await.unwrap();
    assert!(next(&mut socket).await.contains("connection_ack"));
    let subscribe = json!({ "id": "1", "type": "subscribe", "payload": { "query": query } });
    socket.send(Message::text(subscribe.to_string())).await.unwrap();
    assert!(next(&mut socket).await.contains("\"next\""));
    socket
}

async fn next(socket: &mut Socket) -> String {
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
            return text.to_string();
        }
    }
}
