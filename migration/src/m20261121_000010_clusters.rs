//! Named emulation clusters and their dated members. A period is half open: from `since`, before `until`; they are under the
//! tree's lock, so that no two of them bear one instant.

pub(crate) const UP: &str = "
CREATE TABLE cluster (
  id BIGINT PRIMARY KEY,
  code TEXT {bytewise} NOT NULL UNIQUE,
  name TEXT NOT NULL,
  owner_id BIGINT NOT NULL REFERENCES unit (id),
  version INTEGER NOT NULL,
  created_at BIGINT NOT NULL
) {table};
CREATE INDEX cluster_owner ON cluster (owner_id, code);

CREATE TABLE cluster_member (
  cluster_id BIGINT NOT NULL REFERENCES cluster (id),
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  since BIGINT NOT NULL,
  until BIGINT,
  PRIMARY KEY (cluster_id, unit_id, since),
  CHECK (until > since)
) {pairs};
CREATE UNIQUE INDEX cluster_member_now ON cluster_member (unit_id, cluster_id) WHERE until IS NULL;
";
