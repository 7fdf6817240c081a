//! Sealing: every line once, in whatever order it was committed, by however many sealers.

use banyan::audit::{BATCH, Done, Origin, Turn, seal, verify, write};
use entity::enums::{AuditObject, AuditOutcome};
use futures_util::future::join_all;

use super::{all, lines, number, problems, rename, sql, three_batches};
use crate::support::{Engine, Setup, TestApp, both, run};

both!(
    async fn what_is_sealed_is_proved_and_what_is_not_is_told(app: &TestApp) {
        let heads = three_batches(app).await;
        rename(app, "Chưa").await;
        let kept: Vec<_> = heads.iter().map(|head| head.text().parse().unwrap()).collect();
        let report = verify(&app.app, &kept).await.unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
        assert_eq!((report.batches, report.unsealed, report.head), (3, 1, heads.last().copied()));
        assert_eq!(report.lines + 1, all(app).await.len() as u64);
        assert!(seal(&app.app, Turn::Leave).await.unwrap().len() == 1);
        assert!(seal(&app.app, Turn::Leave).await.unwrap().is_empty());
    }
);

both!(
    async fn an_empty_log_is_whole(app: &TestApp) {
        assert!(seal(&app.app, Turn::Wait).await.unwrap().is_empty());
        let report = verify(&app.app, &[]).await.unwrap();
        assert_eq!((report.problem_count, report.batches, report.unsealed, report.head), (0, 0, 0, None));
        assert!(problems(app, &[]).await.is_empty());
    }
);

both!(
    async fn several_sealers_seal_each_line_once(app: &TestApp) {
        app.small_federation().await;
        let writes = async {
            for n in 0..20 {
                rename(app, &format!("Tên {n}")).await;
            }
        };
        let seals = async {
            for _ in 0..20 {
                join_all((0..4).map(|_| async { seal(&app.app, Turn::Leave).await.unwrap() })).await;
            }
        };
        tokio::join!(writes, seals);
        seal(&app.app, Turn::Wait).await.unwrap();
        let report = verify(&app.app, &[]).await.unwrap();
        assert_eq!((report.problems, report.unsealed), (Vec::new(), 0));
        assert_eq!(report.lines, all(app).await.len() as u64);
        assert_eq!(lines(app, "unitRename", AuditOutcome::Done).await.len(), 20);
        assert_eq!(
            number(app, "SELECT MAX(n) AS id FROM audit_batch").await,
            number(app, "SELECT COUNT(*) AS id FROM audit_batch").await
        );
    }
);

both!(
    async fn a_long_queue_is_sealed_in_batches(app: &TestApp) {
        let many = 2 * BATCH as i64 + 3;
        let tx = app.app.store.write().await.unwrap();
        for n in 0..many {
            let done = Done::of(AuditObject::Database, n, None);
            write(&app.app, &tx, &Origin::COMMAND_LINE, "test", &done).await.unwrap();
        }
        tx.commit().await.unwrap();
        let heads = seal(&app.app, Turn::Wait).await.unwrap();
        assert_eq!(heads.iter().map(|head| head.lines).collect::<Vec<_>>(), [BATCH as i64, BATCH as i64, 3]);
        assert_eq!(problems(app, &heads).await, Vec::<String>::new());
    }
);

/// A transaction that takes long: others that began later are sealed before it commits.
#[test]
fn a_line_that_commits_late_is_sealed_late() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        app.small_federation().await;
        let tx = app.app.store.write().await.unwrap();
        let done = Done::of(AuditObject::Database, 7, None);
        write(&app.app, &tx, &Origin::COMMAND_LINE, "slow", &done).await.unwrap();
        app.set_clock("2026-03-02T09:00:05+07:00");
        rename(app, "Nhanh").await;
        let first = seal(&app.app, Turn::Wait).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(problems(app, &first).await, Vec::<String>::new());
        let second = seal(&app.app, Turn::Wait).await.unwrap();
        assert_eq!(second.iter().map(|head| (head.n, head.lines)).collect::<Vec<_>>(), [(2, 1)]);
        assert_eq!(problems(app, &[first[0], second[0]]).await, Vec::<String>::new());
    });
}

/// Whoever seals holds up no mutation, and whoever finds the chain taken leaves it.
#[test]
fn a_sealer_that_hangs_holds_up_nobody() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        app.small_federation().await;
        let hanging = app.app.store.write().await.unwrap();
        let taken = hanging.ids(hanging.sql("SELECT id FROM audit_chain WHERE id = 1 FOR UPDATE")).await.unwrap();
        assert_eq!(taken, [1]);
        rename(app, "Vẫn được").await;
        assert!(seal(&app.app, Turn::Leave).await.unwrap().is_empty());
        hanging.rollback().await.unwrap();
        assert_eq!(seal(&app.app, Turn::Leave).await.unwrap().len(), 1);
    });
}

both!(
    async fn sealed_rows_are_not_changed_either(app: &TestApp) {
        three_batches(app).await;
        for statement in [
            "UPDATE audit_batch SET sealed_at = 0",
            "DELETE FROM audit_batch",
            "UPDATE audit_member SET position = position + 100",
            "DELETE FROM audit_member",
            "DELETE FROM audit_entry",
        ] {
            let tx = app.app.store.write().await.unwrap();
            let refused = tx.run(tx.sql(statement)).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{statement}: {refused}");
        }
        sql(app, "INSERT INTO audit_checkpoint (n, head, at) SELECT n, head, 0 FROM audit_batch WHERE n = 1").await;
        let tx = app.app.store.write().await.unwrap();
        assert!(tx.run(tx.sql("DELETE FROM audit_checkpoint")).await.is_err());
        drop(tx);
        // A checkpoint lets go what is before it, and nothing else.
        let tx = app.app.store.write().await.unwrap();
        assert!(tx.run(tx.sql("DELETE FROM audit_member WHERE batch = 2")).await.is_err());
        drop(tx);
        assert!(
            sql(app, "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_member WHERE batch = 1)").await
                > 0
        );
    }
);
