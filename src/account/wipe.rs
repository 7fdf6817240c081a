//! What erasing takes away from the tables of accounts: everything but a row that names nobody.

use rand::Rng;

use crate::app::App;
use crate::error::Result;
use crate::store::Tx;

/// Tables whose rows belong to one account, by their column that names it, in the order in which they can go.
const OWNED: &[(&str, &str)] = &[
    ("one_time_token", "account_id"),
    ("token", "account_id"),
    ("session", "account_id"),
    ("account_password", "account_id"),
    ("account_identity", "account_id"),
    ("invitation", "account_id"),
    ("role_grant", "account_id"),
    ("idempotency_key", "account_id"),
];

/// Takes away who the person is and every way in. The row stays under its random id, for counts. Under a lock on it.
pub async fn erase_account(app: &App, tx: &Tx, account: i64) -> Result<()> {
    let mut sql = tx.sql("DELETE FROM refresh_token WHERE session_id IN (SELECT id FROM session WHERE account_id = ");
    let bound = sql.bind(account);
    sql.push(&format!("{bound})"));
    tx.run(sql).await?;
    for (table, column) in OWNED {
        let mut sql = tx.sql(format!("DELETE FROM {table} WHERE {column} = "));
        let bound = sql.bind(account);
        sql.push(&bound);
        tx.run(sql).await?;
    }
    let mut sql = tx.sql("UPDATE account SET display_name = ");
    let (name, now, id) = (sql.bind(no_name(app)), sql.bind(app.now()), sql.bind(account));
    sql.push(&format!(
        "{name}, email = NULL, phone = NULL, unit_id = NULL, consent = FALSE, erased_at = {now} WHERE id = {id}"
    ));
    tx.run(sql).await?;
    Ok(())
}

/// A random key in a name's place.
fn no_name(app: &App) -> String {
    format!("#{:016x}", app.random(|random| random.random::<u64>()))
}
