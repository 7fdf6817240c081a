//! Whether a credential still holds, as the database has it now.

use std::collections::HashSet;

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
        Credential::None | Credential::Shell => return Ok(true),
        Credential::Session { token, .. } | Credential::Api { token } | Credential::CommandLine { token } => {
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

/// Those of the viewers whose credentials hold; one statement for each way to come in.
pub async fn holding(tx: &Tx, now: i64, viewers: &[Viewer]) -> Result<HashSet<Viewer>> {
    let in_time: Vec<Viewer> = viewers.iter().copied().filter(|viewer| now < viewer.ends_at()).collect();
    let (mut tokens, mut accounts) = (Vec::new(), Vec::new());
    for viewer in &in_time {
        match viewer.credential() {
            Credential::None | Credential::Shell => {}
            Credential::Session { token, .. } | Credential::Api { token } | Credential::CommandLine { token } => {
                tokens.push(token)
            }
            Credential::Provider => accounts.push(viewer.id_or_zero()),
        }
    }
    let (tokens, accounts) = (alive(tx, now, &tokens).await?, linked(tx, &accounts).await?);
    let holds = |viewer: &Viewer| match viewer.credential() {
        Credential::None | Credential::Shell => true,
        Credential::Session { token, .. } | Credential::Api { token } | Credential::CommandLine { token } => {
            tokens.contains(&token)
        }
        Credential::Provider => accounts.contains(&viewer.id_or_zero()),
    };
    Ok(in_time.into_iter().filter(holds).collect())
}

async fn alive(tx: &Tx, now: i64, tokens: &[i64]) -> Result<HashSet<i64>> {
    if tokens.is_empty() {
        return Ok(HashSet::new());
    }
    let mut sql = tx.sql("");
    let alive = token_alive(&mut sql, now);
    let these = sql.any_id("t.id", tokens);
    sql.push(&format!("SELECT t.id FROM token t LEFT JOIN session s ON s.id = t.session_id WHERE {these} AND {alive}"));
    Ok(tx.ids(sql).await?.into_iter().collect())
}

async fn linked(tx: &Tx, accounts: &[i64]) -> Result<HashSet<i64>> {
    if accounts.is_empty() {
        return Ok(HashSet::new());
    }
    let mut sql = tx.sql("");
    let these = sql.any_id("account_id", accounts);
    sql.push(&format!("SELECT account_id AS id FROM account_identity WHERE {these}"));
    Ok(tx.ids(sql).await?.into_iter().collect())
}
