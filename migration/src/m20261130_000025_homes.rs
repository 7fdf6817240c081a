//! Where a reorganisation took people from, so that it can be taken back for all of them.

pub(crate) const UP: &str = "
CREATE TABLE reorganisation_home (
  reorganisation_id BIGINT NOT NULL REFERENCES reorganisation (id),
  account_id BIGINT NOT NULL REFERENCES account (id),
  was_unit_id BIGINT NOT NULL REFERENCES unit (id),
  became_unit_id BIGINT NOT NULL REFERENCES unit (id),
  PRIMARY KEY (reorganisation_id, account_id)
) {pairs};
CREATE INDEX reorganisation_home_account ON reorganisation_home (account_id);
";
