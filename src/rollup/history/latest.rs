//! The nearest rows of history before an instant.

use std::collections::BTreeSet;

use sea_orm::FromQueryResult;

use crate::error::Result;
use crate::ledger::{CellKey, Tally};
use crate::store::{Dialect, Sql, Tx};

/// Cells: every unit with every programme, phase, group and bloc named; 0 and empty: any.
#[derive(Default)]
pub struct Wanted {
    pub units: Vec<i64>,
    pub programmes: Vec<i64>,
    pub phases: Vec<i64>,
    pub groups: Vec<i64>,
    pub blocs: Vec<String>,
}

#[derive(FromQueryResult)]
pub struct Row {
    pub unit_id: i64,
    programme_id: i64,
    phase_id: i64,
    group_id: i64,
    bloc: String,
    #[sea_orm(nested)]
    pub tally: Tally,
    pub participants: i64,
}

impl Row {
    pub fn key(&self) -> CellKey {
        CellKey {
            unit: self.unit_id,
            programme: self.programme_id,
            phase: self.phase_id,
            group: self.group_id,
            bloc: self.bloc.clone(),
        }
    }
}

impl Wanted {
    /// These, and what else follows from naming their parts.
    pub fn of<'a>(cells: impl Iterator<Item = &'a CellKey>) -> Wanted {
        let (mut units, mut programmes, mut phases, mut groups, mut blocs) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for cell in cells {
            units.insert(cell.unit);
            programmes.insert(cell.programme);
            phases.insert(cell.phase);
            groups.insert(cell.group);
            blocs.insert(cell.bloc.clone());
        }
        Wanted {
            units: units.into_iter().collect(),
            programmes: programmes.into_iter().collect(),
            phases: phases.into_iter().collect(),
            groups: groups.into_iter().collect(),
            blocs: blocs.into_iter().collect(),
        }
    }

    /// Columns of the nearest row of each cell at or before the instant, as a statement in the making: `SELECT … `.
    pub fn nearest(&self, sql: &mut Sql, reported: bool, at: i64, columns: &str) -> String {
        // As an equation: SQLite looks up no bare column in an index.
        let reported = if reported { "TRUE" } else { "FALSE" };
        let units = sql.id_table(&self.units);
        let programmes = sql.id_table(&self.programmes);
        let phases = sql.id_table(&self.phases);
        let groups = sql.id_table(&self.groups);
        let blocs = sql.text_table(&self.blocs);
        let at = sql.bind(at);
        let cell = |t: &str| {
            format!(
                "{t}.unit_id = u.id AND {t}.reported = {reported} AND {t}.programme_id = p.id AND {t}.phase_id = f.id \
                 AND {t}.group_id = g.id AND {t}.bloc = b.text"
            )
        };
        // What is found by the others comes after them.
        let nearest = match sql.dialect {
            Dialect::Sqlite => format!(
                "rollup_history h ON {} AND h.at = (SELECT MAX(l.at) FROM rollup_history l WHERE {} AND l.at <= {at})",
                cell("h"),
                cell("l")
            ),
            Dialect::Postgres => format!(
                "LATERAL (SELECT l.* FROM rollup_history l WHERE {} AND l.at <= {at} ORDER BY l.at DESC LIMIT 1) h",
                cell("l")
            ),
        };
        format!(
            "SELECT {columns} FROM {units} u CROSS JOIN {programmes} p CROSS JOIN {phases} f CROSS JOIN {groups} g \
             CROSS JOIN {blocs} b CROSS JOIN {nearest}"
        )
    }
}

/// What the cells held at a mark; those that held nothing have no row.
pub async fn read(tx: &Tx, reported: bool, wanted: &Wanted, at: i64) -> Result<Vec<Row>> {
    if wanted.units.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = tx.sql("");
    let columns = Tally::COLUMNS.map(|column| format!("h.{column}")).join(", ");
    let columns = format!("h.unit_id, h.programme_id, h.phase_id, h.group_id, h.bloc, {columns}, h.participants");
    let text = wanted.nearest(&mut sql, reported, at, &columns);
    sql.push(&text);
    tx.all(sql).await
}
