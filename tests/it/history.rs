//! History of past instants: whoever keeps it, and however often, the answers stay what events say.

use banyan::config::History;
use banyan::programme::ResolvedSlice;
use banyan::rollup::{self, Keeping, Lens, View, keep_up};
use banyan::store::Dialect;
use chrono_tz::Tz;
use entity::{rollup_activity, rollup_day, rollup_history, rollup_turnout};
use serde_json::{Value, json};

use crate::support::{Actor, ROOT, Setup, TestApp, both};

const DAYS: [&str; 4] = ["2026-03-05", "2026-03-06", "2026-03-09", "2026-03-20"];

/// With a mark after every event.
fn fine() -> Setup {
    Setup { history: History { totals: 1, cells: 1, deep: 1 }, ..Setup::default() }
}

both!(
    with fine();
    async fn what_is_kept_by_two_at_once_is_kept_once(app: &TestApp) {
        let admin = scene(app).await;
        let told = asked(&admin).await;
        let (beside, _) = app.second_server().await;
        let (one, other) = futures_util::future::join(keep_up(&app.app), keep_up(&beside)).await;
        one.unwrap();
        other.unwrap();
        assert_eq!(asked(&admin).await, told);
        // Each mark once, in every grade, the first of all apart; the last event's instant is not closed.
        let marks = count(app, "rollup_mark WHERE at > 0").await;
        assert!(marks > 3 && marks % 3 == 0, "{marks} marks");
        let rows = count(app, "rollup_history").await;
        keep_up(&app.app).await.unwrap();
        assert_eq!((count(app, "rollup_mark WHERE at > 0").await, count(app, "rollup_history").await), (marks, rows));
    }
);

both!(
    with fine();
    async fn what_is_kept_at_once_is_what_was_kept_piece_by_piece(app: &TestApp) {
        app.small_federation().await;
        let (member, other) = (app.member_of("G1").await, app.member_of("G1").await);
        for (i, day) in DAYS.into_iter().enumerate() {
            app.set_clock(&format!("{day}T08:00:00+07:00"));
            let others = if i % 2 == 0 { json!([{ "account": other.id(), "share": 50 }]) } else { json!([]) };
            let sent = member.send_in("G1", json!({ "coAuthors": others })).await;
            app.pass(1);
            if i < 2 {
                member.act("initiativeWithdraw", &sent, json!({})).await.done();
            }
            keep_up(&app.app).await.unwrap();
        }
        let pieces = rows(app).await;
        let (cells, days, events, persons) = (pieces.0.len(), pieces.1.len(), pieces.2.len(), pieces.3.len());
        assert!(cells > 8 && days > 3 && events > 3 && persons > 8, "{pieces:#?}");
        let forgotten = ["DELETE FROM rollup_history", "DELETE FROM rollup_mark WHERE at > 0"];
        let days_forgotten = "UPDATE rollup_keeper SET days_upto = days_upto + 1";
        for statements in [&[days_forgotten][..], &[forgotten[0], forgotten[1], days_forgotten]] {
            let tx = app.app.store.write().await.unwrap();
            for statement in statements {
                tx.run_plain(statement).await.unwrap();
            }
            tx.commit().await.unwrap();
            keep_up(&app.app).await.unwrap();
            assert_eq!(rows(app).await, pieces);
        }
    }
);

both!(
    with fine();
    async fn periods_of_the_root_are_read_from_what_is_kept_by_days(app: &TestApp) {
        let admin = scene(app).await;
        keep_up(&app.app).await.unwrap();
        let before = by_time(&admin).await;
        let tx = app.app.store.write().await.unwrap();
        for (table, column) in [("rollup_day", "approved"), ("rollup_activity", "events"), ("rollup_turnout", "persons")] {
            tx.run_plain(&format!("UPDATE {table} SET {column} = {column} + 100")).await.unwrap();
        }
        tx.commit().await.unwrap();
        let after = by_time(&admin).await;
        for (asked, answer) in before[ROOT].as_object().unwrap() {
            assert_ne!(answer, &after[ROOT][asked], "{asked}");
        }
        // Whoever stands below it is told by events.
        assert_eq!(before["P01"], after["P01"]);
    }
);

both!(
    with fine();
    async fn what_moves_is_kept_through_both_trees(app: &TestApp) {
        let admin = scene(app).await;
        keep_up(&app.app).await.unwrap();
        let before = asked(&admin).await;
        app.pass(5);
        admin.mutate("unitMove", json!({ "unit": "G1", "parent": "P02" }), "unit { code }").await.done();
        assert_eq!(count(app, "rollup_kept WHERE NOT reported AND NOT built").await, 4, "P01 and P02, totals and cells");
        let told = asked(&admin).await;
        let of = |answers: &Value, lens: &str, unit: &str| answers[lens][unit].clone();
        assert_eq!(of(&told, "AS_REPORTED", "P01"), of(&before, "AS_REPORTED", "P01"));
        assert_eq!(of(&told, "CURRENT", "P02"), of(&before, "CURRENT", "P01"), "all of it was of G1");
        keep_up(&app.app).await.unwrap();
        assert_eq!(count(app, "rollup_kept WHERE NOT built").await, 0);
        assert_eq!(asked(&admin).await, told);
        // And back again.
        app.pass(5);
        admin.mutate("unitMove", json!({ "unit": "G1", "parent": "P01" }), "unit { code }").await.done();
        assert_eq!(asked(&admin).await, before);
        keep_up(&app.app).await.unwrap();
        assert_eq!(asked(&admin).await, before);
    }
);

both!(
    async fn few_events_do_not_wait_long_for_a_mark(app: &TestApp) {
        let admin = scene(app).await;
        let (mut keeping, told) = (Keeping::of(&app.app), asked(&admin).await);
        keeping.turn(&app.app).await.unwrap();
        // Far fewer than a mark is set for by itself; the last event's instant is not closed.
        let last = count(app, "initiative_event WHERE at = (SELECT MAX(at) FROM initiative_event)").await;
        assert_eq!(count(app, "rollup_mark WHERE at > 0").await, 1);
        assert_eq!(
            count(app, "initiative_event WHERE submitted_at IS NOT NULL AND at >= (SELECT MAX(at) FROM rollup_mark)")
                .await,
            last
        );
        assert!(count(app, "rollup_history WHERE steps IS NOT NULL").await > 1);
        assert_eq!(asked(&admin).await, told);
        // Nothing has happened since.
        keeping.turn(&app.app).await.unwrap();
        assert_eq!(count(app, "rollup_mark WHERE at > 0").await, 1);
        assert_eq!(banyan::check::check(&app.app, false, &()).await.unwrap().problems, []);
    }
);

both!(
    with fine();
    async fn rows_are_found_by_their_whole_key(app: &TestApp) {
        scene(app).await;
        keep_up(&app.app).await.unwrap();
        let tx = app.app.store.read().await.unwrap();
        if tx.dialect == Dialect::Postgres {
            tx.run_plain("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off").await.unwrap();
        }
        let units = tx.ids(tx.sql("SELECT id FROM unit WHERE has_cells")).await.unwrap();
        let programme = tx.ids(tx.sql("SELECT id FROM programme")).await.unwrap()[0];
        let as_of = tx.ids(tx.sql("SELECT MAX(at) AS id FROM rollup_mark")).await.unwrap().pop();
        tx.keep_plans();
        for lens in [Lens::Current, Lens::Reported] {
            let view = View { as_of, lens, ..View::present(ResolvedSlice::default(), Tz::UTC) };
            let found = rollup::of(&tx, programme, &view, &units).await.unwrap();
            assert!(found.values().any(|measures| !measures.is_zero()));
        }
        let plans = tx.plans();
        let of_history = |line: &&String| match tx.dialect {
            Dialect::Sqlite => line.starts_with("SEARCH h ") || line.starts_with("SEARCH l "),
            // Which row is the nearest or the next, and the row itself; so small a table may be joined in any way where the nearest is meant.
            Dialect::Postgres => {
                line.contains("reported = true") && ["at <", "at >=", "at = "].iter().any(|at| line.contains(at))
            }
        };
        let lines: Vec<&String> = plans.iter().filter(of_history).collect();
        assert!(lines.len() >= 2, "{plans:#?}");
        assert!(lines.iter().all(|line| line.contains("(unit_id ") || line.contains("(unit_id=")), "{lines:#?}");
        assert!(lines.iter().all(|line| line.contains("bloc")), "{lines:#?}");
    }
);

both!(
    with Setup { history: History { totals: 3, cells: 3, deep: 3 }, ..Setup::default() };
    async fn when_so_many_took_part_is_what_each_instant_says(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of(ROOT).await;
        let mut members = Vec::new();
        for unit in ["G1", "G1", "G1", "G2", "G2", "G1", "G2", "G1"] {
            members.push((unit, app.member_of(unit).await));
        }
        let mut sent = Vec::new();
        let mut instants = Vec::new();
        // Some come twice, some come with others, some go and come back.
        for (i, (who, with, goes)) in [
            (0, vec![1, 2], None),
            (3, vec![], None),
            (0, vec![], Some(0)),
            (4, vec![5], None),
            (1, vec![6], Some(1)),
            (2, vec![], Some(3)),
            (7, vec![], None),
            (5, vec![0], Some(2)),
            (6, vec![4], None),
        ]
        .into_iter()
        .enumerate()
        {
            app.set_clock(&format!("2026-03-{:02}T08:00:00+07:00", i + 2));
            let (unit, member) = &members[who];
            let others: Vec<Value> =
                with.iter().map(|other| json!({ "account": members[*other].1.id(), "share": 20 })).collect();
            sent.push((who, member.send_in(unit, json!({ "coAuthors": others })).await));
            instants.push(format!("2026-03-{:02}T08:30:00+07:00", i + 2));
            if let Some(goes) = goes {
                app.set_clock(&format!("2026-03-{:02}T09:00:00+07:00", i + 2));
                let (who, initiative) = &sent[goes];
                members[*who].1.act("initiativeWithdraw", initiative, json!({})).await.done();
                instants.push(format!("2026-03-{:02}T09:30:00+07:00", i + 2));
            }
            if i % 3 == 1 {
                keep_up(&app.app).await.unwrap();
            }
        }
        app.set_clock("2026-03-21T00:00:00+07:00");
        for unit in ["P01", "G1"] {
            let each: Vec<String> = (0..instants.len())
                .map(|i| format!("i{i}: rollup(programme: \"SK\", asOf: \"{}\") {{ participants }}", instants[i]))
                .collect();
            let each = admin.query(&format!("{{ unit(code: \"{unit}\") {{ {} }} }}", each.join(" ")), json!({})).await.ok();
            let counts: Vec<i64> =
                (0..instants.len()).map(|i| each.int(&format!("/unit/i{i}/participants"))).collect();
            let most = counts.iter().copied().max().unwrap();
            assert!(most > 3 && counts.windows(2).any(|pair| pair[1] < pair[0]), "{counts:?}");
            for goal in 1..=most + 1 {
                let target = json!({ "unit": unit, "programme": "SK", "kind": "GUIDELINE", "value": goal });
                admin.mutate("targetSet", target, "target { id }").await.done();
                for lens in ["CURRENT", "AS_REPORTED"] {
                    let query = format!(
                        "{{ unit(code: \"{unit}\") {{ rollup(programme: \"SK\", structure: {lens}) {{ \
                         targetReachedAt(of: PARTICIPANTS) }} }} }}"
                    );
                    let reply = admin.query(&query, json!({})).await.ok();
                    let reached = reply.at("/unit/rollup/targetReachedAt").as_str().map(|at| at[..13].to_owned());
                    let expected = counts.iter().position(|count| *count >= goal).map(|i| instants[i][..13].to_owned());
                    assert_eq!(reached, expected, "{unit} {lens} {goal} of {counts:?}");
                }
            }
        }
    }
);

/// Some days with initiatives of one grassroots union of P01.
async fn scene(app: &TestApp) -> Actor {
    app.small_federation().await;
    let (admin, reviewer) = (app.admin_of(ROOT).await, app.reviewer_of("P01").await);
    let member = app.member_of("G1").await;
    for (i, day) in DAYS.into_iter().enumerate() {
        app.set_clock(&format!("{day}T08:00:00+07:00"));
        let sent = member.send_in("G1", json!({ "claimedBenefit": "1000000" })).await;
        app.pass(1);
        let input = json!({ "id": sent.id, "version": sent.version, "verifiedBenefit": "1000000" });
        if i > 0 {
            reviewer.mutate("initiativeApprove", input, "initiative { state }").await.done();
        } else {
            let input = json!({ "id": sent.id, "version": sent.version });
            member.mutate("initiativeWithdraw", input, "initiative { state }").await.done();
        }
    }
    app.set_clock("2026-03-21T00:00:00+07:00");
    admin
}

/// Every measure at the end of each day, of the units and through the trees.
async fn asked(reader: &Actor) -> Value {
    let mut answers = json!({});
    for lens in ["CURRENT", "AS_REPORTED"] {
        for unit in [ROOT, "P01", "P02", "G1"] {
            let day = |(i, day): (usize, &str)| {
                format!(
                    "d{i}: rollup(programme: \"SK\", asOf: \"{day}T20:00:00+07:00\", structure: {lens}) {{ submitted pending \
                     approved claimedBenefit verifiedBenefit participants \
                     breakdown(by: [GROUP]) {{ keys {{ value }} submitted participants }} }}"
                )
            };
            let days: Vec<String> = DAYS.into_iter().enumerate().map(day).collect();
            let query = format!("{{ unit(code: \"{unit}\") {{ {} }} }}", days.join(" "));
            answers[lens][unit] = reader.query(&query, json!({})).await.ok().at("/unit").clone();
        }
    }
    answers
}

/// What goes by time, of the root and of a unit below it, now and at an instant before.
async fn by_time(reader: &Actor) -> Value {
    let mut answers = json!({});
    for unit in [ROOT, "P01"] {
        let query = format!(
            "{{ unit(code: \"{unit}\") {{ \
               month: rollup(programme: \"SK\") {{ breakdown(by: [MONTH]) {{ keys {{ value }} approved }} }} \
               days: rollup(programme: \"SK\", structure: AS_REPORTED, asOf: \"2026-03-19T00:00:00+07:00\") {{ \
                 breakdown(by: [GROUP, DAY]) {{ keys {{ value }} approved }} }} \
               during: rollup(programme: \"SK\", slice: {{ during: {{ from: \"2026-03-06\", to: \"2026-03-09\" }} }}) {{ approved }} \
               persons: rollup(programme: \"SK\") {{ breakdown(by: [WEEK]) {{ keys {{ value }} participants }} }} \
               day: rollup(programme: \"SK\", slice: {{ during: {{ from: \"2026-03-06\", to: \"2026-03-06\" }} }}) {{ participants }} \
               activity: rollup(programme: \"SK\") {{ activity(by: WEEK) {{ key {{ value }} approved }} }} }} }}"
        );
        answers[unit] = reader.query(&query, json!({})).await.ok().at("/unit").clone();
    }
    answers
}

type Rows =
    (Vec<rollup_history::Model>, Vec<rollup_day::Model>, Vec<rollup_activity::Model>, Vec<rollup_turnout::Model>);

/// All that is kept.
async fn rows(app: &TestApp) -> Rows {
    let tx = app.app.store.read().await.unwrap();
    let all = |table: &str, key: &str| tx.sql(format!("SELECT * FROM {table} ORDER BY {key}"));
    (
        tx.all(all("rollup_history", "unit_id, reported, phase_id, group_id, bloc, at")).await.unwrap(),
        tx.all(all("rollup_day", "at, day, phase_id, group_id")).await.unwrap(),
        tx.all(all("rollup_activity", "at, day, action, phase_id, group_id")).await.unwrap(),
        tx.all(all("rollup_turnout", "at, period, number")).await.unwrap(),
    )
}

async fn count(app: &TestApp, rows: &str) -> i64 {
    let tx = app.app.store.read().await.unwrap();
    tx.ids(tx.sql(format!("SELECT COUNT(*) AS id FROM {rows}"))).await.unwrap()[0]
}
