//! Pages of other sites, and the headers that keep pages safe.

use banyan::graphql::Api;
use banyan::http::Options;
use reqwest::Method;

use super::{at, request, send};
use crate::support::both;

const QUERY: &str = "/graphql?query=%7B__typename%7D";

both!(
    async fn no_other_site_may_read_unless_it_is_named(app: &TestApp) {
        let from = |method: Method, url: &str, origin: &str| at(method, url).header("Origin", origin);
        let answer = send(from(Method::GET, &app.url(QUERY), "https://app.example.org")).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ""));

        let origins = vec!["https://app.example.org".parse().unwrap()];
        let named = app.beside(Api::new(app.app.clone()), Options { origins, ..Options::default() }).await;
        let url = format!("{}{QUERY}", named.url);
        for (origin, leave) in [
            ("https://app.example.org", "https://app.example.org"),
            ("https://evil.example.org", ""),
            ("https://app.example.org.evil.org", ""),
            ("http://app.example.org", ""),
            ("null", ""),
        ] {
            let answer = send(from(Method::GET, &url, origin)).await;
            assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, leave), "{origin}");
            let preflight = from(Method::OPTIONS, &url, origin).header("Access-Control-Request-Method", "POST");
            let answer = send(preflight.header("Access-Control-Request-Headers", "authorization,content-type")).await;
            assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, leave), "{origin}");
            let headers = answer.header("access-control-allow-headers").to_lowercase();
            for name in ["authorization", "apollo-require-preflight", "apollographql-client-name"] {
                assert_eq!(headers.contains(name), !leave.is_empty(), "{origin}: {name}");
            }
            let methods = if leave.is_empty() { "" } else { "GET, POST" };
            assert_eq!(answer.header("access-control-allow-methods"), methods, "{origin}");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
            let vary: Vec<_> = answer.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok()).collect();
            assert!(vary.join(", ").contains("Origin"), "{vary:?}");
        }

        let origins = vec!["*".parse().unwrap()];
        let any = app.beside(Api::new(app.app.clone()), Options { origins, ..Options::default() }).await;
        let answer = send(from(Method::GET, &format!("{}{QUERY}", any.url), "https://a.example.org")).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
);

both!(
    async fn every_answer_is_kept_from_harm_in_a_browser(app: &TestApp) {
        for path in ["/", QUERY, "/health/live", "/nothing", "/assets/boot.js"] {
            let answer = send(request(app, Method::GET, path)).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
            assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
            let policy = answer.header("content-security-policy");
            assert!(
                policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
            // Only under TLS: elsewhere browsers must not obey it, and a proxy sets it.
            assert_eq!(answer.header("strict-transport-security"), "", "{path}");
        }
        let options = send(request(app, Method::OPTIONS, "/graphql")).await;
        assert_eq!((options.status, options.header("allow")), (204, "GET, HEAD, POST, OPTIONS"));
    }
);
