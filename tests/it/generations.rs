//! Which tables belong to a generation, and that whatever changes them changes it, by whichever program.

use std::collections::BTreeSet;

use banyan::store::{Dialect, Topic};
use sea_orm::JsonValue;
use serde_json::json;

use crate::support::{ROOT, TestApp, both};

/// Whatever stands in no list is watched for DEFINITIONS. Of these nothing is kept by a generation: they are what is counted, what is
/// recorded, and what serves the program.
const UNWATCHED: [&str; 40] = [
    "account_identity",
    "account_password",
    "audit_batch",
    "audit_chain",
    "audit_checkpoint",
    "audit_entry",
    "audit_member",
    "audit_salt",
    "audit_tail",
    "generation",
    "generation_step",
    "idempotency_key",
    "initiative",
    "initiative_author",
    "initiative_event",
    "initiative_text",
    "invitation",
    "one_time_token",
    "participant",
    "refresh_token",
    "reorganisation",
    "reorganisation_change",
    "reorganisation_home",
    "reorganisation_step",
    "rollup_activity",
    "rollup_cell",
    "rollup_day",
    "rollup_delta",
    "rollup_history",
    "rollup_keeper",
    "rollup_kept",
    "rollup_mark",
    "rollup_own",
    "rollup_person",
    "rollup_turnout",
    "seaql_migrations",
    "sign_in_throttle",
    "title_word",
    "tree",
    "unit_text",
];
const CREDENTIALS: [&str; 2] = ["session", "token"];

async fn names(app: &TestApp, sqlite: &str, postgres: &str) -> BTreeSet<String> {
    let tx = app.app.store.read().await.unwrap();
    let sql = if tx.dialect == Dialect::Sqlite { sqlite } else { postgres };
    let rows: Vec<JsonValue> = tx.all(tx.sql(sql)).await.unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

both!(
    async fn every_table_is_watched_or_known_not_to_be(app: &TestApp) {
        let tables = names(
            app,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_text_%'",
            "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'",
        )
        .await;
        // Where an insert is watched, a change and a deletion are: all three are written at once.
        let of = |topic: &str, sqlite: &str, postgres: &str| {
            (
                format!(
                    "SELECT tbl_name AS name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_generation_{sqlite}' AND sql LIKE '%{topic}%'"
                ),
                format!(
                    "SELECT c.relname::text AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
                     WHERE t.tgname LIKE '%_generation' AND t.tgenabled = 'O' AND encode(t.tgargs, 'escape') LIKE '{topic}%' AND t.tgtype & {postgres} = {postgres}"
                ),
            )
        };
        // In `tgtype`: 4 insert, 8 delete, 16 update, 32 truncate.
        let mut watched = BTreeSet::new();
        for (sqlite, postgres) in [("insert", "60"), ("update", "60"), ("delete", "60")] {
            let (sqlite, postgres) = of("DEFINITIONS", sqlite, postgres);
            let found = names(app, &sqlite, &postgres).await;
            assert!(watched.is_empty() || watched == found, "{watched:?} {found:?}");
            watched = found;
        }
        for (sqlite, postgres) in [("update", "56"), ("delete", "56")] {
            let (sqlite, postgres) = of("CREDENTIALS", sqlite, postgres);
            assert_eq!(names(app, &sqlite, &postgres).await, CREDENTIALS.map(str::to_owned).into());
        }
        let known: BTreeSet<String> = UNWATCHED.iter().chain(&CREDENTIALS).map(|name| (*name).to_owned()).collect();
        let unknown: Vec<&String> = tables.iter().filter(|table| !known.contains(*table)).collect();
        assert_eq!(
            unknown,
            watched.iter().collect::<Vec<_>>(),
            "a table is watched, or stands in the list with its reason"
        );
    }
);

both!(
    async fn what_is_defined_changes_the_generation_and_what_is_counted_does_not(app: &TestApp) {
        app.small_federation().await;
        let (admin, member) = (app.admin_of(ROOT).await, app.member_of("G1").await);
        let reviewer = app.reviewer_of("P01").await;
        let generation = async |topic| {
            let tx = app.app.store.read().await.unwrap();
            tx.generation(topic).await.unwrap().unwrap()
        };
        let (definitions, credentials) = (generation(Topic::Definitions).await, generation(Topic::Credentials).await);
        let sent = member.send_in("G1", json!({})).await;
        reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": "1" })).await.done();
        assert_eq!(generation(Topic::Definitions).await, definitions);
        admin.mutate("unitRename", json!({ "unit": "G1", "name": "Khác" }), "unit { name }").await.done();
        let renamed = generation(Topic::Definitions).await;
        assert_ne!(renamed, definitions);
        // What is taken back changes nothing.
        let tx = app.app.store.write().await.unwrap();
        tx.run(tx.sql("UPDATE unit SET name = 'x'")).await.unwrap();
        assert_ne!(tx.generation(Topic::Definitions).await.unwrap().unwrap(), renamed);
        tx.rollback().await.unwrap();
        assert_eq!(generation(Topic::Definitions).await, renamed);
        assert_eq!(generation(Topic::Credentials).await, credentials);
        // Nor does what a savepoint takes back hide what comes after it.
        let tx = app.app.store.write().await.unwrap();
        tx.savepoint().await.unwrap();
        tx.run(tx.sql("UPDATE unit SET name = 'y'")).await.unwrap();
        tx.rollback_to_savepoint().await.unwrap();
        assert_eq!(tx.generation(Topic::Definitions).await.unwrap().unwrap(), renamed);
        tx.run(tx.sql("UPDATE unit SET name = 'z'")).await.unwrap();
        tx.run(tx.sql("UPDATE unit SET name = 'zz'")).await.unwrap();
        tx.commit().await.unwrap();
        let at_last = generation(Topic::Definitions).await;
        assert_ne!(at_last, renamed);
        // One transaction is one step, however much it changes.
        if app.app.store.dialect == Dialect::Postgres {
            let steps = "SELECT COUNT(*) AS id FROM generation_step WHERE topic = 'DEFINITIONS'";
            let tx = app.app.store.read().await.unwrap();
            let before = tx.ids(tx.sql(steps)).await.unwrap()[0];
            drop(tx);
            let writing = app.app.store.write().await.unwrap();
            for name in ["a", "b", "c"] {
                writing.run(writing.sql(format!("UPDATE unit SET name = '{name}'"))).await.unwrap();
            }
            writing.commit().await.unwrap();
            let tx = app.app.store.read().await.unwrap();
            assert_eq!(tx.ids(tx.sql(steps)).await.unwrap(), [before + 1]);
        }
    }
);
