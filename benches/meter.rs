//! What counting costs an operation: everything that is counted of one small query, beside the query itself, on SQLite. Run by hand:
//! `cargo bench --bench meter`.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails there")]

use std::time::{Duration, Instant};

use banyan::access::{Caller, Viewer};
use banyan::app::App;
use banyan::config::Config;
use banyan::graphql::{Api, Call};
use banyan::meter::{Kind, Meter, Names, Outcome, Pool};
use banyan::store::Store;
use clap::Parser;
use migration::{Migrator, MigratorTrait};

const TURNS: usize = 200;
const EACH: usize = 50;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("bench.db").display());
        let config = Settings::parse_from(["bench", "--database-url", &url]).config;
        let store = Store::open(&config, true).await.unwrap();
        Migrator::up(store.migrator(), None).await.unwrap();
        let app = App::new(store, config);
        let (api, meter) = (Api::new(app.clone()), app.meter.clone());
        for query in ["{ __typename }", "{ unit(code: \"TLD\") { code } }"] {
            let (mut whole, mut counting) = (Vec::new(), Vec::new());
            for _ in 0..TURNS {
                let begun = Instant::now();
                for _ in 0..EACH {
                    let answer = api.run(nobody(), None, call(query)).await;
                    std::hint::black_box(answer.body);
                }
                whole.push(begun.elapsed() / EACH as u32);
                let begun = Instant::now();
                (0..EACH).for_each(|_| count(&meter));
                counting.push(begun.elapsed() / EACH as u32);
            }
            let (whole, counting) = (median(whole), median(counting));
            let share = counting.as_secs_f64() / whole.as_secs_f64() * 100.0;
            println!("{query}: {whole:.2?} each, of which counting is {counting:.2?}: {share:.2} %");
        }
        app.store.close().await;
    });
}

/// All that is counted of a query that was asked over HTTP and read in one transaction.
fn count(meter: &Meter) {
    let names = NAMES.get_or_init(|| Names::of(["unit"]));
    let name = names.get("unit").unwrap();
    let _request = meter.request();
    let begun = Instant::now();
    drop(meter.waiting());
    let _running = meter.running();
    meter.begun(Pool::Reader, begun.elapsed());
    meter.operation(Kind::Query, &name, Outcome::Ok, begun.elapsed());
    meter.response(Some(200));
}

static NAMES: std::sync::OnceLock<Names> = std::sync::OnceLock::new();

fn nobody() -> Caller {
    Caller { viewer: Viewer::ANONYMOUS, address: None, request: "0123456789abcdef".into(), language: None }
}

fn call(query: &str) -> Call {
    Call { query: Some(query.to_owned()), ..Call::default() }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
