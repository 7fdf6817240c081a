//! Whose request it is, and where it came from.

use std::net::IpAddr;

use poem::Request;
use poem::http::{HeaderMap, header};

use super::language;
use super::refusal::Refusal;
use super::trace::{ClientAddress, RequestId};
use crate::access::{Caller, Viewer};
use crate::account;
use crate::app::App;
use crate::error::Error;
use crate::text::message;

/// Who sent the request.
pub async fn caller(app: &App, request: &Request) -> Result<Caller, Refusal> {
    Ok(Caller {
        viewer: viewer(app, request.headers()).await?,
        address: address(request),
        language: language::wanted(request.headers()),
        request: request.data::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
    })
}

/// The client's address, as [`super::forwarded`] finds it.
fn address(request: &Request) -> Option<IpAddr> {
    request.data::<ClientAddress>().map(|address| address.0)
}

/// The token's account, or nobody where there is no token. One that is bad or expired is refused, never taken for nobody.
async fn viewer(app: &App, headers: &HeaderMap) -> Result<Viewer, Refusal> {
    let Some(secret) = bearer(headers)? else {
        return Ok(Viewer::ANONYMOUS);
    };
    account::viewer_of(app, secret).await.map_err(|error| match error {
        Error::Unauthenticated => Refusal::unauthenticated(message!("the token is unknown or has expired")),
        error => {
            tracing::error!(%error, "cannot look a token up");
            Refusal::internal()
        }
    })
}

/// The token of the header `Authorization: Bearer <token>` (RFC 6750, section 2.1), if there is that header.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    match (parts, values.next()) {
        (Some((scheme, token)), None) if scheme.eq_ignore_ascii_case("bearer") && is_token(token.trim()) => {
            Ok(Some(token.trim()))
        }
        _ => Err(Refusal::unauthenticated(message!("the header Authorization must be one: Bearer <token>"))),
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(values: &[&str]) -> Result<Option<String>, Refusal> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        bearer(&headers).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn a_token_or_nobody() {
        assert_eq!(sent(&[]).unwrap(), None);
        assert_eq!(sent(&["Bearer byn_x"]).unwrap().as_deref(), Some("byn_x"));
        assert_eq!(sent(&["bearer  byn_x "]).unwrap().as_deref(), Some("byn_x"));
    }

    #[test]
    fn anything_else_is_refused() {
        for value in ["", "Bearer", "Bearer ", "byn_x", "Basic dTpw", "Bearer a b", "Bearer\tbyn_x"] {
            assert!(sent(&[value]).is_err(), "{value}");
        }
        assert!(sent(&["Bearer a", "Bearer b"]).is_err());
    }
}
