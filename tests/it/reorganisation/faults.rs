//! Plans that look as if they fitted, and those that seemed not to.

use entity::enums::Role;
use serde_json::{Value, json};

use crate::support::{Actor, Outcome, ROOT, both};

async fn draft(actor: &Actor, code: &str, steps: Value) {
    let input = json!({ "code": code, "unit": ROOT, "name": "Sắp xếp", "steps": steps });
    actor.mutate("reorganisationDraft", input, "reorganisation { version }").await.done();
}

/// Code and field of every fault, by a try and by applying alike.
async fn faults(actor: &Actor, code: &str, steps: Value) -> Vec<(String, String)> {
    draft(actor, code, steps).await;
    let tried = actor.mutate("reorganisationDryRun", json!({ "code": code }), "reorganisation { version }").await;
    let applied = apply(actor, code).await;
    assert_eq!(tried.user_errors(), applied.user_errors());
    applied.user_errors()
}

async fn apply(actor: &Actor, code: &str) -> crate::support::Reply {
    let input = json!({ "code": code, "version": 1 });
    actor.mutate("reorganisationApply", input, "reorganisation { version }").await
}

fn fault(code: &str, field: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), field.to_owned())]
}

fn create(code: &str) -> Value {
    json!({ "operation": "CREATE", "code": code, "name": "Mới", "kind": "PROVINCIAL_FEDERATION", "parent": ROOT })
}

both!(
    async fn a_code_is_taken_whatever_stands_around_it(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        assert_eq!(faults(&root, "A", json!([create(" P01 ")])).await, fault("CODE_NOT_AVAILABLE", "steps.0.code"));
        let recode = json!([{ "operation": "RECODE", "units": ["P02"], "code": "\tG1" }]);
        assert_eq!(faults(&root, "B", recode).await, fault("CODE_NOT_AVAILABLE", "steps.0.code"));
    }
);

both!(
    async fn what_a_plan_makes_does_not_end_by_it(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let merged = json!([create("P03"), { "operation": "MERGE", "units": ["P03", "P01"], "into": "P02" }]);
        assert_eq!(faults(&root, "A", merged).await, fault("ILLEGAL_STATE", "steps.1.units"));
        let gone = json!([create("P04"), { "operation": "DISSOLVE", "units": ["P04"] }]);
        assert_eq!(faults(&root, "B", gone).await, fault("ILLEGAL_STATE", "steps.1.units"));
    }
);

both!(
    async fn nothing_is_left_below_what_nobody_follows(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let dissolve = json!({ "operation": "DISSOLVE", "units": ["P02"] });
        let renamed = json!([dissolve, { "operation": "RENAME", "units": ["G3"], "name": "Tên khác" }]);
        let left = |faults: Vec<(String, String)>, at: &str| faults.contains(&fault("ILLEGAL_STATE", at)[0]);
        assert!(left(faults(&root, "A", renamed).await, "steps.0.into"));
        let moved = json!([{ "operation": "MOVE", "units": ["G1"], "parent": "P02" }, { "operation": "MOVE", "units": ["G3"], "parent": "P01" }, dissolve]);
        assert!(left(faults(&root, "B", moved).await, "steps.2.into"));
        let emptied = json!([dissolve, { "operation": "MOVE", "units": ["G3"], "parent": "P01" }]);
        draft(&root, "C", emptied).await;
        apply(&root, "C").await.done();
    }
);

both!(
    async fn targets_that_are_too_much_together_are_refused(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        for unit in ["G1", "G2"] {
            let input = json!({ "unit": unit, "programme": "SK", "kind": "GUIDELINE", "value": i32::MAX });
            root.mutate("targetSet", input, "target { id }").await.done();
        }
        let merge = json!([{ "operation": "MERGE", "units": ["G1"], "into": "G2" }]);
        assert_eq!(faults(&root, "A", merge).await, fault("OUT_OF_RANGE", "steps"));
        draft(&root, "B", json!([{ "operation": "MERGE", "units": ["G1"], "into": "G2", "targets": "KEEP" }])).await;
        apply(&root, "B").await.done();
    }
);

both!(
    async fn a_step_stands_at_a_place_that_there_is(app: &TestApp) {
        let root = app.admin_of(ROOT).await;
        draft(&root, "A", json!([])).await;
        for position in [i32::MIN, -1, 0, 2, i32::MAX] {
            let input = json!({ "code": "A", "version": 1, "position": position, "step": { "operation": "KEEP", "units": [ROOT] } });
            let reply = root.mutate("reorganisationStep", input, "reorganisation { version }").await;
            assert_eq!(reply.outcome(), Outcome::refused(&["OUT_OF_RANGE"]), "{position}: {}", reply.body);
        }
    }
);

both!(
    async fn a_move_is_taken_back(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        draft(&root, "A", json!([{ "operation": "MOVE", "units": ["G1"], "parent": "P02" }])).await;
        apply(&root, "A").await.done();
        root.mutate("reorganisationUndo", json!({ "code": "A" }), "reorganisation { code }").await.done();
        let document = "{ unit(code: \"G1\") { parent { code } } }";
        assert_eq!(root.query(document, json!({})).await.ok().text("/unit/parent/code"), "P01");
    }
);

both!(
    async fn an_undo_finds_a_code_whatever_the_others_are_called(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let long = "X".repeat(30);
        for end in ["1", "2"] {
            let code = format!("{long}{end}");
            let name = format!("Tên {end}");
            draft(&root, &code, json!([{ "operation": "RENAME", "units": [format!("G{end}")], "name": name }])).await;
            apply(&root, &code).await.done();
        }
        for end in ["1", "2"] {
            let input = json!({ "code": format!("{long}{end}") });
            root.mutate("reorganisationUndo", input, "reorganisation { code }").await.done();
        }
    }
);

both!(
    async fn an_undo_puts_nobody_where_nobody_is_any_more(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let undo = || root.mutate("reorganisationUndo", json!({ "code": "A" }), "reorganisation { code }");
        draft(&root, "A", json!([{ "operation": "MOVE", "units": ["G1"], "parent": "P02" }])).await;
        apply(&root, "A").await.done();
        root.mutate("unitMerge", json!({ "units": ["P01"], "into": "P02" }), "unit { code }").await.done();
        assert_eq!(undo().await.outcome(), Outcome::refused(&["ILLEGAL_STATE"]), "P01 has ended");
        root.mutate("unitReestablish", json!({ "unit": "P01", "parent": ROOT }), "unit { code }").await.done();
        undo().await.done();
        assert_eq!(banyan::check::check(&app.app, false, &()).await.unwrap().problems, []);
    }
);

both!(
    async fn an_undo_ends_nothing_that_others_stand_below(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let undo = || root.mutate("reorganisationUndo", json!({ "code": "A" }), "reorganisation { code }");
        root.mutate("unitMerge", json!({ "units": ["P01"], "into": "P02" }), "unit { code }").await.done();
        draft(&root, "A", json!([{ "operation": "REESTABLISH", "units": ["P01"], "parent": ROOT }])).await;
        apply(&root, "A").await.done();
        root.mutate("unitMove", json!({ "unit": "G1", "parent": "P01" }), "unit { code }").await.done();
        assert_eq!(undo().await.outcome(), Outcome::refused(&["ILLEGAL_STATE"]), "G1 stands below");
        root.mutate("unitMove", json!({ "unit": "G1", "parent": "P02" }), "unit { code }").await.done();
        undo().await.done();
        assert_eq!(banyan::check::check(&app.app, false, &()).await.unwrap().problems, []);
    }
);

both!(
    async fn what_goes_along_names_the_step_that_takes_it_along(app: &TestApp) {
        app.small_federation().await;
        let root = app.person(ROOT, &[(ROOT, Role::Admin), (ROOT, Role::Operator)]).await;
        app.pass(60);
        root.mutate("unitMerge", json!({ "units": ["G1"], "into": "G2" }), "unit { code }").await.done();
        app.pass(60);
        // G1 is seated at G2; both would go before they were there.
        let keep = json!({ "operation": "KEEP", "units": [ROOT] });
        let steps = json!([keep, { "operation": "MERGE", "units": ["G2"], "into": "G3" }]);
        let input = json!({ "code": "A", "unit": ROOT, "name": "Lùi", "reason": "Trước", "steps": steps,
                            "effectiveAt": "2026-03-02T08:00:00+07:00" });
        root.mutate("reorganisationDraft", input, "reorganisation { version }").await.done();
        let faults = apply(&root, "A").await.user_errors();
        assert!(faults.iter().filter(|(_, field)| field == "steps.1").count() > 1, "{faults:?}");
        assert!(faults.iter().all(|(_, field)| ["steps.1", "effectiveAt"].contains(&field.as_str())), "{faults:?}");
    }
);

both!(
    async fn what_ends_with_the_unit_above_it_goes_its_own_way(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        app.plant(&[("P03", "PROVINCIAL_FEDERATION", ROOT), ("G4", "GRASSROOTS_UNION", "P03")]).await;
        let member = app.member_of("G1").await;
        member.send_in("G1", json!({})).await;
        // Whichever ends first: units stand in no order while a plan is carried out.
        for n in 0..6 {
            let merged = json!([{ "operation": "MERGE", "units": ["P01"], "into": "P02" }, { "operation": "MERGE", "units": ["G1"], "into": "G4" }]);
            draft(&root, &format!("A{n}"), merged).await;
            apply(&root, &format!("A{n}")).await.done();
            let document = "{ unit(code: \"G4\") { rollup(programme: \"SK\") { submitted } } }";
            assert_eq!(root.query(document, json!({})).await.ok().int("/unit/rollup/submitted"), 1);
            root.mutate("reorganisationUndo", json!({ "code": format!("A{n}") }), "reorganisation { code }")
                .await
                .done();
        }
        assert_eq!(banyan::check::check(&app.app, false, &()).await.unwrap().problems, []);
    }
);

both!(
    async fn a_name_of_since_stands_against_one_of_before(app: &TestApp) {
        app.small_federation().await;
        let root = app.person(ROOT, &[(ROOT, Role::Admin), (ROOT, Role::Operator)]).await;
        app.pass(600);
        root.mutate("unitRename", json!({ "unit": "P01", "name": "Tên mới" }), "unit { code }").await.done();
        app.pass(600);
        let input = json!({ "code": "A", "unit": ROOT, "name": "Lùi", "reason": "Trước", "effectiveAt": "2026-03-02T09:05:00+07:00",
                            "steps": [{ "operation": "RENAME", "units": ["P01"], "name": "Tên khác" }] });
        root.mutate("reorganisationDraft", input, "reorganisation { version }").await.done();
        assert_eq!(apply(&root, "A").await.outcome(), Outcome::refused(&["OUT_OF_PERIOD"]));
    }
);
