//! The GraphQL editor at `/`, from files inside the program: it needs no network but this server.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use poem::http::{HeaderMap, StatusCode, header};
use poem::{Endpoint, Request, Response};
use sha2::{Digest, Sha256};

use super::language;
use super::negotiate::Media;
use super::refusal::must_read;

/// Only what this server sends may run or be loaded; assets/graphiql/README.md says why each part is needed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src data:; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// One file, as it is served.
pub struct File {
    pub path: &'static str,
    content_type: &'static str,
    body: &'static [u8],
    etag: String,
}

/// Every file of the editor.
pub fn files() -> Vec<File> {
    vec![
        File::new("/", HTML, include_bytes!("../../assets/graphiql/index.html")),
        File::new("/assets/boot.js", SCRIPT, include_bytes!("../../assets/graphiql/boot.js")),
        File::new("/assets/boot.css", STYLE, include_bytes!("../../assets/graphiql/boot.css")),
        File::new(
            "/assets/react.production.min.js",
            SCRIPT,
            include_bytes!("../../assets/graphiql/react.production.min.js"),
        ),
        File::new(
            "/assets/react-dom.production.min.js",
            SCRIPT,
            include_bytes!("../../assets/graphiql/react-dom.production.min.js"),
        ),
        File::new("/assets/graphiql.min.js", SCRIPT, include_bytes!("../../assets/graphiql/graphiql.min.js")),
        File::new("/assets/graphiql.min.css", STYLE, include_bytes!("../../assets/graphiql/graphiql.min.css")),
    ]
}

impl File {
    fn new(path: &'static str, content_type: &'static str, body: &'static [u8]) -> File {
        let hash = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..12]);
        File { path, content_type, body, etag: format!("\"{hash}\"") }
    }

    /// Whether the browser has this very content.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag)
    }
}

impl Endpoint for File {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if let Err(refusal) = must_read(&request) {
            return Ok(refusal.into_response(Media::Json, language::wanted(request.headers())));
        }
        // The names stay the same when the contents change, so the browser must ask each time; the answer is short.
        let response = Response::builder()
            .header(header::ETAG, &self.etag)
            .header(header::CACHE_CONTROL, "no-cache")
            .header(header::CONTENT_SECURITY_POLICY, POLICY);
        if self.is_known(request.headers()) {
            return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
        }
        Ok(response.content_type(self.content_type).body(self.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_asks_only_for_files_that_are_served() {
        let files = files();
        let page = std::str::from_utf8(files[0].body).unwrap();
        let asked: Vec<&str> = page.split('"').filter(|part| part.starts_with("assets/")).collect();
        assert_eq!(asked.len(), files.len() - 1);
        for name in asked {
            assert!(files.iter().any(|file| file.path[1..] == *name), "{name}");
        }
    }

    #[test]
    fn known_content_is_not_sent_again() {
        let file = File::new("/", HTML, b"x");
        for (tags, known) in [
            (file.etag.clone(), true),
            (format!("\"a\", W/{}", file.etag), true),
            ("*".to_owned(), true),
            ("\"a\"".to_owned(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, tags.parse().unwrap());
            assert_eq!(file.is_known(&headers), known, "{tags}");
        }
    }
}
