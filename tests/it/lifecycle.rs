//! The life of an initiative: states, periods, who decides.

use serde_json::{Value, json};

use crate::support::{Actor, Outcome, ROOT, Sent, TestApp, both};

const STATES: [&str; 7] = ["DRAFT", "SUBMITTED", "RETURNED", "APPROVED", "REJECTED", "WITHDRAWN", "REVOKED"];

/// Every arrow of the design's section 3.
const ARROWS: [(&str, &str, &str); 10] = [
    ("DRAFT", "initiativeEdit", "DRAFT"),
    ("DRAFT", "initiativeSubmit", "SUBMITTED"),
    ("SUBMITTED", "initiativeReturn", "RETURNED"),
    ("SUBMITTED", "initiativeApprove", "APPROVED"),
    ("SUBMITTED", "initiativeReject", "REJECTED"),
    ("SUBMITTED", "initiativeWithdraw", "WITHDRAWN"),
    ("RETURNED", "initiativeEdit", "RETURNED"),
    ("RETURNED", "initiativeSubmit", "SUBMITTED"),
    ("RETURNED", "initiativeWithdraw", "WITHDRAWN"),
    ("APPROVED", "initiativeRevoke", "REVOKED"),
];

fn input(mutation: &str) -> Value {
    match mutation {
        "initiativeReturn" => json!({ "note": "Bổ sung" }),
        "initiativeApprove" => json!({ "verifiedBenefit": "1" }),
        "initiativeReject" | "initiativeRevoke" => json!({ "reason": "DUPLICATE" }),
        "initiativeEdit" => json!({ "title": "Tên khác" }),
        _ => json!({}),
    }
}

/// Brings a new initiative into the state.
async fn bring(author: &Actor, reviewer: &Actor, state: &str) -> Sent {
    let way: &[&str] = match state {
        "DRAFT" => &[],
        "SUBMITTED" => &["initiativeSubmit"],
        "RETURNED" => &["initiativeSubmit", "initiativeReturn"],
        "APPROVED" => &["initiativeSubmit", "initiativeApprove"],
        "REJECTED" => &["initiativeSubmit", "initiativeReject"],
        "WITHDRAWN" => &["initiativeSubmit", "initiativeWithdraw"],
        "REVOKED" => &["initiativeSubmit", "initiativeApprove", "initiativeRevoke"],
        other => panic!("no state {other}"),
    };
    let mut sent = author.draft("G1", json!({})).await;
    for mutation in way {
        let authors = ["initiativeSubmit", "initiativeWithdraw"].contains(mutation);
        let actor = if authors { author } else { reviewer };
        actor.act(mutation, &sent, input(mutation)).await.done();
        sent.version += 1;
    }
    sent
}

both!(
    async fn every_action_in_every_state_does_what_the_design_says(app: &TestApp) {
        app.small_federation().await;
        let (author, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
        let mutations = [
            "initiativeEdit",
            "initiativeSubmit",
            "initiativeWithdraw",
            "initiativeReturn",
            "initiativeApprove",
            "initiativeReject",
            "initiativeRevoke",
        ];
        for state in STATES {
            for mutation in mutations {
                let sent = bring(&author, &reviewer, state).await;
                let authors = ["initiativeEdit", "initiativeSubmit", "initiativeWithdraw"].contains(&mutation);
                let reply = if authors { &author } else { &reviewer }.act(mutation, &sent, input(mutation)).await;
                let arrow = ARROWS.iter().find(|(from, by, _)| (*from, *by) == (state, mutation));
                match arrow {
                    Some((_, _, to)) => {
                        let now = reply.done().at(&format!("/{mutation}/initiative")).clone();
                        assert_eq!(
                            (&now["state"], &now["version"]),
                            (&json!(to), &json!(sent.version + 1)),
                            "{state} {mutation}"
                        );
                    }
                    // A draft does not exist for others.
                    None if state == "DRAFT" && !authors => assert_eq!(reply.outcome(), Outcome::failed("NOT_FOUND")),
                    None => assert_eq!(reply.outcome(), Outcome::refused(&["ILLEGAL_STATE"]), "{state} {mutation}"),
                }
            }
        }
    }
);

both!(
    async fn everything_that_happened_is_kept(app: &TestApp) {
        app.small_federation().await;
        let (author, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
        let mut sent = bring(&author, &reviewer, "RETURNED").await;
        for (actor, mutation) in [
            (&author, "initiativeEdit"),
            (&author, "initiativeSubmit"),
            (&reviewer, "initiativeApprove"),
            (&reviewer, "initiativeRevoke"),
        ] {
            actor.act(mutation, &sent, input(mutation)).await.done();
            sent.version += 1;
        }
        let query = "query($code: String!) { initiative(code: $code) { refusal { reason } verifiedBenefit
                 events(first: 20) { totalCount nodes { action from to note by { displayName } } } } }";
        let reply = author.query(query, json!({ "code": sent.code })).await.ok();
        let line = |event: &Value| format!("{} {}>{}", event["action"], event["from"], event["to"]).replace('"', "");
        let lines: Vec<String> = reply.list("/initiative/events/nodes").iter().map(line).collect();
        assert_eq!(
            lines,
            [
                "DRAFT null>DRAFT",
                "SUBMIT DRAFT>SUBMITTED",
                "RETURN SUBMITTED>RETURNED",
                "EDIT RETURNED>RETURNED",
                "SUBMIT RETURNED>SUBMITTED",
                "APPROVE SUBMITTED>APPROVED",
                "REVOKE APPROVED>REVOKED",
            ]
        );
        assert_eq!(reply.at("/initiative/events/nodes/2/note"), "Bổ sung");
        assert_eq!(reply.at("/initiative/events/nodes/0/by/displayName"), &json!(author.name));
        assert_eq!(reply.at("/initiative/refusal"), &json!({ "reason": "DUPLICATE" }));
        assert_eq!(reply.at("/initiative/verifiedBenefit"), &Value::Null);
    }
);

both!(
    async fn nobody_decides_on_an_initiative_of_his_own(app: &TestApp) {
        use entity::enums::Role::{Member, Reviewer};
        app.small_federation().await;
        let author = app.person("G1", &[("G1", Member), (ROOT, Reviewer)]).await;
        let co_author = app.reviewer_of(ROOT).await;
        let other = app.reviewer_of(ROOT).await;
        let named = json!({ "coAuthors": [{ "account": co_author.id(), "share": 50 }] });
        let mut sent = author.send_in("G1", named).await;
        for actor in [&author, &co_author] {
            for mutation in ["initiativeReturn", "initiativeApprove", "initiativeReject"] {
                let reply = actor.act(mutation, &sent, input(mutation)).await;
                assert_eq!(reply.outcome(), Outcome::refused(&["OWN_INITIATIVE"]), "{mutation}");
            }
        }
        other.act("initiativeApprove", &sent, input("initiativeApprove")).await.done();
        sent.version += 1;
        for actor in [&author, &co_author] {
            let reply = actor.act("initiativeRevoke", &sent, input("initiativeRevoke")).await;
            assert_eq!(reply.outcome(), Outcome::refused(&["OWN_INITIATIVE"]));
        }
        // In bulk as well.
        let item = json!({ "id": sent.id, "version": sent.version, "verifiedBenefit": "1" });
        let reply =
            co_author.mutate("initiativesApprove", json!({ "items": [item] }), "results { userErrors { code } }").await;
        assert_eq!(reply.text("/initiativesApprove/results/0/userErrors/0/code"), "OWN_INITIATIVE");
    }
);

both!(
    async fn an_approval_is_revoked_from_above_alone(app: &TestApp) {
        app.small_federation().await;
        let (author, near) = (app.member_of("G1").await, app.reviewer_of("G1").await);
        let sent = bring(&author, &near, "APPROVED").await;
        assert_eq!(
            near.act("initiativeRevoke", &sent, input("initiativeRevoke")).await.outcome(),
            Outcome::failed("FORBIDDEN")
        );
        let beside = app.reviewer_of("P02").await;
        assert_eq!(
            beside.act("initiativeRevoke", &sent, input("initiativeRevoke")).await.outcome(),
            Outcome::failed("NOT_FOUND")
        );
        let above = app.reviewer_of("P01").await;
        above.act("initiativeRevoke", &sent, input("initiativeRevoke")).await.done();
    }
);

/// Sends in a draft at an instant and answers what became of it.
async fn submit_at(app: &TestApp, member: &Actor, instant: &str, replaced: Value) -> Outcome {
    let draft = member.draft("G1", replaced).await;
    app.set_clock(instant);
    member.act("initiativeSubmit", &draft, json!({})).await.outcome()
}

both!(
    async fn the_first_submission_keeps_to_the_phases_local_days(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let late = Outcome::refused(&["OUT_OF_PERIOD"]);
        // Phase 1 takes initiatives from 1 January to 30 June 2026, Vietnam's days.
        assert_eq!(submit_at(app, &member, "2025-12-31T23:59:59.999+07:00", json!({})).await, late);
        assert_eq!(submit_at(app, &member, "2026-01-01T00:00:00+07:00", json!({})).await, Outcome::Done);
        assert_eq!(submit_at(app, &member, "2026-06-30T16:59:59.999Z", json!({})).await, Outcome::Done);
        assert_eq!(submit_at(app, &member, "2026-06-30T17:00:00Z", json!({})).await, late);
        app.set_clock("2026-03-02T09:00:00+07:00");
        for (day, outcome) in [
            ("2024-12-31", &late),
            ("2025-01-01", &Outcome::Done),
            ("2025-12-31", &Outcome::Done),
            ("2026-01-01", &late),
        ] {
            let found = submit_at(app, &member, "2026-03-02T09:00:00+07:00", json!({ "appliedOn": day })).await;
            assert_eq!(&found, outcome, "{day}");
        }
    }
);

both!(
    async fn resubmission_and_decisions_may_come_later(app: &TestApp) {
        app.small_federation().await;
        let (author, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
        let mut sent = bring(&author, &reviewer, "RETURNED").await;
        app.set_clock("2027-02-01T00:00:00+07:00");
        author.act("initiativeSubmit", &sent, json!({})).await.done();
        sent.version += 1;
        reviewer.act("initiativeApprove", &sent, input("initiativeApprove")).await.done();
    }
);

both!(
    async fn what_was_fixed_at_first_submission_stays_fixed(app: &TestApp) {
        app.small_federation().await;
        let (author, reviewer) = (app.member_of("P01").await, app.reviewer_of("P01").await);
        let sent = bring(&author, &reviewer, "RETURNED").await;
        for change in
            [json!({ "unit": "G2" }), json!({ "phase": "2" }), json!({ "group": "B" }), json!({ "programme": "SK" })]
        {
            let reply = author.act("initiativeEdit", &sent, change.clone()).await;
            assert_eq!(reply.outcome(), Outcome::refused(&["ILLEGAL_STATE"]), "{change}");
        }
        let draft = author.draft("G1", json!({})).await;
        author.act("initiativeEdit", &draft, json!({ "unit": "G2", "phase": "2", "group": "B" })).await.done();
    }
);

both!(
    async fn the_reason_other_says_which(app: &TestApp) {
        app.small_federation().await;
        let (author, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
        let sent = bring(&author, &reviewer, "SUBMITTED").await;
        for note in [Value::Null, json!("  ")] {
            let reply = reviewer.act("initiativeReject", &sent, json!({ "reason": "OTHER", "note": note })).await;
            assert_eq!(reply.user_errors(), [("REQUIRED".to_owned(), "note".to_owned())]);
        }
        let reply = reviewer.act("initiativeReturn", &sent, json!({ "note": " " })).await;
        assert_eq!(reply.user_errors(), [("REQUIRED".to_owned(), "note".to_owned())]);
        reviewer.act("initiativeReject", &sent, json!({ "reason": "OTHER", "note": "Trùng nội dung cũ" })).await.done();
    }
);
