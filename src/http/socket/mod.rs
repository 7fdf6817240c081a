//! GraphQL over WebSocket, by the protocol graphql-transport-ws
//! (<https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>), on the path that also answers HTTP.

mod close;
mod connection;
mod message;
mod operation;
mod running;
mod upgrade;

pub use upgrade::{is_upgrade, upgrade};
