//! Conservation: what must be the same before and after, and a proof by another way than the one that wrote it.

use std::collections::{BTreeMap, HashMap};

use entity::programme;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use super::report::{Statement, UnitReport};
use super::sketch::Sketch;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ledger::Tally;
use crate::programme::ResolvedSlice;
use crate::rollup::{self, Contest, Measure, Measures, View};
use crate::store::Tx;
use crate::text::message;

/// A unit's numbers in one programme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    pub submitted: i64,
    pub pending: i64,
    pub returned: i64,
    pub approved: i64,
    pub rejected: i64,
    pub revoked: i64,
    /// VND.
    pub claimed_benefit: i64,
    pub verified_benefit: i64,
    pub benefit_not_computable: i64,
    pub participants: i64,
    /// GUIDELINE, else REGISTERED, of the whole programme.
    pub target: Option<i32>,
    /// Among its siblings by APPROVED.
    pub rank: Option<i64>,
}

impl Standing {
    fn of(measures: &Measures, target: Option<i32>, rank: Option<i64>) -> Standing {
        let tally = &measures.tally;
        Standing {
            submitted: tally.submitted(),
            pending: tally.pending,
            returned: tally.returned,
            approved: tally.approved,
            rejected: tally.rejected,
            revoked: tally.revoked,
            claimed_benefit: tally.claimed(),
            verified_benefit: tally.verified,
            benefit_not_computable: tally.opaque(),
            participants: measures.participants,
            target,
            rank,
        }
    }

    /// Without what is no measure.
    fn measures(self) -> Standing {
        Standing { target: None, rank: None, ..self }
    }
}

/// The numbers of units by programme and unit.
pub type Standings = BTreeMap<(String, i64), Standing>;

/// Of these units, in every programme, as far as it is folded: others go on writing, and what they write must not look like a loss.
pub async fn standings(app: &App, tx: &Tx, units: &[i64]) -> Result<Standings> {
    let programmes: Vec<programme::Model> = tx.all(tx.sql("SELECT * FROM programme ORDER BY code")).await?;
    let mut found = Standings::new();
    for programme in programmes {
        let view = View::present(ResolvedSlice::default(), app.config.time_zone);
        let measures = rollup::folded(tx, programme.id, units).await?;
        let targets = rollup::target_values(tx, programme.id, &view, units).await?;
        let contest = Contest { view, by: Measure::Approved, compared_to: None };
        let ranks = rollup::rankings(tx, programme.id, &contest, units).await?;
        for (unit, measures) in measures {
            let target = targets.get(&unit).and_then(|targets| targets.choose(None)).map(|(_, value)| value);
            let rank = ranks.get(&unit).and_then(|ranked| ranked.rank).and_then(|rank| i64::try_from(rank).ok());
            found.insert((programme.code.clone(), unit), Standing::of(&measures, target, rank));
        }
    }
    Ok(found)
}

/// What is told of units before and after.
pub fn compared(sketch: &Sketch, units: &[i64], before: &Standings, after: &Standings) -> Vec<UnitReport> {
    let mut reports = Vec::new();
    for id in units {
        let Some(unit) = sketch.get(*id) else { continue };
        let programmes: Vec<&String> =
            after.keys().filter(|(_, of)| of == id).map(|(programme, _)| programme).collect();
        for programme in programmes {
            let key = (programme.clone(), *id);
            reports.push(UnitReport {
                unit: unit.is.code.clone(),
                name: unit.is.name.clone(),
                programme: programme.clone(),
                before: before.get(&key).copied().filter(|_| !unit.is_made()),
                after: after.get(&key).copied().filter(|_| !unit.is.ended),
            });
        }
    }
    reports
}

/// The statements: the root and what the plan does not touch, measure by measure, participants among them; and that those that are made
/// have what those that end had. An error where one does not hold.
pub fn statements(sketch: &Sketch, units: &[i64], before: &Standings, after: &Standings) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    let text = |standing: Option<&Standing>| {
        serde_json::to_string(&standing.copied().unwrap_or_default().measures())
            .map_err(|error| Error::Internal(format!("a standing: {error}")))
    };
    for (programme, unit) in after.keys().filter(|(_, unit)| *unit == sketch.root) {
        let key = (programme.clone(), *unit);
        statements.push(Statement {
            what: message!("all measures of the whole federation in {programme}", programme),
            before: text(before.get(&key))?,
            after: text(after.get(&key))?,
        });
    }
    let same = units.iter().filter(|id| sketch.get(**id).is_some_and(|unit| !unit.is_changed() && **id != sketch.root));
    let untouched: Vec<i64> = same.copied().filter(|id| !reached(sketch, *id)).collect();
    if !untouched.is_empty() {
        let of = |standings: &Standings| -> Result<String> {
            let mut all = String::new();
            for ((programme, unit), standing) in standings.iter().filter(|((_, unit), _)| untouched.contains(unit)) {
                all += &format!("{programme} {} {};", sketch.code(*unit), text(Some(standing))?);
            }
            Ok(all)
        };
        statements.push(Statement {
            what: message!("all measures of {n} unit(s) beside the plan", n = untouched.len()),
            before: of(before)?,
            after: of(after)?,
        });
    }
    check(&statements)?;
    Ok(statements)
}

/// Whether something below the unit comes or goes.
fn reached(sketch: &Sketch, unit: i64) -> bool {
    sketch.changed().any(|(id, _)| sketch.way_up(id, true).contains(&unit) || sketch.way_up(id, false).contains(&unit))
}

fn check(statements: &[Statement]) -> Result<()> {
    match statements.iter().find(|statement| !statement.holds()) {
        None => Ok(()),
        Some(broken) => Err(Error::Internal(format!(
            "a reorganisation would not conserve {}: {} before, {} after; nothing is applied",
            broken.what.english(),
            broken.before,
            broken.after
        ))),
    }
}

#[derive(FromQueryResult)]
struct Row {
    unit_id: i64,
    programme_id: i64,
    phase_id: i64,
    group_id: i64,
    #[sea_orm(nested)]
    tally: Tally,
}

/// Recounts the cells of the units from the records that now stand below them: an error where a cell is another number.
pub async fn prove(tx: &Tx, units: &[i64]) -> Result<()> {
    let sums = Tally::COLUMNS.map(|column| format!("CAST(SUM(w.{column}) AS BIGINT) AS {column}")).join(", ");
    let mut sql = tx.sql("");
    let these = sql.any_id("c.ancestor_id", units);
    sql.push(&format!(
        "SELECT c.ancestor_id AS unit_id, w.programme_id, w.phase_id, w.group_id, {sums} FROM unit_closure c \
         JOIN unit k ON k.id = c.ancestor_id AND k.has_cells JOIN rollup_own w ON w.unit_id = c.descendant_id \
         WHERE NOT c.ended AND {these} GROUP BY c.ancestor_id, w.programme_id, w.phase_id, w.group_id"
    ));
    let counted: Vec<Row> = tx.all(sql).await?;
    let columns = Tally::COLUMNS.map(|column| format!("w.{column}")).join(", ");
    let mut sql = tx.sql(format!(
        "SELECT w.unit_id, w.programme_id, w.phase_id, w.group_id, {columns} FROM rollup_cell w \
         WHERE w.phase_id <> 0 AND w.group_id <> 0 AND w.bloc = '' AND "
    ));
    let these = sql.any_id("w.unit_id", units);
    sql.push(&these);
    let stored: Vec<Row> = tx.all(sql).await?;
    let by_key = |rows: Vec<Row>| -> HashMap<(i64, i64, i64, i64), Tally> {
        let rows = rows.into_iter().filter(|row| !row.tally.is_zero());
        rows.map(|row| ((row.unit_id, row.programme_id, row.phase_id, row.group_id), row.tally)).collect()
    };
    let (counted, stored) = (by_key(counted), by_key(stored));
    if counted == stored {
        return Ok(());
    }
    let differs = counted.iter().find(|(key, tally)| stored.get(*key) != Some(*tally)).map(|(key, _)| *key);
    let differs = differs.or_else(|| stored.keys().find(|key| !counted.contains_key(*key)).copied());
    Err(Error::Internal(format!(
        "a reorganisation would leave a cell that is no sum of its records: {differs:?}; nothing is applied"
    )))
}
