//! Which units history answers for at an instant, and from which mark on events do.

use std::collections::{HashMap, HashSet};

use sea_orm::FromQueryResult;

use super::grade::Grade;
use super::rewind::is_told;
use crate::error::Result;
use crate::rollup::view::{Lens, View};
use crate::store::Tx;

/// Units that are read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Way {
    pub grade: Grade,
    /// Events from there on are read beside the rows.
    pub mark: i64,
    /// Which of the two trees the rows are kept through.
    pub reported: bool,
    /// Whether rows alone tell what counted, by their steps.
    pub stepped: bool,
}

pub struct Plan {
    pub ways: Vec<(Way, Vec<i64>)>,
    /// Units that history does not answer for.
    pub rest: Vec<i64>,
    /// The root, where it is among them: everything is credited to it.
    pub root: Option<i64>,
}

#[derive(FromQueryResult)]
struct Kept {
    unit_id: i64,
    reported: bool,
    grade: i32,
    built: bool,
    mark: Option<i64>,
    stepped: bool,
    root: bool,
}

/// For the cell of this phase, group and bloc. One statement.
pub async fn plan(tx: &Tx, view: &View, (phase, group, bloc): (i64, i64, &str), units: &[i64]) -> Result<Plan> {
    let mut sql = tx.sql("");
    let at = sql.bind(view.as_of.unwrap_or(i64::MAX));
    let grades: Vec<String> = Grade::ALL.iter().map(|grade| format!("SELECT {} AS grade", grade.number())).collect();
    let these = sql.any_id("k.unit_id", units);
    // Marks are looked up once, not for each unit.
    let (totals, told) = (Grade::Totals.number(), is_told(sql.dialect, &at));
    sql.push(&format!(
        "WITH n AS MATERIALIZED (SELECT g.grade, (SELECT MAX(m.at) FROM rollup_mark m WHERE m.grade = g.grade AND m.at <= {at}) AS mark, \
         g.grade = {totals} AND {told} AS stepped FROM ({}) g) \
         SELECT k.unit_id, k.reported, k.grade, k.built, u.parent_id IS NULL AS root, n.mark, n.stepped \
         FROM rollup_kept k JOIN unit u ON u.id = k.unit_id JOIN n ON n.grade = k.grade WHERE {these}",
        grades.join(" UNION ALL ")
    ));
    let mut reported: HashMap<i64, Kept> = HashMap::new();
    let mut current: HashMap<i64, Kept> = HashMap::new();
    // A unit that is kept through the tree now as well stands otherwise now, in whichever grade.
    let mut displaced: HashSet<i64> = HashSet::new();
    let mut root = None;
    for kept in tx.all::<Kept>(sql).await? {
        if kept.root {
            root = Some(kept.unit_id);
        }
        if !kept.reported {
            displaced.insert(kept.unit_id);
        }
        if Grade::of_number(kept.grade).has(phase, group, bloc) {
            let kind = if kept.reported { &mut reported } else { &mut current };
            kind.insert(kept.unit_id, kept);
        }
    }
    let mut ways: HashMap<Way, Vec<i64>> = HashMap::new();
    let mut rest = Vec::new();
    for unit in units {
        let kept = match view.lens {
            Lens::Reported => reported.get(unit),
            Lens::Current if displaced.contains(unit) => current.get(unit),
            Lens::Current => reported.get(unit),
            // All trees give the root the same, blocs apart: what did not exist yet had none.
            Lens::At(_) => reported.get(unit).filter(|kept| kept.root && bloc.is_empty()),
        };
        match kept.filter(|kept| kept.built).map(|kept| (kept, kept.mark)) {
            Some((kept, Some(mark))) => {
                let grade = Grade::of_number(kept.grade);
                ways.entry(Way { reported: kept.reported, mark, grade, stepped: kept.stepped })
                    .or_default()
                    .push(*unit);
            }
            _ => rest.push(*unit),
        }
    }
    let mut ways: Vec<(Way, Vec<i64>)> = ways.into_iter().collect();
    ways.sort();
    Ok(Plan { ways, rest, root })
}

/// The same rules for totals as conditions of a statement. Whether the unit's rows are those kept through the tree as reported: a unit that
/// is kept through the tree now as well stands otherwise now.
pub fn through_reported(lens: Lens, unit: &str) -> String {
    match lens {
        Lens::Reported => "TRUE".to_owned(),
        _ => format!("NOT EXISTS (SELECT 1 FROM rollup_kept d WHERE d.unit_id = {unit} AND d.reported = FALSE)"),
    }
}

/// Whether the unit's totals are kept through that tree, and built.
pub fn is_kept(unit: &str, reported: &str) -> String {
    let grade = Grade::Totals.number();
    format!(
        "EXISTS (SELECT 1 FROM rollup_kept k WHERE k.unit_id = {unit} AND k.reported = {reported} AND k.grade = {grade} AND k.built)"
    )
}
