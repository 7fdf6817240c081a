//! What stands below units, without the rows: events and participations by unit have in their indexes all that roll-ups read of them.
//! A row is found by its key for each event otherwise, which takes SQLite three times as long.

pub(crate) const UP: &str = "
{sqlite} DROP INDEX initiative_event_unit;
{sqlite} CREATE INDEX initiative_event_unit ON initiative_event
  (unit_id, programme_id, at, submitted_at, phase_id, group_id, action, from_state, to_state, claimed_benefit,
   benefit_not_computable, verified_benefit, was_claim, was_opaque, was_verified);
{sqlite} DROP INDEX participant_unit;
{sqlite} CREATE INDEX participant_unit ON participant (unit_id, programme_id, counted_to, phase_id, group_id);
{sqlite} ANALYZE initiative_event_unit;
{sqlite} ANALYZE participant_unit;
";
