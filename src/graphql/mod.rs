//! The GraphQL API. The only place that knows async-graphql, and where the circle of a graph (a unit's initiatives, an
//! initiative's unit) closes. Resolvers gather keys and render; rules and statements live in the nouns.

mod account;
mod activity;
mod answer;
mod api;
mod audit;
mod batch;
mod batches;
mod complete;
mod completion;
mod connection;
mod documents;
mod enums;
mod error;
mod explain;
mod id;
mod identity;
mod initiative;
mod inputs;
mod limits;
mod lists;
mod live;
mod metering;
mod mutation;
mod node;
mod operation;
mod part;
mod prepare;
mod programme;
mod query;
mod ranking;
mod rollup;
mod scalars;
mod single;
mod slice;
mod steady;
mod subscription;
mod types;
mod unit;
mod validate;
mod view;

pub use answer::{Answer, AnswerKind, Wrong};
pub use api::{Api, Call, sdl};
pub use id::{account_id, account_node_id, token_id, token_node_id};
pub use live::{Begun, Ending, Live, Told};
pub use prepare::{OperationKind, Prepared};
