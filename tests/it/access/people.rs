//! Personal data: names by consent, contacts by need, grants to those above.

use entity::enums::Role;
use serde_json::{Value, json};

use super::sql;
use crate::support::{Actor, ROOT, TestApp, both};

async fn set(app: &TestApp, actor: &Actor, what: &str) {
    let id = banyan::graphql::account_id(actor.id()).unwrap();
    assert_eq!(sql(app, &format!("UPDATE account SET {what} WHERE id = {id}")).await, 1);
}

/// Names of the authors as the actor sees them, null for one who is hidden.
async fn names(actor: &Actor, code: &str) -> Vec<Value> {
    let query = "query($code: String!) { initiative(code: $code) { authors { account { displayName } } } }";
    let reply = actor.query(query, json!({ "code": code })).await.ok();
    reply.list("/initiative/authors").iter().map(|author| author["account"]["displayName"].clone()).collect()
}

both!(
    async fn a_name_leaves_its_unit_only_by_consent(app: &TestApp) {
        app.small_federation().await;
        let (first, open, closed) = (app.member_of("G1").await, app.member_of("G2").await, app.member_of("G3").await);
        set(app, &open, "consent = TRUE").await;
        let authors =
            json!({ "coAuthors": [{ "account": open.id(), "share": 20 }, { "account": closed.id(), "share": 20 }] });
        let reviewer = app.reviewer_of("P01").await;
        let sent = first.send_in("G1", authors).await;
        reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": 1 })).await.done();
        let (a, b, c) = (json!(first.name), json!(open.name), json!(closed.name));
        let hidden = Value::Null;
        for (who, actor, expected) in [
            ("his own unit's member", app.member_of("G1").await, [a.clone(), b.clone(), hidden.clone()]),
            ("his own unit's reviewer", app.reviewer_of("G1").await, [a.clone(), b.clone(), hidden.clone()]),
            ("the province's reviewer", reviewer, [a.clone(), b.clone(), hidden.clone()]),
            ("the root's analyst", app.analyst_of(ROOT).await, [a.clone(), b.clone(), c.clone()]),
            ("the first author", first, [a.clone(), b.clone(), hidden.clone()]),
            ("the second author", open, [hidden.clone(), b.clone(), hidden.clone()]),
            ("the third author", closed.clone(), [hidden.clone(), b.clone(), c.clone()]),
        ] {
            assert_eq!(names(&actor, &sent.code).await, expected, "{who}");
        }
        // Consent opens the name to whoever reads the record, and nothing else.
        set(app, &closed, "consent = TRUE, email = 'c@example.org', phone = '+84911111111'").await;
        let member = app.member_of("G1").await;
        assert_eq!(names(&member, &sent.code).await, [a, b, c]);
        let query = "query($code: String!) { initiative(code: $code) { authors { account { id email phone unit { code } } } } }";
        let reply = member.query(query, json!({ "code": sent.code })).await.ok();
        assert_eq!(
            reply.at("/initiative/authors/2/account"),
            &json!({ "id": closed.id(), "email": null, "phone": null, "unit": null })
        );
        let reply = member.query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": closed.id() })).await.ok();
        assert!(reply.at("/node").is_null());
    }
);

both!(
    async fn contacts_show_to_oneself_and_the_admins_above(app: &TestApp) {
        app.small_federation().await;
        let person = app.member_of("G1").await;
        set(app, &person, "email = 'a@example.org', phone = '+84912345678', consent = TRUE").await;
        let query = "query($id: ID!) { node(id: $id) { ... on Account { email phone displayName } } }";
        let whole = json!({ "email": "a@example.org", "phone": "+84912345678", "displayName": person.name });
        for (who, actor, expected) in [
            ("himself", person.clone(), whole.clone()),
            ("his unit's admin", app.admin_of("G1").await, whole.clone()),
            ("the root's admin", app.admin_of(ROOT).await, whole),
            ("another unit's admin", app.admin_of("G2").await, Value::Null),
            ("the next province's admin", app.admin_of("P02").await, Value::Null),
            ("his reviewer", app.reviewer_of("G1").await, Value::Null),
            ("an analyst", app.analyst_of(ROOT).await, Value::Null),
            ("the operator", app.operator().await, Value::Null),
            ("a colleague", app.member_of("G1").await, Value::Null),
            ("nobody", app.anonymous(), Value::Null),
        ] {
            assert_eq!(actor.query(query, json!({ "id": person.id() })).await.ok().at("/node"), &expected, "{who}");
        }
    }
);

both!(
    async fn officers_show_to_the_admins_from_here_up_and_to_others_their_own(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        let reviewer = app.person("G3", &[("P01", Role::Reviewer)]).await;
        let member = app.member_of("G1").await;
        let officers = "{ unit(code: \"P01\") { officers(first: 9) { totalCount nodes { role unit { code } account { displayName email } } } } }";
        let grant = |actor: &Actor, role: &str| json!({ "role": role, "unit": { "code": "P01" }, "account": { "displayName": actor.name, "email": null } });
        let all = vec![grant(&admin, "ADMIN"), grant(&reviewer, "REVIEWER")];
        for (who, actor, expected) in [
            ("the admin", admin.clone(), all.clone()),
            ("the root's admin", app.admin_of(ROOT).await, all.clone()),
            ("the reviewer", reviewer.clone(), all[1..].to_vec()),
            ("a member below", member, vec![]),
            ("an admin below", app.admin_of("G1").await, vec![]),
            ("an admin beside", app.admin_of("P02").await, vec![]),
            ("the operator", app.operator().await, vec![]),
            ("nobody", app.anonymous(), vec![]),
        ] {
            let reply = actor.query(officers, json!({})).await.ok();
            let mut found = reply.list("/unit/officers/nodes").clone();
            found.sort_by_key(|grant| grant["role"].to_string());
            assert_eq!(found, expected, "{who}");
            assert_eq!(reply.int("/unit/officers/totalCount"), expected.len() as i64, "{who}");
        }
    }
);
