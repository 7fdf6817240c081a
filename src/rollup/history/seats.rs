//! To which kept units the records of a unit are credited, and since when.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use super::grade::Grade;
use crate::error::Result;
use crate::store::Tx;

/// A unit that is kept, through the tree as reported or now.
pub type Keeper = (i64, bool);

/// Who is kept, and in which grades.
pub type Keepers = HashMap<Keeper, Vec<Grade>>;

/// A unit's records first submitted in this period, half-open, are credited to the keeper.
#[derive(Clone, Copy, Debug)]
struct Path {
    keeper: Keeper,
    since: i64,
    until: i64,
}

#[derive(Default)]
struct Seat {
    /// Its place among the blocs.
    bloc: usize,
    paths: Vec<Path>,
}

/// Units with what they are credited to; loaded as they are met.
pub struct Seats {
    keepers: Keepers,
    seats: HashMap<i64, Seat>,
    /// Every bloc that was met, and none.
    blocs: Vec<Option<String>>,
}

#[derive(FromQueryResult)]
struct Row {
    unit_id: i64,
    bloc: Option<String>,
    keeper_id: Option<i64>,
    since: Option<i64>,
    until: Option<i64>,
}

/// Units that are read by one statement.
const UNITS: usize = 20_000;

impl Seats {
    pub fn new(keepers: Keepers) -> Seats {
        Seats { keepers, seats: HashMap::new(), blocs: vec![None] }
    }

    /// Learns of those units that it does not know.
    pub async fn meet(&mut self, tx: &Tx, units: impl Iterator<Item = i64>) -> Result<()> {
        let mut new: Vec<i64> = units.filter(|unit| !self.seats.contains_key(unit)).collect();
        new.sort_unstable();
        new.dedup();
        for units in new.chunks(UNITS) {
            self.learn(tx, units).await?;
        }
        Ok(())
    }

    async fn learn(&mut self, tx: &Tx, new: &[i64]) -> Result<()> {
        let kept = "(SELECT DISTINCT unit_id FROM rollup_kept)";
        let mut sql = tx.sql("");
        let (now, past) = (sql.any_id("u.id", new), sql.any_id("u.id", new));
        sql.push(&format!(
            "SELECT u.id AS unit_id, u.bloc, c.ancestor_id AS keeper_id, c.since, CAST(NULL AS BIGINT) AS until FROM unit u \
             LEFT JOIN unit_closure c ON c.descendant_id = u.id AND NOT c.ended AND c.ancestor_id IN {kept} WHERE {now} UNION ALL \
             SELECT u.id, u.bloc, c.ancestor_id, c.since, c.until FROM unit u \
             JOIN unit_closure_past c ON c.descendant_id = u.id AND c.reported AND c.ancestor_id IN {kept} WHERE {past}"
        ));
        for row in tx.all::<Row>(sql).await? {
            let bloc = self.blocs.iter().position(|bloc| *bloc == row.bloc).unwrap_or(self.blocs.len());
            if bloc == self.blocs.len() {
                self.blocs.push(row.bloc);
            }
            let seat = self.seats.entry(row.unit_id).or_default();
            seat.bloc = bloc;
            let (Some(keeper), Some(since)) = (row.keeper_id, row.since) else { continue };
            let mut credit = |keeper: Keeper, since, until| {
                if self.keepers.contains_key(&keeper) {
                    seat.paths.push(Path { keeper, since, until });
                }
            };
            credit((keeper, true), since, row.until.unwrap_or(i64::MAX));
            if row.until.is_none() {
                credit((keeper, false), i64::MIN, i64::MAX);
            }
        }
        Ok(())
    }

    /// The place of the unit's bloc among the blocs.
    pub fn bloc(&self, unit: i64) -> usize {
        self.seats.get(&unit).map_or(0, |seat| seat.bloc)
    }

    pub fn bloc_at(&self, place: usize) -> Option<&str> {
        self.blocs.get(place)?.as_deref()
    }

    pub fn keepers(&self) -> &Keepers {
        &self.keepers
    }

    /// In which grades somebody is kept.
    pub fn grades(&self, keeper: Keeper) -> &[Grade] {
        self.keepers.get(&keeper).map_or(&[], Vec::as_slice)
    }

    /// Whom a record of the unit, first submitted then, is credited to.
    pub fn credited(&self, unit: i64, submitted_at: i64) -> impl Iterator<Item = Keeper> {
        let paths = self.seats.get(&unit).map_or(&[][..], |seat| &seat.paths);
        paths.iter().filter(move |path| submitted_at >= path.since && submitted_at < path.until).map(|path| path.keeper)
    }
}
