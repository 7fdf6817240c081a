//! Roll-ups at instants: when a target was reached, ranks then and now, what is refused. Everything else is the oracle's.

use serde_json::{Value, json};

use crate::support::{Actor, ROOT, TestApp, both};

async fn approved(app: &TestApp, reviewer: &Actor, unit: &str, benefit: &str) {
    let sent = app.member_of(unit).await.send_in(unit, json!({ "claimedBenefit": benefit })).await;
    let input = json!({ "id": sent.id, "version": sent.version, "verifiedBenefit": benefit });
    reviewer.mutate("initiativeApprove", input, "initiative { state }").await.done();
}

async fn rollup(reader: &Actor, unit: &str, arguments: &str, fields: &str) -> Value {
    let query = format!("{{ unit(code: \"{unit}\") {{ rollup(programme: \"SK\"{arguments}) {{ {fields} }} }} }}");
    reader.query(&query, json!({})).await.ok().at("/unit/rollup").clone()
}

both!(
    async fn a_target_is_reached_once_and_later_falls_do_not_undo_it(app: &TestApp) {
        app.small_federation().await;
        let (admin, reviewer) = (app.admin_of(ROOT).await, app.reviewer_of("P01").await);
        let target = json!({ "unit": "P01", "programme": "SK", "kind": "GUIDELINE", "value": 2 });
        admin.mutate("targetSet", target, "target { id }").await.done();
        let fields =
            "targetReachedAt daysAheadOfPlan by: targetReachedAt(of: SUBMITTED) of: targetReachedAt(of: PARTICIPANTS)";
        let nothing = json!({ "targetReachedAt": null, "daysAheadOfPlan": null, "by": null, "of": null });
        assert_eq!(rollup(&admin, "P01", "", fields).await, nothing);
        app.set_clock("2026-03-05T08:00:00+07:00");
        approved(app, &reviewer, "G1", "1000000").await;
        app.set_clock("2026-03-09T10:00:00+07:00");
        approved(app, &reviewer, "G1", "2000000").await;
        app.set_clock("2026-03-20T10:00:00+07:00");
        approved(app, &reviewer, "G1", "3000000").await;
        let reached = rollup(&admin, "P01", "", fields).await;
        assert!(reached["targetReachedAt"].as_str().unwrap().starts_with("2026-03-09T10:00:00"), "{reached}");
        assert!(reached["by"].as_str().unwrap().starts_with("2026-03-09T10:00:00"), "{reached}");
        let plan = admin.query("{ programme(code: \"SK\") { planEndsOn } }", json!({})).await.ok();
        let plan: chrono::NaiveDate = plan.text("/programme/planEndsOn").parse().unwrap();
        let day: chrono::NaiveDate = "2026-03-09".parse().unwrap();
        assert_eq!(reached["daysAheadOfPlan"], (plan - day).num_days());
        // As of a day before it was not; and what was set later is not in force then.
        let before = ", asOf: \"2026-03-06T24:00:00+07:00\"";
        assert_eq!(
            rollup(&admin, "P01", before, "approved targetReachedAt").await,
            json!({ "approved": 1, "targetReachedAt": null })
        );
        let target = json!({ "unit": "P01", "programme": "SK", "kind": "GUIDELINE", "value": 1 });
        admin.mutate("targetSet", target, "target { id }").await.done();
        let now = rollup(&admin, "P01", "", "target targetReachedAt").await;
        assert!(now["targetReachedAt"].as_str().unwrap().starts_with("2026-03-05T08:00:00"), "{now}");
        let then = rollup(&admin, "P01", ", asOf: \"2026-03-20T00:00:00+07:00\"", "target targetReachedAt").await;
        assert!(then["target"] == 2 && then["targetReachedAt"].as_str().unwrap().starts_with("2026-03-09"), "{then}");
    }
);

both!(
    async fn ranks_are_compared_with_another_instant(app: &TestApp) {
        app.small_federation().await;
        let (admin, reviewer) = (app.admin_of(ROOT).await, app.reviewer_of("P01").await);
        app.set_clock("2026-03-05T08:00:00+07:00");
        approved(app, &reviewer, "G1", "1000000").await;
        app.set_clock("2026-03-09T10:00:00+07:00");
        let field =
            "ranking(programme: \"SK\", comparedTo: \"2026-03-05T00:00:00+07:00\") { rank previousRank change }";
        let reply = admin.query(&format!("{{ unit(code: \"G1\") {{ {field} }} }}"), json!({})).await.ok();
        let ranking = reply.at("/unit/ranking");
        assert_eq!(ranking["rank"], 1);
        // Nobody had anything then: all were first.
        assert_eq!((&ranking["previousRank"], &ranking["change"]), (&json!(1), &json!(0)));
        let young = "ranking(programme: \"SK\", comparedTo: \"2020-01-01T00:00:00Z\") { rank previousRank change }";
        let reply = admin.query(&format!("{{ unit(code: \"G1\") {{ {young} }} }}"), json!({})).await.ok();
        assert_eq!(reply.at("/unit/ranking/previousRank"), &Value::Null);
    }
);

both!(
    async fn who_stood_below_another_unit_had_no_rank_among_those_of_now(app: &TestApp) {
        app.small_federation().await;
        let (admin, reviewer) = (app.admin_of(ROOT).await, app.reviewer_of("P01").await);
        app.set_clock("2026-03-05T08:00:00+07:00");
        approved(app, &reviewer, "G1", "1000000").await;
        app.set_clock("2026-03-09T10:00:00+07:00");
        admin.mutate("unitMove", json!({ "unit": "G1", "parent": "P02" }), "unit { code }").await.done();
        app.set_clock("2026-03-10T10:00:00+07:00");
        let race = "programme: \"SK\", comparedTo: \"2026-03-06T00:00:00+07:00\", structure: AS_REPORTED";
        for (unit, previous) in [("G1", Value::Null), ("G3", json!(1))] {
            let query = format!("{{ unit(code: \"{unit}\") {{ ranking({race}) {{ of previousRank change }} }} }}");
            let told = admin.query(&query, json!({})).await.ok();
            let ranking = told.at("/unit/ranking");
            assert_eq!((&ranking["of"], &ranking["previousRank"]), (&json!(2), &previous), "{unit}");
            assert_eq!(ranking["change"].is_null(), previous.is_null(), "{unit}");
            // As the board of the unit above says.
            let query = format!(
                "{{ unit(code: \"P02\") {{ leaderboard({race}, first: 9) {{ nodes {{ previousRank unit {{ code }} }} }} }} }}"
            );
            let told = admin.query(&query, json!({})).await.ok();
            let line = told.list("/unit/leaderboard/nodes").iter().find(|line| line["unit"]["code"] == unit).unwrap();
            assert_eq!(line["previousRank"], previous, "{unit}");
        }
    }
);

both!(
    async fn nobody_takes_part_where_nothing_was_sent_in(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of(ROOT).await;
        for (unit, arguments, fields) in [
            ("G1", "", "participants"),
            ("P01", ", asOf: \"2026-03-01T00:00:00Z\"", "participants"),
            (ROOT, ", slice: { kind: [GRASSROOTS_UNION] }", "participants"),
        ] {
            let found = rollup(&admin, unit, &format!(", structure: AS_REPORTED{arguments}"), fields).await;
            assert_eq!(found, json!({ "participants": 0 }), "{unit} {arguments}");
        }
        let kinds = rollup(&admin, ROOT, ", structure: AS_REPORTED", "breakdown(by: [KIND]) { participants }").await;
        assert_eq!(kinds, json!({ "breakdown": [] }));
        let board = "leaderboard(programme: \"SK\", by: PARTICIPANTS, structure: AS_REPORTED, depth: DESCENDANTS, first: 9) { nodes { amount } }";
        let told = admin.query(&format!("{{ unit(code: \"TLD\") {{ {board} }} }}"), json!({})).await.ok();
        assert!(told.list("/unit/leaderboard/nodes").iter().all(|line| line["amount"] == "0"), "{}", told.body);
    }
);

both!(
    async fn what_cannot_be_asked_is_refused(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of(ROOT).await;
        for (arguments, fields) in [
            (", asOf: \"2099-01-01T00:00:00Z\"", "submitted"),
            (", structure: AT", "submitted"),
            (", structureAt: \"2026-01-01T00:00:00Z\"", "submitted"),
            (", structure: AT, structureAt: \"2099-01-01T00:00:00Z\"", "submitted"),
            (", slice: { during: { from: \"2026-03-02\", to: \"2026-03-01\" } }", "submitted"),
            (", slice: { during: { from: \"0001-01-01\", to: \"2026-03-01\" } }", "breakdown(by: [DAY]) { submitted }"),
            ("", "activity(by: CHILD) { submitted }"),
            ("", "activity(by: DAY, during: { from: \"2026-03-02\", to: \"2026-03-01\" }) { submitted }"),
        ] {
            let query = format!("{{ unit(code: \"P01\") {{ rollup(programme: \"SK\"{arguments}) {{ {fields} }} }} }}");
            let reply = admin.query(&query, json!({})).await;
            assert_eq!(reply.codes(), ["BAD_USER_INPUT"], "{query}: {}", reply.body);
        }
        // An instant before there was anything; and what a server answered is accepted.
        let old = rollup(&admin, "P01", ", asOf: \"1000-01-01T00:00:00Z\"", "submitted isFinal asOf").await;
        assert_eq!((&old["submitted"], &old["isFinal"]), (&json!(0), &json!(true)));
        let now = rollup(&admin, "P01", "", "asOf").await;
        let again = format!(", asOf: {}", now["asOf"]);
        assert_eq!(rollup(&admin, "P01", &again, "asOf").await, now);
    }
);
