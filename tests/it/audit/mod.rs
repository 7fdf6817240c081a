//! The audit log: what is written down, that nothing of it can be changed unseen, and who reads it.

mod chain;
mod command_line;
mod lines;
mod reading;
mod retention;
mod tampering;

use entity::audit_entry::Model;
use entity::enums::AuditOutcome;
use serde_json::Value;

use banyan::audit::{Head, Turn, seal};
use serde_json::json;

use crate::support::{ROOT, TestApp};

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

/// Runs one statement on the database itself.
pub async fn sql(app: &TestApp, text: &str) -> u64 {
    let tx = app.app.store.write().await.unwrap();
    let changed = tx.run(tx.sql(text)).await.unwrap();
    tx.commit().await.unwrap();
    changed
}

/// The first number that a query answers, as `id`.
pub async fn number(app: &TestApp, query: &str) -> i64 {
    let tx = app.app.store.read().await.unwrap();
    tx.ids(tx.sql(query)).await.unwrap()[0]
}

/// Renames a unit, so that there is one line more.
pub async fn rename(app: &TestApp, name: &str) {
    let admin = app.admin_of(ROOT).await;
    admin.mutate("unitRename", json!({ "unit": "G1", "name": name }), "unit { id }").await.done();
}

/// A small federation with three sealed batches, and its heads, oldest first.
pub async fn three_batches(app: &TestApp) -> Vec<Head> {
    app.small_federation().await;
    let mut heads = seal(&app.app, Turn::Wait).await.unwrap();
    for name in ["Hai", "Ba"] {
        rename(app, name).await;
        rename(app, &format!("{name} mới")).await;
        heads.extend(seal(&app.app, Turn::Wait).await.unwrap());
    }
    assert_eq!(heads.iter().map(|head| head.n).collect::<Vec<_>>(), [1, 2, 3]);
    heads
}

/// What a check of the log says is wrong.
pub async fn problems(app: &TestApp, kept: &[Head]) -> Vec<String> {
    let kept: Vec<_> = kept.iter().map(|head| head.text().parse().unwrap()).collect();
    banyan::audit::verify(&app.app, &kept).await.unwrap().problems
}
