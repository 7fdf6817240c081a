//! The program itself as it serves, with everything that it says.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A server whose output is kept; killed when it goes out of sight.
pub struct Process {
    child: Child,
    said: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    pub fn start(database: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Process {
        let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]).args(arguments);
        command.env("BANYAN_DATABASE_URL", database).env("NO_PROXY", "127.0.0.1").envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let out: Box<dyn Read + Send> = Box::new(child.stdout.take().unwrap());
        let err: Box<dyn Read + Send> = Box::new(child.stderr.take().unwrap());
        let readers = [out, err].map(|mut pipe| {
            let said = said.clone();
            std::thread::spawn(move || {
                let mut piece = [0; 4096];
                while let Ok(length @ 1..) = pipe.read(&mut piece) {
                    said.lock().unwrap().extend_from_slice(&piece[..length]);
                }
            })
        });
        Process { child, said, readers: readers.into() }
    }

    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().unwrap()).into_owned()
    }

    /// The word after these words, once it is said.
    pub async fn word_after(&self, words: &str) -> String {
        let begun = Instant::now();
        loop {
            let said = self.said();
            let after = said.split_once(words).and_then(|(_, rest)| rest.split_once(['\n', ';', ' ']));
            if let Some((word, _)) = after {
                return word.to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "{said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks it to stop and answers everything that it has said.
    pub fn stop(mut self) -> String {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        let status = self.child.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        assert!(status.success(), "{}", self.said());
        self.said()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
