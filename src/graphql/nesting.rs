//! How deep a document nests, before a parser sees it: parsers recurse, and a stack that overflows ends the process.

/// Far more than any screen needs: the explorer's own introspection nests 15 deep.
pub const DEEPEST: usize = 60;

/// Whether brackets of any kind nest deeper than [`DEEPEST`], strings and comments left out. One pass, no recursion.
pub fn too_deep(document: &str) -> bool {
    let bytes = document.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' | b'(' => {
                depth += 1;
                if depth > DEEPEST {
                    return true;
                }
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => at = end_of(bytes, at, |rest| rest[0] == b'\n' || rest[0] == b'\r'),
            b'"' if bytes[at..].starts_with(b"\"\"\"") => at = end_of_block(bytes, at + 3),
            b'"' => at = end_of_string(bytes, at + 1),
            _ => {}
        }
        at += 1;
    }
    false
}

fn end_of(bytes: &[u8], from: usize, stop: impl Fn(&[u8]) -> bool) -> usize {
    (from..bytes.len()).find(|at| stop(&bytes[*at..])).unwrap_or(bytes.len())
}

/// The closing quote, or the end of the line, where a string ends whether it is closed or not.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && !matches!(bytes[at], b'"' | b'\n' | b'\r') {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}

/// The last of the three closing quotes.
fn end_of_block(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if bytes[at..].starts_with(b"\"\"\"") {
            return at + 2;
        } else {
            at += 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
