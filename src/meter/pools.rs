//! Connections to the database, and transactions on them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use super::Meter;
use super::series::{Histograms, One, seconds};

/// Whose connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    Reader,
    Writer,
}

impl Pool {
    pub fn as_str(self) -> &'static str {
        if self == Pool::Reader { "reader" } else { "writer" }
    }

    fn label(self) -> One {
        [("pool", self.as_str())]
    }
}

/// The connections of a pool at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    pub pool: Pool,
    pub open: u32,
    /// Of those that are open.
    pub idle: u32,
    pub most: u32,
}

pub(super) struct Pools {
    begun: Histograms<One>,
    retries: Counter,
    given_up: Counter,
    seen: Arc<Mutex<Vec<PoolState>>>,
}

#[derive(Debug)]
struct Seen(Arc<Mutex<Vec<PoolState>>>);

impl Pools {
    pub fn new(registry: &mut Registry) -> Pools {
        let own = Pools {
            begun: Histograms::new_with_constructor(seconds),
            retries: Counter::default(),
            given_up: Counter::default(),
            seen: Arc::default(),
        };
        registry.register_with_unit(
            "database_begin_duration",
            "Time from asking for a transaction to having it: waiting for a connection, on SQLite for the writer's turn, and BEGIN",
            Unit::Seconds,
            own.begun.clone(),
        );
        registry.register(
            "database_retries",
            "Transactions that were run once more because the database asked for it",
            own.retries.clone(),
        );
        registry.register("database_given_up", "Transactions that were given up after ten tries", own.given_up.clone());
        registry.register_collector(Box::new(Seen(own.seen.clone())));
        own
    }
}

impl Collector for Seen {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (name, help, of) in [
            ("database_connections_open", "Open connections", (|state| state.open) as fn(&PoolState) -> u32),
            ("database_connections_idle", "Open connections that nobody uses", |state| state.idle),
            ("database_connections_limit", "Connections that may be open", |state| state.most),
        ] {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for state in &seen {
                let value = ConstGauge::new(i64::from(of(state)));
                value.encode(family.encode_family(&state.pool.label())?)?;
            }
        }
        Ok(())
    }
}

impl Meter {
    /// A transaction has begun.
    pub fn begun(&self, pool: Pool, took: Duration) {
        self.0.pools.begun.get_or_create(&pool.label()).observe(took.as_secs_f64());
    }

    /// A transaction is run once more.
    pub fn retried(&self) {
        self.0.pools.retries.inc();
    }

    /// A transaction is not run once more.
    pub fn given_up(&self) {
        self.0.pools.given_up.inc();
    }

    /// The pools as they are now.
    pub fn note_pools(&self, pools: Vec<PoolState>) {
        *self.0.pools.seen.lock().unwrap_or_else(PoisonError::into_inner) = pools;
    }
}
