//! What happened between two marks of history, kept with the later one: so an instant between them is told by rows alone.

pub(crate) const UP: &str = "
ALTER TABLE rollup_history ADD COLUMN steps BYTEA;
ALTER TABLE rollup_mark ADD COLUMN stepped BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE rollup_mark SET stepped = TRUE WHERE at = 0;
CREATE INDEX rollup_mark_plain ON rollup_mark (grade, at) WHERE NOT stepped;
";
