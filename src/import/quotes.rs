//! Quotation marks. The CSV reader makes of wrong ones what it can, and of a missing one a cell that swallows the rest of the
//! file; here nothing is guessed.

use super::fault::Fault;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the first character of a cell.
    Start,
    /// In a cell without quotation marks.
    Plain,
    /// Between quotation marks.
    Quoted,
    /// Behind a quotation mark that ends the cell or is half of a doubled one.
    Closed,
}

/// What is wrong with the quotation marks of a text.
pub fn faults(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (mut place, mut line, mut opened) = (Place::Start, 1, 0);
    for byte in text.bytes() {
        place = match (place, byte) {
            (Place::Quoted, b'"') => Place::Closed,
            (Place::Quoted, _) => Place::Quoted,
            (Place::Closed, b'"') => Place::Quoted,
            (_, b',' | b'\n' | b'\r') => Place::Start,
            (Place::Start, b'"') => {
                opened = line;
                Place::Quoted
            }
            (Place::Closed, _) => {
                faults.push(Fault::of_line(
                    line,
                    "text follows the quotation mark that ends a cell; double a mark inside one",
                ));
                Place::Plain
            }
            (Place::Plain, b'"') => {
                let reason =
                    "a quotation mark inside a cell: put the whole cell into quotation marks and double this one";
                faults.push(Fault::of_line(line, reason));
                Place::Plain
            }
            (Place::Start | Place::Plain, _) => Place::Plain,
        };
        line += u64::from(byte == b'\n');
    }
    if place == Place::Quoted {
        faults.push(Fault::of_line(opened, "the quotation mark that begins a cell here is never closed"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<u64> {
        faults(text).iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn right_ones_pass() {
        for text in ["", "a,b\n1,2\n", "a\n\"x, \"\"y\"\"\nz\"\n", "\"a\",\"\"\r\n", "a,\"\"\"\"\n"] {
            assert!(faults(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn wrong_ones_are_found_on_their_lines() {
        assert_eq!(lines("a,b\n1,2\n3,\"4\n5,6\n"), [3]);
        assert_eq!(lines("a\nx\"y\n"), [2]);
        assert_eq!(lines("a\n\"x\"y\nz\n\"w\"v\n"), [2, 4]);
        assert_eq!(lines("a\n\"two\nlines\"\nx\"\n"), [4]);
    }
}
