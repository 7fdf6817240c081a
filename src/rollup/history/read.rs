//! Reading: the nearest rows of history, and what the events from their mark on change.

use super::grade::Grade;
use super::latest::Wanted;
use super::persons::counted;
use super::plan::{Way, plan};
use crate::error::Result;
use crate::ledger::Tally;
use crate::rollup::changes;
use crate::rollup::measures::{SumRow, sums};
use crate::rollup::view::{Lens, View};
use crate::store::{Sql, Tx};

/// The cell (phase, group, bloc; 0 or empty: any) of each unit at the view's instant, and the units that history does not answer
/// for. Units without records have no row. Two or three statements.
pub async fn read(
    tx: &Tx,
    programme: i64,
    view: &View,
    cell: (i64, i64, &str),
    units: &[i64],
) -> Result<(Vec<SumRow>, Vec<i64>)> {
    let plan = plan(tx, view, cell, units).await?;
    let mut rows = Vec::new();
    for (way, units) in &plan.ways {
        rows.extend(tx.all::<SumRow>(statement(tx, programme, view, cell, *way, units)).await?);
    }
    Ok((rows, plan.rest))
}

fn statement(
    tx: &Tx,
    programme: i64,
    view: &View,
    (phase, group, bloc): (i64, i64, &str),
    way: Way,
    units: &[i64],
) -> Sql {
    let mut sql = tx.sql("");
    let wanted = Wanted {
        units: units.to_vec(),
        programmes: vec![programme],
        phases: vec![phase],
        groups: vec![group],
        blocs: vec![bloc.to_owned()],
    };
    let columns = Tally::COLUMNS.map(|column| format!("h.{column}")).join(", ");
    let columns = format!("h.unit_id AS owner, {columns}, h.participants");
    let stored = wanted.nearest(&mut sql, way.reported, way.mark, &columns);
    let recent = Recent::new(&mut sql, programme, view, (phase, group, bloc), way, units);
    sql.push(&format!(
        "WITH w AS MATERIALIZED ({}), t AS MATERIALIZED ({}) SELECT x.owner, {}, CAST(SUM(x.participants) AS BIGINT) AS participants \
         FROM ({stored} UNION ALL {} UNION ALL {}) x GROUP BY x.owner",
        recent.events(),
        recent.touched(),
        sums(sql.dialect, "x"),
        recent.tallies(),
        recent.persons(),
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
    /// Of which units, on `c.ancestor_id`, so that no index is chosen by it.
    owners: String,
    /// The units below them as a table, where events are found by their units.
    below: Option<String>,
    /// Whether credit goes by the tree as reported.
    reported: bool,
}

const CHANGE: &str = "e.initiative_id, e.at, e.unit_id, e.action, e.from_state, e.to_state, e.submitted_at, e.claimed_benefit, \
     e.benefit_not_computable, e.verified_benefit, e.was_claim, e.was_opaque, e.was_verified";

impl Recent {
    fn new(
        sql: &mut Sql,
        programme: i64,
        view: &View,
        (phase, group, bloc): (i64, i64, &str),
        way: Way,
        units: &[i64],
    ) -> Recent {
        // Where nothing moved in or out, the tree now says the same, for less.
        let reported = way.reported && view.lens != Lens::Current;
        let mut slice = String::new();
        for (column, id) in [("phase_id", phase), ("group_id", group)] {
            if id != 0 {
                slice += &format!(" AND {{row}}.{column} = {}", sql.bind(id));
            }
        }
        let below = (way.grade == Grade::Deep).then(|| {
            let now = sql.any_id("ancestor_id", units);
            let mut below = format!("SELECT descendant_id FROM unit_closure WHERE {now} AND NOT ended");
            if reported {
                let past = sql.any_id("ancestor_id", units);
                below += &format!(" UNION SELECT descendant_id FROM unit_closure_past WHERE {past} AND reported");
            }
            format!("(SELECT DISTINCT descendant_id FROM ({below}) b)")
        });
        Recent {
            dialect: sql.dialect,
            programme: sql.bind(programme),
            from: sql.bind(way.mark),
            to: sql.bind(view.as_of.unwrap_or(i64::MAX)),
            slice,
            bloc: (!bloc.is_empty()).then(|| sql.bind(bloc)),
            owners: sql.any_id("+c.ancestor_id", units),
            below,
            reported,
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
            None => format!("SELECT {CHANGE} FROM initiative_event e WHERE {wanted}{}", self.slice("e")),
            Some(below) => {
                let events = format!("e.unit_id = k.descendant_id AND {wanted}");
                let beside = self.dialect.beside("initiative_event", "e", &events);
                format!("SELECT {CHANGE} FROM {below} k{beside} WHERE TRUE{}", self.slice("e"))
            }
        }
    }

    /// Persons who came or went.
    fn touched(&self) -> String {
        let beside = self.dialect.beside("participant", "p", "p.initiative_id = w.initiative_id");
        format!("SELECT DISTINCT p.account_id FROM w{beside} WHERE w.action IN ('SUBMIT', 'WITHDRAW')")
    }

    /// Joins that lead from a row's unit to those above it, each with the condition that it holds.
    fn ways_up(&self, row: &str, submitted_at: &str) -> Vec<(String, String)> {
        let up = |table| self.dialect.beside(table, "c", &format!("c.descendant_id = {row}.unit_id"));
        match self.reported {
            false => vec![(up("unit_closure"), " AND NOT c.ended".to_owned())],
            true => vec![
                (up("unit_closure"), format!(" AND NOT c.ended AND {submitted_at} >= c.since")),
                (
                    up("unit_closure_past"),
                    format!(" AND c.reported AND {submitted_at} >= c.since AND {submitted_at} < c.until"),
                ),
            ],
        }
    }

    fn tallies(&self) -> String {
        let part = |(up, holds): (String, String)| {
            format!(
                "SELECT c.ancestor_id AS owner, {}, 0 AS participants FROM w{up} WHERE {}{holds} GROUP BY c.ancestor_id",
                changes::sums(self.dialect, "w"),
                self.owners
            )
        };
        self.ways_up("w", "w.submitted_at").into_iter().map(part).collect::<Vec<_>>().join(" UNION ALL ")
    }

    /// Who of the touched counts at the instant, less who counted at the mark.
    fn persons(&self) -> String {
        let Recent { programme, from, to, owners, .. } = self;
        let rows = self.dialect.beside("participant", "p", "p.account_id = t.account_id");
        let initiatives = match self.reported {
            true => self.dialect.beside("initiative", "i", "i.id = p.initiative_id"),
            false => String::new(),
        };
        let (then, before) = (counted(to), counted(from));
        let part = |(up, holds): (String, String)| {
            format!(
                "SELECT c.ancestor_id AS owner, p.account_id, {then} AS is_in, {before} AS was_in \
                 FROM t{rows}{initiatives}{up} WHERE {owners} AND p.programme_id = {programme} AND p.counted_from < {to}{}{holds}",
                self.slice("p")
            )
        };
        let parts: Vec<String> = self.ways_up("p", "i.submitted_at").into_iter().map(part).collect();
        let nothing = Tally::COLUMNS.map(|column| format!("0 AS {column}")).join(", ");
        format!(
            "SELECT q.owner, {nothing}, SUM(q.is_in - q.was_in) AS participants FROM (SELECT owner, account_id, \
             MAX(is_in) AS is_in, MAX(was_in) AS was_in FROM ({}) r GROUP BY owner, account_id) q GROUP BY q.owner",
            parts.join(" UNION ALL ")
        )
    }
}
