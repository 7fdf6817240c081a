//! Heads of the chain: listed, and handed to where they are kept out of the database's reach.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use entity::audit_batch;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::digest::{Hash, from_hex, hex};
use crate::app::App;
use crate::clock;
use crate::config::AuditSettings;
use crate::error::{Error, Result};

/// How long the program that keeps a head may take.
const KEEPER_TIME: Duration = Duration::from_secs(10);

/// The end of the chain after a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The batch's number.
    pub n: i64,
    pub head: Hash,
    /// Milliseconds since the epoch.
    pub sealed_at: i64,
    /// How many lines the batch has.
    pub lines: i64,
}

impl Head {
    /// As it is printed and kept: the number and the head, with a colon between.
    pub fn text(&self) -> String {
        format!("{}:{}", self.n, hex(&self.head))
    }
}

/// A head as somebody kept it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub n: i64,
    pub head: Hash,
}

impl std::str::FromStr for Kept {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Kept, String> {
        let kept = || {
            let (n, head) = text.trim().split_once(':')?;
            Some(Kept { n: n.parse().ok().filter(|n| *n > 0)?, head: from_hex(head)? })
        };
        kept().ok_or_else(|| {
            "a head is a number, a colon and 64 hexadecimal digits, as `banyan audit heads` prints it".to_owned()
        })
    }
}

/// The last heads, the newest first.
pub async fn heads(app: &App, most: u32) -> Result<Vec<Head>> {
    let tx = app.store.read().await?;
    let batches: Vec<audit_batch::Model> =
        tx.all(tx.sql(format!("SELECT * FROM audit_batch ORDER BY n DESC LIMIT {most}"))).await?;
    batches.iter().map(Head::try_from).collect()
}

impl TryFrom<&audit_batch::Model> for Head {
    type Error = Error;

    fn try_from(batch: &audit_batch::Model) -> Result<Head> {
        let head = batch.head.as_slice().try_into();
        let head = head.map_err(|_| Error::Internal(format!("the head of batch {} is not 32 bytes", batch.n)))?;
        Ok(Head { n: batch.n, head, sealed_at: batch.sealed_at, lines: batch.entries })
    }
}

/// Hands new heads to where they are kept. What fails is logged: every later head holds these too.
pub async fn keep(app: &App, heads: &[Head]) {
    let settings = &app.config.audit;
    for head in heads {
        if let Err(error) = keep_one(settings, head).await {
            tracing::error!(head = head.text(), %error, "a head of the audit log was not kept");
        }
    }
}

async fn keep_one(settings: &AuditSettings, head: &Head) -> std::result::Result<(), String> {
    if let Some(file) = &settings.audit_head_file {
        let line = format!("{} {}\n", head.text(), clock::instant(head.sealed_at).to_rfc3339());
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(file).map_err(|e| e.to_string())?;
        file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).map_err(|error| error.to_string())?;
    }
    if let Some(program) = &settings.audit_head_command {
        let told = json!({
            "head": head.text(),
            "sealedAt": clock::instant(head.sealed_at).to_rfc3339(),
            "lines": head.lines,
        });
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
        let run = async {
            if let Some(mut stdin) = child.stdin.take() {
                // A program that does not read still may succeed.
                let _ = stdin.write_all(format!("{told}\n").as_bytes()).await;
            }
            child.wait().await
        };
        let ended = tokio::time::timeout(KEEPER_TIME, run).await;
        let status = ended.map_err(|_| "the program took too long".to_owned())?.map_err(|error| error.to_string())?;
        if !status.success() {
            return Err(format!("the program ended with {status}"));
        }
    }
    Ok(())
}
