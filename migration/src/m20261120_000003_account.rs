//! Accounts, grants, tokens, and what mutations with a key answered.

pub(crate) const UP: &str = "
CREATE TABLE account (
  id BIGINT PRIMARY KEY,
  display_name TEXT NOT NULL,
  email TEXT UNIQUE,
  phone TEXT UNIQUE,
  unit_id BIGINT REFERENCES unit (id),
  consent BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL
) {table};
CREATE INDEX account_unit ON account (unit_id);

CREATE TABLE role_grant (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES account (id),
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  role TEXT NOT NULL,
  granted_at BIGINT NOT NULL,
  UNIQUE (account_id, unit_id, role)
) {table};
CREATE INDEX role_grant_unit ON role_grant (unit_id);

CREATE TABLE token (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  hash BYTEA NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) {table};
CREATE INDEX token_account ON token (account_id);

CREATE TABLE idempotency_key (
  account_id BIGINT NOT NULL REFERENCES account (id),
  key TEXT NOT NULL,
  request_hash BYTEA NOT NULL,
  outcome TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (account_id, key)
) {pairs};
";
