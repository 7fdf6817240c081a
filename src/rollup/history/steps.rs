//! What changed of a cell between two marks, instant by instant, as bytes beside the later mark's row. So what the cell held at any
//! instant between them is the row less the steps from there on. Pure.
//!
//! The latest step comes first. Each is how many milliseconds it lies before the one that was told before it (the first: before the
//! mark), which columns change, as bits, and by how much each; all as numbers of seven bits a byte, the lowest first.

use crate::error::{Error, Result};
use crate::ledger::{Tally, out_of_range};

/// Of a tally, and distinct persons.
const COLUMNS: usize = Tally::COLUMNS.len() + 1;

/// What changed at an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub at: i64,
    pub tally: Tally,
    /// Distinct persons more or fewer.
    pub persons: i64,
}

impl Step {
    /// Whether nothing changed after all.
    pub fn is_zero(&self) -> bool {
        self.tally.is_zero() && self.persons == 0
    }

    fn words(&self) -> [i64; COLUMNS] {
        let mut words = [0; COLUMNS];
        words[..COLUMNS - 1].copy_from_slice(&self.tally.words());
        words[COLUMNS - 1] = self.persons;
        words
    }
}

/// Steps in the order of time, each before the mark.
pub fn written(mark: i64, steps: &[Step]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(steps.len() * 16);
    let mut after = mark;
    for step in steps.iter().rev() {
        put(&mut bytes, after.wrapping_sub(step.at).cast_unsigned());
        after = step.at;
        let words = step.words();
        let which = words.iter().enumerate().filter(|(_, word)| **word != 0);
        put(&mut bytes, which.fold(0, |bits, (column, _)| bits | 1 << column));
        for word in words.into_iter().filter(|word| *word != 0) {
            // Small numbers are short, whichever their sign.
            put(&mut bytes, ((word << 1) ^ (word >> 63)).cast_unsigned());
        }
    }
    bytes
}

/// The steps of a row at the mark, the latest first.
pub fn read(mark: i64, bytes: &[u8]) -> impl Iterator<Item = Result<Step>> {
    let (mut rest, mut after) = (bytes, mark);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let step = take_step(&mut rest, &mut after).ok_or_else(unreadable);
        if step.is_err() {
            rest = &[];
        }
        Some(step)
    })
}

/// What the cell held at an instant before the mark, given what it held there and the row's steps.
pub fn before(at: i64, mark: i64, (tally, persons): (Tally, i64), steps: &[u8]) -> Result<(Tally, i64)> {
    let mut held = (tally, persons);
    for step in read(mark, steps) {
        let step = step?;
        if step.at < at {
            break;
        }
        held.0 = held.0.plus(step.tally.negated()).ok_or_else(out_of_range)?;
        held.1 = held.1.checked_sub(step.persons).ok_or_else(out_of_range)?;
    }
    Ok(held)
}

fn put(bytes: &mut Vec<u8>, mut word: u64) {
    while word >= 0x80 {
        bytes.push(word.to_le_bytes()[0] | 0x80);
        word >>= 7;
    }
    bytes.push(word.to_le_bytes()[0]);
}

fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut word = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        let part = u64::from(byte & 0x7f);
        if (part << shift) >> shift != part {
            return None;
        }
        word |= part << shift;
        if byte & 0x80 == 0 {
            return Some(word);
        }
    }
    None
}

fn take_step(rest: &mut &[u8], after: &mut i64) -> Option<Step> {
    *after = after.wrapping_sub(take(rest)?.cast_signed());
    let which = take(rest)?;
    if which >= 1 << COLUMNS {
        return None;
    }
    let mut words = [0; COLUMNS];
    for (column, word) in words.iter_mut().enumerate() {
        if which & (1 << column) != 0 {
            let folded = take(rest)?;
            *word = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
        }
    }
    let (tally, persons) = words.split_at(COLUMNS - 1);
    Some(Step { at: *after, tally: Tally::from_words(tally.try_into().ok()?), persons: *persons.first()? })
}

fn unreadable() -> Error {
    Error::Internal("a row of history has steps that cannot be read: `banyan check --repair` builds it anew".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(at: i64, words: [i64; COLUMNS - 1], persons: i64) -> Step {
        Step { at, tally: Tally::from_words(words), persons }
    }

    fn some() -> [Step; 4] {
        [
            step(-7, [0, 1, -1, 0, 0, i64::MIN, i64::MAX, 0, 0, 0, 0, 1], -1),
            step(5, [0; COLUMNS - 1], 300),
            step(900, [1, 0, 0, 0, 0, 150_000_000, 0, 0, 0, 0, 0, 0], 0),
            step(1_650_000_000_000, [-1, 0, 1, 0, 0, -150_000_000, 0, 150_000_000, 149_999_999, 0, 0, 0], 2),
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        for steps in [&[][..], &some()[1..2], &some()] {
            for mark in [1_650_000_000_001, i64::MAX] {
                let read: Vec<Step> = read(mark, &written(mark, steps)).map(Result::unwrap).collect();
                let latest_first: Vec<Step> = steps.iter().rev().copied().collect();
                assert_eq!(read, latest_first);
            }
        }
        assert_eq!(written(10, &some()[1..2]), [5, 0x80, 0x20, 0xd8, 0x04], "5 before, the 13th column, 300");
    }

    #[test]
    fn an_instant_is_the_row_less_what_came_from_there_on() {
        let steps = &some()[1..];
        let mark = 1_650_000_000_001;
        let bytes = written(mark, steps);
        let held = (Tally::from_words([10; COLUMNS - 1]), 1_000);
        for at in [0, 5, 6, 900, 901, 1_650_000_000_000, mark] {
            let after = steps.iter().filter(|step| step.at >= at);
            let wanted = after.fold(held, |(tally, persons), step| {
                (tally.plus(step.tally.negated()).unwrap(), persons - step.persons)
            });
            assert_eq!(before(at, mark, held, &bytes).unwrap(), wanted, "{at}");
        }
    }

    #[test]
    fn what_is_no_steps_is_an_error() {
        let whole = written(100, &some()[1..3]);
        for bytes in [
            &whole[..whole.len() - 1],
            &[1, 0x80, 0x40],
            &[1, 1],
            &[0xff; 11],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0],
        ] {
            assert!(read(100, bytes).any(|step| step.is_err()), "{bytes:?}");
            assert!(before(0, 100, (Tally::default(), 0), bytes).is_err(), "{bytes:?}");
        }
    }
}
