//! Targets that pass, are restated, and come back with an undo; drafts that come back with it.

use serde_json::{Value, json};

use crate::support::{Actor, Outcome, ROOT, both};

async fn set(root: &Actor, unit: &str, kind: &str, value: i32) {
    let input = json!({ "unit": unit, "programme": "SK", "kind": kind, "value": value });
    root.mutate("targetSet", input, "target { value }").await.done();
}

/// The cells of a unit: kind, phase, value, bound.
async fn targets(reader: &Actor, unit: &str) -> Value {
    let document =
        format!("{{ unit(code: \"{unit}\") {{ targets(programme: \"SK\") {{ kind phase value bound }} }} }}");
    let reply = reader.query(&document, json!({})).await.ok();
    let cell = |target: &Value| json!([target["kind"], target["phase"], target["value"], target["bound"]]);
    reply.list("/unit/targets").iter().map(cell).collect()
}

async fn undo(root: &Actor, code: &str) -> Outcome {
    let input = json!({ "code": code, "reason": "Nhầm" });
    root.mutate("reorganisationUndo", input, "reorganisation { code }").await.outcome()
}

/// The plan that was recorded last.
async fn latest(root: &Actor) -> String {
    let document = "{ reorganisations(first: 50) { nodes { code appliedAt } } }";
    let reply = root.query(document, json!({})).await.ok();
    let newest = reply.list("/reorganisations/nodes").iter().max_by_key(|plan| plan["appliedAt"].to_string()).unwrap();
    newest["code"].as_str().unwrap().to_owned()
}

both!(
    async fn targets_are_restated_and_come_back(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        set(&root, "P01", "GUIDELINE", 100).await;
        set(&root, "P02", "GUIDELINE", 50).await;
        set(&root, "P02", "REGISTERED", 8).await;
        let before = (targets(&root, "P01").await, targets(&root, "P02").await);
        app.pass(60);
        let input = json!({ "units": ["P01"], "into": "P02", "restated": [
            { "programme": "SK", "kind": "PLANNED", "phase": "1", "value": 33, "bound": "AT_LEAST" },
            { "unit": "P02", "programme": "SK", "kind": "REGISTERED", "value": 9 } ] });
        root.mutate("unitMerge", input, "unit { code }").await.done();
        let merged = json!([
            ["GUIDELINE", null, 150, "EXACT"],
            ["PLANNED", "1", 33, "AT_LEAST"],
            ["REGISTERED", null, 9, "EXACT"]
        ]);
        assert_eq!(targets(&root, "P02").await, merged);
        let plan = latest(&root).await;
        let document = format!(
            "{{ reorganisation(code: \"{plan}\") {{ steps {{ restated {{ unit programme kind phase bloc value bound }} }} }} }}"
        );
        let kept = root.query(&document, json!({})).await.ok();
        let first = json!({ "unit": null, "programme": "SK", "kind": "PLANNED", "phase": "1", "bloc": null, "value": 33, "bound": "AT_LEAST" });
        assert_eq!(kept.at("/reorganisation/steps/0/restated/0"), &first);
        app.pass(60);
        // What somebody has set since stays; the rest is as it was.
        set(&root, "P02", "REGISTERED", 20).await;
        app.pass(60);
        assert_eq!(undo(&root, &plan).await, Outcome::Done);
        assert_eq!(targets(&root, "P01").await, before.0);
        assert_eq!(
            targets(&root, "P02").await,
            json!([["GUIDELINE", null, 50, "EXACT"], ["REGISTERED", null, 20, "EXACT"]])
        );
    }
);

both!(
    async fn a_dissolved_unit_passes_its_targets_where_it_is_said(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        for unit in ["G1", "G2", "G3"] {
            set(&root, unit, "GUIDELINE", 7).await;
        }
        app.pass(60);
        let input = json!({ "unit": "G2", "into": "G1", "targets": "ADD_UP" });
        root.mutate("unitDissolve", input, "unit { code }").await.done();
        assert_eq!(targets(&root, "G1").await, json!([["GUIDELINE", null, 14, "EXACT"]]));
        app.pass(60);
        root.mutate("unitDissolve", json!({ "unit": "G3", "into": "G1" }), "unit { code }").await.done();
        assert_eq!(targets(&root, "G1").await, json!([["GUIDELINE", null, 14, "EXACT"]]));
    }
);

both!(
    async fn what_a_unit_gave_away_of_its_target_comes_back(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        set(&root, "G1", "GUIDELINE", 100).await;
        app.pass(60);
        let input = json!({ "unit": "G1", "into": "G1", "parts": [{ "unit": "G2", "share": 25 }] });
        root.mutate("unitSplit", input, "unit { code }").await.done();
        assert_eq!(targets(&root, "G1").await, json!([["GUIDELINE", null, 75, "EXACT"]]));
        assert_eq!(targets(&root, "G2").await, json!([["GUIDELINE", null, 25, "EXACT"]]));
        app.pass(60);
        assert_eq!(undo(&root, &latest(&root).await).await, Outcome::Done);
        assert_eq!(targets(&root, "G1").await, json!([["GUIDELINE", null, 100, "EXACT"]]));
        assert_eq!(targets(&root, "G2").await, json!([]));
    }
);

both!(
    async fn what_cannot_be_restated_is_told(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let before = targets(&root, "P02").await;
        for (restated, field, code) in [
            (
                json!({ "unit": "P09", "programme": "SK", "kind": "PLANNED", "value": 1 }),
                "restated.0.unit",
                "UNKNOWN_CODE",
            ),
            (
                json!({ "unit": "G3", "programme": "SK", "kind": "PLANNED", "value": 1 }),
                "restated.0.unit",
                "UNKNOWN_CODE",
            ),
            (json!({ "programme": "XX", "kind": "PLANNED", "value": 1 }), "restated.0.programme", "UNKNOWN_CODE"),
            (
                json!({ "programme": "SK", "kind": "PLANNED", "phase": "9", "value": 1 }),
                "restated.0.phase",
                "UNKNOWN_CODE",
            ),
            (
                json!({ "programme": "SK", "kind": "PLANNED", "bloc": "X", "value": 1 }),
                "restated.0.bloc",
                "UNKNOWN_CODE",
            ),
            (json!({ "programme": "SK", "kind": "PLANNED", "value": 0 }), "restated.0.value", "OUT_OF_RANGE"),
        ] {
            let input = json!({ "units": ["P01"], "into": "P02", "restated": [restated] });
            let reply = root.mutate("unitMerge", input, "unit { code } userErrors { code field }").await.ok();
            let fault = reply.at("/unitMerge/userErrors/0");
            let told: Vec<&str> =
                fault["field"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
            assert_eq!((told.join("."), fault["code"].as_str().unwrap()), (field.to_owned(), code), "{restated}");
        }
        let same = json!({ "programme": "SK", "kind": "PLANNED", "value": 1 });
        let input = json!({ "units": ["P01"], "into": "P02", "restated": [same, same] });
        assert_eq!(root.mutate("unitMerge", input, "unit { code }").await.outcome(), Outcome::refused(&["INVALID"]));
        let csv = "operation,units,parent,restated\nMOVE,G3,P01,:SK:PLANNED=5\n";
        let input = json!({ "code": "X", "unit": ROOT, "name": "X", "csv": csv });
        root.mutate("reorganisationDraft", input, "reorganisation { code }").await.done();
        let tried = root.mutate("reorganisationDryRun", json!({ "code": "X" }), "reorganisation { code }").await;
        assert_eq!(tried.outcome(), Outcome::refused(&["INVALID"]));
        assert_eq!(targets(&root, "P02").await, before);
    }
);

both!(
    async fn drafts_come_back_with_an_undo(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let member = app.member_of("P01").await;
        let (stays, sent) = (member.draft("P01", json!({})).await, member.draft("P01", json!({})).await);
        let unit = async |code: &str| {
            let read = format!("{{ initiative(code: \"{code}\") {{ unit {{ code }} version }} }}");
            member.query(&read, json!({})).await.ok().text("/initiative/unit/code").to_owned()
        };
        app.pass(60);
        // Into a unit that lives: the one draft goes in there, and stays its record.
        root.mutate("unitMerge", json!({ "units": ["P01"], "into": "P02" }), "unit { code }").await.done();
        assert_eq!((unit(&stays.code).await.as_str(), unit(&sent.code).await.as_str()), ("P02", "P02"));
        app.pass(60);
        let input = json!({ "id": sent.id, "version": sent.version + 1 });
        member.mutate("initiativeSubmit", input, "initiative { state }").await.done();
        app.pass(60);
        let plan = latest(&root).await;
        assert_eq!(undo(&root, &plan).await, Outcome::Done);
        assert_eq!((unit(&stays.code).await.as_str(), unit(&sent.code).await.as_str()), ("P01", "P02"));
        // Into one that is made for it: nothing stands against the undo.
        app.pass(60);
        let input =
            json!({ "units": ["P01"], "into": "P09", "name": "Mới", "kind": "PROVINCIAL_FEDERATION", "parent": ROOT });
        root.mutate("unitMerge", input, "unit { code }").await.done();
        assert_eq!(unit(&stays.code).await, "P09");
        app.pass(60);
        assert_eq!(undo(&root, &latest(&root).await).await, Outcome::Done);
        assert_eq!(unit(&stays.code).await, "P01");
    }
);
