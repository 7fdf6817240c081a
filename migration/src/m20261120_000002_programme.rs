//! Programmes with their phases, groups and blocs, and targets with their history.

pub(crate) const UP: &str = "
CREATE TABLE programme (
  id BIGINT PRIMARY KEY,
  code TEXT {bytewise} NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_en TEXT,
  starts_on DATE NOT NULL,
  plan_ends_on DATE NOT NULL,
  visibility TEXT NOT NULL,
  public_level INTEGER NOT NULL CHECK (public_level >= 0),
  created_at BIGINT NOT NULL
) {table};

CREATE TABLE phase (
  id BIGINT PRIMARY KEY,
  programme_id BIGINT NOT NULL REFERENCES programme (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  applied_from DATE NOT NULL,
  applied_to DATE NOT NULL,
  entered_from DATE NOT NULL,
  entered_to DATE NOT NULL,
  UNIQUE (programme_id, code)
) {table};

CREATE TABLE participant_group (
  id BIGINT PRIMARY KEY,
  programme_id BIGINT NOT NULL REFERENCES programme (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  UNIQUE (programme_id, code)
) {table};

CREATE TABLE programme_bloc (
  programme_id BIGINT NOT NULL REFERENCES programme (id),
  bloc TEXT NOT NULL REFERENCES bloc (code),
  position INTEGER NOT NULL,
  PRIMARY KEY (programme_id, bloc)
) {pairs};

CREATE TABLE target (
  id BIGINT PRIMARY KEY,
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  programme_id BIGINT NOT NULL REFERENCES programme (id),
  kind TEXT NOT NULL,
  phase_id BIGINT NOT NULL,
  bloc TEXT NOT NULL,
  value INTEGER NOT NULL CHECK (value >= 0),
  bound TEXT NOT NULL,
  set_at BIGINT NOT NULL,
  UNIQUE (unit_id, programme_id, kind, phase_id, bloc)
) {table};

CREATE TABLE target_event (
  id BIGINT PRIMARY KEY,
  target_id BIGINT NOT NULL,
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  programme_id BIGINT NOT NULL REFERENCES programme (id),
  kind TEXT NOT NULL,
  phase_id BIGINT NOT NULL,
  bloc TEXT NOT NULL,
  value INTEGER,
  bound TEXT,
  at BIGINT NOT NULL,
  by_id BIGINT
) {table};
CREATE INDEX target_event_cell ON target_event (unit_id, programme_id, kind, phase_id, bloc, at);
";
