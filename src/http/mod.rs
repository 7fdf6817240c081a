//! Everything between a socket and an operation: token → viewer, GraphQL over HTTP, WebSocket and event streams, health, the explorer.
//!
//! What is answered, and with which status, follows the specification at <https://graphql.github.io/graphql-over-http>.

mod cors;
mod delivery;
mod encode;
mod events;
mod explorer;
mod forwarded;
mod graphql;
mod health;
mod hub;
mod identity;
mod json;
mod language;
mod metrics;
mod negotiate;
mod origin;
mod parse;
mod patience;
mod refusal;
mod serve;
mod socket;
mod tls;
mod trace;
mod unique;

use poem::{Endpoint, Response, Route};

pub use cors::Origin;
pub use forwarded::{ForwardedHeader, Proxies};
pub use ipnet::IpNet;
pub use metrics::Metrics;
pub use serve::serve;
pub use tls::Certificate;

use crate::graphql::Api;
use hub::Hub;

const GRAPHQL: &str = "/graphql";
const LIVE: &str = "/health/live";
const READY: &str = "/health/ready";

/// What an operator may switch.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether answers tell in `Server-Timing` how many statements they took.
    pub server_timing: bool,
    /// Whose pages may read answers.
    pub origins: Vec<Origin>,
    /// Which proxies tell the client's address.
    pub proxies: Proxies,
    /// With it the server ends TLS itself.
    pub certificate: Option<Certificate>,
    /// How long anybody may keep what a GET answers to nobody in particular, seconds.
    pub public_max_age: Option<u32>,
    /// Connections at the same time; any number, where none is given.
    pub max_connections: Option<u32>,
}

/// The server without its socket: for the benchmark.
#[doc(hidden)]
pub fn endpoint(api: Api, options: Options) -> impl Endpoint<Output = Response> {
    let hub = Hub::new(api.app());
    routes(api, options, hub)
}

/// Every path that is served.
fn routes(api: Api, options: Options, hub: Hub) -> impl Endpoint<Output = Response> {
    let app = api.app().clone();
    let ready = health::Ready { store: app.store.clone() };
    let proxies = options.proxies.clone();
    let graphql = cors::Cors { origins: options.origins.clone(), inner: graphql::Graphql { api, options, hub } };
    let files = explorer::files();
    let paths = files.iter().map(|file| file.path).chain([GRAPHQL, LIVE, READY]).collect();
    let route = files
        .into_iter()
        .fold(Route::new(), |route, file| route.at(file.path, file))
        .at(GRAPHQL, graphql)
        .at(LIVE, health::Live)
        .at(READY, ready);
    trace::Traced { inner: route, app, proxies, paths }
}
