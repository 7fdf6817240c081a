//! Whoever may write the database as he likes: what he changes, takes out or puts in is found.

use banyan::audit::{Turn, seal};
use banyan::store::Dialect;

use super::{number, problems, rename, sql, three_batches};
use crate::support::{TestApp, both};

/// Takes the triggers away that refuse to change the log.
async fn disarm(app: &TestApp) {
    for table in ["audit_entry", "audit_tail", "audit_batch", "audit_member", "audit_checkpoint"] {
        match app.app.store.dialect {
            Dialect::Postgres => {
                sql(app, &format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await;
                if table == "audit_entry" {
                    // What the server writes is queued as ever.
                    sql(app, "ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_queue").await;
                }
            }
            Dialect::Sqlite => {
                for what in ["update", "delete"] {
                    sql(app, &format!("DROP TRIGGER IF EXISTS {table}_{what}")).await;
                }
            }
        }
    }
}

/// The id of a line by its place.
async fn id_at(app: &TestApp, batch: i64, position: i64) -> i64 {
    number(app, &format!("SELECT entry_id AS id FROM audit_member WHERE batch = {batch} AND position = {position}"))
        .await
}

fn names(found: &[String], what: &str) {
    assert!(found.iter().any(|problem| problem.contains(what)), "{what}: {found:?}");
}

both!(
    async fn a_changed_line_is_named(app: &TestApp) {
        three_batches(app).await;
        disarm(app).await;
        let id = id_at(app, 2, 1).await;
        for set in [
            "action = 'unitMove'",
            "actor_id = 1",
            "changes = '[]'",
            "at = at + 1",
            "address = NULL",
            "outcome = 'DENIED'",
        ] {
            let column = set.split(' ').next().unwrap();
            let keep = format!("CREATE TABLE kept AS SELECT {column} AS value FROM audit_entry WHERE id = {id}");
            sql(app, &keep).await;
            assert_eq!(sql(app, &format!("UPDATE audit_entry SET {set} WHERE id = {id}")).await, 1);
            let found = problems(app, &[]).await;
            assert_eq!(found, [format!("batch 2, line 1 (id {id}) was changed")], "{set}");
            sql(app, &format!("UPDATE audit_entry SET {column} = (SELECT value FROM kept) WHERE id = {id}")).await;
            sql(app, "DROP TABLE kept").await;
            assert_eq!(problems(app, &[]).await, Vec::<String>::new(), "{set} put back");
        }
        // A value that no version of the program ever wrote.
        sql(app, &format!("UPDATE audit_entry SET outcome = 'NONSENSE' WHERE id = {id}")).await;
        names(&problems(app, &[]).await, "batch 2, line 1");
    }
);

both!(
    async fn a_line_changed_with_its_hash_is_found_by_its_batch(app: &TestApp) {
        three_batches(app).await;
        disarm(app).await;
        let (one, other) = (id_at(app, 2, 1).await, id_at(app, 3, 1).await);
        // With the hash of a line that is right.
        sql(app, &format!("UPDATE audit_member SET hash = (SELECT hash FROM audit_member WHERE entry_id = {other}) WHERE entry_id = {one}")).await;
        names(&problems(app, &[]).await, "batch 2: its lines are not those that were sealed");
    }
);

both!(
    async fn a_line_that_was_taken_out_is_missed(app: &TestApp) {
        three_batches(app).await;
        disarm(app).await;
        let id = id_at(app, 2, 2).await;
        sql(app, &format!("DELETE FROM audit_entry WHERE id = {id}")).await;
        assert_eq!(
            problems(app, &[]).await,
            [format!("batch 2, line 2 (id {id}) was taken out, or is no line any more")]
        );
        sql(app, &format!("DELETE FROM audit_member WHERE entry_id = {id}")).await;
        names(&problems(app, &[]).await, "batch 2 has another number of lines");
    }
);

both!(
    async fn two_lines_that_change_places_are_seen(app: &TestApp) {
        three_batches(app).await;
        disarm(app).await;
        for (from, to) in [(1, 99), (2, 1), (99, 2)] {
            let swap = format!("UPDATE audit_member SET position = {to} WHERE batch = 1 AND position = {from}");
            assert_eq!(sql(app, &swap).await, 1);
        }
        names(&problems(app, &[]).await, "batch 1: its lines are not those that were sealed, or in another order");
    }
);

both!(
    async fn a_line_moved_to_another_batch_is_seen(app: &TestApp) {
        three_batches(app).await;
        disarm(app).await;
        sql(app, "UPDATE audit_member SET batch = 3, position = 3 WHERE batch = 2 AND position = 2").await;
        let found = problems(app, &[]).await;
        names(&found, "batch 2 has another number of lines");
        names(&found, "batch 3 has another number of lines");
    }
);

both!(
    async fn a_batch_whose_row_was_changed_does_not_fit(app: &TestApp) {
        three_batches(app).await;
        disarm(app).await;
        sql(app, "UPDATE audit_batch SET sealed_at = sealed_at + 1 WHERE n = 2").await;
        assert_eq!(problems(app, &[]).await, ["batch 2: its own row was changed"]);
        sql(app, "UPDATE audit_batch SET sealed_at = sealed_at - 1 WHERE n = 2").await;
        sql(app, "UPDATE audit_batch SET head = digest WHERE n = 2").await;
        let found = problems(app, &[]).await;
        names(&found, "batch 2: its own row was changed");
        names(&found, "batch 3 does not follow the batch before it");
    }
);

both!(
    async fn a_batch_in_the_middle_is_missed(app: &TestApp) {
        three_batches(app).await;
        disarm(app).await;
        sql(app, "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_member WHERE batch = 2)").await;
        sql(app, "DELETE FROM audit_member WHERE batch = 2").await;
        sql(app, "DELETE FROM audit_batch WHERE n = 2").await;
        assert_eq!(problems(app, &[]).await, ["batch 2 was taken out"]);
    }
);

both!(
    async fn the_end_is_missed_by_whoever_kept_its_head(app: &TestApp) {
        let heads = three_batches(app).await;
        disarm(app).await;
        sql(app, "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_member WHERE batch = 3)").await;
        sql(app, "DELETE FROM audit_member WHERE batch = 3").await;
        sql(app, "DELETE FROM audit_batch WHERE n = 3").await;
        // What stands there is a whole chain: nothing in the database tells that it was longer.
        assert_eq!(problems(app, &heads[..2]).await, Vec::<String>::new());
        names(&problems(app, &heads).await, "batch 3 was taken out: its head was kept");
        // The server goes on, and its batch gets the number: another head.
        rename(app, "Sau").await;
        seal(&app.app, Turn::Wait).await.unwrap();
        assert_eq!(problems(app, &[]).await, Vec::<String>::new());
        names(&problems(app, &heads).await, "its head is not the one that was kept");
    }
);

both!(
    async fn a_chain_made_anew_is_found_by_a_kept_head(app: &TestApp) {
        let heads = three_batches(app).await;
        disarm(app).await;
        let id = id_at(app, 2, 1).await;
        // The best that somebody can do who has the program too: changes a line, and has everything after it sealed again.
        sql(app, &format!("UPDATE audit_entry SET actor_id = 1 WHERE id = {id}")).await;
        sql(app, "INSERT INTO audit_tail (id) SELECT entry_id FROM audit_member WHERE batch >= 2").await;
        sql(app, "DELETE FROM audit_member WHERE batch >= 2").await;
        sql(app, "DELETE FROM audit_batch WHERE n >= 2").await;
        seal(&app.app, Turn::Wait).await.unwrap();
        assert_eq!(problems(app, &heads[..1]).await, Vec::<String>::new());
        names(&problems(app, &heads[1..2]).await, "batch 2 or one before it was changed");
    }
);

both!(
    async fn a_line_that_is_put_in_is_found(app: &TestApp) {
        three_batches(app).await;
        let insert = |id: i64, at: &str| {
            format!(
                "INSERT INTO audit_entry (id, at, action, outcome, codes, source, changes) \
                 SELECT {id}, {at}, 'unitRename', 'DONE', '', 'API', '[]' FROM audit_batch WHERE n = 1"
            )
        };
        // Through the queue, an hour back: before it is sealed, and after.
        sql(app, &insert(11, "sealed_at - 3600000")).await;
        names(&problems(app, &[]).await, "line with id 11 was put in later than it says");
        seal(&app.app, Turn::Wait).await.unwrap();
        names(&problems(app, &[]).await, "batch 4, line 1 (id 11) was put in later than it says");
        // Past the queue.
        disarm(app).await;
        sql(app, &insert(12, "sealed_at")).await;
        sql(app, "DELETE FROM audit_tail WHERE id = 12").await;
        names(&problems(app, &[]).await, "line with id 12 was put in: it stands in no batch");
        // Into a batch.
        sql(app, "INSERT INTO audit_member (batch, position, entry_id, hash) SELECT 2, 3, 12, hash FROM audit_member WHERE batch = 1 AND position = 1").await;
        names(&problems(app, &[]).await, "batch 2 has another number of lines");
    }
);

both!(
    async fn a_line_taken_out_before_it_is_sealed_is_missed(app: &TestApp) {
        three_batches(app).await;
        rename(app, "Mới").await;
        disarm(app).await;
        let id = number(app, "SELECT id FROM audit_tail").await;
        sql(app, &format!("DELETE FROM audit_entry WHERE id = {id}")).await;
        assert_eq!(problems(app, &[]).await, [format!("line with id {id} was taken out before it was sealed")]);
    }
);
