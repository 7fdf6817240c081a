//! The real case on the demo, by the command line: tried, applied and taken back; what was reported stays, and what follows is the sum.

use std::collections::BTreeMap;

use banyan::access::{Caller, Viewer};
use banyan::app::App;
use banyan::check::check;
use banyan::demo::figures::{Line, Verdict};
use banyan::demo::{self, Scale};
use banyan::graphql::{Api, Call};
use serde_json::Value;

use crate::crash::banyan;
use crate::demo::{SEED, both, computed, empty, loader};

const MEASURES: &str =
    "submitted pending returned approved rejected revoked claimedBenefit verifiedBenefit benefitNotComputable";
const DURING: &str = "2022-06-01T00:00:00+07:00";
const END: &str = "2023-09-01T00:00:00+07:00";
const MERGED: [&str; 3] = ["P35", "P36", "P37"];

/// Somebody who asks the API as the confederation's analyst.
struct Asking {
    app: App,
    caller: Caller,
}

impl Asking {
    async fn of(app: &App) -> Asking {
        let tx = app.store.read().await.unwrap();
        let analyst = demo::cast(&tx).await.unwrap().into_iter().find(|part| part.key == "analyst").unwrap();
        let viewer = Viewer::of(analyst.account);
        Asking { app: app.clone(), caller: Caller { viewer, ..Caller::nobody() } }
    }

    async fn ask(&self, query: &str) -> Value {
        let call = Call { query: Some(query.to_owned()), ..Call::default() };
        let answer = Api::new(self.app.clone()).run(self.caller.clone(), None, call).await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(body.get("errors").is_none(), "{query}: {body}");
        body["data"].clone()
    }

    /// The measures of a unit, by name.
    async fn measures(&self, unit: &str, programme: &str, how: &str) -> BTreeMap<String, i64> {
        let query = format!(
            "{{ unit(code: \"{unit}\") {{ rollup(programme: \"{programme}\"{how}) {{ {MEASURES} participants }} }} }}"
        );
        let data = self.ask(&query).await;
        let rollup = data["unit"]["rollup"].as_object().unwrap_or_else(|| panic!("{query}: {data}"));
        let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap();
        rollup.iter().map(|(name, value)| (name.clone(), number(value))).collect()
    }

    /// Everything that was reported of 2022 and 2023, by units, slices and instants.
    async fn reported(&self) -> Vec<(String, Value)> {
        let mut told = Vec::new();
        for unit in
            ["TLD", "P01", "P35", "P36", "P37", "P46", "P79", "D376", "D001", "P35-NGD", "D376-G1", "S05", "S06"]
        {
            for slice in [
                "",
                r#", slice: { phase: ["1"] }"#,
                r#", slice: { group: ["ENTERPRISE_WORKER"] }"#,
                r#", slice: { bloc: ["PUBLIC"] }"#,
            ] {
                for at in [String::new(), format!(", asOf: \"{DURING}\""), format!(", asOf: \"{END}\"")] {
                    let query = format!(
                        "{{ unit(code: \"{unit}\") {{ id rollup(programme: \"1M-SK\", structure: AS_REPORTED{slice}{at}) \
                         {{ {MEASURES} participants target }} }} }}"
                    );
                    told.push((query.clone(), self.ask(&query).await));
                }
            }
        }
        for unit in ["TLD", "P37"] {
            let query = format!(
                "{{ unit(code: \"{unit}\") {{ rollup(programme: \"1M-SK\", structure: AS_REPORTED, asOf: \"{END}\") \
                 {{ unitsOverTarget {{ over withTarget total }} breakdown(by: [CHILD]) {{ unit {{ id }} {MEASURES} participants }} }} }} }}"
            );
            let mut data = self.ask(&query).await;
            // Parts come by code, and codes have changed.
            let parts = data["unit"]["rollup"]["breakdown"].as_array_mut().unwrap();
            parts.sort_by_key(|part| part["unit"]["id"].to_string());
            told.push((query, data));
        }
        told
    }

    async fn count(&self, field: &str) -> i64 {
        let data = self.ask(&format!("{{ unit(code: \"TLD\") {{ found: {field} {{ totalCount }} }} }}")).await;
        data["unit"]["found"]["totalCount"].as_i64().unwrap()
    }
}

/// Runs `banyan reorganise`; answers whether it succeeded, and all that it said.
fn reorganise(url: &str, arguments: &[&str]) -> (bool, String) {
    let output = banyan(url, &[&["reorganise"], arguments].concat());
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let wide = said.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    assert!(wide < 110 || arguments.contains(&"--export"), "{wide}: {said}");
    (output.status.success(), said)
}

fn added(all: &[BTreeMap<String, i64>]) -> BTreeMap<String, i64> {
    let mut sum = BTreeMap::new();
    for (name, value) in all.iter().flatten() {
        *sum.entry(name.clone()).or_default() += value;
    }
    sum
}

async fn sound(app: &App) {
    assert_eq!(check(app, false, &()).await.unwrap().problems, []);
}

#[test]
fn the_reorganisation_of_2025_loses_nothing() {
    both(async |database| {
        let url = database.url.as_str();
        let app = empty(database).await;
        demo::prepare(&loader(&app), SEED, Scale::Small, &()).await.unwrap();
        let asking = Asking::of(&app).await;
        let provinces = "children(kind: [PROVINCIAL_FEDERATION], first: 1)";
        let districts = "descendants(kind: [DISTRICT_FEDERATION], first: 1)";
        let grassroots = "descendants(kind: [GRASSROOTS_UNION], first: 1)";
        let all = asking.count(grassroots).await;
        assert_eq!((asking.count(provinces).await, asking.count(districts).await), (63, 705));
        let reported = asking.reported().await;
        let figures = computed(&app).await;
        let (mut parts, mut parts_then) = (Vec::new(), Vec::new());
        for code in MERGED {
            parts.push(asking.measures(code, "1M-SK", "").await);
            parts_then.push(asking.measures(code, "1M-SK", &format!(", asOf: \"{DURING}\"")).await);
        }
        let root = asking.measures("TLD", "1M-SK", "").await;

        // The draft is there; trying it changes nothing.
        let (done, said) = reorganise(url, &["VN-2025", "--told", "D376"]);
        assert!(
            done && said.contains("812 steps") && said.contains("held: not done") && said.contains("D376 "),
            "{said}"
        );
        // One line for each programme.
        assert_eq!((said.matches("  holds ").count(), said.contains("BROKEN")), (3, false), "{said}");
        assert_eq!(asking.count(provinces).await, 63);
        assert_eq!(asking.reported().await, reported);
        let (done, said) = reorganise(url, &["VN-2025", "--export"]);
        let shipped = include_str!("../../data/reorganisation-2025-plan.csv");
        assert!(done && said == shipped, "{said}");

        let (done, said) = reorganise(url, &["VN-2025", "--apply"]);
        assert!(done && said.contains("VN-2025 is applied"), "{said}");
        sound(&app).await;
        assert_eq!((asking.count(provinces).await, asking.count(districts).await), (34, 0));
        assert_eq!(asking.count(grassroots).await, all);

        // AS_REPORTED: nothing is another number, of units that have ended either.
        for ((query, before), (_, after)) in reported.iter().zip(asking.reported().await) {
            assert_eq!(before, &after, "{query}");
        }
        // All published figures come out, ranks among 63 provinces too.
        for (before, after) in figures.iter().zip(computed(&app).await) {
            let told = |figure: &Line| (figure.computed.clone(), figure.verdict);
            assert_eq!(told(before), told(&after), "{}", before.what);
            assert!(before.verdict != Verdict::Wrong);
        }

        // CURRENT: the successor has it all, at any instant; who has ended has nothing.
        let people = |one: &BTreeMap<String, i64>| one["participants"];
        for (how, parts) in [(String::new(), &parts), (format!(", asOf: \"{DURING}\""), &parts_then)] {
            let (mut now, mut sum) = (asking.measures("N37", "1M-SK", &how).await, added(parts));
            // Whoever took part in two of them is one person.
            assert!(people(&now) <= people(&sum) && parts.iter().all(|part| people(part) <= people(&now)));
            now.remove("participants");
            sum.remove("participants");
            assert_eq!(now, sum, "{how}");
        }
        assert_eq!(asking.measures("TLD", "1M-SK", "").await, root);
        assert!(asking.measures("P37", "1M-SK", "").await.values().all(|value| *value == 0));
        // AT: any tree that ever was.
        for (code, before) in MERGED.iter().zip(&parts) {
            let then = asking.measures(code, "1M-SK", &format!(", structure: AT, structureAt: \"{DURING}\"")).await;
            assert_eq!(&then, before, "{code}");
        }
        let now = asking.measures("N37", "1M-SK", ", structure: AT, structureAt: \"2025-07-01T00:00:00+07:00\"").await;
        assert_eq!(now, asking.measures("N37", "1M-SK", "").await);
        let day_before =
            asking.measures("TLD", "1M-SK", ", structure: AT, structureAt: \"2025-06-30T00:00:00+07:00\"").await;
        assert_eq!(day_before, root);

        // Who became what.
        let data = asking
            .ask(
                "{ gone: unit(code: \"P35\") { code dissolvedOn successors { code } } heir: unit(code: \"N37\") { predecessors { code } \
                 parent { code } } same: unit(code: \"P46\") { code name dissolvedOn } district: unit(code: \"D376\") { successors { code } } }",
            )
            .await;
        assert_eq!(data["gone"]["successors"][0]["code"], "N37");
        assert_eq!((&data["gone"]["code"], &data["gone"]["dissolvedOn"]), (&"P35".into(), &"2025-07-01".into()));
        let heirs: Vec<&str> = data["heir"]["predecessors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|unit| unit["code"].as_str().unwrap())
            .collect();
        assert_eq!(heirs.iter().filter(|code| code.starts_with('P')).copied().collect::<Vec<_>>(), MERGED);
        assert_eq!((&data["same"]["code"], &data["same"]["dissolvedOn"]), (&"N46".into(), &Value::Null));
        assert_eq!(data["same"]["name"], "Liên đoàn Lao động thành phố Huế");
        assert_eq!(data["district"]["successors"][0]["code"], "N37");

        // It is not applied twice, and can be taken back.
        let (done, said) = reorganise(url, &["VN-2025", "--apply"]);
        assert!(!done && said.contains("nothing was changed"), "{said}");
        let (done, said) = reorganise(url, &["VN-2025", "--undo", "--reason", "thử"]);
        assert!(done && said.contains("UNDONE"), "{said}");
        sound(&app).await;
        assert_eq!((asking.count(provinces).await, asking.count(districts).await), (63, 705));
        assert_eq!(asking.reported().await, reported);
        for (code, before) in MERGED.iter().zip(&parts) {
            assert_eq!(&asking.measures(code, "1M-SK", "").await, before, "{code}");
        }
        app.store.close().await;
    });
}

#[test]
fn a_file_with_faults_changes_nothing_and_names_its_lines() {
    both(async |database| {
        let url = database.url.as_str();
        let app = empty(database).await;
        demo::prepare(&loader(&app), SEED, Scale::Small, &()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("merger.csv");
        let path = file.to_str().unwrap();
        let faulty = |text: &str, said: &[&str]| {
            std::fs::write(&file, text).unwrap();
            let (done, told) = reorganise(url, &[path]);
            assert!(!done && said.iter().all(|said| told.contains(said)), "{told}");
        };
        faulty("operation,units,into\nMERGED,P35,P37\n", &["line 2, operation:", "1 fault(s)"]);
        faulty(
            "operation,units,into,code,note\nRECODE,P40,,P41X,\"two\nlines\"\nMERGE,P99,P37,,\nRECODE,P42,,P38,\n",
            &["line 4, units:", "line 5, code:", "2 fault(s)"],
        );
        let asking = Asking::of(&app).await;
        assert_eq!(asking.count("children(kind: [PROVINCIAL_FEDERATION], first: 1)").await, 63);
        // Mended, it is the same draft, and somebody else may confirm it.
        std::fs::write(&file, "operation,units,into\nMERGE,P35|P36,P37\n").unwrap();
        let (done, said) = reorganise(url, &[path, "--name", "Sáp nhập", "--apply", "--reorganisation-by-two"]);
        assert!(done && said.contains("merger: Sáp nhập") && said.contains("is proposed"), "{said}");
        let (done, said) = reorganise(url, &["merger", "--apply", "--reorganisation-by-two"]);
        assert!(!done && said.contains("somebody else"), "{said}");
        let two = ["merger", "--apply", "--reorganisation-by-two", "--as", "analyst@example.org"];
        let (done, said) = reorganise(url, &two);
        assert!(done && said.contains("is applied"), "{said}");
        assert_eq!(asking.count("children(kind: [PROVINCIAL_FEDERATION], first: 1)").await, 61);
        sound(&app).await;
        assert!(!reorganise(url, &["nothing.csv"]).0 && !reorganise(url, &["NOTHING"]).0);
        app.store.close().await;
    });
}
