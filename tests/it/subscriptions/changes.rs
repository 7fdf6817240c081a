//! What subscribers are told, and when.

use serde_json::{Value, json};

use super::{INITIATIVES, ROLLUP, people, send_in, submitted};
use crate::support::{ROOT, Socket, both};

both!(
    async fn a_roll_up_is_told_at_once_and_whenever_it_changed(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let mut socket = Socket::of(&reviewer).await;
        for unit in ["G1", "P01", "TLD", "P02"] {
            socket.subscribe(unit, ROLLUP, json!({ "unit": unit })).await;
            assert_eq!(submitted(&socket.event(unit).await), 0);
        }
        let sent = send_in(&member, "G1").await;
        let mut told = [false; 3];
        while told != [true; 3] {
            let message = socket.next().await;
            let unit = ["G1", "P01", "TLD"].iter().position(|unit| message["id"] == *unit).unwrap();
            assert_eq!(submitted(&message["payload"]), 1);
            assert!(!std::mem::replace(&mut told[unit], true), "{message}");
        }
        // What changes nothing in what was selected is not told: neither a decision nor a draft.
        reviewer.act("initiativeReturn", &sent, json!({ "note": "bổ sung" })).await.done();
        member.draft("G1", json!({})).await;
        send_in(&app.member_of("G3").await, "G3").await;
        let mut left = vec!["P02", "TLD"];
        while !left.is_empty() {
            let message = socket.next().await;
            let id = message["id"].as_str().unwrap();
            assert!(left.contains(&id), "{message}");
            left.retain(|unit| *unit != id);
        }
    }
);

both!(
    async fn targets_and_moves_change_a_roll_up_too(app: &TestApp) {
        let (member, _) = people(app).await;
        send_in(&member, "G1").await;
        let admin = app.admin_of(ROOT).await;
        let mut socket = Socket::of(&admin).await;
        let document =
            "subscription($unit: String!) { rollupChanged(unit: $unit, programme: \"SK\") { submitted target } }";
        for unit in ["P01", "P02"] {
            socket.subscribe(unit, document, json!({ "unit": unit })).await;
            socket.event(unit).await;
        }
        let target = json!({ "unit": "P02", "programme": "SK", "kind": "GUIDELINE", "value": 7 });
        admin.mutate("targetSet", target, "target { id }").await.done();
        let told = socket.event("P02").await;
        assert_eq!(told["data"]["rollupChanged"], json!({ "submitted": 0, "target": 7 }));
        admin.mutate("unitMove", json!({ "unit": "G1", "parent": "P02" }), "unit { code }").await.done();
        let mut told = std::collections::BTreeMap::new();
        for _ in 0..2 {
            let message = socket.next().await;
            let id = message["id"].as_str().unwrap().to_owned();
            told.insert(id, submitted(&message["payload"]));
        }
        assert_eq!(told.into_iter().collect::<Vec<_>>(), [("P01".to_owned(), 0), ("P02".to_owned(), 1)]);
    }
);

both!(
    async fn each_change_of_an_initiative_is_told_in_order(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let mut socket = Socket::of(&reviewer).await;
        socket.subscribe("1", INITIATIVES, json!({ "unit": "P01" })).await;
        socket.settled().await;
        let mut sent = send_in(&member, "G1").await;
        let told = |event: &Value| {
            let changed = &event["data"]["initiativeChanged"];
            (
                changed["code"].as_str().unwrap().to_owned(),
                changed["version"].as_i64().unwrap(),
                changed["state"].as_str().unwrap().to_owned(),
            )
        };
        let code = sent.code.clone();
        assert_eq!(told(&socket.event("1").await), (code.clone(), 2, "SUBMITTED".to_owned()));
        reviewer.act("initiativeReturn", &sent, json!({ "note": "bổ sung" })).await.done();
        assert_eq!(told(&socket.event("1").await), (code.clone(), 3, "RETURNED".to_owned()));
        // Changes that follow each other closely may be told as one: versions only grow, and the last one comes.
        sent.version = 3;
        for title in ["Cải tiến một", "Cải tiến hai", "Cải tiến ba"] {
            member.act("initiativeEdit", &sent, json!({ "title": title })).await.done();
            sent.version += 1;
        }
        let mut last = 3;
        while last < 6 {
            let (_, version, _) = told(&socket.event("1").await);
            assert!(version > last, "{version} after {last}");
            last = version;
        }
    }
);

both!(
    async fn what_was_done_elsewhere_is_not_told(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let elsewhere = app.member_of("G3").await;
        let mut socket = Socket::of(&reviewer).await;
        // All of the tree, of which he may read one province; and that province.
        socket.subscribe("all", INITIATIVES, json!({ "unit": ROOT })).await;
        socket.subscribe("other", INITIATIVES, json!({ "unit": "P02" })).await;
        socket.settled().await;
        send_in(&elsewhere, "G3").await;
        member.draft("G1", json!({})).await;
        let sent = send_in(&member, "G1").await;
        let told = socket.event("all").await;
        assert_eq!(told["data"]["initiativeChanged"]["code"], json!(sent.code));
        // One's own draft is told to oneself.
        let mut own = Socket::of(&member).await;
        own.subscribe("own", INITIATIVES, json!({ "unit": "G1" })).await;
        own.settled().await;
        let draft = member.draft("G1", json!({})).await;
        assert_eq!(own.event("own").await["data"]["initiativeChanged"]["code"], json!(draft.code));
    }
);

both!(
    async fn a_root_field_may_stand_in_fragments(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let mut socket = Socket::of(&reviewer).await;
        let document = "subscription S { ...F ... on Subscription { r: rollupChanged(unit: \"G1\", programme: \"SK\") { approved } } } \
                        fragment F on Subscription { r: rollupChanged(unit: \"G1\", programme: \"SK\") { submitted at: asOf } }";
        socket.subscribe("1", document, Value::Null).await;
        let first = socket.event("1").await;
        assert_eq!((&first["data"]["r"]["submitted"], &first["data"]["r"]["approved"]), (&json!(0), &json!(0)));
        send_in(&member, "G1").await;
        assert_eq!(socket.event("1").await["data"]["r"]["submitted"], json!(1));
    }
);
