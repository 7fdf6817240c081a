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
        let row = idempotency_key::Model {
            account_id: self.account,
            key: self.key.clone(),
            request_hash: self.request.clone(),
            outcome: String::new(),
            at: now,
        };
        if tx.insert::<idempotency_key::Entity>(&[row], Conflict::Keep).await? == 1 {
            return Ok(None);
        }
        let mut sql = tx.sql("SELECT request_hash, outcome FROM idempotency_key WHERE account_id = ");
        let (account, key) = (sql.bind(self.account), sql.bind(self.key.as_str()));
        sql.push(&format!("{account} AND key = {key}"));
        let kept: Kept = tx.one(sql).await?.ok_or(Error::Busy)?;
        if kept.request_hash != self.request {
            let message =
                message!("this idempotency key was used for another input: take a new key for a new mutation");
            return Ok(Some(Err(Error::user(ErrorCode::IdempotencyKeyReused, FIELD, message))));
        }
        match serde_json::from_str(&kept.outcome) {
            Ok(Outcome::Done(id)) => Ok(Some(Ok(id))),
            Ok(Outcome::Refused(errors)) => Ok(Some(Err(Error::User(errors)))),
            Err(error) => Err(Error::Internal(format!("a kept outcome cannot be read: {error}"))),
        }
    }

    pub(super) async fn keep(&self, tx: &Tx, answer: &Result<i64>) -> Result<()> {
        let outcome = match answer {
            Ok(id) => Outcome::Done(*id),
            Err(Error::User(errors)) => Outcome::Refused(errors.clone()),
            Err(error) => return Err(error.clone()),
        };
        let outcome = serde_json::to_string(&outcome).map_err(|error| Error::Internal(error.to_string()))?;
        let mut sql = tx.sql("UPDATE idempotency_key SET outcome = ");
        let (outcome, account, key) = (sql.bind(outcome), sql.bind(self.account), sql.bind(self.key.as_str()));
        sql.push(&format!("{outcome} WHERE account_id = {account} AND key = {key}"));
        tx.run(sql).await?;
        Ok(())
    }
}
