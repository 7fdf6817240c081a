//! What the hash chain hashes: the bytes of a line, of a batch, and the head that follows from them.
//!
//! A line's bytes are its columns in their order, each as a tag and a value: 0 for nothing; 1 and eight bytes, big-endian, for a
//! number; 2, the length as eight bytes, big-endian, and the bytes themselves for a text (UTF-8) or bytes. docs/audit.md tells
//! the same to whoever wants to count it anew with a program of his own.

use entity::{audit_batch, audit_entry};
use sea_orm::ActiveEnum;
use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// What stands before the first batch.
pub const GENESIS: Hash = [0; 32];

const LINE: &[u8] = b"banyan audit line 1";
const BATCH: &[u8] = b"banyan audit batch 1";
const HEAD: &[u8] = b"banyan audit head 1";

struct Canonical(Sha256);

impl Canonical {
    fn of(what: &[u8]) -> Canonical {
        Canonical(Sha256::new()).bytes(Some(what))
    }

    fn int(mut self, value: Option<i64>) -> Canonical {
        match value {
            None => self.0.update([0]),
            Some(value) => {
                self.0.update([1]);
                self.0.update(value.to_be_bytes());
            }
        }
        self
    }

    fn bytes(mut self, value: Option<&[u8]>) -> Canonical {
        match value {
            None => self.0.update([0]),
            Some(value) => {
                self.0.update([2]);
                self.0.update((value.len() as u64).to_be_bytes());
                self.0.update(value);
            }
        }
        self
    }

    fn text(self, value: Option<&str>) -> Canonical {
        self.bytes(value.map(str::as_bytes))
    }

    fn end(self) -> Hash {
        self.0.finalize().into()
    }
}

/// The hash of a line.
pub fn line(line: &audit_entry::Model) -> Hash {
    Canonical::of(LINE)
        .int(Some(line.id))
        .int(Some(line.at))
        .text(Some(&line.action))
        .text(Some(&line.outcome.to_value()))
        .text(Some(&line.codes))
        .text(Some(&line.source.to_value()))
        .int(line.actor_id)
        .text(line.credential.map(|credential| credential.to_value()).as_deref())
        .int(line.credential_id)
        .int(line.unit_id)
        .text(line.object.map(|object| object.to_value()).as_deref())
        .int(line.object_id)
        .text(Some(&line.changes))
        .bytes(line.salt.as_deref())
        .text(line.address.as_deref())
        .text(line.request.as_deref())
        .end()
}

/// The hashes of a batch's lines, in order, as one.
pub struct BatchDigest(Canonical);

impl BatchDigest {
    pub fn new() -> BatchDigest {
        BatchDigest(Canonical::of(BATCH))
    }

    pub fn add(self, line: &[u8]) -> BatchDigest {
        BatchDigest(self.0.bytes(Some(line)))
    }

    pub fn end(self) -> Hash {
        self.0.end()
    }
}

/// The head that a batch's row gives: it holds everything else in the row, and through `previous` everything before it.
pub fn head(batch: &audit_batch::Model) -> Hash {
    Canonical::of(HEAD)
        .int(Some(batch.n))
        .int(Some(batch.entries))
        .int(Some(batch.first_id))
        .int(Some(batch.last_id))
        .int(Some(batch.closed_to))
        .int(Some(batch.sealed_at))
        .bytes(Some(&batch.digest))
        .bytes(Some(&batch.previous))
        .end()
}

/// In hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What 64 hexadecimal digits say.
pub fn from_hex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use entity::enums::{AuditObject, AuditOutcome, AuditSource};

    use super::*;

    fn sample() -> audit_entry::Model {
        audit_entry::Model {
            id: 7,
            at: 1_772_416_800_000,
            action: "unitRename".to_owned(),
            outcome: AuditOutcome::Done,
            codes: String::new(),
            source: AuditSource::Api,
            actor_id: Some(3),
            credential: None,
            credential_id: None,
            unit_id: Some(5),
            object: Some(AuditObject::Unit),
            object_id: Some(5),
            changes: "[{\"f\":\"name\",\"b\":\"Cũ\",\"a\":\"Mới\"}]".to_owned(),
            salt: None,
            address: Some("192.0.2.1".to_owned()),
            request: Some("r".to_owned()),
        }
    }

    /// A log that was sealed is checked by every later version: these bytes are for ever.
    #[test]
    fn the_hash_of_a_line_never_changes() {
        assert_eq!(hex(&line(&sample())), "cbb953f0e49679b4bcc9b6d8d1e89256d2964fc0727bed74aa86d9c71153e9dd");
    }

    #[test]
    fn every_column_counts_and_none_flows_into_the_next() {
        let base = line(&sample());
        let changed = [
            audit_entry::Model { id: 8, ..sample() },
            audit_entry::Model { at: 0, ..sample() },
            audit_entry::Model { action: "unitMove".to_owned(), ..sample() },
            audit_entry::Model { outcome: AuditOutcome::Denied, ..sample() },
            audit_entry::Model { codes: "FORBIDDEN".to_owned(), ..sample() },
            audit_entry::Model { source: AuditSource::Server, ..sample() },
            audit_entry::Model { actor_id: None, ..sample() },
            audit_entry::Model { credential: Some(entity::enums::AuditCredential::Token), ..sample() },
            audit_entry::Model { credential_id: Some(1), ..sample() },
            audit_entry::Model { unit_id: None, ..sample() },
            audit_entry::Model { object: None, ..sample() },
            audit_entry::Model { object_id: None, ..sample() },
            audit_entry::Model { changes: "[]".to_owned(), ..sample() },
            audit_entry::Model { salt: Some(Vec::new()), ..sample() },
            audit_entry::Model { address: None, ..sample() },
            audit_entry::Model { request: None, ..sample() },
            audit_entry::Model { address: Some("192.0.2.1r".to_owned()), request: Some(String::new()), ..sample() },
        ];
        for other in changed {
            assert_ne!(line(&other), base, "{other:?}");
        }
    }

    #[test]
    fn hexadecimal_digits_come_back() {
        let hash = line(&sample());
        assert_eq!(from_hex(&hex(&hash)), Some(hash));
        assert_eq!(from_hex(&hex(&hash).to_uppercase()), Some(hash));
        for bad in ["", "00", &"é".repeat(32), &"+1".repeat(32)] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }
}
