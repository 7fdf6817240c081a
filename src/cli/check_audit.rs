//! `banyan check --audit`: whether the audit log is what was sealed.

use std::path::Path;

use super::failure::Outcome;
use super::print;
use crate::app::App;
use crate::audit::{self, Kept, Report};

/// The heads of the file, as `banyan audit heads` prints them or `--audit-head-file` keeps them: one a line, at its beginning.
pub fn read_heads(file: &Path) -> Outcome<Vec<Kept>> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let heads = lines.map(|(n, line)| {
        let head = line.split_whitespace().next().unwrap_or_default();
        head.parse().map_err(|error| format!("{}, line {n}: {error}", file.display()).into())
    });
    heads.collect()
}

pub async fn run(app: &App, kept: &[Kept]) -> Outcome {
    let report = audit::verify(app, kept).await?;
    print_report(&report, kept.len())?;
    match report.problem_count {
        0 => Ok(()),
        _ => {
            Err("the audit log is not what was sealed: keep the database as it is, and look into it".to_owned().into())
        }
    }
}

fn print_report(report: &Report, kept: usize) -> Outcome {
    let Report { batches, lines, unsealed, from, head, problems, problem_count, outlived } = report;
    print::line(format_args!(
        "audit log: checked {lines} lines in {batches} batches; {unsealed} lines wait to be sealed"
    ))?;
    if let Some(from) = from {
        print::line(format_args!("  retention has taken batches up to {from} away; the chain proves what follows"))?;
    }
    if *outlived > 0 {
        print::line(format_args!("  {outlived} of the heads are older than that and prove nothing any more"))?;
    }
    for problem in problems {
        print::line(format_args!("  {problem}"))?;
    }
    if *problem_count > problems.len() as u64 {
        print::line(format_args!("  … and {} more", problem_count - problems.len() as u64))?;
    }
    if *problem_count > 0 {
        return print::line(format_args!("problems: {problem_count}"));
    }
    match head {
        Some(head) => print::line(format_args!("the chain is whole; its head is {}", head.text()))?,
        None => print::line("nothing is sealed yet")?,
    }
    if kept == 0 && head.is_some() {
        print::line("  that its end is still there needs a head that was kept elsewhere: --head")?;
    }
    Ok(())
}
