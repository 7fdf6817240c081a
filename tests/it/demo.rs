//! The demo: loaded in both ways it is the same and sound, its published figures come out by the ordinary API, and what is wrong
//! or half done is told.

use banyan::app::App;
use banyan::check::check;
use banyan::config::Config;
use banyan::demo::figures::{Line, Verdict, figures};
use banyan::demo::{self, Holding, Scale};
use banyan::store::Store;
use clap::Parser;
use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;

use crate::crash::banyan;
use crate::support::{Database, Engine};

pub const SEED: u64 = 1;

#[derive(clap::Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// An empty database with the schema, and an app on it that nothing hurries.
pub async fn empty(database: &Database) -> App {
    let mut config = Settings::parse_from(["test"]).config;
    config.database_url = database.url.clone();
    config.limits.operation_ms = 600_000;
    let store = Store::open(&config, true).await.unwrap();
    Migrator::up(store.migrator(), None).await.unwrap();
    App::new(store, config)
}

pub fn loader(app: &App) -> App {
    demo::loader(app.store.clone(), (*app.config).clone(), SEED, Scale::Small)
}

pub async fn computed(app: &App) -> Vec<Line> {
    figures(app, Scale::Small, &()).await.unwrap()
}

fn found<'a>(lines: &'a [Line], id: &str) -> (&'a str, Verdict) {
    let line = lines.iter().find(|line| line.id == id).unwrap();
    (line.computed.as_deref().unwrap_or_default(), line.verdict)
}

/// Names and definitions of all indexes and constraints.
async fn kept(app: &App) -> Vec<String> {
    let sql = match app.store.dialect {
        banyan::store::Dialect::Sqlite => {
            "SELECT name || ' ' || COALESCE(sql, '') AS said FROM sqlite_schema WHERE type = 'index'"
        }
        banyan::store::Dialect::Postgres => {
            "SELECT indexdef AS said FROM pg_indexes WHERE schemaname = current_schema() UNION ALL \
             SELECT conrelid::regclass::text || conname || pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE connamespace = current_schema()::regnamespace"
        }
    };
    let tx = app.store.read().await.unwrap();
    let rows = tx.rows(tx.sql(sql)).await.unwrap();
    let mut said: Vec<String> = rows.iter().map(|row| row.try_get("", "said").unwrap()).collect();
    said.sort();
    said
}

/// Runs a test on a database of its own, on both engines.
pub fn both(test: impl AsyncFn(&Database)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(async {
            let database = Database::make(engine).await;
            test(&database).await;
            database.remove().await;
        });
    }
}

#[test]
fn the_published_figures_come_out() {
    both(async |database| {
        let app = empty(database).await;
        demo::prepare(&loader(&app), SEED, Scale::Small, &()).await.unwrap();
        assert_eq!(check(&app, false, &()).await.unwrap().problems, []);
        let lines = computed(&app).await;
        let wrong: Vec<&Line> = lines.iter().filter(|line| line.verdict == Verdict::Wrong).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!(lines.len(), 81);
        // Some of them by their own numbers: a table that compares nothing would be silent too.
        assert_eq!(found(&lines, "F043"), ("6969", Verdict::Within));
        assert_eq!(found(&lines, "F006"), ("1300", Verdict::Exact));
        assert_eq!(found(&lines, "F011"), ("2", Verdict::Exact));
        assert_eq!(found(&lines, "F034"), ("332", Verdict::Exact));
        assert_eq!(found(&lines, "F035"), ("59", Verdict::Exact));
        assert_eq!(found(&lines, "F044"), ("232.30", Verdict::Exact));
        assert_eq!(found(&lines, "F036"), ("82", Verdict::Exact));
        assert_eq!(found(&lines, "F004"), ("83", Verdict::Exact));
        assert_eq!(found(&lines, "F001"), ("750", Verdict::Exact));
        assert_eq!(found(&lines, "F075"), ("2418", Verdict::Within));
        assert_eq!(found(&lines, "F077"), ("256", Verdict::Within));
        let exact = lines.iter().filter(|line| line.verdict == Verdict::Exact).count();
        let within = lines.iter().filter(|line| line.verdict == Verdict::Within).count();
        // Counts that are a hundredth of the published ones are within, not exact.
        assert_eq!((exact, within), (18, 41));

        // A figure that is not what was published is told, and the program fails.
        let sql = "UPDATE target_event SET value = value + 1 WHERE unit_id = (SELECT id FROM unit WHERE code = 'P01') \
                   AND kind = 'GUIDELINE' AND value = 600";
        app.store.migrator().execute_unprepared(sql).await.unwrap();
        assert_eq!(found(&computed(&app).await, "F062"), ("601", Verdict::Wrong));
        let output = banyan(&database.url, &["demo", "verify", "--format", "csv"]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said.starts_with("id,what,published,computed,verdict,note\n") && said.contains(",601,WRONG,"),
            "{said}"
        );
        app.store.close().await;
    });
}

#[test]
fn what_is_told_piece_by_piece_is_the_same_demo() {
    both(async |database| {
        let app = empty(database).await;
        let before = kept(&app).await;
        demo::prepare_in_pieces(&loader(&app), SEED, Scale::Small, &()).await.unwrap();
        assert_eq!(kept(&app).await, before);
        let report = check(&app, false, &()).await.unwrap();
        assert_eq!((report.problems, report.initiatives), (vec![], 24_336 + 240 + 2_418 + 24 + 15));
        let tx = app.store.read().await.unwrap();
        assert_eq!(demo::holding(&tx, SEED, Scale::Small).await.unwrap(), Holding::Demo);
        assert_eq!(demo::holding(&tx, SEED, Scale::Full).await.unwrap(), Holding::OtherDemo);
        assert_eq!(demo::held_scale(&tx, SEED).await.unwrap(), Some(Scale::Small));
        assert_eq!(demo::cast(&tx).await.unwrap().len(), 5);
        drop(tx);
        let lines = computed(&app).await;
        assert!(lines.iter().all(|line| line.verdict != Verdict::Wrong));
        assert_eq!(found(&lines, "F065"), ("362", Verdict::Within));
        app.store.close().await;
    });
}

#[test]
fn a_load_that_broke_off_is_known() {
    both(async |database| {
        let app = empty(database).await;
        let tx = app.store.read().await.unwrap();
        assert_eq!(demo::holding(&tx, SEED, Scale::Full).await.unwrap(), Holding::Nothing);
        drop(tx);
        // What the load stores first.
        let sql = "INSERT INTO account (id, display_name, email, consent, created_at) VALUES (1, 'A', 'loading@example.org', TRUE, 0)";
        app.store.migrator().execute_unprepared(sql).await.unwrap();
        app.store.close().await;
        for (arguments, words) in [
            (&["demo", "--scale", "full", "--load-only"][..], "whose loading broke off"),
            (&["serve", "--listen", "127.0.0.1:0"][..], "whose loading broke off"),
            (&["demo", "verify"][..], "does not hold the demo"),
        ] {
            let output = banyan(&database.url, arguments);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success() && said.contains(words), "{arguments:?}: {said}");
        }
    });
}
