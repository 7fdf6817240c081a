//! An operation has its time, and nothing of it runs any more when it is over; and a caller has a number of operations.

use banyan::config::Limits;
use futures_util::future::join_all;
use serde_json::json;

use super::with;
use crate::support::{Actor, ROOT, TestApp, both, draft_input};

/// Long enough for everything but what is made heavy.
fn hasty() -> Limits {
    Limits { operation_ms: 3_000, max_running_per_caller: 20, max_waiting_per_caller: 0, ..Limits::default() }
}

const HEAVY: &str = "{ programmes(first: 5) { nodes { code name } } }";

/// Reads no programme; the faces of units do.
const LIGHT: &str = "{ viewer { account { displayName } } }";

/// Whoever reads the table counts to a thousand million first.
async fn make_heavy(app: &TestApp, table: &str) {
    run(app, &format!("ALTER TABLE {table} RENAME TO {table}_itself")).await;
    run(
        app,
        &format!(
            "CREATE VIEW {table} AS SELECT t.* FROM {table}_itself t WHERE (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL \
             SELECT i + 1 FROM n WHERE i < 1000000000) SELECT COUNT(*) FROM n) > 0"
        ),
    )
    .await;
}

async fn make_light(app: &TestApp, table: &str) {
    run(app, &format!("DROP VIEW {table}")).await;
    run(app, &format!("ALTER TABLE {table}_itself RENAME TO {table}")).await;
}

async fn run(app: &TestApp, sql: &str) {
    let tx = app.app.store.write().await.unwrap();
    tx.run_plain(sql).await.unwrap();
    tx.commit().await.unwrap();
}

/// The database works for nobody any more: every connection answers. One that still counted would do so for minutes,
/// and whoever waited for it would find his time over.
async fn all_is_quiet(actor: &Actor) {
    for reply in join_all((0..12).map(|_| actor.query(LIGHT, json!({})))).await {
        reply.ok();
    }
}

both!(with with(hasty()); async fn a_query_that_takes_too_long_is_ended_with_all_it_runs(app: &TestApp) {
    app.small_federation().await;
    make_heavy(app, "programme").await;
    let operator = app.operator().await;
    // As many as there are connections.
    for reply in join_all((0..12).map(|_| operator.query(HEAVY, json!({})))).await {
        assert_eq!((reply.status, reply.codes()), (200, vec!["TIMEOUT"]), "{}", reply.body);
        assert_eq!(reply.body["data"], json!(null));
    }
    all_is_quiet(&operator).await;
    make_light(app, "programme").await;
    assert_eq!(operator.query(HEAVY, json!({})).await.ok().list("/programmes/nodes").len(), 1);
});

both!(with with(hasty()); async fn a_mutation_that_takes_too_long_is_undone_whole(app: &TestApp) {
    app.small_federation().await;
    let (member, admin) = (app.member_of("G1").await, app.admin_of(ROOT).await);
    let count = "{ initiatives(first: 1) { totalCount } }";
    let mut input = draft_input("G1", json!({ "idempotencyKey": "k1" }));
    make_heavy(app, "programme").await;
    let reply = member.mutate("initiativeDraft", input.clone(), "initiative { id }").await;
    assert_eq!(reply.codes(), ["TIMEOUT"], "{}", reply.body);
    all_is_quiet(&admin).await;
    make_light(app, "programme").await;
    assert_eq!(member.query(count, json!({})).await.ok().int("/initiatives/totalCount"), 0);
    // The key is as free as before.
    member.mutate("initiativeDraft", input.clone(), "initiative { id }").await.done();
    member.mutate("initiativeDraft", input.clone(), "initiative { id }").await.done();
    assert_eq!(member.query(count, json!({})).await.ok().int("/initiatives/totalCount"), 1);

    let roles = [("G1", entity::enums::Role::Member), ("G1", entity::enums::Role::Admin)];
    let officer = app.person("G1", &roles).await;
    // Two in one document, of which the second finds no time: the first is done, and what follows is not begun.
    make_heavy(app, "phase").await;
    input["idempotencyKey"] = json!("k2");
    let document = "mutation($input: InitiativeDraftInput!) {
        a: unitRename(input: { unit: \"G1\", name: \"Khác\" }) { userErrors { code } }
        b: initiativeDraft(input: $input) { initiative { id } }
        c: unitRename(input: { unit: \"G1\", name: \"Khác nữa\" }) { userErrors { code } } }";
    let reply = officer.query(document, json!({ "input": input })).await;
    assert!(reply.codes().iter().all(|code| *code == "TIMEOUT") && !reply.codes().is_empty(), "{}", reply.body);
    make_light(app, "phase").await;
    let name = admin.query("{ unit(code: \"G1\") { name } }", json!({})).await.ok();
    assert_eq!(name.text("/unit/name"), "Khác");
});

both!(with with(Limits { max_running_per_caller: 1, ..hasty() });
async fn a_caller_has_so_many_operations_at_once_and_others_have_theirs(app: &TestApp) {
    app.small_federation().await;
    make_heavy(app, "programme").await;
    let (one, other) = (app.operator().await, app.operator().await);
    // All come while the first that got in still counts; which one that is, nobody says.
    let together = (0..4).map(|_| one.query(HEAVY, json!({})));
    let (replies, elsewhere) = tokio::join!(join_all(together), other.query(LIGHT, json!({})));

    elsewhere.ok();
    let mut seen: Vec<_> = replies.iter().map(|reply| (reply.status, reply.codes())).collect();
    seen.sort();
    let turned_away = (429, vec!["RATE_LIMITED"]);
    assert_eq!(seen, [(200, vec!["TIMEOUT"]), turned_away.clone(), turned_away.clone(), turned_away]);
});
