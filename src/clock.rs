//! The only place that reads the ambient clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

/// Where the server's time comes from. Instants are whole milliseconds since the epoch, UTC.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// Stands still until it is set.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is where the ambient clock comes in")]
    pub fn now(&self) -> i64 {
        match self {
            Clock::System => Utc::now().timestamp_millis(),
            Clock::Fixed(at) => at.load(Ordering::SeqCst),
        }
    }
}

/// The local day of an instant.
pub fn local_day(zone: Tz, at: i64) -> NaiveDate {
    instant(at).with_timezone(&zone).date_naive()
}

/// The instant as chrono has it. Milliseconds beyond chrono's years, which no row holds, become its last.
pub fn instant(at: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(at).single().unwrap_or(DateTime::<Utc>::MAX_UTC)
}
