//! Plans: drawn up, tried, applied, scheduled, confirmed by another, taken back; and what hangs on units.

use serde_json::{Value, json};

use crate::support::{Actor, Outcome, ROOT, Setup, both};

const PLAN: &str = "reorganisation { code state version report { made { codes } moved { count } ended { codes } members grants \
     drafts targets units { unit before { submitted target } after { submitted target } } } conservation { what holds before after } \
     faults { code field } }";

async fn rollup(reader: &Actor, unit: &str, view: &str) -> Value {
    let document = format!(
        "{{ unit(code: \"{unit}\") {{ rollup(programme: \"SK\"{view}) {{ submitted approved participants claimedBenefit target }} }} }}"
    );
    reader.query(&document, json!({})).await.ok().at("/unit/rollup").clone()
}

async fn children(reader: &Actor, unit: &str) -> Vec<String> {
    let document =
        format!("{{ unit(code: \"{unit}\") {{ children(first: 100, orderBy: CODE_ASC) {{ nodes {{ code }} }} }} }}");
    reader.query(&document, json!({})).await.ok().texts("/unit/children/nodes", "code")
}

async fn draft(actor: &Actor, code: &str, csv: &str, effective_at: Option<&str>) -> Outcome {
    let input = json!({ "code": code, "unit": ROOT, "name": "Sắp xếp", "csv": csv, "effectiveAt": effective_at, "reason": "Nghị quyết" });
    actor.mutate("reorganisationDraft", input, PLAN).await.outcome()
}

async fn version(actor: &Actor, code: &str) -> i64 {
    let document = format!("{{ reorganisation(code: \"{code}\") {{ version }} }}");
    actor.query(&document, json!({})).await.ok().int("/reorganisation/version")
}

async fn apply(actor: &Actor, code: &str) -> Outcome {
    let input = json!({ "code": code, "version": version(actor, code).await });
    actor.mutate("reorganisationApply", input, PLAN).await.outcome()
}

async fn state(actor: &Actor, code: &str) -> String {
    let document = format!("{{ reorganisation(code: \"{code}\") {{ state }} }}");
    actor.query(&document, json!({})).await.ok().text("/reorganisation/state").to_owned()
}

const MERGER: &str = "operation,units,into,parent,code,name,kind\n\
    CREATE,,,TLD,P03,Liên đoàn Lao động tỉnh mới,PROVINCIAL_FEDERATION\n\
    MERGE,P01|P02,P03,,,,\n";

both!(
    async fn two_provinces_become_one_and_nothing_is_lost(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let admin = app.admin_of("P01").await;
        let member = app.member_of("P01").await;
        let other = app.member_of("G3").await;
        let reviewer = app.reviewer_of("P01").await;
        let own = member.send_in("P01", json!({ "claimedBenefit": "70" })).await;
        other
            .send_in("G3", json!({ "claimedBenefit": "5", "coAuthors": [{ "account": member.id(), "share": 30 }] }))
            .await;
        let unsent = member.draft("P01", json!({})).await;
        for (unit, value) in [("P01", 100), ("P02", 50)] {
            let input = json!({ "unit": unit, "programme": "SK", "kind": "GUIDELINE", "value": value });
            root.mutate("targetSet", input, "target { value }").await.done();
        }
        let before = rollup(&root, ROOT, "").await;

        assert_eq!(draft(&root, "GOP", MERGER, None).await, Outcome::Done);
        let tried = root.mutate("reorganisationDryRun", json!({ "code": "GOP" }), PLAN).await.done();
        let report = "/reorganisationDryRun/reorganisation/report";
        assert_eq!(tried.at(&format!("{report}/ended/codes")), &json!(["P01", "P02"]));
        assert_eq!(tried.at(&format!("{report}/made/codes")), &json!(["P03"]));
        assert_eq!((tried.int(&format!("{report}/moved/count")), tried.int(&format!("{report}/drafts"))), (3, 1));
        let told = tried.list(&format!("{report}/units")).iter().find(|unit| unit["unit"] == "P03").unwrap();
        assert_eq!((&told["before"], &told["after"]), (&Value::Null, &json!({ "submitted": 2, "target": 150 })));
        assert_eq!(children(&root, ROOT).await, ["P01", "P02"], "it was only tried");

        assert_eq!(apply(&root, "GOP").await, Outcome::Done);
        assert_eq!(children(&root, ROOT).await, ["P03"]);
        assert_eq!(children(&root, "P03").await, ["G1", "G2", "G3"]);
        assert_eq!(rollup(&root, ROOT, "").await, before);
        let whole = json!({ "submitted": 2, "approved": 0, "participants": 2, "claimedBenefit": "75", "target": 150 });
        assert_eq!(rollup(&root, "P03", "").await, whole);
        let none = json!({ "submitted": 0, "approved": 0, "participants": 0, "claimedBenefit": "0", "target": 100 });
        assert_eq!(rollup(&root, "P01", "").await, none);
        let reported =
            json!({ "submitted": 1, "approved": 0, "participants": 1, "claimedBenefit": "70", "target": 100 });
        assert_eq!(rollup(&root, "P01", ", structure: AS_REPORTED").await, reported);

        let document = "{ unit(code: \"P01\") { dissolvedOn successors { code predecessors { code } } history { code to parent { code } } } }";
        let kin = root.query(document, json!({})).await.ok();
        assert_eq!(kin.texts("/unit/successors", "code"), ["P03"]);
        assert_eq!(kin.texts("/unit/successors/0/predecessors", "code"), ["P01", "P02"]);
        assert_eq!(kin.text("/unit/dissolvedOn"), "2026-03-02");
        assert_ne!(kin.at("/unit/history/0/to"), &Value::Null);

        // Who decided on it reads it, and decides no more; who is appointed at the successor does.
        let read = format!("{{ initiative(code: \"{}\") {{ state unit {{ code }} }} }}", own.code);
        assert_eq!(reviewer.query(&read, json!({})).await.ok().text("/initiative/unit/code"), "P01");
        let approval = json!({ "verifiedBenefit": "70" });
        assert_eq!(
            reviewer.act("initiativeApprove", &own, approval.clone()).await.outcome(),
            Outcome::failed("FORBIDDEN")
        );
        let successor = app.reviewer_of("P03").await;
        assert_eq!(successor.act("initiativeApprove", &own, approval).await.outcome(), Outcome::Done);
        assert_eq!(rollup(&root, "P03", "").await["approved"], 1);
        // The member goes with his draft, and is a member there.
        let read = format!("{{ initiative(code: \"{}\") {{ version unit {{ code }} }} }}", unsent.code);
        let moved = member.query(&read, json!({})).await.ok();
        assert_eq!(
            (moved.text("/initiative/unit/code"), moved.int("/initiative/version")),
            ("P03", unsent.version + 1)
        );
        member.send_in("P03", json!({})).await;
        // Nothing new at what has ended, by whomever.
        for (mutation, input) in [
            ("unitRename", json!({ "unit": "P01", "name": "Khác" })),
            (
                "unitCreate",
                json!({ "unit": null, "code": "X", "name": "X", "kind": "GRASSROOTS_UNION", "parent": "P01" }),
            ),
            ("targetSet", json!({ "unit": "P01", "programme": "SK", "kind": "REGISTERED", "value": 1 })),
        ] {
            let mut input = input;
            input.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            let outcome = root.mutate(mutation, input, "userErrors { code }").await.outcome();
            assert_eq!(outcome, Outcome::refused(&["ILLEGAL_STATE"]), "{mutation}");
        }
        let outcome =
            admin.mutate("unitRename", json!({ "unit": "P01", "name": "Khác" }), "unit { code }").await.outcome();
        assert_eq!(outcome, Outcome::failed("FORBIDDEN"), "its own ADMIN only reads");
    }
);

both!(
    async fn every_fault_of_a_plan_is_told_with_its_step(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let csv = "operation,units,into,parent,code,name,kind\n\
            CREATE,,,TLD,P01,Mã đã có,PROVINCIAL_FEDERATION\n\
            MOVE,G1,,G2,,,\n\
            MERGE,P02|P09,G1,,,,\n\
            DISSOLVE,G3,G3,,,,\n\
            RECODE,TLD,,,TLD2,,\n\
            MOVE,TLD,,P01,,,\n";
        assert_eq!(draft(&root, "SAI", csv, None).await, Outcome::Done);
        let reply = root.mutate("reorganisationDryRun", json!({ "code": "SAI" }), PLAN).await;
        let mut faults = reply.user_errors();
        faults.sort();
        let expected = [
            ("CODE_NOT_AVAILABLE", "steps.0.code"),
            ("CYCLE", "steps.3.into"),
            ("ILLEGAL_PARENT", "steps.1"),
            ("ILLEGAL_PARENT", "steps.2"),
            ("INVALID", "steps.5.units"),
            ("UNKNOWN_CODE", "steps.2.units"),
        ];
        let expected: Vec<(String, String)> =
            expected.iter().map(|(code, field)| ((*code).to_owned(), (*field).to_owned())).collect();
        assert_eq!(faults, expected, "{}", reply.body);
        assert_eq!(children(&root, ROOT).await, ["P01", "P02"]);
    }
);

both!(
    async fn a_plan_is_taken_back_while_nothing_contradicts_it(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let member = app.member_of("P01").await;
        member.send_in("P01", json!({})).await;
        let before = rollup(&root, "P01", "").await;
        draft(&root, "GOP", MERGER, None).await;
        assert_eq!(apply(&root, "GOP").await, Outcome::Done);
        let undo = || root.mutate("reorganisationUndo", json!({ "code": "GOP", "reason": "Nhầm" }), PLAN);
        // What came since stands against it.
        app.plant(&[("G9", "GRASSROOTS_UNION", "P03")]).await;
        assert_eq!(undo().await.outcome(), Outcome::refused(&["ILLEGAL_STATE"]));
        root.mutate("unitMove", json!({ "unit": "G9", "parent": "G9" }), "unit { code }").await;
        let gone = json!({ "unit": "G9" });
        root.mutate("unitDissolve", gone, "unit { code }").await.done();
        assert_eq!(undo().await.outcome(), Outcome::Done);
        assert_eq!(state(&root, "GOP").await, "UNDONE");
        assert_eq!(children(&root, ROOT).await, ["P01", "P02"]);
        assert_eq!(children(&root, "P01").await, ["G1", "G2"]);
        assert_eq!(rollup(&root, "P01", "").await, before);
        // He is a member of his unit again, and the successor that was made has ended.
        member.send_in("P01", json!({})).await;
        let outcome =
            member.mutate("initiativeDraft", crate::support::draft_input("P03", json!({})), "initiative { id }").await;
        assert_ne!(outcome.outcome(), Outcome::Done);
        assert_eq!(undo().await.outcome(), Outcome::refused(&["ILLEGAL_STATE"]));
    }
);

both!(
    async fn everybody_goes_home_when_a_plan_is_taken_back(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        // With roles of different kinds, and with none.
        let at_home = [app.reviewer_of("P01").await, app.member_of("P02").await, app.person("P02", &[]).await];
        let other = app.analyst_of("G3").await;
        let home = async |person: &Actor| {
            let told = person.query("{ viewer { account { unit { code } } } }", json!({})).await.ok();
            told.text("/viewer/account/unit/code").to_owned()
        };
        draft(&root, "GOP", MERGER, None).await;
        assert_eq!(apply(&root, "GOP").await, Outcome::Done);
        for person in &at_home {
            assert_eq!(home(person).await, "P03");
        }
        root.mutate("reorganisationUndo", json!({ "code": "GOP" }), PLAN).await.done();
        let mut homes = Vec::new();
        for person in at_home.iter().chain([&other]) {
            homes.push(home(person).await);
        }
        assert_eq!(homes, ["P01", "P02", "P02", "G3"]);
        // Nobody has become a member above.
        let tx = app.app.store.read().await.unwrap();
        let members =
            "SELECT g.id FROM role_grant g JOIN unit u ON u.id = g.unit_id WHERE g.role = 'MEMBER' AND u.code <> 'P02'";
        assert_eq!(tx.ids(tx.sql(members)).await.unwrap(), [0i64; 0]);
    }
);

both!(
    async fn a_scheduled_plan_is_applied_once_and_one_that_does_not_fit_not_at_all(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        assert_eq!(draft(&root, "GOP", MERGER, Some("2026-03-03T00:00:00+07:00")).await, Outcome::Done);
        assert_eq!(apply(&root, "GOP").await, Outcome::Done);
        let late = "operation,units,parent\nMOVE,G1,P02\n";
        assert_eq!(draft(&root, "MUON", late, Some("2026-03-03T00:00:00+07:00")).await, Outcome::Done);
        assert_eq!(apply(&root, "MUON").await, Outcome::Done);
        assert_eq!((state(&root, "GOP").await, children(&root, ROOT).await.len()), ("SCHEDULED".to_owned(), 2));
        banyan::reorganisation::turn(&app.app).await.unwrap();
        assert_eq!(state(&root, "GOP").await, "SCHEDULED", "its instant has not come");
        app.set_clock("2026-03-03T00:00:05+07:00");
        let (second, _) = app.second_server().await;
        let (one, two) = tokio::join!(banyan::reorganisation::turn(&app.app), banyan::reorganisation::turn(&second));
        // One of them may find the plan in the other's hands.
        assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
        banyan::reorganisation::turn(&app.app).await.unwrap();
        assert_eq!(
            (state(&root, "GOP").await, state(&root, "MUON").await),
            ("APPLIED".to_owned(), "FAILED".to_owned())
        );
        assert_eq!(children(&root, ROOT).await, ["P03"]);
        let document = "{ reorganisation(code: \"MUON\") { effectiveAt appliedAt faults { code field message } } }";
        let failed = root.query(document, json!({})).await.ok();
        assert!(!failed.list("/reorganisation/faults").is_empty());
        assert_eq!(failed.at("/reorganisation/appliedAt"), &Value::Null);
    }
);

both!(
    with Setup { by_two: true, ..Setup::default() };
    async fn where_two_are_needed_nobody_does_both(app: &TestApp) {
        app.small_federation().await;
        let (one, two) = (app.admin_of(ROOT).await, app.admin_of(ROOT).await);
        draft(&one, "GOP", MERGER, None).await;
        assert_eq!(apply(&one, "GOP").await, Outcome::Done);
        assert_eq!(state(&one, "GOP").await, "PROPOSED");
        assert_eq!(apply(&one, "GOP").await, Outcome::refused(&["ILLEGAL_STATE"]));
        let alone = one.mutate("unitMerge", json!({ "units": ["P01"], "into": "P02" }), "unit { code }").await;
        assert_eq!(alone.outcome(), Outcome::refused(&["ILLEGAL_STATE"]));
        assert_eq!(children(&one, ROOT).await, ["P01", "P02"]);
        assert_eq!(apply(&two, "GOP").await, Outcome::Done);
        assert_eq!(children(&one, ROOT).await, ["P03"]);
    }
);

both!(
    async fn whoever_may_not_reorganise_is_told_so(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let province = app.admin_of("P01").await;
        let reviewer = app.reviewer_of(ROOT).await;
        draft(&root, "GOP", MERGER, None).await;
        let version = version(&root, "GOP").await;
        let own =
            json!({ "code": "RIENG", "unit": "P01", "name": "Riêng", "csv": "operation,units,parent\nMOVE,G1,P02\n" });
        province.mutate("reorganisationDraft", own, PLAN).await.done();
        // A plan shows to those of its unit and above.
        let see = "{ reorganisation(code: \"GOP\") { code } reorganisations(first: 10) { totalCount nodes { code } } }";
        let seen = province.query(see, json!({})).await.ok();
        assert_eq!((seen.at("/reorganisation"), seen.int("/reorganisations/totalCount")), (&Value::Null, 1));
        assert_eq!(app.anonymous().query(see, json!({})).await.ok().int("/reorganisations/totalCount"), 0);
        let plan = json!({ "code": "GOP", "version": version });
        for (mutation, input) in [
            ("reorganisationDraft", json!({ "code": "X", "unit": ROOT, "name": "X" })),
            ("reorganisationStep", plan.clone()),
            ("reorganisationDiscard", plan.clone()),
            ("reorganisationDryRun", json!({ "code": "GOP" })),
            ("reorganisationApply", plan),
            ("reorganisationUndo", json!({ "code": "GOP" })),
            ("unitMerge", json!({ "units": ["P01"], "into": "P02" })),
            ("unitDissolve", json!({ "unit": "P01", "into": "P02" })),
            ("unitSplit", json!({ "unit": "P01", "into": "P01", "parts": [{ "unit": "P02", "units": ["G1"] }] })),
            ("unitRecode", json!({ "unit": "P01", "code": "P99" })),
            ("unitReestablish", json!({ "unit": "P01", "parent": ROOT })),
            ("unitChangeKind", json!({ "unit": "P01", "kind": "CORPORATION_UNION" })),
            ("coordinatorSet", json!({ "unit": "G3", "coordinator": "P01" })),
        ] {
            for actor in [&province, &reviewer] {
                let outcome = actor.mutate(mutation, input.clone(), "userErrors { code }").await.outcome();
                let denied = match outcome {
                    Outcome::Failed(code) => ["FORBIDDEN", "NOT_FOUND"].contains(&code.as_str()),
                    // That it lives already is told to whoever sees it.
                    Outcome::Refused(codes) => mutation == "unitReestablish" && codes.contains("ILLEGAL_STATE"),
                    Outcome::Done => false,
                };
                assert!(denied, "{mutation}");
            }
            let nobody = app.anonymous().mutate(mutation, input, "userErrors { code }").await.outcome();
            assert_eq!(nobody, Outcome::failed("UNAUTHENTICATED"), "{mutation}");
        }
        // Above its own unit nobody reaches; and the past needs an OPERATOR.
        let input = json!({ "code": "RIENG", "version": 1 });
        assert_eq!(province.mutate("reorganisationApply", input, PLAN).await.outcome(), Outcome::failed("FORBIDDEN"));
        let backdated =
            json!({ "units": ["G1"], "into": "G2", "reason": "Trước đây", "effectiveAt": "2026-03-02T08:00:00+07:00" });
        assert_eq!(root.mutate("unitMerge", backdated, "unit { code }").await.outcome(), Outcome::failed("FORBIDDEN"));
        assert_eq!((children(&root, ROOT).await.len(), children(&root, "P01").await.len()), (2, 2));
    }
);

both!(
    async fn codes_of_before_go_on_answering(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        app.pass(60);
        root.mutate("unitRecode", json!({ "unit": "P01", "code": "N01" }), "unit { code }").await.done();
        let find = "{ unit(code: \"P01\") { code history { code } } }";
        let found = root.query(find, json!({})).await.ok();
        assert_eq!(
            (found.text("/unit/code"), found.texts("/unit/history", "code")),
            ("N01", vec!["P01".to_owned(), "N01".to_owned()])
        );
        let taken = json!({ "code": "P01", "name": "Khác", "kind": "PROVINCIAL_FEDERATION", "parent": ROOT });
        let outcome = root.mutate("unitCreate", taken, "unit { code }").await.outcome();
        assert_eq!(outcome, Outcome::refused(&["CODE_NOT_AVAILABLE"]));
        root.mutate("unitRecode", json!({ "unit": "N01", "code": "P01" }), "unit { code }").await;
        root.mutate("unitRename", json!({ "unit": "N01", "name": "Tỉnh" }), "unit { name }").await.done();
    }
);

both!(
    async fn the_tree_of_a_day_can_be_walked(app: &TestApp) {
        app.small_federation().await;
        let root = app.admin_of(ROOT).await;
        let document = "{ unit(code: \"TLD\") { rollup(programme: \"SK\") { asOf } } }";
        app.pass(60);
        let then = root.query(document, json!({})).await.ok().text("/unit/rollup/asOf").to_owned();
        app.pass(60);
        draft(&root, "GOP", MERGER, None).await;
        assert_eq!(apply(&root, "GOP").await, Outcome::Done);
        app.pass(60);
        let walk = |at: Option<&str>| {
            let more = at.map(|at| format!(", asOf: \"{at}\"")).unwrap_or_default();
            let only = at.map(|at| format!("(asOf: \"{at}\")")).unwrap_or_default();
            format!(
                "{{ units(first: 100, orderBy: CODE_ASC{more}) {{ totalCount nodes {{ code }} }} unit(code: \"TLD\") {{ \
                 children(first: 100, orderBy: CODE_ASC{more}) {{ nodes {{ code }} }} \
                 descendants(first: 100, orderBy: CODE_ASC{more}) {{ nodes {{ code }} }} }} \
                 leaf: unit(code: \"G3\") {{ parent{only} {{ code }} ancestors{only} {{ code }} }} }}"
            )
        };
        let before = root.query(&walk(Some(&then)), json!({})).await.ok();
        assert_eq!(before.texts("/units/nodes", "code"), ["G1", "G2", "G3", "P01", "P02", ROOT]);
        assert_eq!(before.texts("/unit/children/nodes", "code"), ["P01", "P02"]);
        assert_eq!(before.texts("/unit/descendants/nodes", "code"), ["G1", "G2", "G3", "P01", "P02"]);
        assert_eq!(before.text("/leaf/parent/code"), "P02");
        assert_eq!(before.texts("/leaf/ancestors", "code"), [ROOT, "P02"]);
        let now = root.query(&walk(None), json!({})).await.ok();
        assert_eq!(now.texts("/units/nodes", "code"), ["G1", "G2", "G3", "P03", ROOT]);
        assert_eq!((now.text("/leaf/parent/code"), now.int("/units/totalCount")), ("P03", 5));
        assert_eq!(now.texts("/leaf/ancestors", "code"), [ROOT, "P03"]);
    }
);

both!(
    async fn a_coordinator_is_set_and_taken_away(app: &TestApp) {
        app.plant(&[
            ("P01", "PROVINCIAL_FEDERATION", ROOT),
            ("S01", "CENTRAL_SECTOR_UNION", ROOT),
            ("L1", "LOCAL_SECTOR_UNION", "P01"),
            ("G1", "GRASSROOTS_UNION", "P01"),
        ])
        .await;
        let admin = app.admin_of("P01").await;
        let root = app.admin_of(ROOT).await;
        let set = |unit: &str, coordinator: Option<&str>| json!({ "unit": unit, "coordinator": coordinator });
        let outcome = root.mutate("coordinatorSet", set("G1", Some("S01")), "unit { code }").await.outcome();
        assert_eq!(outcome, Outcome::refused(&["ILLEGAL_PARENT"]));
        let reply = root.mutate("coordinatorSet", set("L1", Some("S01")), "unit { coordinator { code } }").await.done();
        assert_eq!(reply.text("/coordinatorSet/unit/coordinator/code"), "S01");
        let reply = admin.mutate("coordinatorSet", set("L1", None), "unit { coordinator { code } }").await.done();
        assert_eq!(reply.at("/coordinatorSet/unit/coordinator"), &Value::Null);
    }
);
