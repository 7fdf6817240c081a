//! The server that is measured: a process of its own, started on a database that holds the demo.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

pub struct Server {
    process: Option<Child>,
    pid: Option<u32>,
    /// Address and port.
    pub host: String,
    tokens: Value,
}

impl Server {
    /// `banyan demo` on the database: loads the demo where there is none yet. What a caller may spend is set as high as it goes,
    /// and only warnings are logged.
    pub async fn start(database: &str, folder: &Path) -> Server {
        let ready = folder.join("ready.json");
        let _ = std::fs::remove_file(&ready);
        let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
        command.args(["demo", "--listen", "127.0.0.1:0", "--database-url", database, "--ready-file"]).arg(&ready);
        command.args(["--budget", "1000000000", "--budget-per-second", "100000000"]);
        command.args(["--anonymous-budget", "1000000000", "--anonymous-budget-per-second", "100000000"]);
        command.args(std::env::var("BANYAN_BENCH_ARGS").unwrap_or_default().split_whitespace());
        if std::env::var_os("RUST_LOG").is_none() {
            command.env("RUST_LOG", "warn");
        }
        let process = command.stdout(Stdio::null()).spawn().unwrap();
        let pid = Some(process.id());
        let mut server = Server { process: Some(process), pid, host: String::new(), tokens: Value::Null };
        while !ready.exists() {
            assert!(server.process.as_mut().unwrap().try_wait().unwrap().is_none(), "the server ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let told: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
        server.host = host(told["url"].as_str().unwrap());
        server.tokens = told["tokens"].clone();
        server
    }

    /// One that runs already, with its ready file; its processor time is known where its process is.
    pub fn running(url: &str, ready: &str, pid: Option<u32>) -> Server {
        let told: Value = serde_json::from_slice(&std::fs::read(ready).unwrap()).unwrap();
        Server { process: None, pid, host: host(url), tokens: told["tokens"].clone() }
    }

    /// The token of one of the demo's accounts.
    pub fn token(&self, account: &str) -> &str {
        self.tokens[account].as_str().unwrap()
    }

    /// Processor time so far, user's and system's.
    pub fn cpu(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid?)).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        // Ticks of 10 ms.
        Some(Duration::from_millis(10 * (fields[11].parse::<u64>().ok()? + fields[12].parse::<u64>().ok()?)))
    }

    /// Resident memory now and at its most, MB.
    pub fn memory(&self) -> Option<(u64, u64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid?)).ok()?;
        let of = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
        };
        Some((of("VmRSS:")?, of("VmHWM:")?))
    }
}

fn host(url: &str) -> String {
    url.trim_start_matches("http://").trim_end_matches('/').trim_end_matches("/graphql").to_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
