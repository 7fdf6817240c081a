//! Something that is counted for as long as it lasts.

use prometheus_client::metrics::gauge::Gauge;

/// One more of something, until it is dropped.
#[must_use]
pub struct Open(Gauge);

impl Open {
    pub(super) fn of(gauge: &Gauge) -> Open {
        gauge.inc();
        Open(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}
