//! Whose request it is, and where it came from.

use std::net::IpAddr;
use std::sync::Arc;

use super::viewer::Viewer;

/// Who asks, from where, in which request; cheap to clone.
#[derive(Clone, Debug)]
pub struct Caller {
    pub viewer: Viewer,
    /// The client's address, where it is known.
    pub address: Option<IpAddr>,
    /// The id of the request, as the log and the answer's `X-Request-Id` tell it.
    pub request: Arc<str>,
}
