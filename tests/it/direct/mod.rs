//! What is executed by hand is answered as the ordinary executor answers it, byte for byte: generated queries of several viewers go
//! to two servers on the same data, of which one executes nothing by hand.

mod generate;

use banyan::access::Roles;
use banyan::config::Limits;
use banyan::graphql::Api;
use banyan::http::Options;
use entity::enums::Role;
use generate::Generator;
use serde_json::{Value, json};

use crate::support::{Actor, ROOT, Setup, TestApp, both};

const SEED: u64 = 7;
const QUERIES: u64 = 250;

/// An answer as it was sent, without what is left of the caller's budget.
struct Sent {
    status: u16,
    body: String,
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
    let body = reply.text().await.unwrap();
    let told = body.rfind(",\"extensions\":{\"cost\":").map_or(body.as_str(), |at| &body[..at]);
    Sent { status, body: told.to_owned() }
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
