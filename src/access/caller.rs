//! Whose request it is, and where it came from.

use std::net::IpAddr;
use std::sync::Arc;

use super::viewer::Viewer;
use crate::text::Language;

/// Who asks, from where, in which request; cheap to clone.
#[derive(Clone, Debug)]
pub struct Caller {
    pub viewer: Viewer,
    /// The client's address, where it is known.
    pub address: Option<IpAddr>,
    /// The language that he asked for; with none, messages are English and labels Vietnamese, as the names beside them.
    pub language: Option<Language>,
    /// The id of the request, as the log and the answer's `X-Request-Id` tell it.
    pub request: Arc<str>,
}

impl Caller {
    /// Nobody from nowhere: the server itself.
    pub fn nobody() -> Caller {
        Caller { viewer: Viewer::ANONYMOUS, address: None, language: None, request: Arc::from("") }
    }

    /// The language of messages for him.
    pub fn messages(&self) -> Language {
        self.language.unwrap_or(Language::English)
    }

    /// The language of labels for him.
    pub fn labels(&self) -> Language {
        self.language.unwrap_or(Language::Vietnamese)
    }
}
