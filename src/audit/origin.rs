//! By whom and from where something in the audit log was done.

use entity::enums::{AuditCredential, AuditSource};

use crate::access::{Caller, Credential};

/// Who did it, by which way.
#[derive(Clone, Debug)]
pub struct Origin {
    pub(super) source: AuditSource,
    pub(super) actor: Option<i64>,
    pub(super) credential: Option<AuditCredential>,
    pub(super) credential_id: Option<i64>,
    pub(super) address: Option<String>,
    pub(super) request: Option<String>,
}

impl Origin {
    /// Whoever works at the server's command line.
    pub const COMMAND_LINE: Origin = Origin::own(AuditSource::CommandLine);

    /// The server itself, by its settings.
    pub const SERVER: Origin = Origin::own(AuditSource::Server);

    const fn own(source: AuditSource) -> Origin {
        Origin { source, actor: None, credential: None, credential_id: None, address: None, request: None }
    }
}

impl From<&Caller> for Origin {
    fn from(caller: &Caller) -> Origin {
        if caller.viewer.credential() == Credential::Shell {
            return Origin::COMMAND_LINE;
        }
        let (credential, credential_id) = match caller.viewer.credential() {
            Credential::None | Credential::Shell => (None, None),
            Credential::Session { session, .. } => (Some(AuditCredential::Session), Some(session)),
            Credential::Api { token } | Credential::CommandLine { token } => {
                (Some(AuditCredential::Token), Some(token))
            }
            Credential::Provider => (Some(AuditCredential::Provider), None),
        };
        Origin {
            source: AuditSource::Api,
            actor: caller.viewer.account(),
            credential,
            credential_id,
            address: caller.address.map(|address| address.to_string()),
            request: (!caller.request.is_empty()).then(|| caller.request.to_string()),
        }
    }
}
