//! How many requests a server answers, and for how much processor time: `cargo bench --bench serve -- [OPTIONS]`.
//!
//! The server is a process of its own, `banyan demo` as it is released, first on SQLite, then on PostgreSQL where
//! BANYAN_BENCH_POSTGRES names an empty database or one with the demo. 16 kept connections ask over the wire; all run on this
//! machine, so that ratios within one run tell more than rates. Cases take turns, round by round. docs/performance.md tells more.
//!
//! `--sqlite FILE` takes a database that is there; `--only postgres` leaves SQLite out; `--seconds N` a case and round, `--rounds N`,
//! `--connections N`, `--approvals N`; `--apart` gives each connection a question of its own; `--questions` and `--instants N` have one client ask dearer
//! questions, and past instants beside now, one after the other; `--url URL --ready FILE [--pid N]`
//! measures a server that runs already. BANYAN_BENCH_ARGS are further settings of the server.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends there")]

mod approvals;
mod client;
mod load;
mod queries;
mod server;
mod single;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Parser;
use load::Measured;
use server::Server;

#[derive(Parser)]
struct Options {
    #[arg(long)]
    sqlite: Option<String>,
    #[arg(long)]
    only: Option<String>,
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Approvals alone, and as many more while Q2 is read.
    #[arg(long, default_value_t = 2_000)]
    approvals: usize,
    /// No two connections ask the same: nothing is shared by those who ask at the same time.
    #[arg(long)]
    apart: bool,
    /// In place of load: one client asks what reads more than stored cells.
    #[arg(long)]
    questions: bool,
    /// In place of load: one client asks the same of so many past instants, and of now.
    #[arg(long)]
    instants: Option<usize>,
    #[arg(long)]
    url: Option<String>,
    #[arg(long)]
    ready: Option<String>,
    #[arg(long)]
    pid: Option<u32>,
    /// Cargo's own.
    #[arg(long, hide = true)]
    bench: bool,
}

// One thread: the load takes as little of the machine as it can.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::parse();
    let folder = tempfile::tempdir().unwrap();
    if let (Some(url), Some(ready)) = (&options.url, &options.ready) {
        return measure("a running server", &Server::running(url, ready, options.pid), &options).await;
    }
    if options.only.as_deref() != Some("postgres") {
        let file = options.sqlite.clone().unwrap_or_else(|| folder.path().join("bench.db").display().to_string());
        let database = format!("sqlite://{file}");
        // Loading leaves memory behind that serving does not need: the server that is measured finds the data there.
        drop(Server::start(&database, folder.path()).await);
        measure("SQLite", &Server::start(&database, folder.path()).await, &options).await;
    }
    let postgres = std::env::var("BANYAN_BENCH_POSTGRES").ok().filter(|_| options.only.as_deref() != Some("sqlite"));
    if let Some(database) = postgres {
        drop(Server::start(&database, folder.path()).await);
        measure("PostgreSQL", &Server::start(&database, folder.path()).await, &options).await;
    }
}

async fn measure(name: &str, server: &Server, options: &Options) {
    println!("\n{name}");
    if options.questions || options.instants.is_some() {
        if let Some(instants) = options.instants.filter(|instants| *instants > 0) {
            single::measure_instants(server, instants).await;
        }
        if options.questions {
            single::measure_questions(server).await;
        }
        return;
    }
    let cases = queries::cases(server, if options.apart { options.connections } else { 1 }).await;
    let time = Duration::from_secs_f64(options.seconds);
    let never = Arc::new(AtomicUsize::new(0));
    let mut sums = vec![Measured::default(); cases.len()];
    // The first round warms up and does not count.
    for round in 0..=options.rounds {
        for (case, sum) in cases.iter().zip(&mut sums) {
            let measured = load::repeat(server, &case.bytes, options.connections, time, never.clone()).await;
            if round > 0 {
                sum.add(measured);
            }
        }
    }
    println!("{:>12} {:>14} {:>8}", "requests/s", "CPU µs/request", "ratio");
    for (case, sum) in cases.iter().zip(&sums) {
        print(case.name, sum, sums[0].rate());
    }
    let q2 = cases.iter().zip(&sums).find(|(case, _)| case.name.starts_with("Q2"));
    if let (Some((q2, alone)), true) = (q2, options.approvals > 0) {
        measure_approvals(server, options, &q2.bytes, alone, sums[0].rate()).await;
    }
    if let Some((now, most)) = server.memory() {
        println!("memory of the server: {now} MB, at most {most} MB");
    }
}

fn print(name: &str, measured: &Measured, base: f64) {
    println!("{:>12.0} {:>14.1} {:>8.4}  {name}", measured.rate(), measured.micros(), measured.rate() / base);
}

async fn measure_approvals(server: &Server, options: &Options, q2: &[Vec<u8>], alone: &Measured, base: f64) {
    let before = approvals::approved(server).await;
    let mut first = approvals::waiting(server, 2 * options.approvals, options.connections).await;
    let second = first.split_off(first.len() / 2);
    let expected = before + (first.len() + second.len()) as i64;
    print("M1 approve", &load::once_each(server, first, options.connections).await, base);
    let over = Arc::new(AtomicUsize::new(0));
    let reading = load::repeat(server, q2, options.connections, Duration::from_secs(600), over.clone());
    let approving = async {
        let measured = load::once_each(server, second, options.connections).await;
        over.store(1, Ordering::Relaxed);
        measured
    };
    let (read, approved) = tokio::join!(reading, approving);
    print("M1 while Q2 is read", &approved, base);
    print("Q2 meanwhile", &read, base);
    println!("Q2 keeps {:.2} of its rate", read.rate() / alone.rate());
    assert_eq!(approvals::approved(server).await, expected, "the roll-up misses approvals");
}
