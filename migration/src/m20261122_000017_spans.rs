//! Words of titles by spans of time: each word begins with the span (2^28 ms, some three days) in which its initiative was sent in, so
//! that a search which wants the latest reads the latest alone, however many titles have the words. Drafts have none: nobody but
//! their authors finds them, and goes through his own.
//!
//! And what stands below a unit tells by its index alone what each initiative adds.
//!
//! On PostgreSQL the index of words writes at once (`fastupdate`): each span asked for would read the whole of what is put off.

/// The columns that SQLite's index is fed with, of a row before or after.
macro_rules! words {
    ($row:literal) => {
        concat!(
            $row,
            "id, replace(' ' || ",
            $row,
            "title_folded, ' ', ' ' || printf('%05d', ",
            $row,
            "submitted_at >> 28)), ",
            "replace(' ' || ",
            $row,
            "title_lower, ' ', ' ' || printf('%05d', ",
            $row,
            "submitted_at >> 28)), ",
            "replace(replace(replace(replace('-' || lower(",
            $row,
            "code), '_', '-'), '.', '-'), ' ', '-'), '-', ' ' || printf('%05d', ",
            $row,
            "submitted_at >> 28))"
        )
    };
}

pub(crate) const UP: &str = concat!(
    "
{postgres} DROP TRIGGER initiative_text_new ON initiative;
{postgres} DROP TRIGGER initiative_text_other ON initiative;
{sqlite} DROP TRIGGER initiative_text_new;
{sqlite} DROP TRIGGER initiative_text_other;
DROP TABLE initiative_text;

{postgres} CREATE FUNCTION spanned_words(words TEXT, span BIGINT) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT array_to_tsvector(array_remove(string_to_array(replace(' ' || words, ' ', ' ' || lpad(span::text, 5, '0')), ' '), '')) $$;
{postgres} CREATE TABLE initiative_text (id BIGINT PRIMARY KEY, span BIGINT NOT NULL, words TEXT NOT NULL);
{postgres} INSERT INTO initiative_text SELECT id, submitted_at >> 28, searched_words(title_folded, title_lower, code)
  FROM initiative WHERE submitted_at IS NOT NULL ORDER BY submitted_at;
{postgres} CREATE INDEX initiative_text_words ON initiative_text USING gin (spanned_words(words, span)) WITH (fastupdate = off);
{postgres} CREATE OR REPLACE FUNCTION initiative_text_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO initiative_text VALUES
    (NEW.id, NEW.submitted_at >> 28, searched_words(NEW.title_folded, NEW.title_lower, NEW.code))
  ON CONFLICT (id) DO UPDATE SET span = excluded.span, words = excluded.words{;} RETURN NULL{;} END $$;
{postgres} CREATE TRIGGER initiative_text_new AFTER INSERT ON initiative FOR EACH ROW
  WHEN (NEW.submitted_at IS NOT NULL) EXECUTE FUNCTION initiative_text_keep();
{postgres} CREATE TRIGGER initiative_text_other AFTER UPDATE ON initiative FOR EACH ROW
  WHEN (NEW.submitted_at IS NOT NULL AND (OLD.submitted_at IS DISTINCT FROM NEW.submitted_at OR OLD.title_folded <> NEW.title_folded
    OR OLD.title_lower <> NEW.title_lower OR OLD.code <> NEW.code))
  EXECUTE FUNCTION initiative_text_keep();

{sqlite} CREATE VIRTUAL TABLE initiative_text USING fts5
  (folded, spelled, code, content='', columnsize=0, detail=column, tokenize='ascii');
{sqlite} INSERT INTO initiative_text (rowid, folded, spelled, code)
  SELECT ",
    words!(""),
    " FROM initiative WHERE submitted_at IS NOT NULL;
{sqlite} CREATE TRIGGER initiative_text_new AFTER INSERT ON initiative WHEN NEW.submitted_at IS NOT NULL BEGIN
  INSERT INTO initiative_text (rowid, folded, spelled, code)
  SELECT ",
    words!("NEW."),
    "{;} END;
{sqlite} CREATE TRIGGER initiative_text_first AFTER UPDATE ON initiative
  WHEN OLD.submitted_at IS NULL AND NEW.submitted_at IS NOT NULL BEGIN
  INSERT INTO initiative_text (rowid, folded, spelled, code)
  SELECT ",
    words!("NEW."),
    "{;} END;
{sqlite} CREATE TRIGGER initiative_text_other AFTER UPDATE ON initiative
  WHEN OLD.submitted_at IS NOT NULL AND (OLD.submitted_at <> NEW.submitted_at OR OLD.title_folded <> NEW.title_folded
    OR OLD.title_lower <> NEW.title_lower OR OLD.code <> NEW.code) BEGIN
  INSERT INTO initiative_text (initiative_text, rowid, folded, spelled, code)
  SELECT 'delete', ",
    words!("OLD."),
    "{;}
  INSERT INTO initiative_text (rowid, folded, spelled, code)
  SELECT ",
    words!("NEW."),
    "{;} END;

DROP INDEX initiative_unit;
{postgres} CREATE INDEX initiative_unit ON initiative (unit_id, programme_id, state)
  INCLUDE (id, code, submitted_at, phase_id, group_id, claimed_benefit, verified_benefit, counted_claim, counted_opaque);
{sqlite} CREATE INDEX initiative_unit ON initiative
  (unit_id, programme_id, state, code, submitted_at, phase_id, group_id, claimed_benefit, verified_benefit, counted_claim, counted_opaque);
"
);
