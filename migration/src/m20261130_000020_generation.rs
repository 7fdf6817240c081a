//! Generations: numbers that change with every commit that changed certain tables, so that what was read of these is known to hold
//! still.
//!
//! DEFINITIONS: the tree, programmes, targets, accounts and roles: everything that says what is counted, for whom, and who sees it, but
//! nothing of what is counted. CREDENTIALS: whether a token that held holds still; new ones change nothing.
//!
//! On SQLite a trigger counts, under the one writer. On PostgreSQL nobody who writes may wait for another: each transaction adds a row of
//! its own to `generation_step`, and the generation is how many there are to see, beside a number that grows when they are cleared away.
//! That a transaction has added its row stands in a setting that ends with it, and goes back with a savepoint, as the row does; a number of
//! the transaction would be another's after the database was restored elsewhere.
//!
//! `exact_sum` adds up 64 bits without going through numeric, and fails where they do not hold the sum.

macro_rules! watched {
    ($topic:literal: $($table:literal)+) => {
        concat!($(
            "{postgres} CREATE TRIGGER ", $table, "_generation AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ", $table,
            " FOR EACH STATEMENT EXECUTE FUNCTION generation_step('", $topic, "');\n",
            "{sqlite} CREATE TRIGGER ", $table, "_generation_insert AFTER INSERT ON ", $table,
            " BEGIN UPDATE generation SET number = number + 1 WHERE topic = '", $topic, "'{;} END;\n",
            "{sqlite} CREATE TRIGGER ", $table, "_generation_update AFTER UPDATE ON ", $table,
            " BEGIN UPDATE generation SET number = number + 1 WHERE topic = '", $topic, "'{;} END;\n",
            "{sqlite} CREATE TRIGGER ", $table, "_generation_delete AFTER DELETE ON ", $table,
            " BEGIN UPDATE generation SET number = number + 1 WHERE topic = '", $topic, "'{;} END;\n",
        )+)
    };
}

/// What ends a credential, or changes what it carries: not when it was used, nor when its session was refreshed.
macro_rules! ended {
    ($topic:literal: $($table:literal ($columns:literal))+) => {
        concat!($(
            "{postgres} CREATE TRIGGER ", $table, "_generation AFTER DELETE OR TRUNCATE OR UPDATE OF ", $columns, " ON ", $table,
            " FOR EACH STATEMENT EXECUTE FUNCTION generation_step('", $topic, "');\n",
            "{sqlite} CREATE TRIGGER ", $table, "_generation_update AFTER UPDATE OF ", $columns, " ON ", $table,
            " BEGIN UPDATE generation SET number = number + 1 WHERE topic = '", $topic, "'{;} END;\n",
            "{sqlite} CREATE TRIGGER ", $table, "_generation_delete AFTER DELETE ON ", $table,
            " BEGIN UPDATE generation SET number = number + 1 WHERE topic = '", $topic, "'{;} END;\n",
        )+)
    };
}

pub(crate) const UP: &str = concat!(
    "
CREATE TABLE generation (topic TEXT PRIMARY KEY, number BIGINT NOT NULL) {table};
INSERT INTO generation (topic, number) VALUES ('DEFINITIONS', 1), ('CREDENTIALS', 1);

{postgres} CREATE TABLE generation_step (topic TEXT NOT NULL);
{postgres} CREATE FUNCTION generation_step() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE
  setting TEXT := 'banyan.stepped_' || lower(TG_ARGV[0]){;}
BEGIN
  IF current_setting(setting, TRUE) IS DISTINCT FROM 'yes' THEN
    INSERT INTO generation_step VALUES (TG_ARGV[0]){;}
    PERFORM set_config(setting, 'yes', TRUE){;}
  END IF{;}
  RETURN NULL{;} END $$;
",
    watched!("DEFINITIONS": "bloc" "unit" "unit_closure" "unit_closure_past" "unit_placement" "unit_name" "unit_code" "unit_lineage"
        "programme" "phase" "participant_group" "programme_bloc" "target" "target_event" "account" "role_grant" "cluster"
        "cluster_member"),
    ended!("CREDENTIALS": "token" ("hash, account_id, kind, session_id, roles, unit_id, made_by, expires_at, revoked_at")
        "session" ("expires_at, revoked_at")),
    "
{postgres} CREATE AGGREGATE exact_sum (BIGINT)
  (SFUNC = int8pl, STYPE = BIGINT, INITCOND = '0', COMBINEFUNC = int8pl, PARALLEL = SAFE);
"
);
