//! The GraphQL editor at `/`, from files inside the program: it needs no network but this server.

use std::sync::OnceLock;

use poem::http::{StatusCode, header};
use poem::{Endpoint, Request, Response};

use super::delivery::{is_known, tag};
use super::encode::Coding;
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
    /// Compressed when they are first asked for: gzip, br.
    packed: [OnceLock<Vec<u8>>; 2],
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
        File { path, content_type, body, packed: Default::default() }
    }

    fn packed(&self, coding: Coding) -> &[u8] {
        let place = &self.packed[coding as usize];
        // Writing into memory does not fail.
        place.get_or_init(|| coding.encode_now(self.body).unwrap_or_default())
    }
}

impl Endpoint for File {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if let Err(refusal) = must_read(&request) {
            return Ok(refusal.into_response(Media::Json, language::wanted(request.headers())));
        }
        let coding = Coding::wanted(request.headers(), self.body.len());
        let tag = tag(self.body, coding);
        // The names stay the same when the contents change, so the browser must ask each time; the answer is short.
        let response = Response::builder()
            .header(header::ETAG, &tag)
            .header(header::VARY, "Accept-Encoding")
            .header(header::CACHE_CONTROL, "no-cache")
            .header("Cross-Origin-Opener-Policy", "same-origin")
            .header(header::CONTENT_SECURITY_POLICY, POLICY);
        if is_known(request.headers(), &tag) {
            return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
        }
        let response = response.content_type(self.content_type);
        Ok(match coding {
            Some(coding) => response.header(header::CONTENT_ENCODING, coding.name()).body(self.packed(coding).to_vec()),
            None => response.body(self.body),
        })
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
}
