//! What a plan would change or has changed, told to people.

use std::collections::BTreeMap;
use std::io::Write;

use chrono::SecondsFormat;
use chrono_tz::Tz;
use entity::reorganisation::Model;
use sea_orm::ActiveEnum;

use super::place;
use super::table::{WIDTH, table};
use crate::cli::failure::{Failure, Outcome};
use crate::clock::instant;
use crate::error::Error;
use crate::reorganisation::{Report, Standing, Step, UnitReport, Units};

pub fn state(row: &Model) -> String {
    row.state.to_value()
}

/// What the plan is.
pub fn heading(row: &Model, steps: &[Step], zone: Tz) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for step in steps.iter().filter(|step| !step.held) {
        *counts.entry(step.operation.to_value()).or_default() += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(operation, n)| format!("{operation} {n}")).collect();
    let at = row.effective_at.map_or_else(
        || "when it is applied".to_owned(),
        |at| instant(at).with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false),
    );
    let mut text = format!(
        "{}: {}\nstate {}, version {}; takes effect {at}\n{} steps: {}\n",
        row.code,
        row.name,
        state(row),
        row.version,
        steps.len(),
        counts.join(", ")
    );
    let unsure: Vec<Vec<String>> = steps
        .iter()
        .filter(|step| step.held || matches!(step.certainty.to_value().as_str(), "LOW" | "UNKNOWN"))
        .map(|step| {
            let held = if step.held { "held: not done" } else { "" };
            vec![
                step.input.units.join(" "),
                step.note.clone().unwrap_or_default(),
                step.operation.to_value(),
                step.certainty.to_value(),
                held.to_owned(),
            ]
        })
        .collect();
    if !unsure.is_empty() {
        text += "\nHeld, or of little certainty\n\n";
        text += &table(&["units", "what the source says", "operation", "certainty", ""], 5, false, &unsure);
    }
    text
}

/// What it changes; empty where it has not been tried.
pub fn report(row: &Model) -> Outcome<String> {
    let Some(kept) = row.report.as_deref() else { return Ok(String::new()) };
    let report: Report = serde_json::from_str(kept).map_err(|error| format!("the plan's report: {error}"))?;
    let mut text = "\nUnits\n\n".to_owned();
    let units = |what: &str, units: &Units| vec![what.to_owned(), listed(&units.codes), units.count.to_string()];
    let told = [
        units("made", &report.made),
        units("moved", &report.moved),
        units("ended", &report.ended),
        units("re-established", &report.reestablished),
        units("renamed", &report.renamed),
        units("recoded", &report.recoded),
    ];
    text += &table(&["", "codes", "how many"], 2, false, &told);
    text += "\nWhat hangs on them\n\n";
    let count = |what: &str, n: u64| vec![what.to_owned(), n.to_string()];
    let told = [
        count("members who go to a successor", report.members),
        count("grants of MEMBER that they get there", report.grants),
        count("drafts that go to a successor", report.drafts),
        count("targets that are set", report.targets),
        count("memberships of clusters that end", report.memberships),
    ];
    text += &table(&["", "how many"], 1, false, &told);
    let mut programmes: BTreeMap<&str, Vec<&UnitReport>> = BTreeMap::new();
    for unit in &report.units {
        programmes.entry(&unit.programme).or_default().push(unit);
    }
    for (programme, mut units) in programmes {
        text += &format!("\nProgramme {programme}: before and after (units high up, and those asked for)\n\n");
        let all = units.len();
        units.retain(|unit| [unit.before, unit.after].into_iter().flatten().any(has_something));
        text += &standings(&units);
        if all > units.len() {
            text += &format!("{} more have nothing in it\n", all - units.len());
        }
    }
    text += "\nConservation\n\n";
    for statement in &report.conservation {
        let holds = if statement.holds() { "holds" } else { "BROKEN" };
        text += &format!("  {holds:<6}  {}\n", statement.what.english());
    }
    Ok(text + "\n")
}

fn has_something(standing: Standing) -> bool {
    standing.submitted > 0 || standing.target.is_some()
}

fn standings(units: &[&UnitReport]) -> String {
    let cell = |standing: Option<Standing>, of: fn(Standing) -> Option<i64>| {
        standing.map_or_else(String::new, |standing| of(standing).map_or_else(|| "-".to_owned(), |n| n.to_string()))
    };
    let measures: [fn(Standing) -> Option<i64>; 5] = [
        |one| Some(one.submitted),
        |one| Some(one.approved),
        |one| Some(one.participants),
        |one| one.target.map(i64::from),
        |one| one.rank,
    ];
    let rows: Vec<Vec<String>> = units
        .iter()
        .map(|unit| {
            let mut row = vec![unit.unit.clone(), unit.name.clone()];
            for of in measures {
                row.extend([cell(unit.before, of), cell(unit.after, of)]);
            }
            row
        })
        .collect();
    let heading = [
        "unit", "name", "sent in", "after", "approved", "after", "people", "after", "target", "after", "rank", "after",
    ];
    table(&heading, 2, true, &rows)
}

/// The first of many codes.
fn listed(codes: &[String]) -> String {
    let shown = 12;
    let more = if codes.len() > shown { " ..." } else { "" };
    codes.iter().take(shown).cloned().collect::<Vec<_>>().join(" ") + more
}

/// All that is wrong, on stderr, and that nothing was changed.
pub fn faults(error: &Error, lines: Option<&[u64]>) -> Failure {
    let Error::User(faults) = error else { return Failure::from(error.clone()) };
    let mut stderr = std::io::stderr().lock();
    for fault in faults {
        let said = fault.message.english();
        let line = match place(fault, lines) {
            Some((place, field)) if field.is_empty() => format!("{place}: {said}"),
            Some((place, field)) => format!("{place}, {field}: {said}"),
            None => said,
        };
        for part in folded(&line) {
            let _ = writeln!(stderr, "{part}");
        }
    }
    format!("{} fault(s) in the plan: nothing was changed", faults.len()).into()
}

/// Broken between words, what follows indented.
fn folded(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for word in line.split(' ') {
        let last = parts.last().map_or(0, |part| part.chars().count());
        if last > 2 && last + 1 + word.chars().count() > WIDTH {
            parts.push(format!("  {word}"));
            continue;
        }
        if let Some(part) = parts.last_mut() {
            if !part.is_empty() {
                part.push(' ');
            }
            part.push_str(word);
        }
    }
    parts
}
