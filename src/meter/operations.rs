//! Operations, and what went wrong with them.

use std::fmt::{Error, Write};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::codes::{CODES, known};
use super::series::{Histograms, One, seconds};
use super::{Meter, Name, Open};
use crate::error::ErrorCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Query,
    Mutation,
    Subscription,
    /// What was sent was no operation.
    Unknown,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Ok,
    /// Executed, and a mutation answered what its caller can mend.
    UserErrors,
    /// Executed, and at least one field failed.
    Errors,
    /// Not executed.
    Refused,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Query => "query",
            Kind::Mutation => "mutation",
            Kind::Subscription => "subscription",
            Kind::Unknown => "unknown",
        }
    }
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::UserErrors => "user_errors",
            Outcome::Errors => "errors",
            Outcome::Refused => "refused",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Counted {
    kind: &'static str,
    name: Name,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    kind: &'static str,
    name: Name,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Mendable {
    code: UserCode,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct UserCode(ErrorCode);

impl EncodeLabelValue for UserCode {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), Error> {
        let code = serde_json::to_value(self.0).map_err(|_| Error)?;
        encoder.write_str(code.as_str().unwrap_or_default())
    }
}

pub(super) struct Operations {
    done: Family<Counted, Counter>,
    took: Histograms<Timed>,
    running: Gauge,
    waiting: Gauge,
    errors: Family<One, Counter>,
    user_errors: Family<Mendable, Counter>,
    limits: Family<One, Counter>,
}

impl Operations {
    pub fn new(registry: &mut Registry) -> Operations {
        let own = Operations {
            done: Family::default(),
            took: Histograms::new_with_constructor(seconds),
            running: Gauge::default(),
            waiting: Gauge::default(),
            errors: Family::default(),
            user_errors: Family::default(),
            limits: Family::default(),
        };
        for code in CODES {
            let _ = own.errors.get_or_create(&[("code", *code)]);
        }
        registry.register("operations", "GraphQL operations by kind, name and outcome", own.done.clone());
        registry.register_with_unit(
            "operation_duration",
            "Time from an operation's arrival to its answer, waiting included; of a subscription, to its first answer",
            Unit::Seconds,
            own.took.clone(),
        );
        registry.register("operations_running", "Operations that are being executed", own.running.clone());
        registry.register("operations_waiting", "Operations that wait for their turn", own.waiting.clone());
        registry.register("errors", "Errors at the top level of an answer, by extensions.code", own.errors.clone());
        registry.register("user_errors", "Entries of userErrors in payloads, by code", own.user_errors.clone());
        registry.register("limit_refusals", "Requests that a limit refused, by limit", own.limits.clone());
        own
    }
}

impl Meter {
    /// An operation has ended; a subscription's beginning has.
    pub fn operation(&self, kind: Kind, name: &Name, outcome: Outcome, took: Duration) {
        let own = &self.0.operations;
        let (kind, outcome) = (kind.as_str(), outcome.as_str());
        own.done.get_or_create(&Counted { kind, name: name.clone(), outcome }).inc();
        own.took.get_or_create(&Timed { kind, name: name.clone() }).observe(took.as_secs_f64());
    }

    /// A top-level error, by its `extensions.code`.
    pub fn error(&self, code: &str) {
        self.0.operations.errors.get_or_create(&[("code", known(code))]).inc();
    }

    pub fn user_error(&self, code: ErrorCode) {
        self.0.operations.user_errors.get_or_create(&Mendable { code: UserCode(code) }).inc();
    }

    /// A request was refused by the limit.
    pub fn limit(&self, limit: &'static str) {
        self.0.operations.limits.get_or_create(&[("limit", limit)]).inc();
    }

    /// One more that waits for its turn.
    pub fn waiting(&self) -> Open {
        Open::of(&self.0.operations.waiting)
    }

    /// One more that is executed.
    pub fn running(&self) -> Open {
        Open::of(&self.0.operations.running)
    }
}
