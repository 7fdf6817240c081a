//! Escapes in strings that the parser does not know: characters beyond the basic plane, as pairs of surrogates or as `\u{…}`
//! (specification, section 2.9.4).

use std::borrow::Cow;

/// The document with such escapes written out. What is no character stays, for the parser to refuse.
pub fn plain(document: &str) -> Cow<'_, str> {
    if !document.contains("\\u") {
        return Cow::Borrowed(document);
    }
    let mut written = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' if rest.starts_with("\"\"\"") => block(rest),
            '"' => {
                let end = string(rest);
                write(&rest[..end], &mut written);
                rest = &rest[end..];
                continue;
            }
            other => other.len_utf8(),
        };
        written.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Cow::Owned(written)
}

/// How long the block string is that the text begins with.
fn block(text: &str) -> usize {
    let mut at = 3;
    loop {
        match text[at..].find("\"\"\"") {
            None => return text.len(),
            Some(found) if text[..at + found].ends_with('\\') => at += found + 3,
            Some(found) => return at + found + 3,
        }
    }
}

/// How long the string is that the text begins with; it ends with its line at the latest.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, next) in text.char_indices().skip(1) {
        match next {
            '\n' | '\r' => return at,
            '"' if !escaped => return at + 1,
            _ => escaped = next == '\\' && !escaped,
        }
    }
    text.len()
}

fn write(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        into.push_str(&rest[..at]);
        rest = &rest[at..];
        let (length, character) = read(rest);
        match character {
            Some(character) if !character.is_control() && !matches!(character, '"' | '\\') => into.push(character),
            Some(character) if u32::from(character) <= 0xffff => {
                into.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => into.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    into.push_str(rest);
}

/// The escape that the text begins with: its length, and the character where it is one of these.
fn read(text: &str) -> (usize, Option<char>) {
    let unit = |text: &str| -> Option<u32> {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    };
    if let Some(braced) = text.strip_prefix("\\u{") {
        if let Some((digits, _)) = braced.split_once('}')
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        {
            let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            return (digits.len() + 4, character);
        }
        return (2, None);
    }
    if let (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) = (unit(text), text.get(6..).and_then(unit)) {
        return (12, char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)));
    }
    // Any other escape is the parser's, with the character behind the backslash.
    (1 + text.chars().nth(1).map_or(0, char::len_utf8), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_beyond_the_basic_plane_are_written_out() {
        for (document, expected) in [
            (r#"{ a(x: "\ud83c\udf89 \u{1F600}") }"#, "{ a(x: \"🎉 😀\") }"),
            (r#"{ a(x: "\u{41}\u{00000042}") }"#, r#"{ a(x: "AB") }"#),
            (r#"{ a(x: "\u{22}\u{a}\u{5c}") }"#, r#"{ a(x: "\u0022\u000a\u005c") }"#),
        ] {
            assert_eq!(plain(document), expected);
            assert!(async_graphql::parser::parse_query(plain(document)).is_ok(), "{document}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for document in [
            r#"{ a(x: "\u00e9 \\u{41} \"\u0041\"") }"#,
            r#"{ a(x: "\ud83c") b(x: "\udf89\ud83c") c(x: "\u{110000}") d(x: "\u{}") e(x: "\u{x}") }"#,
            "{ a(x: \"\"\"\\u{41} \\\"\"\" \\ud83c\\udf89\"\"\") } # \\u{41} \"",
            "{ a(x: \"open \\u{41\n\" \\u",
            "\"\\",
            "\"é\\é",
        ] {
            assert_eq!(plain(document), document);
        }
    }
}
