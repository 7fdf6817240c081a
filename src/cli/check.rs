//! `banyan check`: whether the stored roll-ups are what the events say.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::failure::Outcome;
use super::steps::Steps;
use super::{check_audit, database, print};
use crate::app::App;
use crate::audit::Kept;
use crate::check::{Report, check};
use crate::config::Config;

/// So many problems are printed; all are counted.
const SHOWN: usize = 100;

#[derive(clap::Args)]
pub struct Args {
    /// Mend what can be mended; servers may go on running
    #[arg(long)]
    repair: bool,

    /// Check the audit log instead: that nothing of it was changed, taken out or put in
    #[arg(long, conflicts_with = "repair")]
    audit: bool,

    /// A head of the audit log's chain that was kept elsewhere (may be given several times)
    #[arg(long, value_name = "HEAD", requires = "audit")]
    head: Vec<Kept>,

    /// A file with such heads, one a line
    #[arg(long, value_name = "FILE", requires = "audit")]
    heads: Option<PathBuf>,
}

pub async fn run(config: Config, args: Args) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    if args.audit {
        let mut kept = args.head;
        if let Some(file) = &args.heads {
            kept.extend(check_audit::read_heads(file)?);
        }
        let outcome = check_audit::run(&app, &kept).await;
        store.close().await;
        return outcome;
    }
    let (begun, steps) = (Instant::now(), Steps::new());
    let report = check(&app, args.repair, &steps).await?;
    steps.end();
    store.close().await;
    print_report(&report, args.repair, begun.elapsed())?;
    match report.found.saturating_sub(report.repaired) {
        0 => Ok(()),
        _ if report.repaired > 0 && report.mendable > report.repaired => {
            Err("not everything is mended yet: run it again".to_owned().into())
        }
        _ if args.repair => Err("not everything can be mended: restore a backup, or ask for help".to_owned().into()),
        _ if report.mendable > 0 => {
            Err("something stored is wrong: `banyan check --repair` mends what can be mended".to_owned().into())
        }
        _ => Err("something stored is wrong, and none of it can be mended".to_owned().into()),
    }
}

fn print_report(report: &Report, repair: bool, took: Duration) -> Outcome {
    let Report { units, initiatives, events, history, unbuilt, problems, found, repaired, .. } = report;
    print::line(format_args!(
        "checked {units} units, {initiatives} initiatives, {events} events and {history} rows of history in {:.1} s",
        took.as_secs_f64()
    ))?;
    if *unbuilt > 0 {
        print::line(format_args!("  the history of {unbuilt} units is being built by a server: it is not compared"))?;
    }
    if report.days_unbuilt {
        print::line("  what is kept by days is being built by a server: it is not compared")?;
    }
    for problem in problems.iter().take(SHOWN) {
        let (place, expected, stored) = (&problem.place, &problem.expected, &problem.stored);
        print::line(format_args!("  {place}: expected {expected}, stored {stored}"))?;
    }
    if *found > SHOWN.min(problems.len()) {
        print::line(format_args!("  … and {} more", found - SHOWN.min(problems.len())))?;
    }
    match found {
        0 => print::line("no problems: everything stored is what the events say"),
        n if repair => print::line(format_args!("problems: {n}, mended: {repaired}")),
        n => print::line(format_args!("problems: {n}")),
    }
}
