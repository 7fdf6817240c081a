//! Writing a line of the audit log: one insert, inside the transaction of what it tells of.

use std::collections::HashMap;

use entity::audit_entry::Model;
use entity::enums::AuditOutcome;
use sea_orm::{ActiveEnum, FromQueryResult};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::done::{Done, Field, Shown, cut};
use super::origin::Origin;
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::{Sql, Tx};

/// A value of an object before and after, as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    #[serde(rename = "f")]
    pub field: String,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Whether the values are hashes.
    #[serde(rename = "h", default, skip_serializing_if = "std::ops::Not::not")]
    pub hashed: bool,
}

/// Records what was done, in the transaction that does it.
pub async fn write(app: &App, tx: &Tx, origin: &Origin, action: &str, done: &Done) -> Result<()> {
    let line = line_of(app, tx, origin, action, done).await?;
    insert(app, tx, line).await
}

/// The same for several who did the same to objects of units; one statement, where no person's values are hashed.
pub async fn write_all(app: &App, tx: &Tx, action: &str, all: &[(Origin, Done)]) -> Result<()> {
    let mut lines = Vec::with_capacity(all.len());
    for (origin, done) in all {
        lines.push(line_of(app, tx, origin, action, done).await?);
    }
    let now = |sql: &mut Sql| sql.now(&app.clock);
    tx.insert_later_at::<entity::audit_entry::Entity>(&lines, ("at", now)).await
}

async fn line_of(app: &App, tx: &Tx, origin: &Origin, action: &str, done: &Done) -> Result<Model> {
    let salts = salts(app, tx, done).await?;
    let salt = done.fields.iter().any(|field| field.shown == Shown::Hidden).then(|| app.secret()[..16].to_vec());
    let changes: Vec<Change> = done
        .fields
        .iter()
        .map(|field| match field.shown {
            Shown::Plain => changed(field, None),
            Shown::Hidden => changed(field, salt.as_deref()),
            Shown::Personal(account) => changed(field, salts.get(&account).map(Vec::as_slice)),
        })
        .collect();
    let line = line(app, origin, action, AuditOutcome::Done);
    let object = (Some(done.object), (done.id != 0).then_some(done.id));
    Ok(Model { unit_id: done.unit, object: object.0, object_id: object.1, changes: json(&changes)?, salt, ..line })
}

/// A line without an object, and without an instant.
pub(super) fn line(app: &App, origin: &Origin, action: &str, outcome: AuditOutcome) -> Model {
    Model {
        id: app.new_id(),
        at: 0,
        action: action.to_owned(),
        outcome,
        codes: String::new(),
        source: origin.source,
        actor_id: origin.actor,
        credential: origin.credential,
        credential_id: origin.credential_id,
        unit_id: None,
        object: None,
        object_id: None,
        changes: "[]".to_owned(),
        salt: None,
        address: origin.address.clone(),
        request: origin.request.clone(),
    }
}

pub(super) fn json(changes: &[Change]) -> Result<String> {
    serde_json::to_string(changes).map_err(|error| Error::Internal(format!("changes cannot be written: {error}")))
}

/// Inserts the line at the database's present instant; without a unit it is the root's business.
pub(super) async fn insert(app: &App, tx: &Tx, line: Model) -> Result<()> {
    let mut sql = tx.sql(
        "INSERT INTO audit_entry (id, action, outcome, codes, source, actor_id, credential, credential_id, object, object_id, changes, salt, \
         address, request, at, unit_id) VALUES (",
    );
    let object = line.object.map(|object| object.to_value());
    let values = [
        sql.bind(line.id),
        sql.bind(line.action),
        sql.bind(line.outcome.to_value()),
        sql.bind(line.codes),
        sql.bind(line.source.to_value()),
        sql.bind(line.actor_id),
        sql.bind(line.credential.map(|credential| credential.to_value())),
        sql.bind(line.credential_id),
        sql.bind(object),
        sql.bind(line.object_id),
        sql.bind(line.changes),
        sql.bind(line.salt),
        sql.bind(line.address),
        sql.bind(line.request),
    ];
    let now = sql.now(&app.clock);
    let unit = match line.unit_id {
        Some(unit) => sql.bind(unit),
        None => "(SELECT id FROM unit WHERE parent_id IS NULL)".to_owned(),
    };
    sql.push(&format!("{}, {now}, {unit})", values.join(", ")));
    tx.run_later(sql).await
}

fn changed(field: &Field, salt: Option<&[u8]>) -> Change {
    let show = |value: &Option<String>| {
        let value = value.as_deref()?;
        Some(salt.map_or_else(|| cut(value), |salt| hashed(salt, field.name, value)))
    };
    Change {
        field: field.name.to_owned(),
        before: show(&field.before),
        after: show(&field.after),
        hashed: field.shown != Shown::Plain,
    }
}

/// SHA-256 of the salt, the field's name, a zero byte and the value; in hexadecimal digits.
fn hashed(salt: &[u8], name: &str, value: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(name).chain_update([0]).chain_update(value).finalize();
    format!("{digest:x}")
}

#[derive(FromQueryResult)]
struct Salt {
    account_id: i64,
    salt: Vec<u8>,
}

/// The salts of the accounts whose values the log hashes, made where there are none; no statement where there is no account.
async fn salts(app: &App, tx: &Tx, done: &Done) -> Result<HashMap<i64, Vec<u8>>> {
    let mut accounts: Vec<i64> = done
        .fields
        .iter()
        .filter_map(|field| match field.shown {
            Shown::Personal(account) => Some(account),
            _ => None,
        })
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let new: Vec<_> = accounts
        .iter()
        .map(|account| entity::audit_salt::Model { account_id: *account, salt: app.secret()[..16].to_vec() })
        .collect();
    tx.insert::<entity::audit_salt::Entity>(&new, crate::store::Conflict::Keep).await?;
    let mut sql = tx.sql("SELECT account_id, salt FROM audit_salt WHERE ");
    let these = sql.any_id("account_id", &accounts);
    sql.push(&these);
    let found: HashMap<i64, Vec<u8>> =
        tx.all::<Salt>(sql).await?.into_iter().map(|row| (row.account_id, row.salt)).collect();
    // Without its salt a value would be shown as it is.
    if accounts.iter().all(|account| found.contains_key(account)) { Ok(found) } else { Err(Error::Busy) }
}

/// Makes every hash of the account's values meaningless: for erasing a person, in the transaction that does it, after its own
/// line was written.
pub async fn forget(tx: &Tx, account: i64) -> Result<()> {
    let mut sql = tx.sql("DELETE FROM audit_salt WHERE account_id = ");
    let account = sql.bind(account);
    sql.push(&account);
    tx.run(sql).await?;
    Ok(())
}
