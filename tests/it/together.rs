//! Decisions that come at the same time share a transaction: each is answered and recorded as if it were alone.

use std::collections::BTreeMap;

use banyan::check::check;
use entity::enums::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Actor, Engine, Outcome, ROOT, Reply, Sent, Setup, TestApp, both, run};

const APPROVED: &str =
    "{ unit(code: \"TLD\") { rollup(programme: \"SK\") { approved returned rejected pending verifiedBenefit } } }";

/// How many lines of each kind the audit log has of a mutation.
async fn lines(app: &TestApp, action: &str) -> BTreeMap<String, usize> {
    let query =
        "query($action: String) { unit(code: \"TLD\") { audit(action: $action, first: 100) { nodes { outcome } } } }";
    let reply = app.admin_of(ROOT).await.query(query, json!({ "action": action })).await.ok();
    let mut counts = BTreeMap::new();
    for line in reply.list("/unit/audit/nodes") {
        *counts.entry(line["outcome"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

async fn approve(reviewer: &Actor, sent: &Sent, more: Value) -> Reply {
    let mut input = json!({ "verifiedBenefit": "5" });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    reviewer.act("initiativeApprove", sent, input).await
}

both!(
    async fn each_of_many_who_decide_at_once_is_answered_for_himself(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let author = app.person("G1", &[("G1", Role::Member), ("P01", Role::Reviewer)]).await;
        let (near, middle, far) =
            (app.reviewer_of("G1").await, app.reviewer_of("P01").await, app.reviewer_of(ROOT).await);
        let (foreign, analyst) = (app.reviewer_of("P02").await, app.analyst_of("P01").await);
        let nobody = app.anonymous();
        let bounded = app.api_token(&far, banyan::access::Roles::ALL, Some("P02")).await;
        for round in 0..4 {
            let mut sent = Vec::new();
            for _ in 0..10 {
                sent.push(member.send_in("G1", json!({})).await);
            }
            let own = author.send_in("G1", json!({})).await;
            // Well-formed, and of nothing.
            let nowhere = Sent { id: format!("{}AAAA", &sent[0].id[..8]), ..sent[0].clone() };
            let stale = Sent { version: 1, ..sent[3].clone() };
            let (key, long) = (json!({ "idempotencyKey": format!("k{round}") }), json!({ "note": "x".repeat(30_000) }));
            let replies = join_all([
                approve(&near, &sent[0], json!({})),
                approve(&middle, &sent[1], key.clone()),
                approve(&middle, &sent[1], key.clone()),
                approve(&far, &sent[2], json!({})),
                approve(&far, &stale, json!({})),
                approve(&foreign, &sent[4], json!({})),
                approve(&bounded, &sent[4], json!({ "idempotencyKey": format!("b{round}") })),
                approve(&analyst, &sent[5], json!({})),
                approve(&author, &own, json!({})),
                approve(&middle, &sent[6], long),
                approve(&nobody, &sent[6], json!({})),
                approve(&middle, &sent[7], json!({ "verifiedBenefit": null })),
                approve(&near, &nowhere, json!({})),
            ]);
            let returned = near.act("initiativeReturn", &sent[8], json!({ "note": "bổ sung" }));
            let rejected = far.act("initiativeReject", &sent[9], json!({ "reason": "OTHER", "note": "khác" }));
            let (replies, returned, rejected) = tokio::join!(replies, returned, rejected);
            let outcomes: Vec<Outcome> = replies.iter().map(Reply::outcome).collect();
            let expected = [
                Outcome::Done,
                Outcome::Done,
                Outcome::Done,
                Outcome::Done,
                Outcome::refused(&["STALE_VERSION"]),
                Outcome::failed("NOT_FOUND"),
                Outcome::failed("NOT_FOUND"),
                Outcome::failed("FORBIDDEN"),
                Outcome::refused(&["OWN_INITIATIVE"]),
                Outcome::refused(&["TOO_LONG"]),
                Outcome::failed("UNAUTHENTICATED"),
                Outcome::refused(&["REQUIRED"]),
                Outcome::failed("NOT_FOUND"),
            ];
            assert_eq!(outcomes, expected);
            for (reply, sent) in replies[..4].iter().zip([&sent[0], &sent[1], &sent[1], &sent[2]]) {
                let initiative = reply.at("/initiativeApprove/initiative");
                let now = json!({ "id": sent.id, "code": sent.code, "state": "APPROVED", "version": 3,
                                  "verifiedBenefit": "5", "claimedBenefit": "1000000" });
                assert_eq!(initiative, &now);
            }
            assert_eq!(returned.done().text("/initiativeReturn/initiative/state"), "RETURNED");
            assert_eq!(rejected.done().text("/initiativeReject/initiative/state"), "REJECTED");
            // Under the key of a denial nothing stands.
            let again = approve(&bounded, &sent[4], json!({ "idempotencyKey": format!("b{round}"), "note": "khác" }));
            assert_eq!(again.await.outcome(), Outcome::failed("NOT_FOUND"));
            let told = far.query(APPROVED, json!({})).await.ok();
            let n = round + 1;
            let sums = json!({ "approved": 3 * n, "returned": n, "rejected": n, "pending": 6 * n,
                               "verifiedBenefit": (15 * n).to_string() });
            assert_eq!(told.at("/unit/rollup"), &sums);
        }
        let lines = lines(app, "initiativeApprove").await;
        assert_eq!((lines["DONE"], lines["REPEATED"]), (12, 4), "{lines:?}");
        assert!(lines["DENIED"] >= 1 && lines["REFUSED"] >= 1, "{lines:?}");
        let problems = check(&app.app, false, &()).await.unwrap().problems;
        assert!(problems.is_empty(), "{problems:?}");
    }
);

both!(
    async fn a_whole_list_is_decided_item_by_item(app: &TestApp) {
        app.small_federation().await;
        let (member, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
        let other = app.member_of("G3").await.send_in("G3", json!({})).await;
        let mut items = Vec::new();
        for _ in 0..6 {
            let sent = member.send_in("G1", json!({})).await;
            items.push(json!({ "id": sent.id, "version": sent.version, "verifiedBenefit": "2" }));
        }
        // The first one twice: the second time it is another version.
        items.push(items[0].clone());
        items.push(json!({ "id": other.id, "version": other.version, "verifiedBenefit": "2" }));
        let changed = "results { initiative { state version unit { code rollup(programme: \"SK\") { approved } } } userErrors { code } }";
        let reply = reviewer.mutate("initiativesApprove", json!({ "items": items }), changed).await.done();
        let results = reply.list("/initiativesApprove/results");
        for result in &results[..6] {
            let unit = json!({ "code": "G1", "rollup": { "approved": 6 } });
            assert_eq!(result["userErrors"], json!([]));
            assert_eq!(result["initiative"], json!({ "state": "APPROVED", "version": 3, "unit": unit }));
        }
        let codes: Vec<&Value> = results[6..].iter().map(|result| &result["userErrors"][0]["code"]).collect();
        assert_eq!(codes, ["STALE_VERSION", "NOT_FOUND"]);
    }
);

/// Whoever is held up by somebody holds up nobody else: a shared transaction goes on without him.
#[test]
fn what_somebody_else_holds_is_waited_for_alone() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        app.small_federation().await;
        let (member, reviewer) = (app.member_of("P01").await, app.reviewer_of("P01").await);
        let held = member.send_in("G1", json!({})).await;
        let mut others = Vec::new();
        for _ in 0..6 {
            others.push(member.send_in("G2", json!({})).await);
        }
        let holder = app.app.store.write().await.unwrap();
        let mut sql = holder.sql("SELECT id FROM initiative WHERE code = ");
        let code = sql.bind(held.code.as_str());
        sql.push(&format!("{code} FOR UPDATE"));
        assert_eq!(holder.ids(sql).await.unwrap().len(), 1);
        let waiting = approve(&reviewer, &held, json!({}));
        let rest = async {
            for reply in join_all(others.iter().map(|sent| approve(&reviewer, sent, json!({})))).await {
                reply.done();
            }
            // They are done, and only now he may go on.
            holder.rollback().await.unwrap();
        };
        let (waited, ()) = tokio::join!(waiting, rest);
        assert_eq!(waited.done().text("/initiativeApprove/initiative/state"), "APPROVED");
        let told = reviewer.query(APPROVED, json!({})).await.ok();
        assert_eq!(told.int("/unit/rollup/approved"), 7);
    });
}
