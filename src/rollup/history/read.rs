//! Reading: the rows of history after an instant, by their steps; where they have none yet, the nearest before it, and what the events
//! from their mark on change.

use super::grade::Grade;
use super::latest::Wanted;
use super::persons::{counted, in_count};
use super::plan::{Way, plan};
use super::rewind;
use crate::error::Result;
use crate::ledger::Tally;
use crate::rollup::changes;
use crate::rollup::measures::{SumRow, sums};
use crate::rollup::view::{Lens, View};
use crate::store::{Sql, Tx};

/// The cell (phase, group, bloc; 0 or empty: any) of each unit at the view's instant, and the units that history does not answer
/// for. Units without records have no row. Two statements where all are kept in one grade.
pub async fn read(
    tx: &Tx,
    programme: i64,
    view: &View,
    cell: (i64, i64, &str),
    units: &[i64],
) -> Result<(Vec<SumRow>, Vec<i64>)> {
    let plan = plan(tx, view, cell, units).await?;
    let mut rows = Vec::new();
    // Whose rows are of one mark share what has happened since.
    for ways in plan.ways.chunk_by(|(one, _), (other, _)| (one.grade, one.mark) == (other.grade, other.mark)) {
        let mut plain: Vec<(Way, Vec<i64>)> = Vec::new();
        for (way, units) in ways {
            let without = match (way.stepped, view.as_of) {
                (true, Some(at)) => rewind::read(tx, programme, way.reported, at, units, &mut rows).await?,
                _ => units.clone(),
            };
            if !without.is_empty() {
                plain.push((*way, without));
            }
        }
        if !plain.is_empty() {
            rows.extend(tx.all::<SumRow>(statement(tx, programme, view, cell, &plain, plan.root)).await?);
        }
    }
    Ok((rows, plan.rest))
}

/// Of ways that differ in the tree that their rows are kept through alone.
fn statement(
    tx: &Tx,
    programme: i64,
    view: &View,
    cell: (i64, i64, &str),
    ways: &[(Way, Vec<i64>)],
    root: Option<i64>,
) -> Sql {
    let mut sql = tx.sql("");
    let columns = Tally::COLUMNS.map(|column| format!("h.{column}")).join(", ");
    let columns = format!("h.unit_id AS owner, {columns}, h.participants");
    let mut parts: Vec<String> = Vec::new();
    for (way, units) in ways {
        let (phase, group, bloc) = cell;
        let wanted = Wanted {
            units: units.clone(),
            programmes: vec![programme],
            phases: vec![phase],
            groups: vec![group],
            blocs: vec![bloc.to_owned()],
        };
        parts.push(wanted.nearest(&mut sql, way.reported, way.mark, &columns));
    }
    let recent = Recent::new(&mut sql, programme, view, cell, ways, root);
    parts.extend(recent.tallies());
    parts.extend(recent.persons());
    let mut tables = vec![("w", recent.events()), ("t", recent.touched())];
    if recent.owners.is_some() {
        tables.push(("n", recent.seats()));
    }
    let tables = tables.iter().map(|(name, rows)| format!("{name} AS MATERIALIZED ({rows})"));
    sql.push(&format!(
        "WITH {} SELECT x.owner, {}, CAST(SUM(x.participants) AS BIGINT) AS participants FROM ({}) x GROUP BY x.owner",
        tables.collect::<Vec<_>>().join(", "),
        sums(sql.dialect, "x"),
        parts.join(" UNION ALL "),
    ));
    sql
}

/// What has happened between the mark and the instant.
struct Recent {
    dialect: crate::store::Dialect,
    /// Placeholders.
    programme: String,
    from: String,
    to: String,
    /// Conditions on a row with phase and group; each begins with `AND`.
    slice: String,
    bloc: Option<String>,
    /// Of which units but the root, on `c.ancestor_id`; none where there are no others.
    owners: Option<String>,
    /// The units below them as a table, where events are found by their units.
    below: Option<String>,
    /// Whether credit goes by the tree as reported.
    reported: bool,
    /// The root, where it is asked for: everything is credited to it, through any tree.
    root: Option<String>,
}

/// An event `e` with what it changes, told once however many parts add it up.
fn change() -> String {
    format!("e.initiative_id, e.unit_id, e.action, e.submitted_at, {}", changes::each("e"))
}

/// When what a participation `p` is in was first sent in: looked up where it matters only.
const SENT: &str = "(SELECT i.submitted_at FROM initiative i WHERE i.id = p.initiative_id)";

impl Recent {
    fn new(
        sql: &mut Sql,
        programme: i64,
        view: &View,
        (phase, group, bloc): (i64, i64, &str),
        ways: &[(Way, Vec<i64>)],
        root: Option<i64>,
    ) -> Recent {
        // Of the trees of instants history tells the root alone, which needs no way up.
        let reported = view.lens != Lens::Current;
        let deep = ways.iter().any(|(way, _)| way.grade == Grade::Deep);
        let (roots, units): (Vec<i64>, Vec<i64>) =
            ways.iter().flat_map(|(_, units)| units).partition(|unit| !deep && root == Some(**unit));
        let mark = ways.first().map_or(0, |(way, _)| way.mark);
        let mut slice = String::new();
        for (column, id) in [("phase_id", phase), ("group_id", group)] {
            if id != 0 {
                slice += &format!(" AND {{row}}.{column} = {}", sql.bind(id));
            }
        }
        let below = deep.then(|| {
            let now = sql.any_id("ancestor_id", &units);
            let mut below = format!("SELECT descendant_id FROM unit_closure WHERE {now} AND NOT ended");
            if reported {
                let past = sql.any_id("ancestor_id", &units);
                below += &format!(" UNION SELECT descendant_id FROM unit_closure_past WHERE {past} AND reported");
            }
            format!("(SELECT DISTINCT descendant_id FROM ({below}) b)")
        });
        Recent {
            dialect: sql.dialect,
            programme: sql.key(programme),
            from: sql.key(mark),
            to: sql.key(view.as_of.unwrap_or(i64::MAX)),
            slice,
            bloc: (!bloc.is_empty()).then(|| sql.bind(bloc)),
            owners: (!units.is_empty()).then(|| sql.among_ids("c.ancestor_id", &units)),
            below,
            reported,
            root: roots.first().map(|root| sql.key(*root)),
        }
    }

    /// Conditions on a row that has a phase, a group and a unit.
    fn slice(&self, row: &str) -> String {
        let bloc = self
            .bloc
            .as_ref()
            .map(|bloc| format!(" AND EXISTS (SELECT 1 FROM unit d WHERE d.id = {row}.unit_id AND d.bloc = {bloc})"));
        format!("{}{}", self.slice.replace("{row}", row), bloc.unwrap_or_default())
    }

    fn events(&self) -> String {
        let wanted = format!(
            "e.programme_id = {} AND e.at >= {} AND e.at < {} AND e.submitted_at IS NOT NULL",
            self.programme, self.from, self.to
        );
        match &self.below {
            None => format!("SELECT {} FROM initiative_event e WHERE {wanted}{}", change(), self.slice("e")),
            Some(below) => {
                let events = format!("e.unit_id = k.descendant_id AND {wanted}");
                let beside = self.dialect.beside("initiative_event", "e", &events);
                format!("SELECT {} FROM {below} k{beside} WHERE TRUE{}", change(), self.slice("e"))
            }
        }
    }

    /// Persons who came or went.
    fn touched(&self) -> String {
        let beside = self.dialect.beside("participant", "p", "p.initiative_id = w.initiative_id");
        format!("SELECT DISTINCT p.account_id FROM w{beside} WHERE w.action IN ('SUBMIT', 'WITHDRAW')")
    }

    /// Joins that lead from an event's unit to those above it, each with the condition that it holds.
    fn ways_up(&self) -> Vec<(String, &str)> {
        let up = |table| self.dialect.beside(table, "c", "c.descendant_id = w.unit_id");
        match self.reported {
            false => vec![(up("unit_closure"), " AND NOT c.ended")],
            true => vec![
                (up("unit_closure"), " AND NOT c.ended AND w.submitted_at >= c.since"),
                (up("unit_closure_past"), " AND c.reported AND w.submitted_at >= c.since AND w.submitted_at < c.until"),
            ],
        }
    }

    fn tallies(&self) -> Vec<String> {
        let sums = sums(self.dialect, "w");
        let mut parts = Vec::new();
        if let Some(root) = &self.root {
            parts.push(format!("SELECT {root} AS owner, {sums}, 0 AS participants FROM w HAVING COUNT(*) > 0"));
        }
        if let Some(owners) = &self.owners {
            let part = |(up, holds): (String, &str)| {
                format!(
                    "SELECT c.ancestor_id AS owner, {sums}, 0 AS participants FROM w{up} WHERE {owners}{holds} GROUP BY c.ancestor_id"
                )
            };
            parts.extend(self.ways_up().into_iter().map(part));
        }
        parts
    }

    /// Who of the touched counts at the instant, less who counted at the mark.
    fn persons(&self) -> Vec<String> {
        let nothing = Tally::COLUMNS.map(|column| format!("0 AS {column}")).join(", ");
        let change = "SUM(q.is_in - q.was_in) AS participants";
        let mut parts = Vec::new();
        if let Some(root) = &self.root {
            let each = match self.owners {
                Some(_) => {
                    "SELECT MAX(n.is_in) AS is_in, MAX(n.was_in) AS was_in FROM n GROUP BY n.account_id".to_owned()
                }
                None => self.anywhere(),
            };
            parts.push(format!("SELECT {root} AS owner, {nothing}, {change} FROM ({each}) q HAVING COUNT(*) > 0"));
        }
        if let Some(owners) = &self.owners {
            parts.push(format!(
                "SELECT q.owner, {nothing}, {change} FROM (SELECT owner, account_id, MAX(is_in) AS is_in, MAX(was_in) AS was_in \
                 FROM ({}) r GROUP BY owner, account_id) q GROUP BY q.owner",
                self.by_owner(owners)
            ));
        }
        parts
    }

    /// Each of the touched, and whether he counts anywhere: one record of his that says so is enough.
    fn anywhere(&self) -> String {
        let counts = |at: &str| {
            let Recent { programme, dialect, .. } = self;
            format!(
                "CASE WHEN EXISTS (SELECT 1 FROM participant p WHERE p.account_id = t.account_id AND p.programme_id = {programme} \
                 AND {}{}{}) THEN 1 ELSE 0 END",
                in_count(at),
                self.slice("p"),
                dialect.row_by_row()
            )
        };
        format!("SELECT {} AS is_in, {} AS was_in FROM t", counts(&self.to), counts(&self.from))
    }

    /// Records `p` of somebody that may count.
    fn theirs(&self) -> String {
        format!("p.programme_id = {} AND p.counted_from < {}{}", self.programme, self.to, self.slice("p"))
    }

    /// Each of the touched with each unit that he takes part in, where he counts or counted.
    fn seats(&self) -> String {
        let (then, before) = (counted(&self.to), counted(&self.from));
        let rows = self.dialect.beside("participant", "p", "p.account_id = t.account_id");
        format!(
            "SELECT p.account_id, p.unit_id, MAX({then}) AS is_in, MAX({before}) AS was_in FROM t{rows} WHERE {} \
             GROUP BY p.account_id, p.unit_id HAVING MAX({then}) + MAX({before}) > 0",
            self.theirs()
        )
    }

    /// The same with each unit above. Where a unit has always stood there, all of his records in it do; else each is looked at.
    fn by_owner(&self, owners: &str) -> String {
        let up = |table| self.dialect.beside(table, "c", "c.descendant_id = n.unit_id");
        let all = |holds: &str| {
            format!(
                "SELECT c.ancestor_id AS owner, n.account_id, n.is_in, n.was_in FROM n{} WHERE {owners} AND NOT c.ended{holds}",
                up("unit_closure")
            )
        };
        if !self.reported {
            return all("");
        }
        let (then, before, theirs) = (counted(&self.to), counted(&self.from), self.theirs());
        let records = self.dialect.beside("participant", "p", "p.account_id = n.account_id AND p.unit_id = n.unit_id");
        let each = |table, holds: &str| {
            format!(
                "SELECT c.ancestor_id AS owner, p.account_id, {then} AS is_in, {before} AS was_in FROM n{}{records} \
                 WHERE {owners}{holds} AND {SENT} >= c.since AND {theirs}",
                up(table)
            )
        };
        let past = format!(" AND c.reported AND {SENT} < c.until");
        let parts = [
            all(" AND c.since = 0"),
            each("unit_closure", " AND NOT c.ended AND c.since <> 0"),
            each("unit_closure_past", &past),
        ];
        parts.join(" UNION ALL ")
    }
}
