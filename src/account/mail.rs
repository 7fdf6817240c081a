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
use crate::error::{Error, ErrorCode, Result, UserError};
use crate::store::Tx;
use crate::text::Language;

/// How long the program may take.
const LIMIT: Duration = Duration::from_secs(30);

/// What the program is given. Its names and meanings are documented in docs/sign-in.md and docs/reorganisation.md.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    purpose: &'static str,
    display_name: String,
    email: Option<String>,
    phone: Option<String>,
    #[serde(flatten)]
    about: About,
}

/// What a letter is about.
#[derive(Serialize)]
#[serde(untagged)]
enum About {
    #[serde(rename_all = "camelCase")]
    Token {
        token: String,
        expires_at: String,
    },
    Plan {
        reorganisation: PlanNews,
    },
}

/// A scheduled plan of which something became.
#[derive(Clone, Serialize)]
pub struct PlanNews {
    pub code: String,
    pub name: String,
    /// Why nothing was applied; none: it was.
    pub faults: Vec<PlanFault>,
}

#[derive(Clone, Serialize)]
pub struct PlanFault {
    pub code: ErrorCode,
    pub field: String,
    pub en: String,
    pub vi: String,
}

impl From<&UserError> for PlanFault {
    fn from(fault: &UserError) -> PlanFault {
        let (code, field) = (fault.code, fault.field.join("."));
        let [en, vi] = [Language::English, Language::Vietnamese].map(|language| fault.message.text(language));
        PlanFault { code, field, en, vi }
    }
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
        let until = clock::instant(token.expires_at).with_timezone(&app.config.time_zone);
        let (token, expires_at) = (token.secret.clone(), until.to_rfc3339_opts(SecondsFormat::Secs, false));
        let purpose = match purpose {
            OneTimePurpose::Invitation => "INVITATION",
            OneTimePurpose::PasswordReset => "PASSWORD_RESET",
        };
        Letter::about(tx, account, purpose, About::Token { token, expires_at }).await
    }

    /// That a scheduled plan was applied, or why it was not.
    pub async fn of_plan(tx: &Tx, account: i64, news: PlanNews) -> Result<Letter> {
        let purpose = if news.faults.is_empty() { "REORGANISATION_APPLIED" } else { "REORGANISATION_FAILED" };
        Letter::about(tx, account, purpose, About::Plan { reorganisation: news }).await
    }

    async fn about(tx: &Tx, account: i64, purpose: &'static str, about: About) -> Result<Letter> {
        let mut sql = tx.sql("SELECT display_name, email, phone FROM account WHERE id = ");
        let id = sql.bind(account);
        sql.push(&id);
        let Person { display_name, email, phone } = tx.one(sql).await?.ok_or_else(Error::id_not_found)?;
        Ok(Letter { purpose, display_name, email, phone, about })
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
