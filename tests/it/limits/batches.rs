//! Several requests in one body: refused unless they are configured, and then under the limits of one.

use banyan::config::Limits;
use serde_json::{Value, json};

use super::with;
use crate::support::{ROOT, both};
use crate::wire::post;

both!(
    async fn a_batch_is_refused_unless_it_is_configured(app: &TestApp) {
        let batch = json!(vec![json!({ "query": "{ __typename }" }); 10_000]).to_string();
        let answer = post(app, "*/*", batch).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"));
        assert!(answer.text.contains("batches are not served"), "{}", answer.text);
    }
);

both!(with with(Limits { max_batch: 3, max_root_fields: 4, ..Limits::default() });
async fn a_batch_is_answered_in_order_and_is_no_way_around_the_limits(app: &TestApp) {
    let run = async |batch: Value| post(app, "*/*", batch.to_string()).await;
    let one = |document: &str| json!({ "query": document });
    let answer = run(json!([one("{ a: __typename }"), one("{ nope }"), one("{ c: __typename }")])).await;
    let body = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(body[0]["data"], json!({ "a": "Query" }), "{body}");
    assert_eq!(body[1]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(body[2]["data"], json!({ "c": "Query" }));
    assert!(body.as_array().is_some_and(|answers| answers.len() == 3));

    let four = one("{ a: __typename b: __typename c: __typename d: __typename }");
    assert_eq!(run(json!([four])).await.json()[0]["data"]["d"], "Query");
    let answer = run(json!([four, one("{ __typename }")])).await;
    assert_eq!(answer.code(), "LIMIT_EXCEEDED", "{}", answer.text);
    for (batch, said) in [(json!([]), "empty"), (json!(vec![one("{ __typename }"); 4]), "holds 4 requests"), (json!([7]), "must be a JSON object")] {
        let answer = run(batch).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text.contains(said), "{}", answer.text);
    }
});

both!(with with(Limits { max_batch: 3, ..Limits::default() });
async fn each_of_a_batch_sees_what_those_before_it_did(app: &TestApp) {
    app.plant(&[("P01", "PROVINCIAL_FEDERATION", ROOT)]).await;
    let admin = app.admin_of(ROOT).await;
    let read = json!({ "query": "{ unit(code: \"P01\") { name } }" });
    let rename = json!({ "query": "mutation { unitRename(input: { unit: \"P01\", name: \"Khác\" }) { userErrors { code } } }" });
    let reply = admin.send(json!([read, rename, read])).await;
    assert_eq!(reply.body[0]["data"]["unit"]["name"], "Công đoàn P01", "{}", reply.body);
    assert_eq!(reply.body[2]["data"]["unit"]["name"], "Khác");
});
