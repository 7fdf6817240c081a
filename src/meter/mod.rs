//! What is counted of a running server, and its text for Prometheus. Nothing in here knows who asked for what.
//!
//! A series is made by the server alone: every label is one of a closed set of words, and the names of operations come out of
//! [`Names`], which knows them beforehand.

mod backlog;
mod codes;
mod format;
mod names;
mod open;
mod operations;
mod pools;
mod process;
mod series;
mod traffic;

pub use backlog::Backlog;
pub use codes::CODES;
pub use format::Format;
pub use names::{Name, Names};
pub use open::Open;
pub use operations::{Kind, Outcome};
pub use pools::{Pool, PoolState};
pub use traffic::{SignIn, Transport};

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::registry::Registry;

use backlog::Backlogs;
use operations::Operations;
use pools::Pools;
use process::Process;
use traffic::Traffic;

/// The counters of one server; cheap to clone.
#[derive(Clone)]
pub struct Meter(Arc<Inner>);

struct Inner {
    own: Registry,
    /// What any process has, under the names that all exporters give it.
    process: Registry,
    operations: Operations,
    traffic: Traffic,
    pools: Pools,
    backlogs: Backlogs,
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

impl Default for Meter {
    fn default() -> Meter {
        let mut own = Registry::with_prefix("banyan");
        series::build_info(&mut own);
        let (operations, traffic) = (Operations::new(&mut own), Traffic::new(&mut own));
        let (pools, backlogs) = (Pools::new(&mut own), Backlogs::new(&mut own));
        let mut process = Registry::default();
        process.register_collector(Box::new(Process));
        Meter(Arc::new(Inner { own, process, operations, traffic, pools, backlogs }))
    }
}

impl Meter {
    /// Everything that was counted, in the format. A failure to write it leaves the text short.
    pub fn text(&self, format: Format) -> String {
        let mut text = String::with_capacity(16 << 10);
        let written =
            encode_registry(&mut text, &self.0.own).and_then(|()| encode_registry(&mut text, &self.0.process));
        if written.is_err() || encode_eof(&mut text).is_err() {
            tracing::error!("the metrics cannot be written");
        }
        format.of_open_metrics(text)
    }
}
