//! Lists of one phase or group: an index along which each of them has its own order by time, and in which a small one can be read whole.

pub(crate) const UP: &str = "
{postgres} CREATE INDEX initiative_slice ON initiative (phase_id, group_id, submitted_at DESC, code)
  INCLUDE (id, unit_id, programme_id, state);
{sqlite} CREATE INDEX initiative_slice ON initiative (phase_id, group_id, submitted_at DESC, code, unit_id, programme_id, state);
";
