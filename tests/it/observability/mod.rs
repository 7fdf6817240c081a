//! What a server tells those who watch it, and what it tells nobody.

mod metrics;
mod scrape;
