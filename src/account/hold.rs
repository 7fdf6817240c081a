//! An account's row, held while something is decided about its person.

use entity::account::Model;

use crate::error::Result;
use crate::store::{RowLock, Tx};

/// The row, held until the transaction ends; `None`: there is no such account, or it is erased. Whoever gives something to a
/// person holds him first, so that nothing is given to one who is being erased.
pub async fn hold(tx: &Tx, id: i64, strength: RowLock) -> Result<Option<Model>> {
    let mut sql = tx.sql("SELECT id FROM account WHERE id = ");
    let bound = sql.bind(id);
    sql.push(&format!("{bound}{}", tx.dialect.row_lock(strength)));
    tx.ids(sql).await?;
    // In a statement of its own: before the lock the row may have been another one.
    let mut sql = tx.sql("SELECT * FROM account WHERE id = ");
    let bound = sql.bind(id);
    sql.push(&format!("{bound} AND erased_at IS NULL"));
    tx.one(sql).await
}
