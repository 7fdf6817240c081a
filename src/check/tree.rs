//! The tree as units' parents make it: depths, dated places, and what the closure should be.

use std::collections::{HashMap, HashSet};

use super::classes::Classes;
use super::found::Found;
use super::mend::Mend;
use crate::error::Result;
use crate::store::{Tx, lean_row, truth};

lean_row!(
    UnitRow {
        id: i64,
        code: String,
        parent_id: Option<i64>,
        depth: i32,
        #[serde(deserialize_with = "truth")]
        has_cells: bool,
        bloc: Option<String>,
        ended_at: Option<i64>,
        bundle_of_id: Option<i64>,
    }
);

lean_row!(
    /// Where a unit stood: from when to when, and when that was recorded and was known to be otherwise.
    Place {
        unit_id: i64,
        parent_id: Option<i64>,
        valid_from: i64,
        valid_to: Option<i64>,
        recorded_at: i64,
        superseded_at: Option<i64>,
    }
);

/// Rows that are read at once.
const PAGE: usize = 5_000;

/// More ancestors than any unit has.
const DEEPEST: i32 = 1_000;

pub(super) struct Unit {
    pub id: i64,
    pub code: Box<str>,
    /// Its place among the units.
    pub parent: Option<usize>,
    pub depth: i32,
    pub has_cells: bool,
    pub bloc: Option<String>,
    pub ended_at: Option<i64>,
    /// Records that a split took out of a unit: they stand nowhere by themselves.
    pub bundle: bool,
    /// Whether something that lives stands below it.
    pub inner: bool,
}

pub(super) struct Tree {
    /// In the order of their ids.
    pub units: Vec<Unit>,
    places: HashMap<i64, usize>,
    /// In the order of their units and instants.
    pub dated: Vec<Place>,
    /// Whether parents and dated places agree: then the rest follows from them.
    pub sound: bool,
    /// Units that are credited alike.
    pub classes: Classes,
    /// The class of each unit.
    pub class_of: Vec<u32>,
}

impl Tree {
    pub fn code(&self, id: i64) -> String {
        self.find(id).map_or_else(|| format!("(no unit {id})"), |unit| unit.code.to_string())
    }

    pub fn place(&self, id: i64) -> Option<usize> {
        self.places.get(&id).copied()
    }

    pub fn find(&self, id: i64) -> Option<&Unit> {
        self.units.get(self.place(id)?)
    }

    /// The class of a unit; none where there is no such unit, or nobody knows where its records are.
    pub fn class(&self, id: i64) -> Option<u32> {
        self.class_of.get(self.place(id)?).copied().filter(|class| *class != Classes::NONE)
    }

    /// The unit and its ancestors, lowest first; none where they have no end.
    pub fn way_up(&self, from: usize) -> Option<Vec<usize>> {
        let mut way = Vec::with_capacity(8);
        let mut at = Some(from);
        while let Some(place) = at {
            way.push(place);
            if way.len() > DEEPEST as usize {
                return None;
            }
            at = self.units.get(place)?.parent;
        }
        Some(way)
    }

    /// Where a unit stood, and shall have stood.
    pub fn dated_of(&self, unit: i64) -> &[Place] {
        let from = self.dated.partition_point(|place| place.unit_id < unit);
        let to = self.dated.partition_point(|place| place.unit_id <= unit);
        &self.dated[from..to]
    }
}

/// Reads the units and their dated places, and compares these with each other.
pub(super) async fn read(tx: &Tx, found: &mut Found) -> Result<Tree> {
    let mut units = Vec::new();
    let mut parents = Vec::new();
    let mut after = i64::MIN;
    loop {
        let mut sql =
            tx.sql("SELECT id, code, parent_id, depth, has_cells, bloc, ended_at, bundle_of_id FROM unit WHERE id > ");
        let from = sql.bind(after);
        sql.push(&format!("{from} ORDER BY id LIMIT {PAGE}"));
        let rows: Vec<UnitRow> = tx.lean(sql).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in rows {
            parents.push(row.parent_id);
            units.push(Unit {
                id: row.id,
                code: row.code.into(),
                parent: None,
                depth: row.depth,
                has_cells: row.has_cells,
                bloc: row.bloc,
                ended_at: row.ended_at,
                bundle: row.bundle_of_id.is_some(),
                inner: false,
            });
        }
    }
    let places: HashMap<i64, usize> = units.iter().enumerate().map(|(place, unit)| (unit.id, place)).collect();
    for (place, parent) in parents.into_iter().enumerate() {
        let parent = parent.and_then(|parent| places.get(&parent).copied());
        units[place].parent = parent;
        if let Some(parent) = parent.filter(|_| units[place].ended_at.is_none()) {
            units[parent].inner = true;
        }
    }
    found.report.units = units.iter().filter(|unit| !unit.bundle).count();
    let class_of = vec![Classes::NONE; units.len()];
    let dated = dated(tx, &units).await?;
    let mut tree = Tree { units, places, dated, sound: true, classes: Classes::default(), class_of };
    tree.sound = depths(&tree, found) & stand(tx, &tree, found).await?;
    Ok(tree)
}

/// The dated places of all units.
async fn dated(tx: &Tx, units: &[Unit]) -> Result<Vec<Place>> {
    let mut places = Vec::with_capacity(units.len());
    for units in units.chunks(PAGE) {
        let mut sql = tx.sql("");
        let (first, last) = (sql.bind(units[0].id), sql.bind(units[units.len() - 1].id));
        sql.push(&format!(
            "SELECT unit_id, parent_id, valid_from, valid_to, recorded_at, superseded_at FROM unit_placement \
             WHERE unit_id >= {first} AND unit_id <= {last}"
        ));
        places.extend(tx.lean::<Place>(sql).await?);
    }
    places.sort_by_key(|place| (place.unit_id, place.valid_from, place.valid_to.unwrap_or(i64::MAX)));
    Ok(places)
}

/// Depths, and that whoever has sub-units keeps cells.
fn depths(tree: &Tree, found: &mut Found) -> bool {
    let mut sound = true;
    for (place, unit) in tree.units.iter().enumerate() {
        let Some(way) = tree.way_up(place) else {
            let place = format!("unit {} ancestors", unit.code);
            found.lasting(place, "an end at the root".to_owned(), "a cycle".to_owned());
            sound = false;
            continue;
        };
        let depth = i32::try_from(way.len()).unwrap_or(DEEPEST) - 1;
        if unit.ended_at.is_none() && unit.depth != depth {
            let place = format!("unit {} depth", unit.code);
            found.mendable(place, depth.to_string(), unit.depth.to_string(), Mend::Depth(unit.id, depth));
        }
        if unit.inner && !unit.has_cells {
            let place = format!("unit {} cells", unit.code);
            found.lasting(place, "kept: it has sub-units".to_owned(), "not kept".to_owned());
            sound = false;
        }
    }
    sound
}

/// Dated places against parents and ends.
async fn stand(tx: &Tx, tree: &Tree, found: &mut Found) -> Result<bool> {
    let back = tx.ids(tx.sql(
        "SELECT DISTINCT unit_id AS id FROM reorganisation_change WHERE was LIKE '%\"ended\":true%' AND became LIKE '%\"ended\":false%'",
    ));
    let back: HashSet<i64> = back.await?.into_iter().collect();
    let mut sound = true;
    for unit in tree.units.iter().filter(|unit| !unit.bundle) {
        let known = tree.dated_of(unit.id).iter().filter(|place| place.superseded_at.is_none());
        let known: Vec<&Place> = known.collect();
        let parent = unit.parent.and_then(|parent| tree.units.get(parent)).map(|parent| parent.id);
        if let Some(why) = broken(&known, (parent, unit.ended_at), back.contains(&unit.id)) {
            let place = format!("unit {} dated places", unit.code);
            found.lasting(place, "periods without gap or overlap".to_owned(), why);
            sound = false;
        }
    }
    Ok(sound)
}

/// Why the periods are no history of a unit with this parent and end, if they are none. One that came back was away in between.
fn broken(places: &[&Place], (parent, ended_at): (Option<i64>, Option<i64>), came_back: bool) -> Option<String> {
    for pair in places.windows(2) {
        let away = came_back && pair[0].valid_to.is_some_and(|end| end < pair[1].valid_from);
        if pair[0].valid_to != Some(pair[1].valid_from) && !away {
            return Some(format!("one ends at {:?}, the next begins at {}", pair[0].valid_to, pair[1].valid_from));
        }
    }
    match places.last() {
        None => Some("none".to_owned()),
        Some(last) if ended_at.is_some() => {
            (last.valid_to != ended_at).then(|| "the last one does not end where the unit does".to_owned())
        }
        Some(last) if last.valid_to.is_some() => Some("none holds now".to_owned()),
        Some(last) if last.parent_id != parent => Some("the present one names another parent".to_owned()),
        Some(_) => None,
    }
}
