//! Where the hashes of passwords stand.

use sea_orm::FromQueryResult;

use crate::error::{Error, Result};
use crate::store::{RowLock, Tx};

/// What there is of an account's password, and the names that must not be part of a new one.
#[derive(FromQueryResult)]
pub(crate) struct Stored {
    pub hash: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
}

pub(crate) async fn of_account(tx: &Tx, account: i64) -> Result<Stored> {
    let mut sql = tx.sql(
        "SELECT p.hash, a.email, a.phone FROM account a LEFT JOIN account_password p ON p.account_id = a.id WHERE a.id = ",
    );
    let id = sql.bind(account);
    sql.push(&id);
    tx.one(sql).await?.ok_or_else(|| Error::Internal(format!("the account {account} is gone")))
}

#[derive(FromQueryResult)]
struct Hash {
    hash: String,
}

/// The stored hash of the account, held until the transaction ends.
pub(crate) async fn lock(tx: &Tx, account: i64) -> Result<Option<String>> {
    let mut sql = tx.sql("SELECT hash FROM account_password WHERE account_id = ");
    let id = sql.bind(account);
    sql.push(&format!("{id}{}", tx.dialect.row_lock(RowLock::Update)));
    Ok(tx.one::<Hash>(sql).await?.map(|row| row.hash))
}

/// The same password, hashed as is configured now.
pub(crate) async fn rehash(tx: &Tx, account: i64, hash: &str) -> Result<()> {
    let mut sql = tx.sql("UPDATE account_password SET hash = ");
    let (hash, account) = (sql.bind(hash), sql.bind(account));
    sql.push(&format!("{hash} WHERE account_id = {account}"));
    tx.run(sql).await?;
    Ok(())
}

/// The account's password from now on.
pub(crate) async fn put(tx: &Tx, account: i64, hash: &str, now: i64) -> Result<()> {
    let mut sql = tx.sql("INSERT INTO account_password (account_id, hash, changed_at) VALUES (");
    let (account, hash, now) = (sql.bind(account), sql.bind(hash), sql.bind(now));
    sql.push(&format!(
        "{account}, {hash}, {now}) ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at"
    ));
    tx.run(sql).await?;
    Ok(())
}
