//! What a repair writes. It holds the tree's lock, and each initiative's row while it writes that initiative's participants.

use entity::{initiative, initiative_event, participant, unit, unit_closure};

use super::recount::replay;
use super::stored::Differences;
use crate::error::Result;
use crate::store::{Conflict, RowLock, Tx};
use crate::text;

/// Distance, seat, and whether it leads from an ended unit to itself.
pub type Path = (i32, Option<i64>, bool);

/// Everything that a repair mends.
#[derive(Default)]
pub(super) struct Mends {
    pub differences: Differences,
    /// Rows of the closure that must go: ancestor and descendant.
    pub closure_out: Vec<(i64, i64)>,
    /// Rows that must be there: ancestor, descendant; distance, seat, whether it leads to an ended unit itself.
    pub closure_in: Vec<(i64, i64, Path)>,
    /// Units with their depth.
    pub depths: Vec<(i64, i32)>,
    /// Initiatives whose participants are not what the events say.
    pub participants: Vec<i64>,
    /// Initiatives whose titles' keys are wrong.
    pub titles: Vec<i64>,
    /// Units whose names' keys are wrong.
    pub names: Vec<i64>,
}

impl Mends {
    pub async fn write(self, tx: &Tx) -> Result<()> {
        for (ancestor, descendant) in &self.closure_out {
            let mut sql = tx.sql("DELETE FROM unit_closure WHERE ancestor_id = ");
            let (ancestor, descendant) = (sql.bind(*ancestor), sql.bind(*descendant));
            sql.push(&format!("{ancestor} AND descendant_id = {descendant}"));
            tx.run(sql).await?;
        }
        let rows: Vec<_> = self
            .closure_in
            .iter()
            .map(|(ancestor_id, descendant_id, (distance, seat_id, ended))| unit_closure::Model {
                ancestor_id: *ancestor_id,
                descendant_id: *descendant_id,
                distance: *distance,
                since: 0,
                holds_from: None,
                seat_id: *seat_id,
                ended: *ended,
            })
            .collect();
        tx.insert::<unit_closure::Entity>(&rows, Conflict::Fail).await?;
        for (id, depth) in &self.depths {
            let mut sql = tx.sql("UPDATE unit SET depth = ");
            let (depth, id) = (sql.bind(*depth), sql.bind(*id));
            sql.push(&format!("{depth} WHERE id = {id}"));
            tx.run(sql).await?;
        }
        for id in &self.names {
            rekey_name(tx, *id).await?;
        }
        for id in &self.titles {
            rekey_title(tx, *id).await?;
        }
        for id in &self.participants {
            recount_participants(tx, *id).await?;
        }
        self.differences.write(tx).await
    }
}

/// The row as it is now, held until the end: since the comparison it may have changed.
async fn held(tx: &Tx, id: i64) -> Result<Option<initiative::Model>> {
    let mut sql = tx.sql("SELECT * FROM initiative WHERE id = ");
    let bound = sql.bind(id);
    sql.push(&format!("{bound}{}", tx.dialect.row_lock(RowLock::Update)));
    tx.one(sql).await
}

async fn rekey_title(tx: &Tx, id: i64) -> Result<()> {
    let Some(row) = held(tx, id).await? else { return Ok(()) };
    let mut sql = tx.sql("UPDATE initiative SET title_lower = ");
    let (lower, folded) = (sql.bind(text::lower(&row.title)), sql.bind(text::fold(&row.title)));
    let (sort, id) = (sql.bind(text::sort_key(&row.title)), sql.bind(id));
    sql.push(&format!("{lower}, title_folded = {folded}, title_sort = {sort} WHERE id = {id}"));
    tx.run(sql).await?;
    Ok(())
}

async fn rekey_name(tx: &Tx, id: i64) -> Result<()> {
    let mut sql = tx.sql("SELECT * FROM unit WHERE id = ");
    let bound = sql.bind(id);
    sql.push(&format!("{bound}{}", tx.dialect.row_lock(RowLock::Update)));
    let Some(row) = tx.one::<unit::Model>(sql).await? else { return Ok(()) };
    let mut sql = tx.sql("UPDATE unit SET name_lower = ");
    let (lower, folded) = (sql.bind(text::lower(&row.name)), sql.bind(text::fold(&row.name)));
    let (sort, id) = (sql.bind(text::sort_key(&row.name)), sql.bind(id));
    sql.push(&format!("{lower}, name_folded = {folded}, name_sort = {sort} WHERE id = {id}"));
    tx.run(sql).await?;
    Ok(())
}

async fn recount_participants(tx: &Tx, id: i64) -> Result<()> {
    let Some(row) = held(tx, id).await? else { return Ok(()) };
    let mut sql = tx.sql("SELECT * FROM initiative_event WHERE initiative_id = ");
    let bound = sql.bind(id);
    sql.push(&format!("{bound} ORDER BY seq"));
    let events: Vec<initiative_event::Model> = tx.all(sql).await?;
    // Whoever broke the history since the comparison is found by the next one.
    let Ok(said) = replay(&events) else { return Ok(()) };
    let mut sql = tx.sql("DELETE FROM participant WHERE initiative_id = ");
    let bound = sql.bind(id);
    sql.push(&bound);
    tx.run(sql).await?;
    let rows: Vec<_> = said
        .periods
        .into_iter()
        .map(|(account_id, counted_from, counted_to)| participant::Model {
            initiative_id: id,
            account_id,
            counted_from,
            counted_to,
            unit_id: row.unit_id,
            programme_id: row.programme_id,
            phase_id: row.phase_id,
            group_id: row.group_id,
        })
        .collect();
    tx.insert::<participant::Entity>(&rows, Conflict::Fail).await?;
    Ok(())
}
