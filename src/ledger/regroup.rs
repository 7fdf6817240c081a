//! What a reorganisation does to stored cells: of the units whose records become others, each cell is made anew of blocks of
//! records, so that the cost depends on the number of blocks and of persons in several of them. Under the tree's lock, before the
//! closure is rewritten. Queued differences need nothing: they name no ancestor.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::{rollup_cell, rollup_own};
use sea_orm::FromQueryResult;

use super::apply::{add_cells, leaves};
use super::cells::{CellKey, Cells, Leaf, slices};
use super::delta::OwnKey;
use super::persons::{PersonRow, participants_per_cell};
use super::tally::{Tally, tally_in};
use crate::error::Result;
use crate::store::Tx;

/// Records that stay together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Block {
    /// Of the unit and everything below it, as the tree stands.
    Whole(i64),
    /// Sent in by this very unit.
    Own(i64),
}

impl Block {
    fn unit(self) -> i64 {
        match self {
            Block::Whole(unit) | Block::Own(unit) => unit,
        }
    }
}

/// Of which blocks the records of each unit are made from now on; no block stands in another of the same unit. A unit without blocks
/// has none any more.
pub type Regrouping = BTreeMap<i64, Vec<Block>>;

/// Blocks that are read together.
const TOGETHER: usize = 500;

/// Gives those of the units that keep cells the ones that follow from their blocks.
pub async fn regroup(tx: &Tx, units: &Regrouping) -> Result<()> {
    let mut sql = tx.sql("SELECT id FROM unit WHERE has_cells AND ");
    let these = sql.any_id("id", &units.keys().copied().collect::<Vec<_>>());
    sql.push(&these);
    let keeping: HashSet<i64> = tx.ids(sql).await?.into_iter().collect();
    let units: Regrouping =
        units.iter().filter(|(unit, _)| keeping.contains(unit)).map(|(unit, blocks)| (*unit, blocks.clone())).collect();
    let units = &units;
    let mut keepers: HashMap<Block, Vec<i64>> = HashMap::new();
    for (unit, blocks) in units {
        for block in blocks {
            keepers.entry(*block).or_default().push(*unit);
        }
    }
    let mut cells = Cells::default();
    let ids: Vec<i64> = units.keys().copied().collect();
    for (key, (tally, participants)) in stored(tx, &ids).await? {
        cells.add(key, tally.negated(), -participants)?;
    }
    let mut blocks: Vec<Block> = keepers.keys().copied().collect();
    blocks.sort_unstable();
    for some in blocks.chunks(TOGETHER) {
        for (block, key, tally, participants) in held(tx, some).await? {
            for keeper in keepers.get(&block).into_iter().flatten() {
                cells.add(CellKey { unit: *keeper, ..key.clone() }, tally, participants)?;
            }
        }
    }
    for (key, more) in counted_twice(tx, units).await? {
        cells.add(key, Tally::default(), -more)?;
    }
    add_cells(tx, cells).await
}

type Held = HashMap<CellKey, (Tally, i64)>;

/// Cells as they are stored.
async fn stored(tx: &Tx, units: &[i64]) -> Result<Held> {
    let mut sql = tx.sql("SELECT * FROM rollup_cell WHERE ");
    let these = sql.any_id("unit_id", units);
    sql.push(&these);
    let rows: Vec<rollup_cell::Model> = tx.all(sql).await?;
    let cells = rows.into_iter().map(|row| {
        let tally = tally_in!(row);
        let (unit, programme) = (row.unit_id, row.programme_id);
        (
            CellKey { unit, programme, phase: row.phase_id, group: row.group_id, bloc: row.bloc },
            (tally, row.participants),
        )
    });
    Ok(cells.collect())
}

/// What each block adds up to, slice by slice.
async fn held(tx: &Tx, blocks: &[Block]) -> Result<Vec<(Block, CellKey, Tally, i64)>> {
    let whole: Vec<i64> =
        blocks.iter().filter(|block| matches!(block, Block::Whole(_))).map(|block| block.unit()).collect();
    let mut sql = tx.sql("SELECT id FROM unit WHERE has_cells AND ");
    let these = sql.any_id("id", &whole);
    sql.push(&these);
    let inner: HashSet<i64> = tx.ids(sql).await?.into_iter().collect();
    let inner_ids: Vec<i64> = inner.iter().copied().collect();
    let mut found = Vec::new();
    for (key, (tally, participants)) in stored(tx, &inner_ids).await? {
        found.push((Block::Whole(key.unit), key, tally, participants));
    }
    let of_its_cells = |block: &&Block| matches!(block, Block::Whole(unit) if inner.contains(unit));
    let alone: HashMap<i64, Block> =
        blocks.iter().filter(|block| !of_its_cells(block)).map(|block| (block.unit(), *block)).collect();
    for (key, (tally, participants)) in own_records(tx, &alone.keys().copied().collect::<Vec<_>>()).await? {
        if let Some(block) = alone.get(&key.unit) {
            found.push((*block, key, tally, participants));
        }
    }
    Ok(found)
}

/// What the units' own records add up to.
async fn own_records(tx: &Tx, units: &[i64]) -> Result<Held> {
    let blocs = blocs(tx, units).await?;
    let mut sql = tx.sql("SELECT * FROM rollup_own WHERE ");
    let these = sql.any_id("unit_id", units);
    sql.push(&these);
    let mut cells = Cells::default();
    for row in tx.all::<rollup_own::Model>(sql).await? {
        let unit = row.unit_id;
        let key = OwnKey { unit, programme: row.programme_id, phase: row.phase_id, group: row.group_id };
        let bloc = blocs.get(&unit).and_then(|leaf| leaf.bloc.as_deref());
        cells.add_own(unit, key, bloc, tally_in!(row))?;
    }
    let mut sql = tx.sql("SELECT account_id, programme_id, unit_id, phase_id, group_id, n FROM rollup_person WHERE ");
    let these = sql.any_id("unit_id", units);
    sql.push(&these);
    for (key, n) in participants_per_cell(tx.all::<PersonRow>(sql).await?, &blocs) {
        cells.add(key, Tally::default(), n)?;
    }
    Ok(cells.0)
}

/// The units with their blocs, each its own keeper.
async fn blocs(tx: &Tx, units: &[i64]) -> Result<HashMap<i64, Leaf>> {
    let found = leaves(tx, units).await?.into_iter();
    Ok(found.map(|(unit, leaf)| (unit, Leaf { keepers: vec![unit], ..leaf })).collect())
}

#[derive(FromQueryResult)]
struct InBlock {
    keeper_id: i64,
    block_id: i64,
    bloc: Option<String>,
    #[sea_orm(nested)]
    row: PersonRow,
}

/// By how much the sum over the blocks counts persons too often who take part in several of them.
async fn counted_twice(tx: &Tx, units: &Regrouping) -> Result<HashMap<CellKey, i64>> {
    let several: Vec<(i64, &Vec<Block>)> =
        units.iter().filter(|(_, blocks)| blocks.len() > 1).map(|(unit, blocks)| (*unit, blocks)).collect();
    if several.is_empty() {
        return Ok(HashMap::new());
    }
    tx.run_plain("CREATE TEMPORARY TABLE regrouped (keeper_id BIGINT NOT NULL, block_id BIGINT NOT NULL, unit_id BIGINT NOT NULL)")
        .await?;
    for (keeper, blocks) in &several {
        for own in [false, true] {
            let these: Vec<i64> =
                blocks.iter().filter(|block| matches!(block, Block::Own(_)) == own).map(|block| block.unit()).collect();
            for these in these.chunks(TOGETHER) {
                let mut sql = tx.sql("INSERT INTO regrouped (keeper_id, block_id, unit_id) SELECT ");
                let keeper = sql.bind(*keeper);
                let table = sql.id_table(these);
                // A block of own records is told from the whole unit by its sign.
                sql.push(&match own {
                    true => format!("CAST({keeper} AS BIGINT), -b.id, b.id FROM {table} b"),
                    false => format!(
                        "CAST({keeper} AS BIGINT), b.id, c.descendant_id FROM {table} b \
                         JOIN unit_closure c ON c.ancestor_id = b.id WHERE NOT c.ended"
                    ),
                });
                tx.run(sql).await?;
            }
        }
    }
    tx.run_plain("CREATE INDEX regrouped_unit ON regrouped (unit_id)").await?;
    let in_several = "SELECT p.account_id, r.keeper_id FROM regrouped r JOIN rollup_person p ON p.unit_id = r.unit_id \
         GROUP BY p.account_id, r.keeper_id HAVING MIN(r.block_id) <> MAX(r.block_id)";
    let rows: Vec<InBlock> = tx
        .all(tx.sql(format!(
            "SELECT s.keeper_id, r.block_id, u.bloc, p.account_id, p.programme_id, p.unit_id, p.phase_id, p.group_id, p.n \
             FROM ({in_several}) s JOIN rollup_person p ON p.account_id = s.account_id \
             JOIN regrouped r ON r.unit_id = p.unit_id AND r.keeper_id = s.keeper_id JOIN unit u ON u.id = p.unit_id"
        )))
        .await?;
    tx.run_plain("DROP TABLE regrouped").await?;
    Ok(surplus(rows))
}

/// Of rows by block: in how many blocks too many somebody counts, cell by cell.
fn surplus(rows: Vec<InBlock>) -> HashMap<CellKey, i64> {
    let mut sums: HashMap<(i64, CellKey), HashMap<i64, i64>> = HashMap::new();
    for InBlock { keeper_id, block_id, bloc, row } in rows {
        for (phase, group, bloc) in slices(row.key(), bloc.as_deref()) {
            let cell = CellKey { unit: keeper_id, programme: row.programme_id, phase, group, bloc };
            *sums.entry((row.account_id, cell)).or_default().entry(block_id).or_default() += row.n;
        }
    }
    let mut surplus = HashMap::new();
    for ((_, cell), blocks) in sums {
        let counted = blocks.values().filter(|n| **n > 0).count();
        if counted > 1 {
            *surplus.entry(cell).or_default() += i64::try_from(counted).unwrap_or(i64::MAX) - 1;
        }
    }
    surplus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_counts_in_several_blocks_is_surplus_in_all_but_one() {
        let row = |block_id, unit_id, phase_id, n| InBlock {
            keeper_id: 1,
            block_id,
            bloc: None,
            row: PersonRow { account_id: 9, programme_id: 2, unit_id, phase_id, group_id: 4, n },
        };
        let cell = |phase, group| CellKey { unit: 1, programme: 2, phase, group, bloc: String::new() };
        // In block 5 by two units, in block 6 in another phase, in block 7 no more.
        let found = surplus(vec![row(5, 50, 3, 1), row(5, 51, 3, 2), row(6, 60, 8, 1), row(7, 70, 3, 0)]);
        assert_eq!(found.get(&cell(0, 0)), Some(&1));
        assert_eq!(found.get(&cell(0, 4)), Some(&1));
        assert_eq!(found.get(&cell(3, 0)), None);
    }
}
