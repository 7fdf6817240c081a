//! Which initiatives each role reads, state by state.

use entity::enums::Role::{Admin, Analyst, Member, Operator, Reviewer};
use serde_json::json;

use crate::support::{Actor, ROOT, Sent, both};

async fn reads(actor: &Actor, sent: &Sent) -> bool {
    let query = "query($id: ID!, $code: String!) { node(id: $id) { id } initiative(code: $code) { id } initiatives(first: 50) { nodes { id } } }";
    let reply = actor.query(query, json!({ "id": sent.id, "code": sent.code })).await.ok();
    let listed = reply.texts("/initiatives/nodes", "id").contains(&sent.id);
    // Three ways to the same answer.
    assert_eq!(!reply.at("/node").is_null(), listed);
    assert_eq!(!reply.at("/initiative").is_null(), listed);
    listed
}

both!(
    async fn each_role_reads_its_states(app: &TestApp) {
        app.small_federation().await;
        let (author, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
        let draft = author.draft("G1", json!({})).await;
        let sent = author.send_in("G1", json!({})).await;
        let returned = author.send_in("G1", json!({})).await;
        reviewer.act("initiativeReturn", &returned, json!({ "note": "Sửa" })).await.done();
        let withdrawn = author.send_in("G1", json!({})).await;
        author.act("initiativeWithdraw", &withdrawn, json!({})).await.done();
        let rejected = author.send_in("G1", json!({})).await;
        reviewer.act("initiativeReject", &rejected, json!({ "reason": "NOT_NEW" })).await.done();
        let approved = author.send_in("G1", json!({})).await;
        reviewer.act("initiativeApprove", &approved, json!({ "verifiedBenefit": 5 })).await.done();
        let mut revoked = author.send_in("G1", json!({})).await;
        reviewer.act("initiativeApprove", &revoked, json!({ "verifiedBenefit": 5 })).await.done();
        revoked.version += 1;
        reviewer.act("initiativeRevoke", &revoked, json!({ "reason": "NOT_NEW" })).await.done();

        let all = [&draft, &sent, &returned, &withdrawn, &rejected, &approved, &revoked];
        let (own, submitted, one, none) = (
            [true; 7],
            [false, true, true, true, true, true, true],
            [false, false, false, false, false, true, false],
            [false; 7],
        );
        for (name, actor, expected) in [
            ("the author", author, own),
            ("a member of the unit", app.member_of("G1").await, one),
            ("a member of the unit above", app.member_of("P01").await, none),
            ("a member of the next unit", app.member_of("G2").await, none),
            ("the unit's reviewer", app.reviewer_of("G1").await, submitted),
            ("an analyst above", app.analyst_of("P01").await, submitted),
            ("an admin at the root", app.admin_of(ROOT).await, submitted),
            ("an admin beside", app.admin_of("P02").await, none),
            ("a reviewer of the next unit", app.reviewer_of("G2").await, none),
            ("an operator", app.operator().await, none),
            ("nobody", app.anonymous(), none),
            ("an operator who is a member", app.person("G1", &[(ROOT, Operator), ("G1", Member)]).await, one),
            (
                "all roles beside",
                app.person("G3", &[("P02", Admin), ("P02", Analyst), ("P02", Reviewer), ("P02", Member)]).await,
                none,
            ),
        ] {
            let mut found = Vec::new();
            for initiative in all {
                found.push(reads(&actor, initiative).await);
            }
            assert_eq!(found, expected, "{name}");
        }
    }
);

// A draft is its authors' alone, all of them, and its events and its code lead nobody else to it.
both!(
    async fn a_draft_leads_nobody_else_to_it(app: &TestApp) {
        app.small_federation().await;
        let (author, second, admin) = (app.member_of("G1").await, app.member_of("G3").await, app.admin_of(ROOT).await);
        let draft = author.draft("G1", json!({ "coAuthors": [{ "account": second.id(), "share": 10 }] })).await;
        assert!(reads(&author, &draft).await && reads(&second, &draft).await && !reads(&admin, &draft).await);
        let query = format!("{{ initiative(code: \"{}\") {{ events(first: 1) {{ nodes {{ id }} }} }} }}", draft.code);
        let event = author.query(&query, json!({})).await.ok().text("/initiative/events/nodes/0/id").to_owned();
        let query = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(author.query(query, json!({ "id": event })).await.ok().text("/node/id"), event);
        assert!(admin.query(query, json!({ "id": event })).await.ok().at("/node").is_null());
        let counted =
            "{ unit(code: \"TLD\") { initiatives(first: 1) { totalCount } rollup(programme: \"SK\") { submitted } } }";
        let reply = admin.query(counted, json!({})).await.ok();
        assert_eq!((reply.int("/unit/initiatives/totalCount"), reply.int("/unit/rollup/submitted")), (0, 0));
        let search = format!("{{ initiatives(search: \"{}\", first: 5) {{ totalCount }} }}", draft.code);
        assert_eq!(admin.query(&search, json!({})).await.ok().int("/initiatives/totalCount"), 0);
        assert_eq!(author.query(&search, json!({})).await.ok().int("/initiatives/totalCount"), 1);
    }
);
