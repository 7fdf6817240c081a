//! Bodies and documents that no client library would send.

use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use super::counts;
use crate::support::{Reply, Setup, TestApp, both};

async fn post(app: &TestApp, body: Vec<u8>) -> Reply {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(app.url("/graphql")).header(CONTENT_TYPE, "application/json").body(body);
    Reply::read(request.send().await.unwrap()).await
}

both!(with Setup::unfolded(); async fn a_body_with_numbers_and_texts_that_are_none_is_refused(app: &TestApp) {
    app.small_federation().await;
    let before = counts(app).await;
    for (name, value) in [
        ("a lone surrogate", r#""\ud800""#),
        ("a low surrogate first", r#""\udc00\ud800""#),
        ("half an escape", r#""\u12""#),
        ("not a number", "NaN"),
        ("infinity", "Infinity"),
        ("a number beyond all floats", "1e400"),
        ("a number with a leading zero", "01"),
        ("a raw control character", "\"\u{1}\""),
        ("an open string", "\"abc"),
        ("a comment", "1 // one"),
        ("two values", "1, 2"),
    ] {
        let body = format!(r#"{{"query": "query($x: String!) {{ unit(code: $x) {{ id }} }}", "variables": {{"x": {value}}}}}"#);
        let reply = post(app, body.into_bytes()).await;
        assert_eq!((reply.status, reply.codes()), (400, vec!["BAD_REQUEST"]), "{name}: {}", reply.body);
    }
    for bytes in [&b"\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"] {
        let mut body = br#"{"query": "{ unit(code: \""#.to_vec();
        body.extend_from_slice(bytes);
        body.extend_from_slice(br#"\") { id } }"}"#);
        assert_eq!(post(app, body).await.status, 400, "{bytes:?}");
    }
    assert_eq!(counts(app).await, before);
});

both!(with Setup::unfolded(); async fn a_document_with_values_that_are_none_is_refused(app: &TestApp) {
    app.small_federation().await;
    let member = app.member_of("G1").await;
    let before = counts(app).await;
    for value in [r#""\ud800""#, r#""a\uDFFFb""#, r#""\u12""#, r#""\x""#, "\"abc", "1e400", "'a'", "01", "--1", ".5", "NOPE",
                  "[[[[1]]]]", "{ a: 1 }", "$undefined", "1e309", "9".repeat(500).as_str()] {
        for document in [format!("{{ unit(code: {value}) {{ id }} }}"), format!("{{ initiatives(first: 1, verifiedBenefitOver: {value}) {{ totalCount }} }}"),
                         format!("{{ units(first: {value}) {{ totalCount }} }}")] {
            let reply = member.query(&document, json!({})).await;
            let codes = reply.codes();
            let clear = matches!(codes.first(), Some(&"GRAPHQL_PARSE_FAILED" | &"GRAPHQL_VALIDATION_FAILED" | &"BAD_USER_INPUT"));
            assert!(reply.status == 200 && clear, "{document}: {} {}", reply.status, reply.body);
        }
    }
    // What looks like a fault of a string is none inside a block string or a comment.
    for document in [r#"{ unit(code: """\ud800""") { id } }"#, "# \\ud800 \"\n{ unit(code: \"\\u0047\\u0031\") { id } }"] {
        member.query(document, json!({})).await.ok();
    }
    assert_eq!(counts(app).await, before);
});
