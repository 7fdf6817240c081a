//! Compressed bodies: br or gzip, where the client takes one and it pays.
//!
//! Compression is safe here against attacks that guess a secret by the length of answers (BREACH): these need a browser that
//! can be made to ask with its victim's credentials from a page of another site. Here a token travels in a header that only
//! a page with the token can set, never in a cookie, and no answer holds a secret beside text that somebody else chose.

use std::cmp::Reverse;
use std::io::Write;

use flate2::write::GzEncoder;
use poem::http::{HeaderMap, header};

use super::negotiate::Range;

/// Bodies that fit into one packet are sent as they are, bytes.
const SMALLEST: usize = 1_400;

/// Larger bodies are compressed beside the threads that answer requests, bytes.
const LARGE: usize = 64 << 10;

/// Much smaller than gzip, at about its speed.
const BROTLI_QUALITY: u32 = 4;
const BROTLI_WINDOW: u32 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    Brotli,
}

impl Coding {
    /// As in `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Brotli => "br",
        }
    }

    /// What `Accept-Encoding` takes and pays for a body of this size; brotli of equals.
    pub fn wanted(headers: &HeaderMap, size: usize) -> Option<Coding> {
        if size < SMALLEST {
            return None;
        }
        let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let ranges: Vec<Range> = values.flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
        let wish = |coding: Coding| {
            let named = ranges.iter().find(|range| range.name.eq_ignore_ascii_case(coding.name()));
            let quality = named.or_else(|| ranges.iter().find(|range| range.name == "*")).map_or(0, |r| r.quality);
            (quality > 0).then_some((quality, coding))
        };
        let mut wishes: Vec<_> = [Coding::Brotli, Coding::Gzip].into_iter().filter_map(wish).collect();
        wishes.sort_by_key(|(quality, _)| Reverse(*quality));
        wishes.first().map(|(_, coding)| *coding)
    }

    pub async fn encode(self, body: Vec<u8>) -> std::io::Result<Vec<u8>> {
        if body.len() < LARGE {
            return self.encode_now(&body);
        }
        tokio::task::spawn_blocking(move || self.encode_now(&body)).await.map_err(std::io::Error::other)?
    }

    pub fn encode_now(self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        let packed = Vec::with_capacity(body.len() / 4);
        match self {
            Coding::Gzip => {
                let mut writer = GzEncoder::new(packed, flate2::Compression::new(5));
                writer.write_all(body)?;
                writer.finish()
            }
            Coding::Brotli => {
                let mut writer = brotli::CompressorWriter::new(packed, 4096, BROTLI_QUALITY, BROTLI_WINDOW);
                writer.write_all(body)?;
                writer.flush()?;
                Ok(writer.into_inner())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &str, size: usize) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accept.parse().unwrap());
        Coding::wanted(&headers, size)
    }

    #[test]
    fn only_what_the_client_takes_and_only_where_it_pays() {
        for (accept, coding) in [
            ("gzip, deflate, br, zstd", Some(Coding::Brotli)),
            ("gzip", Some(Coding::Gzip)),
            ("br;q=0.5, gzip;q=0.8", Some(Coding::Gzip)),
            ("br;q=0, *", Some(Coding::Gzip)),
            ("*", Some(Coding::Brotli)),
            ("gzip;q=0", None),
            ("identity", None),
            ("deflate", None),
            ("", None),
        ] {
            assert_eq!(wanted(accept, 5_000), coding, "{accept}");
        }
        assert_eq!(wanted("gzip, br", 1_000), None);
        assert_eq!(Coding::wanted(&HeaderMap::new(), 5_000), None);
    }
}
