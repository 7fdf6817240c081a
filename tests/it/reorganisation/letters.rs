//! Letters about scheduled plans.

use std::path::Path;

use serde_json::json;

use crate::support::{Engine, Outcome, ROOT, Setup, TestApp, letters, postman, run};

fn with_postman(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup { mail: Some(postman(folder.path())), ..Setup::default() };
    run(engine, setup, async |app| owners_are_told(app, folder.path()).await);
}

#[test]
fn owners_are_told_sqlite() {
    with_postman(Engine::Sqlite);
}

#[test]
fn owners_are_told_postgres() {
    with_postman(Engine::Postgres);
}

async fn owners_are_told(app: &TestApp, folder: &Path) {
    app.small_federation().await;
    let (root, other) = (app.admin_of(ROOT).await, app.admin_of(ROOT).await);
    for (actor, code, csv) in [
        (&root, "GOP", "operation,units,into\nMERGE,P01,P02\n"),
        (&other, "MUON", "operation,units,parent\nMOVE,G3,P01\n"),
    ] {
        let input = json!({ "code": code, "unit": ROOT, "name": "Sắp xếp", "csv": csv,
                            "effectiveAt": "2026-03-03T00:00:00+07:00", "reason": "Nghị quyết" });
        actor.mutate("reorganisationDraft", input, "reorganisation { code }").await.done();
        let input = json!({ "code": code, "version": 1 });
        assert_eq!(
            actor.mutate("reorganisationApply", input, "reorganisation { code }").await.outcome(),
            Outcome::Done
        );
    }
    app.set_clock("2026-03-03T00:00:05+07:00");
    banyan::reorganisation::turn(&app.app).await.unwrap();
    let mut told = letters(folder);
    told.sort_by_key(|letter| letter["purpose"].to_string());
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(
        (&told[0]["purpose"], &told[1]["purpose"]),
        (&json!("REORGANISATION_APPLIED"), &json!("REORGANISATION_FAILED"))
    );
    assert_eq!(told[0]["reorganisation"], json!({ "code": "GOP", "name": "Sắp xếp", "faults": [] }));
    let why = &told[1]["reorganisation"];
    assert_eq!((&why["code"], &why["faults"][0]["code"]), (&json!("MUON"), &json!("ILLEGAL_STATE")));
    assert_eq!(
        (&why["faults"][0]["en"], &why["faults"][0]["vi"]),
        (&json!("P01 has ended"), &json!("P01 đã kết thúc hoạt động"))
    );
    assert!(told.iter().all(|letter| letter.get("token").is_none() && letter.get("displayName").is_some()));
}
