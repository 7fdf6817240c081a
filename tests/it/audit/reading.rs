//! Reading the log: who sees which lines, how much of each, filters and pages.

use entity::enums::Role;
use serde_json::{Value, json};

use super::{all, number};
use crate::support::{Actor, ROOT, both};

const LINES: &str = "id at action outcome codes source credential actorId actor { displayName } unit { code } objectId requestId address \
                     changes { field before after hashed }";

/// What the log of a unit answers.
async fn read(actor: &Actor, unit: &str, filter: &str) -> Value {
    let query = format!(
        "{{ unit(code: \"{unit}\") {{ audit({filter}) {{ totalCount nodes {{ {LINES} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
    );
    actor.query(&query, json!({})).await.ok().at("/unit/audit").clone()
}

fn texts(answer: &Value, pointer: &str) -> Vec<String> {
    let of = |line: &Value| line.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
    answer["nodes"].as_array().unwrap().iter().map(of).collect()
}

both!(
    async fn the_log_shows_from_above_what_was_done_and_tried(app: &TestApp) {
        app.small_federation().await;
        let (admin, stranger) = (app.admin_of("P01").await, app.admin_of("P02").await);
        let sent = app.member_of("G1").await.send_in("G1", json!({})).await;
        app.reviewer_of("P01").await.act("initiativeApprove", &sent, json!({ "verifiedBenefit": "77" })).await.done();
        stranger.mutate("unitRename", json!({ "unit": "G1", "name": "Tên" }), "unit { id }").await;
        admin.mutate("unitRename", json!({ "unit": "G2", "name": "Tên" }), "unit { id }").await.done();

        let log = read(&admin, "P01", "first: 100").await;
        let mut actions = texts(&log, "/action");
        actions.sort();
        // Founding P01 and its two unions too.
        assert_eq!(
            actions,
            [
                "initiativeApprove",
                "initiativeDraft",
                "initiativeSubmit",
                "unitCreate",
                "unitCreate",
                "unitCreate",
                "unitRename",
                "unitRename"
            ]
        );
        assert_eq!(log["totalCount"], 8);
        assert!(texts(&log, "/unit/code").iter().all(|code| ["P01", "G1", "G2"].contains(&code.as_str())));
        let of = |log: &Value, action: &str, outcome: &str| -> Value {
            let all = log["nodes"].as_array().unwrap().clone();
            all.into_iter().find(|line| line["action"] == action && line["outcome"] == outcome).unwrap()
        };
        let denied = of(&log, "unitRename", "DENIED");
        assert_eq!(
            (&denied["codes"], &denied["actor"], &denied["actorId"]),
            (&json!(["NOT_FOUND"]), &Value::Null, &json!(stranger.id()))
        );
        // Where the stranger came from is the business of those over him.
        assert_eq!((&denied["address"], &denied["credential"]), (&Value::Null, &json!("SESSION")));
        let own = of(&log, "unitRename", "DONE");
        assert_eq!((&own["address"], &own["actor"]["displayName"]), (&json!("127.0.0.1"), &json!(admin.name)));
        let approval = of(&log, "initiativeApprove", "DONE");
        assert_eq!(approval["objectId"], json!(sent.id));
        let verified = json!({ "field": "verifiedBenefit", "before": null, "after": "77", "hashed": false });
        assert!(approval["changes"].as_array().unwrap().contains(&verified), "{approval}");

        // An operator reads who did what and from where, and no records by it.
        let log = read(&app.operator().await, "P01", "first: 100").await;
        assert_eq!(log["totalCount"], 8);
        let approval = of(&log, "initiativeApprove", "DONE");
        assert_eq!((&approval["changes"], &approval["address"]), (&json!([]), &json!("127.0.0.1")));
        assert_eq!(of(&log, "unitRename", "DENIED")["address"], "127.0.0.1");
        assert_ne!(of(&log, "unitRename", "DONE")["changes"], json!([]));

        // A union's own admin reads his union's; the root's has everything.
        let own = read(&app.admin_of("G2").await, "G2", "first: 100").await;
        assert_eq!(own["totalCount"], 2);
        let everything = read(&app.admin_of(ROOT).await, ROOT, "first: 100").await;
        assert_eq!(everything["totalCount"].as_u64().unwrap() as usize, all(app).await.len());
    }
);

both!(
    async fn lines_are_found_again_by_their_ids_by_those_who_may(app: &TestApp) {
        app.small_federation().await;
        let (admin, stranger) = (app.admin_of("P01").await, app.admin_of("P02").await);
        let ids = texts(&read(&admin, "P01", "first: 100").await, "/id");
        assert_eq!(ids.len(), 3);
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on AuditEntry { id unit { code } } } }";
        let found = admin.query(query, json!({ "ids": ids })).await.ok();
        assert_eq!(found.texts("/nodes", "id"), ids);
        for other in [&stranger, &app.reviewer_of("P01").await, &app.member_of("G1").await, &app.anonymous()] {
            let found = other.query(query, json!({ "ids": ids })).await.ok();
            assert_eq!(found.at("/nodes"), &json!([null, null, null]));
        }
        // Nor by the way of a unit above that he sees the face of, nor of one that lies beside his.
        for unit in [ROOT, "P01"] {
            assert_eq!(read(&stranger, unit, "first: 9").await, Value::Null);
        }
    }
);

both!(
    async fn filters_narrow_the_log(app: &TestApp) {
        app.small_federation().await;
        let (admin, other) = (app.admin_of("P01").await, app.admin_of("P01").await);
        let rename = |unit: &str| json!({ "unit": unit, "name": "Tên" });
        admin.mutate("unitRename", rename("G1"), "unit { id }").await.done();
        app.set_clock("2026-03-05T09:00:00+07:00");
        other.mutate("unitRename", rename("G2"), "unit { id }").await.done();
        other.mutate("unitRename", json!({ "unit": "G2", "name": "" }), "unit { id }").await;
        let count = async |filter: &str| {
            read(&admin, "P01", &format!("first: 9, {filter}")).await["totalCount"].as_i64().unwrap()
        };
        assert_eq!(count("action: \"unitRename\"").await, 3);
        assert_eq!(count("action: \"không\"").await, 0);
        assert_eq!(count("action: \"\\u0000\"").await, 0);
        assert_eq!(count(&format!("actor: \"{}\"", other.id())).await, 2);
        assert_eq!(count("actor: \"zzz\"").await, 0);
        assert_eq!(count("outcome: [REFUSED, DENIED]").await, 1);
        assert_eq!(count("from: \"2026-03-05T09:00:00+07:00\"").await, 2);
        assert_eq!(count("to: \"2026-03-05T09:00:00+07:00\"").await, 4);
        assert_eq!(count("action: \"unitRename\", outcome: [DONE], from: \"2026-03-05T02:00:00Z\"").await, 1);
        let reply =
            admin.query("{ unit(code: \"P01\") { audit(first: 9, outcome: []) { totalCount } } }", json!({})).await;
        assert_eq!(reply.codes(), ["BAD_USER_INPUT"]);
    }
);

both!(
    async fn pages_hold_while_lines_are_added(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of(ROOT).await;
        for n in 0..5 {
            app.set_clock(&format!("2026-03-03T09:00:0{n}+07:00"));
            admin.mutate("unitRename", json!({ "unit": "G1", "name": format!("Tên {n}") }), "unit { id }").await.done();
        }
        let first = read(&admin, "G1", "first: 2").await;
        let name = |log: &Value| texts(log, "/changes/0/after");
        assert_eq!(name(&first), ["Tên 4", "Tên 3"]);
        app.set_clock("2026-03-03T09:01:00+07:00");
        admin.mutate("unitRename", json!({ "unit": "G1", "name": "Mới" }), "unit { id }").await.done();
        let cursor = first["pageInfo"]["endCursor"].as_str().unwrap();
        let second = read(&admin, "G1", &format!("first: 2, after: \"{cursor}\"")).await;
        assert_eq!(name(&second), ["Tên 2", "Tên 1"]);
        let newer = read(&admin, "G1", &format!("last: 9, before: \"{cursor}\"")).await;
        assert_eq!(name(&newer), ["Mới", "Tên 4"]);
        assert_eq!(number(app, "SELECT COUNT(*) AS id FROM audit_entry WHERE action = 'unitRename'").await, 6);
    }
);

both!(
    async fn many_lines_take_as_many_statements_as_few(app: &TestApp) {
        app.small_federation().await;
        let admin = app.person("P01", &[(ROOT, Role::Admin)]).await;
        let query = format!(
            "query($n: Int!) {{ units(first: 10) {{ nodes {{ audit(first: $n) {{ totalCount nodes {{ {LINES} }} }} }} }} }}"
        );
        let statements = async |n: i64| admin.query(&query, json!({ "n": n })).await.ok().statements.unwrap();
        let few = statements(1).await;
        for n in 0..10 {
            admin.mutate("unitRename", json!({ "unit": "G1", "name": format!("Tên {n}") }), "unit { id }").await.done();
        }
        assert_eq!(statements(30).await, few);
        assert!(few <= 7, "{few}");
    }
);
