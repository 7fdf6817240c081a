//! `accountExport`: everything that is stored about a person, as JSON.

use entity::enums::AuditObject;
use sea_orm::JsonValue;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::access::Right;
use crate::account::find_for;
use crate::clock;
use crate::command::{About, Command, Done, Work};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::store::Tx;

/// Says whether it may be, and that it was done; the document is read afterwards, by [`document`].
#[derive(Clone, Debug, Serialize)]
pub struct AccountExport {
    pub id: i64,
}

impl Command for AccountExport {
    const NAME: &'static str = "accountExport";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Account, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let row = find_for(work, self.id, Right::Export).await?;
        Ok(Done::of(AuditObject::Account, self.id, row.unit_id))
    }
}

/// What is read for the document: a member's name, and a query about the account `$1`. Secrets are stored as hashes, which tell
/// nobody anything and stay out.
const PARTS: &[(&str, &str)] = &[
    (
        "account",
        "SELECT a.display_name, a.email, a.phone, u.code AS unit, a.consent, a.created_at FROM account a \
         LEFT JOIN unit u ON u.id = a.unit_id WHERE a.id = $1",
    ),
    ("invitation", "SELECT email, phone, invited_at, accepted_at FROM invitation WHERE account_id = $1"),
    ("password", "SELECT changed_at FROM account_password WHERE account_id = $1"),
    ("identities", "SELECT issuer, subject, linked_at FROM account_identity WHERE account_id = $1 ORDER BY linked_at"),
    (
        "grants",
        "SELECT u.code AS unit, r.role, r.granted_at FROM role_grant r JOIN unit u ON u.id = r.unit_id \
         WHERE r.account_id = $1 ORDER BY r.granted_at, r.id",
    ),
    (
        "sessions",
        "SELECT name, created_at, refreshed_at, expires_at, revoked_at FROM session WHERE account_id = $1 ORDER BY created_at, id",
    ),
    (
        "tokens",
        "SELECT t.kind, t.name, t.roles, u.code AS unit, t.created_at, t.expires_at, t.revoked_at, t.last_used_at FROM token t \
         LEFT JOIN unit u ON u.id = t.unit_id WHERE t.account_id = $1 ORDER BY t.created_at, t.id",
    ),
    (
        "oneTimeTokens",
        "SELECT purpose, created_at, expires_at, used_at FROM one_time_token WHERE account_id = $1 ORDER BY created_at",
    ),
    (
        "initiatives",
        "SELECT i.code, i.title, i.summary, i.state, p.code AS programme, f.code AS phase, g.code AS participant_group, \
         u.code AS unit, a.position, a.share AS share_hundredths, i.solution, i.applied_on, i.claimed_benefit, i.verified_benefit, \
         i.benefit_not_computable, i.benefit_note, i.refusal_reason, i.refusal_text, i.recognition_number, \
         i.recognition_authority, i.recognition_on, i.created_at, i.submitted_at, i.decided_at \
         FROM initiative_author a JOIN initiative i ON i.id = a.initiative_id JOIN programme p ON p.id = i.programme_id \
         JOIN phase f ON f.id = i.phase_id JOIN participant_group g ON g.id = i.group_id JOIN unit b ON b.id = i.unit_id \
         JOIN unit u ON u.id = COALESCE(b.bundle_of_id, b.id) \
         WHERE a.account_id = $1 ORDER BY i.created_at, i.code",
    ),
    (
        "participations",
        "SELECT i.code AS initiative, p.counted_from, p.counted_to FROM participant p JOIN initiative i ON i.id = p.initiative_id \
         WHERE p.account_id = $1 ORDER BY p.counted_from, i.code",
    ),
    (
        "events",
        "SELECT i.code AS initiative, e.seq, e.action, e.at, e.reason, e.note FROM initiative_event e \
         JOIN initiative i ON i.id = e.initiative_id WHERE e.by_id = $1 ORDER BY e.at, i.code, e.seq",
    ),
    (
        "targets",
        "SELECT u.code AS unit, p.code AS programme, t.kind, t.value, t.at FROM target_event t JOIN unit u ON u.id = t.unit_id \
         JOIN programme p ON p.id = t.programme_id WHERE t.by_id = $1 ORDER BY t.at, t.id",
    ),
    (
        "audit",
        "SELECT at, action, outcome, codes, address, request FROM audit_entry WHERE actor_id = $1 ORDER BY at, id",
    ),
    ("idempotencyKeys", "SELECT key, at FROM idempotency_key WHERE account_id = $1 ORDER BY at, key"),
];

/// The document, as JSON text; instants in the time zone, money in VND. Whoever calls it has decided that it may be.
pub async fn document(tx: &Tx, config: &Config, account: i64) -> Result<String> {
    let mut document = Map::new();
    for (name, query) in PARTS {
        let mut sql = tx.sql(*query);
        sql.bind(account);
        let rows: Vec<JsonValue> = tx.all(sql).await?;
        let rows = rows.into_iter().map(|row| rendered(config, row));
        document.insert((*name).to_owned(), rows.collect());
    }
    if let Some(Value::Array(mut rows)) = document.remove("account") {
        document.insert("account".to_owned(), rows.pop().unwrap_or(Value::Null));
    }
    serde_json::to_string_pretty(&json!(document)).map_err(|error| Error::Internal(error.to_string()))
}

/// A row with its columns as the API calls such values, the same from both databases.
fn rendered(config: &Config, row: JsonValue) -> Value {
    let JsonValue::Object(row) = row else { return row };
    let member = |(column, value): (String, Value)| {
        let value = match (column.as_str(), value.as_i64()) {
            ("consent" | "benefit_not_computable", Some(flag)) => Value::Bool(flag != 0),
            (name, Some(at)) if name == "at" || name.ends_with("_at") || name.starts_with("counted_") => {
                Value::String(clock::instant(at).with_timezone(&config.time_zone).to_rfc3339())
            }
            _ => value,
        };
        (camel(&column), value)
    };
    Value::Object(row.into_iter().map(member).collect())
}

fn camel(column: &str) -> String {
    let mut name = String::with_capacity(column.len());
    for (n, word) in column.split('_').enumerate() {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if n > 0 => name.extend(first.to_uppercase().chain(letters)),
            _ => name.push_str(word),
        }
    }
    name
}
