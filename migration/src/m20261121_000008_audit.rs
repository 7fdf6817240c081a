//! The audit log: its lines, which nothing changes; the queue of those that are not sealed; the batches of the hash chain with
//! their members; how far retention has cut it off; and the salts of personal values.

pub(crate) const UP: &str = "
CREATE TABLE audit_entry (
  id BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  codes TEXT NOT NULL,
  source TEXT NOT NULL,
  actor_id BIGINT,
  credential TEXT,
  credential_id BIGINT,
  unit_id BIGINT,
  object TEXT,
  object_id BIGINT,
  changes TEXT NOT NULL,
  salt BYTEA,
  address TEXT,
  request TEXT
) {table};
CREATE INDEX audit_entry_at ON audit_entry (at, id);
CREATE INDEX audit_entry_unit ON audit_entry (unit_id, at, id);

CREATE TABLE audit_tail (id BIGINT PRIMARY KEY) {table};

CREATE TABLE audit_chain (id BIGINT PRIMARY KEY CHECK (id = 1)) {table};
INSERT INTO audit_chain (id) VALUES (1);

CREATE TABLE audit_batch (
  n BIGINT PRIMARY KEY,
  entries BIGINT NOT NULL,
  first_id BIGINT NOT NULL,
  last_id BIGINT NOT NULL,
  closed_to BIGINT NOT NULL,
  sealed_at BIGINT NOT NULL,
  digest BYTEA NOT NULL,
  previous BYTEA NOT NULL,
  head BYTEA NOT NULL UNIQUE
) {table};

CREATE TABLE audit_member (
  batch BIGINT NOT NULL,
  position BIGINT NOT NULL,
  entry_id BIGINT NOT NULL UNIQUE,
  hash BYTEA NOT NULL,
  PRIMARY KEY (batch, position)
) {pairs};

CREATE TABLE audit_checkpoint (
  n BIGINT PRIMARY KEY,
  head BYTEA NOT NULL,
  at BIGINT NOT NULL
) {table};

CREATE TABLE audit_salt (account_id BIGINT PRIMARY KEY, salt BYTEA NOT NULL) {table};

{postgres} CREATE FUNCTION audit_queue() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO audit_tail (id) VALUES (NEW.id){;} RETURN NULL{;} END $$;
{postgres} CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'the audit log is append-only'{;} END $$;
{postgres} CREATE FUNCTION audit_entry_goes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM audit_member m JOIN audit_checkpoint c ON c.n >= m.batch WHERE m.entry_id = OLD.id)
  THEN RETURN OLD{;} END IF{;} RAISE EXCEPTION 'the audit log is append-only'{;} END $$;
{postgres} CREATE FUNCTION audit_member_goes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM audit_checkpoint c WHERE c.n >= OLD.batch)
  THEN RETURN OLD{;} END IF{;} RAISE EXCEPTION 'the audit log is append-only'{;} END $$;
{postgres} CREATE FUNCTION audit_batch_goes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM audit_checkpoint c WHERE c.n > OLD.n)
  THEN RETURN OLD{;} END IF{;} RAISE EXCEPTION 'the audit log is append-only'{;} END $$;
{postgres} CREATE FUNCTION audit_tail_goes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM audit_member m WHERE m.entry_id = OLD.id)
  THEN RETURN OLD{;} END IF{;} RAISE EXCEPTION 'the audit log is append-only'{;} END $$;

{postgres} CREATE TRIGGER audit_entry_queue AFTER INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_queue();
{postgres} CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_refuse();
{postgres} CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_goes();
{postgres} CREATE TRIGGER audit_entry_truncate BEFORE TRUNCATE ON audit_entry EXECUTE FUNCTION audit_refuse();
{postgres} CREATE TRIGGER audit_tail_update BEFORE UPDATE ON audit_tail FOR EACH ROW EXECUTE FUNCTION audit_refuse();
{postgres} CREATE TRIGGER audit_tail_delete BEFORE DELETE ON audit_tail FOR EACH ROW EXECUTE FUNCTION audit_tail_goes();
{postgres} CREATE TRIGGER audit_tail_truncate BEFORE TRUNCATE ON audit_tail EXECUTE FUNCTION audit_refuse();
{postgres} CREATE TRIGGER audit_batch_update BEFORE UPDATE ON audit_batch FOR EACH ROW EXECUTE FUNCTION audit_refuse();
{postgres} CREATE TRIGGER audit_batch_delete BEFORE DELETE ON audit_batch FOR EACH ROW EXECUTE FUNCTION audit_batch_goes();
{postgres} CREATE TRIGGER audit_batch_truncate BEFORE TRUNCATE ON audit_batch EXECUTE FUNCTION audit_refuse();
{postgres} CREATE TRIGGER audit_member_update BEFORE UPDATE ON audit_member FOR EACH ROW EXECUTE FUNCTION audit_refuse();
{postgres} CREATE TRIGGER audit_member_delete BEFORE DELETE ON audit_member FOR EACH ROW EXECUTE FUNCTION audit_member_goes();
{postgres} CREATE TRIGGER audit_member_truncate BEFORE TRUNCATE ON audit_member EXECUTE FUNCTION audit_refuse();
{postgres} CREATE TRIGGER audit_checkpoint_change BEFORE UPDATE OR DELETE ON audit_checkpoint FOR EACH ROW
  EXECUTE FUNCTION audit_refuse();
{postgres} CREATE TRIGGER audit_checkpoint_truncate BEFORE TRUNCATE ON audit_checkpoint EXECUTE FUNCTION audit_refuse();

{sqlite} CREATE TRIGGER audit_entry_queue AFTER INSERT ON audit_entry BEGIN
  INSERT INTO audit_tail (id) VALUES (NEW.id){;} END;
{sqlite} CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only'){;} END;
{sqlite} CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry WHEN NOT EXISTS
  (SELECT 1 FROM audit_member m JOIN audit_checkpoint c ON c.n >= m.batch WHERE m.entry_id = OLD.id) BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only'){;} END;
{sqlite} CREATE TRIGGER audit_tail_update BEFORE UPDATE ON audit_tail BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only'){;} END;
{sqlite} CREATE TRIGGER audit_tail_delete BEFORE DELETE ON audit_tail WHEN NOT EXISTS
  (SELECT 1 FROM audit_member m WHERE m.entry_id = OLD.id) BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only'){;} END;
{sqlite} CREATE TRIGGER audit_batch_update BEFORE UPDATE ON audit_batch BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only'){;} END;
{sqlite} CREATE TRIGGER audit_batch_delete BEFORE DELETE ON audit_batch WHEN NOT EXISTS
  (SELECT 1 FROM audit_checkpoint c WHERE c.n > OLD.n) BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only'){;} END;
{sqlite} CREATE TRIGGER audit_member_update BEFORE UPDATE ON audit_member BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only'){;} END;
{sqlite} CREATE TRIGGER audit_member_delete BEFORE DELETE ON audit_member WHEN NOT EXISTS
  (SELECT 1 FROM audit_checkpoint c WHERE c.n >= OLD.batch) BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only'){;} END;
{sqlite} CREATE TRIGGER audit_checkpoint_update BEFORE UPDATE ON audit_checkpoint BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only'){;} END;
{sqlite} CREATE TRIGGER audit_checkpoint_delete BEFORE DELETE ON audit_checkpoint BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only'){;} END;
";
