//! The part of the tree that a plan touches, in memory: as it is, and as the plan would have it.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use entity::enums::{Bound, TargetKind, UnitKind};
use entity::target;
use entity::unit::Model;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use super::step::{Step, Targets};
use crate::access::Viewer;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::unit;

/// What a plan may change of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub code: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    #[serde(with = "kind_text")]
    pub kind: UnitKind,
    pub parent: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordinator: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bloc: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// Where its records are seated: itself while it lives.
    pub seat: i64,
    #[serde(default)]
    pub ended: bool,
}

mod kind_text {
    use entity::enums::UnitKind;
    use sea_orm::ActiveEnum;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(kind: &UnitKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&kind.to_value())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnitKind, D::Error> {
        let text = String::deserialize(deserializer)?;
        UnitKind::try_from_value(&text).map_err(serde::de::Error::custom)
    }
}

/// A unit before and after.
#[derive(Clone, Debug)]
pub struct Sketched {
    /// None: the plan makes it.
    pub was: Option<State>,
    pub is: State,
    /// From when on it has been, milliseconds since the epoch.
    pub began: i64,
    /// Place of the step that last had to do with it, from 1; 0: none.
    pub step: usize,
}

impl Sketched {
    pub fn is_made(&self) -> bool {
        self.was.is_none()
    }

    pub fn is_changed(&self) -> bool {
        self.was.as_ref() != Some(&self.is)
    }

    /// Lives now and not after.
    pub fn ends(&self) -> bool {
        self.is.ended && self.was.as_ref().is_some_and(|was| !was.ended)
    }

    /// Had ended, and lives after.
    pub fn revives(&self) -> bool {
        !self.is.ended && self.was.as_ref().is_some_and(|was| was.ended)
    }

    /// Lives before and after, elsewhere.
    pub fn moves(&self) -> bool {
        !self.is.ended && self.was.as_ref().is_some_and(|was| !was.ended && was.parent != self.is.parent)
    }

    /// Had ended and stays so, its records seated elsewhere.
    pub fn reseats(&self) -> bool {
        self.is.ended && self.was.as_ref().is_some_and(|was| was.ended && was.seat != self.is.seat)
    }
}

/// How targets pass from one unit to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passing {
    pub from: i64,
    pub to: i64,
    pub targets: Targets,
    /// Hundredths of a per cent.
    pub share: i32,
}

/// A target that is set, or taken away, whatever passes to its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub unit: i64,
    pub cell: Cell,
    pub value: Option<(i32, Bound)>,
}

/// Which target of a unit: programme, kind, phase or 0, bloc or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    pub programme: i64,
    pub kind: TargetKind,
    pub phase: i64,
    pub bloc: String,
}

impl Cell {
    pub fn of(target: &target::Model) -> Cell {
        let target::Model { programme_id, kind, phase_id, .. } = *target;
        Cell { programme: programme_id, kind, phase: phase_id, bloc: target.bloc.clone() }
    }
}

/// Initiatives that count as the own ones of a unit and go to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The unit of their rows: the one that is split, one that has ended there, or a bundle that came there before.
    pub of: i64,
    pub from: i64,
    pub to: i64,
    /// The step that says so.
    pub step: usize,
    pub initiatives: Vec<i64>,
}

#[derive(Default)]
pub struct Sketch {
    pub units: HashMap<i64, Sketched>,
    /// Every code that leads to a unit: today's, earlier ones, those to be given.
    pub codes: HashMap<String, i64>,
    /// Codes that somebody has, visible or not.
    pub taken: HashSet<String>,
    /// Children that live, of the units whose children matter.
    pub children: HashMap<i64, BTreeSet<i64>>,
    /// Blocs of the federation.
    pub blocs: Vec<String>,
    /// Predecessor and successor.
    pub lineage: BTreeSet<(i64, i64)>,
    pub passing: Vec<Passing>,
    /// Units that were left below one that ends, and that one.
    pub left: Vec<(i64, i64)>,
    pub settings: Vec<Setting>,
    /// Records that a split takes out of a unit.
    pub bundles: Vec<Bundle>,
    /// Authors of what goes from one unit to another and is not decided: account, from, to.
    pub authors: BTreeSet<(i64, i64, i64)>,
    /// Drafts that go elsewhere than their unit's seat: initiative and unit.
    pub drafts: HashMap<i64, i64>,
    /// Members who go elsewhere than their unit's seat: account and unit.
    pub members: HashMap<i64, i64>,
    pub root: i64,
    /// The day on which it takes effect.
    pub day: NaiveDate,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    unit: Model,
    seat: Option<i64>,
}

impl Sketch {
    /// What the steps name, what stands directly below those units, and everything above.
    pub async fn load(tx: &Tx, viewer: Viewer, steps: &[Step], day: NaiveDate) -> Result<Sketch> {
        let mut codes: Vec<String> = Vec::new();
        for input in steps.iter().map(|step| &step.input) {
            let parts = input.parts.iter().flat_map(|part| part.units.iter().chain([&part.unit]));
            // A new code is stored without spaces around it.
            codes.extend(input.code.iter().map(|code| code.trim().to_owned()));
            codes.extend(
                input.units.iter().chain(&input.into).chain(&input.parent).chain(&input.code).chain(parts).cloned(),
            );
        }
        codes.sort_unstable();
        codes.dedup();
        let mut sketch = Sketch { day, blocs: unit::blocs(tx).await?, ..Sketch::default() };
        for (code, seen) in unit::seen_by_code(tx, viewer, &codes).await? {
            sketch.codes.insert(code, seen.row.id);
        }
        let named: Vec<i64> = sketch.codes.values().copied().collect();
        sketch.add_units(tx, &named).await?;
        sketch.add_children(tx, &named).await?;
        sketch.add_above(tx).await?;
        sketch.taken = taken(tx, &codes).await?;
        Ok(sketch)
    }

    /// Exactly these units, their children, and everything above; nobody's eyes matter.
    pub async fn of_units(tx: &Tx, units: &[i64], day: NaiveDate) -> Result<Sketch> {
        let mut sketch = Sketch { day, ..Sketch::default() };
        sketch.add_units(tx, units).await?;
        sketch.add_children(tx, units).await?;
        sketch.add_above(tx).await?;
        Ok(sketch)
    }

    /// Loads units that are not known yet.
    pub async fn add_units(&mut self, tx: &Tx, ids: &[i64]) -> Result<()> {
        let new: Vec<i64> = ids.iter().copied().filter(|id| !self.units.contains_key(id)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut sql = tx.sql(
            "SELECT u.*, (SELECT MAX(c.seat_id) FROM unit_closure c WHERE c.descendant_id = u.id AND NOT c.ended) AS seat \
             FROM unit u WHERE ",
        );
        let these = sql.any_id("u.id", &new);
        sql.push(&these);
        for Row { unit, seat } in tx.all::<Row>(sql).await? {
            let state = State {
                code: unit.code.clone(),
                name: unit.name,
                name_en: unit.name_en,
                kind: unit.kind,
                parent: unit.parent_id,
                coordinator: unit.coordinator_id,
                bloc: unit.bloc,
                sector: unit.sector,
                seat: seat.unwrap_or(unit.id),
                ended: unit.ended_at.is_some(),
            };
            self.codes.entry(unit.code).or_insert(unit.id);
            let began = unit.begins_at.unwrap_or(unit.created_at);
            let sketched = Sketched { was: Some(state.clone()), is: state, began, step: 0 };
            self.units.insert(unit.id, sketched);
        }
        Ok(())
    }

    /// Loads what stands directly below these units, what they coordinate, and what is seated at them.
    pub async fn add_children(&mut self, tx: &Tx, ids: &[i64]) -> Result<()> {
        let mut sql = tx.sql("SELECT id FROM unit WHERE ");
        let (below, beside) = (sql.any_id("parent_id", ids), sql.any_id("coordinator_id", ids));
        let seated = sql.any_id("seat_id", ids);
        let at = sql.any_id("ancestor_id", ids);
        sql.push(&format!(
            "ended_at IS NULL AND {below} UNION SELECT id FROM unit WHERE ended_at IS NULL AND {beside} \
             UNION SELECT descendant_id FROM unit_closure WHERE distance = 0 AND NOT ended AND {seated} AND {at}"
        ));
        let found = tx.ids(sql).await?;
        self.add_units(tx, &found).await?;
        for id in ids {
            self.children.entry(*id).or_default();
        }
        for (id, unit) in &self.units {
            if let Some(parent) = unit.is.parent.filter(|_| !unit.is.ended)
                && let Some(children) = self.children.get_mut(&parent)
            {
                children.insert(*id);
            }
        }
        Ok(())
    }

    /// Loads everything above what is known.
    pub async fn add_above(&mut self, tx: &Tx) -> Result<()> {
        let mut missing: Vec<i64> = self.missing();
        while !missing.is_empty() {
            self.add_units(tx, &missing).await?;
            missing = self.missing();
        }
        let root = tx.ids(tx.sql("SELECT id FROM unit WHERE parent_id IS NULL")).await?;
        self.add_units(tx, &root).await?;
        self.root = root.first().copied().ok_or_else(|| Error::Internal("the tree has no root".to_owned()))?;
        Ok(())
    }

    fn missing(&self) -> Vec<i64> {
        let related =
            self.units.values().flat_map(|unit| [unit.is.parent, unit.is.coordinator, Some(unit.is.seat)]).flatten();
        let missing: HashSet<i64> = related.filter(|id| !self.units.contains_key(id)).collect();
        missing.into_iter().collect()
    }

    pub fn get(&self, id: i64) -> Option<&Sketched> {
        self.units.get(&id)
    }

    /// The code by which messages call it.
    pub fn code(&self, id: i64) -> &str {
        self.units.get(&id).map_or("?", |unit| unit.is.code.as_str())
    }

    /// The unit and its ancestors, lowest first, as the plan would have them, or as they were; ends where there is a cycle.
    pub fn way_up(&self, unit: i64, was: bool) -> Vec<i64> {
        let mut way = Vec::new();
        let mut at = Some(unit);
        while let Some(id) = at {
            if way.contains(&id) {
                break;
            }
            way.push(id);
            let sketched = self.units.get(&id);
            at = sketched
                .and_then(|one| if was { one.was.as_ref() } else { Some(&one.is) })
                .and_then(|state| state.parent);
        }
        way
    }

    /// Where the records of a unit are seated, as the plan would have them or as they were.
    pub fn seat(&self, unit: i64, was: bool) -> i64 {
        let Some(sketched) = self.units.get(&unit) else { return unit };
        if was { sketched.was.as_ref().map_or(unit, |was| was.seat) } else { sketched.is.seat }
    }

    pub fn changed(&self) -> impl Iterator<Item = (i64, &Sketched)> {
        self.units.iter().filter(|(_, unit)| unit.is_changed()).map(|(id, unit)| (*id, unit))
    }

    /// Those that are so, in the order of their codes.
    pub fn those(&self, so: impl Fn(&Sketched) -> bool) -> Vec<i64> {
        let mut found: Vec<i64> = self.units.iter().filter(|(_, unit)| so(unit)).map(|(id, _)| *id).collect();
        found.sort_by(|a, b| self.code(*a).cmp(self.code(*b)));
        found
    }
}

/// Those of the codes that belong or belonged to a unit.
async fn taken(tx: &Tx, codes: &[String]) -> Result<HashSet<String>> {
    #[derive(FromQueryResult)]
    struct Code {
        code: String,
    }
    let codes: Vec<&String> = codes.iter().filter(|code| !code.contains('\0')).collect();
    let mut sql = tx.sql("SELECT code FROM unit WHERE ");
    let now = sql.any_text("code", &codes);
    let before = sql.any_text("code", &codes);
    sql.push(&format!("{now} UNION SELECT code FROM unit_code WHERE {before}"));
    Ok(tx.all::<Code>(sql).await?.into_iter().map(|row| row.code).collect())
}
