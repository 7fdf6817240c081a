//! The tree stays a tree, and everything that counts moves with its unit.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Actor, Outcome, ROOT, Setup, TestApp, both, founded};

/// Code, and the codes of the units above, root first.
type Place = (String, Vec<String>);

/// Every unit with what the server says of its ancestors, held against its parents and children.
async fn whole_tree(reader: &Actor) -> Vec<Place> {
    let query = "{ units(first: 100, orderBy: CODE_ASC) { totalCount nodes { code parent { code } ancestors { code }
                   children(first: 100, orderBy: CODE_ASC) { nodes { code } } descendants(first: 1) { totalCount } } } }";
    let reply = reader.query(query, json!({})).await.ok();
    let code = |unit: &Value| unit["code"].as_str().unwrap().to_owned();
    let codes = |units: &Value| units.as_array().unwrap().iter().map(code).collect::<Vec<_>>();
    let nodes = reply.list("/units/nodes");
    assert_eq!(reply.int("/units/totalCount"), nodes.len() as i64);
    let parents: BTreeMap<String, Option<String>> =
        nodes.iter().map(|unit| (code(unit), unit["parent"]["code"].as_str().map(str::to_owned))).collect();
    assert_eq!(parents.values().filter(|parent| parent.is_none()).count(), 1, "one root");
    let mut places = Vec::new();
    for unit in nodes {
        let mut above = Vec::new();
        let mut at = parents[&code(unit)].clone();
        while let Some(parent) = at {
            assert!(above.len() < nodes.len(), "{} stands in a circle", code(unit));
            at = parents[&parent].clone();
            above.insert(0, parent);
        }
        assert_eq!(codes(&unit["ancestors"]), above, "ancestors of {}", code(unit));
        let children = parents.iter().filter(|(_, parent)| parent.as_ref() == Some(&code(unit)));
        assert_eq!(codes(&unit["children"]["nodes"]), children.map(|(code, _)| code.clone()).collect::<Vec<_>>());
        places.push((code(unit), above));
    }
    for unit in nodes {
        let below = places.iter().filter(|(_, above)| above.contains(&code(unit))).count();
        assert_eq!(unit["descendants"]["totalCount"], json!(below), "descendants of {}", code(unit));
    }
    places
}

async fn relocate(actor: &Actor, unit: &str, parent: &str) -> Outcome {
    actor.mutate("unitMove", json!({ "unit": unit, "parent": parent }), "unit { parent { code } }").await.outcome()
}

/// P01 with a district D1 and P02; below D1 a grassroots union G with a member union M and a department D; beside it H.
async fn plant(app: &TestApp) {
    app.small_federation().await;
    app.plant(&[
        ("D1", "DISTRICT_FEDERATION", "P01"),
        ("D2", "DISTRICT_FEDERATION", "P02"),
        ("G", "GRASSROOTS_UNION", "D1"),
        ("H", "GRASSROOTS_UNION", "D1"),
        ("M", "MEMBER_GRASSROOTS_UNION", "G"),
        ("D", "DEPARTMENTAL_UNION", "M"),
        ("T", "UNION_TEAM", "D"),
    ])
    .await;
}

both!(
    async fn a_unit_is_legal_below_the_kinds_that_the_data_name_and_no_other(app: &TestApp) {
        // One unit of each kind, in an order in which each finds a parent.
        let kinds = [
            ("NATIONAL_CONFEDERATION", ""),
            ("PROVINCIAL_FEDERATION", ROOT),
            ("CENTRAL_SECTOR_UNION", ROOT),
            ("CORPORATION_UNION", ROOT),
            ("DISTRICT_FEDERATION", "K1"),
            ("LOCAL_SECTOR_UNION", "K1"),
            ("ZONE_UNION", "K1"),
            ("SUPERIOR_CORPORATION_UNION", "K1"),
            ("CENTRAL_AGENCY_UNION", "K2"),
            ("DISTRICT_EDUCATION_UNION", "K4"),
            ("COMMUNE_UNION", "K1"),
            ("GRASSROOTS_UNION", "K1"),
            ("OCCUPATIONAL_UNION", "K1"),
            ("MEMBER_GRASSROOTS_UNION", "K11"),
            ("DEPARTMENTAL_UNION", "K11"),
            ("UNION_TEAM", "K11"),
        ];
        let codes: Vec<String> =
            (0..kinds.len()).map(|i| if i == 0 { ROOT.to_owned() } else { format!("K{i}") }).collect();
        let units: Vec<(&str, &str, &str)> =
            (1..kinds.len()).map(|i| (codes[i].as_str(), kinds[i].0, kinds[i].1)).collect();
        app.plant(&units).await;
        let data = include_str!("../../data/unit-kinds.csv");
        let mut lines = csv::Reader::from_reader(data.as_bytes());
        let legal: BTreeMap<String, String> =
            lines.records().map(|line| line.unwrap()).map(|line| (line[0].to_owned(), line[3].to_owned())).collect();
        let admin = app.admin_of(ROOT).await;
        for (i, (kind, _)) in kinds.iter().enumerate() {
            for (j, (parent, _)) in kinds.iter().enumerate() {
                let input = json!({ "code": format!("X{i}-{j}"), "name": "Đơn vị", "kind": kind, "parent": codes[j],
                                "establishedOn": founded(kind) });
                let outcome = admin.mutate("unitCreate", input, "unit { code }").await.outcome();
                let expected = match legal[*kind].split('|').any(|legal| legal == *parent) {
                    true => Outcome::Done,
                    false => Outcome::refused(&["ILLEGAL_PARENT"]),
                };
                assert_eq!(outcome, expected, "{kind} below {parent}");
            }
        }
    }
);

both!(
    async fn nothing_stands_below_itself_and_the_root_stays_the_root(app: &TestApp) {
        plant(app).await;
        let admin = app.admin_of(ROOT).await;
        let before = whole_tree(&admin).await;
        let cycle = |outcome: Outcome| matches!(outcome, Outcome::Refused(codes) if codes.contains("CYCLE"));
        for (unit, parent) in [("G", "M"), ("G", "T"), ("M", "D"), ("P01", "G"), ("D", "D")] {
            assert!(cycle(relocate(&admin, unit, parent).await), "{unit} below {parent}");
        }
        assert_eq!(relocate(&admin, ROOT, "P01").await, Outcome::failed("FORBIDDEN"));
        assert_eq!(relocate(&admin, "G", "nowhere").await, Outcome::failed("NOT_FOUND"));
        assert_eq!(relocate(&admin, "T", "P01").await, Outcome::refused(&["ILLEGAL_PARENT"]));
        assert_eq!(whole_tree(&admin).await, before);
    }
);

both!(
    async fn opposite_moves_at_once_leave_a_tree(app: &TestApp) {
        plant(app).await;
        let admin = app.admin_of(ROOT).await;
        let member = app.member_of("T").await;
        member.send_in("T", json!({})).await;
        for _ in 0..6 {
            // Each pair would make a circle, or a unit with two parents, if both looked before either wrote.
            let moves = [
                ("M", "H"),
                ("D", "H"),
                ("D", "M"),
                ("M", "G"),
                ("H", "D2"),
                ("G", "D2"),
                ("T", "M"),
                ("T", "H"),
                ("M", "D"),
                ("H", "D1"),
                ("G", "D1"),
                ("T", "D"),
            ];
            let outcomes = join_all(moves.map(|(unit, parent)| relocate(&admin, unit, parent))).await;
            for ((unit, parent), outcome) in moves.iter().zip(outcomes) {
                match (*unit, *parent) {
                    ("M", "D") => {
                        assert!(matches!(&outcome, Outcome::Refused(codes) if codes.contains("ILLEGAL_PARENT")))
                    }
                    _ => assert_eq!(outcome, Outcome::Done, "{unit} below {parent}"),
                }
            }
            let tree = whole_tree(&admin).await;
            let above = &tree.iter().find(|(code, _)| code == "T").unwrap().1;
            let query = "{ units(first: 100) { nodes { code rollup(programme: \"SK\") { submitted participants } } } }";
            for unit in admin.query(query, json!({})).await.ok().list("/units/nodes") {
                let code = unit["code"].as_str().unwrap();
                let n = i64::from(code == "T" || above.iter().any(|up| up == code));
                assert_eq!(unit["rollup"], json!({ "submitted": n, "participants": n }), "{code}");
            }
        }
        assert_eq!(banyan::check::check(&app.app, false, &()).await.unwrap().problems, []);
    }
);

both!(
    async fn a_moved_subtree_takes_its_numbers_along(app: &TestApp) {
        plant(app).await;
        let admin = app.admin_of(ROOT).await;
        let (deep, beside) = (app.member_of("T").await, app.member_of("H").await);
        deep.send_in("T", json!({ "claimedBenefit": 5 })).await;
        deep.send_in("T", json!({ "claimedBenefit": 7, "coAuthors": [{ "account": beside.id(), "share": 20 }] })).await;
        beside.send_in("H", json!({ "claimedBenefit": 11 })).await;
        let sums = async || {
            let query =
                "{ a: unit(code: \"TLD\") { ...F } b: unit(code: \"P01\") { ...F } c: unit(code: \"D1\") { ...F }
                       d: unit(code: \"P02\") { ...F } e: unit(code: \"D2\") { ...F } f: unit(code: \"G\") { ...F } }
                     fragment F on Unit { rollup(programme: \"SK\") { claimedBenefit participants } }";
            let reply = admin.query(query, json!({})).await.ok();
            ["a", "b", "c", "d", "e", "f"].map(|unit| {
                let rollup = &reply.at("")[unit]["rollup"];
                format!("{}/{}", rollup["claimedBenefit"].as_str().unwrap(), rollup["participants"])
            })
        };
        assert_eq!(sums().await, ["23/2", "23/2", "23/2", "0/0", "0/0", "12/2"]);
        assert_eq!(relocate(&admin, "G", "D2").await, Outcome::Done);
        assert_eq!(sums().await, ["23/2", "11/1", "11/1", "12/2", "12/2", "12/2"]);
        assert_eq!(relocate(&admin, "G", "P01").await, Outcome::Done);
        assert_eq!(sums().await, ["23/2", "23/2", "11/1", "0/0", "0/0", "12/2"]);
        // Where it stands already it may be moved, and nothing happens.
        assert_eq!(relocate(&admin, "G", "P01").await, Outcome::Done);
        assert_eq!(sums().await, ["23/2", "23/2", "11/1", "0/0", "0/0", "12/2"]);
    }
);

both!(with Setup::unfolded(); async fn what_is_queued_counts_and_moves_along_before_it_is_folded(app: &TestApp) {
    plant(app).await;
    let admin = app.admin_of(ROOT).await;
    let (deep, beside) = (app.member_of("T").await, app.member_of("H").await);
    let sums = async || {
        let query = "{ a: unit(code: \"TLD\") { ...F } b: unit(code: \"D1\") { ...F } c: unit(code: \"D2\") { ...F } }
                     fragment F on Unit { rollup(programme: \"SK\") { submitted participants }
                       phase: rollup(programme: \"SK\", slice: { phase: [\"1\"] }) { submitted } }";
        let reply = admin.query(query, json!({})).await.ok();
        ["a", "b", "c"].map(|unit| {
            let unit = &reply.at("")[unit];
            assert_eq!(unit["rollup"]["submitted"], unit["phase"]["submitted"]);
            format!("{}/{}", unit["rollup"]["submitted"], unit["rollup"]["participants"])
        })
    };
    let first = deep.send_in("T", json!({ "coAuthors": [{ "account": beside.id(), "share": 20 }] })).await;
    beside.send_in("H", json!({})).await;
    assert_eq!(sums().await, ["2/2", "2/2", "0/0"]);
    assert_eq!(relocate(&admin, "G", "D2").await, Outcome::Done);
    assert_eq!(sums().await, ["2/2", "1/1", "1/2"]);
    banyan::ledger::fold_all(&app.app).await.unwrap();
    assert_eq!(sums().await, ["2/2", "1/1", "1/2"]);
    // From here on some of it is folded and some is queued.
    deep.act("initiativeWithdraw", &first, json!({})).await.done();
    assert_eq!(sums().await, ["1/1", "1/1", "0/0"]);
    assert_eq!(relocate(&admin, "G", "D1").await, Outcome::Done);
    deep.send_in("T", json!({})).await;
    assert_eq!(sums().await, ["2/2", "2/2", "0/0"]);
    banyan::ledger::fold_all(&app.app).await.unwrap();
    assert_eq!(sums().await, ["2/2", "2/2", "0/0"]);
});

both!(
    async fn moving_needs_authority_over_both_places(app: &TestApp) {
        plant(app).await;
        let province = app.admin_of("P01").await;
        assert_eq!(relocate(&province, "G", "D2").await, Outcome::failed("NOT_FOUND"));
        assert_eq!(relocate(&province, "G", "P02").await, Outcome::failed("FORBIDDEN"));
        assert_eq!(relocate(&province, "G", "P01").await, Outcome::Done);
        // An admin of the unit itself, of both parents, or of the district alone stands too low.
        use entity::enums::Role::Admin;
        let both_parents = app.person("P01", &[("P01", Admin), ("P02", Admin)]).await;
        assert_eq!(relocate(&both_parents, "G", "P02").await, Outcome::failed("FORBIDDEN"));
        assert_eq!(relocate(&app.admin_of("G").await, "G", "D1").await, Outcome::failed("NOT_FOUND"));
        assert_eq!(relocate(&app.admin_of("D1").await, "H", "P01").await, Outcome::failed("FORBIDDEN"));
        assert_eq!(relocate(&app.reviewer_of(ROOT).await, "G", "P02").await, Outcome::failed("FORBIDDEN"));
    }
);

both!(
    async fn a_code_is_one_units_for_ever_whoever_asks(app: &TestApp) {
        plant(app).await;
        let found = async |actor: &Actor, code: &str, parent: &str| {
            let input = json!({ "code": code, "name": "Công đoàn", "kind": "GRASSROOTS_UNION", "parent": parent });
            actor.mutate("unitCreate", input, "unit { code }").await
        };
        let (stranger, admin) = (app.admin_of("P02").await, app.admin_of(ROOT).await);
        // The code of a unit that is invisible to him answers as one that he sees.
        let hidden = found(&stranger, "G", "P02").await;
        let seen = found(&stranger, "G3", "P02").await;
        assert_eq!(hidden.user_errors(), [("CODE_NOT_AVAILABLE".to_owned(), "code".to_owned())]);
        assert_eq!(hidden.body, seen.body);
        found(&admin, "X.1-a_B", "P02").await.done();
        for (code, wrong) in
            [("", "REQUIRED"), ("a b", "INVALID"), ("-a", "INVALID"), ("Đ", "INVALID"), (&"A".repeat(41), "TOO_LONG")]
        {
            assert_eq!(found(&admin, code, "P02").await.outcome(), Outcome::refused(&[wrong]), "{code:?}");
        }
    }
);

both!(
    async fn a_kind_is_founded_only_in_its_time(app: &TestApp) {
        app.plant(&[("P01", "PROVINCIAL_FEDERATION", ROOT)]).await;
        let admin = app.admin_of(ROOT).await;
        let mut n = 0;
        let mut found = async |kind: &str, day: Value| {
            n += 1;
            let input = json!({ "code": format!("U{n}"), "name": "Đơn vị", "kind": kind, "parent": "P01", "establishedOn": day });
            admin.mutate("unitCreate", input, "unit { code }").await.outcome()
        };
        let (done, never) = (Outcome::Done, Outcome::refused(&["INVALID"]));
        assert_eq!(found("DISTRICT_FEDERATION", Value::Null).await, never);
        assert_eq!(found("DISTRICT_FEDERATION", json!("2025-06-30")).await, done);
        assert_eq!(found("DISTRICT_FEDERATION", json!("2025-07-01")).await, never);
        assert_eq!(found("LOCAL_SECTOR_UNION", json!("2025-12-31")).await, done);
        assert_eq!(found("COMMUNE_UNION", json!("2025-06-30")).await, never);
        assert_eq!(found("COMMUNE_UNION", Value::Null).await, done);
        assert_eq!(found("GRASSROOTS_UNION", json!("2026-03-02")).await, done);
        assert_eq!(found("GRASSROOTS_UNION", json!("2026-03-03")).await, Outcome::refused(&["OUT_OF_RANGE"]));
    }
);
