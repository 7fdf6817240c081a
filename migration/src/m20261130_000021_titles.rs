//! Titles below a unit, without their rows: what is searched for in a unit is looked for among them, whatever else it stands in.
//!
//! On PostgreSQL the index of words has a table of its own, which approvals leave alone: the texts stand in it now, with the unit, and an
//! index has them by unit. On SQLite the index stands on the rows themselves; an approval does not change what it has.
//!
//! And the index of what follows a code's first sign has the code, so that counting asks no rows.

pub(crate) const UP: &str = "
{postgres} DROP TRIGGER initiative_text_new ON initiative;
{postgres} DROP TRIGGER initiative_text_other ON initiative;
{postgres} DROP TABLE initiative_text;
{postgres} CREATE TABLE initiative_text (id BIGINT PRIMARY KEY, unit_id BIGINT NOT NULL, span BIGINT NOT NULL,
  title_folded TEXT NOT NULL, title_lower TEXT NOT NULL, code TEXT NOT NULL);
{postgres} INSERT INTO initiative_text SELECT id, unit_id, submitted_at >> 28, title_folded, title_lower, code
  FROM initiative WHERE submitted_at IS NOT NULL ORDER BY submitted_at;
{postgres} SET LOCAL maintenance_work_mem = '256MB';
{postgres} CREATE INDEX initiative_text_words ON initiative_text
  USING gin (spanned_words(title_words(title_folded, title_lower), span)) WITH (fastupdate = on, gin_pending_list_limit = 64);
{postgres} CREATE INDEX initiative_text_unit ON initiative_text (unit_id) INCLUDE (id, title_folded, title_lower, code);

{postgres} CREATE OR REPLACE FUNCTION initiative_text_keep() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$ BEGIN
  INSERT INTO initiative_text (id, unit_id, span, title_folded, title_lower, code)
  VALUES (NEW.id, NEW.unit_id, NEW.submitted_at >> 28, NEW.title_folded, NEW.title_lower, NEW.code)
  ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id, span = excluded.span, title_folded = excluded.title_folded,
    title_lower = excluded.title_lower, code = excluded.code{;}
  INSERT INTO title_word
  SELECT w.word, NEW.submitted_at >> 28 FROM string_to_table(title_words(NEW.title_folded, NEW.title_lower), ' ') w (word)
  WHERE (SELECT 1 FROM title_word v WHERE v.word = w.word COLLATE \"C\" AND v.span = NEW.submitted_at >> 28 LIMIT 1) IS NULL{;}
  RETURN NULL{;} END $$;
{postgres} CREATE TRIGGER initiative_text_new AFTER INSERT ON initiative FOR EACH ROW
  WHEN (NEW.submitted_at IS NOT NULL) EXECUTE FUNCTION initiative_text_keep();
{postgres} CREATE TRIGGER initiative_text_other AFTER UPDATE ON initiative FOR EACH ROW
  WHEN (NEW.submitted_at IS NOT NULL AND (OLD.submitted_at IS DISTINCT FROM NEW.submitted_at OR OLD.unit_id <> NEW.unit_id
    OR OLD.title_folded <> NEW.title_folded OR OLD.title_lower <> NEW.title_lower OR OLD.code <> NEW.code))
  EXECUTE FUNCTION initiative_text_keep();

{sqlite} CREATE INDEX initiative_unit_title ON initiative (unit_id, title_folded, title_lower, code);

DROP INDEX initiative_code_part;
{postgres} CREATE INDEX initiative_code_part ON initiative ((lower(substr(code, strpos(code, '-') + 1)))) INCLUDE (code);
{sqlite} CREATE INDEX initiative_code_part ON initiative (lower(substr(code, instr(code, '-') + 1)), code);
{postgres} ANALYZE initiative_text;
{sqlite} ANALYZE initiative_unit_title;
{sqlite} ANALYZE initiative_code_part;
";
