//! Bundles: records that a split took out of a unit. To the ledger a bundle is a unit that has ended and is seated elsewhere; to people
//! its records are those of the unit in which they were sent in.

pub(crate) const UP: &str = "
ALTER TABLE unit ADD COLUMN bundle_of_id BIGINT REFERENCES unit (id);
";
