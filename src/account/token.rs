//! API tokens: bearer tokens for programs, made by a person or by the command line.

use entity::enums::TokenKind;
use entity::token;

use super::hold::hold;
use super::secret::{IssuedToken, Prefix, hash};
use crate::access::Roles;
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::{Conflict, RowLock, Tx};

/// An API token to be made.
pub struct NewToken {
    pub account: i64,
    pub name: String,
    pub roles: Roles,
    /// The unit that bounds it.
    pub unit: Option<i64>,
    /// None: the command line.
    pub made_by: Option<i64>,
    /// Milliseconds since the epoch.
    pub expires_at: i64,
}

/// Makes an API token with all that the account holds, for some milliseconds.
pub async fn issue(app: &App, tx: &Tx, account: i64, name: &str, holds: i64) -> Result<IssuedToken> {
    let expires_at = app.now().saturating_add(holds);
    let new = NewToken { account, name: name.to_owned(), roles: Roles::ALL, unit: None, made_by: None, expires_at };
    Ok(make(app, tx, new).await?.1)
}

/// Makes an API token and answers its id with it.
pub async fn make(app: &App, tx: &Tx, new: NewToken) -> Result<(i64, IssuedToken)> {
    let token = IssuedToken { secret: Prefix::Api.draw(app), expires_at: new.expires_at };
    Ok((keep(app, tx, new, &token).await?, token))
}

/// Makes the drawn token good, and answers its id.
pub(super) async fn keep(app: &App, tx: &Tx, new: NewToken, token: &IssuedToken) -> Result<i64> {
    // Nothing is given to one who is being erased at this moment.
    hold(tx, new.account, RowLock::Share).await?.ok_or(Error::Unauthenticated)?;
    let row = token::Model {
        id: app.new_id(),
        account_id: new.account,
        name: new.name,
        hash: hash(&token.secret),
        created_at: app.now(),
        expires_at: new.expires_at,
        kind: TokenKind::Api,
        session_id: None,
        roles: new.roles.to_text(),
        unit_id: new.unit,
        made_by: new.made_by,
        revoked_at: None,
        last_used_at: None,
    };
    let id = row.id;
    tx.insert::<token::Entity>(&[row], Conflict::Fail).await?;
    Ok(id)
}
