//! Reading a CSV file: UTF-8, commas, a header, and as many cells on every line as the header has.

use std::path::Path;

use csv::StringRecord;

use super::fault::{Fault, Faults, Refused};
use super::quotes;

/// A column that is looked for, by any of its names; the first is what messages call it.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub names: &'static [&'static str],
    pub required: bool,
}

/// One that must be there.
pub const fn need(names: &'static [&'static str]) -> Column {
    Column { names, required: true }
}

/// One that may be there.
pub const fn may(names: &'static [&'static str]) -> Column {
    Column { names, required: false }
}

/// A file whose form is right.
pub struct Sheet {
    columns: &'static [Column],
    /// Where each of the columns stands in the file.
    places: Vec<Option<usize>>,
    /// Columns that mean nothing here.
    pub ignored: Vec<String>,
    records: Vec<(u64, StringRecord)>,
}

/// A line of it.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    sheet: &'a Sheet,
    /// Its number, the header being 1.
    pub number: u64,
    record: &'a StringRecord,
}

impl Sheet {
    pub fn read(path: &Path, columns: &'static [Column]) -> Result<Sheet, Refused> {
        let bytes =
            std::fs::read(path).map_err(|error| Fault::of_file(format!("cannot read {}: {error}", path.display())))?;
        Sheet::parse(&bytes, columns)
    }

    pub fn parse(bytes: &[u8], columns: &'static [Column]) -> Result<Sheet, Refused> {
        let text = decode(bytes)?;
        let wrong = quotes::faults(text);
        if !wrong.is_empty() {
            return Err(Refused::Faults(wrong));
        }
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().map_err(unreadable)?.clone();
        let mut sheet = Sheet::of_header(&header, columns)?;
        let mut faults = Faults::default();
        let mut count = Count { bytes: text.as_bytes(), at: 0, line: 1 };
        for record in reader.into_records() {
            let record = record.map_err(unreadable)?;
            let line = count.line_at(record.position().map_or(0, csv::Position::byte));
            if record.len() != header.len() {
                let (has, wanted) = (record.len(), header.len());
                faults.push(Fault::of_line(line, format!("{has} cells, but the header has {wanted} columns")));
            }
            sheet.records.push((line, record));
        }
        if sheet.records.is_empty() {
            faults.push(Fault::of_file("the file has a header and no lines"));
        }
        faults.finish()?;
        Ok(sheet)
    }

    fn of_header(header: &StringRecord, columns: &'static [Column]) -> Result<Sheet, Refused> {
        // Spreadsheets like capitals.
        let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut faults = Faults::default();
        for (i, name) in names.iter().enumerate() {
            // Spreadsheets leave empty columns at the end.
            if !name.is_empty() && names[..i].contains(name) {
                faults.push(Fault::of_line(1, format!("the header has the column \"{name}\" twice")));
            }
        }
        let places = columns.iter().map(|column| {
            let found: Vec<usize> = (0..names.len()).filter(|i| column.names.contains(&names[*i])).collect();
            match found.as_slice() {
                [] if column.required => {
                    let name = column.names.join(" or ");
                    faults.push(Fault::of_line(1, format!("the header has no column {name}")));
                    None
                }
                [first, second, ..] if names[*first] != names[*second] => {
                    let (one, other) = (names[*first], names[*second]);
                    faults.push(Fault::of_line(1, format!("the columns {one} and {other} mean the same: keep one")));
                    None
                }
                found => found.first().copied(),
            }
        });
        let places: Vec<Option<usize>> = places.collect();
        if let ([only], true) = (names.as_slice(), faults.any()) {
            let separator = [';', '\t'].into_iter().find(|separator| only.contains(*separator));
            if let Some(separator) = separator {
                let reason = format!("the columns are separated by {separator:?}: save the file with commas");
                return Err(Fault::of_line(1, reason).into());
            }
        }
        faults.finish()?;
        let known = |name: &&str| columns.iter().any(|column| column.names.contains(name));
        let ignored =
            names.iter().filter(|name| !name.is_empty() && !known(name)).map(|name| (*name).to_owned()).collect();
        Ok(Sheet { columns, places, ignored, records: Vec::new() })
    }

    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.records.iter().map(|(number, record)| Line { sheet: self, number: *number, record })
    }

    /// Whether the file has the column.
    pub fn has(&self, column: usize) -> bool {
        self.places[column].is_some()
    }
}

impl<'a> Line<'a> {
    /// What stands in the column, without spaces around it; empty where the file has no such column.
    pub fn cell(&self, column: usize) -> &'a str {
        self.sheet.places[column].and_then(|place| self.record.get(place)).unwrap_or_default().trim()
    }

    /// The same, empty being none.
    pub fn given(&self, column: usize) -> Option<&'a str> {
        Some(self.cell(column)).filter(|cell| !cell.is_empty())
    }

    /// What messages call the column.
    pub fn name(&self, column: usize) -> &'static str {
        self.sheet.columns[column].names[0]
    }
}

/// Counts lines. The reader's own count lags behind where lines end with CR and LF, and at empty lines.
struct Count<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Count<'_> {
    /// The line of a record whose bytes begin there or after some line ends.
    fn line_at(&mut self, byte: u64) -> u64 {
        let begin = usize::try_from(byte).unwrap_or(usize::MAX).clamp(self.at, self.bytes.len());
        let ends = self.bytes[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = &self.bytes[self.at..begin + ends];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = begin + ends;
        self.line
    }
}

/// The text, without a byte order mark.
fn decode(bytes: &[u8]) -> Result<&str, Refused> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(Fault::of_file("the file is UTF-16: save it as CSV in UTF-8").into());
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut faults = Faults::default();
    let mut number = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        number += 1;
        if line.contains(&0) {
            faults.push(Fault::of_line(number, "a NUL character: take it out"));
        } else if std::str::from_utf8(line).is_err() {
            faults.push(Fault::of_line(number, "this is not UTF-8: save the file as CSV in UTF-8"));
        }
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        faults.push(Fault::of_file("the file is empty: it needs a header and lines"));
    }
    faults.finish()?;
    std::str::from_utf8(bytes).map_err(|error| Fault::of_file(format!("this is not UTF-8: {error}")).into())
}

fn unreadable(error: csv::Error) -> Refused {
    Fault::of_file(format!("this cannot be read as CSV: {error}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[need(&["code"]), need(&["name", "name_vi"]), may(&["bloc"])];

    fn faults(bytes: &[u8]) -> Vec<String> {
        match Sheet::parse(bytes, COLUMNS) {
            Err(Refused::Faults(faults)) => faults.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn columns_are_found_by_any_of_their_names_in_any_order() {
        let sheet = Sheet::parse("\u{feff}name_vi,note,code\r\n\" Hà, Nội \",x,P01\r\n\r\nB,,P02".as_bytes(), COLUMNS);
        let sheet = sheet.ok().unwrap();
        let lines: Vec<_> =
            sheet.lines().map(|line| (line.number, line.cell(0), line.cell(1), line.given(2))).collect();
        assert_eq!(lines, [(2, "P01", "Hà, Nội", None), (4, "P02", "B", None)]);
        assert_eq!(sheet.ignored, ["note"]);
        assert!(sheet.has(1) && !sheet.has(2));
    }

    #[test]
    fn lines_that_are_too_short_or_too_long_are_named() {
        let found = faults(b"code,name\nA,1\nB\nC,1,2\nD,\"a\nb\"\nE\n");
        let say = |line, n| format!("line {line}: {n} cells, but the header has 2 columns");
        assert_eq!(found, [say(3, 1), say(4, 3), say(7, 1)]);
    }

    #[test]
    fn headers_are_checked() {
        assert_eq!(faults(b"code\nA\n"), ["line 1: the header has no column name or name_vi"]);
        assert_eq!(faults(b"code,name,code\nA,1,B\n"), ["line 1: the header has the column \"code\" twice"]);
        assert_eq!(
            faults(b"code,name,name_vi\nA,1,1\n"),
            ["line 1: the columns name and name_vi mean the same: keep one"]
        );
        assert_eq!(
            faults(b"code;name\nA;1\n"),
            ["line 1: the columns are separated by ';': save the file with commas"]
        );
        assert_eq!(faults(b"code,name\n"), ["the file has a header and no lines"]);
        assert_eq!(faults(b" \n"), ["the file is empty: it needs a header and lines"]);
    }

    #[test]
    fn wrong_bytes_are_named_with_their_lines() {
        assert_eq!(faults(b"code,name\nA,\xC0\nB,x\0y\n").len(), 2);
        assert!(faults(b"code,name\nA,\xC0\n")[0].starts_with("line 2: this is not UTF-8"));
        assert_eq!(faults(b"code,name\nB,x\0y\n"), ["line 2: a NUL character: take it out"]);
        assert!(faults(b"\xFF\xFEc\0o\0")[0].contains("UTF-16"));
        assert!(faults(b"code,name\nA,\"x\nB,y\n")[0].starts_with("line 2: the quotation mark"));
    }
}
