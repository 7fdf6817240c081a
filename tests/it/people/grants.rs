//! Roles given and taken away: by whom, to whom, and never to oneself.

use banyan::access::Roles;
use entity::enums::Role::{self, Admin, Analyst, Member, Operator, Reviewer};
use sea_orm::{ActiveEnum, Iterable};
use serde_json::{Value, json};

use crate::support::{Actor, Outcome, ROOT, Reply, both};

pub async fn give(by: &Actor, to: &Actor, unit: &str, role: Role) -> Reply {
    let input = json!({ "account": to.id(), "unit": unit, "role": role.to_value() });
    by.mutate("grantAdd", input, "grant { id role unit { code } account { id } }").await
}

pub async fn take(by: &Actor, grant: &str, even_if_last: bool) -> Reply {
    by.mutate("grantRemove", json!({ "id": grant, "evenIfLast": even_if_last }), "id").await
}

/// The ids of the actor's grants, by unit and role.
pub async fn grants(of: &Actor) -> Vec<(String, String, String)> {
    let reply = of.query("{ viewer { grants { id role unit { code } } } }", json!({})).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = reply.list("/viewer/grants").iter();
    all.map(|grant| (text(&grant["unit"]["code"]), text(&grant["role"]), text(&grant["id"]))).collect()
}

pub async fn grant_of(of: &Actor, unit: &str, role: Role) -> String {
    let all = grants(of).await;
    all.into_iter().find(|(at, name, _)| at == unit && *name == role.to_value()).unwrap().2
}

both!(
    async fn each_role_gives_what_the_table_says_where_it_says(app: &TestApp) {
        app.small_federation().await;
        // Seen from P01: here, below, above, beside, elsewhere. The one who receives is seen by all admins: he is of G1.
        for giver in Role::iter().filter(|role| *role != Operator) {
            let by = app.person("P01", &[("P01", giver)]).await;
            for (unit, covered) in [("P01", true), ("G1", true), (ROOT, false), ("P02", false), ("G3", false)] {
                for given in Role::iter() {
                    let to = app.member_of("G1").await;
                    let outcome = give(&by, &to, unit, given).await.outcome();
                    let expected = match (giver, covered) {
                        (Admin, true) if given != Operator => Outcome::Done,
                        // What stands beside one's unit shows by the programme, what stands below that does not.
                        _ if unit == "G3" => Outcome::failed("NOT_FOUND"),
                        _ => Outcome::failed("FORBIDDEN"),
                    };
                    assert_eq!(outcome, expected, "{giver:?} of P01 gives {given:?} at {unit}");
                }
            }
        }
        let both = app.person(ROOT, &[(ROOT, Operator), (ROOT, Admin)]).await;
        let to = app.member_of("G1").await;
        give(&both, &to, ROOT, Operator).await.done();
        assert_eq!(give(&both, &to, "P01", Operator).await.outcome(), Outcome::failed("FORBIDDEN"));
    }
);

both!(
    async fn a_role_is_given_once_and_works_at_once(app: &TestApp) {
        app.small_federation().await;
        let (admin, person) = (app.admin_of("P01").await, app.member_of("G1").await);
        let sent = app.member_of("G2").await.send_in("G2", json!({})).await;
        let query = "query($id: ID!) { node(id: $id) { id } }";
        assert!(person.query(query, json!({ "id": sent.id })).await.ok().at("/node").is_null());
        let reply = give(&admin, &person, "G2", Reviewer).await.done();
        let grant = json!({ "id": reply.text("/grantAdd/grant/id"), "role": "REVIEWER", "unit": { "code": "G2" },
                            "account": { "id": person.id() } });
        assert_eq!(reply.at("/grantAdd/grant"), &grant);
        assert!(!person.query(query, json!({ "id": sent.id })).await.ok().at("/node").is_null());
        // Once more is no more.
        assert_eq!(give(&admin, &person, "G2", Reviewer).await.done().at("/grantAdd/grant"), &grant);
        assert_eq!(grants(&person).await.len(), 2);
        take(&admin, grant["id"].as_str().unwrap(), false).await.done();
        assert!(person.query(query, json!({ "id": sent.id })).await.ok().at("/node").is_null());
        let again = take(&admin, grant["id"].as_str().unwrap(), false).await;
        assert_eq!(again.outcome(), Outcome::failed("NOT_FOUND"));
    }
);

both!(
    async fn nobody_gives_a_role_to_himself_but_anybody_gives_one_up(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        app.admin_of("P01").await;
        for role in [Reviewer, Admin, Member] {
            let reply = give(&admin, &admin, "G1", role).await;
            assert_eq!(reply.user_errors(), [("OWN_ACCOUNT".to_owned(), "account".to_owned())]);
        }
        assert_eq!(grants(&admin).await.len(), 1);
        let member = app.member_of("G1").await;
        for who in [&member, &admin] {
            let (_, _, grant) = grants(who).await.remove(0);
            take(who, &grant, false).await.done();
            assert_eq!(grants(who).await.len(), 0);
        }
    }
);

both!(
    async fn an_api_token_rules_over_nobody(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        let person = app.person("G1", &[("G1", Member), ("G1", Analyst)]).await;
        let token = app.api_token(&admin, Roles::ALL, None).await;
        let grant = grant_of(&person, "G1", Analyst).await;
        let invite = json!({ "displayName": "Mới", "unit": "G1", "roles": ["MEMBER"] });
        for reply in [
            give(&token, &person, "G1", Reviewer).await,
            take(&token, &grant, false).await,
            token.mutate("accountInvite", invite, "token").await,
            token.mutate("invitationAccept", json!({ "token": "byno_x" }), "account { id }").await,
        ] {
            assert_eq!(reply.outcome(), Outcome::failed("FORBIDDEN"), "{}", reply.body);
        }
        let query = "{ unit(code: \"P01\") { viewerCan } }";
        let can = |reply: Reply| reply.list("/unit/viewerCan").contains(&json!("GRANT"));
        assert!(can(admin.query(query, json!({})).await.ok()));
        assert!(!can(token.query(query, json!({})).await.ok()));
    }
);

both!(
    async fn the_last_admin_goes_only_when_it_is_meant_and_at_the_root_never(app: &TestApp) {
        app.small_federation().await;
        let top = app.admin_of(ROOT).await;
        let (one, two) = (app.admin_of("P01").await, app.admin_of("P01").await);
        let refused = Outcome::refused(&["LAST_ADMIN"]);
        take(&top, &grant_of(&one, "P01", Admin).await, false).await.done();
        let last = grant_of(&two, "P01", Admin).await;
        assert_eq!(take(&top, &last, false).await.outcome(), refused);
        assert_eq!(take(&two, &last, false).await.outcome(), refused);
        // Somebody who was invited and has not come is nobody yet.
        let guest = json!({ "displayName": "Khách", "unit": "P01", "roles": ["ADMIN"] });
        top.mutate("accountInvite", guest, "token").await.done();
        assert_eq!(take(&top, &last, false).await.outcome(), refused);
        take(&top, &last, true).await.done();

        // The others at the root were made by the harness.
        crate::access::sql(app, "DELETE FROM role_grant WHERE role IN ('ADMIN', 'OPERATOR')").await;
        let (top, operator) = (app.admin_of(ROOT).await, app.operator().await);
        for (actor, role) in [(&top, Admin), (&operator, Operator)] {
            let grant = grant_of(actor, ROOT, role).await;
            for meant in [false, true] {
                assert_eq!(take(actor, &grant, meant).await.outcome(), refused, "{role:?} {meant}");
            }
        }
        app.admin_of(ROOT).await;
        let grant = grant_of(&top, ROOT, Admin).await;
        take(&top, &grant, false).await.done();
    }
);
