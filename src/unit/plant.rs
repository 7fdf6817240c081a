//! Putting new units into the tree, one or a hundred thousand. Under the tree's lock.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::enums::UnitKind;
use entity::{unit, unit_closure};
use sea_orm::FromQueryResult;

use super::placement;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ledger::{become_inner, bump_tree_version};
use crate::store::{Conflict, Tx};
use crate::text;

/// A unit that has been checked and may be planted.
#[derive(Clone, Debug)]
pub struct NewUnit {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub kind: UnitKind,
    /// None for the root.
    pub parent: Option<i64>,
    pub coordinator: Option<i64>,
    pub bloc: Option<String>,
    pub sector: Option<String>,
    pub established_on: Option<NaiveDate>,
}

#[derive(FromQueryResult)]
struct Above {
    descendant_id: i64,
    ancestor_id: i64,
    distance: i32,
}

/// Units whose rows are written together.
const UNITS: usize = 10_000;

/// Plants units in batches, remembering the way up from those it has planted.
#[derive(Default)]
pub struct Planting {
    /// Ancestors with their distance, the unit itself first.
    ways_up: HashMap<i64, Vec<(i64, i32)>>,
}

impl Planting {
    /// Inserts the units with their closure, places and names. A parent comes before its children.
    pub async fn plant(&mut self, app: &App, tx: &Tx, units: &[NewUnit], at: i64) -> Result<()> {
        self.learn(tx, units).await?;
        let fresh: HashMap<i64, ()> = units.iter().map(|unit| (unit.id, ())).collect();
        let mut parents: Vec<i64> = units.iter().filter_map(|unit| unit.parent).collect();
        parents.sort_unstable();
        parents.dedup();
        for units in units.chunks(UNITS) {
            self.write(app, tx, units, &parents, at).await?;
        }
        for parent in parents {
            if !fresh.contains_key(&parent) {
                become_inner(tx, parent).await?;
            }
        }
        bump_tree_version(tx).await
    }

    /// Inserts some of the units; `parents`, in order, are all that get units below.
    async fn write(&mut self, app: &App, tx: &Tx, units: &[NewUnit], parents: &[i64], at: i64) -> Result<()> {
        let mut rows = Vec::with_capacity(units.len());
        let mut closure = Vec::with_capacity(units.len() * 4);
        for unit in units {
            let mut way = vec![(unit.id, 0)];
            if let Some(parent) = unit.parent {
                let above = self.ways_up.get(&parent);
                let above = above.ok_or_else(|| Error::Internal(format!("{} has no known parent", unit.code)))?;
                way.extend(above.iter().map(|(ancestor, distance)| (*ancestor, distance + 1)));
            }
            closure.extend(way.iter().map(|(ancestor_id, distance)| unit_closure::Model {
                ancestor_id: *ancestor_id,
                descendant_id: unit.id,
                distance: *distance,
                since: 0,
                holds_from: None,
                seat_id: None,
                ended: false,
            }));
            let depth = way.last().map_or(0, |(_, distance)| *distance);
            // Without records there is nothing to make cells of: a new parent keeps them from the first.
            let has_cells = parents.binary_search(&unit.id).is_ok();
            rows.push(row(unit, depth, has_cells, at));
            self.ways_up.insert(unit.id, way);
        }
        tx.insert::<unit::Entity>(&rows, Conflict::Fail).await?;
        tx.insert::<unit_closure::Entity>(&closure, Conflict::Fail).await?;
        placement::open_first(app, tx, &rows, at).await
    }

    /// Loads the ways up from parents that stand in the tree already.
    async fn learn(&mut self, tx: &Tx, units: &[NewUnit]) -> Result<()> {
        let fresh: HashMap<i64, ()> = units.iter().map(|unit| (unit.id, ())).collect();
        let parents = units.iter().filter_map(|unit| unit.parent);
        let unknown: Vec<i64> =
            parents.filter(|id| !self.ways_up.contains_key(id) && !fresh.contains_key(id)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let mut sql = tx.sql("SELECT descendant_id, ancestor_id, distance FROM unit_closure WHERE NOT ended AND ");
        let these = sql.any_id("descendant_id", &unknown);
        sql.push(&format!("{these} ORDER BY distance"));
        for above in tx.all::<Above>(sql).await? {
            self.ways_up.entry(above.descendant_id).or_default().push((above.ancestor_id, above.distance));
        }
        Ok(())
    }
}

fn row(unit: &NewUnit, depth: i32, has_cells: bool, at: i64) -> unit::Model {
    unit::Model {
        id: unit.id,
        code: unit.code.clone(),
        name_lower: text::lower(&unit.name),
        name_folded: text::fold(&unit.name),
        name_sort: text::sort_key(&unit.name),
        name: unit.name.clone(),
        name_en: unit.name_en.clone(),
        kind: unit.kind,
        parent_id: unit.parent,
        coordinator_id: unit.coordinator,
        bloc: unit.bloc.clone(),
        sector: unit.sector.clone(),
        depth,
        has_cells,
        established_on: unit.established_on,
        dissolved_on: None,
        created_at: at,
        ended_at: None,
        begins_at: None,
        bundle_of_id: None,
    }
}
