//! Of which records the cells of the changed units are made: blocks as large as can be, so that little is read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::FromQueryResult;

use super::sketch::{Sketch, Sketched};
use crate::error::Result;
use crate::ledger::{Block, Regrouping};
use crate::store::Tx;

/// The tree as it was, as far as the plan reaches into it.
struct Old {
    /// What units consist of below which something changes.
    parts: HashMap<i64, Vec<Block>>,
}

#[derive(FromQueryResult)]
struct Row {
    owner: i64,
    id: i64,
    own: bool,
}

/// Which units' cells change, and what they are made of from now on.
pub async fn regrouping(tx: &Tx, sketch: &Sketch) -> Result<Regrouping> {
    let mut reached: BTreeSet<i64> = BTreeSet::new();
    for (id, unit) in sketch.units.iter() {
        let Some(was) = unit.was.as_ref() else { continue };
        let (ends, elsewhere) = (unit.ends(), unit.moves() || unit.revives() || unit.reseats());
        if ends {
            reached.extend(sketch.way_up(*id, true));
        }
        if elsewhere {
            let above = if was.ended { Some(was.seat) } else { was.parent };
            reached.extend(above.into_iter().flat_map(|above| sketch.way_up(above, true)));
        }
    }
    // Whoever gains keeps what he has as one block, beside what comes.
    for home in sketch.units.values().flat_map(homes) {
        let there =
            sketch.way_up(home, false).into_iter().find(|id| sketch.get(*id).is_some_and(|unit| !unit.is_made()));
        reached.extend(there.into_iter().flat_map(|there| sketch.way_up(there, true).into_iter().skip(1)));
    }
    if reached.is_empty() {
        return Ok(sketch.those(|unit| unit.is_made()).into_iter().map(|id| (id, Vec::new())).collect());
    }
    let old = Old::load(tx, &reached.iter().copied().collect::<Vec<_>>()).await?;
    Ok(assigned(sketch, &old))
}

/// Where the unit, or its records, come to stand.
fn homes(unit: &Sketched) -> Option<i64> {
    if unit.moves() || unit.revives() || unit.is_made() {
        return unit.is.parent;
    }
    (unit.ends() || unit.reseats()).then_some(unit.is.seat)
}

impl Old {
    async fn load(tx: &Tx, units: &[i64]) -> Result<Old> {
        let mut sql = tx.sql("SELECT parent_id AS owner, id, FALSE AS own FROM unit WHERE ended_at IS NULL AND ");
        let below = sql.any_id("parent_id", units);
        let seated = sql.any_id("ancestor_id", units);
        sql.push(&format!(
            "{below} UNION ALL SELECT ancestor_id, descendant_id, TRUE FROM unit_closure WHERE distance = 0 AND NOT ended AND {seated}"
        ));
        let mut parts: HashMap<i64, Vec<Block>> = HashMap::new();
        for row in tx.all::<Row>(sql).await? {
            parts.entry(row.owner).or_default().push(if row.own { Block::Own(row.id) } else { Block::Whole(row.id) });
        }
        Ok(Old { parts })
    }

    /// What a block consists of, if something changes inside.
    fn inside(&self, part: Block) -> Option<&[Block]> {
        match part {
            Block::Whole(unit) => self.parts.get(&unit).map(Vec::as_slice),
            Block::Own(_) => None,
        }
    }
}

/// Pure.
fn assigned(sketch: &Sketch, old: &Old) -> Regrouping {
    let mut ways: HashMap<Block, Vec<i64>> = HashMap::new();
    let mut affected: HashSet<i64> = sketch.those(|unit| unit.is_made() || unit.ends()).into_iter().collect();
    let root = Block::Whole(sketch.root);
    survey(sketch, old, root, &[], &mut ways, &mut affected);
    let mut blocks: Regrouping = affected.iter().map(|unit| (*unit, Vec::new())).collect();
    assign(old, root, &ways, &affected, &BTreeSet::new(), &mut blocks);
    blocks
}

/// Learns to whom all records of each part belong from now on, lowest first, and whose records change. `above`: to whom the part
/// belonged.
fn survey(
    sketch: &Sketch,
    old: &Old,
    part: Block,
    above: &[i64],
    ways: &mut HashMap<Block, Vec<i64>>,
    affected: &mut HashSet<i64>,
) -> Vec<i64> {
    let way = match (part, old.inside(part)) {
        (Block::Whole(unit), Some(parts)) => {
            let above: Vec<i64> = [unit].into_iter().chain(above.iter().copied()).collect();
            let mut common: Option<Vec<i64>> = None;
            for part in parts {
                let way = survey(sketch, old, *part, &above, ways, affected);
                common = Some(match common {
                    None => way,
                    Some(common) => common.into_iter().filter(|id| way.contains(id)).collect(),
                });
            }
            common.unwrap_or_default()
        }
        (Block::Whole(unit), None) => {
            // What the sketch does not know stays below its parent.
            let parent = sketch.get(unit).map_or(above.first().copied(), |unit| unit.is.parent);
            let higher = parent.map_or_else(Vec::new, |parent| sketch.way_up(parent, false));
            differ(above, &higher, affected);
            [unit].into_iter().chain(higher).collect()
        }
        (Block::Own(unit), _) => {
            let seat = match sketch.get(unit) {
                Some(unit) => unit.is.seat,
                // Seated where it was, or with that one's successor.
                None => above.first().map_or(unit, |seat| sketch.seat(*seat, false)),
            };
            let way = sketch.way_up(seat, false);
            differ(above, &way, affected);
            way
        }
    };
    ways.insert(part, way.clone());
    way
}

fn differ(was: &[i64], is: &[i64], affected: &mut HashSet<i64>) {
    affected.extend(was.iter().filter(|id| !is.contains(id)));
    affected.extend(is.iter().filter(|id| !was.contains(id)));
}

/// Gives each affected unit the largest parts that belong to it wholly.
fn assign(
    old: &Old,
    part: Block,
    ways: &HashMap<Block, Vec<i64>>,
    affected: &HashSet<i64>,
    covered: &BTreeSet<i64>,
    blocks: &mut BTreeMap<i64, Vec<Block>>,
) {
    let mut covered = covered.clone();
    for unit in ways.get(&part).into_iter().flatten() {
        if affected.contains(unit) && covered.insert(*unit) {
            blocks.entry(*unit).or_default().push(part);
        }
    }
    for inside in old.inside(part).unwrap_or_default() {
        assign(old, *inside, ways, affected, &covered, blocks);
    }
}

#[cfg(test)]
mod tests {
    use entity::enums::UnitKind;

    use super::*;
    use crate::reorganisation::sketch::State;

    fn unit(id: i64, was: Option<(Option<i64>, i64)>, is: (Option<i64>, i64)) -> (i64, Sketched) {
        let state = |(parent, seat): (Option<i64>, i64)| State {
            code: id.to_string(),
            name: String::new(),
            name_en: None,
            kind: UnitKind::GrassrootsUnion,
            parent,
            coordinator: None,
            bloc: None,
            sector: None,
            seat,
            ended: seat != id,
        };
        (id, Sketched { was: was.map(state), is: state(is), began: 0, step: 0 })
    }

    #[test]
    fn what_moves_whole_is_one_block() {
        // Root 1; provinces 2 and 3; districts 20, 21 below 2; leaves 200, 201 below 20; 2 and 3 become 9, districts end.
        let units = HashMap::from([
            unit(1, Some((None, 1)), (None, 1)),
            unit(2, Some((Some(1), 2)), (Some(1), 9)),
            unit(3, Some((Some(1), 3)), (Some(1), 9)),
            unit(9, None, (Some(1), 9)),
            unit(20, Some((Some(2), 20)), (Some(2), 9)),
            unit(21, Some((Some(2), 21)), (Some(2), 9)),
            unit(200, Some((Some(20), 200)), (Some(9), 200)),
            unit(201, Some((Some(20), 201)), (Some(9), 201)),
        ]);
        let sketch = Sketch { units, root: 1, ..Sketch::default() };
        let parts = HashMap::from([
            (1, vec![Block::Own(1), Block::Whole(2), Block::Whole(3), Block::Whole(4)]),
            (2, vec![Block::Own(2), Block::Whole(20), Block::Whole(21)]),
            (3, vec![Block::Own(3)]),
            (20, vec![Block::Own(20), Block::Whole(200), Block::Whole(201)]),
            (21, vec![Block::Own(21)]),
        ]);
        let blocks = assigned(&sketch, &Old { parts });
        assert_eq!(blocks.get(&9), Some(&vec![Block::Whole(2), Block::Whole(3)]));
        assert_eq!((blocks.get(&2), blocks.get(&20)), (Some(&vec![]), Some(&vec![])));
        assert!(!blocks.contains_key(&1) && !blocks.contains_key(&4));
    }

    #[test]
    fn what_loses_a_child_is_made_of_the_others() {
        // 200 moves from 20 to 21, both below 2.
        let units = HashMap::from([
            unit(1, Some((None, 1)), (None, 1)),
            unit(2, Some((Some(1), 2)), (Some(1), 2)),
            unit(20, Some((Some(2), 20)), (Some(2), 20)),
            unit(21, Some((Some(2), 21)), (Some(2), 21)),
            unit(200, Some((Some(20), 200)), (Some(21), 200)),
        ]);
        let sketch = Sketch { units, root: 1, ..Sketch::default() };
        let parts = HashMap::from([
            (1, vec![Block::Own(1), Block::Whole(2)]),
            (2, vec![Block::Own(2), Block::Whole(20), Block::Whole(21)]),
            (20, vec![Block::Own(20), Block::Whole(200), Block::Whole(201)]),
        ]);
        let blocks = assigned(&sketch, &Old { parts });
        assert_eq!(blocks.get(&20), Some(&vec![Block::Own(20), Block::Whole(201)]));
        assert_eq!(blocks.get(&21), Some(&vec![Block::Whole(200), Block::Whole(21)]));
        assert_eq!(blocks.len(), 2);
    }
}
