//! The last door before spans leave: what stands on no list stays here.

use std::borrow::Cow;
use std::time::Duration;

use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter};

use crate::spans::{ATTRIBUTES, DATABASE, METHOD, NAME};

/// Hands on what may leave.
#[derive(Debug)]
pub struct Sieve<E>(pub E);

impl<E: SpanExporter> SpanExporter for Sieve<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.export(batch.into_iter().map(sifted).collect()).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// The span with its own name and kind, and without anything that is not on the list.
fn sifted(mut span: SpanData) -> SpanData {
    let own = |name: &str| span.attributes.iter().find(|attribute| attribute.key.as_str() == name);
    let name = own(NAME).map(|name| name.value.to_string());
    let kind = match (own(METHOD), own(DATABASE)) {
        (Some(_), _) => SpanKind::Server,
        (_, Some(_)) => SpanKind::Client,
        _ => SpanKind::Internal,
    };
    span.attributes.retain(|attribute| ATTRIBUTES.contains(&attribute.key.as_str()));
    span.events = SpanEvents::default();
    span.span_kind = kind;
    span.name = name.map_or(span.name, Cow::Owned);
    span
}
