//! From an HTTP request to a WebSocket (RFC 6455, section 4).

use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::{Request, Response};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::close::Close;
use super::connection::Connection;
use crate::access::Caller;
use crate::graphql::Api;
use crate::http::cors::Origin;
use crate::http::graphql::BODY_LIMIT;
use crate::http::hub::Hub;
use crate::http::origin;
use crate::http::refusal::Refusal;
use crate::text::message;

const PROTOCOL: &str = "graphql-transport-ws";

/// Whether the request wants to become a WebSocket.
pub fn is_upgrade(request: &Request) -> bool {
    *request.method() == Method::GET && lists(request.headers(), header::UPGRADE, "websocket")
}

/// Answers the handshake, and serves the connection from then on. `refused`: the header had a token that nobody has.
pub fn upgrade(
    api: &Api,
    hub: &Hub,
    origins: &[Origin],
    request: &Request,
    caller: Caller,
    refused: bool,
) -> Result<Response, Refusal> {
    let headers = request.headers();
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(Refusal::upgrade_required());
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let (Some(key), true) = (key, lists(headers, header::CONNECTION, "upgrade")) else {
        return Err(Refusal::bad_request(message!("this is no WebSocket handshake")));
    };
    let foreign = origin::is_foreign(headers, origins);
    if foreign && caller.viewer.account().is_some() {
        return Err(Refusal::foreign_origin());
    }
    let place = Some(hub.place(&caller).ok_or_else(Refusal::too_many_streams)?);
    let upgrading =
        request.take_upgrade().map_err(|_| Refusal::bad_request(message!("this connection cannot be upgraded")))?;
    let mut response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, derive_accept_key(key.as_bytes()));
    let spoken = lists(headers, header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL);
    if spoken {
        response = response.header(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL);
    }
    let connection = Connection { api: api.clone(), hub: hub.clone(), caller, foreign, refused, place };
    hub.spawn(async move {
        let Ok(upgraded) = upgrading.await else { return };
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config())).await;
        if spoken { connection.serve(socket).await } else { refuse(socket).await }
    });
    Ok(response.finish())
}

/// Who speaks none of the protocols learns so by the close: a browser hides everything else.
async fn refuse(mut socket: super::connection::Socket) {
    let _ = socket.close(Close::NoSubprotocol.frame()).await;
}

/// Small buffers, as most connections are idle; messages as large as a body may be.
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4 << 10)
        .write_buffer_size(0)
        .max_message_size(Some(BODY_LIMIT))
        .max_frame_size(Some(BODY_LIMIT))
}

/// Whether a header, a list separated by commas, has the word.
fn lists(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
}
