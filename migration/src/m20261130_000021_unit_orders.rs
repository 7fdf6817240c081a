//! The orders of units with what filters and searches ask for, so that lines that are passed over are read in the index alone.

pub(crate) const UP: &str = "
DROP INDEX unit_name_sort;
DROP INDEX unit_kind;
{postgres} CREATE INDEX unit_by_name ON unit (name_sort, code) INCLUDE (id, name_lower, name_folded, kind, ended_at);
{sqlite} CREATE INDEX unit_by_name ON unit (name_sort, code, name_lower, name_folded, kind, ended_at);
{postgres} CREATE INDEX unit_by_code ON unit (code) INCLUDE (id, name_sort, name_lower, name_folded, kind, ended_at);
{sqlite} CREATE INDEX unit_by_code ON unit (code, name_sort, name_lower, name_folded, kind, ended_at);
{postgres} CREATE INDEX unit_by_kind ON unit (kind, name_sort, code) INCLUDE (id, name_lower, name_folded, ended_at);
{sqlite} CREATE INDEX unit_by_kind ON unit (kind, name_sort, code, name_lower, name_folded, ended_at);
{postgres} ANALYZE unit;
{sqlite} ANALYZE unit;
";
