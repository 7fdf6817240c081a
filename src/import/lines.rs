//! Values in cells.

use chrono::{Datelike, NaiveDate};
use sea_orm::{ActiveEnum, Iterable};

use super::fault::Faults;
use crate::error::{self, Error};

/// A day such as 2022-04-13.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let day = text.parse().ok().filter(|day: &NaiveDate| (1..=9999).contains(&day.year()));
    day.ok_or_else(|| format!("\"{}\" is not a day such as 2022-04-13", error::clip(text)))
}

/// A whole number, without separators.
pub fn whole(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("\"{}\" is not a whole number such as 1200000", error::clip(text)))
}

pub fn truth(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "" | "false" => Ok(false),
        "true" => Ok(true),
        _ => Err(format!("\"{}\" is neither true nor false", error::clip(text))),
    }
}

/// One of an enumeration's names.
pub fn named<E: ActiveEnum<Value = String> + Iterable>(text: &str) -> Result<E, String> {
    E::try_from_value(&text.to_owned()).map_err(|_| {
        let known: Vec<String> = E::iter().map(|value| value.to_value()).collect();
        format!("\"{}\" is not one of {}", error::clip(text), known.join(", "))
    })
}

/// Notes what a rule of the domain finds wrong with a line, and answers whether it found nothing. `column` says which column
/// stands for a field of the API.
pub fn note(faults: &mut Faults, line: u64, found: error::Faults, column: impl Fn(&str) -> &'static str) -> bool {
    let Err(Error::User(errors)) = found.finish() else { return true };
    for error in errors {
        let field = error.field.first().map_or("", String::as_str);
        faults.add(line, column(field), error.message.english());
    }
    false
}

#[cfg(test)]
mod tests {
    use entity::enums::Bound;

    use super::*;

    #[test]
    fn values_are_read_strictly() {
        assert_eq!(day("2022-04-13").unwrap().to_string(), "2022-04-13");
        assert!(day("13/04/2022").is_err() && day("2022-02-30").is_err() && day("+12022-01-01").is_err());
        assert_eq!(whole("12"), Ok(12));
        assert!(whole("1.000").is_err() && whole("1e3").is_err() && whole("99999999999999999999").is_err());
        assert_eq!((truth("TRUE"), truth("")), (Ok(true), Ok(false)));
        assert!(truth("yes").is_err());
        assert_eq!(named::<Bound>("AT_LEAST"), Ok(Bound::AtLeast));
        assert_eq!(named::<Bound>("least"), Err("\"least\" is not one of EXACT, AT_LEAST".to_owned()));
    }
}
