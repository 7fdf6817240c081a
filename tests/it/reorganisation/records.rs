//! Records that a split gives to another unit.

use serde_json::{Value, json};

use crate::support::{Actor, Engine, Outcome, ROOT, Setup, TestApp, run};

async fn rollup(reader: &Actor, unit: &str, view: &str) -> Value {
    let document = format!(
        "{{ unit(code: \"{unit}\") {{ rollup(programme: \"SK\"{view}) {{ submitted approved participants claimedBenefit }} }} }}"
    );
    reader.query(&document, json!({})).await.ok().at("/unit/rollup").clone()
}

fn told(submitted: i32, approved: i32, participants: i32, claimed: &str) -> Value {
    json!({ "submitted": submitted, "approved": approved, "participants": participants, "claimedBenefit": claimed })
}

/// Codes of the initiatives of a unit, and of those behind its number.
async fn listed(reader: &Actor, unit: &str) -> (Vec<String>, Vec<String>) {
    let document = format!(
        "{{ unit(code: \"{unit}\") {{ initiatives(first: 50) {{ nodes {{ code }} }} rollup(programme: \"SK\") {{ \
         initiatives(measure: SUBMITTED, first: 50) {{ nodes {{ code }} totalCount }} }} }} }}"
    );
    let reply = reader.query(&document, json!({})).await.ok();
    let sorted = |path: &str| {
        let mut codes = reply.texts(path, "code");
        codes.sort();
        codes
    };
    (sorted("/unit/initiatives/nodes"), sorted("/unit/rollup/initiatives/nodes"))
}

async fn sound(app: &TestApp) {
    assert_eq!(banyan::check::check(&app.app, false, &()).await.unwrap().problems, []);
}

fn all(test: impl AsyncFn(&TestApp) + Copy) {
    for (engine, folder) in [(Engine::Sqlite, true), (Engine::Postgres, true), (Engine::Postgres, false)] {
        run(engine, Setup { folder, ..Setup::default() }, async |app: &TestApp| test(app).await);
    }
}

#[test]
fn records_go_where_a_split_sends_them_and_come_back() {
    all(async |app: &TestApp| {
        app.small_federation().await;
        let root = app.person(ROOT, &[(ROOT, entity::enums::Role::Admin), (ROOT, entity::enums::Role::Analyst)]).await;
        let (lan, mai) = (app.member_of("G1").await, app.member_of("G1").await);
        let (old, new) = (app.reviewer_of("G1").await, app.reviewer_of("G2").await);
        let first = lan.send_in("G1", json!({ "claimedBenefit": "10" })).await;
        let both = json!({ "claimedBenefit": "20", "coAuthors": [{ "account": mai.id(), "share": 30 }] });
        let second = lan.send_in("G1", both).await;
        let stays = mai.send_in("G1", json!({ "claimedBenefit": "40" })).await;
        old.act("initiativeApprove", &first, json!({ "verifiedBenefit": "9" })).await.done();
        let draft = lan.draft("G1", json!({})).await;
        app.pass(60);
        let before = root.query("{ unit(code: \"TLD\") { rollup(programme: \"SK\") { asOf } } }", json!({})).await.ok();
        let then = before.text("/unit/rollup/asOf").to_owned();
        let at = format!(", structure: AT, structureAt: \"{then}\"");
        let whole = rollup(&root, "P01", "").await;
        app.pass(60);

        let records = [&first.code, &second.code, &draft.code];
        let input = json!({ "unit": "G1", "into": "G1", "parts": [{ "unit": "G2", "initiatives": records }] });
        root.mutate("unitSplit", input, "unit { code }").await.done();
        sound(app).await;
        assert_eq!(rollup(&root, "G1", "").await, told(1, 0, 1, "40"));
        assert_eq!(rollup(&root, "G2", "").await, told(2, 1, 2, "30"));
        assert_eq!(rollup(&root, "P01", "").await, whole);
        for lens in [", structure: AS_REPORTED", &at, &format!(", structure: AS_REPORTED, asOf: \"{then}\"")] {
            assert_eq!(rollup(&root, "G1", lens).await, told(3, 1, 2, "70"), "{lens}");
            assert_eq!(rollup(&root, "G2", lens).await, told(0, 0, 0, "0"), "{lens}");
        }
        assert_eq!(rollup(&root, "G2", &format!(", asOf: \"{then}\"")).await, told(2, 1, 2, "30"));
        for lens in ["", ", structure: AS_REPORTED", &at] {
            let document = format!(
                "{{ unit(code: \"P01\") {{ rollup(programme: \"SK\"{lens}) {{ a: breakdown(by: [CHILD]) {{ unit {{ code }} submitted }} \
                 b: breakdown(by: [KIND]) {{ keys {{ value }} submitted }} }} }} }}"
            );
            let parts = root.query(&document, json!({})).await.ok();
            let of = |code: &str| {
                let parts = parts.list("/unit/rollup/a").iter();
                parts
                    .filter(|part| part["unit"]["code"] == code)
                    .map(|part| part["submitted"].as_i64().unwrap())
                    .sum::<i64>()
            };
            assert_eq!((of("G1"), of("G2")), if lens.is_empty() { (1, 2) } else { (3, 0) }, "{lens}");
            let kind = json!([{ "keys": [{ "value": "GRASSROOTS_UNION" }], "submitted": 3 }]);
            assert_eq!(parts.at("/unit/rollup/b"), &kind, "{lens}");
        }
        // Lists go with the numbers; where each was sent in is still told.
        let mut gone = vec![first.code.clone(), second.code.clone()];
        gone.sort();
        let (own, behind) = listed(&root, "G2").await;
        assert_eq!((&own, &behind), (&gone, &gone));
        assert_eq!(listed(&root, "G1").await, (vec![stays.code.clone()], vec![stays.code.clone()]));
        let read = format!("{{ initiative(code: \"{}\") {{ unit {{ code name }} }} }}", second.code);
        assert_eq!(lan.query(&read, json!({})).await.ok().text("/initiative/unit/code"), "G1");
        let read = format!("{{ initiative(code: \"{}\") {{ unit {{ code }} }} }}", draft.code);
        assert_eq!(lan.query(&read, json!({})).await.ok().text("/initiative/unit/code"), "G2");
        // Whose work went on is a member there, too.
        lan.draft("G2", json!({})).await;
        // Who decides now.
        let approval = json!({ "verifiedBenefit": "5" });
        let refused = old.act("initiativeApprove", &second, approval.clone()).await.outcome();
        assert_eq!(refused, Outcome::failed("NOT_FOUND"));
        assert_eq!(new.act("initiativeApprove", &second, approval).await.outcome(), Outcome::Done);
        assert_eq!(rollup(&root, "G2", "").await["approved"], 2);
        let units = root.query("{ units(first: 50) { totalCount } }", json!({})).await.ok();
        assert_eq!(units.int("/units/totalCount"), 6);
        sound(app).await;

        app.pass(60);
        let plans = root.query("{ reorganisations(first: 5) { nodes { code } } }", json!({})).await.ok();
        let code = plans.texts("/reorganisations/nodes", "code")[0].clone();
        root.mutate("reorganisationUndo", json!({ "code": code, "reason": "Nhầm" }), "reorganisation { code }")
            .await
            .done();
        sound(app).await;
        assert_eq!(rollup(&root, "G1", "").await, told(3, 2, 2, "70"));
        assert_eq!(rollup(&root, "G2", "").await, told(0, 0, 0, "0"));
        assert_eq!(lan.query(&read, json!({})).await.ok().text("/initiative/unit/code"), "G1");

        // What was given away once can be given away again, and on from there; and all of it be taken back.
        let give = async |from: &str, to: &str| {
            app.pass(60);
            let parts = json!([{ "unit": to, "initiatives": [first.code, second.code] }]);
            root.mutate("unitSplit", json!({ "unit": from, "into": from, "parts": parts }), "unit { code }")
                .await
                .done();
            sound(app).await;
        };
        give("G1", "G2").await;
        give("G2", "G3").await;
        let submitted = async |unit: &str| rollup(&root, unit, "").await["submitted"].as_i64().unwrap();
        assert_eq!((submitted("G1").await, submitted("G2").await, submitted("G3").await), (1, 0, 2));
        give("G3", "G1").await;
        assert_eq!((submitted("G1").await, submitted("G2").await, submitted("G3").await), (3, 0, 0));
        assert_eq!(rollup(&root, "G1", &at).await, told(3, 2, 2, "70"));
        assert_eq!(rollup(&root, "G1", ", structure: AS_REPORTED").await, told(3, 2, 2, "70"));
        let read = format!("{{ initiative(code: \"{}\") {{ unit {{ code }} }} }}", second.code);
        assert_eq!(lan.query(&read, json!({})).await.ok().text("/initiative/unit/code"), "G1");
        // Nobody sees what they are kept by.
        let tx = app.app.store.read().await.unwrap();
        let hidden =
            tx.all::<entity::unit::Model>(tx.sql("SELECT * FROM unit WHERE bundle_of_id IS NOT NULL")).await.unwrap();
        drop(tx);
        assert!(hidden.len() >= 4);
        for unit in &hidden {
            let document = format!(
                "{{ unit(code: \"{0}\") {{ id }} units(search: \"{0}\", first: 5) {{ totalCount }} }}",
                unit.code
            );
            let reply = root.query(&document, json!({})).await.ok();
            assert_eq!((reply.at("/unit"), reply.int("/units/totalCount")), (&Value::Null, 0));
            let input = json!({ "unit": unit.code, "parent": "P01" });
            let outcome = root.mutate("unitReestablish", input, "unit { code }").await.outcome();
            assert_eq!(outcome, Outcome::failed("NOT_FOUND"), "{}", unit.code);
        }
    });
}

#[test]
fn what_cannot_go_is_told() {
    all(async |app: &TestApp| {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let lan = app.member_of("G1").await;
        let own = lan.send_in("G1", json!({})).await;
        let elsewhere = app.member_of("G3").await.send_in("G3", json!({})).await;
        let split = async |parts: Value| {
            let input = json!({ "unit": "G1", "into": "G1", "parts": parts });
            root.mutate("unitSplit", input, "unit { code }").await.outcome()
        };
        for (parts, code) in [
            (json!([{ "unit": "G2", "initiatives": ["SK-KHONG"] }]), "UNKNOWN_CODE"),
            (json!([{ "unit": "G2", "initiatives": [elsewhere.code] }]), "UNKNOWN_CODE"),
            (json!([{ "unit": "G2", "initiatives": ["a\u{0}b"] }]), "UNKNOWN_CODE"),
            (
                json!([{ "unit": "G2", "initiatives": [own.code] }, { "unit": "G3", "initiatives": [own.code] }]),
                "INVALID",
            ),
        ] {
            assert_eq!(split(parts.clone()).await, Outcome::refused(&[code]), "{parts}");
        }
        assert_eq!(rollup(&root, "G1", "").await["submitted"], 1);
        sound(app).await;
        // The unit ends, one part has a record of it, the rest goes to another.
        app.pass(60);
        let more = lan.send_in("G1", json!({})).await;
        app.pass(60);
        let csv = format!("operation,units,into,parts,records\nSPLIT,G1,G3,G2=,G2={}\n", more.code);
        let input = json!({ "code": "CHIA", "unit": ROOT, "name": "Chia", "csv": csv });
        root.mutate("reorganisationDraft", input, "reorganisation { code }").await.done();
        let input = json!({ "code": "CHIA", "version": 1 });
        root.mutate("reorganisationApply", input, "reorganisation { code }").await.done();
        sound(app).await;
        let counts = async |unit: &str| rollup(&root, unit, "").await["submitted"].as_i64().unwrap();
        assert_eq!((counts("G1").await, counts("G2").await, counts("G3").await, counts(ROOT).await), (0, 1, 2, 3));
        assert_eq!(rollup(&root, "G1", ", structure: AS_REPORTED").await["submitted"], 2);
    });
}
