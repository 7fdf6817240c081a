//! Whose address a request comes from, where proxies stand between.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use poem::http::{HeaderMap, HeaderName, header};

/// Which proxies are believed, and what they write. Only one header is ever read: the other one comes from the client.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    pub trusted: Vec<IpNet>,
    pub header: ForwardedHeader,
}

/// The header that the proxies write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    #[default]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

impl Proxies {
    /// The client's address: from the last entry backwards the first one that no trusted proxy has. What stands before it the client
    /// may have written himself. Without a trusted proxy at the other end no header counts.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        for entry in self.entries(headers).into_iter().rev() {
            // What cannot be read ends the chain: the proxy that wrote it is the last one known.
            let Some(address) = address(&entry) else { break };
            client = address;
            if !self.trusts(client) {
                break;
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|net| net.contains(&address))
    }

    /// One for each proxy, in the order in which they were passed.
    fn entries(&self, headers: &HeaderMap) -> Vec<String> {
        let name = match self.header {
            ForwardedHeader::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
            ForwardedHeader::Forwarded => header::FORWARDED,
        };
        let values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
        let entries = values.flat_map(|value| value.split(','));
        match self.header {
            ForwardedHeader::XForwardedFor => entries.map(|entry| entry.trim().to_owned()).collect(),
            ForwardedHeader::Forwarded => entries.map(node).collect(),
        }
    }
}

/// The `for` of an element of `Forwarded`, without quotation marks; empty where there is none.
fn node(element: &str) -> String {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    named.next().map(|(_, value)| value.trim().trim_matches('"').to_owned()).unwrap_or_default()
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let found = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    found.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(header: ForwardedHeader, peer: &str, name: &'static str, values: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "::1/128", "fd00::/8"].map(|net| net.parse().unwrap()).to_vec();
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        Proxies { trusted, header }.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_last_address_that_no_trusted_proxy_has() {
        for (peer, values, expected) in [
            ("10.0.0.1", &["203.0.113.7"][..], "203.0.113.7"),
            // The client wrote the first one.
            ("10.0.0.1", &["1.2.3.4, 203.0.113.7, 10.0.0.2"], "203.0.113.7"),
            ("10.0.0.1", &["1.2.3.4", "203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", &["203.0.113.7:4711"], "203.0.113.7"),
            ("10.0.0.1", &["[2001:db8::7]:80"], "2001:db8::7"),
            ("::ffff:10.0.0.1", &["2001:db8::7"], "2001:db8::7"),
            ("10.0.0.1", &["10.0.0.9, 10.0.0.2"], "10.0.0.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            // Nobody who is trusted says so.
            ("203.0.113.9", &["1.2.3.4"], "203.0.113.9"),
        ] {
            assert_eq!(client(ForwardedHeader::XForwardedFor, peer, "x-forwarded-for", values), expected, "{values:?}");
        }
        let other = client(ForwardedHeader::XForwardedFor, "10.0.0.1", "forwarded", &["for=1.2.3.4"]);
        assert_eq!(other, "10.0.0.1", "the other header is not read");
    }

    #[test]
    fn the_standard_header() {
        for (value, expected) in [
            ("for=203.0.113.7;proto=https;by=10.0.0.1", "203.0.113.7"),
            ("for=1.2.3.4, For=\"[2001:db8::7]:4711\"; proto=https", "2001:db8::7"),
            ("for=\"_hidden\"", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
            ("for=unknown, for=10.0.0.2", "10.0.0.2"),
        ] {
            assert_eq!(client(ForwardedHeader::Forwarded, "10.0.0.1", "forwarded", &[value]), expected, "{value}");
        }
    }
}
