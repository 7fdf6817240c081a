//! What is counted, and that nobody can make it count more than it should.

use banyan::graphql::Api;
use banyan::http::Options;
use banyan::ledger::fold_all;
use banyan::meter::CODES;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use super::scrape::{Scraper, parsed};
use crate::support::{Engine, Setup, Socket, both};
use crate::wire::{at, post, request, send};

const JSON: &str = "application/json";

fn operations(kind: &str, name: &str, outcome: &str) -> String {
    format!("banyan_operations_total{{kind=\"{kind}\",name=\"{name}\",outcome=\"{outcome}\"}}")
}

both!(
    async fn operations_and_what_went_wrong_are_counted(app: &TestApp) {
        app.small_federation().await;
        let scraper = Scraper::of(&app.app).await;
        let before = scraper.scrape().await;
        let (member, nobody) = (app.member_of("G1").await, app.anonymous());
        member.query("{ unit(code: \"G1\") { code } }", json!({})).await.ok();
        member.query("query Mine { x: unit(code: \"G1\") { code } }", json!({})).await.ok();
        member.draft("G1", json!({})).await;
        // What the caller can mend, though he does not ask for the code.
        let input = json!({ "input": { "login": "a@example.org", "password": "không phải mật khẩu này" } });
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { userErrors { message } } }";
        nobody.query(sign_in, input).await.ok();
        // A field that fails.
        let failed = nobody.query("{ units(first: 0) { totalCount } }", json!({})).await;
        assert_eq!(failed.codes(), ["BAD_USER_INPUT"]);
        // No operation at all, one that is none of the schema, and one that is too large.
        post(app, JSON, json!({ "query": "{" }).to_string()).await;
        post(app, JSON, json!({ "query": "{ nope }" }).to_string()).await;
        post(app, JSON, json!({ "query": format!("{{ {} }}", "__typename ".repeat(51)) }).to_string()).await;
        // No GraphQL request, a bad token, and no path.
        post(app, JSON, "x".to_owned()).await;
        app.bearer("byn_x").query("{ __typename }", json!({})).await;
        send(request(app, Method::GET, "/metrics")).await;

        let after = scraper.scrape().await;
        let more = |series: &str| after.value(series) - before.get(series).unwrap_or(0.0);
        for (kind, name, outcome, count) in [
            ("query", "unit", "ok", 2.0),
            ("mutation", "initiativeDraft", "ok", 1.0),
            ("mutation", "signIn", "user_errors", 1.0),
            ("query", "units", "errors", 1.0),
            ("query", "other", "refused", 1.0),
            ("unknown", "other", "refused", 2.0),
        ] {
            assert_eq!(more(&operations(kind, name, outcome)), count, "{kind} {name} {outcome}");
        }
        assert_eq!(more("banyan_operation_duration_seconds_count{kind=\"query\",name=\"unit\"}"), 2.0);
        assert_eq!(more("banyan_operation_duration_seconds_bucket{le=\"+Inf\",kind=\"query\",name=\"unit\"}"), 2.0);
        for (code, count) in [
            ("BAD_USER_INPUT", 1.0),
            ("GRAPHQL_PARSE_FAILED", 1.0),
            ("GRAPHQL_VALIDATION_FAILED", 1.0),
            ("LIMIT_EXCEEDED", 1.0),
            ("BAD_REQUEST", 1.0),
            ("UNAUTHENTICATED", 1.0),
            ("INTERNAL", 0.0),
        ] {
            assert_eq!(more(&format!("banyan_errors_total{{code=\"{code}\"}}")), count, "{code}");
        }
        assert_eq!(more("banyan_user_errors_total{code=\"WRONG_CREDENTIALS\"}"), 1.0);
        assert_eq!(more("banyan_limit_refusals_total{limit=\"rootFields\"}"), 1.0);
        assert_eq!(more("banyan_sign_ins_total{by=\"password\",outcome=\"refused\"}"), 1.0);
        assert_eq!(more("banyan_sign_ins_total{by=\"password\",outcome=\"ok\"}"), 0.0);
        for (status, count) in [(404, 1.0), (401, 1.0), (400, 1.0)] {
            assert_eq!(more(&format!("banyan_http_responses_total{{status=\"{status}\"}}")), count, "{status}");
        }
        for gauge in ["banyan_operations_running", "banyan_operations_waiting", "banyan_http_requests_running"] {
            assert_eq!(scraper.until(|scrape| scrape.value(gauge) == 0.0).await.value(gauge), 0.0);
        }
        assert_eq!(after.value(&format!("banyan_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1.0);
    }
);

both!(
    async fn a_caller_makes_no_series(app: &TestApp) {
        let scraper = Scraper::of(&app.app).await;
        let ask = async |document: String, name: Option<String>| {
            let body = json!({ "query": document, "operationName": name });
            post(app, JSON, body.to_string()).await;
        };
        // Everything that he may write somewhere, once.
        let all = async |n: usize| {
            ask(format!("query Q{n} {{ a{n}: __typename }}"), Some(format!("Q{n}"))).await;
            ask(format!("{{ nope{n} }}"), None).await;
            ask(format!("mutation {{ nope{n} }}"), None).await;
            ask(format!("query Q{n} {{ __typename }}"), Some(format!("R{n}"))).await;
            ask(format!("query Q{n} {{ __typename unit(code: \"x{n}\") {{ code }} }}"), None).await;
            ask(format!("query \"}} 1\nx{n} {{"), None).await;
            send(request(app, Method::GET, &format!("/x{n}"))).await;
            send(request(app, Method::from_bytes(format!("X{n}").as_bytes()).unwrap(), "/graphql")).await;
        };
        all(0).await;
        let before = scraper.scrape().await;
        for n in 1..6 {
            all(n).await;
        }
        let after = scraper.scrape().await;
        assert_eq!(after.series(), before.series());
        assert!(!after.text.contains("nope") && !after.text.contains("Q0"));
    }
);

both!(
    async fn names_come_from_trusted_documents_and_from_the_configuration(app: &TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let written = "query Board { unit(code: \"TLD\") { code } }";
        std::fs::write(folder.path().join("board.graphql"), written).unwrap();
        let mut other = app.app.clone();
        let mut config = (*other.config).clone();
        config.telemetry.metrics_operation = vec!["Dashboard".to_owned()];
        other.config = std::sync::Arc::new(config);
        let api = Api::new(other).trusting(folder.path(), false).await.unwrap();
        let server = app.beside(api, Options::default()).await;
        for body in [
            json!({ "documentId": "board" }),
            // Of the same name, but nobody wrote it down: it counts under its field.
            json!({ "query": "query Board { units(first: 1) { totalCount } }" }),
            json!({ "query": "query Dashboard { units(first: 1) { totalCount } }" }),
        ] {
            let url = format!("{}/graphql", server.url);
            send(at(Method::POST, &url).header(CONTENT_TYPE, JSON).body(body.to_string())).await;
        }
        let scrape = Scraper::of(&app.app).await.scrape().await;
        for name in ["Board", "units", "Dashboard"] {
            assert_eq!(scrape.value(&operations("query", name, "ok")), 1.0, "{name}");
        }
    }
);

both!(
    async fn connections_streams_and_events_are_counted(app: &TestApp) {
        app.small_federation().await;
        let scraper = Scraper::of(&app.app).await;
        assert_eq!(scraper.scrape().await.get("banyan_feed_lag_seconds"), None);
        let reviewer = app.reviewer_of("P01").await;
        let mut socket = Socket::of(&reviewer).await;
        let document = "subscription { rollupChanged(unit: \"P01\", programme: \"SK\") { submitted } }";
        socket.subscribe("1", document, json!({})).await;
        socket.event("1").await;
        let open = scraper.scrape().await;
        for series in ["banyan_connections", "banyan_streams", "banyan_events_total"] {
            assert_eq!(open.value(&format!("{series}{{transport=\"websocket\"}}")), 1.0, "{series}");
            assert_eq!(open.value(&format!("{series}{{transport=\"sse\"}}")), 0.0, "{series}");
        }
        assert_eq!(open.value(&operations("subscription", "rollupChanged", "ok")), 1.0);
        assert!(open.value("banyan_feed_lag_seconds") >= 0.0);
        drop(socket);
        scraper
            .until(|scrape| {
                scrape.value("banyan_connections{transport=\"websocket\"}") == 0.0
                    && scrape.value("banyan_streams{transport=\"websocket\"}") == 0.0
            })
            .await;
    }
);

/// The database tells what waits, and a fold takes it away.
fn folding(engine: Engine) {
    crate::support::run(engine, Setup::unfolded(), async |app| {
        app.small_federation().await;
        app.member_of("G1").await.send_in("G1", json!({})).await;
        let scraper = Scraper::of(&app.app).await;
        let queued = engine == Engine::Postgres;
        let seen = scraper.until(|scrape| scrape.get("banyan_fold_queue").is_some()).await;
        assert_eq!(seen.value("banyan_database_up"), 1.0);
        assert_eq!(seen.value("banyan_fold_queue") > 0.0, queued);
        assert_eq!(seen.value("banyan_fold_set_aside"), 0.0);
        assert!(seen.value("banyan_audit_unsealed_lines") > 0.0);
        assert_eq!(seen.value("banyan_fold_differences_total"), 0.0);
        if queued {
            // The oldest grows older until it is folded.
            scraper.until(|scrape| scrape.get("banyan_fold_lag_seconds") > Some(0.0)).await;
        }
        fold_all(&app.app).await.unwrap();
        let folded = scraper.until(|scrape| scrape.get("banyan_fold_queue") == Some(0.0)).await;
        assert_eq!(folded.value("banyan_fold_lag_seconds"), 0.0);
        assert_eq!(folded.value("banyan_fold_differences_total") > 0.0, queued);
        assert_eq!(folded.value("banyan_fold_last_timestamp_seconds") > 0.0, queued);
        for pool in ["reader", "writer"] {
            let (open, idle) = (
                folded.value(&format!("banyan_database_connections_open{{pool=\"{pool}\"}}")),
                folded.value(&format!("banyan_database_connections_idle{{pool=\"{pool}\"}}")),
            );
            assert!(open >= 1.0 && idle <= open, "{}", folded.text);
            assert!(folded.value(&format!("banyan_database_begin_duration_seconds_count{{pool=\"{pool}\"}}")) > 0.0);
        }
        let most = if queued { 12.0 } else { 1.0 };
        assert_eq!(folded.value("banyan_database_connections_limit{pool=\"writer\"}"), most);
    });
}

#[test]
fn sqlite_folds_at_once() {
    folding(Engine::Sqlite);
}

#[test]
fn postgres_folds_what_is_queued() {
    folding(Engine::Postgres);
}

both!(
    async fn a_database_that_does_not_answer_leaves_the_metrics_answering(app: &TestApp) {
        let (second, _) = app.second_server().await;
        second.store.clone().close().await;
        let scraper = Scraper::of(&second).await;
        let scrape = scraper.until(|scrape| scrape.get("banyan_database_up").is_some()).await;
        assert_eq!(scrape.value("banyan_database_up"), 0.0);
        assert_eq!(scrape.get("banyan_fold_queue"), None);
        assert!(scrape.value("banyan_operations_running") == 0.0);
    }
);

both!(
    async fn both_formats_are_what_they_say(app: &TestApp) {
        app.anonymous().query("{ __typename }", json!({})).await.ok();
        let scraper = Scraper::of(&app.app).await;
        // From then on no series comes in between.
        scraper.until(|scrape| scrape.get("banyan_database_up").is_some()).await;
        let (kind, plain) = scraper.get("*/*").await;
        assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
        let samples = parsed(&plain);
        let (kind, open) = scraper.get("application/openmetrics-text; version=1.0.0").await;
        assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
        assert!(open.ends_with("# EOF\n") && open.contains("# UNIT banyan_operation_duration_seconds seconds\n"));
        assert!(open.contains("# TYPE banyan_operations counter\n"));
        let sampled: Vec<&str> = open.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(sampled.len(), samples.len());
        if cfg!(target_os = "linux") {
            for series in ["process_resident_memory_bytes", "process_start_time_seconds", "process_open_fds"] {
                assert!(samples[series] > 0.0, "{series}");
            }
            assert!(samples.contains_key("process_cpu_seconds_total"));
        }
        for (method, path, status) in
            [(Method::POST, "/metrics", 405), (Method::GET, "/graphql", 404), (Method::HEAD, "/metrics", 200)]
        {
            let url = format!("http://{}{path}", scraper.metrics.address);
            assert_eq!(send(at(method, &url)).await.status, status, "{path}");
        }
    }
);

/// The first table of docs/errors.md is of user errors, the second of everything else.
#[test]
fn every_code_is_counted_under_its_name() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md")).unwrap();
    let (_, table) = text.split_once("## Top-level errors").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `")).map(|line| line.split('|').nth(1).unwrap());
    let mut told: Vec<&str> = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    told.sort_unstable();
    told.dedup();
    let mut counted = CODES.to_vec();
    counted.sort_unstable();
    assert_eq!(told, counted);
}

#[test]
fn a_listener_that_cannot_be_opened_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("x.db").display());
    assert!(crate::crash::banyan(&database, &["migrate", "up"]).status.success());
    let output = crate::crash::banyan(&database, &["serve", "--listen", "127.0.0.1:0", "--metrics-listen", &address]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(&address), "{said}");
}
