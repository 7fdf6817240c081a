//! One-time tokens: an invitation, or a password's reset, in the hands of whoever may choose the password.

use entity::enums::OneTimePurpose;
use entity::one_time_token::{Entity, Model};
use sea_orm::ActiveEnum;

use super::secret::{IssuedToken, Prefix, hash};
use crate::app::App;
use crate::error::{Error, ErrorCode, Result, UserError};
use crate::store::{Conflict, Tx};
use crate::text::message;

/// Makes a one-time token for the account, in this transaction. `made_by`: the account that hands it over; none: the command
/// line, or the server by mail. `holds`: milliseconds. Others of the account stay good until one of them is redeemed.
pub async fn issue(
    app: &App,
    tx: &Tx,
    account: i64,
    purpose: OneTimePurpose,
    made_by: Option<i64>,
    holds: i64,
) -> Result<IssuedToken> {
    let token = draw(app, holds);
    keep(app, tx, account, purpose, made_by, &token).await?;
    Ok(token)
}

/// A one-time token that nothing knows of yet: a command draws it before it runs, perhaps several times.
pub fn draw(app: &App, holds: i64) -> IssuedToken {
    IssuedToken { secret: Prefix::OneTime.draw(app), expires_at: app.now().saturating_add(holds) }
}

/// Makes the drawn token good for the account.
pub async fn keep(
    app: &App,
    tx: &Tx,
    account: i64,
    purpose: OneTimePurpose,
    made_by: Option<i64>,
    token: &IssuedToken,
) -> Result<()> {
    let row = Model {
        hash: hash(&token.secret),
        purpose,
        account_id: account,
        made_by,
        created_at: app.now(),
        expires_at: token.expires_at,
        used_at: None,
    };
    tx.insert::<Entity>(&[row], Conflict::Fail).await?;
    Ok(())
}

/// Whether the drawn token was kept: not where a repeated command answered what the first one did.
pub async fn is_kept(tx: &Tx, token: &IssuedToken) -> Result<bool> {
    let mut sql = tx.sql("SELECT account_id AS id FROM one_time_token WHERE hash = ");
    let bound = sql.bind(hash(&token.secret));
    sql.push(&bound);
    Ok(!tx.ids(sql).await?.is_empty())
}

/// Whose token it is, without using it up.
pub async fn peek(app: &App, tx: &Tx, secret: &str, purposes: &[OneTimePurpose]) -> Result<i64> {
    let mut sql = tx.sql("SELECT account_id AS id FROM one_time_token WHERE hash = ");
    let (hash, now) = (sql.bind(hash(secret)), sql.bind(app.now()));
    let names: Vec<String> = purposes.iter().map(|purpose| purpose.to_value()).collect();
    let these = sql.any_text("purpose", &names);
    sql.push(&format!("{hash} AND {these} AND used_at IS NULL AND expires_at > {now}"));
    tx.ids(sql).await?.pop().ok_or_else(|| Error::from(refused()))
}

/// Uses the token up and answers whose it is. Of two at once one has it. Unknown, used and expired ones answer alike. All
/// other one-time tokens of the account are void from now on.
pub async fn redeem(app: &App, tx: &Tx, secret: &str, purposes: &[OneTimePurpose]) -> Result<i64> {
    let now = app.now();
    let mut sql = tx.sql("UPDATE one_time_token SET used_at = ");
    let (now, hash) = (sql.bind(now), sql.bind(hash(secret)));
    let names: Vec<String> = purposes.iter().map(|purpose| purpose.to_value()).collect();
    let these = sql.any_text("purpose", &names);
    sql.push(&format!(
        "{now} WHERE hash = {hash} AND {these} AND used_at IS NULL AND expires_at > {now} RETURNING account_id AS id"
    ));
    let account = tx.ids(sql).await?.pop().ok_or_else(|| Error::from(refused()))?;
    revoke(app, tx, account).await?;
    Ok(account)
}

/// Makes every unused one-time token of the account void.
pub async fn revoke(app: &App, tx: &Tx, account: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE one_time_token SET used_at = ");
    let (now, account) = (sql.bind(app.now()), sql.bind(account));
    sql.push(&format!("{now} WHERE account_id = {account} AND used_at IS NULL"));
    tx.run(sql).await?;
    Ok(())
}

/// What is answered where a token does not do.
pub fn refused() -> UserError {
    UserError::new(
        ErrorCode::TokenNotValid,
        "token",
        message!("this one-time token is unknown, used or expired: ask for a new one"),
    )
}
