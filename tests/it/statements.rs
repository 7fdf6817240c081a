//! A query takes as many SQL statements for many rows as for a few.

use serde_json::json;

use crate::support::{Actor, ROOT, Setup, TestApp, both};
use banyan::ledger::fold_all;

const RICH: &str = "query($code: String!) {
  viewer { account { displayName unit { code } } grants { role unit { code } } }
  unit(code: $code) {
    name parent { name } ancestors { code } viewerCan
    initiatives(first: 100) { totalCount nodes { ...I } }
    leaderboard(programme: \"SK\", first: 100) { totalCount nodes { rank unit { name parent { code } } } }
    children(first: 100) {
      totalCount
      nodes {
        code viewerCan parent { name } ancestors { code } coordinator { code }
        targets(programme: \"SK\") { value phase unit { code } programme { name phases { code } } }
        officers(first: 5) { totalCount nodes { role unit { code } account { displayName email unit { code } } } }
        children(first: 3) { totalCount nodes { code } }
        rollup(programme: \"SK\") {
          submitted claimedBenefit participants target registeredBelow asOf
          completion { ratio } unitsOverTarget { over total }
          phases: breakdown(by: [PHASE]) { keys { label } submitted }
          children: breakdown(by: [CHILD STATE]) { keys { value } unit { name } participants }
        }
        sliced: rollup(programme: \"SK\", slice: { kind: [GRASSROOTS_UNION], group: [\"A\", \"B\"] }) { submitted participants }
        ranking(programme: \"SK\", by: COMPLETION) { rank of unit { code } }
        initiatives(programme: \"SK\", first: 3) { totalCount nodes { ...I } }
      }
    }
  }
}
fragment I on Initiative {
  code title phase group viewerCan programme { name groups { code } } unit { code parent { code } }
  authors { share account { displayName unit { code } } }
  events(first: 5) { totalCount nodes { action by { displayName } } }
}";

/// A province with so many grassroots unions, each with an initiative of two authors, a target and an officer.
async fn province(app: &TestApp, code: &str, unions: usize) {
    app.plant(&[(code, "PROVINCIAL_FEDERATION", ROOT)]).await;
    let (admin, reviewer) = (app.admin_of(ROOT).await, app.reviewer_of(code).await);
    let other = app.member_of(code).await;
    for i in 0..unions {
        let unit = format!("{code}-{i:02}");
        app.plant(&[(&unit, "GRASSROOTS_UNION", code)]).await;
        let target = json!({ "unit": unit, "programme": "SK", "kind": "GUIDELINE", "value": 1 + i % 3 });
        admin.mutate("targetSet", target, "target { id }").await.done();
        let member = app.member_of(&unit).await;
        let sent = member.send_in(&unit, json!({ "coAuthors": [{ "account": other.id(), "share": 20 }] })).await;
        if i % 2 == 0 {
            reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": "9" })).await.done();
        }
    }
}

/// How many statements the query takes, always.
async fn statements(app: &TestApp, reader: &Actor, query: &str, code: &str) -> u32 {
    // What is queued, and was not expected to be, takes one more.
    fold_all(&app.app).await.unwrap();
    let mut counts = Vec::new();
    for _ in 0..5 {
        counts.push(reader.query(query, json!({ "code": code })).await.ok().statements.unwrap());
    }
    assert!(counts.iter().all(|count| *count == counts[0]), "the same query took {counts:?} statements");
    counts[0]
}

both!(with Setup::forgetful();
    async fn sixty_rows_take_as_many_statements_as_three(app: &TestApp) {
        app.programme().await;
        province(app, "P03", 3).await;
        province(app, "P60", 60).await;
        let reader = app.admin_of(ROOT).await;
        let few = statements(app, &reader, RICH, "P03").await;
        let many = statements(app, &reader, RICH, "P60").await;
        assert_eq!(few, many);
    }
);

both!(with Setup::forgetful();
    async fn a_simple_query_takes_few_statements(app: &TestApp) {
        app.small_federation().await;
        let reader = app.analyst_of(ROOT).await;
        assert_eq!(
            statements(app, &reader, "query($code: String!) { unit(code: $code) { name kind } }", "G1").await,
            1
        );
        let rollup =
            "query($code: String!) { unit(code: $code) { rollup(programme: \"SK\") { submitted participants } } }";
        // Where all of it is known to be one question.
        assert_eq!(statements(app, &reader, rollup, "P01").await, 1);
        // The unit, the programme, and the measures.
        let sliced = "query($code: String!) { unit(code: $code) { rollup(programme: \"SK\", slice: { group: \"A\" }) { submitted } } }";
        assert_eq!(statements(app, &reader, sliced, "P01").await, 3);
        assert_eq!(statements(app, &app.anonymous(), "{ viewer { account { id } } }", "").await, 0);
    }
);
