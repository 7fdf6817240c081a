//! What all series are made of.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The one label of a series, and its word.
pub type One = [(&'static str, &'static str); 1];

pub type Histograms<S> = Family<S, Histogram, fn() -> Histogram>;

/// Bounds in seconds: from a query that is one look at the database to the time that an operation has.
const SECONDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

pub fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

pub fn build_info(registry: &mut Registry) {
    let builds = Family::<One, Gauge>::default();
    builds.get_or_create(&[("version", env!("CARGO_PKG_VERSION"))]).set(1);
    registry.register("build_info", "Always 1; the label says which program runs", builds);
}
