//! The one row that folds, tree changes and repairs hold while they work.

use crate::error::Result;
use crate::store::{RowLock, Tx};

/// Takes the tree's lock, in a statement of its own: what works under it must see everything committed before. Held until the
/// transaction ends.
pub async fn lock_tree(tx: &Tx) -> Result<()> {
    take(tx, RowLock::Update).await.map(|_| ())
}

/// Takes the lock unless somebody else holds it.
pub(super) async fn try_lock_tree(tx: &Tx) -> Result<bool> {
    take(tx, RowLock::UpdateOrSkip).await
}

async fn take(tx: &Tx, strength: RowLock) -> Result<bool> {
    let sql = tx.sql(format!("SELECT id FROM tree WHERE id = 1{}", tx.dialect.row_lock(strength)));
    Ok(!tx.ids(sql).await?.is_empty())
}

/// Says that the tree is another one now. Under the lock.
pub async fn bump_tree_version(tx: &Tx) -> Result<()> {
    tx.run(tx.sql("UPDATE tree SET version = version + 1 WHERE id = 1")).await?;
    Ok(())
}
