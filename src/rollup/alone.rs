//! Questions about the present that stored cells answer, all of them by one statement that needs no snapshot but its own. It is drawn up
//! once and asked as often as one likes, for as long as the tree and the programmes stay as they are: each answer tells the generation
//! of definitions in which it was read.

use std::collections::HashMap;
use std::sync::Arc;

use super::breakdown::{Part, arranged, check_dimensions};
use super::dimension::Dimension;
use super::grid::Grid;
use super::measures::Measures;
use super::parts;
use super::stored::{self, CellRow, Cells, Question, Queue, Reach, Row, Units};
use super::view::View;
use crate::error::Result;
use crate::programme::Definition;
use crate::store::{Generation, InGeneration, Store, Topic};

/// What is asked of some units: their measures, or their parts by some dimensions.
pub struct Present {
    pub programme: Arc<Definition>,
    pub view: View,
    /// None for the measures.
    pub by: Option<Vec<Dimension>>,
    pub units: Vec<i64>,
    /// Those of them that keep no cells.
    pub leaves: Vec<i64>,
    /// Whether distinct persons are asked for.
    pub persons: bool,
}

/// Questions with their one statement.
pub struct Alone {
    questions: Vec<Present>,
    /// Counting what is queued, and only looking whether anything is.
    counting: InGeneration<Row>,
    looking: InGeneration<Row>,
}

/// The answers, by the places of their questions.
pub struct Told {
    rows: Vec<Vec<CellRow>>,
    pub statements: u32,
}

impl Present {
    /// The cells that answer it; none where it takes more than reading them once.
    fn grid(&self) -> Option<Grid> {
        let by = self.by();
        // What is wrong is said where it is read otherwise.
        if self.by.is_some() && check_dimensions(by).is_err() {
            return None;
        }
        let grid = Grid::of(&self.view, by)?;
        let unplaced = grid.bloc.is_each() && self.view.slice.blocs.is_none();
        let counted = grid.counts_persons() || !self.persons;
        (counted && !unplaced && !by.contains(&Dimension::Child)).then_some(grid)
    }

    fn by(&self) -> &[Dimension] {
        self.by.as_deref().unwrap_or_default()
    }
}

impl Alone {
    /// None where one of them takes more than one statement, or there are none.
    pub fn of(store: &Store, questions: Vec<Present>) -> Option<Alone> {
        let grids: Vec<Grid> = questions.iter().map(Present::grid).collect::<Option<_>>()?;
        let asked: Vec<Question<'_>> = questions
            .iter()
            .zip(&grids)
            .map(|(question, grid)| Question {
                programme: question.programme.row.id,
                grid,
                reach: Reach::Whole,
                units: Units { all: &question.units, leaves: &question.leaves },
                persons: question.persons,
            })
            .collect();
        if asked.is_empty() {
            return None;
        }
        let statement =
            |queue| store.in_generation(Topic::Definitions, stored::statement(store.dialect, &asked, queue));
        let (counting, looking) = (statement(Queue::Counted), statement(Queue::LookedAt));
        Some(Alone { questions, counting, looking })
    }

    /// With the generation of definitions that was seen.
    pub async fn read(&self, store: &Store) -> Result<Option<(Generation, Told)>> {
        let looked = u32::from(store.dialect.queues_deltas() && !store.queued.get());
        if looked > 0 {
            let Some((generation, cells)) = cells(store, &self.looking).await? else { return Ok(None) };
            if !cells.queued {
                return Ok(Some((generation, self.told(cells, 1))));
            }
        }
        let Some((generation, cells)) = cells(store, &self.counting).await? else { return Ok(None) };
        Ok(Some((generation, self.told(cells, looked + 1))))
    }

    fn told(&self, cells: Cells, statements: u32) -> Told {
        let mut rows: Vec<Vec<CellRow>> = self.questions.iter().map(|_| Vec::new()).collect();
        for row in cells.rows {
            if let Some(rows) = usize::try_from(row.question).ok().and_then(|place| rows.get_mut(place)) {
                rows.push(row);
            }
        }
        Told { rows, statements }
    }
}

async fn cells(store: &Store, statement: &InGeneration<Row>) -> Result<Option<(Generation, Cells)>> {
    let Some((generation, packed)) = store.lean_in(statement).await? else { return Ok(None) };
    let cells = Cells::of(packed.read()?);
    store.queued.set(cells.queued);
    Ok(Some((generation, cells)))
}

impl Told {
    /// By units; those that have nothing have no entry.
    pub fn measures(&self, question: usize) -> HashMap<i64, Measures> {
        let rows = self.rows.get(question).into_iter().flatten();
        rows.map(|row| (row.owner, row.measures)).collect()
    }

    /// As [`super::breakdown()`] has them.
    pub fn parts(&self, alone: &Alone, question: usize) -> Result<HashMap<i64, Vec<Part>>> {
        let (Some(asked), Some(rows)) = (alone.questions.get(question), self.rows.get(question)) else {
            return Ok(HashMap::new());
        };
        let rows = parts::told(parts::of_cells(asked.by(), rows.iter().map(|row| (row.owner, None, row)))?);
        arranged(&asked.programme, &asked.view, asked.by(), &asked.units, (&[], &[]), rows)
    }
}
