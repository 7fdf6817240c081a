//! Invitations: an account that waits for its person.
//!
//! Inviting looks nobody up. The addresses that the inviter writes down stand beside the account, where they need not be unique,
//! and become names to sign in with when the person comes, where nobody has them. So an invitation says nothing of whom the
//! federation knows already. Somebody who has an account signs in to it and takes the invitation's roles over.

use entity::invitation::{Entity, Model};

use crate::app::App;
use crate::error::Result;
use crate::store::{Conflict, Tx};

/// Notes that the account waits.
pub async fn write_down(
    app: &App,
    tx: &Tx,
    account_id: i64,
    [email, phone]: [Option<String>; 2],
    invited_by: Option<i64>,
) -> Result<()> {
    let row = Model { account_id, email, phone, invited_by, invited_at: app.now(), accepted_at: None };
    tx.insert::<Entity>(&[row], Conflict::Fail).await?;
    Ok(())
}

/// The invitation that the account still waits by, held until the transaction ends.
pub async fn open_invitation(tx: &Tx, account: i64) -> Result<Option<Model>> {
    let mut sql = tx.sql("SELECT * FROM invitation WHERE account_id = ");
    let account = sql.bind(account);
    let lock = tx.dialect.row_lock(crate::store::RowLock::Update);
    sql.push(&format!("{account} AND accepted_at IS NULL{lock}"));
    tx.one(sql).await
}

/// The invited person has come in by a way of his own (a password, the identity provider): from now on he is no guest. Does
/// nothing for others. The answer is the same whether or not the addresses became names to sign in with.
pub async fn claim(app: &App, tx: &Tx, account: i64) -> Result<()> {
    let Some(invitation) = open_invitation(tx, account).await? else { return Ok(()) };
    for (column, address) in [("email", &invitation.email), ("phone", &invitation.phone)] {
        let Some(address) = address else { continue };
        let mut sql = tx.sql(format!("UPDATE account SET {column} = "));
        let (address, id) = (sql.bind(address.as_str()), sql.bind(account));
        sql.push(&format!(
            "{address} WHERE id = {id} AND {column} IS NULL AND NOT EXISTS (SELECT 1 FROM account o WHERE o.{column} = {address})"
        ));
        tx.run(sql).await?;
    }
    let mut sql = tx.sql("UPDATE invitation SET accepted_at = ");
    let (now, account) = (sql.bind(app.now()), sql.bind(account));
    sql.push(&format!("{now} WHERE account_id = {account}"));
    tx.run(sql).await?;
    Ok(())
}
