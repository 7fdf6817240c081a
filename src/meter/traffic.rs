//! Requests, connections that last, sign-ins, and the work of the background.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::series::One;
use super::{Meter, Open};
use crate::error::{Error, ErrorCode, Result};

/// How events reach a subscriber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    WebSocket,
    /// Server-sent events.
    EventStream,
}

impl Transport {
    const ALL: [Transport; 2] = [Transport::WebSocket, Transport::EventStream];

    fn label(self) -> One {
        [("transport", if self == Transport::WebSocket { "websocket" } else { "sse" })]
    }
}

/// What somebody wants to come in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    Password,
    RefreshToken,
}

const OUTCOMES: [&str; 4] = ["ok", "refused", "throttled", "failed"];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SignedIn {
    by: &'static str,
    outcome: &'static str,
}

impl SignIn {
    fn outcome<T>(self, done: &Result<T>) -> SignedIn {
        let outcome = match done {
            Ok(_) => OUTCOMES[0],
            Err(error) if error.is(ErrorCode::WrongCredentials) || error.is(ErrorCode::SessionEnded) => OUTCOMES[1],
            Err(Error::RateLimited(_)) => OUTCOMES[2],
            Err(_) => OUTCOMES[3],
        };
        SignedIn { by: self.label(), outcome }
    }

    fn label(self) -> &'static str {
        if self == SignIn::Password { "password" } else { "refresh_token" }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: u16,
}

#[derive(Default)]
pub(super) struct Traffic {
    responses: Family<Status, Counter>,
    requests: Gauge,
    abandoned: Counter,
    connections: Family<One, Gauge>,
    streams: Family<One, Gauge>,
    events: Family<One, Counter>,
    sign_ins: Family<SignedIn, Counter>,
    folded: Counter,
    fold_failures: Counter,
    last_fold: Gauge,
}

impl Traffic {
    pub fn new(registry: &mut Registry) -> Traffic {
        let own = Traffic::default();
        for by in [SignIn::Password, SignIn::RefreshToken] {
            for outcome in OUTCOMES {
                let _ = own.sign_ins.get_or_create(&SignedIn { by: by.label(), outcome });
            }
        }
        for transport in Transport::ALL {
            let _ = own.connections.get_or_create(&transport.label());
            let _ = own.streams.get_or_create(&transport.label());
            let _ = own.events.get_or_create(&transport.label());
        }
        registry.register("http_responses", "HTTP responses by status", own.responses.clone());
        registry.register("http_requests_running", "HTTP requests that have no response yet", own.requests.clone());
        registry.register("http_requests_abandoned", "HTTP requests whose client went away", own.abandoned.clone());
        registry.register("connections", "Connections for subscriptions, by transport", own.connections.clone());
        registry.register("streams", "Operations under way on such connections", own.streams.clone());
        registry.register("events", "Results sent on such connections", own.events.clone());
        registry.register("sign_ins", "Attempts to begin or refresh a session, by outcome", own.sign_ins.clone());
        registry.register("fold_differences", "Differences of roll-ups that this server folded", own.folded.clone());
        registry.register("fold_failures", "Folds of this server that failed", own.fold_failures.clone());
        registry.register_with_unit(
            "fold_last_timestamp",
            "When this server last folded something, since 1970; 0: never",
            Unit::Seconds,
            own.last_fold.clone(),
        );
        own
    }
}

impl Meter {
    /// One more HTTP request without a response.
    pub fn request(&self) -> Open {
        Open::of(&self.0.traffic.requests)
    }

    /// A request has its response, or nobody who waits for one.
    pub fn response(&self, status: Option<u16>) {
        match status {
            Some(status) => self.0.traffic.responses.get_or_create(&Status { status }).inc(),
            None => self.0.traffic.abandoned.inc(),
        };
    }

    /// One more connection.
    pub fn connection(&self, transport: Transport) -> Open {
        Open::of(&self.0.traffic.connections.get_or_create(&transport.label()))
    }

    /// One more operation on a connection.
    pub fn stream(&self, transport: Transport) -> Open {
        Open::of(&self.0.traffic.streams.get_or_create(&transport.label()))
    }

    /// A result was sent on a connection.
    pub fn event(&self, transport: Transport) {
        self.0.traffic.events.get_or_create(&transport.label()).inc();
    }

    /// Somebody tried to come in.
    pub fn sign_in<T>(&self, by: SignIn, done: &Result<T>) {
        self.0.traffic.sign_ins.get_or_create(&by.outcome(done)).inc();
    }

    /// So many differences were folded, at the instant in milliseconds.
    pub fn folded(&self, differences: usize, at: i64) {
        self.0.traffic.folded.inc_by(differences as u64);
        self.0.traffic.last_fold.set(at / 1_000);
    }

    pub fn fold_failed(&self) {
        self.0.traffic.fold_failures.inc();
    }
}
