//! Lists at full size: indexes that answer a list's order, scope and filters by themselves, and the words that searches look for.
//!
//! An order's index has everything that filters ask for, so that rows which are passed over are not read. PostgreSQL takes an
//! expression from an index only where its columns are in it too. Words: folded ones, those as they are spelled (on PostgreSQL with =
//! before them), and those of the code (with #). Triggers keep them: whoever writes a title writes its words.

pub(crate) const UP: &str = "
DROP INDEX initiative_submitted;
DROP INDEX initiative_claimed;
DROP INDEX initiative_verified;
DROP INDEX initiative_unit;

{postgres} CREATE INDEX initiative_unit ON initiative (unit_id, programme_id, state)
  INCLUDE (id, code, submitted_at, phase_id, group_id, claimed_benefit, verified_benefit);
{sqlite} CREATE INDEX initiative_unit ON initiative
  (unit_id, programme_id, state, code, submitted_at, phase_id, group_id, claimed_benefit, verified_benefit);

{postgres} CREATE INDEX initiative_newest ON initiative (submitted_at DESC, code)
  INCLUDE (id, unit_id, programme_id, phase_id, group_id, state);
{sqlite} CREATE INDEX initiative_newest ON initiative
  (submitted_at DESC, code, unit_id, programme_id, phase_id, group_id, state);

{postgres} CREATE INDEX initiative_open ON initiative (state, submitted_at DESC, code)
  INCLUDE (id, unit_id, programme_id, phase_id, group_id) WHERE state NOT IN ('DRAFT', 'APPROVED');
{sqlite} CREATE INDEX initiative_open ON initiative
  (state, submitted_at DESC, code, unit_id, programme_id, phase_id, group_id) WHERE state NOT IN ('DRAFT', 'APPROVED');

{postgres} CREATE INDEX initiative_claimed ON initiative ((-COALESCE(claimed_benefit, -1)), code)
  INCLUDE (claimed_benefit, id, unit_id, programme_id, phase_id, group_id, state, submitted_at);
{sqlite} CREATE INDEX initiative_claimed ON initiative
  (-COALESCE(claimed_benefit, -1), code, unit_id, programme_id, phase_id, group_id, state, submitted_at);

{postgres} CREATE INDEX initiative_verified ON initiative ((-COALESCE(verified_benefit, -1)), code)
  INCLUDE (verified_benefit, id, unit_id, programme_id, phase_id, group_id, state, submitted_at);
{sqlite} CREATE INDEX initiative_verified ON initiative
  (-COALESCE(verified_benefit, -1), code, unit_id, programme_id, phase_id, group_id, state, submitted_at);

DROP INDEX initiative_title;
{postgres} CREATE INDEX initiative_title ON initiative (title_sort, code)
  INCLUDE (id, unit_id, programme_id, phase_id, group_id, state, submitted_at);
{sqlite} CREATE INDEX initiative_title ON initiative
  (title_sort, code, unit_id, programme_id, phase_id, group_id, state, submitted_at);

CREATE INDEX unit_kind ON unit (kind, name_sort, code);

{postgres} CREATE FUNCTION searched_words(folded TEXT, spelled TEXT, code TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT folded || ' =' || replace(spelled, ' ', ' =') || ' #' || replace(lower(translate(code, '-_.', '   ')), ' ', ' #') $$;
{postgres} CREATE FUNCTION word_vector(words TEXT) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT array_to_tsvector(array_remove(string_to_array(words, ' '), '')) $$;

{postgres} CREATE TABLE initiative_text (id BIGINT PRIMARY KEY, words TEXT NOT NULL);
{postgres} INSERT INTO initiative_text SELECT id, searched_words(title_folded, title_lower, code) FROM initiative;
{postgres} CREATE INDEX initiative_text_words ON initiative_text USING gin (word_vector(words));
{postgres} CREATE FUNCTION initiative_text_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO initiative_text VALUES (NEW.id, searched_words(NEW.title_folded, NEW.title_lower, NEW.code))
  ON CONFLICT (id) DO UPDATE SET words = excluded.words{;} RETURN NULL{;} END $$;
{postgres} CREATE TRIGGER initiative_text_new AFTER INSERT ON initiative FOR EACH ROW EXECUTE FUNCTION initiative_text_keep();
{postgres} CREATE TRIGGER initiative_text_other AFTER UPDATE ON initiative FOR EACH ROW
  WHEN (OLD.title_folded <> NEW.title_folded OR OLD.title_lower <> NEW.title_lower OR OLD.code <> NEW.code)
  EXECUTE FUNCTION initiative_text_keep();

{postgres} CREATE TABLE unit_text (id BIGINT PRIMARY KEY, words TEXT NOT NULL);
{postgres} INSERT INTO unit_text SELECT id, searched_words(name_folded, name_lower, code) FROM unit;
{postgres} CREATE INDEX unit_text_words ON unit_text USING gin (word_vector(words));
{postgres} CREATE FUNCTION unit_text_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO unit_text VALUES (NEW.id, searched_words(NEW.name_folded, NEW.name_lower, NEW.code))
  ON CONFLICT (id) DO UPDATE SET words = excluded.words{;} RETURN NULL{;} END $$;
{postgres} CREATE TRIGGER unit_text_new AFTER INSERT ON unit FOR EACH ROW EXECUTE FUNCTION unit_text_keep();
{postgres} CREATE TRIGGER unit_text_other AFTER UPDATE ON unit FOR EACH ROW
  WHEN (OLD.name_folded <> NEW.name_folded OR OLD.name_lower <> NEW.name_lower OR OLD.code <> NEW.code)
  EXECUTE FUNCTION unit_text_keep();

{sqlite} CREATE VIRTUAL TABLE initiative_text USING fts5
  (folded, spelled, code, content='', columnsize=0, detail=column, tokenize='ascii');
{sqlite} INSERT INTO initiative_text (rowid, folded, spelled, code)
  SELECT id, title_folded, title_lower, lower(code) FROM initiative;
{sqlite} CREATE TRIGGER initiative_text_new AFTER INSERT ON initiative BEGIN
  INSERT INTO initiative_text (rowid, folded, spelled, code)
  VALUES (NEW.id, NEW.title_folded, NEW.title_lower, lower(NEW.code)){;} END;
{sqlite} CREATE TRIGGER initiative_text_other AFTER UPDATE ON initiative
  WHEN OLD.title_folded <> NEW.title_folded OR OLD.title_lower <> NEW.title_lower OR OLD.code <> NEW.code BEGIN
  INSERT INTO initiative_text (initiative_text, rowid, folded, spelled, code)
  VALUES ('delete', OLD.id, OLD.title_folded, OLD.title_lower, lower(OLD.code)){;}
  INSERT INTO initiative_text (rowid, folded, spelled, code)
  VALUES (NEW.id, NEW.title_folded, NEW.title_lower, lower(NEW.code)){;} END;

{sqlite} CREATE VIRTUAL TABLE unit_text USING fts5
  (folded, spelled, code, content='', columnsize=0, detail=column, tokenize='ascii');
{sqlite} INSERT INTO unit_text (rowid, folded, spelled, code) SELECT id, name_folded, name_lower, lower(code) FROM unit;
{sqlite} CREATE TRIGGER unit_text_new AFTER INSERT ON unit BEGIN
  INSERT INTO unit_text (rowid, folded, spelled, code)
  VALUES (NEW.id, NEW.name_folded, NEW.name_lower, lower(NEW.code)){;} END;
{sqlite} CREATE TRIGGER unit_text_other AFTER UPDATE ON unit
  WHEN OLD.name_folded <> NEW.name_folded OR OLD.name_lower <> NEW.name_lower OR OLD.code <> NEW.code BEGIN
  INSERT INTO unit_text (unit_text, rowid, folded, spelled, code)
  VALUES ('delete', OLD.id, OLD.name_folded, OLD.name_lower, lower(OLD.code)){;}
  INSERT INTO unit_text (rowid, folded, spelled, code)
  VALUES (NEW.id, NEW.name_folded, NEW.name_lower, lower(NEW.code)){;} END;
";
