//! `banyan check`: silent about what is right, loud about every kind of damage, and mending what can be mended while others
//! go on writing.

mod derived;

use banyan::check::{Problem, check};
use banyan::ledger::fold_all;
use serde_json::{Value, json};

use crate::access::sql;
use crate::crash::banyan;
use crate::support::{Actor, ROOT, Setup, TestApp, both};

async fn problems(app: &TestApp) -> Vec<Problem> {
    check(&app.app, false, &()).await.unwrap().problems
}

/// Initiatives of two units and two authors in every state, one of them by both; a move and a unit that becomes inner.
async fn work(app: &TestApp) {
    app.small_federation().await;
    let (one, two, reviewer) = (app.member_of("G1").await, app.member_of("G3").await, app.reviewer_of(ROOT).await);
    for n in 0..12 {
        let (author, unit, other) = if n % 3 == 0 { (&two, "G3", &one) } else { (&one, "G1", &two) };
        let co_authors = if n % 2 == 0 { json!([{ "account": other.id(), "share": 10 }]) } else { json!([]) };
        let group = ["A", "B", "C"][n % 3];
        let sent =
            author.send_in(unit, json!({ "group": group, "claimedBenefit": 1_000 + n, "coAuthors": co_authors })).await;
        settle(author, &reviewer, sent, n).await;
    }
    app.plant(&[("M1", "MEMBER_GRASSROOTS_UNION", "G1")]).await;
    let top = app.admin_of(ROOT).await;
    let target = json!({ "unit": "P01", "programme": "SK", "kind": "REGISTERED", "value": 5 });
    app.admin_of("P01").await.mutate("targetSet", target, "target { id }").await.done();
    top.mutate("unitMove", json!({ "unit": "G3", "parent": "P01" }), "unit { id }").await.done();
}

async fn settle(author: &Actor, reviewer: &Actor, mut sent: crate::support::Sent, n: usize) {
    let approve = json!({ "verifiedBenefit": 500 });
    match n % 6 {
        0 => {}
        1 | 5 => drop(reviewer.act("initiativeApprove", &sent, approve).await.done()),
        2 => drop(reviewer.act("initiativeReturn", &sent, json!({ "note": "Sửa" })).await.done()),
        3 => drop(author.act("initiativeWithdraw", &sent, json!({})).await.done()),
        _ => {
            reviewer.act("initiativeApprove", &sent, approve).await.done();
            sent.version += 1;
            reviewer.act("initiativeRevoke", &sent, json!({ "reason": "NOT_NEW" })).await.done();
        }
    }
}

both!(
    async fn work_leaves_nothing_to_find(app: &TestApp) {
        work(app).await;
        let report = check(&app.app, false, &()).await.unwrap();
        assert_eq!(report.problems, []);
        assert_eq!((report.units, report.initiatives), (7, 12));
        let output = banyan(&app.app.config.database_url, &["check"]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success()
                && said.starts_with("checked 7 units, 12 initiatives")
                && said.contains("no problems"),
            "{said}"
        );
    }
);

// What waits to be folded is right too.
both!(with Setup::unfolded(); async fn work_that_is_not_folded_leaves_nothing_to_find(app: &TestApp) {
    work(app).await;
    assert_eq!(problems(app).await, []);
});

const UNIT: &str = "(SELECT id FROM unit WHERE code = 'P01')";
const ANY: &str = "phase_id = 0 AND group_id = 0 AND bloc = ''";

/// Damage that a repair mends: what was done to the database, and where it shows.
fn mendable() -> Vec<(String, &'static str)> {
    vec![
        (format!("UPDATE rollup_cell SET approved = approved + 1 WHERE unit_id = {UNIT} AND {ANY}"), "roll-up of P01, programme SK"),
        (format!("UPDATE rollup_cell SET verified = verified - 400 WHERE unit_id = {UNIT} AND {ANY}"), "roll-up of P01, programme SK"),
        (format!("UPDATE rollup_cell SET participants = 0 WHERE unit_id = {UNIT} AND {ANY}"), "roll-up of P01, programme SK"),
        (format!("DELETE FROM rollup_cell WHERE unit_id = {UNIT}"), "roll-up of P01, programme SK"),
        ("UPDATE rollup_own SET pending = pending + 5, claimed_pending = 1".to_owned(), "own records of "),
        ("UPDATE rollup_own SET opaque_approved = 1".to_owned(), "own records of "),
        ("DELETE FROM rollup_own".to_owned(), "own records of "),
        ("UPDATE rollup_person SET n = n + 1".to_owned(), "a person's initiatives in "),
        ("DELETE FROM rollup_person".to_owned(), "a person's initiatives in "),
        ("INSERT INTO rollup_person (account_id, programme_id, unit_id, phase_id, group_id, n) SELECT 77, programme_id, unit_id, \
          phase_id, group_id, 1 FROM rollup_own"
            .to_owned(), "a person's initiatives in "),
        ("UPDATE participant SET counted_to = 1 WHERE counted_to IS NULL".to_owned(), "participants"),
        ("UPDATE participant SET unit_id = 1".to_owned(), "participants"),
        ("DELETE FROM participant".to_owned(), "participants"),
        ("UPDATE unit_closure SET distance = 5 WHERE distance = 2".to_owned(), "closure: "),
        ("DELETE FROM unit_closure WHERE distance = 2".to_owned(), "closure: TLD above "),
        (
            "INSERT INTO unit_closure (ancestor_id, descendant_id, distance) SELECT a.id, b.id, 9 FROM unit a, unit b \
             WHERE a.code = 'G1' AND b.code = 'G2'"
                .to_owned(),
            "closure: G1 above G2",
        ),
        ("UPDATE unit SET depth = 7 WHERE code = 'G2'".to_owned(), "unit G2 depth"),
        ("UPDATE unit SET name_folded = 'zzz'".to_owned(), "search and sort keys"),
        ("UPDATE initiative SET title_sort = (SELECT name_sort FROM unit WHERE code = 'G1')".to_owned(), "search and sort keys"),
    ]
}

/// Damage to what everything else is counted from: found, and left to people. With what undoes it.
fn lasting() -> Vec<(&'static str, &'static str, &'static str)> {
    vec![
        (
            "UPDATE initiative SET state = 'REJECTED' WHERE state = 'APPROVED'",
            "UPDATE initiative SET state = 'APPROVED' WHERE state = 'REJECTED'",
            "state",
        ),
        ("UPDATE initiative SET version = version + 1", "UPDATE initiative SET version = version - 1", "version"),
        (
            "UPDATE initiative SET counted_claim = counted_claim + 1",
            "UPDATE initiative SET counted_claim = counted_claim - 1",
            "counted claim",
        ),
        (
            "UPDATE initiative SET verified_benefit = verified_benefit + 1",
            "UPDATE initiative SET verified_benefit = verified_benefit - 1",
            "verified benefit",
        ),
        (
            "UPDATE initiative SET submitted_at = submitted_at + 1",
            "UPDATE initiative SET submitted_at = submitted_at - 1",
            "first submission",
        ),
        (
            "UPDATE initiative_event SET seq = seq + 100 WHERE seq = 2",
            "UPDATE initiative_event SET seq = 2 WHERE seq = 102",
            "events",
        ),
        (
            "UPDATE unit_placement SET valid_to = valid_from WHERE unit_id = (SELECT id FROM unit WHERE code = 'G2')",
            "UPDATE unit_placement SET valid_to = NULL WHERE unit_id = (SELECT id FROM unit WHERE code = 'G2')",
            "unit G2 dated places",
        ),
        (
            "UPDATE unit SET has_cells = FALSE WHERE code = 'P01'",
            "UPDATE unit SET has_cells = TRUE WHERE code = 'P01'",
            "unit P01 cells",
        ),
        (
            "UPDATE initiative_event SET was_claim = was_claim + 1 WHERE seq > 1",
            "UPDATE initiative_event SET was_claim = was_claim - 1 WHERE seq > 1",
            "claim before",
        ),
        (
            "UPDATE initiative_event SET was_opaque = NOT was_opaque WHERE seq > 2",
            "UPDATE initiative_event SET was_opaque = NOT was_opaque WHERE seq > 2",
            "not computable before",
        ),
        (
            "UPDATE initiative_event SET was_verified = was_verified + 1 WHERE from_state = 'APPROVED'",
            "UPDATE initiative_event SET was_verified = was_verified - 1 WHERE from_state = 'APPROVED'",
            "verified benefit before",
        ),
        (
            "UPDATE initiative_event SET submitted_at = submitted_at + 1",
            "UPDATE initiative_event SET submitted_at = submitted_at - 1",
            "first submission",
        ),
        (
            "UPDATE initiative_author SET position = position + 1",
            "UPDATE initiative_author SET position = position - 1",
            "first author",
        ),
        (
            "UPDATE unit_closure SET since = since + 1 WHERE since > 0",
            "UPDATE unit_closure SET since = since - 1 WHERE since > 0",
            "unit G3 dated closure, as reported",
        ),
        (
            "UPDATE unit_closure_past SET holds_to = until - 1",
            "UPDATE unit_closure_past SET holds_to = NULL",
            "unit G3 dated closure, as known today",
        ),
        (
            "UPDATE unit_closure_past SET reported = FALSE",
            "UPDATE unit_closure_past SET reported = TRUE",
            "unit G3 dated closure, as reported",
        ),
        (
            "UPDATE unit_closure_past SET ancestor_id = (SELECT id FROM unit WHERE code = 'G2') WHERE distance = 2",
            "UPDATE unit_closure_past SET ancestor_id = (SELECT id FROM unit WHERE parent_id IS NULL) WHERE distance = 2",
            "unit G3 dated closure, as known today",
        ),
        (
            "UPDATE unit_placement SET valid_from = valid_from + 1 WHERE valid_to IS NULL AND unit_id IN \
             (SELECT descendant_id FROM unit_closure_past)",
            "UPDATE unit_placement SET valid_from = valid_from - 1 WHERE valid_to IS NULL AND unit_id IN \
             (SELECT descendant_id FROM unit_closure_past)",
            "unit G3 dated places",
        ),
        (
            "UPDATE initiative SET claimed_benefit = claimed_benefit + 1",
            "UPDATE initiative SET claimed_benefit = claimed_benefit - 1",
            "claimed benefit",
        ),
        (
            "UPDATE initiative_author SET account_id = (SELECT MIN(id) FROM account WHERE id NOT IN \
             (SELECT f.account_id FROM initiative_author f WHERE f.position = 0)) WHERE position > 0",
            "UPDATE initiative_author SET account_id = (SELECT MIN(f.account_id) FROM initiative_author f WHERE f.position = 0 \
             AND f.account_id <> (SELECT g.account_id FROM initiative_author g \
             WHERE g.initiative_id = initiative_author.initiative_id AND g.position = 0)) WHERE position > 0",
            "authors",
        ),
        ("UPDATE target SET value = value + 1", "UPDATE target SET value = value - 1", "target Registered of P01"),
        (
            "UPDATE unit_name SET name = name || '!' WHERE valid_to IS NULL",
            "UPDATE unit_name SET name = substr(name, 1, length(name) - 1) WHERE valid_to IS NULL",
            "unit G1 name",
        ),
    ]
}

both!(
    async fn each_damage_is_found_and_the_mendable_mended(app: &TestApp) {
        work(app).await;
        fold_all(&app.app).await.unwrap();
        let right = whole(app).await;
        for (damage, place) in mendable() {
            assert!(sql(app, &damage).await > 0, "{damage} damages nothing");
            let found = problems(app).await;
            assert!(
                found.iter().any(|problem| problem.place.contains(place) && problem.mendable),
                "{damage}: {found:?}"
            );
            let report = check(&app.app, true, &()).await.unwrap();
            assert_eq!((report.repaired, report.problems.len()), (found.len(), found.len()), "{damage}");
            assert_eq!(problems(app).await, [], "{damage}");
            assert_eq!(whole(app).await, right, "{damage}");
        }
    }
);

both!(
    async fn damage_to_the_truth_is_found_and_left_alone(app: &TestApp) {
        work(app).await;
        fold_all(&app.app).await.unwrap();
        let right = whole(app).await;
        for (damage, undo, place) in lasting() {
            assert!(sql(app, damage).await > 0, "{damage} damages nothing");
            let found = problems(app).await;
            assert!(
                found.iter().any(|problem| problem.place.contains(place) && !problem.mendable),
                "{damage}: {found:?}"
            );
            sql(app, undo).await;
            assert_eq!(problems(app).await, [], "{undo}");
            assert_eq!(whole(app).await, right, "{undo}");
        }
    }
);

both!(
    async fn the_command_says_by_its_exit_code_what_it_found(app: &TestApp) {
        work(app).await;
        fold_all(&app.app).await.unwrap();
        let run = |arguments: &[&str]| banyan(&app.app.config.database_url, arguments).status.code();
        sql(app, &mendable()[0].0).await;
        assert_eq!((run(&["check"]), run(&["check", "--repair"]), run(&["check"])), (Some(1), Some(0), Some(0)));
        sql(app, lasting()[0].0).await;
        assert_eq!((run(&["check"]), run(&["check", "--repair"]), run(&["check"])), (Some(1), Some(1), Some(1)));
    }
);

both!(
    async fn a_repair_does_not_disturb_the_writers(app: &TestApp) {
        work(app).await;
        let (member, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
        let query = "{ unit(code: \"G1\") { rollup(programme: \"SK\") { approved } } }";
        let before = member.query(query, json!({})).await.ok().int("/unit/rollup/approved");
        let writing = async {
            for _ in 0..15 {
                let sent = member.send_in("G1", json!({})).await;
                reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": 5 })).await.done();
            }
        };
        let mending = async {
            for (damage, _) in mendable() {
                sql(app, &damage).await;
                let report = check(&app.app, true, &()).await.unwrap();
                assert!(
                    report.repaired > 0 && report.repaired == report.problems.len(),
                    "{damage}: {:?}",
                    report.problems
                );
                // In one snapshot, whatever is written meanwhile.
                assert_eq!(problems(app).await, [], "{damage}");
            }
        };
        tokio::join!(writing, mending);
        assert_eq!(problems(app).await, []);
        fold_all(&app.app).await.unwrap();
        assert_eq!(problems(app).await, []);
        assert_eq!(member.query(query, json!({})).await.ok().int("/unit/rollup/approved"), before + 15);
    }
);

/// The whole roll-up of the root.
async fn whole(app: &TestApp) -> Value {
    let query = "{ unit(code: \"TLD\") { rollup(programme: \"SK\") { submitted pending returned approved rejected revoked claimedBenefit
        verifiedBenefit benefitNotComputable participants } } }";
    app.anonymous().query(query, json!({})).await.ok().at("/unit/rollup").clone()
}
