//! What is served beside GraphQL: health, the editor and its files, and ids of requests.

use reqwest::Method;

use super::{post, query, request, send};
use crate::support::both;

both!(
    async fn requests_have_ids(app: &TestApp) {
        let with = async |id: &str| {
            let answer = send(request(app, Method::GET, "/health/live").header("x-request-id", id)).await;
            answer.header("x-request-id").to_owned()
        };
        assert_eq!(with("screen-7_a").await, "screen-7_a");
        // What could harm a log is replaced.
        for harmful in ["a b", "\"x\"", "x;y", &"x".repeat(65)] {
            let given = with(harmful).await;
            assert!(given != harmful && given.len() == 32, "{given}");
        }
        let (one, other) = (post(app, "*/*", query("{ __typename }")).await, post(app, "*/*", query("{")).await);
        assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
        assert_eq!(one.header("cache-control"), "no-store");
        assert_eq!(one.header("x-content-type-options"), "nosniff");
    }
);

both!(
    async fn health_is_answered(app: &TestApp) {
        for (path, text) in [("/health/live", "live\n"), ("/health/ready", "ready\n")] {
            let answer = send(request(app, Method::GET, path)).await;
            assert_eq!((answer.status, answer.text.as_str()), (200, text));
            assert_eq!(send(request(app, Method::HEAD, path)).await.status, 200);
            assert_eq!(send(request(app, Method::POST, path)).await.status, 405);
        }
        for path in ["/nope", "/graphql/", "/health", "/assets/", "/assets/../Cargo.toml", "/assets/%2e%2e/boot.js"] {
            let answer = send(request(app, Method::GET, path)).await;
            assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"), "{path}");
        }
    }
);

both!(
    async fn the_editor_needs_nothing_but_this_server(app: &TestApp) {
        let page = send(request(app, Method::GET, "/")).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("http") && !policy.contains("unsafe"),
            "{policy}"
        );
        let quoted: Vec<&str> = page.text.split('"').collect();
        assert!(quoted.iter().all(|part| !part.contains("//")), "the page names another server");
        let assets: Vec<&str> = quoted.into_iter().filter(|part| part.starts_with("assets/")).collect();
        assert!(assets.len() >= 4, "{assets:?}");
        for asset in assets {
            let path = format!("/{asset}");
            let answer = send(request(app, Method::GET, &path)).await;
            let expected =
                if asset.ends_with(".css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
            assert_eq!((answer.status, answer.header("content-type")), (200, expected), "{asset}");
            assert!(
                !answer.text.contains("@import")
                    && !answer.text.contains("url(http")
                    && !answer.text.contains("sourceMappingURL=http")
            );
            let known = send(request(app, Method::GET, &path).header("if-none-match", answer.header("etag"))).await;
            assert_eq!((known.status, known.text.as_str()), (304, ""), "{asset}");
        }
    }
);
