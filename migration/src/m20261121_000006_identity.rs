//! How an account's person comes in: passwords, the identity provider, sessions, API tokens, one-time tokens; and the throttle.

pub(crate) const UP: &str = "
CREATE TABLE account_password (
  account_id BIGINT PRIMARY KEY REFERENCES account (id),
  hash TEXT NOT NULL,
  changed_at BIGINT NOT NULL
) {table};

CREATE TABLE account_identity (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  account_id BIGINT NOT NULL REFERENCES account (id),
  linked_at BIGINT NOT NULL,
  PRIMARY KEY (issuer, subject)
) {pairs};
CREATE UNIQUE INDEX account_identity_account ON account_identity (account_id, issuer);

CREATE TABLE session (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES account (id),
  name TEXT,
  created_at BIGINT NOT NULL,
  refreshed_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
) {table};
CREATE INDEX session_account ON session (account_id);

CREATE TABLE refresh_token (
  hash BYTEA PRIMARY KEY,
  session_id BIGINT NOT NULL REFERENCES session (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  retry_key BYTEA,
  nonce BYTEA
) {table};
CREATE INDEX refresh_token_session ON refresh_token (session_id);

ALTER TABLE token ADD COLUMN kind TEXT NOT NULL DEFAULT 'API';
ALTER TABLE token ADD COLUMN session_id BIGINT REFERENCES session (id);
ALTER TABLE token ADD COLUMN roles TEXT;
ALTER TABLE token ADD COLUMN unit_id BIGINT REFERENCES unit (id);
ALTER TABLE token ADD COLUMN made_by BIGINT REFERENCES account (id);
ALTER TABLE token ADD COLUMN revoked_at BIGINT;
ALTER TABLE token ADD COLUMN last_used_at BIGINT;
CREATE INDEX token_session ON token (session_id);
CREATE INDEX token_unit ON token (unit_id);

CREATE TABLE one_time_token (
  hash BYTEA PRIMARY KEY,
  purpose TEXT NOT NULL,
  account_id BIGINT NOT NULL REFERENCES account (id),
  made_by BIGINT REFERENCES account (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
) {table};
CREATE INDEX one_time_token_account ON one_time_token (account_id);

CREATE TABLE sign_in_throttle (
  key BYTEA PRIMARY KEY,
  failures BIGINT NOT NULL,
  failed_at BIGINT NOT NULL,
  blocked_until BIGINT NOT NULL,
  succeeded_at BIGINT
) {table};
CREATE INDEX sign_in_throttle_failed ON sign_in_throttle (failed_at);
";
