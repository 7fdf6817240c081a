//! `banyan demo verify`: the published figures, recomputed.

use clap::ValueEnum;
use serde_json::json;

use super::failure::Outcome;
use super::steps::Steps;
use super::{database, print};
use crate::app::App;
use crate::config::Config;
use crate::demo::figures::{Line, Verdict, figures};
use crate::demo::{self, Scale};

/// A day, in milliseconds: nothing here is ended for taking long.
const UNHURRIED: u64 = 24 * 60 * 60 * 1_000;

#[derive(clap::Args)]
pub struct Args {
    /// The seed that the demo was made of
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,

    /// How the table is printed
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Aligned columns
    Text,
    /// With a header
    Csv,
    /// One array of objects
    Json,
    /// A table for a document
    Markdown,
}

pub async fn run(mut config: Config, args: Args) -> Outcome {
    let store = database::open_current(&config).await?;
    let tx = store.read().await?;
    let scale = demo::held_scale(&tx, args.seed).await?;
    drop(tx);
    let Some(scale) = scale else {
        let seed = args.seed;
        return Err(format!("the database does not hold the demo of seed {seed}: load it with `banyan demo`").into());
    };
    config.limits.operation_ms = UNHURRIED;
    config.limits.max_cost = u64::MAX;
    config.limits.budget = u32::MAX;
    config.limits.budget_per_second = u32::MAX;
    let app = App::new(store.clone(), config);
    let steps = Steps::new();
    let lines = figures(&app, scale, &steps).await;
    steps.end();
    let lines = lines?;
    store.close().await;
    match args.format {
        Format::Text => text(&lines, scale)?,
        Format::Csv => print::text(&csv(&lines)?)?,
        Format::Json => print::text(&json_text(&lines))?,
        Format::Markdown => print::text(&markdown(&lines))?,
    }
    match lines.iter().filter(|line| line.verdict == Verdict::Wrong).count() {
        0 => Ok(()),
        wrong => Err(format!("{wrong} of the published figures came out wrong").into()),
    }
}

fn text(lines: &[Line], scale: Scale) -> Outcome {
    if scale == Scale::Small {
        print::line(
            "This is the small demo: counts of initiatives and people are compared with a hundredth of the published ones, \
             and may be less than one beside it.",
        )?;
    }
    for line in lines {
        let computed = line.computed.as_deref().unwrap_or("-");
        print::line(format_args!(
            "{}  {:<13} {} (published: {})",
            line.id,
            line.verdict.name(),
            computed,
            line.published
        ))?;
        print::line(format_args!("      {}", line.what))?;
        if !line.note.is_empty() {
            print::line(format_args!("      {}", line.note))?;
        }
    }
    let verdicts =
        [Verdict::Exact, Verdict::Within, Verdict::Contradicted, Verdict::NotModelled, Verdict::Wrong].map(|verdict| {
            let count = lines.iter().filter(|line| line.verdict == verdict).count();
            format!("{} {count}", verdict.name())
        });
    print::line(format_args!("{} figures: {}", lines.len(), verdicts.join(", ")))
}

fn csv(lines: &[Line]) -> Outcome<String> {
    let failed = |error: &dyn std::fmt::Display| format!("writing CSV: {error}");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "what", "published", "computed", "verdict", "note"]).map_err(|error| failed(&error))?;
    for line in lines {
        let computed = line.computed.as_deref().unwrap_or_default();
        let cells = [line.id.as_str(), &line.what, &line.published, computed, line.verdict.name(), line.note.as_str()];
        writer.write_record(cells).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn json_text(lines: &[Line]) -> String {
    let objects: Vec<_> = lines
        .iter()
        .map(|line| {
            json!({
                "id": line.id,
                "what": line.what,
                "published": line.published,
                "computed": line.computed,
                "verdict": line.verdict.name(),
                "note": line.note,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(objects))
}

fn markdown(lines: &[Line]) -> String {
    let mut text = "| figure | what | published | computed | verdict |\n|---|---|---|---|---|\n".to_owned();
    for line in lines {
        let note = if line.note.is_empty() { String::new() } else { format!(": {}", line.note) };
        let computed = line.computed.as_deref().unwrap_or_default();
        let (id, what, published, verdict) = (&line.id, &line.what, &line.published, line.verdict.name());
        text += &format!("| {id} | {what} | {published} | {computed} | {verdict}{note} |\n");
    }
    text
}
