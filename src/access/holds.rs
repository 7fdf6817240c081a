//! Whether a credential still holds, as the database has it now.

use super::viewer::{Credential, Viewer};
use crate::error::Result;
use crate::store::{Sql, Tx};

/// A condition: the token t, and its session s, hold now.
pub fn token_alive(sql: &mut Sql, now: i64) -> String {
    let now = sql.bind(now);
    format!(
        "t.revoked_at IS NULL AND t.expires_at > {now} \
         AND (t.session_id IS NULL OR (s.revoked_at IS NULL AND s.expires_at > {now}))"
    )
}

/// Whether what the viewer came in by holds: neither revoked nor expired, its session alive, its account linked.
pub async fn holds(tx: &Tx, now: i64, viewer: Viewer) -> Result<bool> {
    if now >= viewer.ends_at() {
        return Ok(false);
    }
    let mut sql = tx.sql("");
    match viewer.credential() {
        Credential::None => return Ok(true),
        Credential::Session { token, .. } | Credential::Api { token } => {
            let alive = token_alive(&mut sql, now);
            let id = sql.bind(token);
            sql.push(&format!(
                "SELECT t.id FROM token t LEFT JOIN session s ON s.id = t.session_id WHERE t.id = {id} AND {alive}"
            ));
        }
        Credential::Provider => {
            let account = sql.bind(viewer.id_or_zero());
            sql.push(&format!("SELECT account_id AS id FROM account_identity WHERE account_id = {account}"));
        }
    }
    Ok(!tx.ids(sql).await?.is_empty())
}
