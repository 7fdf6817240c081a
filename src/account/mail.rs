//! Letters to a person, sent by a program of the operator's: JSON on its stdin, bounded in time and number.

use std::process::Stdio;
use std::time::Duration;

use chrono::SecondsFormat;
use entity::enums::OneTimePurpose;
use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::secret::IssuedToken;
use crate::app::App;
use crate::clock;
use crate::error::{Error, Result};
use crate::store::Tx;

/// How long the program may take.
const LIMIT: Duration = Duration::from_secs(30);

/// What the program is given. Its names and meanings are documented in docs/sign-in.md.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    purpose: &'static str,
    display_name: String,
    email: Option<String>,
    phone: Option<String>,
    token: String,
    expires_at: String,
}

#[derive(sea_orm::FromQueryResult)]
struct Person {
    display_name: String,
    email: Option<String>,
    phone: Option<String>,
}

impl Letter {
    /// With the one-time token, to the account.
    pub async fn to(app: &App, tx: &Tx, account: i64, purpose: OneTimePurpose, token: &IssuedToken) -> Result<Letter> {
        let mut sql = tx.sql("SELECT display_name, email, phone FROM account WHERE id = ");
        let id = sql.bind(account);
        sql.push(&id);
        let person: Person = tx.one(sql).await?.ok_or_else(Error::id_not_found)?;
        let until = clock::instant(token.expires_at).with_timezone(&app.config.time_zone);
        Ok(Letter {
            purpose: match purpose {
                OneTimePurpose::Invitation => "INVITATION",
                OneTimePurpose::PasswordReset => "PASSWORD_RESET",
            },
            display_name: person.display_name,
            email: person.email,
            phone: person.phone,
            token: token.secret.clone(),
            expires_at: until.to_rfc3339_opts(SecondsFormat::Secs, false),
        })
    }
}

/// Hands the letter to the program, if one is configured, and waits for its end.
pub async fn send(app: &App, letter: &Letter) -> Result<()> {
    let Some(program) = &app.config.identity.mail_command else { return Ok(()) };
    let failed = |what: String| Error::Internal(format!("the mail program {}: {what}", program.display()));
    let text = serde_json::to_vec(letter).map_err(|error| failed(error.to_string()))?;
    let run = async {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(&text).await?;
            stdin.shutdown().await?;
        }
        child.wait().await
    };
    match tokio::time::timeout(LIMIT, run).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(failed(status.to_string())),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_) => Err(failed(format!("took longer than {} s", LIMIT.as_secs()))),
    }
}
