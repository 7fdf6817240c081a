//! Everything between a socket and an operation: token → viewer, GraphQL over HTTP, health, the explorer.
//!
//! What is answered, and with which status, follows the specification at <https://graphql.github.io/graphql-over-http>.

mod explorer;
mod graphql;
mod health;
mod identity;
mod language;
mod negotiate;
mod parse;
mod refusal;
mod serve;
mod trace;

use poem::{Endpoint, Response, Route};

pub use serve::serve;

use crate::graphql::Api;

/// What an operator may switch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether answers tell in `Server-Timing` how many statements they took.
    pub server_timing: bool,
}

/// Every path that is served.
pub fn routes(api: Api, options: Options) -> impl Endpoint<Output = Response> {
    let app = api.app().clone();
    let ready = health::Ready { store: app.store.clone() };
    let route = explorer::files()
        .into_iter()
        .fold(Route::new(), |route, file| route.at(file.path, file))
        .at("/graphql", graphql::Graphql { api, options })
        .at("/health/live", health::Live)
        .at("/health/ready", ready);
    trace::Traced { inner: route, app }
}
