//! What the events add up to, against own records and cells as stored and queued.

use std::collections::HashMap;

use super::found::Found;
use super::ledger::Owns;
use super::lists::Lists;
use super::mend::Mend;
use super::tree::Tree;
use super::words::{Codes, differing};
use crate::error::Result;
use crate::ledger::{CellKey, OwnKey, Tally, out_of_range};
use crate::rollup::Measures;
use crate::store::{Both, Tx, lean_row, truth};

/// Rows that are read at once.
const PAGE: usize = 5_000;

lean_row!(
    Queued {
        id: i64,
        account_id: Option<i64>,
        n: i64,
        #[serde(deserialize_with = "truth")]
        set_aside: bool,
    }
);

lean_row!(Key { unit_id: i64, programme_id: i64, phase_id: i64, group_id: i64 });

impl From<Key> for OwnKey {
    fn from(Key { unit_id, programme_id, phase_id, group_id }: Key) -> OwnKey {
        OwnKey { unit: unit_id, programme: programme_id, phase: phase_id, group: group_id }
    }
}

lean_row!(Bloc { bloc: String });

/// Differences of persons that are queued: by person.
pub(super) type QueuedPersons = HashMap<i64, Vec<(OwnKey, i64)>>;

/// Takes what is queued from the sums: it is not folded yet, so stored and queued together must be what the events say.
pub(super) async fn take_queued(tx: &Tx, owns: &mut Owns, found: &mut Found) -> Result<QueuedPersons> {
    let (mut persons, mut aside, mut after) = (QueuedPersons::new(), 0, i64::MIN);
    let columns = Tally::COLUMNS.join(", ");
    loop {
        let mut sql = tx.sql(format!(
            "SELECT unit_id, programme_id, phase_id, group_id, {columns}, id, account_id, n, set_aside FROM rollup_delta WHERE id > "
        ));
        let from = sql.bind(after);
        sql.push(&format!("{from} ORDER BY id LIMIT {PAGE}"));
        let rows: Vec<Both<Key, Both<Tally, Queued>>> = tx.lean(sql).await?;
        let Some(Both(_, Both(_, last))) = rows.last() else { break };
        after = last.id;
        for Both(key, Both(tally, row)) in rows {
            let key = OwnKey::from(key);
            aside += usize::from(row.set_aside);
            match row.account_id {
                None => drop(owns.add(key, tally.negated())?),
                Some(account) => persons.entry(account).or_default().push((key, row.n)),
            }
        }
    }
    if aside > 0 {
        let stored = format!("{aside} set aside: they count in every answer, but cannot be folded");
        found.lasting("queue of differences".to_owned(), "none set aside".to_owned(), stored);
    }
    Ok(persons)
}

/// Compares own records.
pub(super) async fn owns(tx: &Tx, owns: &Owns, codes: &Codes, tree: &Tree, found: &mut Found) -> Result<()> {
    let mut seen = vec![false; owns.keys.len()];
    let columns = Tally::COLUMNS.join(", ");
    let key = "unit_id, programme_id, phase_id, group_id";
    let mut after: Option<OwnKey> = None;
    let mut differ = |key: OwnKey, expected: Tally, stored: Tally| -> Result<()> {
        if expected != stored {
            let (wanted, there) = differing(&expected, &stored);
            let missing = expected.plus(stored.negated()).ok_or_else(out_of_range)?;
            found.mendable(format!("own records of {}", codes.own(tree, key)), wanted, there, Mend::Own(key, missing));
        }
        Ok(())
    };
    loop {
        let mut sql = tx.sql(format!("SELECT {key}, {columns} FROM rollup_own"));
        if let Some(after) = after {
            let values = [after.unit, after.programme, after.phase, after.group].map(|value| sql.bind(value));
            sql.push(&format!(" WHERE ({key}) > ({})", values.join(", ")));
        }
        sql.push(&format!(" ORDER BY {key} LIMIT {PAGE}"));
        let rows: Vec<Both<Key, Tally>> = tx.lean(sql).await?;
        let n = rows.len();
        for Both(key, stored) in rows {
            let key = OwnKey::from(key);
            let number = owns.find(&key).map(|number| number as usize);
            if let Some(number) = number {
                seen[number] = true;
            }
            differ(key, number.map(|number| owns.tallies[number]).unwrap_or_default(), stored)?;
            after = Some(key);
        }
        if n < PAGE {
            break;
        }
    }
    for (number, key) in owns.keys.iter().enumerate().filter(|(number, _)| !seen[*number]) {
        differ(*key, owns.tallies[number], Tally::default())?;
    }
    Ok(())
}

/// Adds own records to all cells above them. By number of the cell.
pub(super) fn cells_of(owns: &Owns, tree: &Tree, lists: &mut Lists) -> Result<Vec<Tally>> {
    let mut sums: Vec<Tally> = Vec::new();
    for (key, tally) in owns.keys.iter().zip(&owns.tallies) {
        let Some(class) = tree.class(key.unit) else { continue };
        for cell in lists.now(&tree.classes, class, *key).iter() {
            let cell = *cell as usize;
            if sums.len() <= cell {
                sums.resize(cell + 1, Tally::default());
            }
            sums[cell] = sums[cell].plus(*tally).ok_or_else(out_of_range)?;
        }
    }
    sums.resize(sums.len().max(lists.cells.len()), Tally::default());
    Ok(sums)
}

/// Compares cells with their tallies and participants, by number.
pub(super) async fn cells(
    tx: &Tx,
    (lists, tallies, participants): (&Lists, &[Tally], &[i64]),
    (codes, tree): (&Codes, &Tree),
    found: &mut Found,
) -> Result<()> {
    let mut differ = |key: &CellKey, expected: (Tally, i64), stored: (Tally, i64)| -> Result<()> {
        if expected == stored {
            return Ok(());
        }
        let missing = expected.0.plus(stored.0.negated()).ok_or_else(out_of_range)?;
        let mut words = differing(&expected.0, &stored.0);
        if expected.1 != stored.1 {
            for (words, n) in [(&mut words.0, expected.1), (&mut words.1, stored.1)] {
                *words += &format!("{}participants {n}", if words.is_empty() { "" } else { ", " });
            }
        }
        let place = format!("roll-up of {}", codes.cell(tree, key));
        found.mendable(place, words.0, words.1, Mend::Cell(key.clone(), missing, expected.1 - stored.1));
        Ok(())
    };
    let expected = |number: u32| {
        let number = number as usize;
        let tally = tallies.get(number).copied().unwrap_or_default();
        (tally, participants.get(number).copied().unwrap_or(0))
    };
    let mut seen = vec![false; lists.cells.len()];
    let columns = Tally::COLUMNS.join(", ");
    let mut units: Vec<i64> = tx.ids(tx.sql("SELECT DISTINCT unit_id AS id FROM rollup_cell")).await?;
    units.sort_unstable();
    // A unit has some tens of cells.
    for units in units.chunks(50) {
        let mut sql = tx.sql(format!(
            "SELECT unit_id, programme_id, phase_id, group_id, bloc, {columns}, participants FROM rollup_cell WHERE "
        ));
        let these = sql.any_id("unit_id", units);
        sql.push(&these);
        for Both(key, Both(Bloc { bloc }, measures)) in tx.lean::<Both<Key, Both<Bloc, Measures>>>(sql).await? {
            let Measures { tally, participants } = measures;
            let stored = (tally, participants);
            let OwnKey { unit, programme, phase, group } = key.into();
            let key = CellKey { unit, programme, phase, group, bloc };
            let number = lists.cells.get(&key);
            if let Some(number) = number {
                seen[number as usize] = true;
            }
            differ(&key, number.map(expected).unwrap_or_default(), stored)?;
        }
    }
    let mut missing: Vec<(&CellKey, u32)> = lists.cells.iter().filter(|(_, number)| !seen[*number as usize]).collect();
    missing.sort_unstable();
    for (key, number) in missing {
        differ(key, expected(number), (Tally::default(), 0))?;
    }
    Ok(())
}
