//! Each caller has a budget, and each answer says what is left of it.

use banyan::config::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use super::with;
use crate::subscriptions::{ROLLUP, people, send_in, submitted};
use crate::support::{ROOT, Socket, both};
use crate::wire::{post, query, request, send};

const CHEAP: &str = "{ unit(code: \"TLD\") { name } }";

/// A bucket that does not fill while the test runs.
fn small() -> Limits {
    Limits { anonymous_budget: 100, anonymous_budget_per_second: 1, budget: 10_000, ..Limits::default() }
}

both!(with with(small()); async fn who_has_spent_his_budget_waits_and_others_do_not(app: &TestApp) {
    let cost = |body: &Value| body["extensions"]["cost"].clone();
    let first = post(app, "*/*", query(CHEAP)).await;
    let told = cost(&first.json());
    assert_eq!((first.status, &told["requested"], &told["limit"]), (200, &json!(6), &json!(100)), "{}", first.text);
    assert_eq!(told["remaining"], 94);
    assert_eq!(told["resetsAt"], "2026-03-02T09:00:06.000+07:00");
    let by_get = send(request(app, Method::GET, "/graphql").query(&[("query", CHEAP)])).await;
    // The same for all who ask for the same, so that caches know it again.
    assert_eq!(cost(&by_get.json()), json!({ "requested": 6, "limit": 100 }), "{}", by_get.text);

    let spent = "{ unit(code: \"TLD\") { children(first: 80) { nodes { name } } } }";
    assert_eq!(post(app, "*/*", query(spent)).await.code(), "RATE_LIMITED", "90 are not there any more");
    let spent = &spent.replace("80", "70");
    assert_eq!(post(app, "*/*", query(spent)).await.status, 200);
    for accept in ["application/json", "application/graphql-response+json"] {
        let answer = post(app, accept, query(spent)).await;
        assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"), "{}", answer.text);
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((60..=80).contains(&wait), "{wait}");
        assert_eq!(answer.json()["errors"][0]["extensions"]["retryAfter"], wait);
    }
    let never = post(app, "*/*", query(&spent.replace("70", "99"))).await;
    assert_eq!((never.status, never.code().as_str()), (200, "COST_EXCEEDED"), "{}", never.text);
    let member = app.admin_of(ROOT).await;
    let reply = member.query(spent, json!({})).await.ok();
    assert_eq!(reply.body["extensions"]["cost"]["limit"], 10_000);
});

both!(with with(small()); async fn what_is_refused_is_paid_for_too(app: &TestApp) {
    let flood = query(&format!("{{ {} }}", "__typename ".repeat(300)));
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(post(app, "*/*", flood.clone()).await.code());
    }
    assert_eq!(codes, ["LIMIT_EXCEEDED", "RATE_LIMITED", "RATE_LIMITED", "RATE_LIMITED"]);
});

both!(with with(Limits { budget: 2_000, budget_per_second: 1, ..Limits::default() });
async fn subscriptions_and_what_is_sent_over_sockets_are_paid_for(app: &TestApp) {
    let (member, reviewer) = people(app).await;
    let cost = |code: &Value| code["payload"][0]["extensions"]["code"].clone();
    let mut socket = Socket::of(&reviewer).await;
    socket.subscribe("live", ROLLUP, json!({ "unit": "P01" })).await;
    assert_eq!(submitted(&socket.event("live").await), 0);
    // A document that is no good costs what looking at it costs, and in the end there is nothing left.
    let bad = format!("{{ nope #{}", "x".repeat(60_000));
    socket.subscribe("bad 1", &bad, json!({})).await;
    assert_eq!(cost(&socket.next().await), "GRAPHQL_PARSE_FAILED");
    socket.subscribe("bad 2", &bad, json!({})).await;
    socket.subscribe("bad 3", &bad, json!({})).await;
    socket.next().await;
    assert_eq!(cost(&socket.next().await), "RATE_LIMITED");
    socket.subscribe("other", "{ units(first: 100) { nodes { name children(first: 20) { nodes { name } } } } }", json!({})).await;
    assert_eq!(cost(&socket.next().await), "COST_EXCEEDED");
    for spend in ["{ units(first: 100) { nodes { name code kind } } }", "{ units(first: 1) { nodes { name } } }", "{ __typename }"] {
        while reviewer.query(spend, json!({})).await.status == 200 {}
    }
    // One that runs goes on, but tells nothing before it can be paid: what comes first is the answer to this.
    send_in(&member, "G1").await;
    socket.subscribe("poor", ROLLUP, json!({ "unit": "P01" })).await;
    let refused = socket.next().await;
    assert_eq!((&refused["id"], cost(&refused)), (&json!("poor"), json!("RATE_LIMITED")), "{refused}");
    let events = reviewer.http().post(reviewer.url()).header("accept", "text/event-stream");
    let events = events.bearer_auth(reviewer.token()).json(&json!({ "query": ROLLUP, "variables": { "unit": "P01" } }));
    let refused = events.send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 429);
    assert!(refused.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
});
