//! What waits to be done in the background, as the database last told it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use super::Meter;

/// What waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Differences of roll-ups that wait to be folded.
    pub differences: i64,
    /// How long the oldest of them has waited at least, on PostgreSQL; on SQLite none waits.
    pub oldest_difference: Duration,
    /// Differences that cannot be folded.
    pub set_aside: i64,
    /// Lines of the audit log that wait to be sealed.
    pub audit_lines: i64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Backlogs(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// Whether the database answered when it was last asked; `None`: it was not asked yet.
    answers: Option<bool>,
    backlog: Option<Backlog>,
    /// When the feed last looked; `None`: nobody subscribes.
    looked: Option<Instant>,
}

impl Backlogs {
    pub fn new(registry: &mut Registry) -> Backlogs {
        let own = Backlogs::default();
        registry.register_collector(Box::new(own.clone()));
        own
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Backlogs {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let known = self.known();
        let (answers, backlog, looked) = (known.answers, known.backlog, known.looked);
        drop(known);
        let mut gauge = |name: &str, help: &str, unit: Option<&Unit>, value: Option<f64>| match value {
            // What is not known has no series at all.
            None => Ok(()),
            Some(value) => {
                let encoder = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
                ConstGauge::new(value).encode(encoder)
            }
        };
        let up = answers.map(f64::from);
        gauge("database_up", "Whether the database answered when it was last asked", None, up)?;
        let count = |of: fn(&Backlog) -> i64| backlog.as_ref().map(|backlog| of(backlog) as f64);
        let waiting = count(|backlog| backlog.differences);
        gauge("fold_queue", "Differences of roll-ups that wait to be folded", None, waiting)?;
        let oldest = backlog.map(|backlog| backlog.oldest_difference.as_secs_f64());
        gauge("fold_lag", "How long the oldest of them has waited", Some(&Unit::Seconds), oldest)?;
        let aside = count(|backlog| backlog.set_aside);
        gauge("fold_set_aside", "Differences that cannot be folded", None, aside)?;
        let lines = count(|backlog| backlog.audit_lines);
        gauge("audit_unsealed_lines", "Lines of the audit log that wait to be sealed", None, lines)?;
        let lag = looked.map(|looked| looked.elapsed().as_secs_f64());
        gauge(
            "feed_lag",
            "Time since this server last looked for its subscribers at what has changed; absent while nobody subscribes",
            Some(&Unit::Seconds),
            lag,
        )
    }
}

impl Meter {
    /// What the database told; nothing where it did not answer.
    pub fn note_backlog(&self, backlog: Option<Backlog>) {
        let mut known = self.0.backlogs.known();
        known.answers = Some(backlog.is_some());
        known.backlog = backlog;
    }

    /// The feed begins, or has looked.
    pub fn feed_looked(&self) {
        self.0.backlogs.known().looked = Some(Instant::now());
    }

    /// The feed looks no more.
    pub fn feed_stopped(&self) {
        self.0.backlogs.known().looked = None;
    }
}
