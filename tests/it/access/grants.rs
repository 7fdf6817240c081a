//! Grants and tokens as they are at this moment: what was taken away is gone at the next request.

use reqwest::header::AUTHORIZATION;
use serde_json::json;

use super::sql;
use crate::support::{Outcome, Reply, TestApp, both};

async fn take_away(app: &TestApp, account: &str) {
    let id = banyan::graphql::account_id(account).unwrap();
    assert!(sql(app, &format!("DELETE FROM role_grant WHERE account_id = {id}")).await > 0);
}

both!(
    async fn a_grant_that_is_gone_gives_nothing_any_more(app: &TestApp) {
        app.small_federation().await;
        let (author, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
        let (sent, draft) = (author.send_in("G1", json!({})).await, author.draft("G1", json!({})).await);
        let query = format!(
            "{{ unit(code: \"G1\") {{ id }} initiative(code: \"{}\") {{ id }} viewer {{ grants {{ id }}
        awaitingDecision(first: 1) {{ totalCount }} }} }}",
            sent.code
        );
        let reply = reviewer.query(&query, json!({})).await.ok();
        assert!(!reply.at("/unit").is_null() && !reply.at("/initiative").is_null());
        assert_eq!(reply.int("/viewer/awaitingDecision/totalCount"), 1);

        take_away(app, reviewer.id()).await;
        let reply = reviewer.query(&query, json!({})).await.ok();
        assert!(reply.at("/unit").is_null() && reply.at("/initiative").is_null());
        assert_eq!(reply.at("/viewer"), &json!({ "grants": [], "awaitingDecision": { "totalCount": 0 } }));
        let reply = reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": 1 })).await;
        assert_eq!(reply.outcome(), Outcome::failed("NOT_FOUND"));

        // An author keeps his work, and reads it; sending in needs the role.
        take_away(app, author.id()).await;
        assert_eq!(author.act("initiativeSubmit", &draft, json!({})).await.outcome(), Outcome::failed("FORBIDDEN"));
        let mine = "{ viewer { initiatives(first: 5) { totalCount nodes { unit { code } viewerCan } } } }";
        let reply = author.query(mine, json!({})).await.ok();
        assert_eq!(reply.int("/viewer/initiatives/totalCount"), 2);
        for initiative in reply.list("/viewer/initiatives/nodes") {
            assert_eq!(initiative["unit"]["code"], "G1");
            assert!(!initiative["viewerCan"].as_array().unwrap().contains(&json!("SUBMIT")), "{initiative}");
        }
        author.act("initiativeWithdraw", &sent, json!({})).await.done();
    }
);

both!(
    async fn a_grant_that_is_moved_moves_what_it_gives(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        let id = banyan::graphql::account_id(admin.id()).unwrap();
        let name = |unit: &str| json!({ "unit": unit, "name": "Tên khác" });
        admin.mutate("unitRename", name("G1"), "unit { id }").await.done();
        let set =
            format!("UPDATE role_grant SET unit_id = (SELECT id FROM unit WHERE code = 'P02') WHERE account_id = {id}");
        assert_eq!(sql(app, &set).await, 1);
        assert_eq!(admin.mutate("unitRename", name("G1"), "unit { id }").await.outcome(), Outcome::failed("NOT_FOUND"));
        assert_eq!(
            admin.mutate("unitRename", name("P01"), "unit { id }").await.outcome(),
            Outcome::failed("FORBIDDEN")
        );
        admin.mutate("unitRename", name("G3"), "unit { id }").await.done();
    }
);

// Scope is today's tree: a unit that moves away takes its records out of one's sight, and into another's.
both!(
    async fn a_move_carries_records_from_one_scope_to_the_other(app: &TestApp) {
        app.small_federation().await;
        let sent = app.member_of("G1").await.send_in("G1", json!({})).await;
        let (old, new) = (app.reviewer_of("P01").await, app.reviewer_of("P02").await);
        let query = "query($id: ID!) { node(id: $id) { id } unit(code: \"G1\") { id } }";
        let seen = async |actor: &crate::support::Actor| {
            let reply = actor.query(query, json!({ "id": sent.id })).await.ok();
            (!reply.at("/node").is_null(), !reply.at("/unit").is_null())
        };
        assert_eq!((seen(&old).await, seen(&new).await), ((true, true), (false, false)));
        let top = app.admin_of("TLD").await;
        top.mutate("unitMove", json!({ "unit": "G1", "parent": "P02" }), "unit { id }").await.done();
        assert_eq!((seen(&old).await, seen(&new).await), ((false, false), (true, true)));
        assert_eq!(
            old.act("initiativeReject", &sent, json!({ "reason": "NOT_NEW" })).await.outcome(),
            Outcome::failed("NOT_FOUND")
        );
        new.act("initiativeReject", &sent, json!({ "reason": "NOT_NEW" })).await.done();
    }
);

both!(
    async fn a_token_that_is_expired_or_garbled_is_refused_and_never_nobody(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let query = "{ programmes(first: 1) { totalCount } }";
        assert_eq!(app.anonymous().query(query, json!({})).await.ok().status, 200);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        for value in [
            "Bearer byn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "Bearer x",
            "Bearer",
            "Basic dTpw",
            "byn_x",
            "Bearer a b",
        ] {
            let request =
                client.post(app.url("/graphql")).header(AUTHORIZATION, value).json(&json!({ "query": query }));
            let response = request.send().await.unwrap();
            assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer"), "{value}");
            let reply = Reply::read(response).await;
            assert_eq!((reply.status, reply.codes()), (401, vec!["UNAUTHENTICATED"]), "{value}");
            assert!(reply.body.get("data").is_none(), "{value}");
        }
        member.query(query, json!({})).await.ok();
        app.set_clock("2027-03-03T09:00:01+07:00");
        let reply = member.query(query, json!({})).await;
        assert_eq!((reply.status, reply.codes()), (401, vec!["UNAUTHENTICATED"]));
    }
);
