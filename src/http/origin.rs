//! From which site a page speaks.

use poem::http::uri::Uri;
use poem::http::{HeaderMap, header};

use super::cors::{self, Origin};

/// Whether a browser says that the page is of another site than this server, and of none whose pages may read answers: by
/// `Origin`, which no page can set. Other clients send none.
pub fn is_foreign(headers: &HeaderMap, allowed: &[Origin]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok();
    if origin.is_some_and(|origin| cors::allows(allowed, origin)) {
        return false;
    }
    let origin = origin.and_then(|origin| origin.parse::<Uri>().ok());
    let site = origin.as_ref().and_then(|origin| origin.authority()).map(|authority| authority.as_str());
    match (site, own) {
        (Some(site), Some(own)) => !site.eq_ignore_ascii_case(own),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(origin: Option<&str>, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        is_foreign(&headers, &["https://app.example".parse().unwrap()])
    }

    #[test]
    fn a_page_of_this_server_is_at_home_and_a_program_has_no_site() {
        assert!(!foreign(None, "banyan.example"));
        assert!(!foreign(Some("https://banyan.example"), "banyan.example"));
        assert!(!foreign(Some("http://LOCALHOST:8080"), "localhost:8080"));
        assert!(!foreign(Some("https://app.example"), "banyan.example"));
    }

    #[test]
    fn every_other_page_is_foreign() {
        for origin in ["https://evil.example", "http://localhost:3000", "null", "https://banyan.example.evil.example"] {
            assert!(foreign(Some(origin), "banyan.example"), "{origin}");
        }
    }
}
