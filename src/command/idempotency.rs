//! Keys that make a repeated mutation answer what the first one answered.

use entity::idempotency_key;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Command;
use crate::error::{Error, ErrorCode, Result, UserError};
use crate::store::{Conflict, Tx};
use crate::text::{self, message};

const FIELD: &str = "idempotencyKey";

pub(super) struct Key {
    account: i64,
    key: String,
    request: Vec<u8>,
}

/// What is kept: the changed object's id, or what was wrong. It is rendered anew under the rights of whoever asks again.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    Done(i64),
    Refused(Vec<UserError>),
}

#[derive(FromQueryResult)]
struct Kept {
    request_hash: Vec<u8>,
    outcome: String,
}

/// A key as it is kept.
pub(super) fn check_key(key: &str) -> std::result::Result<String, UserError> {
    text::line(FIELD, key, 200)
}

impl Key {
    pub(super) fn of<C: Command>(account: i64, key: &str, command: &C) -> Result<Key> {
        let key = check_key(key)?;
        let input = serde_json::to_vec(&(C::NAME, command))
            .map_err(|error| Error::Internal(format!("{} cannot be hashed: {error}", C::NAME)))?;
        Ok(Key { account, key, request: Sha256::digest(input).to_vec() })
    }

    /// Takes the key, or answers what stands under it. Waits for whoever is taking it at this moment.
    pub(super) async fn claim(&self, tx: &Tx, now: i64) -> Result<Option<Result<i64>>> {
        if tx.insert::<idempotency_key::Entity>(&[self.row(now, "")], Conflict::Keep).await? == 1 {
            return Ok(None);
        }
        let mut sql = tx.sql("SELECT request_hash, outcome FROM idempotency_key WHERE account_id = ");
        let (account, key) = (sql.bind(self.account), sql.bind(self.key.as_str()));
        sql.push(&format!("{account} AND key = {key}"));
        let kept: Kept = tx.one(sql).await?.ok_or(Error::Busy)?;
        self.answer(&kept).map(Some)
    }

    /// What stands under the key, or that it stands for another input.
    fn answer(&self, kept: &Kept) -> Result<Result<i64>> {
        if kept.request_hash != self.request {
            let message =
                message!("this idempotency key was used for another input: take a new key for a new mutation");
            return Ok(Err(Error::user(ErrorCode::IdempotencyKeyReused, FIELD, message)));
        }
        match serde_json::from_str(&kept.outcome) {
            Ok(Outcome::Done(id)) => Ok(Ok(id)),
            Ok(Outcome::Refused(errors)) => Ok(Err(Error::User(errors))),
            Err(error) => Err(Error::Internal(format!("a kept outcome cannot be read: {error}"))),
        }
    }

    fn row(&self, now: i64, outcome: &str) -> idempotency_key::Model {
        idempotency_key::Model {
            account_id: self.account,
            key: self.key.clone(),
            request_hash: self.request.clone(),
            outcome: outcome.to_owned(),
            at: now,
        }
    }

    /// Two that are the same do not go into one transaction.
    pub(super) fn is(&self, other: &Key) -> bool {
        (self.account, &self.key) == (other.account, &other.key)
    }

    pub(super) async fn keep(&self, tx: &Tx, answer: &Result<i64>) -> Result<()> {
        keep_all(tx, &[(self, answer.as_ref().copied().map_err(Clone::clone))]).await
    }

    /// The answer as it is kept, where it is.
    fn outcome(answer: &Result<i64>) -> Result<String> {
        let outcome = match answer {
            Ok(id) => Outcome::Done(*id),
            Err(Error::User(errors)) => Outcome::Refused(errors.clone()),
            Err(error) => return Err(error.clone()),
        };
        serde_json::to_string(&outcome).map_err(|error| Error::Internal(error.to_string()))
    }
}

#[derive(FromQueryResult)]
struct KeptUnder {
    account_id: i64,
    key: String,
    request_hash: Vec<u8>,
    outcome: String,
}

/// As [`Key::claim`] for several keys, no two of which are the same; at most two statements.
pub(super) async fn claim_all(tx: &Tx, keys: &[&Key], now: i64) -> Result<Vec<Option<Result<i64>>>> {
    // In one order: whoever takes some of the same ones meanwhile waits for us, or we for him.
    let mut rows: Vec<_> = keys.iter().map(|key| key.row(now, "")).collect();
    rows.sort_unstable_by(|one, other| (one.account_id, &one.key).cmp(&(other.account_id, &other.key)));
    if tx.insert::<idempotency_key::Entity>(&rows, Conflict::Keep).await? == rows.len() as u64 {
        return Ok(vec![None; keys.len()]);
    }
    let accounts: Vec<i64> = keys.iter().map(|key| key.account).collect();
    let texts: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
    let mut sql = tx.sql("SELECT account_id, key, request_hash, outcome FROM idempotency_key WHERE ");
    let (accounts, texts) = (sql.any_id("account_id", &accounts), sql.any_text("key", &texts));
    sql.push(&format!("{accounts} AND {texts}"));
    let kept: Vec<KeptUnder> = tx.all(sql).await?;
    let under = |key: &&Key| {
        let row = kept.iter().find(|row| (row.account_id, &row.key) == (key.account, &key.key)).ok_or(Error::Busy)?;
        // Whoever was done has an outcome: what has none is ours.
        match row.outcome.as_str() {
            "" => Ok(None),
            outcome => {
                let kept = Kept { request_hash: row.request_hash.clone(), outcome: outcome.to_owned() };
                key.answer(&kept).map(Some)
            }
        }
    };
    keys.iter().map(under).collect()
}

/// Keeps the answers under keys that were claimed; one statement.
pub(super) async fn keep_all(tx: &Tx, answers: &[(&Key, Result<i64>)]) -> Result<()> {
    let rows = |(key, answer): &(&Key, Result<i64>)| Ok((key.row(0, ""), key.row(0, &Key::outcome(answer)?)));
    let rows: Vec<(idempotency_key::Model, idempotency_key::Model)> =
        answers.iter().map(rows).collect::<Result<_>>()?;
    let pairs: Vec<_> = rows.iter().map(|(claimed, kept)| (claimed, kept)).collect();
    tx.change::<idempotency_key::Entity>(&pairs, &["account_id", "key"]).await?;
    Ok(())
}

/// Gives back keys that were claimed: whoever takes one next begins anew.
pub(super) async fn give_back(tx: &Tx, keys: &[&Key]) -> Result<()> {
    for key in keys {
        let mut sql = tx.sql("DELETE FROM idempotency_key WHERE account_id = ");
        let (account, key) = (sql.bind(key.account), sql.bind(key.key.as_str()));
        sql.push(&format!("{account} AND key = {key}"));
        tx.run(sql).await?;
    }
    Ok(())
}
