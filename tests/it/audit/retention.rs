//! Retention: old lines go, and the chain proves the rest.

use banyan::audit::{Origin, PRUNE, Turn, prune, seal, verify};
use entity::enums::{AuditOutcome, AuditSource};

use super::{all, change, line, number, problems, rename, sql, three_batches};
use crate::support::{TestApp, both};

const DAY: i64 = 24 * 60 * 60 * 1000;

async fn keep_days(app: &TestApp, days: i64) -> banyan::audit::Pruned {
    prune(&app.app, &Origin::COMMAND_LINE, app.app.now() - days * DAY, Turn::Wait).await.unwrap()
}

both!(
    async fn old_lines_go_and_a_checkpoint_proves_the_rest(app: &TestApp) {
        let heads = three_batches(app).await;
        let old = all(app).await.len() as u64;
        assert_eq!(keep_days(app, 30).await.through, None);
        app.set_clock("2026-04-20T09:00:00+07:00");
        rename(app, "Sau").await;
        let later = seal(&app.app, Turn::Wait).await.unwrap();

        let pruned = keep_days(app, 30).await;
        assert_eq!((pruned.lines, pruned.through), (old, Some(3)));
        assert_eq!(all(app).await.len(), 2);
        let told = line(app, PRUNE, AuditOutcome::Done).await;
        assert_eq!((change(&told, "through").1.as_str(), told.source), (Some("3"), AuditSource::CommandLine));
        // The checkpoint's line is not sealed yet, and later it is.
        for _ in 0..2 {
            let kept = [heads[0], heads[2], later[0]].map(|head| head.text().parse().unwrap());
            let report = verify(&app.app, &kept).await.unwrap();
            assert_eq!((report.problems, report.from, report.outlived), (Vec::new(), Some(3), 1));
            seal(&app.app, Turn::Wait).await.unwrap();
        }
        assert_eq!(keep_days(app, 30).await.through, None);
        // And once more, over the first checkpoint and its line.
        app.set_clock("2026-07-01T09:00:00+07:00");
        assert_eq!(keep_days(app, 30).await.through, Some(5));
        assert_eq!(problems(app, &[]).await, Vec::<String>::new());
        assert_eq!(number(app, "SELECT COUNT(*) AS id FROM audit_batch").await, 1);
        // A head of the checkpoint's batch that is not the one that was kept.
        let mut other = heads[2];
        other.n = 5;
        assert_eq!(problems(app, &[other]).await.len(), 1);
    }
);

both!(
    async fn a_checkpoint_that_nobody_tells_of_is_no_retention(app: &TestApp) {
        let heads = three_batches(app).await;
        sql(app, "INSERT INTO audit_checkpoint (n, head, at) SELECT n, head, 0 FROM audit_batch WHERE n = 2").await;
        sql(app, "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_member WHERE batch <= 2)").await;
        sql(app, "DELETE FROM audit_member WHERE batch <= 2").await;
        sql(app, "DELETE FROM audit_batch WHERE n < 2").await;
        let found = problems(app, &heads).await;
        assert_eq!(found, ["batches up to 2 were taken out, and no line of the log tells that retention did it"]);
    }
);

both!(
    async fn lines_that_wait_are_never_taken_away(app: &TestApp) {
        app.small_federation().await;
        let before = all(app).await.len();
        app.set_clock("2030-01-01T00:00:00+07:00");
        assert_eq!(keep_days(app, 1).await.through, None);
        assert_eq!(all(app).await.len(), before);
    }
);
