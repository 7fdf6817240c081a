//! Which passwords are good enough: long ones that nobody tries first. No rule asks for signs of some kind.

use crate::error::{ErrorCode, UserError};
use crate::text::{self, Message, message};

const SHORTEST: usize = 12;
/// In characters, and four times as many bytes.
const LONGEST: usize = 256;

/// The commonest passwords of this length, and words that with digits behind them make such ones.
const COMMON: &str = include_str!("common.txt");

/// The password in the form in which it is hashed, so that every keyboard writes the same (RFC 8265, OpaqueString): NFC, and
/// spaces of any kind as plain ones. `None`: it holds control characters, or nothing, or is far too long.
pub fn prepared(password: &str) -> Option<String> {
    if password.is_empty() || password.len() > 4 * LONGEST {
        return None;
    }
    let spaced: String = password.chars().map(|c| if c.is_whitespace() && !c.is_control() { ' ' } else { c }).collect();
    (!spaced.contains(char::is_control)).then(|| text::nfc(&spaced))
}

/// A new password in its prepared form, if it is good enough for somebody of these names (e-mail address, phone number).
pub fn check(field: &str, password: &str, names: &[&str]) -> Result<String, UserError> {
    let weak = |message: Message| UserError::new(ErrorCode::PasswordTooWeak, field, message);
    let Some(prepared) = prepared(password) else {
        return Err(weak(message!(
            "a password has {shortest} to {longest} characters, none of them a control character",
            shortest = SHORTEST,
            longest = LONGEST
        )));
    };
    let length = prepared.chars().count();
    if length < SHORTEST {
        return Err(weak(message!(
            "a password has at least {shortest} characters: a few words together are good",
            shortest = SHORTEST
        )));
    }
    if length > LONGEST {
        return Err(weak(message!("a password has at most {longest} characters", longest = LONGEST)));
    }
    let plain: String = text::fold(&prepared).split(' ').collect();
    if is_common(&prepared) || is_common(&plain) || is_regular(&prepared) || is_typed_along(&prepared) {
        return Err(weak(message!("this password is one of the first that anybody would try")));
    }
    let lower = text::lower(&prepared);
    if names.iter().any(|name| !name.is_empty() && lower.contains(&text::lower(name))) {
        return Err(weak(message!("a password must not contain one's e-mail address or phone number")));
    }
    Ok(prepared)
}

fn is_common(password: &str) -> bool {
    let lower = text::lower(password);
    let word = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    COMMON.lines().any(|line| match line.strip_suffix('*') {
        Some(base) => base == word,
        None => line == lower,
    })
}

/// One part over and over, or signs that follow each other.
fn is_regular(password: &str) -> bool {
    let signs: Vec<char> = password.chars().collect();
    let repeats = (1..=4).any(|period| signs.iter().zip(signs.iter().skip(period)).all(|(a, b)| a == b));
    let steps: Vec<i64> = signs.windows(2).map(|pair| pair[1] as i64 - pair[0] as i64).collect();
    // 9 is followed by 0.
    let along = |by: i64| steps.iter().all(|step| *step == by || *step == -9 * by);
    repeats || along(1) || along(-1)
}

/// The rows of a keyboard, from the left.
const ROWS: [&str; 4] = ["`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./"];

/// Keys that lie beside each other, forwards or backwards, but for one step in six signs: from one row to another, or to the row's
/// beginning again.
fn is_typed_along(password: &str) -> bool {
    let signs: Vec<char> = text::lower(password).chars().filter(|sign| *sign != ' ').collect();
    let place = |sign: char| ROWS.iter().enumerate().find_map(|(row, keys)| Some((row, keys.find(sign)?)));
    let beside = |pair: &&[char]| match (place(pair[0]), place(pair[1])) {
        (Some((above, from)), Some((row, to))) => above == row && from.abs_diff(to) == 1,
        _ => false,
    };
    let jumps = signs.windows(2).filter(|pair| !beside(pair)).count();
    !signs.is_empty() && jumps * 6 <= signs.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ones_are_good_whatever_they_are_made_of() {
        for good in [
            "correct horse battery",
            "tre già măng mọc lên",
            "zzhqkwmplxaa",
            "qwertyuiop là một hàng phím",
            "we were asleep, poor property",
            "Công đoàn vững mạnh 79!",
            "пароль для союза",
        ] {
            assert!(check("password", good, &["a@example.org"]).is_ok(), "{good}");
        }
    }

    #[test]
    fn short_common_and_regular_ones_are_refused() {
        for bad in [
            "",
            "short",
            "elevenchars",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "123456789012",
            "210987654321",
            "abcdefghijkl",
            "Password1234",
            "matkhau12345",
            "Mật khẩu 12345",
            "qwertyuiop123",
            "qwertyuiopasdf",
            "QwertyuiopAsdfghjkl",
            "poiuytrewqlkjhg",
            "mnbvcxz;lkjhgf",
            "qwerty qwerty",
            "asdfghjkl;'zxcv",
            "line\nbreak in it",
            "congdoan2026!!",
        ] {
            assert!(check("password", bad, &[]).is_err(), "{bad}");
        }
        assert!(check("password", &"x1y2z3".repeat(50), &[]).is_err());
        assert!(check("password", "Lan@Example.org 1", &["lan@example.org", ""]).is_err());
    }

    #[test]
    fn every_keyboard_writes_the_same() {
        let (composed, apart) = (
            "m\u{1ea5}t ng\u{1eef} d\u{e0}i l\u{1eaf}m",
            "ma\u{302}\u{301}t\u{a0}ngu\u{31b}\u{303} da\u{300}i la\u{306}\u{301}m",
        );
        assert_eq!(prepared(composed), prepared(apart));
        assert_ne!(prepared("Mat khau"), prepared("mat khau"));
        assert_eq!(prepared("a\u{0}b"), None);
    }
}
