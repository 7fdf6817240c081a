//! Named clusters: who belongs to them when, and ranks in them at two instants.

use serde_json::{Value, json};

use crate::support::{Actor, Outcome, ROOT, TestApp, both};

/// Provinces P01 with districts D1 to D4, and P02 with D5; a programme.
async fn scene(app: &TestApp) -> Actor {
    app.plant(&[
        ("P01", "PROVINCIAL_FEDERATION", ROOT),
        ("P02", "PROVINCIAL_FEDERATION", ROOT),
        ("D1", "ZONE_UNION", "P01"),
        ("D2", "ZONE_UNION", "P01"),
        ("D3", "ZONE_UNION", "P01"),
        ("D4", "ZONE_UNION", "P01"),
        ("D5", "ZONE_UNION", "P02"),
        ("G1", "GRASSROOTS_UNION", "D1"),
    ])
    .await;
    app.programme().await;
    app.admin_of("P01").await
}

fn input(version: Option<i32>, members: &[&str]) -> Value {
    json!({ "unit": "P01", "code": "C1", "name": "Cụm thi đua số 1", "version": version, "members": members })
}

async fn set(admin: &Actor, version: Option<i32>, members: &[&str]) {
    let reply =
        admin.mutate("clusterSet", input(version, members), "cluster { version members { code } }").await.done();
    assert_eq!(reply.texts("/clusterSet/cluster/members", "code"), members);
    assert_eq!(reply.int("/clusterSet/cluster/version"), i64::from(version.unwrap_or(0)) + 1);
}

async fn sent(app: &TestApp, unit: &str, times: usize) {
    let member = app.member_of(unit).await;
    for _ in 0..times {
        member.send_in(unit, json!({})).await;
    }
}

/// The place of a unit among the members of C1, by what was sent in.
async fn place(reader: &Actor, unit: &str, arguments: &str) -> Value {
    let fields = "rank of amount gapToNext previousRank change";
    let query = format!(
        "{{ unit(code: \"{unit}\") {{ ranking(programme: \"SK\", by: SUBMITTED, among: \"C1\"{arguments}) {{ {fields} }} }} }}"
    );
    reader.query(&query, json!({})).await.ok().at("/unit/ranking").clone()
}

fn ranked(rank: usize, of: usize, amount: usize, gap: Value, previous: Option<i64>) -> Value {
    json!({ "rank": rank, "of": of, "amount": amount.to_string(), "gapToNext": gap, "previousRank": previous,
            "change": previous.map(|previous| previous - rank as i64) })
}

both!(
    async fn members_and_values_are_taken_at_each_of_two_instants(app: &TestApp) {
        let admin = scene(app).await;
        sent(app, "D1", 2).await;
        sent(app, "D2", 3).await;
        sent(app, "D4", 9).await;
        set(&admin, None, &["D1", "D2", "D3"]).await;
        app.set_clock("2026-03-10T00:00:00+07:00");
        // D2 goes, D4 comes; D1 and D3 are level in the end.
        set(&admin, Some(1), &["D1", "D3", "D4"]).await;
        sent(app, "D3", 2).await;
        sent(app, "D1", 1).await;
        sent(app, "D3", 1).await;
        app.set_clock("2026-03-20T00:00:00+07:00");
        let then = ", comparedTo: \"2026-03-09T00:00:00+07:00\"";
        assert_eq!(place(&admin, "D4", then).await, ranked(1, 3, 9, Value::Null, None));
        assert_eq!(place(&admin, "D1", then).await, ranked(2, 3, 3, json!("6"), Some(2)));
        assert_eq!(place(&admin, "D3", then).await, ranked(2, 3, 3, json!("6"), Some(3)));
        // Who does not belong to it has no place in it, nor has anybody in one that there is not.
        assert_eq!(place(&admin, "D2", then).await, Value::Null);
        assert_eq!(place(&admin, "P01", "").await, Value::Null);
        let unknown = "{ unit(code: \"D1\") { ranking(programme: \"SK\", among: \"C\\u0000\") { of } } }";
        assert_eq!(admin.query(unknown, json!({})).await.ok().at("/unit/ranking"), &Value::Null);
        // As of then, it is as it was.
        let past = ", asOf: \"2026-03-09T00:00:00+07:00\"";
        assert_eq!(place(&admin, "D2", past).await, ranked(1, 3, 3, Value::Null, None));
        assert_eq!(place(&admin, "D1", past).await, ranked(2, 3, 2, json!("1"), None));
        assert_eq!(place(&admin, "D4", past).await, Value::Null);
        let back = ", asOf: \"2026-03-09T00:00:00+07:00\", comparedTo: \"2026-03-19T00:00:00+07:00\"";
        assert_eq!(place(&admin, "D2", back).await, ranked(1, 3, 3, Value::Null, None));
        assert_eq!(place(&admin, "D1", back).await, ranked(2, 3, 2, json!("1"), Some(2)));
        // Before it was set up.
        assert_eq!(place(&admin, "D1", ", asOf: \"2026-03-01T00:00:00+07:00\"").await, Value::Null);
    }
);

both!(
    async fn by_completion_members_without_a_target_have_no_rank(app: &TestApp) {
        let admin = scene(app).await;
        set(&admin, None, &["D1", "D2"]).await;
        let target = json!({ "unit": "D1", "programme": "SK", "kind": "REGISTERED", "value": 4 });
        admin.mutate("targetSet", target, "target { id }").await.done();
        let query = "query($unit: String!) { unit(code: $unit) {
            ranking(programme: \"SK\", by: COMPLETION, among: \"C1\") { rank of value } } }";
        let reply = admin.query(query, json!({ "unit": "D1" })).await.ok();
        assert_eq!(reply.at("/unit/ranking"), &json!({ "rank": 1, "of": 1, "value": 0.0 }));
        let reply = admin.query(query, json!({ "unit": "D2" })).await.ok();
        assert_eq!(reply.at("/unit/ranking"), &json!({ "rank": null, "of": 1, "value": null }));
    }
);

const CLUSTERS: &str = "query($owner: String!, $unit: String!, $then: DateTime) {
    owner: unit(code: $owner) { clusters(first: 9) { totalCount nodes { code name owner { code } members { code } then: members(asOf: $then) { code } } } }
    unit(code: $unit) { memberOf(first: 9) { totalCount nodes { code } } } }";

both!(
    async fn members_are_listed_as_they_are_and_as_they_were(app: &TestApp) {
        let admin = scene(app).await;
        set(&admin, None, &["D1", "D3"]).await;
        app.set_clock("2026-03-10T00:00:00+07:00");
        set(&admin, Some(1), &[]).await;
        app.set_clock("2026-03-20T00:00:00+07:00");
        set(&admin, Some(2), &["D2", "D3", "G1"]).await;
        let listed = async |unit: &str, then: &str| {
            let variables = json!({ "owner": "P01", "unit": unit, "then": then });
            admin.query(CLUSTERS, variables).await.ok()
        };
        let reply = listed("D3", "2026-03-09T00:00:00+07:00").await;
        assert_eq!((reply.int("/owner/clusters/totalCount"), reply.int("/unit/memberOf/totalCount")), (1, 1));
        assert_eq!(reply.text("/owner/clusters/nodes/0/owner/code"), "P01");
        assert_eq!(reply.texts("/owner/clusters/nodes/0/members", "code"), ["D2", "D3", "G1"]);
        assert_eq!(reply.texts("/owner/clusters/nodes/0/then", "code"), ["D1", "D3"]);
        let reply = listed("D1", "2026-03-19T00:00:00+07:00").await;
        assert_eq!(reply.int("/unit/memberOf/totalCount"), 0);
        assert!(reply.list("/owner/clusters/nodes/0/then").is_empty());
        let reply =
            admin.query(CLUSTERS, json!({ "owner": "P01", "unit": "D1", "then": "2099-01-01T00:00:00Z" })).await;
        assert_eq!(reply.codes(), ["BAD_USER_INPUT"]);
    }
);

both!(
    async fn whoever_moves_away_belongs_to_it_no_longer(app: &TestApp) {
        let (admin, top) = (scene(app).await, app.admin_of(ROOT).await);
        set(&admin, None, &["D1", "D2", "G1"]).await;
        let root = json!({ "unit": ROOT, "code": "C2", "name": "Cụm 2", "members": ["D1", "D5"] });
        top.mutate("clusterSet", root, "cluster { id }").await.done();
        app.set_clock("2026-03-10T00:00:00+07:00");
        top.mutate("unitMove", json!({ "unit": "D1", "parent": "P02" }), "unit { id }").await.done();
        let variables = json!({ "owner": "P01", "unit": "G1", "then": "2026-03-09T00:00:00+07:00" });
        let reply = top.query(CLUSTERS, variables).await.ok();
        assert_eq!(reply.texts("/owner/clusters/nodes/0/members", "code"), ["D2"]);
        assert_eq!(reply.texts("/owner/clusters/nodes/0/then", "code"), ["D1", "D2", "G1"]);
        assert_eq!(reply.int("/unit/memberOf/totalCount"), 0);
        // What saw the members before does not change them.
        let reply = admin.mutate("clusterSet", input(Some(1), &["D2"]), "cluster { id }").await;
        assert_eq!(reply.user_errors(), [("STALE_VERSION".to_owned(), "version".to_owned())]);
        // The root's stands above both places.
        let reply = top.query(CLUSTERS, json!({ "owner": ROOT, "unit": "D1", "then": null })).await.ok();
        assert_eq!(reply.texts("/owner/clusters/nodes/0/members", "code"), ["D1", "D5"]);
        assert_eq!(reply.texts("/unit/memberOf/nodes", "code"), ["C2"]);
    }
);

both!(
    async fn what_is_set_is_checked_and_done_once(app: &TestApp) {
        let (admin, other) = (scene(app).await, app.admin_of("P02").await);
        let mut first = input(None, &["D1", "D2"]);
        first["idempotencyKey"] = json!("k1");
        let changed = "cluster { id version members { code } }";
        let once = admin.mutate("clusterSet", first.clone(), changed).await.done();
        let again = admin.mutate("clusterSet", first, changed).await.done();
        assert_eq!(once.body["data"], again.body["data"]);
        let refused = async |actor: &Actor, input: Value| actor.mutate("clusterSet", input, "cluster { id }").await;
        let with = |name: &str, value: Value| {
            let mut input = input(Some(1), &["D1", "D2"]);
            input[name] = value;
            input
        };
        for (input, code, field) in [
            (with("version", Value::Null), "CODE_NOT_AVAILABLE", "code"),
            (with("version", json!(2)), "STALE_VERSION", "version"),
            (with("code", json!("a b")), "INVALID", "code"),
            (with("name", json!(" ")), "REQUIRED", "name"),
            (with("members", json!(["D1", "D5"])), "UNKNOWN_CODE", "members.1"),
            (with("members", json!(["P01"])), "UNKNOWN_CODE", "members.0"),
            (with("members", json!(["X", "D\u{0}"])), "UNKNOWN_CODE", "members.0"),
            (with("members", json!(vec!["D1"; 101])), "OUT_OF_RANGE", "members"),
        ] {
            let reply = refused(&admin, input).await;
            assert!(reply.user_errors().contains(&(code.to_owned(), field.to_owned())), "{code}: {}", reply.body);
        }
        // A code that another unit has cannot be had, and does not lead to its cluster.
        let mut theirs = with("version", Value::Null);
        theirs["unit"] = json!("P02");
        theirs["members"] = json!(["D5"]);
        let reply = refused(&other, theirs.clone()).await;
        assert_eq!(reply.user_errors(), [("CODE_NOT_AVAILABLE".to_owned(), "code".to_owned())]);
        for code in ["C1", "NONE"] {
            theirs["code"] = json!(code);
            theirs["version"] = json!(1);
            assert_eq!(refused(&other, theirs.clone()).await.outcome(), Outcome::failed("NOT_FOUND"));
        }
        // What changes nothing is no change.
        let reply = admin.mutate("clusterSet", input(Some(1), &["D2", "D1", "D2"]), changed).await.done();
        assert_eq!(reply.int("/clusterSet/cluster/version"), 1);
        let log = "{ unit(code: \"P01\") { audit(first: 9, action: \"clusterSet\", outcome: [DONE]) {
            nodes { objectId changes { field before after } } } } }";
        app.pass(1);
        set(&admin, Some(1), &["D2", "D3"]).await;
        let reply = admin.query(log, json!({})).await.ok();
        assert_eq!(reply.at("/unit/audit/nodes/0/objectId"), once.at("/clusterSet/cluster/id"));
        let changes = json!([
            { "field": "code", "before": "C1", "after": "C1" },
            { "field": "left", "before": "D1", "after": null },
            { "field": "joined", "before": null, "after": "D3" },
        ]);
        assert_eq!(reply.at("/unit/audit/nodes/0/changes"), &changes);
    }
);

both!(
    async fn a_cluster_shows_to_its_own_and_ranks_where_all_of_it_shows(app: &TestApp) {
        let admin = scene(app).await;
        set(&admin, None, &["D1", "D2"]).await;
        let own = app.analyst_of("D1").await;
        let query = "{ unit(code: \"D1\") { memberOf(first: 9) { nodes { id owner { code } members { code } } }
            ranking(programme: \"SK\", among: \"C1\") { of } } }";
        let reply = own.query(query, json!({})).await.ok();
        // D2 stands below the public level.
        assert_eq!(reply.texts("/unit/memberOf/nodes/0/members", "code"), ["D1"]);
        assert_eq!(reply.at("/unit/ranking"), &Value::Null);
        let id = reply.text("/unit/memberOf/nodes/0/id").to_owned();
        let node = format!("{{ node(id: \"{id}\") {{ id }} }}");
        for (actor, shows) in [
            (own, true),
            (admin, true),
            (app.analyst_of("D3").await, false),
            (app.admin_of("P02").await, false),
            (app.anonymous(), false),
        ] {
            assert_eq!(actor.query(&node, json!({})).await.ok().at("/node").is_object(), shows, "{}", actor.name);
        }
        // Of the root's provinces everybody sees the numbers, and so their ranking.
        let root = json!({ "unit": ROOT, "code": "C9", "name": "Cụm 9", "members": ["P01", "P02"] });
        app.admin_of(ROOT).await.mutate("clusterSet", root, "cluster { id }").await.done();
        let public = "{ unit(code: \"P01\") { clusters(first: 9) { totalCount } memberOf(first: 9) { totalCount }
            ranking(programme: \"SK\", among: \"C9\") { of } } }";
        let reply = app.anonymous().query(public, json!({})).await.ok();
        assert_eq!(
            reply.at("/unit"),
            &json!({ "clusters": { "totalCount": 0 }, "memberOf": { "totalCount": 0 }, "ranking": { "of": 2 } })
        );
    }
);
