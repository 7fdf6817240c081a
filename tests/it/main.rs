//! Tests of the whole server over HTTP, on SQLite and on PostgreSQL alike. `./test` starts the PostgreSQL that they need.

mod access;
mod concurrency;
mod idempotency;
mod lifecycle;
mod oracle;
mod smoke;
mod support;
