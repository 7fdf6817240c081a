//! Media types: which one a client wants to read, and whether it sent one that is understood.

use std::cmp::Reverse;

use poem::http::{HeaderMap, header};

const JSON: &str = "application/json";
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";
const EVENT_STREAM: &str = "text/event-stream";

/// The forms of an answer. In the first two the body is the same; the status differs for a request that could not be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// Every well-formed request is answered with 200, whatever came of it.
    Json,
    /// The status tells what came of the request.
    GraphqlResponse,
    /// One event for each result; refusals are plain JSON with their status.
    EventStream,
}

impl Media {
    pub fn content_type(self) -> &'static str {
        match self {
            Media::Json => "application/json; charset=utf-8",
            Media::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Media::EventStream => "text/event-stream; charset=utf-8",
        }
    }

    /// What `Accept` asks for, or nothing where it allows neither.
    ///
    /// Who names no type, or takes any, gets plain JSON: older clients know nothing else.
    pub fn accepted(headers: &HeaderMap) -> Option<Media> {
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let accept = values.collect::<Vec<_>>().join(",");
        if accept.trim().is_empty() && headers.get_all(header::ACCEPT).iter().all(|value| value.is_empty()) {
            return Some(Media::Json);
        }
        let ranges: Vec<Range> = accept.split(',').filter_map(Range::parse).collect();
        let offers = [(GRAPHQL_RESPONSE, Media::GraphqlResponse), (JSON, Media::Json)];
        let by_name = ranges.iter().any(|range| range.name.eq_ignore_ascii_case(EVENT_STREAM));
        // Nobody gets events who did not ask for them by name.
        let stream = by_name.then_some((EVENT_STREAM, Media::EventStream));
        let wanted = stream.iter().chain(&offers).filter_map(|(name, media)| Some((wish(&ranges, name)?, *media)));
        // Of equals the last one wins, which is plain JSON.
        wanted.max_by_key(|(wish, _)| *wish).map(|(_, media)| media)
    }
}

/// Whether a body is announced as JSON in UTF-8.
pub fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    text.and_then(Range::parse).is_some_and(|range| range.name.eq_ignore_ascii_case(JSON))
}

/// Whether a body is announced as compressed; none is unpacked here.
pub fn is_packed(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// One element of `Accept` or `Accept-Language`, or the whole of `Content-Type`.
pub struct Range<'a> {
    pub name: &'a str,
    /// In thousandths.
    pub quality: u16,
}

impl Range<'_> {
    /// Nothing for what is malformed or wants another encoding. Parameters without a meaning here are passed over.
    pub fn parse(text: &str) -> Option<Range<'_>> {
        let mut parts = text.split(';');
        let name = parts.next()?.trim();
        let mut quality = 1000;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let (key, value) = (key.trim(), value.trim().trim_matches('"'));
            if key.eq_ignore_ascii_case("q") {
                quality = thousandths(value)?;
            } else if key.eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8") {
                return None;
            }
        }
        Some(Range { name, quality })
    }

    /// How exactly the range names the type; nothing where it does not cover it.
    fn exactness(&self, name: &str) -> Option<u8> {
        match self.name {
            "*/*" => Some(0),
            range if range.eq_ignore_ascii_case("application/*") => Some(1),
            range if range.eq_ignore_ascii_case(name) => Some(2),
            _ => None,
        }
    }
}

/// A quality between 0 and 1.
fn thousandths(text: &str) -> Option<u16> {
    let quality: f32 = text.parse().ok()?;
    (0.0..=1.0).contains(&quality).then(|| (quality * 1000.0).round() as u16)
}

/// How much the type is wanted: by quality, then by how exactly it is named, then by its place in the list.
type Wish = (u16, u8, Reverse<usize>);

/// The most exact range decides (RFC 9110, section 12.5.1); quality 0 excludes.
fn wish(ranges: &[Range], name: &str) -> Option<Wish> {
    let covering = ranges.iter().enumerate().filter_map(|(place, range)| {
        let exactness = range.exactness(name)?;
        Some((exactness, range.quality, Reverse(place)))
    });
    let (exactness, quality, place) = covering.max()?;
    (quality > 0).then_some((quality, exactness, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Media::accepted(&headers)
    }

    fn sent(content_type: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        is_json(&headers)
    }

    #[test]
    fn a_client_without_a_wish_gets_json() {
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
        for accept in ["", "*/*", "application/*", "text/html, application/xml;q=0.9, */*;q=0.8"] {
            assert_eq!(accepted(accept), Some(Media::Json), "{accept}");
        }
    }

    #[test]
    fn a_named_type_is_served() {
        assert_eq!(accepted("application/json"), Some(Media::Json));
        for accept in [
            "application/graphql-response+json",
            "Application/GraphQL-Response+JSON ; Charset=\"UTF-8\"",
            "application/graphql-response+json, application/json;q=0.9",
            "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
            "*/*, application/graphql-response+json",
        ] {
            assert_eq!(accepted(accept), Some(Media::GraphqlResponse), "{accept}");
        }
    }

    #[test]
    fn events_are_served_to_those_who_name_them_first() {
        for accept in ["text/event-stream", "text/event-stream, application/json", "text/event-stream, */*;q=0.1"] {
            assert_eq!(accepted(accept), Some(Media::EventStream), "{accept}");
        }
        let everything = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
        assert_eq!(accepted(everything), Some(Media::GraphqlResponse));
        assert_eq!(accepted("text/event-stream;q=0.5, application/json"), Some(Media::Json));
        assert_eq!(accepted("text/event-stream;q=0"), None);
    }

    #[test]
    fn quality_goes_before_order() {
        assert_eq!(accepted("application/graphql-response+json;q=0.8, application/json"), Some(Media::Json));
        assert_eq!(accepted("application/json;q=0.5, */*"), Some(Media::GraphqlResponse));
        assert_eq!(accepted("application/json;q=0, */*;q=0.1"), Some(Media::GraphqlResponse));
        assert_eq!(accepted("application/json, application/graphql-response+json"), Some(Media::Json));
    }

    #[test]
    fn several_headers_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(header::ACCEPT, "text/html".parse().unwrap());
        headers.append(header::ACCEPT, "application/graphql-response+json".parse().unwrap());
        assert_eq!(Media::accepted(&headers), Some(Media::GraphqlResponse));
    }

    #[test]
    fn what_is_not_offered_is_not_served() {
        for accept in [
            "text/html",
            "text/*",
            "application/json;q=0",
            "*/*;q=0",
            "application/json; charset=iso-8859-1",
            "application/json;q=2",
            "application/json;q=NaN",
            "nonsense",
            ",",
        ] {
            assert_eq!(accepted(accept), None, "{accept}");
        }
    }

    #[test]
    fn only_json_in_utf_8_is_read() {
        for content_type in [
            "application/json",
            "APPLICATION/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
        ] {
            assert!(sent(content_type), "{content_type}");
        }
        for content_type in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/graphql",
            "application/jsonp",
            "application/json; charset=latin1",
            "application/*",
            "text/plain, application/json",
        ] {
            assert!(!sent(content_type), "{content_type}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
