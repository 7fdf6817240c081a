//! Others write while a reorganisation is under way, one at a time and on purpose: on PostgreSQL, where they can.

use std::time::Duration;

use banyan::store::Tx;
use serde_json::{Value, json};

use crate::support::{Actor, Engine, Outcome, ROOT, Setup, TestApp, draft_input, run};

/// A writer to the unit who takes his time: whoever ends the unit waits for him.
async fn writer(app: &TestApp, unit: &str) -> Tx {
    let tx = app.app.store.write().await.unwrap();
    tx.ids(tx.sql(format!("SELECT id FROM unit WHERE code = '{unit}' FOR KEY SHARE"))).await.unwrap();
    tx
}

/// Until so many wait for somebody's lock.
async fn until_waiting(app: &TestApp, n: i64) {
    let waiting = async {
        loop {
            let tx = app.app.store.read().await.unwrap();
            let count = "SELECT COUNT(*) AS id FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            if tx.ids(tx.sql(count)).await.unwrap()[0] >= n {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(8), waiting).await.expect("somebody waits");
}

async fn measures(reader: &Actor, unit: &str) -> Value {
    let document =
        format!("{{ unit(code: \"{unit}\") {{ rollup(programme: \"SK\") {{ submitted participants target }} }} }}");
    reader.query(&document, json!({})).await.ok().at("/unit/rollup").clone()
}

async fn sound(app: &TestApp) {
    banyan::ledger::fold_all(&app.app).await.unwrap();
    assert_eq!(banyan::check::check(&app.app, false, &()).await.unwrap().problems, []);
}

fn others_send_in_beside_a_plan(setup: Setup) {
    run(Engine::Postgres, setup, async |app: &TestApp| {
        app.small_federation().await;
        let (root, member) = (app.admin_of(ROOT).await, app.member_of("G1").await);
        member.send_in("G1", json!({})).await;
        let slow = writer(app, "G3").await;
        let merge = root.mutate("unitMerge", json!({ "units": ["G3"], "into": "G2" }), "unit { code }");
        let meanwhile = async {
            until_waiting(app, 1).await;
            member.send_in("G1", json!({})).await;
            slow.rollback().await.unwrap();
        };
        let (merged, ()) = tokio::join!(merge, meanwhile);
        merged.done();
        assert_eq!(measures(&root, ROOT).await["submitted"], 2);
        let document = "{ reorganisations(first: 1) { nodes { state conservation { holds } } } }";
        let plan = root.query(document, json!({})).await.ok();
        assert_eq!(plan.at("/reorganisations/nodes/0/conservation/0/holds"), true);
        sound(app).await;
    });
}

#[test]
fn others_send_in_beside_a_plan_and_nothing_breaks() {
    others_send_in_beside_a_plan(Setup::default());
}

#[test]
fn others_send_in_beside_a_plan_and_nothing_breaks_unfolded() {
    others_send_in_beside_a_plan(Setup::unfolded());
}

#[test]
fn a_target_of_a_unit_that_ends_meanwhile_is_refused() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let set = |unit: &str, value: i64| {
            let input = json!({ "unit": unit, "programme": "SK", "kind": "GUIDELINE", "value": value });
            root.mutate("targetSet", input, "target { id }")
        };
        set("G2", 1).await.done();
        let old = set("G3", 5).await.done();
        let slow = writer(app, "G3").await;
        let merge = root.mutate("unitMerge", json!({ "units": ["G3"], "into": "G2" }), "unit { code }");
        let late = async {
            until_waiting(app, 1).await;
            let cleared = root.mutate("targetClear", json!({ "id": old.text("/targetSet/target/id") }), "id");
            let release = async {
                until_waiting(app, 3).await;
                slow.rollback().await.unwrap();
            };
            let (set, cleared, ()) = tokio::join!(set("G3", 7), cleared, release);
            [set.outcome(), cleared.outcome()]
        };
        let (merged, late) = tokio::join!(merge, late);
        merged.done();
        assert_eq!(late, [Outcome::refused(&["ILLEGAL_STATE"]), Outcome::refused(&["ILLEGAL_STATE"])]);
        assert_eq!(measures(&root, "G2").await["target"], 6);
        sound(app).await;
    });
}

#[test]
fn a_draft_of_a_unit_that_ends_meanwhile_is_refused() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        app.small_federation().await;
        let (root, member) = (app.admin_of(ROOT).await, app.member_of(ROOT).await);
        let draft = member.draft("G1", json!({})).await;
        // The plan holds the unit, and waits for somebody who is at one of its members.
        app.member_of("G3").await;
        let slow = app.app.store.write().await.unwrap();
        let held = "SELECT a.id FROM account a JOIN unit u ON u.id = a.unit_id WHERE u.code = 'G3' FOR UPDATE OF a";
        slow.ids(slow.sql(held)).await.unwrap();
        let merge = root.mutate("unitMerge", json!({ "units": ["G3"], "into": "G2" }), "unit { code }");
        let late = async {
            until_waiting(app, 1).await;
            let begun = member.mutate("initiativeDraft", draft_input("G3", json!({})), "initiative { id }");
            let moved = member.act("initiativeEdit", &draft, json!({ "unit": "G3" }));
            let release = async {
                until_waiting(app, 3).await;
                slow.rollback().await.unwrap();
            };
            let (begun, moved, ()) = tokio::join!(begun, moved, release);
            [begun.outcome(), moved.outcome()]
        };
        let (merged, late) = tokio::join!(merge, late);
        merged.done();
        assert_eq!(late, [Outcome::refused(&["ILLEGAL_STATE"]), Outcome::refused(&["ILLEGAL_STATE"])]);
        sound(app).await;
    });
}

#[test]
fn what_is_sent_in_meanwhile_stands_against_an_end_without_a_successor() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        app.small_federation().await;
        let (root, member) = (app.admin_of(ROOT).await, app.member_of("G3").await);
        let slow = writer(app, "G3").await;
        let dissolve = root.mutate("unitDissolve", json!({ "unit": "G3" }), "unit { code }");
        let meanwhile = async {
            until_waiting(app, 1).await;
            member.send_in("G3", json!({})).await;
            slow.rollback().await.unwrap();
        };
        let (dissolved, ()) = tokio::join!(dissolve, meanwhile);
        assert_eq!(dissolved.outcome(), Outcome::refused(&["ILLEGAL_STATE"]));
        assert_eq!(measures(&root, "G3").await["submitted"], 1);
        sound(app).await;
    });
}

#[test]
fn what_is_sent_in_meanwhile_stands_against_an_undo() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let input = json!({ "units": ["P01", "P02"], "into": "P03", "name": "Mới", "kind": "PROVINCIAL_FEDERATION", "parent": ROOT });
        root.mutate("unitMerge", input, "unit { code }").await.done();
        let plan = root.query("{ reorganisations(first: 1) { nodes { code } } }", json!({})).await.ok();
        let plan = plan.text("/reorganisations/nodes/0/code").to_owned();
        let member = app.member_of("P03").await;
        let slow = writer(app, "P03").await;
        let undo =
            root.mutate("reorganisationUndo", json!({ "code": plan, "reason": "Nhầm" }), "reorganisation { code }");
        let meanwhile = async {
            until_waiting(app, 1).await;
            member.send_in("P03", json!({})).await;
            slow.rollback().await.unwrap();
        };
        let (undone, ()) = tokio::join!(undo, meanwhile);
        assert_eq!(undone.outcome(), Outcome::refused(&["ILLEGAL_STATE"]));
        assert_eq!(measures(&root, "P03").await["submitted"], 1);
        sound(app).await;
    });
}
