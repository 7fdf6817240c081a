//! Compressed answers, tags and what may be kept.

use banyan::graphql::Api;
use banyan::http::Options;
use flate2::read::GzDecoder;
use reqwest::Method;
use std::io::Read;

use super::{at, post, query, request, send};
use crate::support::{TestApp, both};

const SMALL: &str = "/graphql?query=%7B__typename%7D";
/// All descriptions of the schema: large, and the same each time.
const LARGE: &str = "/graphql?query=%7B__schema%7Btypes%7Bname%20description%7D%7D%7D";

async fn packed(app: &TestApp, accept: &str) -> (String, Vec<u8>) {
    let response = request(app, Method::GET, LARGE).header("Accept-Encoding", accept).send().await.unwrap();
    let coding = response.headers().get("content-encoding").map(|value| value.to_str().unwrap().to_owned());
    assert!(response.headers().get_all("vary").iter().any(|value| value == "Accept-Encoding"));
    (coding.unwrap_or_default(), response.bytes().await.unwrap().to_vec())
}

both!(
    async fn large_answers_are_compressed_for_who_takes_it(app: &TestApp) {
        let (coding, plain) = packed(app, "identity").await;
        assert_eq!(coding, "");
        let (coding, gzip) = packed(app, "gzip").await;
        assert_eq!(coding, "gzip");
        let mut unpacked = Vec::new();
        GzDecoder::new(gzip.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain && gzip.len() * 2 < plain.len());
        let (coding, brotli) = packed(app, "gzip, deflate, br").await;
        assert_eq!(coding, "br");
        let mut unpacked = Vec::new();
        brotli::Decompressor::new(brotli.as_slice(), 4096).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain && brotli.len() * 2 < plain.len());
        let small = send(request(app, Method::GET, SMALL).header("Accept-Encoding", "gzip, br")).await;
        assert_eq!(small.header("content-encoding"), "");
        let asset = request(app, Method::GET, "/assets/boot.css").header("Accept-Encoding", "br").send().await.unwrap();
        assert_eq!(asset.status(), 200);
    }
);

both!(
    async fn what_a_client_has_is_not_sent_again(app: &TestApp) {
        let answer = send(request(app, Method::GET, SMALL)).await;
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{tag}");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        let again = send(request(app, Method::GET, SMALL).header("If-None-Match", &tag)).await;
        assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", tag.as_str()));
        assert_eq!(again.header("cache-control"), "private, no-cache");
        let other = send(request(app, Method::GET, SMALL).header("If-None-Match", "\"other\"")).await;
        assert_eq!(other.status, 200);
        // The compressed form is another one.
        let packed = send(request(app, Method::GET, LARGE).header("Accept-Encoding", "gzip")).await;
        let plain = send(request(app, Method::GET, LARGE)).await;
        assert_ne!(packed.header("etag"), plain.header("etag"));
        let head = send(request(app, Method::HEAD, SMALL)).await;
        assert_eq!((head.status, head.text.as_str(), head.header("etag")), (200, "", tag.as_str()));
        // What may not be kept bears no tag.
        let posted = post(app, "*/*", query("{ __typename }")).await;
        assert_eq!((posted.header("etag"), posted.header("cache-control")), ("", "no-store"));
        let refused = send(request(app, Method::GET, "/graphql")).await;
        assert_eq!((refused.status, refused.header("etag"), refused.header("cache-control")), (400, "", "no-store"));
    }
);

both!(
    async fn only_what_is_said_to_nobody_may_be_kept_by_anybody(app: &TestApp) {
        let options = Options { public_max_age: Some(60), ..Options::default() };
        let keeping = app.beside(Api::new(app.app.clone()), options).await;
        let url = format!("{}{SMALL}", keeping.url);
        let nobody = send(at(Method::GET, &url)).await;
        assert_eq!(nobody.header("cache-control"), "public, max-age=60");
        assert!(nobody.headers.get_all("vary").iter().any(|value| value == "Authorization"));
        // What went wrong is kept by nobody, whatever its status.
        for (query, accept) in [
            ("%7Bunits(first:0)%7BtotalCount%7D%7D", "*/*"),
            ("%7Bnope%7D", "application/json"),
            ("%7B", "application/graphql-response+json"),
            ("mutation%7Bx%7D", "*/*"),
        ] {
            let url = format!("{}/graphql?query={query}", keeping.url);
            let wrong = send(at(Method::GET, &url).header("Accept", accept)).await;
            assert!(wrong.json()["errors"].is_array(), "{query}");
            assert_eq!((wrong.header("cache-control"), wrong.header("etag")), ("no-store", ""), "{query}");
        }
        let refused = send(at(Method::GET, &url).bearer_auth("byn_wrong")).await;
        assert_eq!((refused.status, refused.header("cache-control")), (401, "no-store"));
        assert_eq!(refused.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        let other = send(at(Method::GET, &url).header("Authorization", "Basic dTpw")).await;
        assert_eq!((other.status, other.header("www-authenticate")), (401, "Bearer"));
        let member = app.operator().await;
        let signed_in = send(at(Method::GET, &url).bearer_auth(member.token())).await;
        assert_eq!((signed_in.status, signed_in.header("cache-control")), (200, "private, no-cache"));
    }
);

both!(
    async fn a_compressed_body_is_refused(app: &TestApp) {
        let request = request(app, Method::POST, "/graphql").header("Content-Type", "application/json");
        let answer = send(request.header("Content-Encoding", "gzip").body("x")).await;
        assert_eq!((answer.status, answer.code().as_str()), (415, "UNSUPPORTED_MEDIA_TYPE"));
        assert_eq!(answer.header("accept-encoding"), "identity");
    }
);
