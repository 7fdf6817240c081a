//! What the audit log costs a mutation: the same command by turns with its line and without, on SQLite and on the PostgreSQL that
//! BANYAN_TEST_POSTGRES names. Run by hand: `cargo bench --bench audit`.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails there")]

use std::time::{Duration, Instant};

use banyan::access::{Caller, Viewer};
use banyan::account::{self, NewAccount};
use banyan::app::App;
use banyan::command::{Command, Work, execute};
use banyan::config::Config;
use banyan::ledger::lock_tree;
use banyan::store::Store;
use banyan::unit::{NewUnit, Planting, UnitRename};
use clap::Parser;
use entity::enums::{Role, UnitKind};
use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;

const TURNS: usize = 40;
const EACH: usize = 25;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        measure("SQLite", &format!("sqlite://{}", folder.path().join("bench.db").display())).await;
        if let Ok(server) = std::env::var("BANYAN_TEST_POSTGRES") {
            let name = format!("banyan_bench_{}", std::process::id());
            on(&server, &format!("CREATE DATABASE {name}")).await;
            let (place, _) = server.rsplit_once('/').unwrap();
            measure("PostgreSQL", &format!("{place}/{name}")).await;
            on(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    });
}

async fn on(server: &str, sql: &str) {
    let server = sea_orm::Database::connect(server).await.unwrap();
    server.execute_unprepared(sql).await.unwrap();
    server.close().await.unwrap();
}

async fn measure(name: &str, url: &str) {
    let config = Settings::parse_from(["bench", "--database-url", url]).config;
    let store = Store::open(&config, true).await.unwrap();
    Migrator::up(store.migrator(), None).await.unwrap();
    let app = App::new(store, config);
    let caller = Caller {
        viewer: Viewer::of(admin(&app).await),
        address: Some("192.0.2.1".parse().unwrap()),
        request: "0123456789abcdef0123456789abcdef".into(),
        language: None,
    };
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for turn in 0..TURNS * 2 {
        for n in 0..EACH {
            let command = UnitRename { unit: "TLD".to_owned(), name: format!("Tên {turn} {n}"), name_en: None };
            let begun = Instant::now();
            if turn % 2 == 0 {
                bare(&app, &caller, &command).await;
                without.push(begun.elapsed());
            } else {
                execute(&app, &caller, None, &command).await.unwrap();
                with.push(begun.elapsed());
            }
        }
    }
    let (with, without) = (median(with), median(without));
    let ratio = with.as_secs_f64() / without.as_secs_f64();
    println!("{name}: unitRename {without:.2?} without its line, {with:.2?} with it: {ratio:.2} times");
    app.store.close().await;
}

/// As `execute` does it, but for the line.
async fn bare<C: Command>(app: &App, caller: &Caller, command: &C) {
    let tx = app.store.write().await.unwrap();
    let account = caller.viewer.account().unwrap();
    let _ = command.run(&Work { app, tx: &tx, caller, viewer: caller.viewer, account }).await.unwrap();
    tx.commit().await.unwrap();
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

async fn admin(app: &App) -> i64 {
    let root = NewUnit {
        id: app.new_id(),
        code: "TLD".to_owned(),
        name: "Tổng Liên đoàn".to_owned(),
        name_en: None,
        kind: UnitKind::NationalConfederation,
        parent: None,
        coordinator: None,
        bloc: None,
        sector: None,
        established_on: None,
    };
    let tx = app.store.write().await.unwrap();
    lock_tree(&tx).await.unwrap();
    Planting::default().plant(app, &tx, &[root], app.now()).await.unwrap();
    let new = NewAccount {
        display_name: "Quản trị".to_owned(),
        email: None,
        phone: None,
        unit: "TLD".to_owned(),
        grants: vec![("TLD".to_owned(), Role::Admin)],
        consent: false,
    };
    let id = account::open(app, &tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}
