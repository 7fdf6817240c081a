//! What hostile requests cost before they are refused, and what the limits cost an honest one: `cargo bench --bench limits`.
//!
//! The whole server without its socket, in this process, on SQLite with the demo's data: media types, body, JSON, limits, parser,
//! validation. CPU is of the process, memory the peak above what was there before. Each hostile request must stay below 5 ms and 10 MB,
//! the limits below 5% of an honest query, measured by turns in one run.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on stops there")]

use std::time::Duration;

use banyan::access::Caller;
use banyan::account;
use banyan::app::App;
use banyan::config::Config;
use banyan::demo::{self, Scale};
use banyan::graphql::{Api, Call};
use banyan::http::{Options, endpoint};
use banyan::store::Store;
use banyan::text::Language;
use clap::Parser;
use cpu_time::ProcessTime;
use migration::{Migrator, MigratorTrait};
use peak_alloc::PeakAlloc;
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};
use serde_json::{Value, json};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const CPU: Duration = Duration::from_millis(5);
const MEGABYTES: f32 = 10.0;
const SHARE: f64 = 0.05;
const ROUNDS: u32 = 30;

/// The root, its direct units, and a roll-up of each.
const HONEST: &str = "query Units($first: Int!) { unit(code: \"TLD\") { name children(first: $first) { totalCount pageInfo { hasNextPage endCursor }
  nodes { id code name kind rollup(programme: \"1M-SK\") { submitted approved participants verifiedBenefit completion { numerator target ratio } } } } } }";

/// The settings as the command line has them.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    config: Config,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let good = runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}", folder.path().join("bench.db").display());
        let config =
            Line::parse_from(["bench", "--connections", "2", "--answers-mb", "0", "--database-url", &file]).config;
        let store = Store::open(&config, true).await.unwrap();
        Migrator::up(store.migrator(), None).await.unwrap();
        let loader = demo::loader(store.clone(), config.clone(), 1, Scale::Small);
        demo::prepare(&loader, 1, Scale::Small, &()).await.unwrap();
        let token = token(&App::new(store.clone(), config.clone())).await;
        let bounded = Api::new(App::new(Store::serving(&config, false).await.unwrap(), config.clone()));
        let unbounded = Api::new(App::new(store, config));
        let hostile = hostile(&bounded).await;
        honest(&bounded, &unbounded, &token).await && hostile
    });
    if !good {
        std::process::exit(1);
    }
}

async fn token(app: &App) -> String {
    let tx = app.store.write().await.unwrap();
    let parts = demo::cast(&tx).await.unwrap();
    let token = account::issue(app, &tx, parts[0].account, "bench", 3_600_000).await.unwrap().secret;
    tx.commit().await.unwrap();
    token
}

fn request(body: &str) -> Request {
    let request = Request::builder().method(Method::POST).uri_str("/graphql");
    request.header(header::HOST, "localhost").header(header::CONTENT_TYPE, "application/json").body(body.to_owned())
}

fn document(text: impl Into<String>) -> String {
    json!({ "query": text.into() }).to_string()
}

fn with(text: &str, variables: &str) -> String {
    format!("{{\"query\": {}, \"variables\": {variables}}}", json!(text))
}

/// Many of something, each with its number in the place of `#`.
fn many(count: usize, text: &str) -> String {
    (0..count).map(|n| text.replace('#', &n.to_string())).collect()
}

/// What an attacker would send, at most as much as a body may be.
fn attacks() -> Vec<(&'static str, String)> {
    let units = "query($x: [UnitKind!]) { units(first: 1, kind: $x) { totalCount } }";
    let twice =
        (0..30).map(|n| format!("fragment F{n} on Query {{ ...F{} ...F{} }} ", n + 1, n + 1)).collect::<String>();
    let links = (0..900).map(|n| format!("fragment F{n} on Query {{ ...F{} }} ", n + 1)).collect::<String>();
    let pages = |depth: usize, inner: &str| {
        (0..depth).fold(inner.to_owned(), |inner, _| format!("children(first: 100) {{ nodes {{ {inner} }} }}"))
    };
    let wide = "fragment B on Unit { %} ".replace('%', &"code ".repeat(500));
    let overlap =
        format!("{{ unit(code: \"TLD\") {{ {} }} }}", many(560, "a: ancestors { b: code } a: parent { b: name } "));
    let unmergeable = format!("{{ unit(code: \"TLD\") {{ ...B {} }} }} {wide}", "... { ...B } ".repeat(250));
    let spreads = format!(
        "{{ unit(code: \"TLD\") {{ ...F }} }} {wide}fragment F on Unit {{ {} }}",
        "parent { ...B } ".repeat(400)
    );
    let operations =
        format!("{}fragment B on Query {{ {} }}", many(400, "query Q# { ...B } "), "__typename ".repeat(400));
    let circle =
        "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
    let same = format!("query($x: [ID!]!) {{ {} }}", many(49, "a#: nodes(ids: $x) { id } "));
    let ids = json!((0..990).map(|n| format!("{n:060}")).collect::<Vec<_>>()).to_string();
    vec![
        (
            "fragments that each spread the next one twice",
            document(format!("{{ ...F0 }} {twice}fragment F30 on Query {{ __typename }}")),
        ),
        ("a chain of 900 fragments", document(format!("{{ ...F0 }} {links}fragment F900 on Query {{ __typename }}"))),
        ("a circle of fragments", document("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }")),
        ("a fragment of 500 fields spread 400 times", document(spreads)),
        ("a fragment of 500 fields in 250 inline fragments", document(unmergeable)),
        ("400 operations that spread one fragment", document(operations)),
        ("1,300 aliases", document(format!("{{ {} }}", many(1_300, "a#: __typename ")))),
        ("60,000 aliases", document(format!("{{ {} }}", many(60_000, "a#: __typename ")))),
        ("1,400 times the same field", document(format!("{{ unit(code: \"TLD\") {{ {} }} }}", "code ".repeat(1_400)))),
        ("1,400 unknown fields", document(format!("{{ unit(code: \"TLD\") {{ {} }} }}", many(1_400, "u# ")))),
        ("fields that cannot be merged", document(overlap)),
        ("1,900 directives", document(format!("{{ __typename {} }}", "@a ".repeat(1_900)))),
        ("a field with 1,200 arguments", document(format!("{{ unit({}) {{ code }} }}", many(1_200, "a#: 1 ")))),
        ("1,000 variables", document(format!("query({}) {{ __typename }}", many(999, "$v#: Int ")))),
        ("lists of lists of lists", document(format!("{{ unit(code: \"TLD\") {{ {} }} }}", pages(9, "code")))),
        (
            "fields 30 deep",
            document(format!(
                "{{ unit(code: \"TLD\") {{ {} }} }}",
                (0..30).fold("code".to_owned(), |inner, _| format!("parent {{ {inner} }}"))
            )),
        ),
        ("500,000 brackets", document("{a".repeat(500_000))),
        ("500,000 brackets in a value", document(format!("{{ unit(code: {}", "[".repeat(500_000)))),
        ("introspection in circles", document(circle)),
        ("a million bytes of comment", document(format!("#{}\n{{ __typename }}", "x".repeat(1_000_000)))),
        ("60,000 bytes of comments", document(format!("{}{{ __typename }}", "#\n".repeat(30_000)))),
        ("500,000 commas", document(format!("{{ __typename {} }}", ",".repeat(500_000)))),
        (
            "a string of a million bytes",
            document(format!("{{ unit(code: \"{}\") {{ code }} }}", "x".repeat(1_000_000))),
        ),
        (
            "a number of a million digits",
            document(format!("{{ units(first: {}) {{ totalCount }} }}", "9".repeat(1_000_000))),
        ),
        ("a number of 60,000 digits", document(format!("{{ units(first: {}) {{ totalCount }} }}", "9".repeat(60_000)))),
        ("a name of a million letters", document(format!("{{ {} }}", "x".repeat(1_000_000)))),
        ("nonsense", document("{ ] } ".repeat(1_300))),
        ("a list of 500,000 in the variables", with(units, &format!("{{\"x\": [{}0]}}", "0,".repeat(500_000)))),
        ("200,000 objects in the variables", with(units, &format!("{{\"x\": [{}{{}}]}}", "{},".repeat(200_000)))),
        ("100,000 variables", with(units, &format!("{{{}\"x\": 1}}", many(100_000, "\"a#\":1,")))),
        (
            "lists 250,000 deep in the variables",
            with(units, &format!("{{\"x\": {}{}}}", "[".repeat(250_000), "]".repeat(250_000))),
        ),
        (
            "objects 60 deep in the variables",
            with(units, &format!("{{\"x\": {}1{}}}", "{\"a\":".repeat(60), "}".repeat(60))),
        ),
        (
            "a text of a million bytes in the variables",
            with(units, &format!("{{\"x\": \"{}\"}}", "x".repeat(1_000_000))),
        ),
        (
            "a million bytes of escapes in the variables",
            with(units, &format!("{{\"x\": \"{}\"}}", "\\u0041".repeat(170_000))),
        ),
        (
            "a number of a million digits in the variables",
            with(units, &format!("{{\"x\": {}}}", "9".repeat(1_000_000))),
        ),
        ("a list of 990 ids, used 49 times", with(&same, &format!("{{\"x\": {ids}}}"))),
        (
            "10,000 requests in a batch",
            format!("[{}{}]", "{\"query\":\"{ __typename }\"},".repeat(9_999), document("{ __typename }")),
        ),
        ("a million bytes that are no JSON", "[{\"".repeat(340_000)),
    ]
}

/// Whether each is refused, and for little.
async fn hostile(api: &Api) -> bool {
    let server = endpoint(api.clone(), Options::default());
    let mut good = true;
    println!("{:>10} {:>9} {:>7}  hostile requests, means of {ROUNDS}", "CPU ms", "peak MB", "sent KB");
    for (name, body) in attacks() {
        let code = refusal(server.call(request(&body)).await.unwrap()).await;
        let (mut spent, mut peak) = (Duration::ZERO, 0.0_f32);
        for _ in 0..ROUNDS {
            let request = request(&body);
            MEMORY.reset_peak_usage();
            let (before, began) = (MEMORY.current_usage_as_mb(), ProcessTime::now());
            let response = server.call(request).await.unwrap();
            spent += began.elapsed();
            peak = peak.max(MEMORY.peak_usage_as_mb() - before);
            drop(response);
        }
        let spent = spent / ROUNDS;
        let fine = spent < CPU && peak < MEGABYTES && code.is_some();
        good &= fine;
        let (ms, sent) = (spent.as_secs_f64() * 1e3, body.len() / 1000);
        let code = code.unwrap_or_else(|| "NOT REFUSED".to_owned());
        println!("{ms:>10.3} {peak:>9.2} {sent:>7}  {name}: {code}{}", if fine { "" } else { "  TOO MUCH" });
    }
    good
}

/// The code of the first error.
async fn refusal(response: Response) -> Option<String> {
    let body: Value = serde_json::from_slice(&response.into_body().into_bytes().await.unwrap()).unwrap();
    body["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
}

/// Whether the limits are a small part of what an honest query costs.
async fn honest(bounded: &Api, unbounded: &Api, token: &str) -> bool {
    let (with, without) =
        (endpoint(bounded.clone(), Options::default()), endpoint(unbounded.clone(), Options::default()));
    let body = json!({ "query": HONEST, "variables": { "first": 100 } }).to_string();
    let ask = || {
        let mut request = request(&body);
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        request
    };
    let answer = with.call(ask()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let answer: Value = serde_json::from_slice(&answer.into_body().into_bytes().await.unwrap()).unwrap();
    assert!(answer["errors"].is_null() && answer["data"]["unit"]["children"]["nodes"][82].is_object(), "{answer}");
    let viewer = account::viewer_of(bounded.app(), token).await.unwrap();
    let caller = Caller { viewer, address: None, language: None, request: "bench".into() };
    let call = || Call { query: Some(HONEST.to_owned()), variables: Some(json!({ "first": 100 })), ..Call::default() };
    let prepared = bounded.prepare(call(), Language::English).ok().unwrap();
    // In milliseconds: the query under all limits, without those of the database, and the other limits alone.
    let mut spent = [0.0; 3];
    let rounds = 600;
    for round in 0..rounds + 50 {
        let times = [
            timed(async { drop(with.call(ask()).await.unwrap()) }).await,
            timed(async { drop(without.call(ask()).await.unwrap()) }).await,
            timed(bounded.limits_alone(&caller, &prepared)).await,
        ];
        // The first ones fill caches.
        if round >= 50 {
            spent.iter_mut().zip(times).for_each(|(sum, time)| *sum += time / f64::from(rounds));
        }
    }
    let [with, without, alone] = spent;
    let share = (alone + (with - without).max(0.0)) / with;
    println!(
        "\nan honest query, the root and its 83 direct units with a roll-up of each, CPU ms, means of {rounds} by turns:"
    );
    println!(
        "{with:>10.4} under all limits\n{without:>10.4} without the database's limit of time\n{alone:>10.4} the other limits alone"
    );
    println!("{:>9.2}% of it are the limits{}", share * 100.0, if share < SHARE { "" } else { "  TOO MUCH" });
    share < SHARE
}

async fn timed(work: impl Future<Output = ()>) -> f64 {
    let began = ProcessTime::now();
    work.await;
    began.elapsed().as_secs_f64() * 1e3
}
