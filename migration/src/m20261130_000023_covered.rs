//! What is read of many persons and units at past instants, without the rows: whose records a person has, and the way up from a unit, with
//! all that conditions ask of them.

pub(crate) const UP: &str = "
DROP INDEX participant_account;
CREATE INDEX participant_account ON participant
  (account_id, programme_id, counted_from, counted_to, unit_id, phase_id, group_id);
DROP INDEX unit_closure_up;
CREATE INDEX unit_closure_up ON unit_closure (descendant_id, ancestor_id, distance, ended, since);
{sqlite} ANALYZE participant_account;
{sqlite} ANALYZE unit_closure_up;
";
