//! Load: connections that ask one after the other, for a bounded time or until there is nothing left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::client::Client;
use super::server::Server;

/// What was answered in how much time.
#[derive(Clone, Copy, Default)]
pub struct Measured {
    pub requests: usize,
    pub time: Duration,
    /// The server's processor time.
    pub cpu: Duration,
}

impl Measured {
    pub fn add(&mut self, other: Measured) {
        self.requests += other.requests;
        self.time += other.time;
        self.cpu += other.cpu;
    }

    pub fn rate(&self) -> f64 {
        self.requests as f64 / self.time.as_secs_f64()
    }

    /// Microseconds of the server's processor time for each request.
    pub fn micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.requests.max(1) as f64
    }
}

/// The same request by every connection, or one of several by each, until the time is over or somebody says that it is.
pub async fn repeat(
    server: &Server,
    requests: &[Vec<u8>],
    connections: usize,
    time: Duration,
    over: Arc<AtomicUsize>,
) -> Measured {
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::open(&server.host).await);
    }
    let (begun, before) = (Instant::now(), server.cpu());
    let work = clients.into_iter().zip(requests.iter().cycle()).map(|(mut client, bytes)| {
        let (bytes, over) = (bytes.clone(), over.clone());
        tokio::spawn(async move {
            let mut asked = 0;
            while begun.elapsed() < time && over.load(Ordering::Relaxed) == 0 {
                let body = client.ask(&bytes).await;
                assert!(!body.starts_with(b"{\"errors\""), "{}", String::from_utf8_lossy(body));
                asked += 1;
            }
            asked
        })
    });
    let mut requests = 0;
    for asked in work.collect::<Vec<_>>() {
        requests += asked.await.unwrap();
    }
    measured(server, requests, begun, before)
}

/// Each of the requests once, by whichever connection is free.
pub async fn once_each(server: &Server, all: Vec<Vec<u8>>, connections: usize) -> Measured {
    let (number, all, next) = (all.len(), Arc::new(all), Arc::new(AtomicUsize::new(0)));
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::open(&server.host).await);
    }
    let (begun, before) = (Instant::now(), server.cpu());
    let work = clients.into_iter().map(|mut client| {
        let (all, next) = (all.clone(), next.clone());
        tokio::spawn(async move {
            while let Some(bytes) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                let body = client.ask(bytes).await;
                let done = body.windows(15).any(|window| window == b"\"userErrors\":[]");
                assert!(done, "{}", String::from_utf8_lossy(body));
            }
        })
    });
    for done in work.collect::<Vec<_>>() {
        done.await.unwrap();
    }
    measured(server, number, begun, before)
}

fn measured(server: &Server, requests: usize, begun: Instant, before: Option<Duration>) -> Measured {
    let cpu = server.cpu().zip(before).map(|(after, before)| after - before).unwrap_or_default();
    Measured { requests, time: begun.elapsed(), cpu }
}
