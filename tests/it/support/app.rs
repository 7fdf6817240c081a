//! The server as tests start it: real, in this process, with a set clock and a seeded generator.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use banyan::access::Roles;
use banyan::account::session::{self, Lifetimes};
use banyan::account::{self, NewAccount, NewToken};
use banyan::app::App;
use banyan::clock::Clock;
use banyan::config::{Config, History, Limits, Streams};
use banyan::graphql::{Api, account_node_id};
use banyan::http::{self, Options};
use banyan::ledger::{lock_tree, run_folder};
use banyan::store::Store;
use banyan::unit::{NewUnit, Planting};
use clap::Parser;
use entity::enums::{Role, UnitKind};
use migration::{Migrator, MigratorTrait};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::database::Database;
use super::{Actor, Engine};

/// Code of the unit at the top, which every test finds planted.
pub const ROOT: &str = "TLD";

/// The settings as nobody has set them.
#[derive(clap::Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// How a test wants its server.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Whether PostgreSQL's queued differences are folded as they come; else they stay queued until the test folds them.
    pub folder: bool,
    pub seed: u64,
    pub limits: Limits,
    pub streams: Streams,
    /// How finely history is kept, by [`banyan::rollup::keep_up`].
    pub history: History,
    /// The identity provider's issuer URL.
    pub issuer: Option<String>,
    /// Whether a reorganisation needs two people.
    pub by_two: bool,
    /// Memory for what is read beside figures: without it each execution takes as many statements as any other.
    pub frames_mb: u32,
    /// The program that sends letters.
    pub mail: Option<std::path::PathBuf>,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            folder: true,
            seed: 1,
            limits: Limits::default(),
            streams: Streams::default(),
            history: History { totals: 512, cells: 8_192, deep: 262_144 },
            by_two: false,
            frames_mb: 8,
            mail: None,
            issuer: None,
        }
    }
}

impl Setup {
    /// What one execution reads is not kept for the next.
    pub fn forgetful() -> Setup {
        Setup { frames_mb: 0, ..Setup::default() }
    }

    pub fn unfolded() -> Setup {
        Setup { folder: false, ..Setup::default() }
    }
}

/// Another server beside the usual one.
pub struct Beside {
    /// Without a path.
    pub url: String,
    task: JoinHandle<()>,
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub struct TestApp {
    /// What the server runs on, for folding and checks. Everything else goes over HTTP.
    pub app: App,
    clock: Arc<AtomicI64>,
    url: String,
    http: reqwest::Client,
    tasks: Vec<JoinHandle<()>>,
    people: AtomicU32,
    database: Database,
}

impl TestApp {
    pub async fn start(engine: Engine, setup: Setup) -> TestApp {
        if std::env::var("BANYAN_TEST_LOG").is_ok() {
            let log = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_test_writer();
            let _ = log.try_init();
        }
        let database = Database::make(engine).await;
        let mut config = Settings::parse_from(["test"]).config;
        config.database_url = database.url.clone();
        config.connections = Some(12);
        // Passwords are tested for what they open, not for how long they resist.
        config.identity.password_memory = 8;
        config.identity.password_passes = 1;
        config.identity.mail_command = setup.mail.clone();
        config.identity.oidc.oidc_issuer = setup.issuer.clone();
        config.identity.oidc.oidc_audience = vec!["banyan".to_owned()];
        config.reorganisation_by_two = setup.by_two;
        config.frames_mb = setup.frames_mb;
        config.limits = setup.limits.clone();
        config.streams = setup.streams.clone();
        config.history = setup.history;
        let store = Store::open(&config, true).await.unwrap();
        Migrator::up(store.migrator(), None).await.unwrap();
        store.close().await;
        let store = Store::serving(&config, false).await.unwrap();
        let clock = Arc::new(AtomicI64::new(0));
        let app = App::with(store, config, Clock::Fixed(clock.clone()), StdRng::seed_from_u64(setup.seed))
            .with_provider()
            .unwrap();
        let mut tasks = Vec::new();
        if setup.folder {
            tasks.push(tokio::spawn(run_folder(app.clone())));
        }
        let (ready, address) = oneshot::channel();
        let api = Api::new(app.clone());
        tasks.push(tokio::spawn(async move {
            let options = Options { server_timing: true, ..Options::default() };
            http::serve(api, "127.0.0.1:0", options, |address| ready.send(address).unwrap()).await.unwrap();
        }));
        let url = format!("http://{}/graphql", address.await.unwrap());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let test = TestApp { app, clock, url, http, tasks, people: AtomicU32::new(0), database };
        test.set_clock("2026-03-02T09:00:00+07:00");
        test.plant_root().await;
        test
    }

    /// Another server on the same data, with settings of its own; it ends when it is dropped.
    pub async fn beside(&self, api: Api, options: Options) -> Beside {
        let (ready, address) = oneshot::channel();
        let task = tokio::spawn(async move {
            http::serve(api, "127.0.0.1:0", options, |address| ready.send(address).unwrap()).await.unwrap();
        });
        Beside { url: format!("http://{}", address.await.unwrap()), task }
    }

    pub async fn stop(self) {
        for task in self.tasks {
            task.abort();
            let _ = task.await;
        }
        self.app.store.close().await;
        self.database.remove().await;
    }

    /// The server's clock stands at this instant from now on.
    pub fn set_clock(&self, instant: &str) {
        let at = chrono::DateTime::parse_from_rfc3339(instant).unwrap();
        self.clock.store(at.timestamp_millis(), Ordering::SeqCst);
    }

    /// Where a path of the server is.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url.trim_end_matches("/graphql"))
    }

    /// Another server on the same database, and where it answers; it ends with this one.
    pub async fn second_server(&self) -> (App, String) {
        let app = App::with(
            Store::open(&self.app.config, false).await.unwrap(),
            (*self.app.config).clone(),
            self.app.clock.clone(),
            StdRng::seed_from_u64(77),
        );
        let (ready, address) = oneshot::channel();
        let api = Api::new(app.clone());
        tokio::spawn(async move {
            http::serve(api, "127.0.0.1:0", Options::default(), |address| ready.send(address).unwrap()).await.unwrap();
        });
        (app, format!("http://{}/graphql", address.await.unwrap()))
    }

    async fn plant_root(&self) {
        let root = NewUnit {
            id: self.app.new_id(),
            code: ROOT.to_owned(),
            name: "Tổng Liên đoàn Lao động Việt Nam".to_owned(),
            name_en: None,
            kind: UnitKind::NationalConfederation,
            parent: None,
            coordinator: None,
            bloc: None,
            sector: None,
            established_on: None,
        };
        let tx = self.app.store.write().await.unwrap();
        lock_tree(&tx).await.unwrap();
        Planting::default().plant(&self.app, &tx, &[root], self.app.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A new person of the unit with these roles, signed in.
    pub async fn person(&self, unit: &str, grants: &[(&str, Role)]) -> Actor {
        let name = format!("Người {}", self.people.fetch_add(1, Ordering::Relaxed) + 1);
        let new = NewAccount {
            display_name: name.clone(),
            email: None,
            phone: None,
            unit: unit.to_owned(),
            grants: grants.iter().map(|(unit, role)| ((*unit).to_owned(), *role)).collect(),
            consent: false,
        };
        let tx = self.app.store.write().await.unwrap();
        let id = account::open(&self.app, &tx, &new).await.unwrap();
        let year = 366 * 24 * 3_600_000;
        let lifetimes = Lifetimes { access: year, refresh: year, session: year };
        let token = session::begin(&self.app, &tx, id, None, lifetimes).await.unwrap().access;
        tx.commit().await.unwrap();
        Actor::new(&self.http, &self.url, name, Some(account_node_id(id)), Some(token.secret))
    }

    pub async fn operator(&self) -> Actor {
        self.person(ROOT, &[(ROOT, Role::Operator)]).await
    }

    pub async fn admin_of(&self, unit: &str) -> Actor {
        self.person(unit, &[(unit, Role::Admin)]).await
    }

    pub async fn reviewer_of(&self, unit: &str) -> Actor {
        self.person(unit, &[(unit, Role::Reviewer)]).await
    }

    pub async fn member_of(&self, unit: &str) -> Actor {
        self.person(unit, &[(unit, Role::Member)]).await
    }

    pub async fn analyst_of(&self, unit: &str) -> Actor {
        self.person(unit, &[(unit, Role::Analyst)]).await
    }

    /// The same person by an API token that carries these roles, within the unit.
    pub async fn api_token(&self, of: &Actor, roles: Roles, unit: Option<&str>) -> Actor {
        let account = banyan::graphql::account_id(of.id()).unwrap();
        let tx = self.app.store.write().await.unwrap();
        let unit = match unit {
            None => None,
            Some(code) => tx.ids(tx.sql(format!("SELECT id FROM unit WHERE code = '{code}'"))).await.unwrap().pop(),
        };
        let expires_at = self.app.now() + 366 * 24 * 3_600_000;
        let new = NewToken { account, name: "test".to_owned(), roles, unit, made_by: Some(account), expires_at };
        let (_, token) = account::make(&self.app, &tx, new).await.unwrap();
        tx.commit().await.unwrap();
        Actor::new(&self.http, &self.url, of.name.clone(), Some(of.id().to_owned()), Some(token.secret))
    }

    /// Somebody with this bearer token.
    pub fn bearer(&self, token: &str) -> Actor {
        Actor::new(&self.http, &self.url, "a token".to_owned(), None, Some(token.to_owned()))
    }

    /// The server's clock goes on by so many seconds.
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    pub fn anonymous(&self) -> Actor {
        Actor::new(&self.http, &self.url, "nobody".to_owned(), None, None)
    }
}
