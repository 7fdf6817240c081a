//! Which unit followed which, and what a unit was when.

use std::collections::{BTreeSet, HashMap};

use entity::enums::UnitKind;
use entity::{unit_code, unit_name, unit_placement};
use sea_orm::FromQueryResult;

use crate::error::Result;
use crate::store::Tx;

#[derive(FromQueryResult)]
struct Pair {
    owner: i64,
    id: i64,
}

/// The units that each one followed, by code; one statement.
pub async fn predecessors(tx: &Tx, units: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
    related(tx, units, "successor_id", "predecessor_id").await
}

/// The units that followed each one, by code; one statement.
pub async fn successors(tx: &Tx, units: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
    related(tx, units, "predecessor_id", "successor_id").await
}

async fn related(tx: &Tx, units: &[i64], of: &str, who: &str) -> Result<HashMap<i64, Vec<i64>>> {
    let mut sql = tx.sql(format!(
        "SELECT DISTINCT l.{of} AS owner, l.{who} AS id, u.code FROM unit_lineage l JOIN unit u ON u.id = l.{who} \
         WHERE l.valid_to IS NULL AND "
    ));
    let these = sql.any_id(&format!("l.{of}"), units);
    sql.push(&format!("{these} ORDER BY u.code"));
    let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
    for pair in tx.all::<Pair>(sql).await? {
        found.entry(pair.owner).or_default().push(pair.id);
    }
    Ok(found)
}

/// What a unit was for a half-open period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Era {
    /// Milliseconds since the epoch.
    pub from: i64,
    /// None: up to now.
    pub to: Option<i64>,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub kind: UnitKind,
    pub parent: Option<i64>,
    pub reason: Option<String>,
    pub recorded_at: i64,
}

#[derive(FromQueryResult)]
struct Now {
    id: i64,
    code: String,
}

/// The eras of each unit, as known today, oldest first; four statements.
pub async fn histories(tx: &Tx, units: &[i64]) -> Result<HashMap<i64, Vec<Era>>> {
    let mut sql = tx.sql("SELECT * FROM unit_placement WHERE superseded_at IS NULL AND ");
    let these = sql.any_id("unit_id", units);
    sql.push(&format!("{these} ORDER BY valid_from"));
    let mut places: HashMap<i64, Vec<unit_placement::Model>> = HashMap::new();
    for place in tx.all::<unit_placement::Model>(sql).await? {
        places.entry(place.unit_id).or_default().push(place);
    }
    let mut sql = tx.sql("SELECT * FROM unit_name WHERE ");
    let these = sql.any_id("unit_id", units);
    sql.push(&format!("{these} ORDER BY valid_from"));
    let mut names: HashMap<i64, Vec<unit_name::Model>> = HashMap::new();
    for name in tx.all::<unit_name::Model>(sql).await? {
        names.entry(name.unit_id).or_default().push(name);
    }
    let mut sql = tx.sql("SELECT * FROM unit_code WHERE ");
    let these = sql.any_id("unit_id", units);
    sql.push(&format!("{these} ORDER BY valid_from"));
    let mut codes: HashMap<i64, Vec<unit_code::Model>> = HashMap::new();
    for code in tx.all::<unit_code::Model>(sql).await? {
        codes.entry(code.unit_id).or_default().push(code);
    }
    let mut sql = tx.sql("SELECT id, code FROM unit WHERE ");
    let these = sql.any_id("id", units);
    sql.push(&these);
    let none = Vec::new();
    let of = |now: Now| {
        let (places, codes) = (places.get(&now.id).unwrap_or(&Vec::new()).clone(), codes.get(&now.id).unwrap_or(&none));
        (now.id, eras(&places, names.get(&now.id).map(Vec::as_slice).unwrap_or_default(), codes, &now.code))
    };
    Ok(tx.all::<Now>(sql).await?.into_iter().map(of).collect())
}

/// Pure: places, cut where a name or a code changed.
fn eras(
    places: &[unit_placement::Model],
    names: &[unit_name::Model],
    codes: &[unit_code::Model],
    code: &str,
) -> Vec<Era> {
    let mut eras = Vec::new();
    for place in places {
        let end = place.valid_to.unwrap_or(i64::MAX);
        let turns = names.iter().map(|name| name.valid_from).chain(codes.iter().map(|code| code.valid_to));
        let turns: BTreeSet<i64> =
            turns.filter(|at| *at > place.valid_from && *at < end).chain([place.valid_from, end]).collect();
        let turns: Vec<i64> = turns.into_iter().collect();
        for span in turns.windows(2) {
            let (from, to) = (span[0], span[1]);
            // A name holds up to the next one.
            let name = names.iter().rev().find(|name| name.valid_from <= from).or_else(|| names.first());
            let earlier = codes.iter().filter(|one| one.valid_to > from).min_by_key(|one| one.valid_to);
            eras.push(Era {
                from,
                to: (to != i64::MAX).then_some(to),
                code: earlier.map_or(code, |one| one.code.as_str()).to_owned(),
                name: name.map(|name| name.name.clone()).unwrap_or_default(),
                name_en: name.and_then(|name| name.name_en.clone()),
                kind: place.kind,
                parent: place.parent_id,
                reason: place.reason.clone(),
                recorded_at: place.recorded_at,
            });
        }
    }
    eras
}
