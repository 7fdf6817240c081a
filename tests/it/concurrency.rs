//! Several people at once: nothing is lost silently, and nothing counts twice.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Engine, Outcome, ROOT, Setup, TestApp, both, run};

both!(
    async fn a_stale_version_is_refused_and_overwrites_nothing(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let draft = member.draft("G1", json!({})).await;
        member.act("initiativeEdit", &draft, json!({ "title": "Một" })).await.done();
        for version in [0, 1, 3, -1] {
            let stale = crate::support::Sent { version, ..draft.clone() };
            for (mutation, more) in [("initiativeEdit", json!({ "title": "Hai" })), ("initiativeSubmit", json!({}))] {
                let reply = member.act(mutation, &stale, more).await;
                assert_eq!(reply.user_errors(), [("STALE_VERSION".to_owned(), "version".to_owned())]);
                assert_eq!(reply.at(&format!("/{mutation}/initiative")), &Value::Null);
            }
        }
        let query = "query($code: String!) { initiative(code: $code) { title state version } }";
        let reply = member.query(query, json!({ "code": draft.code })).await.ok();
        assert_eq!(reply.at("/initiative"), &json!({ "title": "Một", "state": "DRAFT", "version": 2 }));
    }
);

both!(
    async fn of_two_who_decide_at_once_one_wins(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let (near, far) = (app.reviewer_of("G1").await, app.reviewer_of(ROOT).await);
        let mut approved = 0;
        for _ in 0..8 {
            let sent = member.send_in("G1", json!({})).await;
            let replies = join_all([
                near.act("initiativeApprove", &sent, json!({ "verifiedBenefit": "3" })),
                far.act("initiativeReject", &sent, json!({ "reason": "NOT_NEW" })),
                member.act("initiativeWithdraw", &sent, json!({})),
            ])
            .await;
            let outcomes: Vec<Outcome> = replies.iter().map(|reply| reply.outcome()).collect();
            let winners = outcomes.iter().filter(|outcome| **outcome == Outcome::Done).count();
            let stale = outcomes.iter().filter(|outcome| **outcome == Outcome::refused(&["STALE_VERSION"])).count();
            assert_eq!((winners, stale), (1, 2), "{outcomes:?}");
            approved += i64::from(outcomes[0] == Outcome::Done);
            let query =
                "query($id: ID!) { node(id: $id) { ... on Initiative { version events(first: 9) { totalCount } } } }";
            let reply = far.query(query, json!({ "id": sent.id })).await.ok();
            assert_eq!(reply.at("/node"), &json!({ "version": 3, "events": { "totalCount": 3 } }));
        }
        let query = "{ unit(code: \"G1\") { rollup(programme: \"SK\") { approved verifiedBenefit } } }";
        let reply = far.query(query, json!({})).await.ok();
        assert_eq!(
            reply.at("/unit/rollup"),
            &json!({ "approved": approved, "verifiedBenefit": (3 * approved).to_string() })
        );
    }
);

both!(
    async fn many_submissions_into_one_unit_all_count(app: &TestApp) {
        app.small_federation().await;
        let mut members = Vec::new();
        for _ in 0..12 {
            members.push(app.member_of("P01").await);
        }
        join_all(members.iter().map(async |member| {
            for unit in ["G1", "G2", "G1"] {
                member.send_in(unit, json!({ "claimedBenefit": 10 })).await;
            }
        }))
        .await;
        let query = "{ a: unit(code: \"TLD\") { ...F } b: unit(code: \"P01\") { ...F } c: unit(code: \"G1\") { ...F } }
                 fragment F on Unit { rollup(programme: \"SK\") { submitted claimedBenefit participants } }";
        let reply = app.analyst_of(ROOT).await.query(query, json!({})).await.ok();
        let sums = |n: i64| json!({ "rollup": { "submitted": n, "claimedBenefit": (10 * n).to_string(), "participants": 12 } });
        assert_eq!(reply.at(""), &json!({ "a": sums(36), "b": sums(36), "c": sums(24) }));
    }
);

both!(
    async fn one_code_goes_to_one_of_many_at_once(app: &TestApp) {
        let admin = app.admin_of(ROOT).await;
        let operator = app.operator().await;
        let unit = json!({ "code": "P01", "name": "Tỉnh", "kind": "PROVINCIAL_FEDERATION", "parent": ROOT });
        let units = join_all((0..6).map(|_| admin.mutate("unitCreate", unit.clone(), "unit { code }"))).await;
        let programme = json!({
            "code": "SK", "name": "Sáng kiến", "startsOn": "2025-01-01", "planEndsOn": "2026-12-31", "visibility": "PUBLIC",
            "groups": [{ "code": "A", "name": "A" }], "blocs": ["MOI"],
            "phases": [{ "code": "1", "name": "1", "appliedFrom": "2025-01-01", "appliedTo": "2025-12-31",
                         "enteredFrom": "2026-01-01", "enteredTo": "2026-12-31" }],
        });
        let programmes =
            join_all((0..6).map(|_| operator.mutate("programmeCreate", programme.clone(), "programme { code }"))).await;
        for replies in [units, programmes] {
            let mut outcomes: Vec<Outcome> = replies.iter().map(|reply| reply.outcome()).collect();
            outcomes.sort();
            let mut expected = vec![Outcome::refused(&["CODE_NOT_AVAILABLE"]); 6];
            expected[0] = Outcome::Done;
            assert_eq!(outcomes, expected);
        }
    }
);

both!(
    async fn one_target_set_by_many_at_once_is_one_target(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        let set = |value: i64| {
            let input = json!({ "unit": "G1", "programme": "SK", "kind": "GUIDELINE", "value": value });
            admin.mutate("targetSet", input, "target { id value }")
        };
        let replies = join_all((1..=6).map(set)).await;
        for reply in &replies {
            assert_eq!(reply.outcome(), Outcome::Done, "{}", reply.body);
            assert_eq!(reply.text("/targetSet/target/id"), replies[0].text("/targetSet/target/id"));
        }
        let query =
            "{ unit(code: \"G1\") { targets(programme: \"SK\") { value } rollup(programme: \"SK\") { target } } }";
        let reply = admin.query(query, json!({})).await.ok();
        assert_eq!(reply.list("/unit/targets").len(), 1);
        assert_eq!(reply.at("/unit/targets/0/value"), reply.at("/unit/rollup/target"));
    }
);

both!(
    async fn a_target_can_be_set_while_somebody_clears_it(app: &TestApp) {
        app.small_federation().await;
        let (admin, other) = (app.admin_of("P01").await, app.admin_of("P01").await);
        let set = |value: i64| {
            let input = json!({ "unit": "G1", "programme": "SK", "kind": "GUIDELINE", "value": value });
            admin.mutate("targetSet", input, "target { id value }")
        };
        for _ in 0..40 {
            let first = set(5).await.done();
            let clear = || other.mutate("targetClear", json!({ "id": first.text("/targetSet/target/id") }), "id");
            let replies = join_all([set(6), clear(), clear()]).await;
            assert_eq!(replies[0].outcome(), Outcome::Done, "{}", replies[0].body);
            let mut cleared: Vec<Outcome> = replies[1..].iter().map(|reply| reply.outcome()).collect();
            cleared.sort();
            assert_eq!(cleared, [Outcome::Done, Outcome::failed("NOT_FOUND")]);
            let query = "{ unit(code: \"G1\") { rollup(programme: \"SK\") { target } } }";
            let target = admin.query(query, json!({})).await.ok().at("/unit/rollup/target").clone();
            assert!([json!(6), Value::Null].contains(&target), "{target}");
        }
    }
);

#[test]
fn connections_that_ended_while_nobody_used_them_cost_nobody_anything() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let asked = "{ unit(code: \"G1\") { code } }";
        // As many connections are open as were needed at once.
        join_all((0..8).map(async |_| member.query(asked, json!({})).await.ok())).await;
        join_all((0..4).map(async |_| member.draft("G1", json!({})).await)).await;
        for _ in 0..3 {
            let tx = app.app.store.write().await.unwrap();
            tx.run_plain(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'",
            )
            .await
            .unwrap();
            drop(tx);
            member.query(asked, json!({})).await.ok();
            member.send_in("G1", json!({})).await;
        }
    });
}
