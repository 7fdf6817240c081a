//! People who are invited, and people who are erased.

pub(crate) const UP: &str = "
ALTER TABLE account ADD COLUMN erased_at BIGINT;

CREATE TABLE invitation (
  account_id BIGINT PRIMARY KEY REFERENCES account (id),
  email TEXT,
  phone TEXT,
  invited_by BIGINT REFERENCES account (id),
  invited_at BIGINT NOT NULL,
  accepted_at BIGINT
) {table};
CREATE INDEX invitation_invited_by ON invitation (invited_by);
";
