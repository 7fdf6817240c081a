//! What counted at past instants, kept for closed time.
//!
//! A mark is an instant of a grade: everything before it is in the history of the units that are kept in that grade. A row holds
//! what a cell added up to at its mark and at every later one up to the cell's next row.

pub(crate) const UP: &str = "
CREATE TABLE rollup_keeper (id BIGINT PRIMARY KEY CHECK (id = 1), holder BIGINT NOT NULL, until BIGINT NOT NULL) {table};
INSERT INTO rollup_keeper (id, holder, until) VALUES (1, 0, 0);

CREATE TABLE rollup_mark (
  grade INTEGER NOT NULL,
  at BIGINT NOT NULL,
  events BIGINT NOT NULL,
  PRIMARY KEY (grade, at)
) {pairs};
INSERT INTO rollup_mark (grade, at, events) VALUES (0, 0, 0), (1, 0, 0), (2, 0, 0);

CREATE TABLE rollup_kept (
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  reported BOOLEAN NOT NULL,
  grade INTEGER NOT NULL,
  built BOOLEAN NOT NULL,
  PRIMARY KEY (unit_id, reported, grade)
) {pairs};
CREATE INDEX rollup_kept_unbuilt ON rollup_kept (unit_id) WHERE NOT built;

CREATE TABLE rollup_history (
  unit_id BIGINT NOT NULL,
  reported BOOLEAN NOT NULL,
  programme_id BIGINT NOT NULL,
  phase_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  bloc TEXT NOT NULL,
  at BIGINT NOT NULL,
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
  PRIMARY KEY (unit_id, reported, programme_id, phase_id, group_id, bloc, at)
) {pairs};

CREATE INDEX unit_inner ON unit (id) WHERE has_cells;
CREATE INDEX participant_account ON participant (account_id);
";
