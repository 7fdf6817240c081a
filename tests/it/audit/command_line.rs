//! The command line: what it writes is recorded, and it checks the log.

use entity::enums::{AuditObject, AuditOutcome, AuditSource};
use serde_json::json;

use super::{change, line, lines, rename, sql, three_batches, unit};
use crate::crash::banyan;
use crate::support::{TestApp, both};

/// Runs the program on the test's database; answers whether it succeeded and all that it said.
fn ran(app: &TestApp, arguments: &[&str]) -> (bool, String) {
    let output = banyan(&app.app.config.database_url, arguments);
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

both!(
    async fn what_the_command_line_writes_is_recorded(app: &TestApp) {
        app.small_federation().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("units.csv");
        std::fs::write(&file, "code,name,kind,parent\nG9,Chín,GRASSROOTS_UNION,P01\n").unwrap();
        let person = ["--name", "Nguyễn Bí Mật", "--unit", "G1", "--email", "bi.mat@example.org", "--role", "MEMBER"];
        for arguments in [
            [&["account", "create"][..], &person].concat(),
            vec!["token", "create", "--account", "bi.mat@example.org", "--name", "máy"],
            vec!["import", "units", file.to_str().unwrap()],
            vec!["check", "--repair"],
        ] {
            let (done, said) = ran(app, &arguments);
            assert!(done, "{arguments:?}: {said}");
        }
        let account = line(app, "account create", AuditOutcome::Done).await;
        assert_eq!((account.source, account.actor_id), (AuditSource::CommandLine, None));
        assert_eq!((account.unit_id, account.object), (Some(unit(app, "G1").await), Some(AuditObject::Account)));
        assert_eq!(change(&account, "grants").1, json!("G1:MEMBER"));
        for field in ["displayName", "email"] {
            assert_eq!(change(&account, field).1.as_str().map(str::len), Some(64));
        }
        assert!(!account.changes.contains("example.org") && !account.changes.contains("Nguyễn"));
        let token = line(app, "token create", AuditOutcome::Done).await;
        assert_eq!(token.object_id, account.object_id);
        let import = line(app, "import units", AuditOutcome::Done).await;
        assert_eq!((change(&import, "file").1, change(&import, "new").1), (json!("units.csv"), json!("1")));
        assert_eq!(lines(app, "check --repair", AuditOutcome::Done).await.len(), 1);

        // Erasing the person makes the hashes meaningless.
        let id = account.object_id.unwrap();
        let salts = format!("UPDATE audit_salt SET account_id = account_id WHERE account_id = {id}");
        assert_eq!(sql(app, &salts).await, 1);
        let tx = app.app.store.write().await.unwrap();
        banyan::audit::forget(&tx, id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sql(app, &salts).await, 0);
    }
);

both!(
    async fn the_command_line_checks_the_log_against_kept_heads(app: &TestApp) {
        let heads = three_batches(app).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("heads.txt");
        let (done, said) = ran(app, &["audit", "heads", "--last", "2"]);
        assert!(done && said.lines().count() == 2 && said.starts_with(&heads[2].text()), "{said}");
        std::fs::write(&file, said).unwrap();
        let (done, said) =
            ran(app, &["check", "--audit", "--heads", file.to_str().unwrap(), "--head", &heads[0].text()]);
        assert!(done && said.contains("the chain is whole"), "{said}");

        rename(app, "Bốn").await;
        let kept = folder.path().join("kept.txt");
        let (done, said) = ran(app, &["audit", "seal", "--audit-head-file", kept.to_str().unwrap()]);
        assert!(done, "{said}");
        assert!(std::fs::read_to_string(&kept).unwrap().starts_with("4:"));
        let (done, said) = ran(app, &["check", "--audit", "--heads", kept.to_str().unwrap()]);
        assert!(done, "{said}");

        let other = heads[1].text().replacen("2:", "3:", 1);
        let (done, said) = ran(app, &["check", "--audit", "--head", &other]);
        assert!(!done && said.contains("batch 3 or one before it was changed"), "{said}");
        let (done, said) = ran(app, &["check", "--audit", "--head", "3:abc"]);
        assert!(!done && said.contains("64 hexadecimal digits"), "{said}");
    }
);

both!(
    async fn a_program_is_told_every_new_head(app: &TestApp) {
        app.small_federation().await;
        let folder = tempfile::tempdir().unwrap();
        let (program, told) = (folder.path().join("keep"), folder.path().join("told"));
        std::fs::write(&program, format!("#!/bin/sh\ncat >> '{}'\n", told.display())).unwrap();
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let (done, said) = ran(app, &["audit", "seal", "--audit-head-command", program.to_str().unwrap()]);
        assert!(done, "{said}");
        let told: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&told).unwrap()).unwrap();
        assert!(said.starts_with(told["head"].as_str().unwrap()), "{said} {told}");
    }
);
