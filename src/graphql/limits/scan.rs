//! A document before a parser sees it: its bytes, tokens, names, and how deep its brackets nest. Parsers recurse, and a stack that
//! overflows ends the process; and they keep far more for each token than the token is long.

use super::refusal::{Limit, Refusal};
use crate::config::Limits;

/// How deep brackets may nest, and selections with their fragments spread out: what the walks behind have room for.
pub const DEEPEST: usize = 60;

/// Bytes of a name.
const LONGEST_NAME: usize = 200;

/// What a document is made of.
#[derive(Default)]
struct Scan {
    tokens: u64,
    depth: usize,
    deepest: usize,
    longest_name: usize,
}

/// `Err` where the document is too much to be parsed. One pass, no recursion.
pub fn scan(limits: &Limits, document: &str) -> Result<(), Refusal> {
    Limit::DocumentBytes.check(document.len() as u64, limits.max_document_bytes)?;
    let scan = Scan::of(document.as_bytes());
    Limit::Tokens.check(scan.tokens, limits.max_tokens)?;
    Limit::Nesting.check(scan.deepest as u64, DEEPEST as u64)?;
    Limit::NameBytes.check(scan.longest_name as u64, LONGEST_NAME as u64)
}

/// As [`scan`], for documents that come together.
pub fn scan_all<'a>(limits: &Limits, documents: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let (mut bytes, mut tokens) = (0, 0);
    for document in documents {
        bytes += document.len() as u64;
        Limit::DocumentBytes.check(bytes, limits.max_document_bytes)?;
        tokens += Scan::of(document.as_bytes()).tokens;
    }
    Limit::Tokens.check(tokens, limits.max_tokens)
}

impl Scan {
    fn of(bytes: &[u8]) -> Scan {
        let mut scan = Scan::default();
        let mut at = 0;
        while at < bytes.len() {
            at = scan.token(bytes, at);
        }
        scan
    }

    /// Reads what begins there; answers where the next begins.
    fn token(&mut self, bytes: &[u8], at: usize) -> usize {
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => return at + 1,
            _ => self.tokens += 1,
        }
        match bytes[at] {
            // A parser works for each comment as for a token.
            b'#' => end_of(bytes, at, |byte| matches!(byte, b'\n' | b'\r')),
            b'{' | b'[' | b'(' => {
                self.depth += 1;
                self.deepest = self.deepest.max(self.depth);
                at + 1
            }
            b'}' | b']' | b')' => {
                self.depth = self.depth.saturating_sub(1);
                at + 1
            }
            b'"' if bytes[at..].starts_with(b"\"\"\"") => end_of_block(bytes, at + 3),
            b'"' => end_of_string(bytes, at + 1),
            b'.' => end_of(bytes, at, |byte| byte != b'.'),
            byte if is_of_word(byte) => {
                let end = end_of(bytes, at, |byte| !is_of_word(byte));
                if !byte.is_ascii_digit() {
                    self.longest_name = self.longest_name.max(end - at);
                }
                end
            }
            _ => at + 1,
        }
    }
}

/// Names and numbers.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn end_of(bytes: &[u8], from: usize, stop: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|byte| stop(*byte)).map_or(bytes.len(), |length| from + length)
}

/// Behind the closing quote, or at the end of the line, where a string ends whether it is closed or not.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && !matches!(bytes[at], b'"' | b'\n' | b'\r') {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// Behind the last of the three closing quotes.
fn end_of_block(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if bytes[at..].starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(document: &str) -> Scan {
        Scan::of(document.as_bytes())
    }

    fn too_deep(document: &str) -> bool {
        scanned(document).deepest > DEEPEST
    }

    #[test]
    fn depth_is_of_brackets_outside_strings_and_comments() {
        let nested = |n: usize| format!("{{ a(x: {}1{}) }}", "[".repeat(n), "]".repeat(n));
        assert!(!too_deep(&nested(DEEPEST - 2)));
        assert!(too_deep(&nested(DEEPEST)));
        let brackets = "[".repeat(500);
        assert!(!too_deep(&format!("{{ a(x: \"{brackets}\\\"{brackets}\") }}")));
        assert!(!too_deep(&format!("{{ a(x: \"\"\"{brackets}\\\"\"\"{brackets}\"\"\") }}")));
        assert!(!too_deep(&format!("# {brackets}\n{{ a }}")));
        assert!(too_deep(&format!("{{ a(x: \"open {brackets}\n {brackets}")));
    }

    #[test]
    fn tokens_are_names_values_and_punctuation() {
        for (document, tokens) in [
            ("", 0),
            (" ,\n# { a }\n", 1),
            ("{ a }", 3),
            ("query Q($x: Int = 12, $y: [A!]) { b: a(x: $x) @skip(if: true) ...F }", 37),
            ("{ a(x: \"b c \\\" d\", y: \"\"\"e \\\"\"\" { f\"\"\") }", 11),
        ] {
            assert_eq!(scanned(document).tokens, tokens, "{document}");
        }
        assert_eq!(scanned("{ abc defgh }").longest_name, 5);
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let limits = Limits { max_document_bytes: 1_000, max_tokens: 100, ..Limits::default() };
        let said = |document: &str| scan(&limits, document).map_err(|refusal| refusal.message.english());
        assert_eq!(said("{ a }"), Ok(()));
        assert!(said(&"#".repeat(1_001)).unwrap_err().contains("1001 bytes"));
        assert!(said(&"a ".repeat(101)).unwrap_err().contains("101 tokens"));
        assert!(said(&"a".repeat(201)).unwrap_err().contains("name of 201 bytes"));
    }
}
