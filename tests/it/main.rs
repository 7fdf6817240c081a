//! Tests of the whole server over HTTP, on SQLite and on PostgreSQL alike. `./test` starts the PostgreSQL that they need.

mod oracle;
mod smoke;
mod support;
