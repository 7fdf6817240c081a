//! Bearer tokens: 256 random bits, of which only the hash is stored.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::token;
use sha2::{Digest, Sha256};

use crate::access::Viewer;
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::{Conflict, Tx};

/// What every token begins with, so that one that leaks is recognised.
const PREFIX: &str = "byn_";

/// A token as it is shown, once.
pub struct IssuedToken {
    pub secret: String,
    /// Milliseconds since the epoch.
    pub expires_at: i64,
}

/// Makes a token for the account that holds for some milliseconds.
pub async fn issue(app: &App, tx: &Tx, account_id: i64, name: &str, holds: i64) -> Result<IssuedToken> {
    let secret = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(app.secret()));
    let created_at = app.now();
    let expires_at = created_at.saturating_add(holds);
    let row = token::Model {
        id: app.new_id(),
        account_id,
        name: name.to_owned(),
        hash: Sha256::digest(&secret).to_vec(),
        created_at,
        expires_at,
    };
    tx.insert::<token::Entity>(&[row], Conflict::Fail).await?;
    Ok(IssuedToken { secret, expires_at })
}

/// Whose token it is. A bad or expired one is refused, never taken for nobody.
pub async fn viewer_of(app: &App, secret: &str) -> Result<Viewer> {
    let tx = app.store.read().await?;
    let mut sql = tx.sql("SELECT account_id AS id FROM token WHERE hash = ");
    let (hash, now) = (sql.bind(Sha256::digest(secret).to_vec()), sql.bind(app.now()));
    sql.push(&format!("{hash} AND expires_at > {now}"));
    tx.ids(sql).await?.pop().map(Viewer::of).ok_or(Error::Unauthenticated)
}
