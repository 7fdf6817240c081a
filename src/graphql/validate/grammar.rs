//! What the parser reads though the grammar does not have it: empty brackets, a field of an input object that stands twice, a
//! fragment named `on`.

use std::collections::HashSet;

use crate::text::{Message, message};

/// Brackets that are open; for an input object the names that it has.
enum Open {
    /// The position in the text.
    Round(usize),
    Object(HashSet<String>),
    Other,
}

/// `Err` says what is wrong, with its line. One pass over the text, which the scanner has measured.
pub fn grammar(document: &str) -> Result<(), Message> {
    let bytes = document.as_bytes();
    let mut open: Vec<Open> = Vec::new();
    let (mut at, mut before) = (0, 0);
    let mut word = "";
    while at < bytes.len() {
        let begin = at;
        match bytes[at] {
            b'#' => at = skip(bytes, at, |byte| !matches!(byte, b'\n' | b'\r')),
            b'"' if bytes[at..].starts_with(b"\"\"\"") => at = block(bytes, at + 3),
            b'"' => at = string(bytes, at + 1),
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                at = skip(bytes, at, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if word == "fragment" && &document[begin..at] == "on" {
                    return Err(message!("line {line}: no fragment can be named \"on\"", line = line(document, begin)));
                }
                word = &document[begin..at];
                before = begin;
                continue;
            }
            byte => {
                at += 1;
                match byte {
                    b'(' => open.push(Open::Round(at)),
                    // Inside round brackets braces hold an input object, elsewhere selections.
                    b'{' if open.iter().any(|open| matches!(open, Open::Round(_))) => {
                        open.push(Open::Object(HashSet::new()))
                    }
                    b'{' | b'[' => open.push(Open::Other),
                    b')' | b'}' | b']' => {
                        if let Some(Open::Round(from)) = open.pop()
                            && blank(&document[from..begin])
                        {
                            return Err(message!(
                                "line {line}: these brackets are empty",
                                line = line(document, begin)
                            ));
                        }
                    }
                    b':' if !word.is_empty() => {
                        if let Some(Open::Object(names)) = open.last_mut()
                            && !names.insert(word.to_owned())
                        {
                            return Err(message!(
                                "line {line}: the input object has the field \"{name}\" twice",
                                line = line(document, before),
                                name = crate::error::clip(word)
                            ));
                        }
                    }
                    _ => {}
                }
            }
        }
        if !bytes[begin].is_ascii_whitespace() && !matches!(bytes[begin], b',' | b'#') {
            word = "";
        }
    }
    Ok(())
}

/// Whether there is nothing but what the grammar ignores.
fn blank(text: &str) -> bool {
    text.lines().all(|line| {
        let said = line.split_once('#').map_or(line, |(said, _)| said);
        said.chars().all(|character| character.is_whitespace() || matches!(character, ',' | '\u{feff}'))
    })
}

fn line(document: &str, at: usize) -> usize {
    1 + document.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count()
}

fn skip(bytes: &[u8], from: usize, goes_on: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|byte| !goes_on(*byte)).map_or(bytes.len(), |length| from + length)
}

fn string(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && !matches!(bytes[at], b'"' | b'\n' | b'\r') {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

fn block(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if bytes[at..].starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(document: &str) -> Option<String> {
        grammar(document).err().map(|message| message.english())
    }

    #[test]
    fn what_the_grammar_does_not_have_is_refused_with_its_line() {
        for (document, line) in [
            ("query Q() { a }", "line 1"),
            ("{\n a( , # x\n ) { b } }", "line 3"),
            ("{ a(x: {\n b: 1, c: [{ b: 2 }]\n b: 3 }) }", "line 3"),
            ("query($x: In = { a: 1 a : 2 }) { b }", "line 1"),
            ("{ ...on }\nfragment on on A { b }", "line 2"),
        ] {
            assert!(said(document).is_some_and(|said| said.starts_with(line)), "{document}: {:?}", said(document));
        }
    }

    #[test]
    fn what_it_has_passes() {
        for document in [
            "{ a { b } b: a { b } }",
            "{ a(x: { b: 1, c: { b: 2 }, d: [{ b: 1 }, { b: 1 }] }) c(x: { b: 1 }) }",
            "{ a(x: \"() { b: 1 b: 2 }\", y: \"\"\"()\"\"\") } # ()",
            "fragment F on A { b } { ... on A { b } ...F }",
            "{ a(x: {}) @skip(if: true) }",
            "\"\\",
            "",
        ] {
            assert_eq!(said(document), None, "{document}");
        }
    }
}
