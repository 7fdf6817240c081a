//! What a question about stored cells asks of their rows, as SQL.

use super::grid::{Grid, Pick};
use crate::store::Sql;

/// The slice as conditions: on a row with phase and group, on the bloc of its unit, and on a stored cell.
pub(super) struct Conditions {
    phase: String,
    group: String,
    bloc: String,
    pub cell: String,
}

/// Stand in a condition for the row and the unit that it is about.
const ROW: &str = "{row}";
const UNIT: &str = "{unit}";

impl Conditions {
    pub fn of(sql: &mut Sql, grid: &Grid) -> Conditions {
        let (mut phase, mut group, mut bloc, mut cell) = (String::new(), String::new(), String::new(), String::new());
        for (pick, column, own) in [(&grid.phase, "phase_id", &mut phase), (&grid.group, "group_id", &mut group)] {
            if let Some(chosen) = pick.chosen() {
                *own = format!(" AND {}", sql.keyed_id(&format!("{ROW}.{column}"), chosen));
            }
            cell += &match (pick, pick.chosen()) {
                (Pick::Any, _) => format!(" AND r.{column} = 0"),
                (_, None) => format!(" AND r.{column} <> 0"),
                (_, Some(chosen)) => format!(" AND {}", sql.keyed_id(&format!("r.{column}"), chosen)),
            };
        }
        match (&grid.bloc, grid.bloc.chosen()) {
            (Pick::Any, _) => cell += " AND r.bloc = ''",
            (_, None) => {
                bloc = format!(" AND {UNIT}.bloc IS NOT NULL");
                cell += " AND r.bloc <> ''";
            }
            (_, Some(chosen)) => {
                bloc = format!(" AND {}", sql.any_text(&format!("{UNIT}.bloc"), chosen));
                cell += &format!(" AND {}", sql.any_text("r.bloc", chosen));
            }
        }
        Conditions { phase, group, bloc, cell }
    }

    pub fn on(&self, row: &str, unit: &str) -> String {
        format!("{}{}{}", self.phase, self.group, self.bloc).replace(ROW, row).replace(UNIT, unit)
    }
}
