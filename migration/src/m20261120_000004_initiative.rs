//! Initiatives, their authors, who is counted for them, and the ledger of events. Rows that copy an initiative's keys have no
//! foreign keys of their own: each would lock a shared row at every write.

pub(crate) const UP: &str = "
CREATE TABLE initiative (
  id BIGINT PRIMARY KEY,
  code TEXT {bytewise} NOT NULL UNIQUE,
  programme_id BIGINT NOT NULL REFERENCES programme (id),
  phase_id BIGINT NOT NULL REFERENCES phase (id),
  group_id BIGINT NOT NULL REFERENCES participant_group (id),
  unit_id BIGINT NOT NULL REFERENCES unit (id),
  first_author_id BIGINT NOT NULL REFERENCES account (id),
  solution TEXT NOT NULL,
  title TEXT NOT NULL,
  title_lower TEXT NOT NULL,
  title_folded TEXT NOT NULL,
  title_sort BYTEA NOT NULL,
  summary TEXT,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  applied_on DATE NOT NULL,
  claimed_benefit BIGINT CHECK (claimed_benefit >= 0),
  benefit_not_computable BOOLEAN NOT NULL,
  benefit_note TEXT,
  verified_benefit BIGINT CHECK (verified_benefit >= 0),
  counted_claim BIGINT NOT NULL,
  counted_opaque BOOLEAN NOT NULL,
  refusal_reason TEXT,
  refusal_text TEXT,
  recognition_number TEXT,
  recognition_authority TEXT,
  recognition_on DATE,
  submitted_at BIGINT,
  decided_at BIGINT,
  created_at BIGINT NOT NULL
) {table};
CREATE INDEX initiative_unit ON initiative (unit_id, programme_id, state);
CREATE INDEX initiative_submitted ON initiative (submitted_at, code);
CREATE INDEX initiative_claimed ON initiative (claimed_benefit, code);
CREATE INDEX initiative_verified ON initiative (verified_benefit, code);
CREATE INDEX initiative_title ON initiative (title_sort, code);

CREATE TABLE initiative_author (
  initiative_id BIGINT NOT NULL REFERENCES initiative (id),
  account_id BIGINT NOT NULL REFERENCES account (id),
  position INTEGER NOT NULL,
  share INTEGER NOT NULL CHECK (share > 0 AND share <= 10000),
  PRIMARY KEY (initiative_id, account_id)
) {pairs};
CREATE INDEX initiative_author_account ON initiative_author (account_id, initiative_id);

CREATE TABLE participant (
  initiative_id BIGINT NOT NULL REFERENCES initiative (id),
  account_id BIGINT NOT NULL,
  counted_from BIGINT NOT NULL,
  counted_to BIGINT,
  unit_id BIGINT NOT NULL,
  programme_id BIGINT NOT NULL,
  phase_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  PRIMARY KEY (initiative_id, account_id, counted_from)
) {pairs};
CREATE UNIQUE INDEX participant_now ON participant (initiative_id, account_id) WHERE counted_to IS NULL;
CREATE INDEX participant_unit ON participant (unit_id, programme_id);

CREATE TABLE initiative_event (
  initiative_id BIGINT NOT NULL REFERENCES initiative (id),
  seq INTEGER NOT NULL,
  action TEXT NOT NULL,
  from_state TEXT,
  to_state TEXT NOT NULL,
  at BIGINT NOT NULL,
  by_id BIGINT,
  unit_id BIGINT NOT NULL,
  programme_id BIGINT NOT NULL,
  phase_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  claimed_benefit BIGINT,
  benefit_not_computable BOOLEAN NOT NULL,
  verified_benefit BIGINT,
  authors TEXT NOT NULL,
  reason TEXT,
  note TEXT,
  PRIMARY KEY (initiative_id, seq)
) {pairs};
CREATE INDEX initiative_event_at ON initiative_event (at);
";
