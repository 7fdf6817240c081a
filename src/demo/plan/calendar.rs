//! Instants and days in Vietnam's time (UTC+7, no summer time), and the windows between published instants.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};
use rand::Rng;

pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const OFFSET: i64 = 7 * HOUR;
const EPOCH: NaiveDate = day(1970, 1, 1);

/// The instant at which the entry of one million initiatives closes: 24:00 of 31 August 2023.
pub(super) fn closing() -> i64 {
    midnight(day(2023, 9, 1))
}

/// A calendar day; a wrong one does not compile where it is used as a constant.
pub(super) const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => panic!("no such day"),
    }
}

/// 00:00 of the day in Vietnam, milliseconds since the epoch in UTC.
pub(super) fn midnight(date: NaiveDate) -> i64 {
    date.and_time(NaiveTime::MIN).and_utc().timestamp_millis() - OFFSET
}

/// The day in Vietnam of an instant after 1970.
pub(super) fn day_of(at: i64) -> NaiveDate {
    plus(EPOCH, (at + OFFSET).div_euclid(DAY))
}

/// The day so many days later; none earlier for a negative count.
pub(super) fn plus(date: NaiveDate, days: i64) -> NaiveDate {
    date + Days::new(u64::try_from(days).unwrap_or(0))
}

/// A span of days that begins and ends where a figure was published, so that counts at these instants are exact.
pub(super) struct Window {
    /// First local day of submissions.
    pub first: NaiveDate,
    /// Last local day of submissions.
    pub last: NaiveDate,
    /// Initiatives of the whole federation that are submitted in it and not withdrawn, at full scale.
    pub count: usize,
    /// Index of the phase.
    pub phase: usize,
}

const fn window(first: NaiveDate, last: NaiveDate, count: usize, phase: usize) -> Window {
    Window { first, last, count, phase }
}

/// The windows, without a gap. Submissions lie between 07:30 and 21:30, so the first window ends before
/// 2022-04-13T07:00, the instant of figures F008 and F009.
pub(super) const WINDOWS: [Window; 8] = [
    window(day(2021, 12, 15), day(2022, 4, 12), 133_112, 0), // F008: more than 133,000
    window(day(2022, 4, 13), day(2022, 5, 10), 165_412, 0),  // F068-F070: Hưng Yên
    window(day(2022, 5, 11), day(2022, 5, 11), 3_512, 0),    // F047: the 300,000th, 20 days ahead
    window(day(2022, 5, 12), day(2022, 5, 31), 394_912, 0),  // F043: 696,948
    window(day(2022, 6, 1), day(2022, 10, 2), 301_612, 1),   //
    window(day(2022, 10, 3), day(2022, 10, 3), 3_001, 1),    // F034, F054: the 1,000,000th, 332 days ahead
    window(day(2022, 10, 4), day(2023, 8, 3), 1_058_501, 1), // F063-F065: Hà Nội
    window(day(2023, 8, 4), day(2023, 8, 31), 373_601, 1),   // F037: 2,433,663
];

/// The last window: the rush of the final weeks.
pub(super) const LAST_WINDOW: usize = WINDOWS.len() - 1;

/// An instant of submission between two days, denser towards the end and thin on weekends and at Tết.
pub(super) fn submission(rng: &mut impl Rng, first: NaiveDate, last: NaiveDate) -> i64 {
    let span = last.signed_duration_since(first).num_days();
    let mut date = || plus(first, rng.random_range(0..=span).max(rng.random_range(0..=span)));
    let (drawn, instead) = (date(), date());
    let date = if is_rest(drawn) && rng.random_ratio(3, 4) { instead } else { drawn };
    hour(rng, date)
}

/// An instant of the day at which somebody sends something in.
pub(super) fn hour(rng: &mut impl Rng, date: NaiveDate) -> i64 {
    midnight(date) + rng.random_range(7 * HOUR + 30 * MINUTE..21 * HOUR + 30 * MINUTE)
}

/// An instant in office hours, the given number of days after `at` and strictly later than it; where that would be
/// after the closing, somewhere before it.
pub(super) fn later(rng: &mut impl Rng, at: i64, days: std::ops::RangeInclusive<i64>, closing: i64) -> i64 {
    let mut date = plus(day_of(at), rng.random_range(days));
    while is_rest(date) {
        date = plus(date, 1);
    }
    let office = midnight(date) + rng.random_range(8 * HOUR..17 * HOUR);
    let candidate = if office > at { office } else { at + rng.random_range(10 * MINUTE..50 * MINUTE) };
    let room = closing - 1 - at;
    if candidate < closing { candidate } else { at + rng.random_range(1..=(room / 2).max(1)) }
}

pub(super) fn is_rest(date: NaiveDate) -> bool {
    let tet =
        (day(2022, 1, 31)..=day(2022, 2, 4)).contains(&date) || (day(2023, 1, 20)..=day(2023, 1, 26)).contains(&date);
    tet || matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}
