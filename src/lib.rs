//! Banyan: a GraphQL server for federations of trade unions.
//!
//! The map, from the outside in; arrows run down this list, never up, and a test says so.
//!
//! - [`cli`]: parse, run, exit code. [`demo`] and [`import`] fill a database.
//! - [`http`]: token → viewer, GraphQL over HTTP, health, the explorer.
//! - [`graphql`]: the only place that knows async-graphql.
//! - [`check`]: counts everything anew from the events and compares.
//! - [`feed`]: what has changed since the last look, for subscribers.
//! - [`people`]: inviting, granting, erasing, exporting.
//! - [`reorganisation`]: plans that change the tree as a whole.
//! - [`rollup`], [`initiative`], [`programme`], [`unit`], [`account`]: the domain, one folder per noun, in this order.
//! - [`command`]: one write: idempotency, transaction, retry.
//! - [`audit`]: the log of what was done and refused, sealed by a hash chain.
//! - [`ledger`]: how the roll-ups are kept: tallies, differences, the fold, the tree lock.
//! - [`access`]: who may do what; the only place that does.
//! - [`page`]: keyset lists. [`store`], [`app`], [`error`], [`config`], [`clock`], [`text`], [`pace`], [`oidc`], [`meter`], [`spans`], [`watch`]: the ground.

pub mod access;
pub mod account;
pub mod app;
pub mod audit;
pub mod check;
pub mod cli;
pub mod clock;
pub mod command;
pub mod config;
pub mod demo;
pub mod error;
pub mod feed;
pub mod graphql;
pub mod http;
pub mod import;
pub mod initiative;
pub mod ledger;
pub mod meter;
pub mod oidc;
pub mod pace;
pub mod page;
pub mod people;
pub mod programme;
pub mod reorganisation;
pub mod rollup;
pub mod spans;
pub mod store;
pub mod text;
pub mod unit;
pub mod watch;
