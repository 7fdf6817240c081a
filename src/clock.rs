//! The only place that reads the ambient clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
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

/// The first instant of a local day.
pub fn day_start(zone: Tz, day: NaiveDate) -> i64 {
    // Where the clock is set forward at midnight, the day begins some quarters of an hour later.
    let quarters =
        (0..=24).map(|quarter| NaiveTime::from_num_seconds_from_midnight_opt(quarter * 900, 0).unwrap_or_default());
    let first = quarters.into_iter().find_map(|time| zone.from_local_datetime(&day.and_time(time)).earliest());
    let utc = || day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    first.map_or_else(utc, |at| at.timestamp_millis())
}
