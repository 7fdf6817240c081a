//! Reading stored cells, and what is not folded into them yet, in one statement and so from one snapshot.

use sea_orm::{DbErr, QueryResult};
use serde::Deserialize;

use super::conditions::Conditions;
use super::grid::{Grid, Pick};
use super::measures::sums;
use crate::error::Result;
use crate::ledger::Tally;
use crate::store::{Columns, Lean, ListRow, Lists, Sql, Tx};

/// How far down is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The unit and everything below it.
    Whole,
    /// The unit's own records alone.
    Own,
}

/// The measures of one part. Phase and group are 0, and the bloc is empty, where the question is not for each of them.
pub(super) struct CellRow {
    pub owner: i64,
    pub phase_id: i64,
    pub group_id: i64,
    pub bloc: String,
    pub tally: Tally,
    /// Of no use where the grid does not count persons.
    pub participants: i64,
}

/// Units, and those of them that perhaps keep no cells.
#[derive(Clone, Copy)]
pub(super) struct Units<'a> {
    pub all: Owners<'a>,
    pub leaves: Owners<'a>,
}

/// Which units are asked about.
#[derive(Clone, Copy)]
pub(super) enum Owners<'a> {
    Ids(&'a [i64]),
    /// Those of a table of the same statement, by its column `id`.
    Table(&'a str),
}

impl<'a> Units<'a> {
    pub fn of(all: &'a [i64], leaves: &'a [i64]) -> Units<'a> {
        Units { all: Owners::Ids(all), leaves: Owners::Ids(leaves) }
    }

    /// Nothing is known of them.
    pub fn any(all: &'a [i64]) -> Units<'a> {
        Units::of(all, all)
    }
}

impl Owners<'_> {
    fn are_none(self) -> bool {
        matches!(self, Owners::Ids([]))
    }

    /// A condition: the expression is one of them.
    fn have(self, sql: &mut Sql, expression: &str) -> String {
        match self {
            Owners::Ids(ids) => sql.keyed_id(expression, ids),
            Owners::Table(table) => format!("{expression} IN (SELECT id FROM {table})"),
        }
    }
}

/// The cells of the grid of each unit. What has no records has no row; nor has what has no bloc, where each bloc is asked for.
pub(super) async fn read(
    tx: &Tx,
    programme: i64,
    grid: &Grid,
    reach: Reach,
    units: Units<'_>,
    persons: bool,
) -> Result<Vec<CellRow>> {
    let mut sql = tx.sql("");
    let parts = parts(&mut sql, programme, grid, reach, units, persons);
    added(tx, sql, &parts).await
}

/// The same as a list, of units that tables of the statement tell: all of them, and those that keep no cells.
pub(super) fn list(lists: &mut Lists, programme: i64, grid: &Grid, (all, leaves): (&str, &str), persons: bool) {
    let units = Units { all: Owners::Table(all), leaves: Owners::Table(leaves) };
    let parts = parts(&mut lists.sql, programme, grid, Reach::Whole, units, persons);
    let mut numbers = vec!["x.owner", "x.phase_id", "x.group_id"];
    numbers.extend(Tally::COLUMNS);
    numbers.push("participants");
    lists.list(Columns::new(&numbers, &["x.bloc"]), format!("({}) x", sum_of(&parts)));
}

/// A row of [`list`].
pub(super) fn listed(mut row: ListRow) -> Result<CellRow> {
    let mut fields = [0; Tally::COLUMNS.len()];
    for (at, field) in (3..).zip(&mut fields) {
        *field = row.number(at)?;
    }
    Ok(CellRow {
        owner: row.number(0)?,
        phase_id: row.number(1)?,
        group_id: row.number(2)?,
        bloc: row.text(0)?,
        tally: Tally::from_fields(fields),
        participants: row.number(3 + fields.len())?,
    })
}

fn parts(sql: &mut Sql, programme: i64, grid: &Grid, reach: Reach, units: Units<'_>, persons: bool) -> Vec<String> {
    let programme = sql.key(programme);
    let persons = persons && grid.counts_persons();
    let question = Question { programme, slice: Conditions::of(sql, grid), grid, reach };
    let mut parts = question.folded(sql, units, persons);
    if sql.dialect.queues_deltas() {
        parts.push(question.queued(sql, units.all));
        if persons {
            parts.push(question.queued_persons(sql, units.all));
        }
    }
    parts
}

/// The one cell of each unit for any phase, group and bloc, without what is queued: it stays the same while somebody holds the tree's
/// lock, whatever others write.
pub(super) async fn folded(tx: &Tx, programme: i64, units: &[i64]) -> Result<Vec<CellRow>> {
    let mut sql = tx.sql("");
    let (programme, grid) = (sql.key(programme), Grid::any());
    let question = Question { programme, slice: Conditions::of(&mut sql, &grid), grid: &grid, reach: Reach::Whole };
    let parts = question.folded(&mut sql, Units::any(units), true);
    added(tx, sql, &parts).await
}

async fn added(tx: &Tx, mut sql: Sql, parts: &[String]) -> Result<Vec<CellRow>> {
    sql.push(&sum_of(parts));
    Ok(tx.lean::<Row>(sql).await?.into_iter().map(CellRow::from).collect())
}

fn sum_of(parts: &[String]) -> String {
    format!(
        "SELECT x.owner, x.phase_id, x.group_id, x.bloc, {}, CAST(SUM(x.participants) AS BIGINT) AS participants \
         FROM ({}) x GROUP BY x.owner, x.phase_id, x.group_id, x.bloc",
        sums("x"),
        parts.join(" UNION ALL ")
    )
}

#[derive(Deserialize)]
struct Row(i64, i64, i64, String, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);

impl Lean for Row {
    const COLUMNS: usize = 17;

    fn read(row: &QueryResult) -> std::result::Result<Row, DbErr> {
        let n = |at| row.try_get_by_index(at);
        Ok(Row(
            n(0)?,
            n(1)?,
            n(2)?,
            row.try_get_by_index(3)?,
            n(4)?,
            n(5)?,
            n(6)?,
            n(7)?,
            n(8)?,
            n(9)?,
            n(10)?,
            n(11)?,
            n(12)?,
            n(13)?,
            n(14)?,
            n(15)?,
            n(16)?,
        ))
    }
}

impl From<Row> for CellRow {
    fn from(row: Row) -> CellRow {
        let Row(owner, phase_id, group_id, bloc, a, b, c, d, e, f, g, h, i, j, k, l, participants) = row;
        let tally = Tally::from_fields([a, b, c, d, e, f, g, h, i, j, k, l]);
        CellRow { owner, phase_id, group_id, bloc, tally, participants }
    }
}

/// Whose records are a unit's own: its, unless it has ended, and those of the units that it follows, whose bloc is the same.
const OWN: &str = " JOIN unit_closure o ON o.ancestor_id = u.id AND o.distance = 0 AND NOT o.ended";

struct Question<'a> {
    programme: String,
    slice: Conditions,
    grid: &'a Grid,
    reach: Reach,
}

impl Question<'_> {
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
    fn folded(&self, sql: &mut Sql, Units { all, leaves }: Units<'_>, persons: bool) -> Vec<String> {
        let mut parts = Vec::new();
        if self.reach == Reach::Whole {
            parts.push(self.cells(sql, all, persons));
        }
        if !leaves.are_none() {
            parts.push(self.own(sql, leaves));
            if persons {
                parts.push(self.own_persons(sql, leaves));
            }
        }
        parts
    }

    /// What inner units store.
    fn cells(&self, sql: &mut Sql, units: Owners<'_>, persons: bool) -> String {
        let these = units.have(sql, "r.unit_id");
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

    fn own(&self, sql: &mut Sql, units: Owners<'_>) -> String {
        let these = units.have(sql, "u.id");
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

    fn own_persons(&self, sql: &mut Sql, units: Owners<'_>) -> String {
        let these = units.have(sql, "u.id");
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
    fn queue_of(&self, sql: &mut Sql, units: Owners<'_>) -> String {
        let owners = units.have(sql, "c.ancestor_id");
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
    fn queued(&self, sql: &mut Sql, units: Owners<'_>) -> String {
        format!(
            "SELECT c.ancestor_id AS owner, {}, {}, 0 AS participants {} AND d.account_id IS NULL",
            self.keys("d", "u.bloc"),
            columns("d"),
            self.queue_of(sql, units)
        )
    }

    /// For persons whether they come or go, given what is folded of them.
    fn queued_persons(&self, sql: &mut Sql, units: Owners<'_>) -> String {
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
             GROUP BY c.ancestor_id, d.account_id{}) t) q GROUP BY q.owner, q.phase_id, q.group_id, q.bloc",
            nothing(),
            self.keys("d", "u.bloc"),
            self.queue_of(sql, units),
            self.grouping("d", "u.bloc")
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
