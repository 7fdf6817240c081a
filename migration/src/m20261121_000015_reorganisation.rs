//! Reorganisations: plans with their steps, what they changed, the lineage of units; and a tree in which units end.
//!
//! A row of the closure says where the records of its descendant are seated: at the descendant itself, or, once that has ended, at
//! its successor. A row that is `ended` leads from an ended unit to itself, for the grants on it; nothing is credited by it.
//! `since` and `until` are when a row was recorded; `holds_from` and `holds_to`, where they are given, when it held. A past row that
//! is not `reported` was never recorded: it tells where a unit is seated before its beginning.

pub(crate) const UP: &str = "
ALTER TABLE unit ADD COLUMN ended_at BIGINT;
ALTER TABLE unit ADD COLUMN begins_at BIGINT;

ALTER TABLE unit_closure ADD COLUMN holds_from BIGINT;
ALTER TABLE unit_closure ADD COLUMN seat_id BIGINT REFERENCES unit (id);
ALTER TABLE unit_closure ADD COLUMN ended BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE unit_closure_past ADD COLUMN holds_from BIGINT;
ALTER TABLE unit_closure_past ADD COLUMN holds_to BIGINT;
ALTER TABLE unit_closure_past ADD COLUMN seat_id BIGINT REFERENCES unit (id);
ALTER TABLE unit_closure_past ADD COLUMN reported BOOLEAN NOT NULL DEFAULT TRUE;

CREATE TABLE unit_code (
  code TEXT {bytewise} PRIMARY KEY,
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL
) {table};
CREATE INDEX unit_code_unit ON unit_code (unit_id);

CREATE TABLE reorganisation (
  id BIGINT PRIMARY KEY,
  code TEXT {bytewise} NOT NULL UNIQUE,
  name TEXT NOT NULL,
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  reason TEXT,
  effective_at BIGINT,
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  proposed_by BIGINT,
  proposed_at BIGINT,
  confirmed_by BIGINT,
  applied_at BIGINT,
  undoes_id BIGINT REFERENCES reorganisation (id),
  undone_by_id BIGINT REFERENCES reorganisation (id),
  faults TEXT,
  report TEXT
) {table};
CREATE INDEX reorganisation_unit ON reorganisation (unit_id, created_at);
CREATE INDEX reorganisation_due ON reorganisation (effective_at) WHERE state = 'SCHEDULED';

CREATE TABLE reorganisation_step (
  reorganisation_id BIGINT NOT NULL REFERENCES reorganisation (id),
  position INTEGER NOT NULL,
  operation TEXT NOT NULL,
  input TEXT NOT NULL,
  certainty TEXT NOT NULL,
  held BOOLEAN NOT NULL,
  note TEXT,
  PRIMARY KEY (reorganisation_id, position)
) {pairs};

CREATE TABLE reorganisation_change (
  reorganisation_id BIGINT NOT NULL REFERENCES reorganisation (id),
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  was TEXT,
  became TEXT NOT NULL,
  PRIMARY KEY (reorganisation_id, unit_id)
) {pairs};
CREATE INDEX reorganisation_change_unit ON reorganisation_change (unit_id);

CREATE TABLE unit_lineage (
  predecessor_id BIGINT NOT NULL REFERENCES unit (id),
  successor_id BIGINT NOT NULL REFERENCES unit (id),
  reorganisation_id BIGINT NOT NULL REFERENCES reorganisation (id),
  valid_from BIGINT NOT NULL,
  valid_to BIGINT,
  PRIMARY KEY (predecessor_id, successor_id, reorganisation_id)
) {pairs};
CREATE INDEX unit_lineage_successor ON unit_lineage (successor_id);
";
