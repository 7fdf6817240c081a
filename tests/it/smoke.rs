//! One way through the whole server.

use serde_json::json;

use crate::support::both;

both!(
    async fn an_initiative_is_sent_in_approved_and_counted(app: &TestApp) {
        app.small_federation().await;
        let sent = app.member_of("G1").await.send_in("G1", json!({ "claimedBenefit": 2_000_000 })).await;
        let reviewer = app.reviewer_of("P01").await;
        reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": "1500000" })).await.done();

        let query =
            "{ unit(code: \"TLD\") { rollup(programme: \"SK\") { submitted approved verifiedBenefit participants } } }";
        let reply = app.anonymous().query(query, json!({})).await.ok();
        let counted = json!({ "submitted": 1, "approved": 1, "verifiedBenefit": "1500000", "participants": 1 });
        assert_eq!(reply.at("/unit/rollup"), &counted);
    }
);
