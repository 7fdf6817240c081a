//! Tests of the whole server over HTTP, on SQLite and on PostgreSQL alike. `./test` starts the PostgreSQL that they need.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod access;
mod again;
mod audit;
mod bad_input;
mod check;
mod claims;
mod clusters;
mod concurrency;
mod crash;
mod demo;
mod direct;
mod generations;
mod history;
mod idempotency;
mod identity;
mod instants;
mod leaks;
mod lifecycle;
mod limits;
mod list_pages;
mod list_plans;
mod observability;
mod oracle;
mod paging;
mod people;
mod pictures;
mod reorganisation;
mod reorganise_demo;
mod schema;
mod search;
mod smoke;
mod statements;
mod subscriptions;
mod support;
mod tidy;
mod together;
mod tree;
mod wire;
