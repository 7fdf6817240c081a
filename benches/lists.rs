//! How long lists take in a database that is there, by unit, order, filter and words, first page and thousandth:
//! `cargo bench --bench lists -- --database-url sqlite://full.db`. With BANYAN_BENCH_EXPLAIN=1 it tells how the database answers
//! each; BANYAN_BENCH_ONLY=TEXT leaves out the cases whose name lacks the text.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails there")]

use std::time::{Duration, Instant};

use banyan::access::Viewer;
use banyan::config::Config;
use banyan::initiative::{self, InitiativeFilter, InitiativeOrder, Of};
use banyan::page::PageArgs;
use banyan::programme::Slice;
use banyan::store::{Store, Tx};
use banyan::unit::{self, UnitFilter, UnitOrder, Within};
use clap::Parser;
use entity::enums::{InitiativeState, UnitKind};

const PAGE: i32 = 20;
/// As often each page is read.
const TURNS: usize = 5;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
    /// What cargo adds.
    #[arg(long)]
    bench: bool,
}

#[derive(Clone)]
enum Wanted {
    Initiatives(InitiativeFilter),
    Units(UnitFilter),
}

struct Case {
    name: String,
    wanted: Wanted,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(Settings::parse().config));
}

async fn measure(config: Config) {
    let store = Store::open(&config, false).await.unwrap();
    let tx = store.read().await.unwrap();
    let analyst =
        ids(&tx, "SELECT account_id AS id FROM role_grant WHERE role = 'ANALYST' ORDER BY granted_at LIMIT 1").await;
    let viewer = Viewer::of(analyst[0]);
    let some = |condition: &str, n: i64| format!("SELECT u.id FROM unit u WHERE {condition} ORDER BY u.code LIMIT {n}");
    let scopes = [
        ("root", ids(&tx, &some("u.parent_id IS NULL", 1)).await),
        ("province", ids(&tx, &some("u.depth = 1 AND u.code IN ('P01', 'P02', 'P27', 'P38', 'P46', 'P10')", 6)).await),
        ("district", ids(&tx, &some("u.depth = 2 AND u.has_cells AND u.id % 37 = 3", 12)).await),
        ("leaf", ids(&tx, &some("NOT u.has_cells AND u.id % 4001 = 3", 24)).await),
    ];
    let explain = std::env::var("BANYAN_BENCH_EXPLAIN").is_ok();
    let only = std::env::var("BANYAN_BENCH_ONLY").unwrap_or_default();
    println!(
        "| list | within | first page: median, most, ms | on the way: p99, most | thousandth: median, most | statements |"
    );
    println!("|---|---|---|---|---|---|");
    for case in cases(&tx).await {
        for (scope, owners) in &scopes {
            let name = format!("{} {scope}", case.name);
            if !only.split(' ').all(|word| name.contains(word)) {
                continue;
            }
            if explain {
                tx.keep_plans();
                page(&store, viewer, &case.wanted, owners[0], args(PAGE, None)).await;
                let told = store.read().await.unwrap();
                told.keep_plans();
                read(&told, viewer, &case.wanted, owners[0], &args(PAGE, None)).await;
                println!("{name}:\n  {}", told.plans().join("\n  "));
            }
            one(&store, viewer, &case, scope, owners).await;
        }
    }
    drop(tx);
    store.close().await;
}

async fn ids(tx: &Tx, text: &str) -> Vec<i64> {
    tx.ids(tx.sql(text)).await.unwrap()
}

async fn one(store: &Store, viewer: Viewer, case: &Case, scope: &str, owners: &[i64]) {
    let (mut first, mut way, mut far, mut statements) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for owner in owners {
        for _ in 0..TURNS {
            let read = page(store, viewer, &case.wanted, *owner, args(PAGE, None)).await;
            first.push(read.took);
            statements = statements.max(read.statements);
        }
    }
    // The largest of the scope alone have a thousandth page.
    if scope == "root" || scope == "province" {
        let owner = owners[0];
        let mut after = None;
        for _ in 0..200 {
            // The second asking of the same page counts.
            page(store, viewer, &case.wanted, owner, args(100, after.clone())).await;
            let read = page(store, viewer, &case.wanted, owner, args(100, after)).await;
            way.push(read.took);
            after = read.last;
            if after.is_none() {
                break;
            }
        }
        if after.is_some() {
            for _ in 0..TURNS * 2 {
                let read = page(store, viewer, &case.wanted, owner, args(PAGE, after.clone())).await;
                far.push(read.took);
                statements = statements.max(read.statements);
            }
        }
    }
    let told = |times: &mut Vec<Duration>, percent: usize| {
        times.sort();
        let ms = |time: &Duration| format!("{:.1}", time.as_secs_f64() * 1_000.0);
        let at = times.len() * percent / 100;
        times.last().map_or_else(|| "-".to_owned(), |most| format!("{}, {}", ms(&times[at]), ms(most)))
    };
    let (first, way, far) = (told(&mut first, 50), told(&mut way, 99), told(&mut far, 50));
    println!("| {} | {scope} | {first} | {way} | {far} | {statements} |", case.name);
}

struct Read {
    took: Duration,
    statements: u32,
    last: Option<String>,
}

/// One page in a snapshot of its own, as an operation reads it.
async fn page(store: &Store, viewer: Viewer, wanted: &Wanted, owner: i64, args: PageArgs) -> Read {
    let begun = Instant::now();
    let tx = store.read().await.unwrap();
    let last = read(&tx, viewer, wanted, owner, &args).await;
    Read { took: begun.elapsed(), statements: tx.statements(), last }
}

async fn read(tx: &Tx, viewer: Viewer, wanted: &Wanted, owner: i64, args: &PageArgs) -> Option<String> {
    match wanted {
        Wanted::Initiatives(filter) => {
            let pages = initiative::pages(tx, viewer, filter, &[owner], args).await.unwrap();
            let page = &pages[&owner];
            let last = page.edges.last().map(|edge| edge.cursor.clone());
            page.until.as_ref().map(|until| until.cursor.clone()).or(last).filter(|_| page.has_next)
        }
        Wanted::Units(filter) => {
            let pages = unit::pages(tx, viewer, filter, &[owner], args).await.unwrap();
            pages[&owner].edges.last().filter(|_| pages[&owner].has_next).map(|edge| edge.cursor.clone())
        }
    }
}

fn args(first: i32, after: Option<String>) -> PageArgs {
    PageArgs { first: Some(first), after, last: None, before: None }
}

async fn cases(tx: &Tx) -> Vec<Case> {
    let programme = ids(tx, "SELECT id FROM programme WHERE code = '1M-SK'").await[0];
    let some_code = {
        let id = ids(tx, "SELECT id FROM initiative WHERE state = 'APPROVED' ORDER BY id LIMIT 1").await[0];
        let rows = tx
            .rows(tx.sql(format!("SELECT lower(substr(code, 4)) AS code FROM initiative WHERE id = {id}")))
            .await
            .unwrap();
        rows[0].try_get::<String>("", "code").unwrap()
    };
    let mut cases = Vec::new();
    for order in [
        InitiativeOrder::SubmittedAtDesc,
        InitiativeOrder::SubmittedAtAsc,
        InitiativeOrder::ClaimedBenefitDesc,
        InitiativeOrder::VerifiedBenefitDesc,
        InitiativeOrder::TitleAsc,
    ] {
        let all = InitiativeFilter { order: Some(order), ..InitiativeFilter::of(Of::Unit) };
        let phase = |code: &str| Slice { phase: Some(vec![code.to_owned()]), ..Slice::default() };
        let group = |code: &str| Slice { group: Some(vec![code.to_owned()]), ..Slice::default() };
        let states = |state| InitiativeFilter { states: Some(vec![state]), ..all.clone() };
        let search = |text: &str| InitiativeFilter { search: Some(text.to_owned()), ..all.clone() };
        let filters = [
            ("all", all.clone()),
            ("programme", InitiativeFilter { programme: Some(programme), ..all.clone() }),
            ("SUBMITTED", states(InitiativeState::Submitted)),
            ("REJECTED", states(InitiativeState::Rejected)),
            ("APPROVED", states(InitiativeState::Approved)),
            ("phase 1", InitiativeFilter { programme: Some(programme), slice: phase("1"), ..all.clone() }),
            ("group", InitiativeFilter { programme: Some(programme), slice: group("UNION_OFFICER"), ..all.clone() }),
            ("over a billion", InitiativeFilter { verified_over: Some(1_000_000_000), ..all.clone() }),
            ("words none", search("zzzyx")),
            ("words one", search(&some_code)),
            ("words rare", search("bơm chua")),
            ("words 5000", search("song")),
            ("words 12000", search("khau")),
            ("words 30000", search("tau bien")),
            ("words common", search("hoc sinh")),
            ("words exact", search("cải tiến")),
            ("words exact and rare", search("giải pháp robot")),
            ("words apart", search("day hoc toan")),
            ("words nowhere together", search("hoa mai")),
            ("words exact, fewer", search("máy hàn")),
            ("words of more than titles", search("may han")),
            ("code, one letter", search("sk-1")),
            ("code, three", search(&format!("sk-{}", &some_code[..3]))),
            ("group of nobody", InitiativeFilter { slice: group("NO-SUCH"), ..all.clone() }),
        ];
        cases.extend(filters.map(|(name, filter)| Case {
            name: format!("initiatives {order:?} {name}"),
            wanted: Wanted::Initiatives(filter),
        }));
    }
    for order in [UnitOrder::NameAsc, UnitOrder::NameDesc, UnitOrder::CodeAsc, UnitOrder::CodeDesc] {
        let all = UnitFilter { within: Within::Below, kinds: None, search: None, order: Some(order), as_of: None };
        let search = |text: &str| UnitFilter { search: Some(text.to_owned()), ..all.clone() };
        let filters = [
            ("all", all.clone()),
            ("districts", UnitFilter { kinds: Some(vec![UnitKind::DistrictFederation]), ..all.clone() }),
            ("words none", search("zzzyx")),
            ("words rare", search("ha noi 12")),
            ("words middling", search("det may")),
            ("words common", search("cong ty")),
            ("words code", search("p01")),
        ];
        cases.extend(
            filters
                .map(|(name, filter)| Case { name: format!("units {order:?} {name}"), wanted: Wanted::Units(filter) }),
        );
    }
    cases
}
