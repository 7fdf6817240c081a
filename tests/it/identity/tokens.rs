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

const TOKEN: &str = "secret token { id name roles unit { code } createdAt expiresAt lastUsedAt revokedAt }";

both!(
    async fn a_token_is_made_shown_once_listed_used_and_revoked(app: &TestApp) {
        app.small_federation().await;
        let me = app.person("P01", &[("P01", Role::Admin), ("P01", Role::Analyst)]).await;
        let other = app.admin_of("P01").await;
        let input = json!({ "name": "Báo cáo tháng", "roles": ["ANALYST"], "unit": "G1", "idempotencyKey": "k",
                            "expiresAt": "2026-06-01T00:00:00+07:00" });
        let made = me.mutate("tokenCreate", input.clone(), TOKEN).await.done();
        let (secret, token) = (made.text("/tokenCreate/secret"), made.at("/tokenCreate/token"));
        assert!(secret.starts_with("byn_"));
        let told = json!({ "id": token["id"], "name": "Báo cáo tháng", "roles": ["ANALYST"], "unit": { "code": "G1" },
                           "createdAt": "2026-03-02T09:00:00.000+07:00", "expiresAt": "2026-06-01T00:00:00.000+07:00",
                           "lastUsedAt": null, "revokedAt": null });
        assert_eq!(*token, told);
        let again = me.mutate("tokenCreate", input, TOKEN).await.done();
        assert_eq!((again.at("/tokenCreate/secret"), again.at("/tokenCreate/token")), (&Value::Null, &told));
        assert_eq!(made.body.to_string().matches(secret).count(), 1);

        // It works, and its use is seen soon.
        let program = app.bearer(secret);
        let units = program.query("{ units(first: 9) { nodes { code } } }", json!({})).await.ok();
        assert_eq!(units.texts("/units/nodes", "code"), ["G1"]);
        let used = async || {
            let listed =
                me.query("{ viewer { tokens(first: 9) { totalCount nodes { lastUsedAt } } } }", json!({})).await.ok();
            assert_eq!(listed.int("/viewer/tokens/totalCount"), 1);
            listed.at("/viewer/tokens/nodes/0/lastUsedAt").clone()
        };
        let wait = async {
            while used().await.is_null() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.unwrap();
        assert_eq!(used().await, "2026-03-02T09:00:00.000+07:00");

        // Its maker alone sees it, and with those who have authority over all of his roles he ends it.
        let node = "query($id: ID!) { node(id: $id) { ... on ApiToken { name } } }";
        let id = json!({ "id": token["id"] });
        assert_eq!(me.query(node, id.clone()).await.ok().text("/node/name"), "Báo cáo tháng");
        assert_eq!(other.query(node, id.clone()).await.ok().at("/node"), &Value::Null);
        let (beside, below) = (app.admin_of("P02").await, app.admin_of("G1").await);
        for (who, error) in [(&beside, "NOT_FOUND"), (&below, "NOT_FOUND"), (&app.anonymous(), "UNAUTHENTICATED")] {
            let foreign = who.mutate("tokenRevoke", id.clone(), "token { id }").await;
            assert_eq!(foreign.outcome(), Outcome::failed(error));
        }
        let whole = app.api_token(&other, Roles::ALL, None).await;
        let foreign = whole.mutate("tokenRevoke", id.clone(), "token { id }").await;
        assert_eq!(foreign.outcome(), Outcome::failed("FORBIDDEN"));
        assert_eq!(
            program
                .query("{ viewer { sessions { id } tokens(first: 9) { nodes { name } } } }", json!({}))
                .await
                .ok()
                .at("/viewer"),
            &json!({ "sessions": [], "tokens": { "nodes": [{ "name": "Báo cáo tháng" }] } })
        );
        let revoked = me.mutate("tokenRevoke", id, "token { revokedAt }").await.done();
        assert_eq!(revoked.text("/tokenRevoke/token/revokedAt"), "2026-03-02T09:00:00.000+07:00");
        assert_eq!(program.query("{ units(first: 9) { nodes { code } } }", json!({})).await.status, 401);
    }
);

both!(
    async fn a_token_is_no_wider_than_its_maker_and_ends_in_time(app: &TestApp) {
        app.small_federation().await;
        let me = app.person("G1", &[("G1", Role::Member), ("P02", Role::Reviewer)]).await;
        let make = async |actor: &Actor, input: Value| {
            let mut whole = json!({ "name": "x", "roles": ["MEMBER"] });
            for (name, value) in input.as_object().unwrap() {
                whole[name] = value.clone();
            }
            actor.mutate("tokenCreate", whole, TOKEN).await
        };
        for (input, outcome) in [
            (json!({ "roles": ["MEMBER", "REVIEWER"] }), Outcome::Done),
            (json!({ "roles": ["ADMIN"] }), Outcome::failed("FORBIDDEN")),
            (json!({ "roles": ["MEMBER", "OPERATOR"] }), Outcome::failed("FORBIDDEN")),
            (json!({ "roles": ["MEMBER"], "unit": "G1" }), Outcome::Done),
            (json!({ "roles": ["REVIEWER"], "unit": "G3" }), Outcome::Done),
            // Held elsewhere.
            (json!({ "roles": ["REVIEWER"], "unit": "G1" }), Outcome::failed("FORBIDDEN")),
            // A unit that is not there, one out of sight, one whose face alone shows.
            (json!({ "unit": "NOPE" }), Outcome::failed("NOT_FOUND")),
            (json!({ "unit": "G2" }), Outcome::failed("NOT_FOUND")),
            (json!({ "unit": "P01" }), Outcome::failed("NOT_FOUND")),
            (json!({ "roles": [] }), Outcome::refused(&["REQUIRED"])),
            (json!({ "name": " " }), Outcome::refused(&["REQUIRED"])),
            (json!({ "expiresAt": "2026-03-02T09:00:00+07:00" }), Outcome::refused(&["OUT_OF_RANGE"])),
            (json!({ "expiresAt": "2027-03-04T09:00:00+07:00" }), Outcome::refused(&["OUT_OF_RANGE"])),
        ] {
            assert_eq!(make(&me, input.clone()).await.outcome(), outcome, "{input}");
        }
        // A program makes no tokens, not even one that carries everything.
        let program = app.api_token(&me, Roles::ALL, None).await;
        assert_eq!(make(&program, json!({})).await.outcome(), Outcome::failed("FORBIDDEN"));
        let own = program.query("{ viewer { tokens(first: 1) { nodes { id } } } }", json!({})).await.ok();
        let revoke = json!({ "id": own.at("/viewer/tokens/nodes/0/id") });
        assert_eq!(program.mutate("tokenRevoke", revoke, "token { id }").await.outcome(), Outcome::failed("FORBIDDEN"));

        let made = make(&me, json!({ "expiresAt": "2026-03-02T09:00:10+07:00" })).await.done();
        let short = app.bearer(made.text("/tokenCreate/secret"));
        let ask = "{ viewer { account { id } } }";
        app.pass(9);
        assert_eq!(short.query(ask, json!({})).await.status, 200);
        app.pass(1);
        assert_eq!(short.query(ask, json!({})).await.status, 401);
    }
);

both!(
    async fn an_admin_over_all_that_a_person_holds_ends_his_token(app: &TestApp) {
        app.small_federation().await;
        let me = app.person("G1", &[("G1", Role::Member)]).await;
        let abroad = app.person("G1", &[("G1", Role::Member), ("P02", Role::Analyst)]).await;
        let (admin, top) = (app.admin_of("P01").await, app.admin_of(ROOT).await);
        let ask = "{ viewer { account { id } } }";
        for (of, by, outcome) in [
            (&me, &admin, Outcome::Done),
            (&abroad, &admin, Outcome::failed("FORBIDDEN")),
            (&abroad, &top, Outcome::Done),
        ] {
            let input = json!({ "name": "x", "roles": ["MEMBER"] });
            let made = of.mutate("tokenCreate", input, TOKEN).await.done();
            let program = app.bearer(made.text("/tokenCreate/secret"));
            let revoked = by.mutate("tokenRevoke", json!({ "id": made.at("/tokenCreate/token/id") }), TOKEN_ID).await;
            assert_eq!(revoked.outcome(), outcome);
            let ended = outcome == Outcome::Done;
            assert_eq!(program.query(ask, json!({})).await.status, if ended { 401 } else { 200 });
            // What the token is called stays its maker's.
            if ended {
                assert_eq!(revoked.at("/tokenRevoke/token"), &Value::Null);
            }
        }
    }
);

const TOKEN_ID: &str = "token { id name }";
