//! The GraphQL API. The only place that knows async-graphql, and where the circle of a graph (a unit's initiatives, an
//! initiative's unit) closes. Resolvers gather keys and render; rules and statements live in the nouns.

mod account;
mod api;
mod batch;
mod batches;
mod complete;
mod connection;
mod enums;
mod error;
mod id;
mod initiative;
mod inputs;
mod limits;
mod lists;
mod mutation;
mod node;
mod operation;
mod part;
mod programme;
mod query;
mod ranking;
mod rollup;
mod scalars;
mod slice;
mod types;
mod unit;

pub use api::{Answer, AnswerKind, Api, Call, sdl};
pub use id::{account_id, account_node_id};
