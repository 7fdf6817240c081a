//! Roll-ups at any instant: what each event changes can be told from the event alone, and a closure that is dated.
//!
//! `was_*` is what counted of the initiative before the event, so that the sum of what events change up to an instant is what
//! counted then. A row of the closure holds from `since` (0: from the unit's beginning); those that hold no more are in
//! `unit_closure_past`.

pub(crate) const UP: &str = "
ALTER TABLE tree ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;

ALTER TABLE initiative_event ADD COLUMN submitted_at BIGINT;
ALTER TABLE initiative_event ADD COLUMN was_claim BIGINT NOT NULL DEFAULT 0;
ALTER TABLE initiative_event ADD COLUMN was_opaque BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE initiative_event ADD COLUMN was_verified BIGINT NOT NULL DEFAULT 0;

UPDATE initiative_event SET submitted_at = (
  SELECT MIN(s.at) FROM initiative_event s
  WHERE s.initiative_id = initiative_event.initiative_id AND s.action = 'SUBMIT' AND s.seq <= initiative_event.seq
);
UPDATE initiative_event SET
  was_claim = COALESCE((
    SELECT s.claimed_benefit FROM initiative_event s WHERE s.initiative_id = initiative_event.initiative_id
      AND s.action = 'SUBMIT' AND s.seq < initiative_event.seq ORDER BY s.seq DESC LIMIT 1), 0),
  was_opaque = COALESCE((
    SELECT s.benefit_not_computable FROM initiative_event s WHERE s.initiative_id = initiative_event.initiative_id
      AND s.action = 'SUBMIT' AND s.seq < initiative_event.seq ORDER BY s.seq DESC LIMIT 1), FALSE),
  was_verified = CASE WHEN from_state = 'APPROVED' THEN COALESCE((
    SELECT s.verified_benefit FROM initiative_event s WHERE s.initiative_id = initiative_event.initiative_id
      AND s.action = 'APPROVE' AND s.seq < initiative_event.seq ORDER BY s.seq DESC LIMIT 1), 0) ELSE 0 END
WHERE submitted_at IS NOT NULL;
CREATE INDEX initiative_event_unit ON initiative_event (unit_id, programme_id, at);
CREATE INDEX target_event_at ON target_event (at);

ALTER TABLE unit_closure ADD COLUMN since BIGINT NOT NULL DEFAULT 0;

CREATE TABLE unit_closure_past (
  ancestor_id BIGINT NOT NULL REFERENCES unit (id),
  descendant_id BIGINT NOT NULL REFERENCES unit (id),
  distance INTEGER NOT NULL CHECK (distance >= 0),
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (ancestor_id, descendant_id, since),
  CHECK (until > since)
) {pairs};
CREATE INDEX unit_closure_past_up ON unit_closure_past (descendant_id, ancestor_id);
";
