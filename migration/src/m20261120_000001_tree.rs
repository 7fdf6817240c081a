//! Units, their dated places and names, and today's closure.

pub(crate) const UP: &str = "
CREATE TABLE tree (id BIGINT PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL) {table};
INSERT INTO tree (id, version) VALUES (1, 0);

CREATE TABLE bloc (code TEXT PRIMARY KEY, name TEXT NOT NULL, name_en TEXT) {table};

CREATE TABLE unit (
  id BIGINT PRIMARY KEY,
  code TEXT {bytewise} NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_en TEXT,
  name_lower TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  name_sort BYTEA NOT NULL,
  kind TEXT NOT NULL,
  parent_id BIGINT REFERENCES unit (id),
  coordinator_id BIGINT REFERENCES unit (id),
  bloc TEXT REFERENCES bloc (code),
  sector TEXT,
  depth INTEGER NOT NULL CHECK (depth >= 0 AND (depth = 0) = (parent_id IS NULL)),
  has_cells BOOLEAN NOT NULL,
  established_on DATE,
  dissolved_on DATE,
  created_at BIGINT NOT NULL,
  CHECK (parent_id <> id)
) {table};
CREATE UNIQUE INDEX unit_one_root ON unit ((parent_id IS NULL)) WHERE parent_id IS NULL;
CREATE INDEX unit_parent ON unit (parent_id, name_sort, code);
CREATE INDEX unit_name_sort ON unit (name_sort, code);
CREATE INDEX unit_coordinator ON unit (coordinator_id);

CREATE TABLE unit_closure (
  ancestor_id BIGINT NOT NULL REFERENCES unit (id),
  descendant_id BIGINT NOT NULL REFERENCES unit (id),
  distance INTEGER NOT NULL CHECK (distance >= 0),
  PRIMARY KEY (ancestor_id, descendant_id)
) {pairs};
CREATE INDEX unit_closure_up ON unit_closure (descendant_id, ancestor_id, distance);

CREATE TABLE unit_placement (
  id BIGINT PRIMARY KEY,
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  parent_id BIGINT REFERENCES unit (id),
  coordinator_id BIGINT REFERENCES unit (id),
  kind TEXT NOT NULL,
  bloc TEXT,
  sector TEXT,
  reason TEXT,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT,
  recorded_at BIGINT NOT NULL,
  superseded_at BIGINT,
  CHECK (valid_to IS NULL OR valid_to >= valid_from)
) {table};
CREATE UNIQUE INDEX unit_placement_now ON unit_placement (unit_id) WHERE valid_to IS NULL AND superseded_at IS NULL;
CREATE INDEX unit_placement_unit ON unit_placement (unit_id, valid_from);

CREATE TABLE unit_name (
  id BIGINT PRIMARY KEY,
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  name TEXT NOT NULL,
  name_en TEXT,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT,
  recorded_at BIGINT NOT NULL,
  CHECK (valid_to IS NULL OR valid_to >= valid_from)
) {table};
CREATE UNIQUE INDEX unit_name_now ON unit_name (unit_id) WHERE valid_to IS NULL;
CREATE INDEX unit_name_unit ON unit_name (unit_id, valid_from);

INSERT INTO bloc (code, name, name_en) VALUES
  ('ENTERPRISE', 'Khối doanh nghiệp, đơn vị sự nghiệp ngoài công lập', 'Enterprises and non-public service units'),
  ('PUBLIC', 'Khối cơ quan hành chính, đơn vị sự nghiệp', 'Public administration and service units');
";
