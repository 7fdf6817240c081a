//! Which language a client wants to read.

use std::cmp::Reverse;

use poem::Response;
use poem::http::{HeaderMap, HeaderValue, header};

use super::negotiate::Range;
use crate::text::Language;

/// What `Accept-Language` asks for: the language with the highest quality, of equals the first one named (RFC 9110, section
/// 12.5.4). Nothing where it names none that there is.
pub fn wanted(headers: &HeaderMap) -> Option<Language> {
    let values = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<Range> = values.flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
    let wishes = Language::ALL.into_iter().filter_map(|language| Some((wish(&ranges, language)?, language)));
    wishes.max_by_key(|(wish, _)| *wish).map(|(_, language)| language)
}

/// How much a language is wanted: by quality, then whether it is named, then by its place in the list.
type Wish = (u16, bool, Reverse<usize>);

/// How much the language is wanted. A range with a region covers its language too: there is only one form of each.
fn wish(ranges: &[Range], language: Language) -> Option<Wish> {
    let named = ranges.iter().enumerate().filter(|(_, range)| is_of(range, language));
    let wish = |(place, range): (usize, &Range)| (range.quality, true, Reverse(place));
    let best = named.map(wish).max().or_else(|| anything(ranges, language));
    best.filter(|(quality, ..)| *quality > 0)
}

/// What `*` says of a language that is not named. Programs send it by themselves and mean nothing by it: nobody gets
/// Vietnamese by it, and English only who names Vietnamese beside it, and so knows what else there is.
fn anything(ranges: &[Range], language: Language) -> Option<Wish> {
    let other = ranges.iter().any(|range| is_of(range, Language::Vietnamese));
    let any = ranges.iter().enumerate().filter(|(_, range)| range.name == "*");
    let any = any.map(|(place, range)| (range.quality, false, Reverse(place))).max();
    any.filter(|_| other && language == Language::English)
}

fn is_of(range: &Range, language: Language) -> bool {
    range.name.split('-').next().unwrap_or_default().eq_ignore_ascii_case(language.tag())
}

/// Says in the answer which language it is in, and that it depends on the header.
pub fn tell(mut response: Response, language: Option<Language>) -> Response {
    let headers = response.headers_mut();
    if let Some(language) = language {
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    }
    headers.append(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(accept: &str) -> Option<Language> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        wanted(&headers)
    }

    #[test]
    fn the_best_of_what_there_is() {
        use Language::{English, Vietnamese};
        for (accept, language) in [
            ("vi", Some(Vietnamese)),
            ("VI-vn", Some(Vietnamese)),
            ("en-GB,en;q=0.9", Some(English)),
            ("vi-VN,vi;q=0.9,fr-FR;q=0.8,fr;q=0.7,en-US;q=0.6,en;q=0.5", Some(Vietnamese)),
            ("fr, en;q=0.3, vi;q=0.4", Some(Vietnamese)),
            ("vi;q=0.5, en;q=0.5", Some(Vietnamese)),
            ("en;q=0.5, vi;q=0.5", Some(English)),
            ("vi;q=0, *", Some(English)),
            ("*, en;q=0.2", Some(English)),
            ("*, vi", Some(Vietnamese)),
            ("*, vi;q=0.5", Some(English)),
            ("vi, *;q=0.5", Some(Vietnamese)),
            ("*", None),
            ("fr, *", None),
            ("fr-FR, *;q=0.5", None),
            ("en;q=0, *", None),
            ("fr, de;q=0.5", None),
            ("vi;q=0", None),
            ("vi;q=2", None),
            ("vietnamese", None),
            ("", None),
            (";;,,q=1", None),
        ] {
            assert_eq!(asked(accept), language, "{accept}");
        }
        assert_eq!(wanted(&HeaderMap::new()), None);
    }
}
