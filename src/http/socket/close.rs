//! Why a connection is closed, as the protocol numbers it.

use std::borrow::Cow;

use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// The longest reason that a frame can bear, in bytes.
const LONGEST: usize = 123;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Close {
    /// There is nobody to tell.
    Gone,
    /// The client closes, and waits for the answer.
    ByClient,
    ServerStops,
    ProtocolError,
    NotUtf8,
    TooBig,
    Invalid(Cow<'static, str>),
    NotInitialised,
    /// The credential is refused, or holds no more.
    Forbidden(&'static str),
    InitTimeout,
    NoSubprotocol,
    Duplicate(String),
    InitTwice,
    TooMany,
    /// The server failed; the log says how.
    Internal,
}

impl Close {
    pub fn frame(&self) -> Option<CloseFrame> {
        let (code, reason): (u16, Cow<'static, str>) = match self {
            Close::Gone | Close::ByClient => return None,
            Close::ServerStops => (1001, "The server is stopping".into()),
            Close::ProtocolError => (1002, "Protocol error".into()),
            Close::NotUtf8 => (1007, "Text must be UTF-8".into()),
            Close::TooBig => (1009, "Message too big".into()),
            Close::Invalid(why) => (4400, why.clone()),
            Close::NotInitialised => (4401, "Unauthorized".into()),
            Close::Forbidden(why) => (4403, (*why).into()),
            Close::NoSubprotocol => (4406, "Subprotocol not acceptable".into()),
            Close::InitTimeout => (4408, "Connection initialisation timeout".into()),
            Close::Duplicate(id) => (4409, format!("Subscriber for {id} already exists").into()),
            Close::InitTwice => (4429, "Too many initialisation requests".into()),
            Close::Internal => (4500, "Internal server error".into()),
            Close::TooMany => (4429, "Too many connections".into()),
        };
        Some(CloseFrame { code: CloseCode::from(code), reason: clipped(&reason).into() })
    }
}

/// As much of a reason as a frame can bear.
fn clipped(reason: &str) -> &str {
    let mut end = reason.len().min(LONGEST);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    &reason[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_never_too_long_for_a_frame() {
        for id in ["", "a", &"x".repeat(500), &"ữ".repeat(200)] {
            let frame = Close::Duplicate(id.to_owned()).frame().unwrap();
            assert!(frame.reason.len() <= LONGEST && frame.reason.starts_with("Subscriber for"), "{frame:?}");
        }
    }
}
