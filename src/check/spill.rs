//! Who counted for which initiative, put into the order of persons: sorted in pieces, which wait in a file without a name until
//! they are merged. So memory does not grow with what there is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

use crate::error::{Error, Result};

/// Records that are sorted at once.
const RUN: usize = 200_000;

/// Records of a piece that are read at once.
const READ: usize = 1_000;

/// Somebody's counting for one initiative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    pub account: i64,
    /// Where it counts: a number of own records.
    pub own: u32,
    /// When the initiative was first submitted.
    pub submitted_at: i64,
    /// When he counts, half-open; `i64::MAX`: now too.
    pub from: i64,
    pub to: i64,
}

const BYTES: usize = 36;

impl Record {
    fn bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        let words = [self.account, self.submitted_at, self.from, self.to];
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes[32..].copy_from_slice(&self.own.to_le_bytes());
        bytes
    }

    fn of(bytes: &[u8]) -> Record {
        let word = |i: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[i * 8..i * 8 + 8]);
            i64::from_le_bytes(word)
        };
        let mut own = [0; 4];
        own.copy_from_slice(&bytes[32..36]);
        Record { account: word(0), submitted_at: word(1), from: word(2), to: word(3), own: u32::from_le_bytes(own) }
    }
}

/// Records as they come.
pub(super) struct Spill {
    run: Vec<Record>,
    most: usize,
    file: Option<File>,
    /// How many records each piece in the file has.
    pieces: Vec<usize>,
}

impl Default for Spill {
    fn default() -> Spill {
        Spill::of(RUN)
    }
}

impl Spill {
    fn of(most: usize) -> Spill {
        Spill { run: Vec::new(), most, file: None, pieces: Vec::new() }
    }

    pub fn push(&mut self, record: Record) -> Result<()> {
        self.run.push(record);
        if self.run.len() >= self.most { self.put_away() } else { Ok(()) }
    }

    fn put_away(&mut self) -> Result<()> {
        self.run.sort_unstable();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile().map_err(failed)?),
        };
        let mut to = BufWriter::with_capacity(1 << 18, file);
        for record in &self.run {
            to.write_all(&record.bytes()).map_err(failed)?;
        }
        to.flush().map_err(failed)?;
        self.pieces.push(self.run.len());
        self.run.clear();
        Ok(())
    }

    /// All of them, in order.
    pub fn sorted(mut self) -> Result<Sorted> {
        if self.file.is_some() {
            self.put_away()?;
            self.run = Vec::new();
        }
        self.run.sort_unstable();
        let mut begin = 0;
        let mut pieces = Vec::with_capacity(self.pieces.len() + 1);
        for n in &self.pieces {
            pieces.push(Piece { next: begin, end: begin + n, held: Vec::new() });
            begin += n;
        }
        self.run.reverse();
        pieces.push(Piece { next: begin, end: begin, held: self.run });
        let mut sorted = Sorted { file: self.file, pieces, heads: BinaryHeap::new() };
        for piece in 0..sorted.pieces.len() {
            sorted.draw(piece)?;
        }
        Ok(sorted)
    }
}

/// Part of the file, in order.
struct Piece {
    next: usize,
    end: usize,
    /// What has been read of it, the next one last.
    held: Vec<Record>,
}

pub(super) struct Sorted {
    file: Option<File>,
    pieces: Vec<Piece>,
    heads: BinaryHeap<Reverse<(Record, usize)>>,
}

impl Sorted {
    /// The person of the next record.
    pub fn account(&self) -> Option<i64> {
        self.heads.peek().map(|Reverse((record, _))| record.account)
    }

    /// Takes the records of the person, who must not come before the next record's.
    pub fn of(&mut self, account: i64, records: &mut Vec<Record>) -> Result<()> {
        records.clear();
        while self.account() == Some(account) {
            if let Some(Reverse((record, piece))) = self.heads.pop() {
                records.push(record);
                self.draw(piece)?;
            }
        }
        Ok(())
    }

    fn draw(&mut self, number: usize) -> Result<()> {
        let piece = &mut self.pieces[number];
        if piece.held.is_empty() && piece.next < piece.end {
            let n = READ.min(piece.end - piece.next);
            let mut bytes = vec![0; n * BYTES];
            if let Some(file) = &mut self.file {
                file.seek(SeekFrom::Start((piece.next * BYTES) as u64)).map_err(failed)?;
                file.read_exact(&mut bytes).map_err(failed)?;
            }
            piece.held = bytes.chunks_exact(BYTES).rev().map(Record::of).collect();
            piece.next += n;
        }
        if let Some(record) = piece.held.pop() {
            self.heads.push(Reverse((record, number)));
        }
        Ok(())
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::Internal(format!("a file in the folder for temporary files: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_away_comes_back_in_order() {
        for most in [1, 7, 100, 1_000, 10_000] {
            let mut spill = Spill::of(most);
            let mut all = Vec::new();
            for i in 0..3_000_i64 {
                let account = (i * 7919) % 211 - 5;
                let record = Record { account, own: (i % 13) as u32, submitted_at: i, from: i - 4, to: i64::MAX };
                spill.push(record).unwrap();
                all.push(record);
            }
            all.sort_unstable();
            let (mut sorted, mut found, mut records) = (spill.sorted().unwrap(), Vec::new(), Vec::new());
            while let Some(account) = sorted.account() {
                sorted.of(account, &mut records).unwrap();
                assert!(records.iter().all(|record| record.account == account));
                found.extend(records.iter().copied());
            }
            assert_eq!(found, all);
        }
    }
}
