//! Invitations: an account that waits for its person.
//!
//! Inviting looks nobody up. The addresses that the inviter writes down stand beside the account, where they need not be unique,
//! and become names to sign in with when the person comes. So an invitation says nothing of whom the federation knows already.
//! Where somebody else has one of them by then, the person is told to sign in there and take the invitation's roles over.

use entity::invitation::{Entity, Model};

use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::store::{Conflict, Tx};
use crate::text::message;

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

/// The invited person has come in by a way of his own (a password, the identity provider): from now on he is no guest, and signs
/// in by the addresses that the inviter wrote down. Does nothing for others.
///
/// # Errors
/// CODE_NOT_AVAILABLE where one of the addresses is another account's: a second account of his would be one that nobody signs in
/// to by it. Whoever holds the token had it by that address, or from the admin who wrote the address down.
pub async fn claim(app: &App, tx: &Tx, account: i64) -> Result<()> {
    let Some(invitation) = open_invitation(tx, account).await? else { return Ok(()) };
    for (column, address) in [("email", &invitation.email), ("phone", &invitation.phone)] {
        let Some(address) = address else { continue };
        let mut sql = tx.sql(format!("SELECT id FROM account WHERE {column} = "));
        let (bound, id) = (sql.bind(address.as_str()), sql.bind(account));
        sql.push(&format!("{bound} AND id <> {id}"));
        if !tx.ids(sql).await?.is_empty() {
            return Err(taken());
        }
        // Of two who come at once the later one finds it taken when its transaction is run again.
        let mut sql = tx.sql(format!("UPDATE account SET {column} = "));
        let (address, id) = (sql.bind(address.as_str()), sql.bind(account));
        sql.push(&format!("{address} WHERE id = {id} AND {column} IS NULL"));
        tx.run(sql).await?;
    }
    let mut sql = tx.sql("UPDATE invitation SET accepted_at = ");
    let (now, account) = (sql.bind(app.now()), sql.bind(account));
    sql.push(&format!("{now} WHERE account_id = {account}"));
    tx.run(sql).await?;
    Ok(())
}

fn taken() -> Error {
    let message = message!(
        "another account has the e-mail address or phone number of this invitation: if it is yours, sign in to it and take the \
         roles over (invitationAccept); if not, ask for an invitation without it"
    );
    Error::user(ErrorCode::CodeNotAvailable, "token", message)
}
