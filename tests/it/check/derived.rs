//! What `banyan check` compares beside roll-ups and the closure: search words, and the history that is kept.

use banyan::check::check;
use banyan::config::History;
use banyan::ledger::fold_all;
use banyan::rollup::keep_up;
use banyan::store::Dialect;
use serde_json::json;

use super::{problems, settle, work};
use crate::access::sql;
use crate::support::{Setup, TestApp, both};

/// Damage to what is searched for, where the database tells what it has of it.
const SEARCHED: [(&str, &str); 11] = [
    ("DELETE FROM title_word", "words in the search index"),
    ("UPDATE initiative_text SET title_folded = title_folded || ' x'", "words in the search index"),
    ("UPDATE initiative_text SET title_lower = title_lower || ' x'", "words in the search index"),
    ("UPDATE initiative_text SET unit_id = unit_id + 1", "words in the search index"),
    ("UPDATE initiative_text SET code = code || 'X'", "words in the search index"),
    ("UPDATE initiative_text SET span = span + 1", "words in the search index"),
    ("DELETE FROM initiative_text", "words in the search index"),
    (
        "INSERT INTO initiative_text (id, unit_id, span, title_folded, title_lower, code) VALUES (5, 1, 1, 'no', 'no', 'N')",
        "search index of initiatives",
    ),
    (
        "UPDATE unit_text SET words = 'no' WHERE id = (SELECT id FROM unit WHERE code = 'G2')",
        "unit G2 words in the search index",
    ),
    ("DELETE FROM unit_text", "words in the search index"),
    ("INSERT INTO unit_text (id, words) VALUES (5, 'no such')", "search index of units"),
];

both!(
    async fn what_is_searched_for_is_compared_where_it_can_be(app: &TestApp) {
        work(app).await;
        fold_all(&app.app).await.unwrap();
        let told = if app.app.store.dialect == Dialect::Sqlite { 1 } else { SEARCHED.len() };
        for (damage, place) in SEARCHED.into_iter().take(told) {
            assert!(sql(app, damage).await > 0, "{damage} damages nothing");
            let found = problems(app).await;
            assert!(
                found.iter().all(|problem| problem.place.contains(place) && problem.mendable),
                "{damage}: {found:?}"
            );
            let report = check(&app.app, true, &()).await.unwrap();
            assert!(report.repaired == found.len() && report.repaired > 0, "{damage}");
            assert_eq!(problems(app).await, [], "{damage}");
        }
    }
);

/// Damage to history that was kept: every measure of it, a row too few or too many, the wrong instant, a wrong number of events.
const KEPT: [(&str, &str); 18] = [
    ("UPDATE rollup_history SET approved = approved + 1", "history of "),
    ("UPDATE rollup_history SET verified = verified + 500 WHERE phase_id <> 0", "history of "),
    ("UPDATE rollup_history SET participants = participants - 1 WHERE participants > 1", "history of "),
    ("UPDATE rollup_history SET opaque_pending = 1", "history of "),
    (
        "UPDATE rollup_history SET pending = pending - 1, approved = approved + 1 WHERE NOT reported",
        "through the tree now",
    ),
    ("UPDATE rollup_history SET at = at + 1", "history of "),
    ("DELETE FROM rollup_history WHERE at = (SELECT MAX(at) FROM rollup_history)", "history of "),
    ("DELETE FROM rollup_history WHERE bloc = ''", "history of "),
    ("UPDATE rollup_history SET steps = NULL WHERE steps IS NOT NULL", "history of "),
    (
        "UPDATE rollup_history SET steps = (SELECT o.steps FROM rollup_history o WHERE o.steps IS NOT NULL ORDER BY o.at, o.unit_id LIMIT 1) \
         WHERE steps IS NOT NULL",
        "history of ",
    ),
    ("UPDATE rollup_mark SET events = events + 1 WHERE at > 0", "history's mark "),
    ("UPDATE rollup_day SET pending = pending + 1", "days of programme SK"),
    ("UPDATE rollup_day SET day = day + 1", "days of programme SK"),
    ("DELETE FROM rollup_day WHERE at = (SELECT MAX(at) FROM rollup_day)", "days of programme SK"),
    ("UPDATE rollup_turnout SET persons = persons + 1 WHERE period = 'WEEK'", "days of programme SK"),
    ("DELETE FROM rollup_turnout WHERE period = 'DAY'", "days of programme SK"),
    ("UPDATE rollup_activity SET events = events + 1", "days of programme SK"),
    ("DELETE FROM rollup_activity WHERE at = (SELECT MIN(at) FROM rollup_activity)", "days of programme SK"),
];

fn fine() -> Setup {
    Setup { history: History { totals: 1, cells: 2, deep: 3 }, ..Setup::default() }
}

both!(
    with fine();
    async fn kept_history_is_compared_and_built_anew(app: &TestApp) {
        work(app).await;
        app.pass(60);
        work_on(app).await;
        fold_all(&app.app).await.unwrap();
        keep_up(&app.app).await.unwrap();
        let report = check(&app.app, false, &()).await.unwrap();
        assert_eq!((report.problems, report.unbuilt), (vec![], 0));
        assert!(report.history > 50, "{} rows", report.history);
        for (damage, place) in KEPT {
            assert!(sql(app, damage).await > 0, "{damage} damages nothing");
            let found = problems(app).await;
            assert!(found.iter().any(|problem| problem.place.contains(place)), "{damage}: {found:?}");
            let kept = |problem: &banyan::check::Problem| ["history", "days"].iter().any(|kept| problem.place.contains(kept));
            assert!(found.iter().all(kept), "{damage}: {found:?}");
            let report = check(&app.app, true, &()).await.unwrap();
            assert_eq!(report.repaired, found.len(), "{damage}");
            assert_eq!(problems(app).await, [], "{damage}");
            keep_up(&app.app).await.unwrap();
            let report = check(&app.app, false, &()).await.unwrap();
            assert_eq!((report.problems, report.unbuilt), (vec![], 0), "{damage}");
        }
    }
);

/// More of the same, later: so there are instants that are closed.
async fn work_on(app: &TestApp) {
    let (member, reviewer) = (app.member_of("G1").await, app.reviewer_of("P01").await);
    for n in 0..4 {
        let sent = member.send_in("G1", json!({ "claimedBenefit": 7_000 + n })).await;
        app.pass(1);
        settle(&member, &reviewer, sent, n + 1).await;
    }
    app.pass(60);
}
