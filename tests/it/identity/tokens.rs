//! API tokens: their own rights and their maker's present ones, whichever is less.

use banyan::access::Roles;
use entity::enums::Role;
use serde_json::{Value, json};

use crate::access::cast::sql;
use crate::support::{Actor, Outcome, ROOT, both};

/// What of two units, of a record and of a draft somebody sees.
async fn sees(actor: &Actor, codes: [&str; 2]) -> Value {
    let query = format!(
        "{{ p: unit(code: \"P01\") {{ rollup(programme: \"SK\") {{ submitted breakdown(by: [PHASE, GROUP]) {{ submitted }} }} }}
            g: unit(code: \"G1\") {{ code }} other: unit(code: \"G3\") {{ code }}
            sent: initiative(code: \"{}\") {{ viewerCan }} draft: initiative(code: \"{}\") {{ viewerCan }}
            viewer {{ grants {{ role unit {{ code }} }} mine: initiatives(first: 9) {{ totalCount }}
                      waiting: awaitingDecision(first: 9) {{ totalCount }} }} }}",
        codes[0], codes[1]
    );
    actor.query(&query, json!({})).await.ok().body["data"].clone()
}

both!(
    async fn an_api_token_carries_only_its_roles(app: &TestApp) {
        app.small_federation().await;
        let (me, admin) =
            (app.person("G1", &[("G1", Role::Member), ("G1", Role::Reviewer)]).await, app.admin_of(ROOT).await);
        let (sent, draft) = (me.send_in("G1", json!({})).await, me.draft("G1", json!({})).await);
        let foreign = app.member_of("G1").await.send_in("G1", json!({})).await;

        let all = sees(&app.api_token(&me, Roles::ALL, None).await, [&sent.code, &draft.code]).await;
        assert_eq!(all, sees(&me, [&sent.code, &draft.code]).await);
        assert_eq!(all["viewer"]["mine"]["totalCount"], 2);

        // A reviewer's token: the records, but no draft, no work of one's own, and no deciding on it either.
        let reviewer = app.api_token(&me, Roles::of(&[Role::Reviewer]), None).await;
        let seen = sees(&reviewer, [&sent.code, &draft.code]).await;
        assert_eq!(seen["sent"], json!({ "viewerCan": [] }));
        assert_eq!(seen["draft"], Value::Null);
        assert_eq!(seen["viewer"]["mine"]["totalCount"], 0);
        assert_eq!(seen["viewer"]["waiting"]["totalCount"], 1);
        assert_eq!(seen["viewer"]["grants"], json!([{ "role": "REVIEWER", "unit": { "code": "G1" } }]));
        let withdraw = reviewer.act("initiativeWithdraw", &sent, json!({})).await;
        assert_eq!(withdraw.outcome(), Outcome::failed("FORBIDDEN"));
        let approve = reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": 1 })).await;
        assert_eq!(approve.outcome(), Outcome::refused(&["OWN_INITIATIVE"]));
        let edit = reviewer.act("initiativeEdit", &draft, json!({ "title": "Khác" })).await;
        assert_eq!(edit.outcome(), Outcome::failed("NOT_FOUND"));
        reviewer.act("initiativeApprove", &foreign, json!({ "verifiedBenefit": 1 })).await.done();

        // A member's token decides on nothing; one without a role that the maker has carries nothing.
        let member = app.api_token(&me, Roles::of(&[Role::Member]), None).await;
        let seen = sees(&member, [&sent.code, &draft.code]).await;
        assert_eq!(seen["viewer"]["mine"]["totalCount"], 2);
        assert_eq!(seen["viewer"]["waiting"]["totalCount"], 0);
        let empty = app.api_token(&me, Roles::of(&[Role::Admin]), None).await;
        let seen = sees(&empty, [&sent.code, &draft.code]).await;
        assert_eq!((&seen["g"], &seen["sent"], &seen["viewer"]["grants"]), (&Value::Null, &Value::Null, &json!([])));
        let rename = json!({ "unit": "G1", "name": "Khác" });
        assert_eq!(
            empty.mutate("unitRename", rename.clone(), "unit { id }").await.outcome(),
            Outcome::failed("NOT_FOUND")
        );
        admin.mutate("unitRename", rename, "unit { id }").await.done();
    }
);

both!(
    async fn an_api_token_stays_within_its_unit(app: &TestApp) {
        app.small_federation().await;
        let top = app.person(ROOT, &[(ROOT, Role::Reviewer), (ROOT, Role::Member), (ROOT, Role::Admin)]).await;
        let member = app.member_of("G1").await;
        let (sent, other) =
            (member.send_in("G1", json!({})).await, app.member_of("G3").await.send_in("G3", json!({})).await);
        let own = top.draft("G3", json!({})).await;

        let bound = app.api_token(&top, Roles::ALL, Some("P01")).await;
        let seen = sees(&bound, [&sent.code, &other.code]).await;
        assert_eq!(seen["p"]["rollup"]["breakdown"], json!([{ "submitted": 1 }]));
        assert_eq!(seen["g"], json!({ "code": "G1" }));
        assert_eq!((&seen["other"], &seen["draft"]), (&Value::Null, &Value::Null));
        assert_eq!(seen["viewer"]["mine"]["totalCount"], 0);
        assert_eq!(seen["viewer"]["waiting"]["totalCount"], 1);
        assert_eq!(seen["viewer"]["grants"].as_array().unwrap().len(), 3);
        // What is above shows its face and no more; what is outside cannot be written either.
        let faces = bound
            .query("{ units(first: 9) { nodes { code } } unit(code: \"TLD\") { code viewerCan } }", json!({}))
            .await
            .ok();
        assert_eq!(faces.texts("/units/nodes", "code"), ["G1", "G2", "P01"]);
        assert_eq!(faces.at("/unit"), &json!({ "code": "TLD", "viewerCan": [] }));
        let edit = bound.act("initiativeEdit", &own, json!({ "title": "Khác" })).await;
        assert_eq!(edit.outcome(), Outcome::failed("NOT_FOUND"));
        let rename = |unit| json!({ "unit": unit, "name": "Khác" });
        assert_eq!(
            bound.mutate("unitRename", rename("P02"), "unit { id }").await.outcome(),
            Outcome::failed("FORBIDDEN")
        );
        assert_eq!(
            bound.mutate("unitRename", rename("G3"), "unit { id }").await.outcome(),
            Outcome::failed("NOT_FOUND")
        );
        bound.mutate("unitRename", rename("P01"), "unit { id }").await.done();
        let draft =
            bound.mutate("initiativeDraft", crate::support::draft_input("G3", json!({})), "initiative { id }").await;
        assert_eq!(draft.outcome(), Outcome::failed("NOT_FOUND"));

        // A bound that stands above the grant takes nothing from it and gives nothing to it.
        let low = app.api_token(&member, Roles::ALL, Some("P01")).await;
        assert_eq!(sees(&low, [&sent.code, &other.code]).await, sees(&member, [&sent.code, &other.code]).await);
        let beside = app.api_token(&member, Roles::ALL, Some("P02")).await;
        let seen = sees(&beside, [&sent.code, &other.code]).await;
        assert_eq!((&seen["g"], &seen["other"], &seen["sent"]), (&Value::Null, &Value::Null, &Value::Null));
    }
);

both!(
    async fn a_token_has_no_more_than_its_maker_has_now(app: &TestApp) {
        app.small_federation().await;
        let me = app.reviewer_of("P01").await;
        let sent = app.member_of("G1").await.send_in("G1", json!({})).await;
        let token = app.api_token(&me, Roles::ALL, None).await;
        let bound = app.api_token(&me, Roles::of(&[Role::Reviewer]), Some("G1")).await;
        for actor in [&token, &bound] {
            assert_eq!(sees(actor, [&sent.code, "-"]).await["viewer"]["waiting"]["totalCount"], 1);
        }
        sql(app, "DELETE FROM role_grant WHERE role = 'REVIEWER'").await;
        for actor in [&token, &bound] {
            assert_eq!(sees(actor, [&sent.code, "-"]).await["sent"], Value::Null);
            let approve = actor.act("initiativeApprove", &sent, json!({ "verifiedBenefit": 1 })).await;
            assert_eq!(approve.outcome(), Outcome::failed("NOT_FOUND"));
        }
    }
);
