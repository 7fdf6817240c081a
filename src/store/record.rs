//! Rows as PostgreSQL sends an array of records: all of a statement's rows in one value, read without a look at any of them by the
//! driver, which costs more than the rows do.

use chrono::{Days, NaiveDate};

use super::Lean;
use crate::error::{Error, Result};

/// The fields of a row, one after the other.
pub struct Fields<'r> {
    rest: &'r [u8],
    left: usize,
}

/// Something that a column holds.
pub trait Field: Sized {
    /// `None` where these bytes are none of it; NULL has no bytes.
    fn of(bytes: Option<&[u8]>) -> Option<Self>;
}

/// The rows in the value's order.
pub(super) fn rows<T: Lean>(bytes: &[u8]) -> Result<Vec<T>> {
    let rest = &mut &bytes[..];
    // Dimensions, whether there are nulls, the type of the elements.
    let dimensions = number(rest)?;
    take(rest, 8)?;
    if dimensions == 0 {
        return Ok(Vec::new());
    }
    let length = number(rest)?;
    // Where they begin to count.
    take(rest, 4)?;
    let mut rows = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    for _ in 0..length {
        let record = sized(rest)?.ok_or_else(cut_short)?;
        rows.push(row(record)?);
    }
    Ok(rows)
}

fn row<T: Lean>(record: &[u8]) -> Result<T> {
    let rest = &mut &record[..];
    let left = usize::try_from(number(rest)?).unwrap_or(0);
    T::read(&mut Fields { rest, left })
}

impl Fields<'_> {
    pub fn field<T: Field>(&mut self) -> Result<T> {
        self.left = self.left.checked_sub(1).ok_or_else(cut_short)?;
        // Its type.
        take(&mut self.rest, 4)?;
        let bytes = sized(&mut self.rest)?;
        T::of(bytes).ok_or_else(|| Error::Internal("a column holds something else than was asked for".to_owned()))
    }
}

fn cut_short() -> Error {
    Error::Internal("a row ends too soon".to_owned())
}

fn take<'r>(rest: &mut &'r [u8], count: usize) -> Result<&'r [u8]> {
    let (taken, left) = rest.split_at_checked(count).ok_or_else(cut_short)?;
    *rest = left;
    Ok(taken)
}

fn number(rest: &mut &[u8]) -> Result<i32> {
    let bytes = take(rest, 4)?.try_into().map_err(|_| cut_short())?;
    Ok(i32::from_be_bytes(bytes))
}

/// Bytes behind their length, which is -1 for NULL.
fn sized<'r>(rest: &mut &'r [u8]) -> Result<Option<&'r [u8]>> {
    match usize::try_from(number(rest)?) {
        Ok(length) => take(rest, length).map(Some),
        Err(_) => Ok(None),
    }
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
    use crate::store::lean_row;

    lean_row!(Row { n: i64, text: Option<String>, on: NaiveDate, truth: bool });

    fn field(bytes: Option<&[u8]>) -> Vec<u8> {
        let length = bytes.map_or(-1, |bytes| bytes.len() as i32);
        [&[0, 0, 0, 9][..], &length.to_be_bytes(), bytes.unwrap_or_default()].concat()
    }

    fn array(records: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let mut bytes = [1_i32, 0, 2249, records.len() as i32, 1].map(i32::to_be_bytes).concat();
        for fields in records {
            let record = [(fields.len() as i32).to_be_bytes().to_vec(), fields.concat()].concat();
            bytes.extend((record.len() as i32).to_be_bytes());
            bytes.extend(record);
        }
        bytes
    }

    #[test]
    fn rows_are_read_field_by_field() {
        let one = vec![
            field(Some(&7_i64.to_be_bytes())),
            field(Some("Tổng".as_bytes())),
            field(Some(&(-1_i32).to_be_bytes())),
            field(Some(&[1])),
        ];
        let other = vec![
            field(Some(&5_i32.to_be_bytes())),
            field(None),
            field(Some(&366_i32.to_be_bytes())),
            field(Some(&[0])),
        ];
        let rows: Vec<Row> = rows(&array(&[one, other])).unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row.n, row.text.as_deref(), row.on.to_string(), row.truth)).collect();
        assert_eq!(told, [(7, Some("Tổng"), "1999-12-31".to_owned(), true), (5, None, "2001-01-01".to_owned(), false)]);
        assert!(super::rows::<Row>(&[0_i32, 0, 2249].map(i32::to_be_bytes).concat()).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_row_is_an_error() {
        let good = array(&[vec![
            field(Some(&7_i64.to_be_bytes())),
            field(None),
            field(Some(&0_i32.to_be_bytes())),
            field(Some(&[1])),
        ]]);
        for length in 0..good.len() {
            assert!(rows::<Row>(&good[..length]).is_err(), "{length}");
        }
        let null = array(&[vec![field(None), field(None), field(None), field(None)]]);
        assert!(rows::<Row>(&null).is_err());
        let short = array(&[vec![field(Some(&7_i64.to_be_bytes()))]]);
        assert!(rows::<Row>(&short).is_err());
    }
}
