//! Node ids: opaque to clients, a type and its key inside.

use async_graphql::ID;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// What a node id names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NodeId {
    Account(i64),
    AuditEntry(i64),
    ApiToken(i64),
    Cluster(i64),
    Grant(i64),
    Initiative(i64),
    /// Initiative and the event's number.
    InitiativeEvent(i64, i32),
    Programme(i64),
    Reorganisation(i64),
    Session(i64),
    Target(i64),
    Unit(i64),
    /// Unit, programme and the slice as text.
    Rollup(i64, i64, String),
}

impl NodeId {
    pub fn encode(&self) -> ID {
        let mut bytes = Vec::with_capacity(16);
        let mut put = |tag: u8, id: &i64| {
            bytes.push(tag);
            bytes.extend_from_slice(&id.to_be_bytes());
        };
        match self {
            NodeId::Account(id) => put(b'a', id),
            NodeId::AuditEntry(id) => put(b'l', id),
            NodeId::ApiToken(id) => put(b'k', id),
            NodeId::Cluster(id) => put(b'c', id),
            NodeId::Grant(id) => put(b'g', id),
            NodeId::Initiative(id) => put(b'i', id),
            NodeId::Programme(id) => put(b'p', id),
            NodeId::Reorganisation(id) => put(b'o', id),
            NodeId::Session(id) => put(b's', id),
            NodeId::Target(id) => put(b't', id),
            NodeId::Unit(id) => put(b'u', id),
            NodeId::InitiativeEvent(id, seq) => {
                put(b'e', id);
                bytes.extend_from_slice(&seq.to_be_bytes());
            }
            NodeId::Rollup(unit, programme, slice) => {
                put(b'r', unit);
                bytes.extend_from_slice(&programme.to_be_bytes());
                bytes.extend_from_slice(slice.as_bytes());
            }
        }
        ID(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// `None` where it is no id of this server.
    pub fn decode(id: &ID) -> Option<NodeId> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(id.as_bytes()).ok()?;
        let (tag, rest) = bytes.split_first()?;
        let (key, rest) = rest.split_first_chunk::<8>()?;
        let id = i64::from_be_bytes(*key);
        let whole = |node: NodeId| rest.is_empty().then_some(node);
        match tag {
            b'a' => whole(NodeId::Account(id)),
            b'c' => whole(NodeId::Cluster(id)),
            b'l' => whole(NodeId::AuditEntry(id)),
            b'g' => whole(NodeId::Grant(id)),
            b'i' => whole(NodeId::Initiative(id)),
            b'k' => whole(NodeId::ApiToken(id)),
            b's' => whole(NodeId::Session(id)),
            b'p' => whole(NodeId::Programme(id)),
            b'o' => whole(NodeId::Reorganisation(id)),
            b't' => whole(NodeId::Target(id)),
            b'u' => whole(NodeId::Unit(id)),
            b'e' => Some(NodeId::InitiativeEvent(id, i32::from_be_bytes(rest.try_into().ok()?))),
            b'r' => {
                let (programme, slice) = rest.split_first_chunk::<8>()?;
                Some(NodeId::Rollup(id, i64::from_be_bytes(*programme), String::from_utf8(slice.to_vec()).ok()?))
            }
            _ => None,
        }
    }

    pub fn initiative(id: &ID) -> Option<i64> {
        match NodeId::decode(id)? {
            NodeId::Initiative(id) => Some(id),
            _ => None,
        }
    }

    pub fn session(id: &ID) -> Option<i64> {
        match NodeId::decode(id)? {
            NodeId::Session(id) => Some(id),
            _ => None,
        }
    }

    pub fn api_token(id: &ID) -> Option<i64> {
        match NodeId::decode(id)? {
            NodeId::ApiToken(id) => Some(id),
            _ => None,
        }
    }

    pub fn account(id: &ID) -> Option<i64> {
        match NodeId::decode(id)? {
            NodeId::Account(id) => Some(id),
            _ => None,
        }
    }
}

/// The node id of an account, for the command line.
pub fn account_node_id(id: i64) -> String {
    NodeId::Account(id).encode().0
}

/// The node id of an API token, for the command line.
pub fn token_node_id(id: i64) -> String {
    NodeId::ApiToken(id).encode().0
}

/// Which API token a node id names, for the command line.
pub fn token_id(node_id: &str) -> Option<i64> {
    NodeId::api_token(&ID(node_id.to_owned()))
}

/// Which account a node id names, for the command line.
pub fn account_id(node_id: &str) -> Option<i64> {
    NodeId::account(&ID(node_id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_and_nothing_else_does() {
        let ids = [
            NodeId::Account(1),
            NodeId::Unit(i64::MAX),
            NodeId::InitiativeEvent(7, 3),
            NodeId::Rollup(1, 2, "{\"phase\":[\"1\"]}".to_owned()),
        ];
        for id in ids {
            assert_eq!(NodeId::decode(&id.encode()), Some(id));
        }
        for bad in ["", "x", "!!!", "dQ", "dQAAAAAAAAABAA", "YQAAAAAAAAAB\u{0}"] {
            assert_eq!(NodeId::decode(&ID(bad.to_owned())), None, "{bad}");
        }
    }
}
