//! Spans and log lines as a collector gets them.

use serde_json::json;

use super::collector::{Collector, texts};
use super::process::Process;
use crate::crash::own_database;
use crate::support::{Engine, both};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

both!(
    async fn a_callers_trace_goes_on_in_spans_that_name_nobody(app: &TestApp) {
        app.small_federation().await;
        let (database, _folder) = own_database(app).await;
        let collector = Collector::start().await;
        let process = Process::start(
            &database,
            &["--otlp-endpoint", &collector.url],
            &[
                ("OTEL_SERVICE_NAME", "công đoàn"),
                ("OTEL_EXPORTER_OTLP_HEADERS", "x-own=7"),
                ("OTEL_BSP_SCHEDULE_DELAY", "50"),
                ("OTEL_BLRP_SCHEDULE_DELAY", "50"),
            ],
        );
        let url = process.word_after("Banyan answers at ").await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let ask = async |query: &str| {
            let body = json!({ "query": query, "operationName": "SecretName", "variables": { "code": "G1" } });
            let request =
                http.post(format!("{url}?secret=canary")).header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
            let answer = request.header("x-request-id", "r-1").json(&body).send().await.unwrap();
            assert_eq!(answer.status(), 200);
        };
        ask("query SecretName($code: String!) { alias: unit(code: $code) { name } }").await;
        // Of another trace: it begins one.
        http.get(url.replace("/graphql", "/tokens/canary")).send().await.unwrap();

        let request = collector.until(|span| span.name == "POST /graphql").await;
        assert_eq!((hex(&request.trace_id).as_str(), hex(&request.parent_span_id).as_str()), (TRACE, PARENT));
        let told = texts(&request.attributes);
        let expected = [
            ("banyan.request.id", "r-1"),
            ("http.request.method", "POST"),
            ("http.response.status_code", "200"),
            ("http.route", "/graphql"),
            ("url.path", "/graphql"),
            ("url.scheme", "http"),
        ];
        assert_eq!(told, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        // Server.
        assert_eq!(request.kind, 2);

        let operation = collector.until(|span| span.name == "query unit").await;
        assert_eq!((&operation.trace_id, &operation.parent_span_id), (&request.trace_id, &request.span_id));
        let told = texts(&operation.attributes);
        assert_eq!(told["graphql.operation.type"], "query");
        assert_eq!(told["graphql.operation.name"], "unit");
        assert_eq!(told["banyan.outcome"], "ok");

        let of_operation = |span: &opentelemetry_proto::tonic::trace::v1::Span| {
            span.name == "reader transaction" && span.parent_span_id == operation.span_id
        };
        let transaction = collector.until(of_operation).await;
        let system = if app.app.store.dialect == banyan::store::Dialect::Sqlite { "sqlite" } else { "postgresql" };
        assert_eq!(texts(&transaction.attributes)["db.system.name"], system);

        let lost = collector.until(|span| span.name == "GET").await;
        assert_ne!(hex(&lost.trace_id), TRACE);
        assert!(lost.parent_span_id.is_empty());
        assert!(!texts(&lost.attributes).contains_key("url.path"));

        let log = process.stop();
        // The same trace in the log's line, which a person reads, and in the line that the collector has.
        assert!(log.contains(&format!("trace_id={TRACE}")) && log.contains("id=\"r-1\""), "{log}");
        let lines = collector.lines();
        assert!(lines.iter().any(|line| hex(&line.trace_id) == TRACE), "{lines:?}");
        let resource = &collector.spans()[0].1;
        assert_eq!(
            (resource["service.name"].as_str(), resource["service.version"].as_str()),
            ("công đoàn", env!("CARGO_PKG_VERSION"))
        );
        assert!(collector.headers().iter().all(|own| own == "7"));
        let sent = String::from_utf8_lossy(&collector.bytes()).into_owned();
        for secret in ["SecretName", "canary", "alias"] {
            assert!(!sent.contains(secret) && !log.contains(secret), "{secret}");
        }
        for (span, _) in collector.spans() {
            assert!(span.events.is_empty(), "{span:?}");
        }
    }
);

/// A collector that is down costs a line in the log, and nothing else.
#[test]
fn nobody_waits_for_a_collector_that_is_down() {
    crate::support::run(Engine::Sqlite, Default::default(), async |app| {
        let (database, _folder) = own_database(app).await;
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let down = format!("http://{}", nobody.local_addr().unwrap());
        drop(nobody);
        let quick =
            [("OTEL_BSP_SCHEDULE_DELAY", "10"), ("OTEL_LOGS_EXPORTER", "none"), ("OTEL_EXPORTER_OTLP_ENDPOINT", &down)];
        let process = Process::start(&database, &[], &quick);
        let url = process.word_after("Banyan answers at ").await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        for _ in 0..50 {
            let answer = http.post(&url).json(&json!({ "query": "{ __typename }" })).send().await.unwrap();
            assert_eq!(answer.status(), 200);
        }
        process.word_after("the OpenTelemetry collector takes ").await;
        let log = process.stop();
        assert_eq!(log.matches("the OpenTelemetry collector takes nothing").count(), 1, "{log}");
        assert_eq!(log.matches("answered").count(), 50, "{log}");
    });
}

/// Without a collector nothing is made for one.
#[test]
fn nothing_is_traced_where_no_collector_is_named() {
    crate::support::run(Engine::Sqlite, Default::default(), async |app| {
        let (database, _folder) = own_database(app).await;
        let process = Process::start(&database, &[], &[("RUST_LOG", "trace")]);
        let url = process.word_after("Banyan answers at ").await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.post(&url).json(&json!({ "query": "{ unit(code: \"TLD\") { code } }" })).send().await.unwrap();
        let log = process.stop();
        assert!(log.contains("answered") && !log.contains("trace_id"), "{log}");
    });
}
