//! What did not happen: denied, refused, failed and repeated commands, in transactions of their own and at a bounded rate.

use entity::audit_entry::Model;
use entity::enums::{AuditObject, AuditOutcome};
use sea_orm::FromQueryResult;

use super::done::About;
use super::origin::Origin;
use super::write::{Change, insert, json, line};
use crate::access::Caller;
use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::pace::Payer;
use crate::store::Tx;

/// The action of the line that tells how many lines were left out.
pub const MORE: &str = "more";

/// So many callers' left-out lines are told apart at a time.
const APART: usize = 20;

/// Codes of user errors that are denials: nobody decides on what is his own, and nobody comes in by what does not open.
const DENIED: &[ErrorCode] = &[
    ErrorCode::OwnInitiative,
    ErrorCode::OwnAccount,
    ErrorCode::WrongCredentials,
    ErrorCode::SessionEnded,
    ErrorCode::TokenNotValid,
];

/// What became of a command that was not done.
pub fn outcome_of(error: &Error) -> AuditOutcome {
    match error {
        Error::Unauthenticated | Error::NotFound(_) | Error::Forbidden(_) => AuditOutcome::Denied,
        // A denial, however it is told.
        Error::User(errors) if errors.iter().any(|error| DENIED.contains(&error.code)) => AuditOutcome::Denied,
        Error::RateLimited(_) => AuditOutcome::Denied,
        Error::User(_) | Error::BadInput(_) => AuditOutcome::Refused,
        Error::Busy | Error::Timeout | Error::Setting(_) | Error::Database(_) | Error::Internal(_) => {
            AuditOutcome::Failed
        }
    }
}

/// The stable codes that the caller was told.
pub fn codes_of(error: &Error) -> Vec<String> {
    let mut codes: Vec<String> = match error {
        Error::User(errors) => errors
            .iter()
            .filter_map(|error| serde_json::to_value(error.code).ok()?.as_str().map(str::to_owned))
            .collect(),
        error => vec![error.code().to_owned()],
    };
    let mut seen = std::collections::HashSet::new();
    codes.retain(|code| seen.insert(code.clone()));
    codes
}

/// Records that something was not done, or not once more. In a transaction of its own, so call it when no other is open; what
/// comes too fast is counted instead. Never fails: what cannot be recorded goes to the server's log.
pub async fn record(
    app: &App,
    caller: &Caller,
    action: &str,
    about: About<'_>,
    outcome: AuditOutcome,
    codes: &[String],
) {
    if matches!(about, About::Parts)
        || !app.refusals.admit(Payer::of(caller.viewer.account(), caller.address), app.now())
    {
        return;
    }
    if let Err(error) = try_record(app, caller, action, about, outcome, codes).await {
        tracing::error!(%error, action, "a refusal cannot be recorded in the audit log");
    }
}

async fn try_record(
    app: &App,
    caller: &Caller,
    action: &str,
    about: About<'_>,
    outcome: AuditOutcome,
    codes: &[String],
) -> Result<()> {
    let tx = app.store.write().await?;
    let place = place(&tx, about).await?;
    let line = Model {
        codes: codes.join(","),
        unit_id: place.unit_id,
        object: place.object,
        object_id: place.object_id,
        ..line(app, &Origin::from(caller), action, outcome)
    };
    insert(app, &tx, line).await?;
    tx.commit().await
}

/// Writes how many lines were left out since the last time, one line for each caller.
pub async fn record_left_out(app: &App) -> Result<()> {
    let mut counts = app.refusals.take_turned_away();
    if counts.is_empty() {
        return Ok(());
    }
    let rest: i64 = counts.drain(APART.min(counts.len())..).map(|(_, count)| count).sum();
    if rest > 0 {
        counts.push((Payer::Unknown, rest));
    }
    let tx = app.store.write().await?;
    for (payer, count) in counts {
        let (actor, address) = match payer {
            Payer::Account(account) => (Some(account), None),
            Payer::Address(address) => (None, Some(address.to_string())),
            Payer::Unknown => (None, None),
        };
        let change = Change { field: "count".to_owned(), before: None, after: Some(count.to_string()), hashed: false };
        let line = Model {
            actor_id: actor,
            address,
            changes: json(&[change])?,
            ..line(app, &Origin::SERVER, MORE, AuditOutcome::Denied)
        };
        insert(app, &tx, line).await?;
    }
    tx.commit().await
}

/// Whose business it is.
#[derive(Default)]
struct Place {
    unit_id: Option<i64>,
    object: Option<AuditObject>,
    object_id: Option<i64>,
}

#[derive(FromQueryResult)]
struct Found {
    unit_id: Option<i64>,
}

/// The unit of what was asked for. What does not exist, or belongs to no unit, is the root's business.
async fn place(tx: &Tx, about: About<'_>) -> Result<Place> {
    let (object, id) = match about {
        About::Unit(code) => {
            // No code has a NUL, and PostgreSQL takes none.
            let mut sql = tx.sql("SELECT id FROM unit WHERE code = ");
            let code = sql.bind(code.replace('\0', ""));
            sql.push(&code);
            let unit = tx.ids(sql).await?.pop();
            return Ok(Place { unit_id: unit, object: unit.map(|_| AuditObject::Unit), object_id: unit });
        }
        About::Object(object, id) => (object, id),
        About::Federation | About::Parts => return Ok(Place::default()),
    };
    let table = match object {
        AuditObject::Unit => Some(("unit", "id")),
        AuditObject::Initiative => Some(("initiative", "unit_id")),
        AuditObject::Target => Some(("target", "unit_id")),
        AuditObject::Cluster => Some(("cluster", "owner_id")),
        AuditObject::Reorganisation => Some(("reorganisation", "unit_id")),
        AuditObject::Account => Some(("account", "unit_id")),
        AuditObject::Grant => Some(("role_grant", "unit_id")),
        _ => None,
    };
    let mut unit_id = None;
    if let Some((table, unit)) = table {
        let mut sql = tx.sql(format!("SELECT {unit} AS unit_id FROM {table} WHERE id = "));
        let bound = sql.bind(id);
        sql.push(&bound);
        unit_id = tx.one::<Found>(sql).await?.and_then(|found| found.unit_id);
    }
    // An id that is none was no id of this server.
    Ok(Place { unit_id, object: Some(object), object_id: (id != 0).then_some(id) })
}
