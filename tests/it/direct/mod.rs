//! What is executed by hand is answered as the ordinary executor answers it, byte for byte: generated queries of several viewers go
//! to two servers on the same data, of which one executes nothing by hand.

mod generate;

use banyan::access::Roles;
use banyan::config::{History, Limits};
use banyan::graphql::Api;
use banyan::http::Options;
use banyan::ledger::fold_all;
use banyan::rollup::keep_up;
use banyan::store::Dialect;
use entity::enums::Role;
use generate::Generator;
use serde_json::{Value, json};

use crate::support::{Actor, ROOT, Setup, TestApp, both, statements_told};

const SEED: u64 = 7;
const QUERIES: u64 = 250;

/// An answer as it was sent, without what is left of the caller's budget.
struct Sent {
    status: u16,
    body: String,
    /// Statements that it took, where that is told.
    statements: Option<u32>,
}

async fn ask(actor: &Actor, url: &str, language: Option<&str>, body: &Value) -> Sent {
    let mut request = actor.http().post(url).json(body);
    if let Some(token) = actor.bearer() {
        request = request.bearer_auth(token);
    }
    if let Some(language) = language {
        request = request.header("Accept-Language", language);
    }
    let reply = request.send().await.unwrap();
    let status = reply.status().as_u16();
    let timing = reply.headers().get("server-timing").and_then(|value| value.to_str().ok());
    let statements = timing.and_then(statements_told);
    let body = reply.text().await.unwrap();
    let told = body.rfind(",\"extensions\":{\"cost\":").map_or(body.as_str(), |at| &body[..at]);
    Sent { status, body: told.to_owned(), statements }
}

fn unbounded() -> Setup {
    let most = 1_000_000_000;
    let limits = Limits {
        budget: most,
        budget_per_second: most,
        anonymous_budget: most,
        anonymous_budget_per_second: most,
        ..Limits::default()
    };
    // Differences that wait are read by both.
    Setup { limits, ..Setup::unfolded() }
}

async fn programme(app: &TestApp, code: &str, visibility: &str, level: i32) {
    let phase = json!({ "code": "1", "name": "Giai đoạn 1", "appliedFrom": "2025-01-01", "appliedTo": "2025-12-31",
                        "enteredFrom": "2026-01-01", "enteredTo": "2026-06-30" });
    let groups = json!([{ "code": "A", "name": "Nhóm \"A\"" }, { "code": "B", "name": "Nhóm B" }]);
    let input = json!({ "code": code, "name": code, "startsOn": "2025-01-01", "planEndsOn": "2026-12-31",
                        "visibility": visibility, "publicLevel": level, "groups": groups, "blocs": ["PUBLIC"],
                        "phases": [phase] });
    app.operator().await.mutate("programmeCreate", input, "programme { code }").await.done();
}

/// Three programmes, units of several kinds and blocs, initiatives in every state, targets; of the viewers some see little.
async fn scene(app: &TestApp) -> Vec<Actor> {
    app.small_federation().await;
    programme(app, "FED", "FEDERATION", 0).await;
    programme(app, "SUB", "SUBTREE", 3).await;
    app.plant(&[("D1", "DISTRICT_FEDERATION", "P01"), ("DG1", "GRASSROOTS_UNION", "D1")]).await;
    let admin = app.admin_of(ROOT).await;
    for (code, bloc) in [("BG1", json!("PUBLIC")), ("BG2", json!("ENTERPRISE")), ("BG3", Value::Null)] {
        let input = json!({ "code": code, "name": format!("Công đoàn \"{code}\" \\ <b>"), "nameEn": "Union\u{2028}",
                            "kind": "GRASSROOTS_UNION", "parent": "P02", "bloc": bloc, "establishedOn": "2001-02-03" });
        admin.mutate("unitCreate", input, "unit { code }").await.done();
    }
    for (unit, kind, value) in
        [(ROOT, "REGISTERED", 3), ("P01", "REGISTERED", 2), ("P02", "GUIDELINE", 7), ("G1", "PLANNED", 1)]
    {
        let input = json!({ "unit": unit, "programme": "SK", "kind": kind, "value": value });
        admin.mutate("targetSet", input.clone(), "target { id }").await.done();
        let input = json!({ "unit": unit, "programme": "FED", "phase": "1", "kind": kind, "value": value + 1 });
        admin.mutate("targetSet", input, "target { id }").await.done();
    }
    let reviewer = app.reviewer_of(ROOT).await;
    for (n, unit) in ["G1", "G2", "G3", "DG1", "BG1", "BG2", "BG3", "G1", "BG1"].into_iter().enumerate() {
        app.set_clock(&format!("2026-03-02T09:{n:02}:00+07:00"));
        let member = app.member_of(unit).await;
        for programme in ["SK", "FED", "SUB"] {
            let group = if n % 2 == 0 { "A" } else { "B" };
            let sent = member.send_in(unit, json!({ "programme": programme, "group": group })).await;
            match n % 4 {
                0 | 1 => {
                    drop(reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": "123456" })).await.done())
                }
                2 => drop(reviewer.act("initiativeReturn", &sent, json!({ "note": "?" })).await.done()),
                _ => {}
            }
        }
    }
    let analyst = app.analyst_of(ROOT).await;
    vec![
        app.anonymous(),
        app.admin_of("P01").await,
        app.member_of("G1").await,
        app.reviewer_of("D1").await,
        app.analyst_of("P02").await,
        app.api_token(&analyst, Roles::of(&[Role::Analyst]), Some("P01")).await,
        app.api_token(&analyst, Roles::of(&[Role::Member]), None).await,
        analyst,
    ]
}

both!(with unbounded(); async fn what_is_executed_by_hand_is_answered_as_ever(app: &TestApp) {
    let viewers = scene(app).await;
    let ordinary = app.beside(Api::new(app.app.clone()).ordinary(), Options::default()).await;
    let api = Api::new(app.app.clone());
    let direct = app.beside(api.clone(), Options::default()).await;
    let (ordinary, direct) = (format!("{}/graphql", ordinary.url), format!("{}/graphql", direct.url));
    let mut failing = 0;
    for n in 0..QUERIES {
        let body = Generator::new(SEED + n).query();
        let viewer = &viewers[n as usize % viewers.len()];
        let language = [None, Some("vi"), Some("en")][n as usize % 3];
        let expected = ask(viewer, &ordinary, language, &body).await;
        // The second time it is ready to be executed.
        for _ in 0..2 {
            let found = ask(viewer, &direct, language, &body).await;
            assert_eq!((found.status, &found.body), (expected.status, &expected.body), "query {n}: {body}");
        }
        failing += u64::from(expected.body.contains("\"errors\""));
    }
    // Most are executed by hand, and some of them are left to the executor because something is wrong.
    let by_hand = api.by_hand();
    assert!(by_hand > QUERIES / 2, "{by_hand} of {QUERIES}");
    assert!((QUERIES / 50..QUERIES / 2).contains(&failing), "{failing} of {QUERIES}");
});

both!(with unbounded(); async fn instants_are_read_by_hand_as_ever(app: &TestApp) {
    let viewer = scene(app).await.pop().unwrap();
    let ordinary = app.beside(Api::new(app.app.clone()).ordinary(), Options::default()).await;
    let api = Api::new(app.app.clone());
    let direct = app.beside(api.clone(), Options::default()).await;
    let (ordinary, direct) = (format!("{}/graphql", ordinary.url), format!("{}/graphql", direct.url));
    let tx = app.app.store.read().await.unwrap();
    let events = tx.ids(tx.sql("SELECT at AS id FROM initiative_event ORDER BY at")).await.unwrap();
    drop(tx);
    let query = |roll_up: &str| {
        let rollup = format!("rollup(programme: \"SK\", {roll_up}) {{ id structure submitted approved verifiedBenefit participants }}");
        json!({ "query": format!("{{ unit(code: \"TLD\") {{ code {rollup} children(first: 9) {{ nodes {{ code {rollup} }} }} }} }}") })
    };
    let submitted = |sent: &Sent| -> i64 {
        let answer: Value = serde_json::from_str(&format!("{}}}", sent.body)).unwrap();
        answer["data"]["unit"]["rollup"]["submitted"].as_i64().unwrap()
    };
    for structure in ["CURRENT", "AS_REPORTED"] {
        let mut counted = Vec::new();
        for share in [4, 2, 1] {
            let at = chrono::DateTime::from_timestamp_millis(events[events.len() / share - 1]).unwrap().to_rfc3339();
            let body = query(&format!("structure: {structure}, asOf: \"{at}\""));
            let before = api.by_hand();
            let (found, expected) = (ask(&viewer, &direct, None, &body).await, ask(&viewer, &ordinary, None, &body).await);
            assert_eq!((found.status, &found.body), (expected.status, &expected.body), "{body}");
            assert_eq!(api.by_hand(), before + 1, "{body}");
            counted.push(submitted(&found));
        }
        assert!(counted[0] < counted[1] && counted[1] < counted[2], "{counted:?}");
    }
    // Nobody knows what will count then: the ordinary executor says so.
    let (body, before) = (query("asOf: \"2999-01-01T00:00:00Z\""), api.by_hand());
    let (found, expected) = (ask(&viewer, &direct, None, &body).await, ask(&viewer, &ordinary, None, &body).await);
    assert_eq!((found.body.as_str(), api.by_hand()), (expected.body.as_str(), before));
    assert!(found.body.contains("\"rollup\":null"), "{}", found.body);
});

/// What is selected of a unit by dashboards, and arguments of their lists.
const DASHBOARDS: [&str; 5] = [
    "rollup(programme: \"SK\") { submitted pending returned approved claimedBenefit verifiedBenefit benefitNotComputable participants }",
    "rollup(programme: \"FED\") { id approved target(kind: PLANNED) completion(of: SUBMITTED, kind: REGISTERED) { numerator target kind ratio } }",
    "rollup(programme: \"SUB\") { structure participants completion { numerator target ratio } } again: rollup(programme: \"SUB\") { rejected }",
    "rollup(programme: \"SK\", slice: {}) { approved target } sector bloc",
    "rollup(programme: \"NONE\") { approved }",
];
const OPENED: [&str; 5] = [
    "",
    "children(first: 1) { pageInfo { hasNextPage hasPreviousPage } nodes { ...U } }",
    "children(first: 100, orderBy: CODE_DESC) { nodes { ...U } others: nodes { nameEn } edges { node { ...U } } }",
    "children(first: 2, orderBy: NAME_ASC) { nodes { ...U } }",
    "children(first: 100, orderBy: NAME_DESC) { nodes { code name kind } }",
];

both!(with unbounded(); async fn what_a_dashboard_opens_with_is_read_at_once(app: &TestApp) {
    let viewers = scene(app).await;
    let ordinary = app.beside(Api::new(app.app.clone()).ordinary(), Options::default()).await;
    let api = Api::new(app.app.clone());
    let telling = Options { server_timing: true, ..Options::default() };
    let direct = app.beside(api.clone(), telling).await;
    let (ordinary, direct) = (format!("{}/graphql", ordinary.url), format!("{}/graphql", direct.url));
    let mut at_once = 0;
    for folded in [false, true] {
        if folded {
            fold_all(&app.app).await.unwrap();
        }
        for (n, viewer) in viewers.iter().enumerate() {
            for code in [ROOT, "P01", "P02", "G1", "NONE"] {
                for (dashboard, opened) in DASHBOARDS.iter().flat_map(|dashboard| OPENED.map(|opened| (dashboard, opened))) {
                    let fragment = if opened.contains("...U") { "fragment U on Unit { code name " } else { "" };
                    let end = if fragment.is_empty() { "" } else { "}" };
                    let used = if fragment.is_empty() { "" } else { *dashboard };
                    let body = json!({ "query": format!("{{ unit(code: \"{code}\") {{ code {dashboard} {opened} }} }} {fragment}{used}{end}{}", " ".repeat(usize::from(folded))) });
                    let expected = ask(viewer, &ordinary, None, &body).await;
                    assert!(!expected.body.contains("\"errors\""), "{}", expected.body);
                    // Nobody has asked before: nothing is kept.
                    commit_anything(app).await;
                    let found = ask(viewer, &direct, None, &body).await;
                    assert_eq!((found.status, &found.body), (expected.status, &expected.body), "viewer {n}: {body}");
                    at_once += u32::from(folded && found.statements == Some(1));
                }
            }
        }
    }
    // Units without cells, and what is not seen, take more.
    assert!(at_once > 100, "{at_once}");
});

fn fine() -> Setup {
    Setup { history: History { totals: 2, cells: 2, deep: 2 }, ..unbounded() }
}

both!(with fine(); async fn instants_are_read_at_once_where_history_tells_them(app: &TestApp) {
    let viewers = scene(app).await;
    app.pass(60);
    app.admin_of(ROOT).await.mutate("unitMove", json!({ "unit": "D1", "parent": "P02" }), "unit { code }").await.done();
    fold_all(&app.app).await.unwrap();
    let ordinary = app.beside(Api::new(app.app.clone()).ordinary(), Options::default()).await;
    let telling = Options { server_timing: true, ..Options::default() };
    let direct = app.beside(Api::new(app.app.clone()), telling).await;
    let (ordinary, direct) = (format!("{}/graphql", ordinary.url), format!("{}/graphql", direct.url));
    let tx = app.app.store.read().await.unwrap();
    let mut instants = tx.ids(tx.sql("SELECT DISTINCT at AS id FROM initiative_event ORDER BY at")).await.unwrap();
    drop(tx);
    // And one after everything.
    instants.push(instants[instants.len() - 1] + 60_000);
    let mut from_events: Vec<String> = Vec::new();
    let mut at_once = 0;
    // Events tell it at first, then history.
    for kept in [false, true] {
        if kept {
            assert!(keep_up(&app.app).await.unwrap());
        }
        let mut answers = Vec::new();
        for (n, at) in instants.iter().step_by(2).enumerate() {
            let at = chrono::DateTime::from_timestamp_millis(at + n as i64 % 2).unwrap().to_rfc3339();
            for (structure, programme) in [("CURRENT", "SK"), ("AS_REPORTED", "SK"), ("CURRENT", "SUB")] {
                let rollup = format!(
                    "rollup(programme: \"{programme}\", asOf: \"{at}\", structure: {structure}) {{ id submitted approved verifiedBenefit participants }}"
                );
                for code in [ROOT, "P01", "P02"] {
                    let body = json!({ "query": format!(
                        "{{ unit(code: \"{code}\") {{ code {rollup} children(first: 9) {{ nodes {{ code {rollup} }} }} }} }}{}",
                        " ".repeat(usize::from(kept))
                    ) });
                    for viewer in [&viewers[0], &viewers[4], &viewers[7]] {
                        let (found, expected) = (ask(viewer, &direct, None, &body).await, ask(viewer, &ordinary, None, &body).await);
                        assert_eq!((found.status, &found.body), (expected.status, &expected.body), "{body}");
                        at_once += u32::from(kept && found.statements == Some(1));
                        answers.push(found.body);
                    }
                }
            }
        }
        if kept {
            assert!(answers == from_events, "{answers:#?} {from_events:#?}");
        }
        from_events = answers;
    }
    // What will count is told by nobody, whatever history has.
    for at in ["2099-01-01T00:00:00Z", "9999-12-31T00:00:00Z"] {
        for structure in ["CURRENT", "AS_REPORTED"] {
            let rollup = format!("rollup(programme: \"SK\", asOf: \"{at}\", structure: {structure}) {{ submitted }}");
            for below in ["", "children(first: 9) { nodes { code } }"] {
                let body = json!({ "query": format!("{{ unit(code: \"TLD\") {{ {rollup} {below} }} }}") });
                for _ in 0..2 {
                    let (found, expected) =
                        (ask(&viewers[0], &direct, None, &body).await, ask(&viewers[0], &ordinary, None, &body).await);
                    assert_eq!((found.status, &found.body), (expected.status, &expected.body), "{body}");
                    assert!(found.body.contains("\"rollup\":null"), "{body}: {}", found.body);
                }
            }
        }
    }
    // Of those who see the root whole, in each programme and through both trees.
    assert!(at_once as usize >= instants.len(), "{at_once} of {}", instants.len());
});

async fn commit_anything(app: &TestApp) {
    let tx = app.app.store.write().await.unwrap();
    tx.run(tx.sql("UPDATE tree SET version = version")).await.unwrap();
    tx.commit().await.unwrap();
}

/// Generated queries that stand still while everything about them is changed.
const STANDING: u64 = 10;

both!(with unbounded(); async fn what_is_kept_for_the_next_execution_is_what_a_new_one_finds(app: &TestApp) {
    let viewers = scene(app).await;
    let ordinary = app.beside(Api::new(app.app.clone()).ordinary(), Options::default()).await;
    let api = Api::new(app.app.clone());
    let direct = app.beside(api.clone(), Options::default()).await;
    let (ordinary, direct) = (format!("{}/graphql", ordinary.url), format!("{}/graphql", direct.url));
    // The whole tree by parts, and what generated queries ask.
    let whole = "query($none: Int) { unit(code: \"TLD\") { ...U children(first: 100, last: $none) { nodes { ...U } } } }
        fragment U on Unit { code name rollup(programme: \"SK\") { submitted approved participants registeredBelow
        completion { numerator target } breakdown(by: [GROUP]) { keys { value label } approved participants }
        byPhase: breakdown(by: [PHASE]) { keys { value label } submitted } } }";
    let below = "{ unit(code: \"P01\") { name bloc rollup(programme: \"SK\") { approved target(kind: REGISTERED) }
        children(first: 9) { totalCount nodes { code name children(first: 9) { nodes { code rollup(programme: \"FED\") { submitted } } } } } } }";
    let mut bodies = vec![json!({ "query": whole }), json!({ "query": below })];
    bodies.extend((0..STANDING).map(|n| Generator::new(SEED + 7 * n).query()));
    let compare = async |after: &str| {
        for (n, body) in bodies.iter().enumerate() {
            for viewer in viewers.iter().skip(n % 2).step_by(2) {
                let expected = ask(viewer, &ordinary, None, body).await;
                // With what was kept before the change, and with what is kept since: a commit of anything ends the answer itself.
                for turn in 0..3 {
                    commit_anything(app).await;
                    let found = ask(viewer, &direct, None, body).await;
                    assert_eq!(found.status, expected.status, "{after}, query {n}, turn {turn}");
                    assert_eq!(found.body, expected.body, "{after}, query {n}, turn {turn}: {body}");
                }
            }
        }
    };
    compare("at the beginning").await;
    let (top, member, reviewer) = (app.admin_of(ROOT).await, app.member_of("G1").await, app.reviewer_of(ROOT).await);
    let mut sent = Vec::new();
    for _ in 0..2 {
        sent.push(member.send_in("G1", json!({ "programme": "SK", "group": "A" })).await);
    }
    compare("submissions").await;
    reviewer.act("initiativeApprove", &sent[0], json!({ "verifiedBenefit": "77" })).await.done();
    compare("an approval").await;
    let changes = [
        ("unitRename", json!({ "unit": "P01", "name": "Tên mới", "nameEn": "New" })),
        ("targetSet", json!({ "unit": "P01", "programme": "SK", "kind": "REGISTERED", "value": 11 })),
        ("unitCreate", json!({ "code": "NEW", "name": "Mới", "kind": "GRASSROOTS_UNION", "parent": "D1", "bloc": "PUBLIC" })),
        ("unitMove", json!({ "unit": "D1", "parent": "P02" })),
        ("unitRecode", json!({ "unit": "G1", "code": "G1X" })),
        ("unitDissolve", json!({ "unit": "NEW" })),
        ("unitMerge", json!({ "units": ["BG2"], "into": "BG1" })),
    ];
    for (mutation, input) in changes {
        let reply = top.mutate(mutation, input, "userErrors { code }").await;
        assert!(reply.body["errors"].is_null(), "{mutation}: {}", reply.body);
        compare(mutation).await;
    }
    viewers[7].mutate("accountUpdate", json!({ "displayName": "Ai đó" }), "account { id }").await.done();
    compare("a name of one's own").await;
    // Rights, given and taken away: the very same question by the very same caller.
    for (account, unit) in [(&viewers[2], "P02"), (&viewers[4], ROOT)] {
        let grant = json!({ "account": account.id(), "unit": unit, "role": "ANALYST" });
        let given = top.mutate("grantAdd", grant, "grant { id }").await.done();
        compare("a grant").await;
        top.mutate("grantRemove", json!({ "id": given.text("/grantAdd/grant/id") }), "id").await.done();
        compare("a grant taken away").await;
    }
    programme(app, "NEW", "PUBLIC", 2).await;
    compare("a programme").await;
    reviewer.act("initiativeReject", &sent[1], json!({ "reason": "NOT_NEW" })).await.done();
    // What is written past the program is seen as well.
    let tx = app.app.store.write().await.unwrap();
    tx.run(tx.sql("UPDATE programme SET visibility = 'SUBTREE' WHERE code = 'FED'")).await.unwrap();
    tx.run(tx.sql("UPDATE unit SET name = 'Khác' WHERE code = 'P02'")).await.unwrap();
    tx.commit().await.unwrap();
    compare("a hand's change").await;
    // Steps that are cleared away are another generation.
    for n in 0..60 {
        let tx = app.app.store.write().await.unwrap();
        tx.run(tx.sql(format!("UPDATE unit SET name = 'Khác {n}' WHERE code = 'P02'"))).await.unwrap();
        tx.commit().await.unwrap();
    }
    compare("sixty changes").await;
    if app.app.store.dialect == Dialect::Postgres {
        app.app.store.clear_steps().await.unwrap();
    }
    compare("steps cleared away").await;
    assert!(api.by_hand() > 100, "{}", api.by_hand());
});
