//! The audit log: what is written down, that nothing of it can be changed unseen, and who reads it.

mod lines;

use entity::audit_entry::Model;
use entity::enums::AuditOutcome;
use serde_json::Value;

use crate::support::TestApp;

/// Every line, oldest first; those of one instant in any order.
pub async fn all(app: &TestApp) -> Vec<Model> {
    let tx = app.app.store.read().await.unwrap();
    tx.all(tx.sql("SELECT * FROM audit_entry ORDER BY at, id")).await.unwrap()
}

/// The lines of an action with an outcome.
pub async fn lines(app: &TestApp, action: &str, outcome: AuditOutcome) -> Vec<Model> {
    all(app).await.into_iter().filter(|line| line.action == action && line.outcome == outcome).collect()
}

/// The one line of an action with an outcome.
pub async fn line(app: &TestApp, action: &str, outcome: AuditOutcome) -> Model {
    let mut found = lines(app, action, outcome).await;
    assert_eq!(found.len(), 1, "lines of {action} {outcome:?}: {found:?}");
    found.remove(0)
}

/// What a line says of a field: before and after.
pub fn change(line: &Model, field: &str) -> (Value, Value) {
    let changes: Vec<Value> = serde_json::from_str(&line.changes).unwrap();
    let found = changes.into_iter().find(|change| change["f"] == field);
    found.map(|change| (change["b"].clone(), change["a"].clone())).unwrap_or_default()
}

/// The id of a unit.
pub async fn unit(app: &TestApp, code: &str) -> i64 {
    let tx = app.app.store.read().await.unwrap();
    let mut sql = tx.sql("SELECT id FROM unit WHERE code = ");
    let code = sql.bind(code);
    sql.push(&code);
    tx.ids(sql).await.unwrap()[0]
}
