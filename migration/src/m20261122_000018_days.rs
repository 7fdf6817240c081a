//! What goes by days, of whole programmes, kept for closed time: a row says what the events between a mark of grade 1 and the one before it
//! changed. Numbers of local days belong to a time zone: `days_zone` is the one that they are kept in; none: they are to be built.
//! They are kept up to the mark `days_upto`: a server of before sets marks without them.
//!
//! And PostgreSQL's index of words puts off a little after all (64 kB, some 70 titles): each span asked for reads what is put off, and
//! without putting off writing takes five times as long.

pub(crate) const UP: &str = "
CREATE TABLE rollup_day (
  programme_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  day BIGINT NOT NULL,
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
  PRIMARY KEY (programme_id, at, day, phase_id, group_id)
) {pairs};

CREATE TABLE rollup_activity (
  programme_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  day BIGINT NOT NULL,
  action TEXT NOT NULL,
  phase_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  events BIGINT NOT NULL,
  PRIMARY KEY (programme_id, at, day, action, phase_id, group_id)
) {pairs};

CREATE TABLE rollup_turnout (
  programme_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  period TEXT NOT NULL,
  number BIGINT NOT NULL,
  persons BIGINT NOT NULL,
  PRIMARY KEY (programme_id, period, at, number)
) {pairs};

ALTER TABLE rollup_keeper ADD COLUMN days_zone TEXT;
ALTER TABLE rollup_keeper ADD COLUMN days_upto BIGINT NOT NULL DEFAULT 0;

{postgres} ALTER INDEX initiative_text_words SET (fastupdate = on, gin_pending_list_limit = 64);
";
