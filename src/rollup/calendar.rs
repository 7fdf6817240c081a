//! Local days, weeks and months: as SQL on an instant, as values, and in a row without gaps.

use chrono::{Datelike, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

use crate::clock;
use crate::error::{Error, Result};
use crate::store::Dialect;
use crate::text::message;

/// A breakdown lists no more periods than these.
const MOST: i64 = 10_000;

const DAY: i64 = 86_400_000;

/// Between these years a zone's changes of offset are looked for; before and after, the offset of their ends holds.
const YEARS: (i32, i32) = (2000, 2060);

/// The number of 1 January 1970 among days that chrono counts from the year 1.
const EPOCH: i32 = 719_163;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    Day,
    /// Monday to Sunday, numbered by ISO 8601.
    Week,
    Month,
}

impl Period {
    pub const ALL: [Period; 3] = [Period::Day, Period::Week, Period::Month];

    /// As it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Period::Day => "DAY",
            Period::Week => "WEEK",
            Period::Month => "MONTH",
        }
    }

    /// The period that begins and ends with these instants, half-open; none where they are no whole one.
    pub fn whole(zone: Tz, (from, to): (i64, i64)) -> Option<(Period, i64)> {
        if from == i64::MIN || to == i64::MAX || from >= to {
            return None;
        }
        let number = |period: Period, at: i64| period.number(clock::local_day(zone, at));
        Period::ALL.into_iter().find_map(|period| {
            let this = number(period, from);
            let is = this == number(period, to - 1) && this != number(period, from - 1) && this != number(period, to);
            is.then_some((period, this))
        })
    }

    /// The number of the period that an instant (an expression, milliseconds) lies in, as [`Period::number`] counts.
    pub fn sql(self, dialect: Dialect, zone: Tz, at: &str) -> String {
        let local = format!("({at} + {})", offset_sql(zone, at));
        match self {
            Period::Day => format!("({local} / {DAY})"),
            // The first of January 1970 was a Thursday.
            Period::Week => format!("(({local} / {DAY} + 3) / 7)"),
            Period::Month => dialect.month(&format!("({local} / {DAY})")),
        }
    }

    /// The number of the period that a day lies in, by the day's own number; none where there is no such day.
    pub fn of_day(self, day: i64) -> Option<i64> {
        let days = i32::try_from(day).ok().and_then(|day| day.checked_add(EPOCH))?;
        Some(self.number(NaiveDate::from_num_days_from_ce_opt(days)?))
    }

    /// Days and weeks since the epoch; months since the year 0.
    pub fn number(self, day: NaiveDate) -> i64 {
        let days = i64::from(day.num_days_from_ce() - EPOCH);
        match self {
            Period::Day => days,
            Period::Week => (days + 3).div_euclid(7),
            Period::Month => i64::from(day.year()) * 12 + i64::from(day.month0()),
        }
    }

    /// As clients see it: 2022-04-13, 2022-W15, 2022-04.
    pub fn value(self, number: i64) -> String {
        let day =
            |days: i64| i32::try_from(days).ok().and_then(|days| NaiveDate::from_num_days_from_ce_opt(days + EPOCH));
        match self {
            Period::Day => day(number).unwrap_or_default().to_string(),
            Period::Week => day(number * 7 - 3).unwrap_or_default().format("%G-W%V").to_string(),
            Period::Month => format!("{:04}-{:02}", number.div_euclid(12), number.rem_euclid(12) + 1),
        }
    }

    /// Every number from the first to the last.
    pub fn all(self, first: i64, last: i64) -> Result<std::ops::RangeInclusive<i64>> {
        if last - first >= MOST {
            return Err(Error::BadInput(message!(
                "the breakdown would have {count} periods, and {most} are the most: ask for a shorter time, or for longer periods",
                count = last - first + 1,
                most = MOST
            )));
        }
        Ok(first..=last)
    }
}

/// Milliseconds from UTC to local time at an instant, as an expression.
fn offset_sql(zone: Tz, at: &str) -> String {
    let changes = changes(zone);
    let Some(((_, first), rest)) = changes.split_first() else { return "0".to_owned() };
    if rest.is_empty() {
        return first.to_string();
    }
    let mut before = *first;
    let mut cases = String::new();
    for (from, offset) in rest {
        cases += &format!("WHEN {at} < {from} THEN {before} ");
        before = *offset;
    }
    format!("(CASE {cases}ELSE {before} END)")
}

/// Instants from which an offset holds, the earliest first.
fn changes(zone: Tz) -> Vec<(i64, i64)> {
    let start = |year| NaiveDate::from_ymd_opt(year, 1, 1).map_or(0, |day| clock::day_start(zone, day));
    let offset = |at: i64| {
        i64::from(zone.offset_from_utc_datetime(&clock::instant(at).naive_utc()).fix().local_minus_utc()) * 1_000
    };
    let (mut at, end) = (start(YEARS.0), start(YEARS.1));
    let mut found = vec![(at, offset(at))];
    while at < end {
        let next = at + DAY;
        let (was, is) = (offset(at), offset(next));
        if was != is {
            let (mut low, mut high) = (at, next);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if offset(middle) == was { low = middle } else { high = middle }
            }
            found.push((high, is));
        }
        at = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_and_values_belong_together() {
        for (text, week, month) in [
            ("2022-04-13", "2022-W15", "2022-04"),
            ("2021-01-03", "2020-W53", "2021-01"),
            ("2024-12-30", "2025-W01", "2024-12"),
            ("1970-01-01", "1970-W01", "1970-01"),
            ("1969-12-28", "1969-W52", "1969-12"),
        ] {
            for (period, value) in [(Period::Day, text), (Period::Week, week), (Period::Month, month)] {
                assert_eq!(period.value(period.number(day(text))), value);
            }
        }
        assert_eq!(Period::Week.number(day("2022-04-17")) + 1, Period::Week.number(day("2022-04-18")));
    }

    #[test]
    fn a_whole_period_is_known() {
        let zone = Tz::Asia__Ho_Chi_Minh;
        let whole = |from: &str, to: &str| {
            let found = Period::whole(zone, (clock::day_start(zone, day(from)), clock::day_start(zone, day(to))));
            found.map(|(period, number)| period.value(number))
        };
        assert_eq!(whole("2022-04-01", "2022-05-01").as_deref(), Some("2022-04"));
        assert_eq!(whole("2022-04-11", "2022-04-18").as_deref(), Some("2022-W15"));
        assert_eq!(whole("2022-04-13", "2022-04-14").as_deref(), Some("2022-04-13"));
        for (from, to) in [("2022-04-01", "2022-04-30"), ("2022-04-12", "2022-04-19"), ("2022-04-01", "2022-06-01")] {
            assert_eq!(whole(from, to), None);
        }
        assert_eq!(Period::whole(zone, (i64::MIN, i64::MAX)), None);
    }

    #[test]
    fn a_zone_has_its_changes_and_most_have_one_offset() {
        assert_eq!(changes(Tz::Asia__Ho_Chi_Minh).len(), 1);
        assert_eq!(offset_sql(Tz::Asia__Ho_Chi_Minh, "at"), "25200000");
        let paris = changes(Tz::Europe__Paris);
        assert!(paris.len() > 100 && paris[1] == (954_032_400_000, 7_200_000), "{:?}", paris[1]);
    }
}
