//! What one client waits for, asking one question after the other: roll-ups that read more than stored cells, and past instants beside
//! now. Milliseconds.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::{Client, request};
use super::queries::{self, PROGRAMME};
use super::server::Server;

/// As often each question is asked of an instant.
const TURNS: usize = 7;

/// Where the programme's time begins, and how long it was until everything was decided: Unix seconds.
const TIME: (i64, i64) = (1_640_995_200, 52_500_000);

/// A question: its name, the arguments of `rollup` beside the programme, what is selected of it.
type Question = (&'static str, &'static str, &'static str);

const PARTS: &str = "{ keys { value } submitted approved verifiedBenefit }";
const COUNTED: &str = "{ keys { value } submitted participants }";

const NOW: &[Question] = &[
    ("STATE", "", "breakdown(by: [STATE]) PARTS"),
    ("GROUP × BLOC", "", "breakdown(by: [GROUP, BLOC]) PARTS"),
    ("CHILD × GROUP", "", "breakdown(by: [CHILD, GROUP]) PARTS"),
    ("KIND", "", "breakdown(by: [KIND]) PARTS"),
    ("LEVEL", "", "breakdown(by: [LEVEL]) PARTS"),
    ("SECTOR", "", "breakdown(by: [SECTOR]) PARTS"),
    ("MONTH", "", "breakdown(by: [MONTH]) PARTS"),
    ("DAY", "", "breakdown(by: [DAY]) PARTS"),
    ("MONTH with participants", "", "breakdown(by: [MONTH]) COUNTED"),
    ("PHASE × MONTH", "", "breakdown(by: [PHASE, MONTH]) PARTS"),
    ("CHILD × MONTH", "", "breakdown(by: [CHILD, MONTH]) PARTS"),
    ("`during` half a year", ", slice: { during: { from: \"2022-01-01\", to: \"2022-06-30\" } }", "submitted approved"),
    (
        "`during` a month, participants",
        ", slice: { during: { from: \"2022-05-01\", to: \"2022-05-31\" } }",
        "participants",
    ),
    ("`benefitOver` 100 million", "", "benefitOver(threshold: \"100000000\")"),
    ("`activity` by MONTH", "", "activity(by: MONTH) { key { value } submitted approved }"),
    (
        "`structure: AT`, CHILD",
        ", structure: AT, structureAt: \"2022-06-01T00:00:00+07:00\"",
        "breakdown(by: [CHILD]) PARTS",
    ),
    ("`targetReachedAt`", "", "targetReachedAt"),
    ("`targetReachedAt`, PARTICIPANTS", "", "targetReachedAt(of: PARTICIPANTS)"),
    ("`Rollup.initiatives`", "", "initiatives(first: 20) { nodes { code } hiddenCount }"),
];

const PAST: &[Question] = &[
    ("measures", "", "submitted approved verifiedBenefit participants"),
    ("two groups", ", slice: { group: [\"UNION_OFFICER\", \"ENTERPRISE_WORKER\"] }", "submitted approved"),
    ("STATE", "", "breakdown(by: [STATE]) PARTS"),
    ("CHILD", "", "breakdown(by: [CHILD]) PARTS"),
    ("CHILD × GROUP", "", "breakdown(by: [CHILD, GROUP]) PARTS"),
    ("CHILD, as reported", ", structure: AS_REPORTED", "breakdown(by: [CHILD]) PARTS"),
    ("KIND", "", "breakdown(by: [KIND]) PARTS"),
    ("KIND with participants", "", "breakdown(by: [KIND]) COUNTED"),
    ("MONTH", "", "breakdown(by: [MONTH]) PARTS"),
    ("CHILD × MONTH", "", "breakdown(by: [CHILD, MONTH]) PARTS"),
    ("`during` half a year", ", slice: { during: { from: \"2022-01-01\", to: \"2022-06-30\" } }", "submitted approved"),
    (
        "`structure: AT`, CHILD",
        ", structure: AT, structureAt: \"2022-06-01T00:00:00+07:00\"",
        "breakdown(by: [CHILD]) PARTS",
    ),
    ("`unitsOverTarget`", "", "unitsOverTarget { over total }"),
    ("`Rollup.initiatives`", "", "initiatives(first: 20) { nodes { code } hiddenCount }"),
];

/// The second of two askings of each question, of the root and of a province.
pub async fn measure_questions(server: &Server) {
    let mut client = Client::open(&server.host).await;
    let province = queries::province(server, &mut client).await;
    println!("\n| ms | root | {province} |\n|---|---|---|");
    let past = ", asOf: \"2022-10-04T00:00:00+07:00\"";
    let questions = NOW.iter().map(|question| ("", question)).chain(PAST.iter().map(|question| (past, question)));
    for (at, (name, arguments, selected)) in questions {
        let selected = selected.replace("PARTS", PARTS).replace("COUNTED", COUNTED);
        let mut told = Vec::new();
        for unit in ["TLD", &province] {
            let rollup = format!("rollup(programme: \"{PROGRAMME}\"{at}{arguments}) {{ {selected} }}");
            told.push(second(server, &mut client, &format!("{{ unit(code: \"{unit}\") {{ {rollup} }} }}")).await);
        }
        let name = if at.is_empty() { (*name).to_owned() } else { format!("past: {name}") };
        println!("| {name} | {} | {} |", told[0], told[1]);
    }
    for (name, at) in [("leaderboard of everything below", ""), ("past: leaderboard of everything below", past)] {
        let mut told = Vec::new();
        for unit in ["TLD", &province] {
            let board = format!(
                "leaderboard(programme: \"{PROGRAMME}\"{at}, depth: DESCENDANTS, first: 20) {{ nodes {{ value }} }}"
            );
            told.push(second(server, &mut client, &format!("{{ unit(code: \"{unit}\") {{ {board} }} }}")).await);
        }
        println!("| {name} | {} | {} |", told[0], told[1]);
    }
}

/// How long the second asking took, or why there was no answer.
async fn second(server: &Server, client: &mut Client, query: &str) -> String {
    let bytes = request(&server.host, Some(server.token("analyst")), query, Value::Null);
    client.ask(&bytes).await;
    let begun = Instant::now();
    let answer: Value = serde_json::from_slice(client.ask(&bytes).await).unwrap();
    let took = begun.elapsed();
    match answer["errors"][0]["extensions"]["code"].as_str() {
        None => format!("{:.0}", took.as_secs_f64() * 1e3),
        Some(code) => code.to_owned(),
    }
}

/// The root and its direct units with all measures, at so many instants of the programme's time, beside the same now, asked right before: the
/// median of some askings of each. A server that still makes the history of what it has found tells instants from events: a database on which
/// one has run for a while is meant, or a full demo.
pub async fn measure_instants(server: &Server, instants: usize) {
    let mut client = Client::open(&server.host).await;
    let lenses = [("as of then", ""), ("as reported then", ", structure: AS_REPORTED")];
    let (mut ratios, mut times) = (vec![Vec::new(); lenses.len()], vec![Vec::new(); lenses.len() + 1]);
    for number in 0..instants {
        // Evenly over the time, a bit beside where the last ones lay: the golden section of it further.
        let part = (number as f64 * 0.618_033_988_75).fract();
        let at = TIME.0 * 1_000 + (part * TIME.1 as f64 * 1e3) as i64;
        let at =
            chrono::DateTime::from_timestamp_millis(at).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let now = median(server, &mut client, "").await;
        times[0].push(now);
        for (place, (_, lens)) in lenses.iter().enumerate() {
            let then = median(server, &mut client, &format!(", asOf: \"{at}\"{lens}")).await;
            times[place + 1].push(then);
            ratios[place].push(then.as_secs_f64() / now.as_secs_f64());
        }
    }
    println!("\nroot and direct units, all measures, {instants} instants");
    println!("| | ms: median, most | against now: median, most |\n|---|---|---|");
    let ms = |times: &mut Vec<Duration>| {
        times.sort();
        format!("{:.1}, {:.1}", times[times.len() / 2].as_secs_f64() * 1e3, times[times.len() - 1].as_secs_f64() * 1e3)
    };
    println!("| now | {} | 1 |", ms(&mut times[0]));
    for (place, (name, _)) in lenses.iter().enumerate() {
        let ratios = &mut ratios[place];
        ratios.sort_by(f64::total_cmp);
        println!(
            "| {name} | {} | {:.2}, {:.2} |",
            ms(&mut times[place + 1]),
            ratios[ratios.len() / 2],
            ratios[ratios.len() - 1]
        );
    }
}

async fn median(server: &Server, client: &mut Client, at: &str) -> Duration {
    let bytes = request(&server.host, Some(server.token("analyst")), &queries::all_measures(at), Value::Null);
    client.data(&bytes).await;
    let mut times = Vec::with_capacity(TURNS);
    for _ in 0..TURNS {
        let begun = Instant::now();
        let body = client.ask(&bytes).await;
        times.push(begun.elapsed());
        assert!(!body.starts_with(b"{\"errors\""), "{}", String::from_utf8_lossy(body));
    }
    times.sort();
    times[TURNS / 2]
}
