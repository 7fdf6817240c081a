//! An OpenTelemetry collector on loopback that keeps what it gets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use poem::listener::TcpAcceptor;
use poem::{EndpointExt, Request, Route, handler, web};
use prost::Message;

/// What is waited for comes within it.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Default)]
struct Kept {
    traces: Arc<Mutex<Vec<Vec<u8>>>>,
    logs: Arc<Mutex<Vec<Vec<u8>>>>,
    headers: Arc<Mutex<Vec<String>>>,
}

pub struct Collector {
    kept: Kept,
    pub url: String,
}

#[handler]
async fn take(kept: web::Data<&Kept>, request: &Request, body: poem::Body) -> poem::Result<()> {
    let list = if request.uri().path() == "/v1/logs" { &kept.logs } else { &kept.traces };
    let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
    assert_eq!(header("content-type"), "application/x-protobuf");
    kept.headers.lock().unwrap().push(header("x-own"));
    let body = body.into_vec().await?;
    list.lock().unwrap().push(body);
    Ok(())
}

impl Collector {
    pub async fn start() -> Collector {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let kept = Kept::default();
        let route = Route::new().at("/v1/traces", take).at("/v1/logs", take).data(kept.clone());
        let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
        tokio::spawn(async move { poem::Server::new_with_acceptor(acceptor).run(route).await });
        Collector { kept, url }
    }

    /// Everything that came, as it came.
    pub fn bytes(&self) -> Vec<u8> {
        [self.kept.traces.lock().unwrap().concat(), self.kept.logs.lock().unwrap().concat()].concat()
    }

    pub fn headers(&self) -> Vec<String> {
        self.kept.headers.lock().unwrap().clone()
    }

    /// Every span, with the resource that it came from.
    pub fn spans(&self) -> Vec<(Span, BTreeMap<String, String>)> {
        let mut all = Vec::new();
        for body in self.kept.traces.lock().unwrap().iter() {
            for of in ExportTraceServiceRequest::decode(body.as_slice()).unwrap().resource_spans {
                let resource = texts(&of.resource.unwrap().attributes);
                let spans = of.scope_spans.into_iter().flat_map(|scope| scope.spans);
                all.extend(spans.map(|span| (span, resource.clone())));
            }
        }
        all
    }

    pub fn lines(&self) -> Vec<LogRecord> {
        let bodies = self.kept.logs.lock().unwrap();
        let requests = bodies.iter().map(|body| ExportLogsServiceRequest::decode(body.as_slice()).unwrap());
        let scopes = requests.flat_map(|request| request.resource_logs).flat_map(|resource| resource.scope_logs);
        scopes.flat_map(|scope| scope.log_records).collect()
    }

    /// Waits until there is a span that is so.
    pub async fn until(&self, so: impl Fn(&Span) -> bool) -> Span {
        let begun = Instant::now();
        loop {
            if let Some((span, _)) = self.spans().into_iter().find(|(span, _)| so(span)) {
                return span;
            }
            assert!(begun.elapsed() < PATIENCE, "{:#?}", self.spans());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Attributes as texts.
pub fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &KeyValue| match value.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    attributes.iter().map(|attribute| (attribute.key.clone(), text(attribute))).collect()
}
