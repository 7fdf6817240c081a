//! Searches and filters that read what a page needs.
//!
//! `title_word` tells in which spans of time a word is: folded words, and those as they are spelled with `=` before them. So a word that is
//! rare, or nowhere, is looked for where it is. Triggers add to it; what an edit leaves behind there says too much, never too little.
//! On PostgreSQL nothing there is unique: two who write the same word do not wait for each other, and twice is as good as once. The trigger
//! is planned once in a session, perhaps while the table is empty, and must not read the whole of it later.
//!
//! Codes leave the index of words, in which each was a word of its own: an index on what follows a code's first sign finds them.
//!
//! And what is neither draft nor approved has its own index in every order. An approval takes a row out of them.

/// The words of a row before or after, as `title_word` and PostgreSQL's index have them.
macro_rules! words {
    ($row:literal) => {
        concat!($row, "title_folded || ' =' || replace(", $row, "title_lower, ' ', ' =')")
    };
}

/// The columns that SQLite's index is fed with.
macro_rules! indexed {
    ($row:literal) => {
        concat!(
            $row,
            "id, replace(' ' || ",
            $row,
            "title_folded, ' ', ' ' || printf('%05d', ",
            $row,
            "submitted_at >> 28)), replace(' ' || ",
            $row,
            "title_lower, ' ', ' ' || printf('%05d', ",
            $row,
            "submitted_at >> 28))"
        )
    };
}

/// SQLite: each of the words, once.
macro_rules! each_word {
    ($row:literal) => {
        concat!("json_each('[' || replace(json_quote(", words!($row), "), ' ', '\",\"') || ']') w")
    };
}

pub(crate) const UP: &str = concat!(
    "
{postgres} DROP TRIGGER initiative_text_new ON initiative;
{postgres} DROP TRIGGER initiative_text_other ON initiative;
{sqlite} DROP TRIGGER initiative_text_new;
{sqlite} DROP TRIGGER initiative_text_first;
{sqlite} DROP TRIGGER initiative_text_other;
DROP TABLE initiative_text;

{postgres} CREATE FUNCTION title_words(folded TEXT, spelled TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT folded || ' =' || replace(spelled, ' ', ' =') $$;
{postgres} CREATE TABLE initiative_text (id BIGINT PRIMARY KEY, span BIGINT NOT NULL, words TEXT NOT NULL);
{postgres} INSERT INTO initiative_text SELECT id, submitted_at >> 28, title_words(title_folded, title_lower)
  FROM initiative WHERE submitted_at IS NOT NULL ORDER BY submitted_at;
{postgres} SET LOCAL maintenance_work_mem = '256MB';
{postgres} CREATE INDEX initiative_text_words ON initiative_text USING gin (spanned_words(words, span))
  WITH (fastupdate = on, gin_pending_list_limit = 64);

{postgres} CREATE TABLE title_word (word TEXT {bytewise} NOT NULL, span BIGINT NOT NULL);
{postgres} INSERT INTO title_word SELECT DISTINCT w.word, x.span FROM initiative_text x, string_to_table(x.words, ' ') w (word)
  ORDER BY 1, 2;
{postgres} CREATE INDEX title_word_at ON title_word (word, span);
{sqlite} CREATE TABLE title_word (word TEXT NOT NULL, span BIGINT NOT NULL, PRIMARY KEY (word, span)) {pairs};
{sqlite} INSERT OR IGNORE INTO title_word SELECT w.value, i.submitted_at >> 28 FROM initiative i, ",
    each_word!("i."),
    " WHERE i.submitted_at IS NOT NULL;

{postgres} CREATE OR REPLACE FUNCTION initiative_text_keep() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$ BEGIN
  INSERT INTO initiative_text VALUES (NEW.id, NEW.submitted_at >> 28, title_words(NEW.title_folded, NEW.title_lower))
  ON CONFLICT (id) DO UPDATE SET span = excluded.span, words = excluded.words{;}
  INSERT INTO title_word
  SELECT w.word, NEW.submitted_at >> 28 FROM string_to_table(title_words(NEW.title_folded, NEW.title_lower), ' ') w (word)
  WHERE (SELECT 1 FROM title_word v WHERE v.word = w.word COLLATE \"C\" AND v.span = NEW.submitted_at >> 28 LIMIT 1) IS NULL{;}
  RETURN NULL{;} END $$;
{postgres} CREATE TRIGGER initiative_text_new AFTER INSERT ON initiative FOR EACH ROW
  WHEN (NEW.submitted_at IS NOT NULL) EXECUTE FUNCTION initiative_text_keep();
{postgres} CREATE TRIGGER initiative_text_other AFTER UPDATE ON initiative FOR EACH ROW
  WHEN (NEW.submitted_at IS NOT NULL AND (OLD.submitted_at IS DISTINCT FROM NEW.submitted_at
    OR OLD.title_folded <> NEW.title_folded OR OLD.title_lower <> NEW.title_lower))
  EXECUTE FUNCTION initiative_text_keep();

{sqlite} CREATE VIRTUAL TABLE initiative_text USING fts5
  (folded, spelled, content='', columnsize=0, detail=column, tokenize='ascii');
{sqlite} INSERT INTO initiative_text (rowid, folded, spelled)
  SELECT ",
    indexed!(""),
    " FROM initiative WHERE submitted_at IS NOT NULL;
{sqlite} CREATE TRIGGER initiative_text_new AFTER INSERT ON initiative WHEN NEW.submitted_at IS NOT NULL BEGIN
  INSERT INTO initiative_text (rowid, folded, spelled) SELECT ",
    indexed!("NEW."),
    "{;}
  INSERT OR IGNORE INTO title_word SELECT w.value, NEW.submitted_at >> 28 FROM ",
    each_word!("NEW."),
    "{;} END;
{sqlite} CREATE TRIGGER initiative_text_first AFTER UPDATE ON initiative
  WHEN OLD.submitted_at IS NULL AND NEW.submitted_at IS NOT NULL BEGIN
  INSERT INTO initiative_text (rowid, folded, spelled) SELECT ",
    indexed!("NEW."),
    "{;}
  INSERT OR IGNORE INTO title_word SELECT w.value, NEW.submitted_at >> 28 FROM ",
    each_word!("NEW."),
    "{;} END;
{sqlite} CREATE TRIGGER initiative_text_other AFTER UPDATE ON initiative
  WHEN OLD.submitted_at IS NOT NULL AND (OLD.submitted_at <> NEW.submitted_at OR OLD.title_folded <> NEW.title_folded
    OR OLD.title_lower <> NEW.title_lower) BEGIN
  INSERT INTO initiative_text (initiative_text, rowid, folded, spelled) SELECT 'delete', ",
    indexed!("OLD."),
    "{;}
  INSERT INTO initiative_text (rowid, folded, spelled) SELECT ",
    indexed!("NEW."),
    "{;}
  INSERT OR IGNORE INTO title_word SELECT w.value, NEW.submitted_at >> 28 FROM ",
    each_word!("NEW."),
    "{;} END;

{postgres} CREATE INDEX initiative_code_part ON initiative ((lower(substr(code, strpos(code, '-') + 1))));
{sqlite} CREATE INDEX initiative_code_part ON initiative (lower(substr(code, instr(code, '-') + 1)));

{postgres} CREATE INDEX initiative_open_claimed ON initiative (state, (-COALESCE(claimed_benefit, -1)), code)
  INCLUDE (claimed_benefit, id, unit_id, programme_id, phase_id, group_id, submitted_at) WHERE state NOT IN ('DRAFT', 'APPROVED');
{sqlite} CREATE INDEX initiative_open_claimed ON initiative
  (state, -COALESCE(claimed_benefit, -1), code, unit_id, programme_id, phase_id, group_id, submitted_at) WHERE state NOT IN ('DRAFT', 'APPROVED');
{postgres} CREATE INDEX initiative_open_verified ON initiative (state, (-COALESCE(verified_benefit, -1)), code)
  INCLUDE (verified_benefit, id, unit_id, programme_id, phase_id, group_id, submitted_at) WHERE state NOT IN ('DRAFT', 'APPROVED');
{sqlite} CREATE INDEX initiative_open_verified ON initiative
  (state, -COALESCE(verified_benefit, -1), code, unit_id, programme_id, phase_id, group_id, submitted_at) WHERE state NOT IN ('DRAFT', 'APPROVED');
{postgres} CREATE INDEX initiative_open_title ON initiative (state, title_sort, code)
  INCLUDE (id, unit_id, programme_id, phase_id, group_id, submitted_at) WHERE state NOT IN ('DRAFT', 'APPROVED');
{sqlite} CREATE INDEX initiative_open_title ON initiative
  (state, title_sort, code, unit_id, programme_id, phase_id, group_id, submitted_at) WHERE state NOT IN ('DRAFT', 'APPROVED');
{postgres} ANALYZE title_word, initiative_text;
{sqlite} ANALYZE;
"
);
