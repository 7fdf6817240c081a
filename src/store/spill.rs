//! Records that are too many to be sorted in memory: put into order in pieces, which wait in a file without a name until they are
//! merged. So memory does not grow with what there is. A record is so many numbers, the first of them deciding first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

use crate::error::{Error, Result};

/// Bytes that are sorted at once.
const RUN: usize = 8_000_000;

/// Bytes of a piece that are read at once.
const READ: usize = 40_000;

/// Bytes of a number.
const WORD: usize = size_of::<i64>();

/// Records as they come.
pub struct Spill<const N: usize> {
    run: Vec<[i64; N]>,
    most: usize,
    file: Option<File>,
    /// How many records each piece in the file has.
    pieces: Vec<usize>,
}

impl<const N: usize> Default for Spill<N> {
    fn default() -> Self {
        Spill::of(RUN / (N * WORD))
    }
}

impl<const N: usize> Spill<N> {
    fn of(most: usize) -> Self {
        Spill { run: Vec::new(), most, file: None, pieces: Vec::new() }
    }

    pub fn push(&mut self, record: [i64; N]) -> Result<()> {
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
        for word in self.run.iter().flatten() {
            to.write_all(&word.to_le_bytes()).map_err(failed)?;
        }
        to.flush().map_err(failed)?;
        self.pieces.push(self.run.len());
        self.run.clear();
        Ok(())
    }

    /// All of them, in order.
    pub fn sorted(mut self) -> Result<Sorted<N>> {
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
struct Piece<const N: usize> {
    next: usize,
    end: usize,
    /// What has been read of it, the next one last.
    held: Vec<[i64; N]>,
}

/// Records in order.
pub struct Sorted<const N: usize> {
    file: Option<File>,
    pieces: Vec<Piece<N>>,
    heads: BinaryHeap<Reverse<([i64; N], usize)>>,
}

impl<const N: usize> Sorted<N> {
    /// The next one, which stays.
    pub fn peek(&self) -> Option<&[i64; N]> {
        self.heads.peek().map(|Reverse((record, _))| record)
    }

    /// Takes the next one.
    pub fn take(&mut self) -> Result<Option<[i64; N]>> {
        let Some(Reverse((record, piece))) = self.heads.pop() else { return Ok(None) };
        self.draw(piece)?;
        Ok(Some(record))
    }

    /// Takes the next one if it is meant.
    pub fn take_if(&mut self, meant: impl FnOnce(&[i64; N]) -> bool) -> Result<Option<[i64; N]>> {
        if self.peek().is_some_and(meant) { self.take() } else { Ok(None) }
    }

    fn draw(&mut self, number: usize) -> Result<()> {
        let piece = &mut self.pieces[number];
        if piece.held.is_empty() && piece.next < piece.end {
            let n = (READ / (N * WORD)).max(1).min(piece.end - piece.next);
            let mut bytes = vec![0; n * N * WORD];
            if let Some(file) = &mut self.file {
                file.seek(SeekFrom::Start((piece.next * N * WORD) as u64)).map_err(failed)?;
                file.read_exact(&mut bytes).map_err(failed)?;
            }
            piece.held = bytes.chunks_exact(N * WORD).rev().map(read).collect();
            piece.next += n;
        }
        if let Some(record) = piece.held.pop() {
            self.heads.push(Reverse((record, number)));
        }
        Ok(())
    }
}

fn read<const N: usize>(bytes: &[u8]) -> [i64; N] {
    let mut record = [0; N];
    for (word, bytes) in record.iter_mut().zip(bytes.chunks_exact(WORD)) {
        let mut one = [0; WORD];
        one.copy_from_slice(bytes);
        *word = i64::from_le_bytes(one);
    }
    record
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
                let record = [(i * 7919) % 211 - 5, i % 13, i, i64::MAX - i];
                spill.push(record).unwrap();
                all.push(record);
            }
            all.sort_unstable();
            let (mut sorted, mut found) = (spill.sorted().unwrap(), Vec::new());
            while let Some(record) = sorted.take().unwrap() {
                found.push(record);
            }
            assert_eq!(found, all);
        }
    }

    #[test]
    fn what_is_not_meant_stays() {
        let mut spill = Spill::of(2);
        for word in [3, 1, 2] {
            spill.push([word]).unwrap();
        }
        let mut sorted = spill.sorted().unwrap();
        assert_eq!(sorted.take_if(|[word]| *word < 2).unwrap(), Some([1]));
        assert_eq!(sorted.take_if(|[word]| *word < 2).unwrap(), None);
        assert_eq!(sorted.peek(), Some(&[2]));
    }
}
