//! How long a reorganisation takes, and who waits for it meanwhile: `cargo bench --bench reorganise -- [OPTIONS]`.
//!
//! The server is a process of its own, `banyan demo`, on a new SQLite file, on `--sqlite FILE`, or on the PostgreSQL database that
//! BANYAN_BENCH_POSTGRES names. `--writers N` send in and `--readers N` read the root with its provinces, each with a pause, while
//! `banyan reorganise --plan CODE|FILE` tries the plan, applies it and takes it back. BANYAN_BENCH_ARGS are further settings of the server.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends there")]

#[expect(dead_code, reason = "shared with the bench that approves")]
#[path = "../serve/approvals.rs"]
mod approvals;
#[path = "../serve/client.rs"]
mod client;
#[expect(dead_code, reason = "shared with the bench that measures memory")]
#[path = "../serve/server.rs"]
mod server;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Parser;
use client::{Client, request};
use serde_json::Value;
use server::Server;

#[derive(Parser)]
struct Options {
    #[arg(long)]
    sqlite: Option<String>,
    #[arg(long, default_value = "VN-2025")]
    plan: String,
    #[arg(long, default_value_t = 4)]
    writers: usize,
    #[arg(long, default_value_t = 2)]
    readers: usize,
    /// From one request to the next, milliseconds.
    #[arg(long, default_value_t = 100)]
    pause: u64,
    /// Cargo's own.
    #[arg(long, hide = true)]
    bench: bool,
}

const READ: &str = "{ unit(code: \"TLD\") { rollup(programme: \"1M-SK\") { submitted approved participants }
  children(kind: [PROVINCIAL_FEDERATION], first: 100) { totalCount nodes { code rollup(programme: \"1M-SK\") { submitted approved } } } } }";

/// How long each request took.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<Vec<Duration>>>);

impl Times {
    fn add(&self, begun: Instant) {
        self.0.lock().unwrap().push(begun.elapsed());
    }

    /// Number, median and most, milliseconds; and forgets them.
    fn told(&self) -> String {
        let mut times = std::mem::take(&mut *self.0.lock().unwrap());
        times.sort();
        let ms = |time: Option<&Duration>| time.map_or(0.0, Duration::as_secs_f64) * 1_000.0;
        format!("{:>6} {:>8.1} {:>8.1}", times.len(), ms(times.get(times.len() / 2)), ms(times.last()))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::parse();
    let folder = tempfile::tempdir().unwrap();
    let file = options.sqlite.clone().unwrap_or_else(|| folder.path().join("bench.db").display().to_string());
    let database = std::env::var("BANYAN_BENCH_POSTGRES").ok().filter(|_| options.sqlite.is_none());
    let database = database.unwrap_or_else(|| format!("sqlite://{file}"));
    let server = Arc::new(Server::start(&database, folder.path()).await);
    let (over, writes, reads) = (Arc::new(AtomicBool::new(false)), Times::default(), Times::default());
    let pause = Duration::from_millis(options.pause);
    let mut beside = Vec::new();
    for _ in 0..options.writers {
        beside.push(tokio::spawn(write(server.clone(), over.clone(), writes.clone(), pause)));
    }
    for _ in 0..options.readers {
        beside.push(tokio::spawn(read(server.clone(), over.clone(), reads.clone(), pause)));
    }
    println!(
        "{:>10}  {:>6} {:>8} {:>8}   {:>6} {:>8} {:>8}",
        "seconds", "sent", "median", "most ms", "reads", "median", "most ms"
    );
    let line = |what: &str, seconds: f64| println!("{seconds:>10.1}  {}   {}  {what}", writes.told(), reads.told());
    tokio::time::sleep(Duration::from_secs(5)).await;
    line("before", 5.0);
    let trials: [(&str, &[&str]); 3] =
        [("tried", &[]), ("applied", &["--apply"]), ("taken back", &["--undo", "--reason", "bench"])];
    for (what, arguments) in trials {
        let begun = Instant::now();
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_banyan"));
        command.args(["reorganise", &options.plan, "--database-url", &database]).args(arguments);
        let output = command.output().await.unwrap();
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
        line(what, begun.elapsed().as_secs_f64());
        tokio::time::sleep(Duration::from_secs(5)).await;
        line("after it", 5.0);
    }
    over.store(true, Ordering::Relaxed);
    for one in beside {
        one.await.unwrap();
    }
}

async fn write(server: Arc<Server>, over: Arc<AtomicBool>, times: Times, pause: Duration) {
    let mut client = Client::open(&server.host).await;
    let (unit, group) = approvals::place(&server, &mut client).await;
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        approvals::send_in(&server.host, server.token("member"), &mut client, (&unit, &group)).await;
        times.add(begun);
        tokio::time::sleep(pause).await;
    }
}

async fn read(server: Arc<Server>, over: Arc<AtomicBool>, times: Times, pause: Duration) {
    let mut client = Client::open(&server.host).await;
    let ask = request(&server.host, Some(server.token("analyst")), READ, Value::Null);
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        client.data(&ask).await;
        times.add(begun);
        tokio::time::sleep(pause).await;
    }
}
