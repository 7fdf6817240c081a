//! OpenTelemetry: spans and log lines by OTLP over HTTP, where a collector is named. The standard's own variables say the rest.

mod client;
mod sieve;

use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry::{Key, KeyValue};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{ExporterBuildError, LogExporter, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{Layer, Registry};

use super::failure::{Failure, Outcome};
use super::log::Lines;
use client::Sender;
use sieve::Sieve;

/// How long what is left may take to be sent at the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// What sends; ended by [`Telemetry::end`].
#[derive(Default)]
pub struct Telemetry {
    spans: Option<SdkTracerProvider>,
    logs: Option<SdkLoggerProvider>,
}

/// Whoever gets spans and log lines.
pub type Layers = Vec<Box<dyn Layer<Registry> + Send + Sync>>;

/// Where one kind of data goes.
struct Signal {
    /// As the standard's variables name it.
    name: &'static str,
    path: &'static str,
}

const TRACES: Signal = Signal { name: "TRACES", path: "v1/traces" };
const LOGS: Signal = Signal { name: "LOGS", path: "v1/logs" };

impl Signal {
    /// Whether it is sent anywhere. `endpoint` is the one for all kinds.
    fn is_on(&self, endpoint: Option<&str>) -> bool {
        let none = variable(&format!("OTEL_{}_EXPORTER", self.name)).is_some_and(|exporter| exporter == "none");
        let off = variable("OTEL_SDK_DISABLED").is_some_and(|off| off.eq_ignore_ascii_case("true"));
        !none && !off && (endpoint.is_some() || self.own_endpoint().is_some())
    }

    /// An endpoint of its own, which is taken as it is.
    fn own_endpoint(&self) -> Option<String> {
        variable(&format!("OTEL_EXPORTER_OTLP_{}_ENDPOINT", self.name))
    }

    fn url(&self, endpoint: Option<&str>) -> String {
        let below = |base: &str| format!("{}/{}", base.trim_end_matches('/'), self.path);
        self.own_endpoint().or_else(|| endpoint.map(below)).unwrap_or_default()
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What sends to the collector, and the layers that it gets everything from. `lines` says which log lines there are.
pub fn start(endpoint: Option<&str>, lines: &Lines) -> Outcome<(Telemetry, Layers)> {
    let endpoint = endpoint.filter(|endpoint| !endpoint.is_empty());
    let mut telemetry = Telemetry::default();
    let mut layers = Layers::new();
    if TRACES.is_on(endpoint) {
        let exporter = SpanExporter::builder().with_http().with_http_client(Sender::new()?);
        let exporter = exporter.with_endpoint(TRACES.url(endpoint)).build().map_err(|error| wrong(&error))?;
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(Sieve(exporter)).with_resource(resource()).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("banyan"));
        let layer = layer.with_location(false).with_threads(false).with_target(false).with_tracked_inactivity(false);
        layers.push(layer.with_filter(filter_fn(|meta| meta.is_span() && is_ours(meta.target()))).boxed());
        telemetry.spans = Some(provider);
    }
    if LOGS.is_on(endpoint) {
        let exporter = LogExporter::builder().with_http().with_http_client(Sender::new()?);
        let exporter = exporter.with_endpoint(LOGS.url(endpoint)).build().map_err(|error| wrong(&error))?;
        let provider = SdkLoggerProvider::builder().with_batch_exporter(exporter).with_resource(resource()).build();
        // Lines of libraries stay here: what sends would tell of its own sending.
        let ours = filter_fn(|meta| meta.is_event() && is_ours(meta.target()));
        layers.push(OpenTelemetryTracingBridge::new(&provider).with_filter(lines.filter()?).with_filter(ours).boxed());
        telemetry.logs = Some(provider);
    }
    Ok((telemetry, layers))
}

/// Whether it is this program's own.
pub fn is_ours(target: &str) -> bool {
    target.strip_prefix("banyan").is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn wrong(error: &ExporterBuildError) -> Failure {
    Failure::from(format!("the OpenTelemetry collector: {error}"))
}

/// Who sends: by the standard's variables, else by the program's name.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let builder = || Resource::builder().with_attribute(version.clone());
    let resource = builder().build();
    let name = resource.get(&Key::from_static_str("service.name")).map(|name| name.to_string());
    match name {
        Some(name) if !name.starts_with("unknown_service") => resource,
        _ => builder().with_service_name("banyan").build(),
    }
}

impl Telemetry {
    /// Sends what is left, for a few seconds at most. While the runtime lives: it is what sends.
    pub fn end(self) {
        // Whether it could be sent was logged.
        let _ = self.spans.map(|provider| provider.shutdown_with_timeout(FAREWELL));
        let _ = self.logs.map(|provider| provider.shutdown_with_timeout(FAREWELL));
    }
}
