//! A repeated mutation with the same key answers what the first one answered, and does nothing more.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Actor, Outcome, ROOT, both, draft_input};

async fn initiatives_of(actor: &Actor) -> i64 {
    let reply = actor.query("{ viewer { initiatives(first: 1) { totalCount } } }", json!({})).await.ok();
    reply.int("/viewer/initiatives/totalCount")
}

both!(
    async fn the_same_draft_twice_is_one_draft(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let input = draft_input("G1", json!({ "idempotencyKey": "k" }));
        let first = member.mutate("initiativeDraft", input.clone(), "initiative { id version }").await.done();
        let second = member.mutate("initiativeDraft", input, "initiative { id version }").await.done();
        assert_eq!(first.body, second.body);
        assert_eq!(initiatives_of(&member).await, 1);

        // Keys are each account's own.
        let other = app.member_of("G1").await;
        let input = draft_input("G1", json!({ "idempotencyKey": "k" }));
        let third = other.mutate("initiativeDraft", input, "initiative { id version }").await.done();
        assert_ne!(first.text("/initiativeDraft/initiative/id"), third.text("/initiativeDraft/initiative/id"));
    }
);

both!(
    async fn the_same_draft_many_times_at_once_is_one_draft(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let sends = (0..8).map(|_| {
            let input = draft_input("G1", json!({ "idempotencyKey": "k" }));
            member.mutate("initiativeDraft", input, "initiative { id version }")
        });
        let replies = join_all(sends).await;
        for reply in &replies {
            assert_eq!(reply.outcome(), Outcome::Done, "{}", reply.body);
            // What is left of the budget depends on who came first.
            assert_eq!(reply.body["data"], replies[0].body["data"]);
        }
        assert_eq!(initiatives_of(&member).await, 1);
    }
);

both!(
    async fn an_approval_repeated_and_at_once_counts_once(app: &TestApp) {
        app.small_federation().await;
        let sent = app.member_of("G1").await.send_in("G1", json!({})).await;
        let reviewer = app.reviewer_of("P01").await;
        let approve =
            || reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": "7", "idempotencyKey": "a" }));
        let replies = join_all([approve(), approve(), approve()]).await;
        let late = approve().await;
        for reply in replies.iter().chain([&late]) {
            assert_eq!(reply.outcome(), Outcome::Done, "{}", reply.body);
            assert_eq!(reply.int("/initiativeApprove/initiative/version"), 3);
        }
        let query = "{ unit(code: \"TLD\") { rollup(programme: \"SK\") { approved verifiedBenefit } } }";
        let reply = reviewer.query(query, json!({})).await.ok();
        assert_eq!(reply.at("/unit/rollup"), &json!({ "approved": 1, "verifiedBenefit": "7" }));
    }
);

both!(
    async fn a_refusal_is_kept_too(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let draft = member.draft("G1", json!({})).await;
        app.set_clock("2026-07-01T00:00:00+07:00");
        let submit = |key: &'static str| member.act("initiativeSubmit", &draft, json!({ "idempotencyKey": key }));
        for reply in join_all([submit("late"), submit("late")]).await {
            assert_eq!(reply.outcome(), Outcome::refused(&["OUT_OF_PERIOD"]), "{}", reply.body);
        }
        // What was refused once under the key stays refused under it, whatever has changed.
        app.set_clock("2026-06-30T23:59:59+07:00");
        assert_eq!(submit("late").await.outcome(), Outcome::refused(&["OUT_OF_PERIOD"]));
        submit("in time").await.done();
    }
);

both!(
    async fn a_unit_founded_twice_under_one_key_is_one_unit(app: &TestApp) {
        let admin = app.admin_of(ROOT).await;
        let found = |name: &str, key: &str| {
            let input = json!({ "code": "P09", "name": name, "kind": "PROVINCIAL_FEDERATION", "parent": ROOT, "idempotencyKey": key });
            admin.mutate("unitCreate", input, "unit { id }")
        };
        let first = found("Tỉnh Chín", "k").await.done();
        let second = found("Tỉnh Chín", "k").await.done();
        assert_eq!(first.body, second.body);
        // Another input under the key is refused, and so is the same code under another key.
        assert_eq!(found("Tỉnh 9", "k").await.outcome(), Outcome::refused(&["IDEMPOTENCY_KEY_REUSED"]));
        assert_eq!(found("Tỉnh Chín", "l").await.outcome(), Outcome::refused(&["CODE_NOT_AVAILABLE"]));
    }
);

both!(
    async fn another_input_or_mutation_under_the_key_changes_nothing(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let sent = member.send_in("G1", json!({ "idempotencyKey": "k" })).await;
        let other = draft_input("G1", json!({ "idempotencyKey": "k", "title": "Khác" }));
        let reply = member.mutate("initiativeDraft", other, "initiative { id }").await;
        assert_eq!(reply.user_errors(), [("IDEMPOTENCY_KEY_REUSED".to_owned(), "idempotencyKey".to_owned())]);
        let reply = member.act("initiativeWithdraw", &sent, json!({ "idempotencyKey": "k" })).await;
        assert_eq!(reply.outcome(), Outcome::refused(&["IDEMPOTENCY_KEY_REUSED"]));
        assert_eq!(initiatives_of(&member).await, 1);
        let query = "query($code: String!) { initiative(code: $code) { state version } }";
        let reply = member.query(query, json!({ "code": sent.code })).await.ok();
        assert_eq!(reply.at("/initiative"), &json!({ "state": "SUBMITTED", "version": 2 }));
    }
);

both!(
    async fn a_bulk_approval_under_one_key_is_done_once_and_stands_for_its_whole_list(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let one = member.send_in("G1", json!({})).await;
        let two = member.send_in("G1", json!({})).await;
        let reviewer = app.reviewer_of("P01").await;
        let approve = |items: Vec<&crate::support::Sent>| {
            let item =
                |sent: &crate::support::Sent| json!({ "id": sent.id, "version": sent.version, "verifiedBenefit": "5" });
            let items: Vec<_> = items.into_iter().map(item).collect();
            let input = json!({ "items": items, "idempotencyKey": "bulk" });
            reviewer.mutate("initiativesApprove", input, "results { initiative { state version } userErrors { code } }")
        };
        let first = approve(vec![&one]).await.done();
        let again = approve(vec![&one]).await.done();
        assert_eq!(first.body, again.body);
        assert_eq!(first.at("/initiativesApprove/results/0/initiative"), &json!({ "state": "APPROVED", "version": 3 }));

        let longer = approve(vec![&one, &two]).await;
        assert_eq!(longer.outcome(), Outcome::refused(&["IDEMPOTENCY_KEY_REUSED"]));
        assert_eq!(longer.at("/initiativesApprove/results"), &json!([]));
        let query = "query($code: String!) { initiative(code: $code) { state } }";
        let reply = reviewer.query(query, json!({ "code": two.code })).await.ok();
        assert_eq!(reply.text("/initiative/state"), "SUBMITTED");
    }
);

both!(
    async fn a_key_is_a_line_of_text(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        for (key, code) in [("", "REQUIRED"), (" ", "REQUIRED"), (&"x".repeat(201), "TOO_LONG"), ("a\u{0}b", "INVALID")]
        {
            let input = draft_input("G1", json!({ "idempotencyKey": key }));
            let reply = member.mutate("initiativeDraft", input, "initiative { id }").await;
            assert_eq!(reply.user_errors(), [(code.to_owned(), "idempotencyKey".to_owned())], "{key:?}");
        }
        assert_eq!(initiatives_of(&member).await, 0);
    }
);
