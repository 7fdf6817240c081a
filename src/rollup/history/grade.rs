//! How finely the history of a cell is kept.

use crate::config::History;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grade {
    /// Of a shallow unit the cell of everything.
    Totals,
    /// Of a shallow unit its other cells.
    Cells,
    /// Of a deep unit all cells.
    Deep,
}

impl Grade {
    pub const ALL: [Grade; 3] = [Grade::Totals, Grade::Cells, Grade::Deep];

    /// As it is stored.
    pub fn number(self) -> i32 {
        match self {
            Grade::Totals => 0,
            Grade::Cells => 1,
            Grade::Deep => 2,
        }
    }

    pub fn of_number(number: i32) -> Grade {
        match number {
            0 => Grade::Totals,
            1 => Grade::Cells,
            _ => Grade::Deep,
        }
    }

    /// Events from one mark to the next.
    pub fn every(self, history: &History) -> usize {
        match self {
            Grade::Totals => history.totals,
            Grade::Cells => history.cells,
            Grade::Deep => history.deep,
        }
        .max(1)
    }

    /// Whether the grade has the cell of this phase, group and bloc; 0 and empty: any.
    pub fn has(self, phase: i64, group: i64, bloc: &str) -> bool {
        let total = phase == 0 && group == 0 && bloc.is_empty();
        match self {
            Grade::Totals => total,
            Grade::Cells => !total,
            Grade::Deep => true,
        }
    }

    /// Whether rows of this grade have the steps since the mark before.
    pub fn is_stepped(self) -> bool {
        self == Grade::Totals
    }

    /// The condition that a row of history is of this grade, among those of a unit that is kept in it.
    pub fn rows(self) -> &'static str {
        match self {
            Grade::Totals => "phase_id = 0 AND group_id = 0 AND bloc = ''",
            Grade::Cells => "NOT (phase_id = 0 AND group_id = 0 AND bloc = '')",
            Grade::Deep => "TRUE",
        }
    }
}
