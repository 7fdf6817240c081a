//! The scalars that GraphQL does not have.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as ChronoDateTime, Days, FixedOffset, NaiveDate, Offset, SecondsFormat, Timelike};
use chrono_tz::Tz;

use crate::clock;

/// A whole number of up to 64 bits as a decimal string: VND, or a count. Accepted as a string or as an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BigInt(pub i64);

/// A whole number of up to 64 bits as a decimal string: VND, or a count. Accepted as a string or as an integer.
#[Scalar(name = "BigInt", specified_by_url = "https://www.w3.org/TR/xmlschema11-2/#long")]
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = match &value {
            Value::String(text) if plain(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        let message = "a BigInt is a whole number from -2^63 to 2^63-1, as a decimal string or an integer";
        number.map(BigInt).ok_or_else(|| InputValueError::custom(message))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// Digits with at most a minus before them.
fn plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// A local day, such as 2022-04-13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A local day, such as 2022-04-13.
#[Scalar(name = "Date", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let day = match &value {
            // The parser takes signs and short months too; only what prints as it was written is a day as RFC 3339 has it.
            Value::String(text) => text.parse().ok().filter(|day: &NaiveDate| day.to_string() == *text),
            _ => None,
        };
        // Years of more than four digits, and before the first, are no days of a programme.
        let day = day.filter(|day| (1..=9999).contains(&chrono::Datelike::year(day)));
        day.map(Date).ok_or_else(|| InputValueError::custom("a Date is a day such as \"2022-04-13\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant in RFC 3339 with offset and milliseconds, such as 2022-04-13T07:00:00.000+07:00.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateTime(String);

impl DateTime {
    /// Milliseconds since the epoch, shown in the time zone; in UTC where the zone went by seconds then, as all did before 1900 or so,
    /// for which an offset has no room.
    pub fn new(zone: Tz, at: i64) -> DateTime {
        let (at, millis) = (clock::instant(at), SecondsFormat::Millis);
        let local = at.with_timezone(&zone);
        DateTime(match local.offset().fix().local_minus_utc() % 60 {
            0 => local.to_rfc3339_opts(millis, false),
            _ => at.to_rfc3339_opts(millis, false),
        })
    }

    /// Milliseconds since the epoch, the next whole one where there is a fraction of one; whatever the type was made of is an
    /// instant.
    pub fn millis(&self) -> i64 {
        read_instant(&self.0).map_or(0, |at| at.timestamp_millis() + i64::from(at.nanosecond() % 1_000_000 != 0))
    }
}

/// RFC 3339, and 24:00:00 for the end of a day.
fn read_instant(text: &str) -> Option<ChronoDateTime<FixedOffset>> {
    if let Ok(at) = ChronoDateTime::parse_from_rfc3339(text) {
        return Some(at);
    }
    let (day, rest) = (text.get(..10)?, text.get(10..)?);
    let end = rest.strip_prefix("T24:00:00").or_else(|| rest.strip_prefix("t24:00:00"))?;
    let zone = end.strip_prefix('.').map_or(end, |fraction| fraction.trim_start_matches('0'));
    let at = ChronoDateTime::parse_from_rfc3339(&format!("{day}T00:00:00{zone}")).ok()?;
    at.checked_add_days(Days::new(1))
}

/// An instant in RFC 3339 with offset and milliseconds, such as 2022-04-13T07:00:00.000+07:00.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if read_instant(text).is_some() => Ok(DateTime(text.clone())),
            _ => Err(InputValueError::custom(
                "a DateTime is a day that exists, a time, and an offset, such as \"2022-04-13T07:00:00.000+07:00\"",
            )),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}
