//! What is asked of a roll-up: which initiatives, at which instant, through which tree.

use chrono_tz::Tz;

use super::grid::Grid;
use crate::programme::ResolvedSlice;

/// The tree by which initiatives are credited to units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lens {
    /// The tree now.
    #[default]
    Current,
    /// For each initiative the ancestors that its unit had when it was first submitted.
    Reported,
    /// The tree of an instant, as known today.
    At(i64),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct View {
    pub slice: ResolvedSlice,
    /// Events before this instant count, milliseconds since the epoch; none: everything committed.
    pub as_of: Option<i64>,
    pub lens: Lens,
    /// Whose days are meant.
    pub zone: Tz,
}

impl View {
    /// Everything committed, through the tree now.
    pub fn present(slice: ResolvedSlice, zone: Tz) -> View {
        View { slice, as_of: None, lens: Lens::Current, zone }
    }

    /// Whether what is stored of the present answers it.
    pub fn is_present(&self) -> bool {
        self.as_of.is_none() && self.lens == Lens::Current && self.slice.during.is_none()
    }

    /// Whether stored cells or their history answer all but the distinct persons: whoever needs these asks for them by themselves.
    pub fn leaves_persons_out(&self) -> bool {
        match Grid::of(self, &[]) {
            Some(grid) => !grid.counts_persons(),
            None => self.past_cells().len() > 1,
        }
    }

    /// The cells whose history adds up to it: phase, group, bloc, each 0 or empty for any; empty where none does. Persons of several
    /// do not add up.
    pub(super) fn past_cells(&self) -> Vec<(i64, i64, &str)> {
        if self.is_present() { Vec::new() } else { self.slice.cells().unwrap_or_default() }
    }
}
