//! Rows as PostgreSQL sends them, read by places: nobody looks for names or compares types, which costs more than the columns do.
//!
//! Not as one value of many records, though the driver would have less to do then: PostgreSQL frees what it needed for each column only when
//! the whole value has been sent (`record_send`), and 84 rows of 18 columns took it four times as long as the rows one by one.

use chrono::{Days, NaiveDate};
use sqlx::postgres::{PgRow, PgValueFormat};
use sqlx::{Row as _, ValueRef as _};

use crate::error::{Error, Result};

/// The columns of a row, one after the other.
pub struct Fields<'r> {
    row: &'r PgRow,
    next: usize,
}

/// Something that a column holds.
pub trait Field: Sized {
    /// `None` where these bytes are none of it; NULL has no bytes.
    fn of(bytes: Option<&[u8]>) -> Option<Self>;
}

impl Fields<'_> {
    /// Those of the row from this place on.
    pub(super) fn of(row: &PgRow, from: usize) -> Fields<'_> {
        Fields { row, next: from }
    }

    pub fn field<T: Field>(&mut self) -> Result<T> {
        let value = self.row.try_get_raw(self.next).map_err(|_| other("a row ends too soon"))?;
        self.next += 1;
        let bytes = match value.is_null() {
            true => None,
            false if value.format() == PgValueFormat::Binary => Some(value.as_bytes().map_err(|_| unlike())?),
            false => return Err(unlike()),
        };
        T::of(bytes).ok_or_else(unlike)
    }
}

fn unlike() -> Error {
    other("a column holds something else than was asked for")
}

fn other(what: &str) -> Error {
    Error::Internal(what.to_owned())
}

impl Field for i64 {
    fn of(bytes: Option<&[u8]>) -> Option<i64> {
        match bytes? {
            wide @ [_, _, _, _, _, _, _, _] => Some(i64::from_be_bytes(wide.try_into().ok()?)),
            narrow => Some(i64::from(i32::from_be_bytes(narrow.try_into().ok()?))),
        }
    }
}

impl Field for i32 {
    fn of(bytes: Option<&[u8]>) -> Option<i32> {
        i32::try_from(i64::of(bytes)?).ok()
    }
}

impl Field for bool {
    fn of(bytes: Option<&[u8]>) -> Option<bool> {
        match bytes? {
            [byte] => Some(*byte != 0),
            _ => None,
        }
    }
}

impl Field for String {
    fn of(bytes: Option<&[u8]>) -> Option<String> {
        String::from_utf8(bytes?.to_vec()).ok()
    }
}

impl Field for Vec<u8> {
    fn of(bytes: Option<&[u8]>) -> Option<Vec<u8>> {
        Some(bytes?.to_vec())
    }
}

impl Field for NaiveDate {
    fn of(bytes: Option<&[u8]>) -> Option<NaiveDate> {
        let days = i64::from(i32::from_be_bytes(bytes?.try_into().ok()?));
        let epoch = NaiveDate::from_ymd_opt(2000, 1, 1)?;
        let distance = Days::new(days.unsigned_abs());
        if days < 0 { epoch.checked_sub_days(distance) } else { epoch.checked_add_days(distance) }
    }
}

impl<T: Field> Field for Option<T> {
    fn of(bytes: Option<&[u8]>) -> Option<Option<T>> {
        match bytes {
            None => Some(None),
            bytes => T::of(bytes).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_by_what_they_are_to_be() {
        assert_eq!(i64::of(Some(&7_i64.to_be_bytes())), Some(7));
        assert_eq!(i64::of(Some(&(-5_i32).to_be_bytes())), Some(-5));
        assert_eq!(i32::of(Some(&9_i64.to_be_bytes())), Some(9));
        assert_eq!(String::of(Some("Tổng".as_bytes())).as_deref(), Some("Tổng"));
        assert_eq!((bool::of(Some(&[1])), bool::of(Some(&[0]))), (Some(true), Some(false)));
        let day = |days: i32| NaiveDate::of(Some(&days.to_be_bytes())).map(|day| day.to_string());
        assert_eq!((day(-1), day(366)), (Some("1999-12-31".to_owned()), Some("2001-01-01".to_owned())));
        assert_eq!(Option::<i64>::of(None), Some(None));
    }

    #[test]
    fn what_is_something_else_is_nothing() {
        assert_eq!(i64::of(Some(&[1, 2, 3])), None);
        assert_eq!(i32::of(Some(&i64::MAX.to_be_bytes())), None);
        assert_eq!(String::of(Some(&[0xff])), None);
        assert_eq!(bool::of(Some(&[])), None);
        assert_eq!((i64::of(None), String::of(None), bool::of(None), NaiveDate::of(None)), (None, None, None, None));
        assert_eq!(Option::<i64>::of(Some(&[1])), None);
    }
}
