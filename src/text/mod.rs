//! Text as it is stored, searched and sorted: NFC, folded, and in Vietnamese order.

use std::sync::OnceLock;

use icu_collator::CollatorBorrowed;
use icu_collator::options::{CollatorOptions, Strength};
use icu_locale_core::locale;
use icu_properties::CodePointSetData;
use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint, NoncharacterCodePoint};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::error::{ErrorCode, UserError};

mod language;
mod message;

pub use language::Language;
pub(crate) use message::message;
pub use message::{Argument, Message, fits};

/// NFC, the form in which all text is stored.
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// Lower case with diacritics, NFC: what an exact match compares.
pub fn lower(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// The words as they are spelled: lower case with diacritics, one space between them and none around.
pub fn spelled(text: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let spaced: String = lower(text).chars().map(|c| if word(c) { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lower case without diacritics, đ = d, one space between words and none around: what a search compares.
pub fn fold(text: &str) -> String {
    let bare: String = text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Bytes whose plain order is the Vietnamese order of the texts (ma mà mả mã má mạ, đ after d), by CLDR's tailoring.
pub fn sort_key(text: &str) -> Vec<u8> {
    static COLLATOR: OnceLock<Option<CollatorBorrowed<'static>>> = OnceLock::new();
    let collator = COLLATOR.get_or_init(|| {
        let mut options = CollatorOptions::default();
        options.strength = Some(Strength::Tertiary);
        CollatorBorrowed::try_new(locale!("vi").into(), options).ok()
    });
    let mut key = Vec::with_capacity(text.len() * 2);
    match collator {
        Some(collator) => {
            let Ok(()) = collator.write_sort_key_to(&nfc(text), &mut key);
        }
        // The tables are compiled in; without them the order would be that of code points.
        None => key.extend_from_slice(nfc(text).as_bytes()),
    }
    key
}

/// A pattern for `LIKE … ESCAPE '\'` that finds the text itself anywhere.
pub fn like_anywhere(text: &str) -> String {
    format!("%{}%", escape_like(text))
}

/// A pattern that finds a word beginning with the text, in a folded text with a space before it.
pub fn like_word(text: &str) -> String {
    format!("% {}%", escape_like(text))
}

fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// One line of text: trimmed, NFC, 1 to `max` characters of which one shows, no control characters: none of ASCII's, none that
/// turns the direction of writing around, and nothing that is no character.
pub fn line(field: &str, text: &str, max: usize) -> Result<String, UserError> {
    parse(field, text, max, |c| c.is_control())
}

/// Text of several lines: as [`line`], with line breaks and tabs.
pub fn paragraph(field: &str, text: &str, max: usize) -> Result<String, UserError> {
    parse(field, text, max, |c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Optional text: blank is none.
pub fn optional(field: &str, text: Option<&str>, max: usize) -> Result<Option<String>, UserError> {
    match text {
        Some(text) if shows(text) => paragraph(field, text, max).map(Some),
        _ => Ok(None),
    }
}

/// A code: 1 to 40 letters, digits, `-`, `_` or `.`, ASCII, beginning with a letter or digit.
pub fn code(field: &str, text: &str) -> Result<String, UserError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(UserError::new(ErrorCode::Required, field, message!("{field} is empty", field)));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.len() > 40 {
        return Err(UserError::new(
            ErrorCode::TooLong,
            field,
            message!("{field} is longer than {max} characters", field, max = 40),
        ));
    }
    if !text.chars().all(plain) || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        let message = message!(
            "{field} may have only letters (without diacritics), digits, '-', '_' and '.', beginning with a letter or digit",
            field
        );
        return Err(UserError::new(ErrorCode::Invalid, field, message));
    }
    Ok(text.to_owned())
}

/// Whether anything of the text can be seen.
fn shows(text: &str) -> bool {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    text.chars().any(|c| !c.is_whitespace() && !ignorable.contains(c))
}

/// Whether the character makes a text look like another one.
fn deceives(c: char) -> bool {
    CodePointSetData::new::<BidiControl>().contains(c) || CodePointSetData::new::<NoncharacterCodePoint>().contains(c)
}

fn parse(field: &str, text: &str, max: usize, bad: impl Fn(char) -> bool) -> Result<String, UserError> {
    let text = nfc(text.trim());
    if !shows(&text) {
        return Err(UserError::new(ErrorCode::Required, field, message!("{field} is empty", field)));
    }
    if text.chars().count() > max {
        return Err(UserError::new(
            ErrorCode::TooLong,
            field,
            message!("{field} is longer than {max} characters", field, max),
        ));
    }
    if let Some(c) = text.chars().find(|c| bad(*c) || deceives(*c)) {
        let code = format!("U+{:04X}", c as u32);
        let message = message!("{field} has the control character {code}: take it out", field, code);
        return Err(UserError::new(ErrorCode::Invalid, field, message));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_order_puts_tones_and_letters_right() {
        let sorted = ["da", "đa", "e", "ma", "mà", "mả", "mã", "má", "mạ", "na"];
        let mut shuffled = sorted;
        shuffled.reverse();
        shuffled.sort_by_key(|name| sort_key(name));
        assert_eq!(shuffled, sorted);
    }

    #[test]
    fn every_form_of_a_name_folds_alike() {
        for form in ["Hà Nội", "HÀ NỘI", "ha noi", "Ha\u{300} No\u{323}\u{302}i", "  hà   nội "] {
            assert_eq!(fold(form), "ha noi");
        }
        assert_eq!(fold("Đức Hoà"), "duc hoa");
        assert_eq!(lower("Ha\u{300} N\u{1ed8}I"), "hà nội");
    }

    #[test]
    fn control_characters_and_lengths_are_refused() {
        assert_eq!(line("name", "a\0b", 10).unwrap_err().code, ErrorCode::Invalid);
        assert_eq!(line("name", "  ", 10).unwrap_err().code, ErrorCode::Required);
        assert_eq!(line("name", "ăăăăă", 4).unwrap_err().code, ErrorCode::TooLong);
        assert_eq!(line("name", " Ha\u{300} ", 2).unwrap(), "Hà");
        for unseen in ["\u{200b}", "\u{feff}", "\u{3164}", " \u{200d}\u{a0}"] {
            assert_eq!(line("name", unseen, 10).unwrap_err().code, ErrorCode::Required, "{unseen:?}");
            assert_eq!(optional("name", Some(unseen), 10), Ok(None));
        }
        for deceiving in ["a\u{202e}b", "a\u{2066}b", "a\u{ffff}b"] {
            assert_eq!(line("name", deceiving, 10).unwrap_err().code, ErrorCode::Invalid, "{deceiving:?}");
        }
        assert_eq!(line("name", "👩\u{200d}🏭", 10).unwrap(), "👩\u{200d}🏭");
        assert_eq!(code("code", "a b").unwrap_err().code, ErrorCode::Invalid);
    }
}
