//! What a server tells those who watch it, and what it tells nobody.

mod collector;
mod metrics;
mod process;
mod scrape;
mod secrets;
mod traces;
