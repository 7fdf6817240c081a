//! What authors claim: money, and their shares in it.

use serde_json::{Value, json};

use crate::support::{Actor, Outcome, both, draft_input};

both!(
    async fn money_is_whole_and_below_the_ceiling(app: &TestApp) {
        app.small_federation().await;
        let (member, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
        let draft = async |replaced: Value| {
            member.mutate("initiativeDraft", draft_input("G1", replaced), "initiative { id }").await.outcome()
        };
        for benefit in ["0", "10000000000000"] {
            assert_eq!(draft(json!({ "claimedBenefit": benefit })).await, Outcome::Done);
        }
        for benefit in ["-1", "10000000000001", "9223372036854775807"] {
            assert_eq!(
                draft(json!({ "claimedBenefit": benefit })).await,
                Outcome::refused(&["OUT_OF_RANGE"]),
                "{benefit}"
            );
        }
        for benefit in [json!("1.5"), json!(1.5), json!("1e3"), json!("9223372036854775808"), json!(""), json!(true)] {
            let reply = member
                .mutate("initiativeDraft", draft_input("G1", json!({ "claimedBenefit": benefit })), "initiative { id }")
                .await;
            assert!(!reply.codes().is_empty(), "{benefit} was taken: {}", reply.body);
        }
        let sent = member.send_in("G1", json!({ "claimedBenefit": 10_000_000_000_000_i64 })).await;
        let approve = async |verified: Value| {
            reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": verified })).await
        };
        assert_eq!(approve(Value::Null).await.outcome(), Outcome::refused(&["REQUIRED"]));
        assert_eq!(approve(json!("10000000000001")).await.outcome(), Outcome::refused(&["OUT_OF_RANGE"]));
        let reply = approve(json!("10000000000000")).await.done();
        assert_eq!(reply.at("/initiativeApprove/initiative/verifiedBenefit"), "10000000000000");
    }
);

both!(
    async fn a_benefit_that_is_not_computable_has_words_and_no_amount(app: &TestApp) {
        app.small_federation().await;
        let (member, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
        let both = draft_input("G1", json!({ "benefitNotComputable": true }));
        let reply = member.mutate("initiativeDraft", both, "initiative { id }").await;
        assert_eq!(reply.outcome(), Outcome::refused(&["INVALID"]));
        for missing in
            [json!({ "claimedBenefit": null }), json!({ "claimedBenefit": null, "benefitNotComputable": true })]
        {
            let draft = member.draft("G1", missing).await;
            assert_eq!(
                member.act("initiativeSubmit", &draft, json!({})).await.outcome(),
                Outcome::refused(&["REQUIRED"])
            );
        }
        let said = json!({ "claimedBenefit": null, "benefitNotComputable": true, "benefitNote": "An toàn hơn" });
        let sent = member.send_in("G1", said).await;
        let reply = reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": "1" })).await;
        assert_eq!(reply.outcome(), Outcome::refused(&["INVALID"]));
        reviewer.act("initiativeApprove", &sent, json!({})).await.done();
    }
);

both!(
    async fn shares_add_up_to_a_hundred(app: &TestApp) {
        app.small_federation().await;
        let first = app.member_of("G1").await;
        let (second, third) = (app.member_of("G2").await, app.member_of("G3").await);
        let draft = async |others: Value| {
            first
                .mutate(
                    "initiativeDraft",
                    draft_input("G1", json!({ "coAuthors": others })),
                    "initiative { authors { share } }",
                )
                .await
        };
        let share = |actor: &Actor, share: f64| json!({ "account": actor.id(), "share": share });
        let reply = draft(json!([share(&second, 33.33), share(&third, 33.33)])).await.done();
        let shares = json!([{ "share": 33.34 }, { "share": 33.33 }, { "share": 33.33 }]);
        assert_eq!(reply.at("/initiativeDraft/initiative/authors"), &shares);
        for (others, code) in [
            (json!([share(&second, 50.0), share(&third, 50.0)]), "SHARES"),
            (json!([share(&second, 0.0)]), "SHARES"),
            (json!([share(&second, -10.0)]), "SHARES"),
            (json!([share(&second, 12.345)]), "SHARES"),
            (json!([share(&second, 100.0)]), "SHARES"),
            (json!([share(&first, 10.0)]), "INVALID"),
            (json!([share(&second, 10.0), share(&second, 10.0)]), "INVALID"),
            (json!([{ "account": "YQAAAAAAAAAB", "share": 10 }]), "UNKNOWN_CODE"),
            (json!([{ "account": "no id", "share": 10 }]), "UNKNOWN_CODE"),
        ] {
            assert_eq!(draft(others.clone()).await.outcome(), Outcome::refused(&[code]), "{others}");
        }
    }
);
