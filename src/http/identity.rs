//! Whose request it is, and where it came from.

use std::net::IpAddr;

use poem::Request;
use poem::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::language;
use super::refusal::Refusal;
use super::trace::{ClientAddress, RequestId};
use crate::access::{Caller, Viewer};
use crate::account;
use crate::app::App;
use crate::error::Error;
use crate::store::Version;
use crate::text::message;

/// Who sent the request.
pub async fn caller(app: &App, request: &Request) -> Result<Caller, Refusal> {
    recognised(app, request).await.map(|(caller, _)| caller)
}

/// Who sent the request, and the state of the database that was seen while that was found out, where it was.
pub async fn recognised(app: &App, request: &Request) -> Result<(Caller, Option<Version>), Refusal> {
    let (viewer, seen) = viewer(app, request.headers()).await?;
    Ok((Caller { viewer, ..nobody(request) }, seen))
}

/// Whoever sent the request, as nobody in particular.
pub fn nobody(request: &Request) -> Caller {
    Caller {
        viewer: Viewer::ANONYMOUS,
        address: address(request),
        language: language::wanted(request.headers()),
        request: request.data::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
    }
}

/// The client's address, as [`super::forwarded`] finds it.
fn address(request: &Request) -> Option<IpAddr> {
    request.data::<ClientAddress>().map(|address| address.0)
}

/// The token's account, or nobody where there is no token. One that is bad or expired is refused, never taken for nobody.
async fn viewer(app: &App, headers: &HeaderMap) -> Result<(Viewer, Option<Version>), Refusal> {
    let Some(secret) = bearer(headers)? else {
        return Ok((Viewer::ANONYMOUS, None));
    };
    account::recognised(app, secret).await.map_err(|error| match error {
        Error::Unauthenticated => Refusal::bad_token(),
        Error::Busy => Refusal::busy(),
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

/// The token of a WebSocket's `connection_init`: `{"Authorization": "Bearer <token>"}`, whatever the case, perhaps inside
/// `headers`, or `{"token": "<token>"}`, or `{"authToken": "<token>"}`. `Err`: something else stands there, or more than one.
pub fn of_payload(payload: Option<&Map<String, Value>>) -> Result<Option<&str>, ()> {
    let Some(payload) = payload else { return Ok(None) };
    let inside = payload.get("headers").and_then(Value::as_object);
    let mut found = None;
    for (name, value) in payload.iter().chain(inside.into_iter().flatten()) {
        let bearer = name.eq_ignore_ascii_case("authorization");
        if value.is_null() || !(bearer || name == "token" || name == "authToken") {
            continue;
        }
        let text = value.as_str().ok_or(())?;
        let token = match text.split_once(' ') {
            Some((scheme, token)) if bearer && scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            None if !bearer => text,
            _ => return Err(()),
        };
        if !is_token(token) || found.replace(token).is_some() {
            return Err(());
        }
    }
    Ok(found)
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

    fn of(payload: Value) -> Result<Option<String>, ()> {
        of_payload(payload.as_object()).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn the_token_of_a_payload() {
        use serde_json::json;
        for payload in
            [json!(null), json!({}), json!({ "token": null }), json!({ "lang": "vi" }), json!({ "headers": {} })]
        {
            assert_eq!(of(payload.clone()), Ok(None), "{payload}");
        }
        for payload in [
            json!({ "Authorization": "Bearer byn_x" }),
            json!({ "authorization": "bearer byn_x" }),
            json!({ "token": "byn_x" }),
            json!({ "authToken": "byn_x", "token": null }),
            json!({ "headers": { "Authorization": "Bearer byn_x" } }),
        ] {
            assert_eq!(of(payload.clone()), Ok(Some("byn_x".to_owned())), "{payload}");
        }
        for payload in [
            json!({ "Authorization": "byn_x" }),
            json!({ "Authorization": "" }),
            json!({ "Authorization": "Basic x" }),
            json!({ "Authorization": 1 }),
            json!({ "token": "" }),
            json!({ "token": "a b" }),
            json!({ "token": {} }),
            json!({ "authToken": "Bearer byn_x" }),
            json!({ "token": "byn_x", "authToken": "byn_y" }),
            json!({ "Authorization": "Bearer byn_x", "authorization": "Bearer byn_y" }),
            json!({ "Authorization": "Bearer byn_x", "headers": { "Authorization": "Bearer byn_x" } }),
        ] {
            assert_eq!(of(payload.clone()), Err(()), "{payload}");
        }
    }
}
