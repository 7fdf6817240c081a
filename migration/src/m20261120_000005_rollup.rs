//! The roll-ups: own records, persons, stored cells, and the queue of differences that are not folded yet.

pub(crate) const UP: &str = "
CREATE TABLE rollup_own (
  unit_id BIGINT NOT NULL,
  programme_id BIGINT NOT NULL,
  phase_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  pending BIGINT NOT NULL,
  returned BIGINT NOT NULL,
  approved BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  revoked BIGINT NOT NULL,
  claimed_pending BIGINT NOT NULL,
  claimed_returned BIGINT NOT NULL,
  claimed_approved BIGINT NOT NULL,
  verified BIGINT NOT NULL,
  opaque_pending BIGINT NOT NULL,
  opaque_returned BIGINT NOT NULL,
  opaque_approved BIGINT NOT NULL,
  PRIMARY KEY (unit_id, programme_id, phase_id, group_id)
) {pairs};

CREATE TABLE rollup_person (
  account_id BIGINT NOT NULL,
  programme_id BIGINT NOT NULL,
  unit_id BIGINT NOT NULL,
  phase_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (account_id, programme_id, unit_id, phase_id, group_id)
) {pairs};
CREATE INDEX rollup_person_unit ON rollup_person (unit_id, programme_id);

CREATE TABLE rollup_cell (
  unit_id BIGINT NOT NULL,
  programme_id BIGINT NOT NULL,
  phase_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  bloc TEXT NOT NULL,
  pending BIGINT NOT NULL,
  returned BIGINT NOT NULL,
  approved BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  revoked BIGINT NOT NULL,
  claimed_pending BIGINT NOT NULL,
  claimed_returned BIGINT NOT NULL,
  claimed_approved BIGINT NOT NULL,
  verified BIGINT NOT NULL,
  opaque_pending BIGINT NOT NULL,
  opaque_returned BIGINT NOT NULL,
  opaque_approved BIGINT NOT NULL,
  participants BIGINT NOT NULL,
  PRIMARY KEY (unit_id, programme_id, phase_id, group_id, bloc)
) {pairs};

CREATE TABLE rollup_delta (
  id BIGINT PRIMARY KEY,
  unit_id BIGINT NOT NULL,
  programme_id BIGINT NOT NULL,
  phase_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  account_id BIGINT,
  pending BIGINT NOT NULL,
  returned BIGINT NOT NULL,
  approved BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  revoked BIGINT NOT NULL,
  claimed_pending BIGINT NOT NULL,
  claimed_returned BIGINT NOT NULL,
  claimed_approved BIGINT NOT NULL,
  verified BIGINT NOT NULL,
  opaque_pending BIGINT NOT NULL,
  opaque_returned BIGINT NOT NULL,
  opaque_approved BIGINT NOT NULL,
  n BIGINT NOT NULL,
  set_aside BOOLEAN NOT NULL
) {table};
CREATE INDEX rollup_delta_programme ON rollup_delta (programme_id);
";
