//! The parts of the statement that reads stored cells, and what is queued.

use super::{Reach, Units};
use crate::ledger::Tally;
use crate::rollup::grid::{Grid, Pick};
use crate::store::Sql;

/// The slice as conditions: on a row with phase and group, on the bloc of its unit, and on a stored cell.
pub(super) struct Conditions {
    phase: String,
    group: String,
    bloc: String,
    cell: String,
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

    fn on(&self, row: &str, unit: &str) -> String {
        format!("{}{}{}", self.phase, self.group, self.bloc).replace(ROW, row).replace(UNIT, unit)
    }
}

/// Whose records are a unit's own: its, unless it has ended, and those of the units that it follows, whose bloc is the same.
const OWN: &str = " JOIN unit_closure o ON o.ancestor_id = u.id AND o.distance = 0 AND NOT o.ended";

/// A question in the making.
pub(super) struct Asking<'a> {
    /// As bound.
    pub programme: String,
    pub slice: Conditions,
    pub grid: &'a Grid,
    pub reach: Reach,
}

impl Asking<'_> {
    /// The key columns of a part, of a row and its unit's bloc.
    fn keys(&self, row: &str, bloc: &str) -> String {
        let id = |pick: &Pick<i64>, column: &str| match pick.is_each() {
            true => format!("{row}.{column} AS {column}"),
            false => format!("CAST(0 AS BIGINT) AS {column}"),
        };
        let bloc = if self.grid.bloc.is_each() { bloc } else { "CAST('' AS TEXT)" };
        format!("{}, {}, {bloc} AS bloc", id(&self.grid.phase, "phase_id"), id(&self.grid.group, "group_id"))
    }

    /// The same to group by; begins with a comma.
    fn grouping(&self, row: &str, bloc: &str) -> String {
        let Grid { phase, group, bloc: blocs, .. } = self.grid;
        let columns = [
            (phase.is_each(), format!(", {row}.phase_id")),
            (group.is_each(), format!(", {row}.group_id")),
            (blocs.is_each(), format!(", {bloc}")),
        ];
        columns.into_iter().filter_map(|(each, column)| each.then_some(column)).collect()
    }

    /// What cells, own records and persons tell.
    pub fn folded(&self, sql: &mut Sql, Units { all, leaves }: Units<'_>, persons: bool) -> Vec<String> {
        let mut parts = Vec::new();
        if self.reach == Reach::Whole {
            parts.push(self.cells(sql, all, persons));
        }
        if !leaves.is_empty() {
            parts.push(self.own(sql, leaves));
            if persons {
                parts.push(self.own_persons(sql, leaves));
            }
        }
        parts
    }

    /// What inner units store.
    fn cells(&self, sql: &mut Sql, units: &[i64], persons: bool) -> String {
        let these = sql.keyed_id("r.unit_id", units);
        let participants = if persons { "r.participants" } else { "0 AS participants" };
        format!(
            "SELECT r.unit_id AS owner, {}, {}, {participants} FROM rollup_cell r \
             WHERE {these} AND r.programme_id = {}{}",
            self.keys("r", "r.bloc"),
            columns("r"),
            self.programme,
            self.slice.cell
        )
    }

    /// A unit that never had sub-units keeps no cells: its own records are the answer.
    fn keeps_none(&self) -> &str {
        match self.reach {
            Reach::Whole => " AND NOT u.has_cells",
            Reach::Own => "",
        }
    }

    fn own(&self, sql: &mut Sql, units: &[i64]) -> String {
        let these = sql.keyed_id("u.id", units);
        format!(
            "SELECT u.id AS owner, {}, {}, 0 AS participants FROM unit u{OWN} JOIN rollup_own w ON w.unit_id = o.descendant_id \
             WHERE {these}{} AND w.programme_id = {}{}",
            self.keys("w", "u.bloc"),
            columns("w"),
            self.keeps_none(),
            self.programme,
            self.slice.on("w", "u")
        )
    }

    fn own_persons(&self, sql: &mut Sql, units: &[i64]) -> String {
        let these = sql.keyed_id("u.id", units);
        format!(
            "SELECT q.owner, q.phase_id, q.group_id, q.bloc, {}, COUNT(*) AS participants FROM (\
             SELECT u.id AS owner, {}, w.account_id FROM unit u{OWN} \
             JOIN rollup_person w ON w.unit_id = o.descendant_id WHERE {these}{} AND w.programme_id = {}{} \
             GROUP BY u.id, w.account_id{} HAVING SUM(w.n) > 0) q GROUP BY q.owner, q.phase_id, q.group_id, q.bloc",
            nothing(),
            self.keys("w", "u.bloc"),
            self.keeps_none(),
            self.programme,
            self.slice.on("w", "u"),
            self.grouping("w", "u.bloc")
        )
    }

    /// Differences that are queued, with their owners.
    fn queue_of(&self, sql: &mut Sql, units: &[i64]) -> String {
        let owners = sql.keyed_id("c.ancestor_id", units);
        // What is queued is little, and below an owner may stand everything: from the queue to the owners, whoever they are. In this
        // one order a plan serves every owner, which PostgreSQL would otherwise think over for each.
        let path = format!("c.descendant_id = d.unit_id AND NOT c.ended{} AND {owners}", self.only_own("c"));
        let unit = sql.along("rollup_delta d", "unit", "u", "u.id = d.unit_id");
        let from = sql.along(&unit, "unit_closure", "c", &path);
        format!("FROM {from} WHERE d.programme_id = {}{}", self.programme, self.slice.on("d", "u"))
    }

    fn only_own(&self, path: &str) -> String {
        match self.reach {
            Reach::Whole => String::new(),
            Reach::Own => format!(" AND {path}.distance = 0"),
        }
    }

    /// Their sums as they stand.
    pub fn queued(&self, sql: &mut Sql, units: &[i64]) -> String {
        format!(
            "SELECT c.ancestor_id AS owner, {}, {}, 0 AS participants {} AND d.account_id IS NULL",
            self.keys("d", "u.bloc"),
            columns("d"),
            self.queue_of(sql, units)
        )
    }

    /// For persons whether they come or go, given what is folded of them.
    pub fn queued_persons(&self, sql: &mut Sql, units: &[i64]) -> String {
        let Grid { phase, group, bloc, .. } = self.grid;
        let mut same = String::new();
        for (each, condition) in [
            (phase.is_each(), " AND w.phase_id = t.phase_id"),
            (group.is_each(), " AND w.group_id = t.group_id"),
            (bloc.is_each(), " AND u.bloc = t.bloc"),
        ] {
            same += if each { condition } else { "" };
        }
        let folded = format!(
            "SELECT COALESCE(SUM(w.n), 0) FROM rollup_person w JOIN unit u ON u.id = w.unit_id \
             JOIN unit_closure k ON k.descendant_id = w.unit_id AND k.ancestor_id = t.owner AND NOT k.ended{} \
             WHERE w.account_id = t.account_id AND w.programme_id = {}{}{same}",
            self.only_own("k"),
            self.programme,
            self.slice.on("w", "u")
        );
        format!(
            "SELECT q.owner, q.phase_id, q.group_id, q.bloc, {}, SUM((CASE WHEN q.folded + q.n > 0 THEN 1 ELSE 0 END) \
             - (CASE WHEN q.folded > 0 THEN 1 ELSE 0 END)) AS participants \
             FROM (SELECT t.owner, t.phase_id, t.group_id, t.bloc, t.n, ({folded}) AS folded FROM (\
             SELECT c.ancestor_id AS owner, {}, d.account_id, SUM(d.n) AS n {} AND d.account_id IS NOT NULL \
             GROUP BY c.ancestor_id, d.account_id{}) t{once}) q GROUP BY q.owner, q.phase_id, q.group_id, q.bloc",
            nothing(),
            self.keys("d", "u.bloc"),
            self.queue_of(sql, units),
            self.grouping("d", "u.bloc"),
            // What is folded of a person is asked twice, and looked up once.
            once = sql.dialect.row_by_row(),
        )
    }
}

/// A tally's columns.
fn columns(alias: &str) -> String {
    Tally::COLUMNS.map(|column| format!("{alias}.{column}")).join(", ")
}

/// Zeros in their place.
fn nothing() -> String {
    Tally::COLUMNS.map(|column| format!("0 AS {column}")).join(", ")
}
