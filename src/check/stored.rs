//! What the events add up to, against own records, persons and cells as stored and queued.

use std::collections::HashMap;

use entity::{rollup_cell, rollup_delta, rollup_own};

use super::recount::Recounted;
use super::tree::Tree;
use super::words::{Codes, differing};
use super::{Problem, Report};
use crate::error::Result;
use crate::ledger::{
    CellKey, Cells, OwnKey, PersonRow, Tally, add_cells, add_own, add_persons, out_of_range, participants_per_cell,
    tally_in,
};
use crate::store::Tx;

/// What the events of all initiatives add up to.
#[derive(Default)]
pub(super) struct Sums {
    own: HashMap<OwnKey, Tally>,
    persons: HashMap<(i64, OwnKey), i64>,
}

impl Sums {
    /// Adds one initiative; `None` where a sum is out of range.
    pub fn add(&mut self, said: &Recounted) -> Option<()> {
        let Some(key) = said.key else { return Some(()) };
        self.add_tally(key, said.tally())?;
        for account in &said.participants {
            *self.persons.entry((*account, key)).or_default() += 1;
        }
        Some(())
    }

    fn add_tally(&mut self, key: OwnKey, tally: Tally) -> Option<()> {
        let sum = self.own.entry(key).or_default();
        *sum = sum.plus(tally)?;
        Some(())
    }
}

/// What must be added to the stored rows to make them right.
#[derive(Default)]
pub(super) struct Differences {
    own: HashMap<OwnKey, Tally>,
    persons: HashMap<(i64, OwnKey), i64>,
    cells: Cells,
}

impl Differences {
    pub async fn write(self, tx: &Tx) -> Result<()> {
        add_own(tx, self.own).await?;
        add_persons(tx, self.persons).await?;
        add_cells(tx, self.cells).await
    }
}

pub(super) async fn compare(
    tx: &Tx,
    tree: &Tree,
    codes: &Codes,
    mut sums: Sums,
    report: &mut Report,
) -> Result<Differences> {
    // What is queued is not folded yet: stored and queued together must be what the events say.
    let queued: Vec<rollup_delta::Model> = tx.all(tx.sql("SELECT * FROM rollup_delta")).await?;
    for row in &queued {
        let key = OwnKey { unit: row.unit_id, programme: row.programme_id, phase: row.phase_id, group: row.group_id };
        match row.account_id {
            None => sums.add_tally(key, tally_in!(row).negated()).ok_or_else(out_of_range)?,
            Some(account) => *sums.persons.entry((account, key)).or_default() -= row.n,
        }
    }
    let aside = queued.iter().filter(|row| row.set_aside).count();
    if aside > 0 {
        report.problems.push(Problem {
            place: "queue of differences".to_owned(),
            expected: "none set aside".to_owned(),
            stored: format!("{aside} set aside: they count in every answer, but cannot be folded"),
            mendable: false,
        });
    }
    let cells = expected_cells(tree, &sums)?;
    let mut found = Finder { codes, report, differences: Differences::default() };
    found.own(tx, sums.own).await?;
    found.persons(tx, sums.persons).await?;
    found.cells(tx, cells).await?;
    Ok(found.differences)
}

/// The cells that folded own records and persons make.
fn expected_cells(tree: &Tree, sums: &Sums) -> Result<Cells> {
    let mut cells = Cells::default();
    for (key, tally) in &sums.own {
        let Some(leaf) = tree.leaves.get(&key.unit) else { continue };
        for keeper in &leaf.keepers {
            cells.add_own(*keeper, *key, leaf.bloc.as_deref(), *tally)?;
        }
    }
    let persons = sums.persons.iter().map(|((account_id, key), n)| PersonRow {
        account_id: *account_id,
        programme_id: key.programme,
        unit_id: key.unit,
        phase_id: key.phase,
        group_id: key.group,
        n: *n,
    });
    for (cell, n) in participants_per_cell(persons, &tree.leaves) {
        cells.add(cell, Tally::default(), n)?;
    }
    Ok(cells)
}

/// Compares each kind of stored row, reporting what differs and keeping the difference.
struct Finder<'a> {
    codes: &'a Codes,
    report: &'a mut Report,
    differences: Differences,
}

impl Finder<'_> {
    async fn own(&mut self, tx: &Tx, mut expected: HashMap<OwnKey, Tally>) -> Result<()> {
        for row in tx.all::<rollup_own::Model>(tx.sql("SELECT * FROM rollup_own")).await? {
            let key =
                OwnKey { unit: row.unit_id, programme: row.programme_id, phase: row.phase_id, group: row.group_id };
            self.own_row(key, expected.remove(&key).unwrap_or_default(), tally_in!(row))?;
        }
        for (key, tally) in expected {
            self.own_row(key, tally, Tally::default())?;
        }
        Ok(())
    }

    fn own_row(&mut self, key: OwnKey, expected: Tally, stored: Tally) -> Result<()> {
        if expected != stored {
            self.problem(format!("own records of {}", self.codes.own(key)), differing(&expected, &stored));
            let missing = expected.plus(stored.negated()).ok_or_else(out_of_range)?;
            self.differences.own.insert(key, missing);
        }
        Ok(())
    }

    async fn persons(&mut self, tx: &Tx, mut expected: HashMap<(i64, OwnKey), i64>) -> Result<()> {
        let sql = tx.sql("SELECT account_id, programme_id, unit_id, phase_id, group_id, n FROM rollup_person");
        for row in tx.all::<PersonRow>(sql).await? {
            let key = (row.account_id, row.key());
            self.person_row(key, expected.remove(&key).unwrap_or(0), row.n);
        }
        for (key, n) in expected {
            self.person_row(key, n, 0);
        }
        Ok(())
    }

    fn person_row(&mut self, key: (i64, OwnKey), expected: i64, stored: i64) {
        if expected != stored {
            let place = format!("a person's initiatives in {}", self.codes.own(key.1));
            self.problem(place, (expected.to_string(), stored.to_string()));
            self.differences.persons.insert(key, expected - stored);
        }
    }

    async fn cells(&mut self, tx: &Tx, mut expected: Cells) -> Result<()> {
        for row in tx.all::<rollup_cell::Model>(tx.sql("SELECT * FROM rollup_cell")).await? {
            let stored = (tally_in!(row), row.participants);
            let key = CellKey {
                unit: row.unit_id,
                programme: row.programme_id,
                phase: row.phase_id,
                group: row.group_id,
                bloc: row.bloc,
            };
            let wanted = expected.0.remove(&key).unwrap_or_default();
            self.cell_row(key, wanted, stored)?;
        }
        for (key, wanted) in expected.0 {
            self.cell_row(key, wanted, (Tally::default(), 0))?;
        }
        Ok(())
    }

    fn cell_row(&mut self, key: CellKey, expected: (Tally, i64), stored: (Tally, i64)) -> Result<()> {
        if expected != stored {
            let missing = expected.0.plus(stored.0.negated()).ok_or_else(out_of_range)?;
            let mut words = differing(&expected.0, &stored.0);
            if expected.1 != stored.1 {
                for (words, n) in [(&mut words.0, expected.1), (&mut words.1, stored.1)] {
                    *words += &format!("{}participants {n}", if words.is_empty() { "" } else { ", " });
                }
            }
            self.problem(format!("roll-up of {}", self.codes.cell(&key)), words);
            self.differences.cells.add(key, missing, expected.1 - stored.1)?;
        }
        Ok(())
    }

    fn problem(&mut self, place: String, (expected, stored): (String, String)) {
        self.report.problems.push(Problem { place, expected, stored, mendable: true });
    }
}
