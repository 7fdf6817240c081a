//! Messages and labels in Vietnamese and English, by Accept-Language.

use reqwest::Method;
use serde_json::json;

use super::{request, send};
use crate::support::{both, draft_input};

both!(
    async fn errors_of_every_kind_are_in_the_callers_language(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let (english, vietnamese) = (member.speaking("en"), member.speaking("vi-VN,vi;q=0.9,en;q=0.5"));
        // What the caller can mend.
        let input = draft_input("G1", json!({ "title": " " }));
        for (actor, said) in
            [(&member, "title is empty"), (&english, "title is empty"), (&vietnamese, "title đang để trống")]
        {
            let reply = actor.mutate("initiativeDraft", input.clone(), "initiative { id }").await;
            assert_eq!(reply.text("/initiativeDraft/userErrors/0/message"), said);
        }
        // Who names neither language reads English; programs send `*` by themselves.
        for language in ["*", "fr, *", "fr", "de, *;q=0.5"] {
            let reply = member.speaking(language).mutate("initiativeDraft", input.clone(), "initiative { id }").await;
            assert_eq!(reply.text("/initiativeDraft/userErrors/0/message"), "title is empty", "{language}");
        }
        // What a field answers, and what is found before anything runs.
        for (document, in_english, in_vietnamese) in [
            ("{ units(first: 0) { totalCount } }", "first is 0, but", "first là 0, nhưng"),
            (
                "mutation { unitRename(input: { unit: \"G1\", name: \"x\" }) { unit { id } } }",
                "you have no role at G1",
                "bạn không có vai trò nào ở G1",
            ),
            ("query A { __typename } query B { __typename }", "the document has several", "tài liệu có nhiều thao tác"),
            ("query($n: Int) { units(first: $n) { totalCount } }", "$n: an Int", "$n: giá trị kiểu Int"),
        ] {
            for (actor, said) in [(&english, in_english), (&vietnamese, in_vietnamese)] {
                let reply = actor.query(document, json!({ "n": "x" })).await;
                let message = reply.body["errors"][0]["message"].as_str().unwrap();
                assert!(message.starts_with(said), "{message}");
            }
        }
    }
);

both!(
    async fn a_kept_refusal_is_said_again_in_another_language(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        let input = draft_input("G1", json!({ "phase": "9", "idempotencyKey": "k" }));
        for (language, said) in [
            ("vi", "chương trình SK không có phase \"9\"; hiện có: 1, 2"),
            ("en", "programme SK has no phase \"9\"; it has: 1, 2"),
        ] {
            let reply = member.speaking(language).mutate("initiativeDraft", input.clone(), "initiative { id }").await;
            assert_eq!(reply.text("/initiativeDraft/userErrors/0/message"), said);
        }
    }
);

both!(
    async fn labels_are_vietnamese_unless_english_is_asked_for(app: &TestApp) {
        app.small_federation().await;
        let document =
            "{ unit(code: \"TLD\") { rollup(programme: \"SK\") { breakdown(by: [STATE]) { keys { label } } } } }";
        let nobody = app.anonymous();
        for (actor, label) in [
            (nobody.clone(), "Chờ xét duyệt"),
            (nobody.speaking("fr"), "Chờ xét duyệt"),
            (nobody.speaking("*"), "Chờ xét duyệt"),
            (nobody.speaking("vi"), "Chờ xét duyệt"),
            (nobody.speaking("en"), "waiting for a decision"),
        ] {
            let reply = actor.query(document, json!({})).await.ok();
            assert_eq!(reply.text("/unit/rollup/breakdown/0/keys/0/label"), label);
        }
    }
);

both!(
    async fn refusals_of_the_transport_tell_their_language(app: &TestApp) {
        let asking = async |language: &str, method: Method, path: &str| {
            send(request(app, method, path).header("Accept-Language", language)).await
        };
        let answer = asking("vi", Method::PUT, "/graphql").await;
        assert_eq!((answer.status, answer.header("content-language")), (405, "vi"));
        assert!(answer.text.contains("hãy gửi yêu cầu GraphQL bằng GET hoặc POST"), "{}", answer.text);
        let vary = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>();
        assert!(vary.join(",").contains("Accept-Language"), "{vary:?}");
        let answer = asking("en", Method::GET, "/graphql?query=%7B__typename%7D").await;
        assert_eq!((answer.status, answer.header("content-language")), (200, "en"));
        let answer = asking("fr", Method::GET, "/graphql?query=%7B__typename%7D").await;
        assert_eq!((answer.status, answer.header("content-language")), (200, ""));
        let answer = asking("vi", Method::GET, "/nothing").await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"));
        assert!(answer.text.contains("không có gì ở đường dẫn này"), "{}", answer.text);
    }
);
