//! A fresh database for each test, gone after it.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::ConnectionTrait;
use tempfile::TempDir;

/// The two databases that every test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub struct Database {
    pub url: String,
    place: Place,
}

enum Place {
    /// Goes away with its folder.
    File {
        _folder: TempDir,
    },
    Server {
        name: String,
    },
}

impl Database {
    pub async fn make(engine: Engine) -> Database {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite://{}", folder.path().join("banyan.db").display());
                Database { url, place: Place::File { _folder: folder } }
            }
            Engine::Postgres => {
                static NEXT: AtomicU32 = AtomicU32::new(0);
                let name = format!("banyan_it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
                on_server(&format!("CREATE DATABASE {name}")).await;
                let (server, _) = server_url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
                Database { url: format!("{server}/{name}"), place: Place::Server { name } }
            }
        }
    }

    pub async fn remove(self) {
        if let Place::Server { name } = self.place {
            on_server(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

/// PostgreSQL is never left out: a test that did not run on it proves nothing about it.
fn server_url() -> String {
    std::env::var("BANYAN_TEST_POSTGRES")
        .unwrap_or_else(|_| panic!("BANYAN_TEST_POSTGRES names no PostgreSQL to test on: run ./test, which starts one"))
}

async fn on_server(sql: &str) {
    let server = sea_orm::Database::connect(server_url()).await.unwrap();
    server.execute_unprepared(sql).await.unwrap();
    server.close().await.unwrap();
}
